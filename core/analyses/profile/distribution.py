"""Alerts on how numbers are spread: skewed, heavy in the tails, full of zeros, rounded. All are notes: none
of it is an error.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from core.analyses.profile.as_text import str_of_number
from core.analyses.profile.facts import ColumnFacts, ColumnProfile
from core.analyses.profile.heaping import heaped
from core.analyses.profile.rows import LEAST, rows_where
from core.finding import Finding
from core.numerics.describe import share_at_least
from core.numerics.parting import parting
from core.phrases import (
    column_of,
    count,
    ends_among,
    limit_among,
    name,
    number,
    number_among,
    percent,
    sentence,
    verb,
)
from core.rowset import RowSet

SHAPED = 30  # values below which nothing is said of a shape
SPREAD = 20  # distinct values below which numbers are flags, grades or small counts
RANKS = "quantile to normal"  # of the step transform
LEAN = 0.3  # quantile skewness: 0.56 for an exponential, 0.68 for a lognormal(0, 1), 0 for anything symmetric
KURTOSIS = 10.0
OUTSIDE = 0.05
FENCE, FAR = 1.5, 3.0  # interquartile ranges beyond the quartiles: "outside" and "far out" (Tukey 1977)


def skew(facts: ColumnFacts, limit: float) -> Finding | None:
    """|g1| above the limit, and the middle nine tenths lean to the same side: a few outliers alone are no
    skew.
    """
    profile = facts.profile
    if not _amounts(facts, SHAPED) or not math.isfinite(profile.skewness):
        return None
    low, middle, high = (profile.quantile(share) for share in (0.05, 0.5, 0.95))
    lean = (high + low - 2 * middle) / (high - low) if high > low else 0.0
    noise = 3 * math.sqrt(6 / profile.present)
    if abs(profile.skewness) <= max(limit, noise) or lean * np.sign(profile.skewness) <= max(
        LEAN, 3 / math.sqrt(profile.present)
    ):
        return None
    right = profile.skewness > 0
    half, tail = (_limit(facts, value, above=right) for value in (middle, high if right else low))
    advice, line = _transformation(profile)
    return Finding(
        code="skew",
        title=f"{name(profile.name)} is skewed to the {'right' if right else 'left'} (skewness "
        f"{profile.skewness:.1f}): half of its {count(profile.present, 'value')} are at "
        f"{'most' if right else 'least'} {half}, one in twenty {'above' if right else 'below'} "
        f"{tail}",
        severity="info",
        score=0.2 + 0.2 * min(1.0, abs(profile.skewness) / 20),
        why="A few large values dominate means, distances and linear models. Trees do not depend on it.",
        suggestion=advice,
        columns=(profile.name,),
        value=profile.skewness,
        measure="skewness",
        limit=math.copysign(limit, profile.skewness),
        noise=math.copysign(noise, profile.skewness),
        n=profile.present,
        fix=line,
        action="" if facts.role else "transform",
        settings={} if facts.role else {"how": _way(profile)},
    )


def _limit(facts: ColumnFacts, limit: float, above: bool, within: bool = False) -> str:
    """A limit of the column in a sentence, which parts its values as printed, too. above: whether the values
    that are meant lie above it; else below. within: as printed it is itself not beyond the limit.
    """
    least, low, high, most = (facts.profile.quantile(share) for share in (0.0, 0.05, 0.95, 1.0))
    first, last = parting(facts.distinct, limit, above)
    if within:
        first, last = (first, min(last, limit)) if above else (max(first, limit), last)
    return limit_among(limit, first, last, *ends_among(least, low, high, most))


def _way(profile: ColumnProfile) -> str:
    """The transform that leaves no lean: logarithms where they do, else ranks."""
    if profile.quantile(0.0) < 0:
        return RANKS
    low, middle, high = (math.log1p(profile.quantile(share)) for share in (0.05, 0.5, 0.95))
    return "log1p" if high > low and abs(high + low - 2 * middle) <= LEAN * (high - low) else RANKS


def _transformation(profile: ColumnProfile) -> tuple[str, str]:
    """What to do about a skewed column, and the line of code that does it."""
    column, low = column_of(profile.name), profile.quantile(0.0)
    if profile.skewness > 0 and low > 0:
        return (
            "For a linear model or distances, take logarithms (log)."
        ), f"{column} = {column}.transform('log')"
    if profile.skewness > 0 and low == 0 and profile.quantile(0.5) >= 1:
        return (
            "For a linear model or distances, take logarithms of one more (log1p)."
        ), f"{column} = {column}.transform('log1p')"
    return (
        "For a linear model or distances, use ranks, or a Yeo-Johnson transformation."
    ), f"{column} = {column}.rank(pct=True)"


def tails(facts: ColumnFacts) -> Finding | None:
    """Values far from the rest on a column that does not lean: excess kurtosis above 10, or surely over 5%
    beyond 1.5 IQR.
    """
    profile = facts.profile
    if not _amounts(facts, SHAPED) or not math.isfinite(profile.kurtosis):
        return None
    first, third = profile.quantile(0.25), profile.quantile(0.75)
    if not first < third:
        return None
    noise = 3 * math.sqrt(24 / profile.present)
    if profile.kurtosis > max(KURTOSIS, noise):
        far = _beyond_fences(facts, (first, third), FAR)
        value = profile.kurtosis
        return Finding(
            code="heavy_tails",
            title=f"{far.pop('title')} (excess kurtosis {value:,.0f})",
            score=0.2 + 0.2 * min(1.0, value / 200),
            value=value,
            measure="excess kurtosis",
            limit=KURTOSIS,
            noise=noise,
            **far,
        )
    hits = _beyond(facts, first, third, FENCE)
    if share_at_least(hits, profile.present) > OUTSIDE:
        # a normal column has 0.7%
        value = hits / profile.present
        return Finding(
            code="outlying",
            score=0.2 + 0.2 * min(1.0, value),
            value=value,
            measure="share of values beyond 1.5 interquartile ranges",
            limit=OUTSIDE,
            noise_is="expected by chance",
            noise=0.007,
            **_beyond_fences(facts, (first, third), FENCE),
        )
    return None


def _beyond_fences(facts: ColumnFacts, box: tuple[float, float], times: float) -> dict[str, Any]:
    """What both findings of far values say: how many lie beyond ``times`` interquartile ranges, and where."""
    profile = facts.profile
    low, high = _fences(*box, times)
    hits = _beyond(facts, *box, times)
    column = column_of(profile.name)
    below, above = _limit(facts, low, above=False, within=True), _limit(facts, high, above=True, within=True)
    ends = [text.replace(",", "") for text in (below, above)]  # it is clipped to what is printed
    return {
        "title": f"{name(profile.name)}: {hits:,} of {count(profile.present, 'value')} "
        f"{verb(hits, 'lies', 'lie')} more than {times:g} interquartile ranges beyond the quartiles, "
        f"below {below} or above {above}",
        "severity": "info",
        "why": "A few values far out dominate means, variances and distances; some may be wrong by a unit or "
        "a decimal point.",
        "suggestion": "Look at them. If they are real, use medians, ranks or robust scaling, or clip them "
        "to the bounds.",
        "rows": _rows_beyond(facts, low, high),
        "columns": (profile.name,),
        "n": profile.present,
        "fix": f"{column} = {column}.clip({', '.join(ends)})",
        **(
            {}
            if facts.role
            else {"action": "clip", "settings": dict(zip(("low", "high"), ends, strict=True))}
        ),
    }


def zero_inflated(facts: ColumnFacts, limit: float) -> Finding | None:
    """At least ``limit`` zeros in a column whose other values are spread out: two questions in one column."""
    profile = facts.profile
    others = profile.present - profile.zeros
    value = profile.zeros / profile.present if profile.present else 0.0
    if not _amounts(facts, SHAPED) or value < limit or others < LEAST:
        return None
    if _commonest_other(profile) > others / 3:  # a count of rare events: 1 follows 0
        return None
    column = column_of(profile.name)
    return Finding(
        code="zero_inflated",
        title=f"{name(profile.name)} is zero-inflated: {percent(value)} of its "
        f"{count(profile.present, 'value')} are 0, the other {others:,} are spread out",
        severity="info",
        score=0.2 + 0.2 * value,
        why="Whether there is anything, and how much, are two questions; mean and spread of both together "
        "describe neither.",
        suggestion="Keep a column of whether it is 0 beside it, and look at the amounts without the zeros. "
        "Ask whether 0 means missing.",
        columns=(profile.name,),
        value=value,
        measure="share of zeros",
        limit=limit,
        n=profile.present,
        fix=f"data[{profile.name + ' is 0'!r}] = {column}.eq(0)",
        action="" if facts.role else "mark",
        settings={} if facts.role else {"value": "0"},
    )


def _commonest_other(profile: ColumnProfile) -> int:
    """How often the commonest number other than 0 occurs."""
    return next((count for word, count in profile.top if word != "0"), 0)


def heaping(facts: ColumnFacts) -> Finding | None:
    """Round numbers are more frequent than the spacing of the values makes them: somebody rounded."""
    if not _amounts(facts, 50):
        return None
    heap = heaped(facts.distinct, facts.counts)
    if heap is None:
        return None
    column = column_of(facts.profile.name)
    base, step = str_of_number(heap.base), number(heap.base)
    ends = ends_among(*(facts.profile.quantile(share) for share in (0.0, 0.05, 0.95, 1.0)))
    commonest = number_among(heap.commonest, *ends)
    how = "whole numbers" if heap.base == 1 else f"rounded to {step}"
    return Finding(
        code="heaping",
        title=f"{sentence(percent(heap.plain))} of the values of {name(facts.profile.name)} are "
        f"{how} ({percent(heap.expected)} expected)",
        severity="info",
        score=0.1 + 0.2 * heap.share,
        why="Rounded by some and not by others, the values are less exact than they look, and differences "
        f"below the step mean little. Without zeros and the commonest multiple, {commonest}, which may "
        f"mean something else, {percent(heap.share)} are: it is judged by this share.",
        suggestion=f"Ask who rounds and when. Read nothing into differences below {step}; make "
        "bins multiples of it.",
        columns=(facts.profile.name,),
        value=heap.share,
        measure="share of multiples of the step, without zeros and the commonest",
        limit=heap.limit,
        noise=heap.noise,
        n=heap.n,
        fix=f"{column} = ({column} / {base}).round() * {base}",
    )


def _amounts(facts: ColumnFacts, least: int) -> bool:
    """Whether the column holds numbers that measure or count something, spread over enough values."""
    profile = facts.profile
    numeric = profile.kind == "numeric" and profile.stored in ("int64", "uint64", "double")
    return (
        numeric and profile.present >= least and profile.distinct >= SPREAD and facts.role in ("", "target")
    )


def _fences(first: float, third: float, times: float) -> tuple[float, float]:
    return first - times * (third - first), third + times * (third - first)


def _beyond(facts: ColumnFacts, first: float, third: float, times: float) -> int:
    """How many values lie beyond the fences (infinite ones included)."""
    low, high = _fences(first, third, times)
    inside = slice(
        int(np.searchsorted(facts.distinct, low)), int(np.searchsorted(facts.distinct, high, side="right"))
    )
    unique = facts.profile.distinct == facts.profile.present
    return facts.profile.present - (inside.stop - inside.start if unique else int(facts.counts[inside].sum()))


def _rows_beyond(facts: ColumnFacts, low: float, high: float) -> RowSet:
    import pyarrow as pa
    import pyarrow.compute as pc

    values = facts.values.cast(pa.float64(), safe=False)
    return rows_where(pc.or_(pc.less(values, low), pc.greater(values, high)))
