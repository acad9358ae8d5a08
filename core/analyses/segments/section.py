"""Segments in the report: where the mix of train and serve differs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from core.analyses.segments.findings import none_in_words

if TYPE_CHECKING:
    from core.analyses.segments.result import SegmentsResult
    from core.dataset import Dataset

REGIONS = 12


def section(
    result: SegmentsResult, dataset: Dataset, findings: Sequence[Mapping[str, Any]], private: bool
) -> dict[str, Any]:
    """The segments that differ; private: without their rules, which quote values."""
    return {"regions": _regions(result, private)}


def _regions(result: SegmentsResult, private: bool) -> list[dict[str, Any]]:
    """Those that differ by more than chance, by the share of rows that moved."""
    differ = sorted(
        (one for one in result.segments if one.status != "none"),
        key=lambda one: -abs(one.shares[1] - one.shares[0]),
    )
    return [
        {
            "rule": "" if private else one.rule,
            "columns": list(one.columns),
            "train": one.train,
            "serve": one.serve,
            "shares": list(one.shares),
            "ratio": one.ratio.value,
            "none": none_in_words(one.ratio),
            "low": one.ratio.low,
            "high": one.ratio.high,
            "status": one.status,
            "n": one.n,
        }
        for one in differ[:REGIONS]
    ]
