"""The rows that are selected in a list, and the switch that selects all of them."""

from __future__ import annotations

from dataclasses import dataclass, field

import streamlit as st

from components import address
from components.state import put, session, value
from components.widgets import rows_place
from core.dataset import Dataset
from core.filters import Filter
from core.phrases import verb
from core.rowset import RowSet


@dataclass(frozen=True)
class Picked:
    """rows: of the data set shown. rule: the filter that takes these and no others, where all that match it
    are selected: a decision then keeps the filter, which holds for other data too. among: how many rows the
    list has.
    """

    rows: RowSet = field(default_factory=RowSet)
    rule: Filter | None = None
    among: int = 0

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def scope(self) -> RowSet | Filter:
        """What a decision about them keeps."""
        return self.rows if self.rule is None else self.rule


def select_all(dataset: Dataset, key: str, what: str, number: int) -> bool:
    """The switch that selects all rows of the list with this key, on whichever page. what, number: them, in
    words and counted.
    """
    widget = address.key(f"all-{dataset.version}-{key}-{session().turn}-{rows_place.cleared(key)}")
    return st.toggle(
        f"Select {verb(number, '', 'all ')}{what}",
        rows_place.picked(dataset, key) is None,
        key=widget,
        on_change=lambda: rows_place.pick(key, None if value(widget) else RowSet()),
    )


def select_these(dataset: Dataset, key: str, marks: str, what: str, rows: RowSet) -> None:
    """The switch that selects these rows of the list ``marks``, which has others beside them; it is on while
    all of them are selected, in whichever way. rows: positions in the source.
    """
    every = not len(rows - rows_place.selected(dataset, marks, RowSet()))
    widget = address.key(f"all-{dataset.version}-{key}-{session().turn}")
    put(widget, every)
    st.toggle(
        f"Select {verb(len(rows), '', 'all ')}{what}",
        key=widget,
        on_change=_these,
        args=(dataset, marks, rows, widget),
    )


def _these(dataset: Dataset, marks: str, rows: RowSet, widget: str) -> None:
    """Select these rows beside what else is selected by now, or no longer, as the switch stands."""
    held = rows_place.selected(dataset, marks, RowSet())
    rows_place.clear(marks, held | rows if value(widget) else held - rows)
