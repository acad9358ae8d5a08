"""The overlap page where there is one part only: what is missing for a comparison, and three ways to it. The
map stands below.
"""

from __future__ import annotations

import streamlit as st

from components import address, open_data
from components.text import plain
from components.widgets import splitting, vectors
from core.dataset import Dataset


def view(dataset: Dataset) -> None:
    """What is missing, and three ways to it."""
    way = "split it or load a second file" if splitting.can_split(dataset) else "load a second file"
    why = (
        "is one part: to compare rows that a model learns from (train) with rows that it meets (serve), "
        f"{way}."
    )
    st.info(f"{plain(dataset.name, 60)} {why}", icon=":material/call_split:")
    splitting.picker(dataset)
    with st.container(horizontal=True, vertical_alignment="center"):
        address.link("pages/data/load.py", "Load a second file", icon=":material/upload_file:")
        st.button(
            "Load sample data",
            icon=":material/science:",
            key="overlap-sample",
            on_click=_sample,
            type="tertiary",
        )
        with st.popover("Vectors", icon=":material/scatter_plot:", type="tertiary"):
            vectors.picker(dataset.base or dataset)


def _sample() -> None:
    """The first sample data set that has both parts."""
    open_data.ask_sample(
        next(sample for sample in open_data.all_samples() if "serve" in sample.files), stay=True
    )
