"""Stretches of time without any value."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.analyses.profile.as_text import str_of_time
from core.analyses.profile.facts import ColumnFacts
from core.analyses.profile.rows import LEAST
from core.analyses.profile.times import BUSY, DAY, SECOND, UNIQUE, Ticks, is_time, rows_of
from core.finding import Finding
from core.phrases import column_of, name, number

USUAL = 3  # a gap is longer than three usual steps (and than chance makes it)
MOST = 10  # more gaps than this are a schedule: nights, weekends
_NEAR = 10  # steps on either side that tell what is usual here
_RISK = 0.001
# of a gap in the record, and of the one between train and serve: what the title adds, why, what to do
_RECORD = (
    "",
    "A gap in the record looks like a time when nothing happened, and rates, lags and splits across it are "
    "wrong.",
    "Find out whether nothing happened or nothing was recorded. Cut the series there, or mark the stretch as "
    "missing.",
)
_SPLIT = (
    ", where train ends and serve begins",
    "Data split by time may leave a stretch out on purpose. It is how far ahead a model must predict, at the "
    "least.",
    "Nothing, if train and serve were split here. Do not work out rates or lags across it.",
)


def gaps(facts: ColumnFacts) -> Finding | None:
    """Stretches without any value, longer than three usual steps and than chance makes them, in a column that
    runs through time. The one between train and serve, where serve follows train, is the split: a note, and
    only where it is the only one.
    """
    profile = facts.profile
    if not is_time(facts) or profile.distinct < 2 * _NEAR + LEAST:
        return None
    steps = np.diff(facts.distinct)
    breaks = _gaps(facts.distinct, steps)
    runs_through = facts.role == "time" or profile.distinct >= UNIQUE * profile.present or breaks.regular
    if not runs_through or not breaks.places.size:
        return None
    between = [int(place) for place in breaks.places if not _is_seam(facts, int(place))]
    places = np.array(between or breaks.places, dtype=np.int64)
    worst = int(places[np.argmax(steps[places])])
    before, after = facts.distinct[worst], facts.distinct[worst + 1]
    column = column_of(profile.name)
    split, why, suggestion = _RECORD if between else _SPLIT
    more = f"; {places.size - 1:,} more such gaps" if places.size > 1 else ""
    return Finding(
        code="gaps",
        title=f"{name(profile.name)} has no value between {str_of_time(before)} and {str_of_time(after)}"
        f"{split}: {_length(steps[worst])}, where {_length(breaks.usual)} is usual{more}",
        severity="warning" if facts.role == "time" and between else "info",
        score=0.3,
        why=why,
        suggestion=suggestion,
        rows=rows_of(
            facts,
            np.unique(np.concatenate([facts.distinct[places], facts.distinct[places + 1]])),
        ),
        columns=(profile.name,),
        value=float(steps[worst] / breaks.usual),
        measure="longest gap, in usual steps",
        limit=float(USUAL),
        noise=float(breaks.by_chance / breaks.usual),
        n=profile.distinct,
        fix=f"data[{profile.name + ' after a gap'!r}] = {column}.sort_values().diff() >= "
        f"pd.Timedelta(microseconds={steps[places].min()})",
    )


def _is_seam(facts: ColumnFacts, place: int) -> bool:
    """Whether the step after this distinct time leads from train to serve."""
    return facts.seam == (int(facts.distinct[place]), int(facts.distinct[place + 1]))


@dataclass(frozen=True, eq=False)
class _Gaps:
    """``places`` of the steps that are gaps; the ``usual`` step and the longest step by chance, in
    microseconds.
    """

    places: NDArray[np.int64]
    usual: float
    by_chance: float
    regular: bool


def _gaps(times: Ticks, steps: Ticks) -> _Gaps:
    usual = float(np.median(steps))
    regular = float((steps == usual).mean()) >= 0.5
    places = np.flatnonzero(steps > USUAL * usual)
    chance = (
        np.full(places.size, _longest_by_slots(steps, usual))
        if regular
        else _longest_by_chance(times, places)
    )
    beyond = steps[places] > BUSY * chance
    places, by_chance = places[beyond], float(np.max(chance[beyond], initial=0.0))
    # so many are no accident: nights, weekends; a gap is three times longer than those
    while places.size > MOST:
        usual = float(np.median(steps[places]))
        places = places[steps[places] > USUAL * usual]
    return _Gaps(places, usual, by_chance, regular)


def _longest_by_slots(steps: Ticks, usual: float) -> float:
    """In a series of equal steps some of which are left out by chance: how long none of them lasts but in one
    series of 1,000.
    """
    inner = np.sort(steps)[:-1]
    left_out = 1.0 - min(1.0, inner.size * usual / float(inner.sum()))
    return usual * (1.0 + math.log(inner.size / _RISK) / -math.log(left_out)) if left_out > 0 else usual


def _longest_by_chance(times: Ticks, places: NDArray[np.int64]) -> NDArray[np.float64]:
    """Per place: how long no step lasts but in one series of 1,000, if events come at random at the rate of
    the 20 steps around.

    A step over the mean of k others is F-distributed with 2 and 2k degrees of freedom, when both are
    exponential: P(F > x) = (1 + x/k)**-k. The ends of the series, where events thin out, are never gaps.
    """
    around = 2 * _NEAR
    inner = places.clip(_NEAR, times.size - _NEAR - 2)
    others = (times[inner + _NEAR + 1] - times[inner - _NEAR] - (times[inner + 1] - times[inner])) / around
    limit = around * (((times.size - 1) / _RISK) ** (1 / around) - 1)
    return np.where(inner == places, limit * others, np.inf)


def _length(microseconds: float) -> str:
    """A length of time in its largest fitting unit, as `pandas.Timedelta` reads it.

    >>> _length(3 * 86_400e6), _length(5_400e6), _length(1.5e6)
    ('3 days', '1.5 hours', '1.5 seconds')
    """
    for unit, word in (
        (DAY, "days"),
        (3_600 * SECOND, "hours"),
        (60 * SECOND, "minutes"),
        (SECOND, "seconds"),
    ):
        if microseconds >= unit:
            return f"{number(microseconds / unit)} {word if microseconds != unit else word[:-1]}"
    return f"{microseconds:.4g} microseconds"
