"""Overlap in the report: the verdict and the numbers it rests on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from core.analyses.overlap.result import OverlapResult
    from core.dataset import Dataset

_KEPT = ("measure", "value", "low", "high", "null", "baseline", "n")


def section(
    result: OverlapResult, dataset: Dataset, findings: Sequence[Mapping[str, Any]], private: bool
) -> dict[str, Any]:
    """The verdict, every measure with its null and baseline, and the relations that changed."""
    measures = [{name: getattr(measure, name) for name in _KEPT} for measure in result.measures]
    return {
        "verdict": result.verdict,
        "word": result.summary["verdict"],
        "measures": measures,
        "relations": [one._asdict() for one in result.relations.changed],
    }
