"""A list of rows, paged on the server: at most one page ever goes to the browser."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from components import decisions
from components.glossary import hint
from components.state import keep, session, value
from components.text import cut
from core.actions import ACTIONS, statuses
from core.dataset import Dataset
from core.phrases import count
from core.rowset import RowSet

if TYPE_CHECKING:
    import pandas as pd

PAGE = 25
SHOWN = 30  # most columns in one list
Ids = NDArray[np.int64]


def listing(
    dataset: Dataset,
    ids: Ids,
    key: str,
    extra: Mapping[str, Any] | None = None,
    first: Sequence[str] = (),
    what: str = "",
) -> RowSet:
    """Show rows in the order of ``ids``, with ticks; gives those ticked, or all when "all" is switched on.

    extra: name -> array aligned with ``ids`` (score, why …), shown before the data. first: columns to show
    before the others.
    """
    version = f"{dataset.version}-{key}"
    if not ids.size:
        st.caption("No rows here.")
        return RowSet()
    with st.container(horizontal=True, vertical_alignment="center"):
        every = st.toggle(f"Select all {count(ids.size, 'row')}", key=f"all-{version}-{session().turn}")
        st.caption(what, width="content")
        shown = _columns(dataset, version, first)
    pages = -(-ids.size // PAGE)
    at = min(pages, max(1, value(f"page-{version}", 1) or 1))
    here = slice((at - 1) * PAGE, at * PAGE)
    part = {name: np.asarray(values[here]) for name, values in (extra or {}).items()}
    frame = page_frame(dataset, ids[here], shown, part)
    event = st.dataframe(
        frame,
        hide_index=True,
        key=f"rows-{version}-{at}-{session().turn}",
        on_select="rerun",
        selection_mode="multi-row",
        column_config=_config(_apart(["Row", "Decision", *part], shown)) | _days(dataset, frame, shown),
        placeholder="–",
        height=min(len(frame), 12) * 35 + 40,
        alt=f"{count(ids.size, 'row')}, page {at} of {pages}",
    )
    if pages > 1:
        st.pagination(pages, key=f"page-{version}", max_visible_pages=7)
    if every:
        return RowSet(ids)
    return RowSet(ids[here][event.selection.rows]) if event.selection.rows else RowSet()


def page_frame(dataset: Dataset, ids: Ids, columns: Sequence[str], extra: Mapping[str, Any]) -> pd.DataFrame:
    """The rows ``ids``, in that order: row number, what is decided about them, then the data."""
    import pandas as pd

    data = dataset.frame(list(columns), rows=RowSet(ids)).loc[ids]
    ours = {"Row": dataset.source_ids(ids), "Decision": decided(dataset, ids), **extra}
    names = _apart(list(ours), list(columns))
    front = pd.DataFrame({names[name]: values for name, values in ours.items()}, index=data.index)
    return pd.concat([front, data], axis=1)


def _apart(ours: list[str], theirs: list[str]) -> dict[str, str]:
    """Names for our columns that no column of the data has."""
    names = {}
    for name in ours:
        names[name] = name
        while names[name] in theirs:
            names[name] += " ·"
    return names


def decided(dataset: Dataset, ids: Ids) -> list[str]:
    """What stands decided about each of these rows, in words."""
    now = decisions.settled(dataset)
    states = [ACTIONS[word].counted if word in ACTIONS else "" for word in statuses()]
    lines = []
    for row in ids.tolist():
        parts = [states[now.status[row]]]
        parts += [
            f"{column} → {_to(now.values[codes[row]])}"
            for column, codes in now.labels.items()
            if codes[row] >= 0
        ]
        if not np.isnan(now.weight[row]):
            parts.append(f"weight {now.weight[row]:g}")
        lines.append(", ".join(cut(part, 60) for part in parts if part))
    return lines


def _to(label: str | None) -> str:
    return "missing" if label is None else label


def _columns(dataset: Dataset, key: str, first: Sequence[str]) -> list[str]:
    """The columns to show: those asked for, then the others, at most `SHOWN` unless chosen by hand."""
    order = list(dict.fromkeys([*(name for name in first if name in dataset.names), *dataset.names]))
    if len(order) <= SHOWN:
        return order
    with st.popover(
        f"{SHOWN} of {count(len(order), 'column')} shown", icon=":material/view_column:", type="tertiary"
    ):
        chosen = st.multiselect("Columns", order, order[:SHOWN], key=f"shown-{key}")
    return chosen or order[:1]


def _config(names: Mapping[str, str]) -> dict[str, Any]:
    """How our own columns look. names: as in `page_frame`."""
    make = st.column_config
    looks = {
        "Row": make.NumberColumn(pinned=True, width="small", help="Position in the source, from 0"),
        "Decision": make.TextColumn(width="small", pinned=True),
        "Score": make.ProgressColumn(
            min_value=0.0, max_value=1.0, format="%.3f", width="small", help=hint("Outlier score")
        ),
        "Why": make.TextColumn(width="large"),
    }
    return {names[name]: look for name, look in looks.items() if name in names}


def _days(dataset: Dataset, frame: pd.DataFrame, shown: Sequence[str]) -> dict[str, Any]:
    """Columns of dates whose time of day is always midnight: the time is left out."""
    times = [name for name in shown if dataset[name].stored.startswith("timestamp")]
    whole = [name for name in times if (frame[name].dropna() == frame[name].dropna().dt.normalize()).all()]
    return {name: st.column_config.DatetimeColumn(format="YYYY-MM-DD") for name in whole}


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
        if words.strip().isdecimal() and int(words) < (dataset.base or dataset).rows:
            hit[dataset.own_rows(RowSet([int(words)])).ids] = True
        for column in dataset.columns:
            if column.stored == "string":
                values = dataset.table([column.name]).column(0)
                matches = pc.match_substring(values, words.strip(), ignore_case=True)
                hit |= np.asarray(pc.fill_null(matches, pa.scalar(False)).to_numpy(), dtype=bool)
        return hit

    return ids[keep(("search", dataset.version, words.strip().lower()), work)[ids]]
