"""Note on whole numbers that are times of day, hours and minutes side by side: 1705 for 17:05."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.analyses.profile.facts import ColumnFacts
from core.analyses.profile.rows import LEAST
from core.finding import Finding
from core.numerics.number_codes import Code, usual
from core.phrases import column_of, listed, name

HOURS = 6  # full hours between the first and the last one
LATE, END = 1300, 2400  # a time after noon is among them, and none after midnight
_FULL = 50  # minutes that so many hours reach, as numbers of rooms and courses do not
ENDINGS = 6  # different minutes: those of a clock read to ten minutes
_CODES = 6  # different numbers outside of the day that may stand for a missing time
CHANCE = 1e-6  # that whole numbers never end in 60 to 99


def clock_as_number(facts: ColumnFacts, codes: Sequence[Code] = ()) -> Finding | None:
    """A column of whole numbers up to 2400 of which none ends in 60 to 99, unless by chance. Cells that are
    no time, but likely stand for a missing one, are left out: ``codes``, and usual ones such as a single -1.
    """
    profile = facts.profile
    if profile.stored not in ("int64", "uint64", "double") or facts.role in ("id", "weight", "group"):
        return None
    others = _no_times(facts.distinct, codes)
    cells = profile.present - int(facts.counts[others].sum())
    if cells < LEAST or not clock_times(facts.distinct[~others]):
        return None
    column = column_of(profile.name)
    minutes = f"{column} // 100 * 60 + {column} % 100"
    but = listed([f"{value:g}" for value in facts.distinct[others].tolist()])
    return Finding(
        code="clock_as_number",
        title=f"{name(profile.name)} looks like times of day written as numbers (1705 for 17:05): none of "
        f"its {cells:,} values{f' other than {but}' if but else ''} ends in 60 to 99",
        severity="info",
        score=0.4,
        why="From 1759 to 1800 it is one minute and not 41: differences and means across an hour are no "
        "minutes.",
        suggestion="If these are times of day, count in minutes since midnight before you take differences, "
        "and remember that midnight follows 23:59.",
        columns=(profile.name,),
        value=0.0,
        measure="values that end in 60 to 99",
        limit=0.0,
        n=cells,
        fix=f"{column} = ({minutes}).where({column}.between(0, {END}) & ({column} % 100 < 60))"
        if but
        else f"{column} = {minutes}",
    )


def _no_times(distinct: NDArray[Any], codes: Sequence[Code]) -> NDArray[np.bool_]:
    """The usual codes for "missing" among different numbers that are no time of day: those named by
    ``codes``, and those below 0 or beyond the last time, however few their cells.
    """
    others = np.zeros(distinct.size, bool)
    outside = np.flatnonzero(np.isfinite(distinct) & ((distinct < 0) | (distinct > END)))
    for place in outside.tolist() if outside.size <= _CODES else ():
        others[place] = usual(float(distinct[place]))
    for code in codes:
        others[code.place] |= code.usual and bool(distinct[code.place] % 100 >= 60)
    return others


def clock_times(distinct: NDArray[Any]) -> bool:
    """Whether different numbers, ascending, are hours and minutes side by side. Of the whole numbers with
    their greatest common divisor some share of each hundred ends in less than 60; that of each hour between
    the first and the last one is held against it.

    >>> clock_times(np.array([100 * hour + minute for hour in range(5, 24) for minute in range(60)]))
    True
    >>> clock_times(np.arange(500, 2359)), clock_times(100 * np.arange(24))
    (False, False)
    """
    if distinct.size < LEAST or distinct[0] < 0 or not LATE <= distinct[-1] <= END:
        return False
    if (distinct % 100 >= 60).any() or (distinct % 1).any():
        return False
    whole = distinct.astype(np.int64)
    hours, minutes = np.divmod(whole, 100)
    within = (hours > hours[0]) & (hours < min(hours[-1], 24))
    full = np.unique(hours[within & (minutes >= _FULL)]).size
    endings = np.arange(0, 100, max(1, int(np.gcd.reduce(np.append(whole, 100)))))
    share = float((endings < 60).mean())
    varied = full >= HOURS and np.unique(minutes).size >= ENDINGS
    return bool(varied and share ** int(within.sum()) < CHANCE)
