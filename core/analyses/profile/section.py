"""The profile in the report: every column in a few hundred bytes: counts, statistics, a histogram, commonest
values and extremes."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from core.analyses.profile.as_text import str_of_time
from core.analyses.profile.facts import ColumnProfile
from core.analyses.profile.result import departure, step_of
from core.numerics.describe import SHARES

if TYPE_CHECKING:
    from core.analyses.profile.result import Profile
    from core.dataset import Dataset
    from core.numerics.describe import Histogram

HIDING = 10  # rows beyond a quantile for it to stand in a private report


def section(
    result: Profile, dataset: Dataset, findings: Sequence[Mapping[str, Any]], private: bool
) -> dict[str, Any]:
    """One object per column, in the order of the source. private: leave out single values (commonest,
    extremes, range).
    """
    roles = {column: role for role, column in dataset.roles.named().items()}
    worst = strangeness(findings)
    columns = []
    for one in result.columns:
        strange = round(worst.get(one.name, 0.0) + 0.2 * departure(one) / 3, 4)
        head = {"name": one.name, "kind": one.kind, "role": roles.get(one.name, ""), "strangeness": strange}
        columns.append(head | _counts(one) | _statistics(one, private) | ({} if private else _values(one)))
    return {"columns": columns}


def strangeness(findings: Sequence[Mapping[str, Any]]) -> Mapping[str, float]:
    """How much a column asks to be looked at by its worst finding: the scale of `Profile.strangeness` without
    its part for shape.

    >>> strangeness([{"severity": "warning", "score": 0.5, "columns": ["age", "fare"]}])
    {'age': 0.5, 'fare': 0.5}
    """
    worst: dict[str, float] = {}
    for finding in findings:
        for name in () if finding.get("accepted") else finding["columns"]:
            worst[name] = max(worst.get(name, 0.0), step_of(finding["severity"], finding["score"]))
    return worst


def _counts(one: ColumnProfile) -> dict[str, Any]:
    counts = {name: getattr(one, name) for name in ("stored", "rows", "missing", "distinct", "bytes")}
    by_part = {"missing_by_part": list(one.missing_by_part)} if len(one.missing_by_part) > 1 else {}
    odd = {"zeros": one.zeros, "negatives": one.negatives, "infinite": one.infinite}
    return counts | by_part | {name: count for name, count in odd.items() if count}


def _statistics(one: ColumnProfile, private: bool) -> dict[str, Any]:
    is_time = one.kind == "datetime"
    statistics: dict[str, Any] = {}
    if one.quantiles.size:
        shares: list[Any] = [_moment(value) for value in one.quantiles] if is_time else one.quantiles.tolist()
        beyond = [min(share, 1 - share) * one.present for share in SHARES]
        statistics["quantiles"] = [
            value if not private or rows >= HIDING else None
            for value, rows in zip(shares, beyond, strict=True)
        ]
    if not math.isnan(one.mean):
        statistics["mean"] = _moment(one.mean) if is_time else one.mean
    statistics |= {
        name: value for name in ("std", "skewness", "kurtosis") if not math.isnan(value := getattr(one, name))
    }
    if one.lengths:
        statistics["lengths"] = list(one.lengths)
    if one.histogram is not None:
        statistics["histogram"] = _histogram(one.histogram)
    return statistics


def _moment(seconds: float) -> str:
    return str_of_time(round(seconds * 1e6))[:19]


def _histogram(histogram: Histogram) -> dict[str, Any]:
    """Two edges stand for bins of equal width between them."""
    width = np.diff(histogram.edges)
    even = width.size and np.allclose(width, width[0], rtol=1e-6, atol=0)
    edges = histogram.edges[[0, -1]] if even else histogram.edges
    beyond = {
        name: count for name, count in (("below", histogram.below), ("above", histogram.above)) if count
    }
    return {"edges": edges.tolist(), "counts": histogram.counts.tolist(), **beyond}


def _values(one: ColumnProfile) -> dict[str, Any]:
    every = one.distinct == one.present and one.distinct > len(one.top)
    values: dict[str, Any] = (
        {} if every and one.kind in ("numeric", "datetime") else {"top": [list(pair) for pair in one.top]}
    )
    if one.smallest:
        values |= {
            "smallest": [list(pair) for pair in one.smallest],
            "largest": [list(pair) for pair in one.largest],
        }
    return values
