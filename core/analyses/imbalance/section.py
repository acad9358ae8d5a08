"""Class balance in the report: the classes with what so many rows of each allow, or the bins of a number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from core.analyses.imbalance.analysis import ImbalanceResult
    from core.dataset import Dataset

CLASSES = 30  # the largest and the rarest
SHOWN = ("train", "serve", "share", "low", "high", "fold_min", "auroc_half_width")


def section(
    result: ImbalanceResult, dataset: Dataset, findings: Sequence[Mapping[str, Any]], private: bool
) -> dict[str, Any]:
    """The summary and a line per class or bin; private: classes by their place, bins without their ends."""
    summary = {key: value for key, value in result.summary.items() if key != "target"}
    if private:
        summary = {key: value for key, value in summary.items() if not isinstance(value, str)}
    column = {"column": result.target}
    if not result.names:
        edges = result.edges.tolist()
        bins = [
            {"low": None if private else low, "high": None if private else high, "rows": rows}
            for low, high, rows in zip(edges[:-1], edges[1:], result.counts.tolist(), strict=True)
        ]
        return {**column, "summary": summary, "classes": [], "bins": bins, "more": 0}
    lines = result.frame().to_dict("records")
    half = CLASSES // 2
    shown = (
        range(len(lines)) if len(lines) <= CLASSES else [*range(half), *range(len(lines) - half, len(lines))]
    )
    classes = [
        {"class": f"class {place + 1}" if private else lines[place]["class"]}
        | {key: lines[place][key] for key in SHOWN}
        for place in shown
    ]
    return {**column, "summary": summary, "classes": classes, "bins": [], "more": len(lines) - len(classes)}
