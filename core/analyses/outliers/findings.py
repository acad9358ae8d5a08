"""What is said of rows that stand far from the rest."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.finding import OUTLYING, Finding
from core.numerics.grouping import expected_rows, poisson_limit
from core.phrases import by_chance, count, names, number, percent, verb
from core.rowset import RowSet

# the largest share of rows of clean data beyond the default limit, docs/methods/outliers.md
FALSE_ALARMS = 0.004
_CERTAIN = 2.0  # times the limit: no row of clean data came near
_BY_CHANCE = 0.01  # tables of clean data in which a single value is named
_WHY = (
    "Outliers are often errors of entry or measurement, and a few of them can move a mean, a fit or a scale."
)


class Judgement(NamedTuple):
    """Per row its evidence, whether that is beyond the ``limit``, and its score; ``single``: rows beyond it
    with a value that its column does not explain; ``single_in``: the columns of these values; ``others``:
    whether the reasons of these rows name other columns, too; ``all_by``: the columns, if they are few, that
    alone set all rows beyond it apart.
    """

    evidence: NDArray[Any]
    beyond: NDArray[np.bool_]
    score: NDArray[np.float64]
    limit: float
    single: NDArray[np.int64]
    single_in: tuple[str, ...]
    others: bool = False
    all_by: tuple[str, ...] = ()

    @property
    def judged(self) -> int:
        """How many rows have evidence."""
        return int(np.isfinite(self.evidence).sum())


def findings(of: Judgement) -> tuple[Finding, ...]:
    """``outliers``: where the rows beyond the limit are more than chance makes, all of them; else those that
    it does not explain: with evidence far beyond the limit, or a value that their column does not explain
    (chance makes one in 1 of 100 tables). ``outliers_possible``: the others, which are to be looked at and
    not dropped. Each row is in the same one whether or not rows of the other are still there.
    """
    odd, rows = int(of.beyond.sum()), of.judged
    most, sure = poisson_limit(FALSE_ALARMS * rows), _beyond_chance(of)
    many = odd > most
    named = of.beyond if many else sure
    possible = of.beyond & ~named
    both = (_certain(of, named, most, many), _possible(possible, rows, most, " more" * bool(named.any())))
    return tuple(finding for finding in both if finding is not None)


def _certain(of: Judgement, named: NDArray[np.bool_], most: int, many: bool) -> Finding | None:
    """The rows that chance does not explain; None where there are none. most: rows beyond the limit that it
    makes; many: whether there are more than that.
    """
    number, rows = int(named.sum()), of.judged
    if not number:
        return None
    return Finding(
        code="outliers",
        title=f"{count(number)} of {count(rows, 'row')} {verb(number, 'stands', 'stand')} far from the rest "
        f"({percent(number / rows)}; {_because(of, most)})",
        severity="warning",
        score=float(np.nanmax(of.score)),
        why=_WHY,
        suggestion="Look at the highest scores first; drop or correct the impossible, keep the merely rare.",
        rows=RowSet.from_mask(named),
        beside=tuple(dict.fromkeys([*of.single_in, *(of.all_by if many else ())])),
        value=float(number),
        measure="outlying rows",
        limit=float(most) if many else 0.0,  # few such rows chance does not make, but for a single value
        noise=expected_rows(FALSE_ALARMS, rows) if many else _BY_CHANCE,
        noise_is="expected by chance",
        n=rows,
        action="drop",
        kin=(OUTLYING,),
    )


def _possible(possible: NDArray[np.bool_], rows: int, most: int, more: str) -> Finding | None:
    """The rows beyond the limit where chance makes as many; None where there are none. more: " more" where
    others lie beyond it, too, which are flagged; else "".
    """
    number = int(possible.sum())
    if not number:
        return None
    return Finding(
        code="outliers_possible",
        title=f"{count(number)}{more} of {count(rows, 'row')} {verb(number, 'lies', 'lie')} beyond the limit "
        f"of outliers ({percent(number / rows)}; chance makes up to {count(most)})",
        severity="info",
        score=0.0,
        why=_WHY,
        suggestion="Data with nothing wrong have as many rows like these. Look at the highest scores first; "
        "correct the impossible.",
        rows=RowSet.from_mask(possible),
        value=float(number),
        measure="outlying rows",
        limit=float(most),
        noise=expected_rows(FALSE_ALARMS, rows),
        noise_is="expected by chance",
        n=rows,
        kin=("possible outliers", OUTLYING),
    )


def _beyond_chance(of: Judgement) -> NDArray[np.bool_]:
    """The rows beyond the limit that chance does not explain, however few they are."""
    sure: NDArray[np.bool_] = of.beyond & (of.evidence >= _CERTAIN * of.limit)
    sure[of.single] = True
    return sure


def _because(of: Judgement, most: int) -> str:
    """What sets the rows apart that chance does not explain: single values, and in which columns; how far
    the others lie; or how many rows it makes at most (``most``), where they are more.
    """
    single, within = of.single.size, of.single_in
    if len(within) > 1:
        by_value = f"by one value each, of {names(within)}"
    else:
        by_value = f"by {'its value' if single == 1 else 'their values'} of {names(within)}"
    by_value += ", beside less odd ones" if of.others else ""
    if int(of.beyond.sum()) > most:
        chance = f"expected by chance: at most {by_chance(expected_rows(FALSE_ALARMS, of.judged))}"
        if of.all_by:
            return f"{chance}; all by their values of {names(of.all_by)}"
        return f"{chance}; {count(single)} {by_value}" if single else chance
    apart = np.delete(of.evidence, of.single) / of.limit
    certain = np.sort(apart[apart >= _CERTAIN])
    ends = certain[[0, -1]].tolist() if certain.size else []
    times = f"{' to '.join(dict.fromkeys(number(round(end, 1)) for end in ends))} times the limit"
    if not single or not certain.size:
        return by_value if single else times
    return f"{count(single)} {by_value}, {count(int(certain.size))} by {times}"
