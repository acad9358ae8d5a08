"""The picture of the row under the mouse, beside the pointer, on a figure whose points are rows.

Plotly cannot show pictures in a hover box, and Streamlit hands on no hover event: a component of ours listens
to the figure and asks for the thumbnail of a point, and with it for those of the points around it, so that
they are there when the mouse moves on. Whoever has no mouse has the list of the rows chosen,
which shows the same pictures.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import streamlit as st

from components.state import session, value
from components.streamlit_internals import register_component
from components.widgets.gallery import pictures
from core.dataset import Dataset

HOW = (
    "Rest the mouse on a point to see its picture. Rows that are outlined, or chosen beside the map, are "
    "listed as pictures below."
)
FOLDER = Path(__file__).parents[1] / "static"
MOST = 16  # pictures at once: with every run of the page they are sent again


@st.fragment
def on_hover(dataset: Dataset, chart: str) -> None:
    """Show pictures on the figure with this key, whose ``customdata`` are positions in the source; nothing
    where the data have no pictures.
    """
    if dataset.pictures is None:
        return
    key = f"peek-{chart}"
    rows = np.array(session().chosen.get("peeked", []), np.int64)
    shown = pictures(dataset, rows) if rows.size else []
    name = register_component("peek", FOLDER)
    st.components.v2.component(name, js="peek.js", css="peek.css")(
        key=key,
        data={"chart": chart, "shown": shown},
        height="content",
        on_rows_change=lambda: _hovered(dataset, key),
    )


def _hovered(dataset: Dataset, key: str) -> None:
    """Note which rows are asked for."""
    state, shown = value(key), dataset.pictures
    given = state.get("rows") if state is not None else None
    session().chosen["peeked"] = asked(given, shown.rows if shown is not None else 0)


def asked(given: object, rows: int) -> list[int]:
    """The rows among ``rows`` that a browser asks for, `MOST` at most. What it sends can be anything.

    >>> asked([3, 1, True, "2", 9, -1, 3], 5), asked("34", 5), asked(None, 5)
    ([3, 1], [], [])
    """
    listed = given if isinstance(given, list) else []
    known = [row for row in listed if type(row) is int and 0 <= row < rows]
    return list(dict.fromkeys(known))[:MOST]
