"""What stands over a list of rows: its order, its filter, its columns, and the way to a row by its number. It
is all worked out over every row of the list, not the page shown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Protocol, runtime_checkable

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from components import address, filtered, guard
from components.state import session, value
from components.text import cut, plain, tag
from components.widgets import filter_builder, rows_decided, rows_place
from core.dataset import Dataset
from core.errors import CoreError
from core.filters import Filter
from core.filters.tree import And
from core.phrases import count
from core.row_order import rows_by, rows_by_values
from core.rowset import RowSet

PAGE = 25
SHOWN = 30  # most columns in one list, unless they were chosen by hand
NUMBERED = "Position in the source, counted from 0: row 0 is the first line of data."
ROW, DECISION = "Row", "Decision"
Ids = NDArray[np.int64]


@runtime_checkable
class Ordered(Protocol):
    """Words beside rows that are worked out for the page shown only."""

    def order(self) -> NDArray[Any]:
        """What all of them are sorted by, one for each row of the list."""
        ...


@dataclass(frozen=True)
class Listed:
    """A list of rows as it is given.

    ids: of the rows, in the order of the list.
    key: of the list; what it stands under in widgets and in the address.
    extra: heading -> array aligned with ``ids`` (score, why …), shown before the data.
    first: columns to show before the others.
    rule: the filter that takes just these rows, where one does.
    """

    dataset: Dataset
    ids: Ids
    key: str
    extra: Mapping[str, Any] = field(default_factory=dict)
    first: Sequence[str] = ()
    rule: Filter | None = None

    @cached_property
    def heads(self) -> dict[str, str]:
        """Our own headings, by words that no column of the data has."""
        return apart([ROW, DECISION, *self.extra], self.dataset.names)

    @property
    def sortable(self) -> dict[str, str]:
        """What the list can be sorted by: the heading -> where its values are, "" for the data."""
        ordered = (np.ndarray, Ordered)
        own = [ROW, DECISION, *(word for word, values in self.extra.items() if isinstance(values, ordered))]
        return {self.heads[word]: word for word in own} | dict.fromkeys(self.dataset.names, "")


def apart(ours: Sequence[str], theirs: Sequence[str]) -> dict[str, str]:
    """Names for our columns that no column of the data has."""
    names, taken = {}, set(theirs)
    for name in ours:
        names[name] = name
        while names[name] in taken:
            names[name] += " ·"
    return names


@dataclass(frozen=True)
class ListView:
    """What is shown of a list.

    places: among the list's rows, in the order to show; columns: of the data; where: the filter in force.
    """

    places: Ids
    columns: list[str]
    where: Filter | None = None


def view(listed: Listed) -> ListView | CoreError:
    """Draw the tools; gives what to show, or why the filter cannot be followed."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        sort, falling = _sorting(listed)
        where = _filter(listed)
        columns = _columns(listed)
        _jump(listed)
    places = _placed(listed, where, sort, falling)
    if isinstance(where, CoreError) or isinstance(places, CoreError):
        return where if isinstance(where, CoreError) else places
    _jumped(listed, places)
    return ListView(places, columns, where)


