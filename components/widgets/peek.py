"""The picture of the row under the mouse, beside the pointer, on a figure whose points are rows.

Plotly cannot show pictures in a hover box, and Streamlit hands on no hover event: a component of ours listens
to the figure and asks for one thumbnail at a time. Whoever has no mouse has the list of the rows chosen,
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


@st.fragment
def on_hover(dataset: Dataset, chart: str) -> None:
    """Show pictures on the figure with this key, whose ``customdata`` are positions in the source; nothing
    where the data have no pictures.
    """
    if dataset.pictures is None:
        return
    key = f"peek-{chart}"
    row = session().chosen.get("peeked")
    shown = pictures(dataset, np.array([row], np.int64))[0] if row is not None else None
    name = register_component("peek", FOLDER)
    st.components.v2.component(name, js="peek.js", css="peek.css")(
        key=key,
        data={"chart": chart, "shown": shown},
        height="content",
        on_row_change=lambda: _hovered(dataset, key),
    )


def _hovered(dataset: Dataset, key: str) -> None:
    """Note which row is asked for. What a browser sends can be anything."""
    state, shown = value(key), dataset.pictures
    row = state.get("row") if state is not None else None
    known = isinstance(row, int) and shown is not None and 0 <= row < shown.rows
    session().chosen["peeked"] = row if known else None
