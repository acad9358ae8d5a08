"""Missing values in the report: columns with gaps and the most frequent patterns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from core.analyses.missingness.result import MissingnessResult
    from core.dataset import Dataset

GAPS, PATTERNS, STRIP = 60, 12, 48


def section(
    result: MissingnessResult, dataset: Dataset, findings: Sequence[Mapping[str, Any]], private: bool
) -> dict[str, Any]:
    """Columns with gaps, most first, with a strip of missing shares (0 to 9) along the source; the most
    frequent patterns.
    """
    strips = _strips(result)
    gaps = []
    for place, gap in enumerate(result.gaps[:GAPS]):
        model = {"auc": gap.model.auc, "noise": gap.model.noise, "q": gap.q} if gap.model else {}
        decided = {"decided_by": {"column": gap.by[0]}} if gap.by else {}
        gaps.append(
            {
                "column": gap.name,
                "missing": gap.missing,
                "share": gap.share,
                "strip": strips[place],
                **model,
                **decided,
            }
        )
    patterns = [
        {
            "columns": [result.gaps[place].name for place in pattern.columns[:PATTERNS]],
            "width": len(pattern.columns),
            "rows": pattern.rows,
        }
        for pattern in result.patterns[:PATTERNS]
    ]
    return {"summary": result.summary, "gaps": gaps, "patterns": patterns, "rows": result.rows_in_all}


def _strips(result: MissingnessResult) -> list[str]:
    """Per column one digit for each stretch of rows in source order: 0 none is missing, 9 all are."""
    if not result.matrix.size:
        return [""] * min(GAPS, len(result.gaps))
    stretches = np.array_split(result.matrix, min(STRIP, len(result.matrix)))
    shares = np.array([part.mean(axis=0) for part in stretches])
    digits = np.where(shares > 0, np.clip(np.round(shares * 9), 1, 9), 0).astype(int)
    return [
        "".join(map(str, digits[:, j])) if j < digits.shape[1] else ""
        for j in range(min(GAPS, len(result.gaps)))
    ]