def ordered(listed: Listed) -> Ids:
    """Draw order and filter alone; gives the rows to show, none where the filter cannot be followed."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        sort, falling = _sorting(listed)
        where = _filter(listed)
    places = _placed(listed, where, sort, falling)
    return listed.ids[:0] if isinstance(places, CoreError) else listed.ids[places]


def _placed(listed: Listed, where: Filter | CoreError | None, sort: str, falling: bool) -> Ids | CoreError:
    """The places of the rows that match, in the order that is asked for; how many match is said."""
    if isinstance(where, CoreError):
        guard.show(where)
        return where
    places = np.arange(listed.ids.size)
    if where is not None:
        places = places[filtered.matching(listed.dataset, where).mask(listed.dataset.rows)[listed.ids]]
        st.caption(
            f"{count(places.size)} of {count(listed.ids.size, 'row')} match: {plain(where.words, 300)}."
        )
    return _sorted(listed, places, sort, falling) if sort else places


def rule_of(listed: Listed, where: Filter | None) -> Filter | None:
    """The filter that takes all rows shown and no others; None where none does, or where it would be read in
    the data as decided and these are as loaded.
    """
    whole = listed.ids.size == listed.dataset.rows
    both = [one for one in (listed.rule, where) if one is not None]
    if session().as_loaded or not both or (listed.rule is None and not whole):
        return None
    joined = both[0] if len(both) == 1 else Filter(And(tuple(one.tree for one in both)))
    return joined if joined.by_data_alone else None


def _sorting(listed: Listed) -> tuple[str, bool]:
    """The heading to sort by, "" for the order of the list, and whether the largest come first."""
    key, options = listed.key, ["", *listed.sortable]
    held, falling = rows_place.text(key, "sort"), bool(rows_place.text(key, "falling"))
    held = held if held in options else ""
    widget = address.key(f"sort-{listed.dataset.version}-{key}-{session().chosen.get(('sorted', key), 0)}")
    st.selectbox(
        "Sort by",
        options,
        options.index(held),
        key=widget,
        format_func=lambda name: cut(name, 60) if name else "In the order of the list",
        label_visibility="collapsed",
        help="Over all rows: numbers by size, dates by time, text without regard to case, missing ones last.",
        width=210,
        on_change=_sort_chosen,
        args=(key, widget),
    )
    st.button(
        "Descending" if falling else "Ascending",
        icon=f":material/arrow_{'downward' if falling else 'upward'}:",
        key=f"falling-{key}",
        type="tertiary",
        disabled=not held,
        help="Turn the order round.",
        on_click=sort_by,
        args=(key, held, not falling),
    )
    return held, falling


def _sort_chosen(key: str, widget: str) -> None:
    rows_place.put(key, sort=value(widget) or "", falling="")
    rows_place.turn_to(key, 1)


def sort_by(key: str, heading: str, falling: bool) -> None:
    """Sort the list with this key, as a click elsewhere asks for."""
    rows_place.put(key, sort=heading, falling="yes" if falling and heading else "")
    rows_place.turn_to(key, 1)
    chosen = session().chosen
    chosen[("sorted", key)] = chosen.get(("sorted", key), 0) + 1


def _sorted(listed: Listed, places: Ids, sort: str, falling: bool) -> Ids:
    """The places in the order of a column of the data, or of one of ours."""
    dataset, own, ids = listed.dataset, listed.sortable[sort], listed.ids
    some = ids[places]
    if own == ROW:
        rows = np.sort(some)[:: -1 if falling else 1]
    elif own == DECISION:
        rows = rows_by_values(some, rows_decided.order(dataset, some), falling)
    elif own:
        given = listed.extra[own]
        values = given.order() if isinstance(given, Ordered) else given
        rows = rows_by_values(some, values[places], falling)
    else:
        rows = rows_by(dataset, some, sort, falling)
    at = np.empty(dataset.rows, np.int64)
    at[ids] = np.arange(ids.size)
    return at[rows]


def _filter(listed: Listed) -> Filter | CoreError | None:
    """The filter of the list, and the box to write or build it in."""
    dataset, key = listed.dataset, listed.key
    if not dataset.names:
        return None
    own, held = rows_place.filter_key(tag(key)), rows_place.text(key, "where")
    text = filter_builder.text(dataset, own, held)
    box = st.popover(
        "Filtered" if text else "Filter", icon=":material/filter_alt:", type="tertiary", key=f"filter-{key}",
        on_change="rerun",
    )  # fmt: skip
    if box.open:
        with box:
            text = filter_builder.view(dataset, own, held, filtered.flags(dataset))
            where = _parsed(dataset, text)
            if isinstance(where, CoreError):
                guard.show(where)
            elif where is not None:
                hits = int(filtered.matching(dataset, where).mask(dataset.rows)[listed.ids].sum())
                st.caption(f"**{count(hits)}** of {count(listed.ids.size, 'row')} match.")
    if text != held:
        rows_place.put(key, where=text)
        rows_place.turn_to(key, 1)
    return _parsed(dataset, text)


def _parsed(dataset: Dataset, text: str) -> Filter | CoreError | None:
    """The filter, once it is sure that it fits the data; None for no text."""
    if not text:
        return None

    def work() -> Filter:
        parsed = Filter.parse(text)
        filtered.matching(dataset, parsed)
        return parsed

    return guard.attempt(work)


def _columns(listed: Listed) -> list[str]:
    """The columns to show: those that the list names first, then those chosen, or else the others."""
    dataset = listed.dataset
    chosen = rows_place.columns(dataset)
    named = [name for name in listed.first if name in dataset.names]
    shown = list(dict.fromkeys([*named, *(chosen or dataset.names)]))
    shown = shown if chosen else shown[: max(SHOWN, len(named))]
    if len(dataset.names) < 2:
        return shown
    few = (
        f"{len(shown)} of {count(len(dataset.names), 'column')}"
        if len(shown) < len(dataset.names)
        else "Columns"
    )
    box = st.popover(few, icon=":material/view_column:", type="tertiary", key=f"columns-{listed.key}",
                     on_change="rerun")  # fmt: skip
    if box.open:
        widget = address.key(
            f"shown-{dataset.version}-{listed.key}-{session().chosen.get('columns reset', 0)}"
        )
        with box:
            st.multiselect(
                "Columns, in this order",
                dataset.names,
                chosen or shown,
                key=widget,
                format_func=lambda name: cut(name, 60),
                on_change=lambda: rows_place.choose_columns(dataset, value(widget)),
                help="For all lists of rows of these data. What a finding names stands first in its list.",
            )
            st.button("All of them", type="tertiary", key=f"every-{widget}", icon=":material/restart_alt:",
                      on_click=_every_column, args=(dataset,), disabled=not chosen)  # fmt: skip
    return shown


def _every_column(dataset: Dataset) -> None:
    rows_place.choose_columns(dataset, [])
    session().chosen["columns reset"] = session().chosen.get("columns reset", 0) + 1


def _jump(listed: Listed) -> None:
    """The box for the number of a row to turn to."""
    if listed.ids.size > PAGE:
        widget = f"jump-{listed.dataset.version}-{listed.key}"
        st.number_input(
            "Go to row", 0, None, None, key=widget, placeholder="Go to row", label_visibility="collapsed",
            width=170, on_change=_asked_for, args=(listed.key, widget),
        )  # fmt: skip


def _asked_for(key: str, widget: str) -> None:
    session().chosen[("jump", key)] = value(widget)


def _jumped(listed: Listed, places: Ids) -> None:
    """Turn to the page of the row that was asked for; a word where it is not in the list."""
    asked, dataset = session().chosen.pop(("jump", listed.key), None), listed.dataset
    if asked is None:
        return
    own = dataset.own_rows(RowSet([asked])).ids if asked < dataset.numbered else np.zeros(0, np.int64)
    found = np.flatnonzero(listed.ids[places] == own[0]) if own.size else own
    if found.size:
        rows_place.turn_to(listed.key, int(found[0]) // PAGE + 1)
        st.caption(f"Row {asked} is line {int(found[0]) % PAGE + 1} of this page.")
    else:
        st.caption(f"Row {asked} is not in this list.")
