"""Alerts on columns of times: in the future, with gaps, twice the same moment, day and month in doubt."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.analyses.profile.as_text import str_of_time
from core.analyses.profile.measure import Facts
from core.analyses.profile.rows import LEAST, rows_where
from core.filters.writing import typed_column
from core.finding import Finding, Severity
from core.loading.dates import ambiguous
from core.numerics.grouping import poisson_limit
from core.phrases import column_of, name
from core.rowset import RowSet

Ticks = NDArray[np.int64]  # microseconds since 1970
_SECOND = 1_000_000
_DAY = 86_400 * _SECOND
_UNITS = (_DAY, 3_600 * _SECOND, 60 * _SECOND, _SECOND, 1_000)
PLANS = 0.05  # share of a column in the future from which it holds plans (due dates, ends of contracts)
UNIQUE = 0.9  # share of distinct times from which a column tells the moment of each row
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
_BUSY = 2  # hours and seasons are not equally busy: what even chance makes is doubled


def future_dates(facts: Facts, loaded: int) -> Finding | None:
    """Times after the day on which the data were loaded (microseconds since 1970); a day is left for time
    zones.
    """
    if not _is_time(facts):
        return None
    limit = (loaded // _DAY + 2) * _DAY
    first = int(np.searchsorted(facts.distinct, limit))
    count = int(facts.counts[first:].sum())
    if not count:
        return None
    profile = facts.profile
    share = count / profile.present
    slips = share < PLANS
    day, column = str_of_time(limit), column_of(profile.name)
    return Finding(
        code="future_dates",
        title=f"{count:,} of {profile.present:,} values of {name(profile.name)} lie in the future, up to "
        f"{str_of_time(facts.distinct[-1])} (loaded on {str_of_time(loaded // _DAY * _DAY)})",
        severity="warning" if slips else "info",
        score=0.6 if slips else 0.1,
        why="What has not happened yet cannot have been recorded: a typing error, a two-digit year, "
        "or a missing-value code for 'never'."
        if slips
        else (
            "So many of them are no errors: this column may hold plans. A plan is known at the time of a "
            "prediction, an outcome is not."
        ),
        suggestion=("Look at these rows; mend the year, or treat the cells as missing.")
        if slips
        else "Nothing, if these are plans.",
        rows=_rows_of(facts, facts.distinct[first:]),
        columns=(profile.name,),
        value=float(count),
        measure="values in the future",
        limit=0.0,
        n=profile.present,
        action="blank" if slips else "",
        where=f"{typed_column(profile.name)} >= {day}" if slips else "",
        fix=f"{column} = {column}.mask({column} >= {day!r})" if slips else "",
    )


def duplicate_times(facts: Facts) -> Finding | None:
    """Moments that occur twice in a column where nearly every row has its own, unless chance makes them."""
    profile = facts.profile
    if (
        not _is_time(facts)
        or not LEAST <= profile.distinct < profile.present
        or profile.distinct < UNIQUE * profile.present
    ):
        return None
    value = profile.present - profile.distinct
    noise = _repeats_by_chance(facts)
    # far fewer than chance would make: a schedule, in which no moment comes twice
    if noise >= LEAST and value <= noise / 4:
        noise = 0.0
    if value <= _BUSY * noise or value <= (limit := poisson_limit(_BUSY * noise)):
        return None
    twice = facts.distinct[facts.counts > 1]
    severity: Severity = "warning" if facts.role == "time" else "info"
    return Finding(
        code="duplicate_times",
        title=f"{value:,} of {profile.present:,} rows repeat a time of {name(profile.name)} that another row "
        f"has, such as {str_of_time(twice[0])}",
        severity=severity,
        score=0.3 + 0.2 * value / profile.present,
        why="Where each row has a time of its own, two rows of one time may be one event recorded "
        "twice; their order is unknown.",
        suggestion="Look at these rows: drop the repeats if they are the same thing, keep them if two things "
        "happened at once.",
        rows=_rows_of(facts, twice),
        columns=(profile.name,),
        value=float(value),
        measure="rows that repeat a time",
        limit=float(limit),
        noise_is="expected by chance",
        noise=noise,
        n=profile.present,
        action="drop_repeats" if severity == "warning" else "",
        settings={"columns": [profile.name]},
        fix=f"data = data[{column_of(profile.name)}.isna() | ~data.duplicated([{profile.name!r}])]",
    )


def _repeats_by_chance(facts: Facts) -> float:
    """How many times would repeat were they drawn evenly over their span, in the unit in which they are
    given.
    """
    unit = next(
        (
            unit
            for unit in _UNITS
            if not (facts.distinct[:1_000] % unit).any() and not (facts.distinct % unit).any()
        ),
        1,
    )
    cells = (int(facts.distinct[-1]) - int(facts.distinct[0])) // unit + 1
    return facts.profile.present * (facts.profile.present - 1) / 2 / cells


def ambiguous_dates(facts: Facts) -> Finding | None:
    """The reader found that day and month can be taken either way round in every row."""
    profile = facts.profile
    if not facts.column.ambiguous or not _is_time(facts):
        return None
    column = column_of(profile.name)
    day = (facts.distinct // _DAY).astype("datetime64[D]")
    month = day.astype("datetime64[M]")
    differ = facts.counts[month.astype(np.int64) % 12 != (day - month).astype(np.int64)]
    if not differ.size:
        return None
    other = _other_layout(facts)
    return Finding(
        code="ambiguous_dates",
        title=f"Day and month of {name(profile.name)} could be the other way round: "
        f"{int(differ.sum()):,} of {profile.present:,} values would change",
        severity="warning",
        score=0.5,
        why=f"{facts.column.ambiguous} No day above 12 decides it; the wrong order puts most rows into the "
        "wrong month.",
        suggestion="Ask whoever made the file. If the order is wrong, load it with the other one.",
        columns=(profile.name,),
        value=float(differ.sum()),
        measure="values that would change",
        limit=0.0,
        n=profile.present,
        action="read_as" if other else "",
        settings={"kind": "datetime", "layout": other} if other else {},
        fix=f"{column} = pd.to_datetime({column}.dt.strftime('%Y-%d-%m %H:%M:%S.%f'))",
    )


def _other_layout(facts: Facts) -> str:
    """The layout with day and month the other way round, where the source text is kept to read it anew."""
    layout = re.search(r"ead as ([a-z/.-]+)", facts.column.ambiguous)
    return (ambiguous(layout[1]) or "") if layout and facts.column.raw else ""


def gaps(facts: Facts) -> Finding | None:
    """Stretches without any value, longer than three usual steps and than chance makes them, in a column that
    runs through time. The one between train and serve, where serve follows train, is the split: a note, and
    only where it is the only one.
    """
    profile = facts.profile
    if not _is_time(facts) or profile.distinct < 2 * _NEAR + LEAST:
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
        rows=_rows_of(
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


def _is_seam(facts: Facts, place: int) -> bool:
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
    beyond = steps[places] > _BUSY * chance
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
        (_DAY, "days"),
        (3_600 * _SECOND, "hours"),
        (60 * _SECOND, "minutes"),
        (_SECOND, "seconds"),
    ):
        if microseconds >= unit:
            return f"{microseconds / unit:.4g} {word if microseconds != unit else word[:-1]}"
    return f"{microseconds:.4g} microseconds"


def _is_time(facts: Facts) -> bool:
    return (
        facts.profile.kind == "datetime"
        and facts.profile.stored.startswith("timestamp")
        and facts.profile.present > 0
    )


def _rows_of(facts: Facts, wanted: Any) -> RowSet:
    """Rows that hold one of these times."""
    import pyarrow as pa
    import pyarrow.compute as pc

    return rows_where(pc.is_in(facts.values, pa.array(wanted, pa.int64()).cast(facts.values.type)))
