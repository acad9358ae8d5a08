"""The window in time that the coreset stands for, where rows have a time."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import streamlit as st

from components import address, guard
from components.state import keep, put, session, value
from components.text import plain
from core.dataset import Dataset
from core.errors import CoreError
from core.filters import Filter
from core.filters.tree import And, Condition, Value
from core.phrases import name

NAME = "coreset"
_DAY = timedelta(days=1)
_DRAWN = date(1684, 7, 29), date(2255, 6, 4)  # the days that a slider of Streamlit can hold


def view(dataset: Dataset) -> None:
    """A slider from the first day to the last; nothing where rows have no time, or all are of one day, or
    another filter chooses them.
    """
    column = dataset.roles.time
    if column is None or column not in dataset.names or dataset[column].kind != "datetime":
        return
    span = keep(("coreset-span", dataset.version, column), lambda: _span(dataset, column))
    if span is None or span[0] == span[1]:
        return
    if span[0] < _DRAWN[0] or span[1] > _DRAWN[1]:
        far = span[1] if span[1] > _DRAWN[1] else span[0]
        words = f"{name(column)} holds the day {far}, too far off for a slider: choose days by the filter in"
        st.caption(plain(f"{words} the settings.", 300))
        return
    where = str(session().settings.get(NAME, {}).get("where", ""))
    chosen = _days(where, column, span) if where else span
    if chosen is None:
        return
    start, end = max(chosen[0], span[0]), min(chosen[1], span[1])
    if start > end:
        st.caption(
            plain(
                f"The window chosen holds no day of the rows, {span[0]} to {span[1]}. Change the filter in "
                "the settings, or clear it.",
                300,
            )
        )
        return
    key = f"coreset-window-{dataset.version}-{where}"
    st.slider(
        "Window in time",
        *span,
        (start, end),
        key=key,
        on_change=_choose,
        args=(key, column, span),
        help="The coreset stands for the rows of these days alone. No row is scored anew: importance is that "
        "among all rows.",
    )


def _span(dataset: Dataset, column: str) -> tuple[date, date] | None:
    """The first and the last day of the train rows; None where no time is known."""
    import pyarrow as pa
    import pyarrow.compute as pc

    times = dataset.table([column]).column(0)
    if "serve" in dataset.parts:
        times = times.filter(pa.array(dataset.part_mask("train")))
    ends = pc.min_max(times).as_py()
    if ends["min"] is None:
        return None
    return _day(ends["min"]), _day(ends["max"])


def _day(moment: datetime) -> date:
    return (moment.astimezone(UTC) if moment.tzinfo else moment).date()


def _choose(key: str, column: str, span: tuple[date, date]) -> None:
    first, last = value(key)
    where = "" if (first, last) == span else window(column, first, last)
    session().settings[NAME] = {**session().settings.get(NAME, {}), "where": where}
    put(address.key(f"set-{NAME}-where"), where)


def window(column: str, first: date, last: date) -> str:
    """The filter that takes the rows of these days.

    >>> window("when", date(2013, 1, 5), date(2013, 2, 1))
    'when >= 2013-01-05 and when < 2013-02-02'
    """
    ends = ((">=", first), ("<", last + _DAY))
    tests = tuple(
        Condition(column, op, (Value("date", datetime(day.year, day.month, day.day)),))  # type: ignore[arg-type]  # noqa: DTZ001
        for op, day in ends
    )
    return str(Filter(And(tests)))


def _days(where: str, column: str, span: tuple[date, date]) -> tuple[date, date] | None:
    """The days that such a filter takes, whole ones alone; None for any other."""
    parsed = guard.attempt(lambda: Filter.parse(where))
    if isinstance(parsed, CoreError):
        return None
    tests = parsed.tree.items if isinstance(parsed.tree, And) else (parsed.tree,)
    if len(tests) > 2:
        return None
    found = []
    for test, op in zip(tests, (">=", "<"), strict=False):
        if not isinstance(test, Condition) or (test.column, test.op) != (column, op):
            return None
        content = test.values[0].content
        if not isinstance(content, datetime) or content.time() != time():
            return None
        found.append(content.date())
    last = max(found[1], date.min + _DAY) - _DAY if len(found) > 1 else max(span[1], found[0])
    return found[0], last
