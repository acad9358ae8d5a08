"""What was clicked in a list of rows: a heading opens the card of its column, a cell the box to change it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from components import as_decided
from components.state import session
from components.text import plain
from components.widgets import cell_edit, column_card, rows_tools
from components.widgets.layout import text_width
from components.widgets.rows_tools import Listed
from core.rowset import RowSet

if TYPE_CHECKING:
    import pandas as pd

HINT = "Click a cell to change it, or a heading to sort and to see the column."
WIDTHS = (64, 190)  # pixels: of the narrowest and the widest column
PAGE_WIDE = 980  # pixels of a table that takes the page
SIDES = (" · new", " · before")  # behind the name of a column that stands there twice


def view(
    listed: Listed, rows: NDArray[np.int64], event: Any, frame: pd.DataFrame, place: int = PAGE_WIDE
) -> None:
    """The card, the box, and the answer to the last change. rows: those of the page, of the data listed.
    frame: the table that is drawn, in a place of so many pixels where the window is of the usual width.
    """
    key = listed.key
    if not event.selection.cells and not event.selection.columns:
        st.caption(" ".join(filter(None, [HINT, beyond(frame, place)])))
    cell_edit.answer(key)
    for line, heading in event.selection.cells[:1]:
        if line < rows.size:
            _cell(listed, int(rows[line]), column_of(listed, heading))
            _whole(listed, int(rows[line]), heading)
    for heading in event.selection.columns[:1]:
        name = heading if heading in listed.sortable else column_of(listed, heading)
        if name:
            with st.container(border=True, key=f"column-{key}"):
                _sort_buttons(key, name)
                if name in listed.dataset.names:
                    column_card.view(listed.dataset, name, key)


def beyond(frame: pd.DataFrame, place: int) -> str:
    """That a table has more columns than are seen at once: at its edge one is cut, in the middle of a number
    at times; "" where it likely fits.

    >>> import pandas as pd
    >>> beyond(pd.DataFrame(1_000_000, index=[0], columns=[f"column {n}" for n in range(18)]), 1_000)
    'More columns follow: scroll sideways.'
    >>> beyond(pd.DataFrame({"Row": [0], "town": ["Oslo"]}), 1_000)
    ''
    """
    taken = (text_width([str(head), *map(str, frame[head])], *WIDTHS) for head in frame.columns)
    return "More columns follow: scroll sideways." if sum(taken) > place else ""


def column_of(listed: Listed, heading: str) -> str:
    """The column of the data that stands under a heading; "" for one of ours."""
    names = listed.dataset.names
    bare = next((heading.removesuffix(side) for side in SIDES if heading.endswith(side)), heading)
    return next((name for name in (heading, bare) if name in names), "")


def _cell(listed: Listed, row: int, column: str) -> None:
    """The box, for what the cell holds in the data that the pages show: a change is the last step."""
    opened, source = session().dataset, listed.dataset.source_rows(RowSet([row]))
    if not column or opened is None:
        return
    now = opened if session().as_loaded else as_decided.decided(opened)
    there = now.own_rows(source).ids
    if column not in now.names or not there.size:
        st.caption("This cell is not in the data as decided, so that it cannot be changed.")
        return
    cell_edit.view(now, int(there[0]), column, listed.key)


def _whole(listed: Listed, row: int, heading: str) -> None:
    """All of a text of ours, such as why a row is listed, of which its cell shows the beginning."""
    word = next((one for one in listed.extra if listed.heads[one] == heading), "")
    if word:
        [text] = np.asarray(listed.extra[word][np.flatnonzero(listed.ids == row)[:1]]).tolist()
        if isinstance(text, str) and text:
            st.markdown(f"**{plain(heading)}** {plain(text, 1_000)}")


def _sort_buttons(key: str, heading: str) -> None:
    with st.container(horizontal=True, gap="small"):
        for way, icon in (("Ascending", "upward"), ("Descending", "downward")):
            st.button(
                f"Sort {way.lower()}",
                icon=f":material/arrow_{icon}:",
                key=f"sort-{way}-{key}",
                type="tertiary",
                on_click=rows_tools.sort_by,
                args=(key, heading, way == "Descending"),
            )
