"""What is said of rows that stand far from the rest."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.finding import Finding
from core.numerics.grouping import poisson_limit
from core.phrases import by_chance, count, names, number, percent, verb
from core.rowset import RowSet

# the largest share of rows flagged on clean data with the default limit, docs/methods/outliers.md
FALSE_ALARMS = 0.004
_CERTAIN = 2.0  # times the limit: no row of clean data came near
_BY_CHANCE = 0.01  # tables of clean data in which a single value is named


class Judgement(NamedTuple):
    """Per row its evidence, whether that is beyond the ``limit``, and its score; ``single``: flagged rows
    with a value that its column does not explain; ``single_in``: the columns of these values; ``others``:
    whether the reasons of these rows name other columns, too.
    """

    evidence: NDArray[Any]
    flagged: NDArray[np.bool_]
    score: NDArray[np.float64]
    limit: float
    single: NDArray[np.int64]
    single_in: tuple[str, ...]
    others: bool = False

    @property
    def judged(self) -> int:
        """How many rows have evidence."""
        return int(np.isfinite(self.evidence).sum())


def findings(of: Judgement) -> tuple[Finding, ...]:
    """One ``outliers`` finding, if any row is flagged. Where they are more than chance makes, of all of them;
    else of those that it does not explain: with evidence far beyond the limit, or a value that its column
    does not explain (chance makes one in 1 of 100 tables). Where there are none of these, all are to be
    looked at, not dropped.
    """
    odd, rows = int(of.flagged.sum()), of.judged
    if not odd:
        return ()
    most, sure = poisson_limit(FALSE_ALARMS * rows), _beyond_chance(of)
    many, few = odd > most, int(sure.sum())
    told = odd if many or not few else few
    finding = Finding(
        code="outliers",
        title=f"{count(told)} of {count(rows, 'row')} {verb(told, 'stands', 'stand')} far from the rest "
        f"({percent(told / rows)}; {_because(of, most)}){'' if many else _others(odd - few if few else 0)}",
        severity="warning" if many or few else "info",
        score=float(np.nanmax(of.score)) if many or few else 0.0,
        why="Outliers are often errors of entry or measurement, and a few of them can move a mean, "
        "a fit or a scale.",
        suggestion="Look at the highest scores first; drop or correct the impossible, keep the "
        "merely rare." + ("" if many or few else " Data with nothing wrong have as many rows like these."),
        rows=RowSet.from_mask(of.flagged if many or not few else sure),
        beside=of.single_in,
        value=float(told),
        measure="outlying rows",
        limit=float(most),
        noise=_expected(rows),
        noise_is="expected by chance",
        n=rows,
        action="drop",
    )
    if many:
        return (finding,)
    if few:  # such rows chance does not make, but for a single value in 1 of 100 tables
        return (replace(finding, limit=0.0, noise=_BY_CHANCE),)
    return (replace(finding, action="defer"),)


def _expected(rows: int) -> float:
    """How many of so many rows chance flags at most: whole ones from 10 up.

    >>> _expected(9_930), _expected(200)
    (40.0, 0.8)
    """
    most = FALSE_ALARMS * rows
    return float(math.ceil(most)) if most >= 10 else most


def _beyond_chance(of: Judgement) -> NDArray[np.bool_]:
    """The flagged rows that chance does not explain, however few they are."""
    sure: NDArray[np.bool_] = of.flagged & (of.evidence >= _CERTAIN * of.limit)
    sure[of.single] = True
    return sure


def _others(others: int) -> str:
    """How many more rows are beyond the limit."""
    are = verb(others, "is", "are")
    return f"; {count(others)} more {are} beyond the limit, no more than expected by chance" if others else ""


def _because(of: Judgement, most: int) -> str:
    """What flags the rows that are told of: single values, and in which columns; how far the others lie; or
    that they are more, or no more, than chance makes. most: rows that it makes.
    """
    single, within = of.single.size, of.single_in
    if len(within) > 1:
        by_value = f"by one value each, of {names(within)}"
    else:
        by_value = f"by {'its value' if single == 1 else 'their values'} of {names(within)}"
    by_value += ", beside less odd ones" if of.others else ""
    if int(of.flagged.sum()) > most:
        chance = f"expected by chance: at most {by_chance(_expected(of.judged))}"
        return f"{chance}; {count(single)} {by_value}" if single else chance
    apart = np.delete(of.evidence, of.single) / of.limit
    certain = np.sort(apart[apart >= _CERTAIN])
    ends = certain[[0, -1]].tolist() if certain.size else []
    times = f"{' to '.join(dict.fromkeys(number(round(end, 1)) for end in ends))} times the limit"
    if not single and not certain.size:
        return "no more than expected by chance"
    if not single or not certain.size:
        return by_value if single else times
    return f"{count(single)} {by_value}, {count(int(certain.size))} by {times}"
