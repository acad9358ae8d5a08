"""Alerts on columns of times: in the future, twice the same moment, day and month in doubt."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.analyses.profile.as_text import str_of_time
from core.analyses.profile.facts import ColumnFacts
from core.analyses.profile.rows import LEAST, rows_where
from core.filters.writing import typed_column
from core.finding import Finding, Severity
from core.loading.dates import ambiguous
from core.numerics.grouping import poisson_limit
from core.phrases import column_of, name, verb
from core.rowset import RowSet

Ticks = NDArray[np.int64]  # microseconds since 1970
SECOND = 1_000_000
DAY = 86_400 * SECOND
_UNITS = (DAY, 3_600 * SECOND, 60 * SECOND, SECOND, 1_000)
PLANS = 0.05  # share of a column in the future from which it holds plans (due dates, ends of contracts)
UNIQUE = 0.9  # share of distinct times from which a column tells the moment of each row
BUSY = 2  # hours and seasons are not equally busy: what even chance makes is doubled


def future_dates(facts: ColumnFacts, loaded: int) -> Finding | None:
    """Times after the day on which the data were loaded (microseconds since 1970); a day is left for time
    zones.
    """
    if not is_time(facts):
        return None
    limit = (loaded // DAY + 2) * DAY
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
        title=f"{count:,} of {profile.present:,} values of {name(profile.name)} "
        f"{verb(count, 'lies', 'lie')} in the future, up to {str_of_time(facts.distinct[-1])} "
        f"(loaded on {str_of_time(loaded // DAY * DAY)})",
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
        rows=rows_of(facts, facts.distinct[first:]),
        columns=(profile.name,),
        value=float(count),
        measure="values in the future",
        limit=0.0,
        n=profile.present,
        action="blank" if slips else "",
        conditional=slips,
        where=f"{typed_column(profile.name)} >= {day}" if slips else "",
        fix=f"{column} = {column}.mask({column} >= {day!r})" if slips else "",
    )


def duplicate_times(facts: ColumnFacts) -> Finding | None:
    """Moments that occur twice in a column where nearly every row has its own, unless chance makes them.

    facts: without isolated values, which would stretch the span over which chance is thought to spread the
    times.
    """
    if not is_time(facts):
        return None
    profile, present, distinct = facts.profile, int(facts.counts.sum()), int(facts.distinct.size)
    if not LEAST <= distinct < present or distinct < UNIQUE * present:
        return None
    value = present - distinct
    noise = _repeats_by_chance(facts, present)
    # far fewer than chance would make: a schedule, in which no moment comes twice
    if noise >= LEAST and value <= noise / 4:
        noise = 0.0
    if value <= BUSY * noise or value <= (limit := poisson_limit(BUSY * noise)):
        return None
    twice = facts.distinct[facts.counts > 1]
    severity: Severity = "warning" if facts.role == "time" else "info"
    return Finding(
        code="duplicate_times",
        title=f"{value:,} of {present:,} rows {verb(value, 'repeats', 'repeat')} a time of "
        f"{name(profile.name)} that another row has, such as {str_of_time(twice[0])}",
        severity=severity,
        score=0.3 + 0.2 * value / present,
        why="Where each row has a time of its own, two rows of one time may be one event recorded "
        "twice; their order is unknown.",
        suggestion="Look at these rows: drop the repeats if they are the same thing, keep them if two things "
        "happened at once.",
        rows=rows_of(facts, twice),
        columns=(profile.name,),
        value=float(value),
        measure="rows that repeat a time",
        limit=float(limit),
        noise_is="expected by chance",
        noise=noise,
        n=present,
        action="drop_repeats" if severity == "warning" else "",
        conditional=True,
        settings={"columns": [profile.name]},
        fix=f"data = data[{column_of(profile.name)}.isna() | ~data.duplicated([{profile.name!r}])]",
    )


def _repeats_by_chance(facts: ColumnFacts, present: int) -> float:
    """How many of the times present would repeat were they drawn evenly over their span, in the unit in which
    they are given.
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
    return present * (present - 1) / 2 / cells


def ambiguous_dates(facts: ColumnFacts) -> Finding | None:
    """The reader found that day and month can be taken either way round in every row."""
    profile = facts.profile
    if not facts.column.ambiguous or not is_time(facts):
        return None
    column = column_of(profile.name)
    day = (facts.distinct // DAY).astype("datetime64[D]")
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
        conditional=True,
        settings={"kind": "datetime", "layout": other} if other else {},
        fix=f"{column} = pd.to_datetime({column}.dt.strftime('%Y-%d-%m %H:%M:%S.%f'))",
    )


def _other_layout(facts: ColumnFacts) -> str:
    """The layout with day and month the other way round, where the source text is kept to read it anew."""
    layout = re.search(r"ead as ([a-z/.-]+)", facts.column.ambiguous)
    return (ambiguous(layout[1]) or "") if layout and facts.column.raw else ""


def is_time(facts: ColumnFacts) -> bool:
    """Whether the column holds moments."""
    return (
        facts.profile.kind == "datetime"
        and facts.profile.stored.startswith("timestamp")
        and facts.profile.present > 0
    )


def rows_of(facts: ColumnFacts, wanted: Any) -> RowSet:
    """Rows that hold one of these times."""
    import pyarrow as pa
    import pyarrow.compute as pc

    return rows_where(pc.is_in(facts.values, pa.array(wanted, pa.int64()).cast(facts.values.type)))
