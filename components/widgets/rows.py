"""A list of rows, sorted, filtered and paged on the server: at most one page ever goes to the browser."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from components import address
from components.glossary import hint
from components.state import keep, session, value
from components.text import marked
from components.widgets import column_card, gallery, pager, rows_clicked, rows_decided, rows_place, rows_tools
from components.widgets.layout import text_width
from components.widgets.picked import Picked, select_all
from components.widgets.rows_tools import DECISION, PAGE, Listed, ListView, apart
from core.dataset import Dataset
from core.errors import CoreError
from core.filters import Filter
from core.loading.options import IMAGES
from core.phrases import count, verb
from core.rowset import RowSet

if TYPE_CHECKING:
    import pandas as pd

Ids = NDArray[np.int64]
PICTURES, TABLE = "Pictures", "Table"
PART = "Part"  # heading of what is beside a row: train or serve
DECIDED = (75, 260)  # pixels, at least and at most, of the column of decisions
DASHES = ("-", "–", "—", "−")  # as a text of the data, not to be told from our mark of what is missing


def listing(
    dataset: Dataset,
    ids: Ids,
    key: str,
    extra: Mapping[str, Any] | None = None,
    first: Sequence[str] = (),
    what: str = "",
    rule: Filter | None = None,
) -> Picked:
    """Show rows in the order of ``ids``, or any other that is asked for, with ticks; gives those ticked, on
    whichever page, or all when "all" is switched on.

    extra, first, rule: as in `rows_tools.Listed`.
    """
    if not ids.size:
        st.caption("No rows here.")
        return Picked()
    listed = Listed(dataset, ids, key, extra or {}, first, rule)
    place = st.container(horizontal=True, vertical_alignment="center")
    chosen = rows_tools.view(listed)
    if isinstance(chosen, CoreError) or not chosen.places.size:
        return Picked()
    with place:
        every = _every(listed, chosen)
        shown_as = _shown_as(listed)
        st.caption(what, width="content")
    pages = -(-chosen.places.size // PAGE)
    at = rows_place.page(key, pages)
    here = chosen.places[(at - 1) * PAGE : at * PAGE]
    shown = RowSet(ids[chosen.places])
    whole = RowSet(dataset.source_ids(shown.ids)) if every else RowSet()
    if shown_as == PICTURES:
        ticked = _pictures(listed, here, whole)
    else:
        alt = f"{count(chosen.places.size, 'row')}, page {at} of {pages}"
        ticked = _table(listed, chosen, here, whole, alt)
    turn_pages(listed, chosen.places.size, at, pages)
    among = chosen.places.size
    if every:
        return Picked(shown, rows_tools.rule_of(listed, chosen.where), among)
    return Picked(dataset.own_rows(ticked) & shown if len(ticked) else RowSet(), among=among)


def _every(listed: Listed, chosen: ListView) -> bool:
    """The switch that selects all rows shown, on whichever page."""
    number = chosen.places.size
    match = f" that {verb(number, 'matches', 'match')}" if chosen.where is not None else ""
    return select_all(listed.dataset, listed.key, f"{count(number, 'row')}{match}", number)


def _shown_as(listed: Listed) -> str:
    """Whether the list is shown as a table or as pictures, which an image set begins with."""
    dataset = listed.dataset
    if dataset.pictures is None:
        return TABLE
    shown = st.segmented_control(
        "Show as",
        (PICTURES, TABLE),
        default=PICTURES if begins_with_pictures(dataset) else TABLE,
        required=True,
        key=address.key(f"shown-as-{dataset.fingerprint}-{listed.key}"),
        label_visibility="collapsed",
    )
    return str(shown)


def begins_with_pictures(dataset: Dataset) -> bool:
    """Whether lists of its rows begin as pictures: those of an image set."""
    return dataset.pictures is not None and dataset.source.format == IMAGES


def _pictures(listed: Listed, here: Ids, whole: RowSet) -> RowSet:
    """One page of the list as pictures, with what stands beside the rows under each; gives the rows ticked on
    all pages. whole: all rows of the list, where all are selected; both as positions in the source.
    """
    ids, extra = listed.ids[here], listed.extra
    words = [
        [
            f"{head.lower()} {word}" if (word := _word(value)) else ""
            for value in np.asarray(values[here]).tolist()
        ]
        for head, values in extra.items()
        if head != PART  # which the gallery says
    ]
    wanted = (*listed.first, listed.dataset.roles.target)  # what is under all of them says most of each
    named = [name for name in wanted if name in listed.dataset.names][:1]
    for name in named:
        cells = listed.dataset.table([name]).column(0).take(ids).to_pylist()
        words.insert(0, [_word(cell) for cell in cells])
    lines = [" · ".join(filter(None, some)) for some in zip(*words, strict=True)] or [""] * ids.size
    lines = gallery.with_part(listed.dataset, ids, lines)
    gallery.tiles(listed.dataset, ids, listed.key, whole, lines)
    return rows_place.selected(listed.dataset, listed.key, whole)


def _word(value: Any) -> str:
    """A cell in short; "" for a missing one.

    >>> [_word(one) for one in (0.934, 0.0021, 2.0, "a", " ", None)]
    ['0.93', '0.0021', '2', 'a', '␣', '']
    """
    if value is None or value != value:
        return ""
    if not isinstance(value, float):
        return marked(value)
    if value.is_integer():
        return f"{value:.0f}"
    return f"{value:.2g}" if abs(value) < 0.01 else f"{value:.2f}"


def _table(listed: Listed, chosen: ListView, here: Ids, whole: RowSet, alt: str) -> RowSet:
    """One page of the list; gives the rows ticked on all pages. whole: all rows of the list, where all are
    selected; both as positions in the source.
    """
    dataset, key, shown = listed.dataset, listed.key, chosen.columns
    ids = listed.ids[here]
    part = {name: np.asarray(values[here]) for name, values in listed.extra.items()}
    frame = page_frame(dataset, ids, shown, part)
    past, sources = rows_place.selected(dataset, key, whole), dataset.source_ids(ids)
    page = hashlib.blake2b(sources.tobytes(), digest_size=4).hexdigest() + ("-all" if len(whole) else "")
    event = st.dataframe(
        frame,
        hide_index=True,
        key=address.key(f"rows-{dataset.version}-{key}-{page}-{session().turn}-{rows_place.cleared(key)}"),
        on_select="rerun",
        selection_mode=("multi-row", "single-column", "single-cell"),
        selection_default={"selection": {"rows": np.flatnonzero(np.isin(sources, past.ids)).tolist()}},
        column_config=_config(listed.heads, frame) | _helped(dataset, frame, shown),
        placeholder=_mark_of_missing(frame),
        height=min(len(frame), 12) * 35 + 40,
        alt=alt,
    )
    ticked = (past - RowSet(sources)) | RowSet(sources[event.selection.rows])
    if ticked != past and len(whole):  # a box was emptied: no longer all, but the rest
        rows_place.clear(key, ticked)
        st.rerun()
    if ticked != past:
        rows_place.pick(key, ticked)
    rows_clicked.view(listed, ids, event, frame)
    return ticked


def _mark_of_missing(frame: pd.DataFrame) -> str:
    """What stands in an empty cell: a dash, unless a text beside it is one."""
    cells = frame.select_dtypes(exclude="number").to_numpy(dtype=object).ravel()
    return "missing" if any(isinstance(cell, str) and cell.strip() in DASHES for cell in cells) else "–"


def turn_pages(listed: Listed, rows: int, at: int, pages: int) -> None:
    """The pages, which rows of how many are shown, and how to clear what is ticked."""
    key, ticked = listed.key, rows_place.picked(listed.dataset, listed.key)
    if pages < 2 and not ticked:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        if pages > 1:
            turned = session().chosen.get(("turned", key), 0)
            widget = address.key(f"page-{listed.dataset.version}-{key}-{turned}")
            pager.turn(pages, at, widget, on_change=_turned, args=(key, widget))
            st.caption(
                f"{count((at - 1) * PAGE + 1)}–{count(min(rows, at * PAGE))} of {count(rows)}",
                width="content",
            )
        if ticked:
            st.button(  # how many, the bar of actions says
                "Clear the selection",
                key=f"clear-{key}",
                type="tertiary",
                icon=":material/clear:",
                on_click=rows_place.clear,
                args=(key,),
            )


def _turned(key: str, widget: str) -> None:
    number = value(widget, 1) or 1
    rows_place.put(key, page="" if number == 1 else str(number))


def page_frame(dataset: Dataset, ids: Ids, columns: Sequence[str], extra: Mapping[str, Any]) -> pd.DataFrame:
    """The rows ``ids``, in that order: row number, what is decided about them, then the data."""
    import pandas as pd

    data = dataset.frame(list(columns), rows=RowSet(ids)).loc[ids]
    ours = {"Row": dataset.source_ids(ids), DECISION: rows_decided.words(dataset, ids), **extra}
    names = apart(list(ours), list(columns))
    front = pd.DataFrame({names[name]: values for name, values in ours.items()}, index=data.index)
    return pd.concat([front, data], axis=1)


def _config(names: Mapping[str, str], frame: pd.DataFrame) -> dict[str, Any]:
    """How our own columns look: that of decisions as wide as they are. names: as in `page_frame`."""
    make = st.column_config
    decided = text_width([names[DECISION], *frame[names[DECISION]]], *DECIDED)
    looks = {
        "Row": make.NumberColumn(pinned=True, width="small", format="%d", help=rows_tools.NUMBERED),
        "Decision": make.TextColumn(width=decided, pinned=True),
        "Score": make.ProgressColumn(
            min_value=0.0, max_value=1.0, format="%.3f", width="small", help=hint("Outlier score")
        ),
        "Why": make.TextColumn(width="large"),
    }
    return {names[name]: look for name, look in looks.items() if name in names}


def _helped(dataset: Dataset, frame: pd.DataFrame, shown: Sequence[str]) -> dict[str, Any]:
    """Behind each heading what the column holds, where that is known; of dates whose time of day is always
    midnight, the time is left out.
    """
    looks: dict[str, Any] = {}
    for name in shown:
        profile = column_card.known_profile(dataset, name)
        told = None if profile is None else column_card.line(profile)
        dated = dataset[name].stored.startswith("timestamp")
        there = frame[name].dropna() if dated else None
        if there is not None and (there == there.dt.normalize()).all():
            looks[name] = st.column_config.DatetimeColumn(format="YYYY-MM-DD", help=told)
        elif told:
            looks[name] = st.column_config.Column(help=told)
    return looks


def search(dataset: Dataset, ids: Ids, words: str) -> Ids:
    """Those of ``ids`` in which any text column, or the row number, holds ``words`` (upper and lower case
    alike).
    """
    if not words.strip():
        return ids

    def work() -> NDArray[np.bool_]:
        import pyarrow as pa
        import pyarrow.compute as pc

        hit = np.zeros(dataset.rows, bool)
        if words.strip().isdecimal() and int(words) < dataset.numbered:
            hit[dataset.own_rows(RowSet([int(words)])).ids] = True
        for column in dataset.columns:
            if column.stored == "string":
                values = dataset.table([column.name]).column(0)
                matches = pc.match_substring(values, words.strip(), ignore_case=True)
                hit |= np.asarray(pc.fill_null(matches, pa.scalar(False)).to_numpy(), dtype=bool)
        return hit

    return ids[keep(("search", dataset.version, words.strip().lower()), work)[ids]]
