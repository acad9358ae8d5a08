"""Alert on whole numbers that are days: 20240131 for the 31st of January 2024."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.analyses.profile.facts import ColumnFacts
from core.analyses.profile.rows import LEAST, rows_where
from core.finding import Finding
from core.loading.written_dates import DateReader
from core.phrases import column_of, name, verb
from core.rowset import RowSet

SHARE = 0.98  # of the numbers that are days; of numbers of eight digits drawn at random 4% are at most
MONTHS = 2  # numbers that count up within one month may be ids


def date_as_number(facts: ColumnFacts) -> Finding | None:
    """A column of whole numbers of which 98% or more read as a year, a month and a day, of two months or
    more.
    """
    profile, numbers = facts.profile, facts.distinct
    if profile.stored not in ("int64", "uint64") or facts.role == "id" or profile.present < LEAST:
        return None
    if facts.counts[_within(numbers)].sum() < SHARE * profile.present:
        return None
    days = _days(numbers)
    hits = int(facts.counts[days].sum())
    if hits < SHARE * profile.present or len(np.unique(numbers[days] // 100)) < MONTHS:
        return None
    others = profile.present - hits
    but = f"all but {others:,}" if others else "all"
    odd = f"Mend or empty the {others:,} that {verb(others, 'does', 'do')} not read so, and read"
    column = column_of(profile.name)
    text = f"{column}.astype('Int64').astype('string')"
    return Finding(
        code="date_as_number",
        title=f"{name(profile.name)} holds dates stored as numbers: {but} of {profile.present:,} values read "
        "as year, month and day",
        severity="warning",
        score=0.5 + 0.2 * hits / profile.present,
        why="As a number the last day of a year lies 8,870 from the first of the next.",
        suggestion=f"{odd if others else 'Read'} the column as datetime, unless these are codes.",
        rows=_rows(facts, numbers[~days]),
        columns=(profile.name,),
        value=hits / profile.present,
        measure="share of values that read as dates",
        limit=SHARE,
        n=profile.present,
        action="read_as",
        settings={"kind": "datetime"},
        fix=f"{column} = pd.to_datetime({text}, format='%Y%m%d', errors='coerce')",
    )


def _within(numbers: NDArray[Any]) -> NDArray[np.bool_]:
    """Which numbers begin with a year from 1500 to 2199 and have eight digits."""
    return (numbers >= 1500_01_01) & (numbers <= 2199_12_31)


def _days(numbers: NDArray[Any]) -> NDArray[np.bool_]:
    """Which numbers are days of the calendar."""
    import pyarrow as pa

    days = _within(numbers)
    texts = pa.array(numbers[days]).cast(pa.string())
    days[days] = DateReader(("yearmonthday",)).read(texts).is_valid().to_numpy(zero_copy_only=False)
    return days


def _rows(facts: ColumnFacts, others: NDArray[Any]) -> RowSet:
    """The rows of the numbers that are no days."""
    import pyarrow as pa
    import pyarrow.compute as pc

    return rows_where(pc.is_in(facts.values, pa.array(others).cast(facts.values.type)))
