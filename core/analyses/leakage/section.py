"""Leakage in the report: the strongest single columns beside their noise floor."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from core.analyses.leakage.result import LeakageResult
    from core.dataset import Dataset

SINGLE = 25


def section(
    result: LeakageResult, dataset: Dataset, findings: Sequence[Mapping[str, Any]], private: bool
) -> dict[str, Any]:
    """The strongest single columns beside what chance gives, and how many findings there are of each
    weight.
    """
    known = np.flatnonzero(np.isfinite(result.scores))
    order = known[np.argsort(-result.scores[known], kind="stable")][:SINGLE]
    single = [
        {"column": result.names[i], "score": float(result.scores[i]), "noise": float(result.noise[i])}
        for i in order.tolist()
    ]
    return {
        "kind": result.kind,
        "single": single,
        "limits": list(result.limits),
        "judged": result.judged,
        "summary": result.summary,
    }
