"""Class balance in the report: the classes with what so many rows of each allow, or the bins of a number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from core.analyses.imbalance.mixes import PART, PARTS

if TYPE_CHECKING:
    from core.analyses.imbalance.analysis import ImbalanceResult
    from core.analyses.imbalance.mixes import Mix
    from core.dataset import Dataset

CLASSES = 30  # the largest and the rarest
SHOWN = ("train", "serve", "share", "low", "high", "fold_min", "auroc_half_width")


def section(
    result: ImbalanceResult, dataset: Dataset, findings: Sequence[Mapping[str, Any]], private: bool
) -> dict[str, Any]:
    """The summary, a line per class or bin, and the classes by part, group and time; private: classes and
    levels by their place, bins without their ends.
    """
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
        return {**column, "summary": summary, "classes": [], "bins": bins, "more": 0, "mixes": []}
    lines = result.frame().to_dict("records")
    half = CLASSES // 2
    whole = range(len(lines))
    shown = whole if len(lines) <= CLASSES else [*whole[:half], *whole[-half:]]
    named = {place: f"class {place + 1}" if private else result.names[place] for place in shown}
    classes = [{"class": named[place]} | {key: lines[place][key] for key in SHOWN} for place in shown]
    return {
        **column,
        "summary": summary,
        "classes": classes,
        "bins": [],
        "more": len(lines) - len(classes),
        "mixes": [_mix(mix, list(named), private) for mix in result.mixes],
    }


def _mix(mix: Mix, shown: Sequence[int], private: bool) -> dict[str, Any]:
    """The classes shown by the levels of a column, or by part: ``counts`` has a line per level; ``rows`` are
    those of the level, of classes that are not shown too.
    """
    of_part = mix.by == PART and mix.levels == PARTS
    hidden = private and not of_part
    return {
        **({} if of_part else {"column": mix.by}),
        "levels": [f"level {place + 1}" if hidden else one for place, one in enumerate(mix.levels)],
        "rows": mix.rows.sum(axis=1).tolist(),
        "counts": mix.rows[:, list(shown)].tolist(),
    }
