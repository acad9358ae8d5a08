"""Home: the journey in one picture, and the ways in."""

from __future__ import annotations

import streamlit as st

from components import address, open_data
from components.figures.journey import ALT, journey
from components.state import session
from components.text import plain
from components.widgets import layout, sources

STEPS = (
    (
        "1",
        "Load",
        "Drop a table or an archive of images. You are then asked for a second file, to serve.",
    ),
    ("2", "See", "What is in it, and what would hurt a model, worst first."),
    ("3", "Decide", "Keep, drop, relabel or weigh rows. Nothing is done behind your back."),
    ("4", "Export", "The cleaned table or images, and a recipe that makes them again."),
)


def view() -> None:
    """Promise, picture, steps, then one click to start."""
    st.markdown(
        "#### Find what is wrong with your data, decide what to do about it, and export a data set that you "
        "can stand behind."
    )
    st.image(journey(), width="stretch", alt=ALT)
    for place, (number, name, line) in zip(layout.cells(4, 190), STEPS, strict=True):
        place.markdown(f"**{number} · {name}**  \n{line}")
    st.space("small")
    with st.container(horizontal=True, vertical_alignment="center"):
        dataset = session().dataset
        if dataset is not None:
            label = f"Go on with {plain(dataset.name, 40)}"
            address.link("pages/explore/profile.py", label, icon=":material/arrow_forward:")
        for sample in open_data.all_samples()[:1]:
            label = f"Start with {plain(sample.title, 40)}"
            kind = "secondary" if dataset else "primary"
            st.button(
                label,
                type=kind,
                icon=":material/play_arrow:",
                key="start",
                on_click=open_data.ask_sample,
                args=(sample,),
            )
        address.link(
            "pages/data/load.py", "Load your own file, or another sample", icon=":material/upload_file:"
        )
    sources.recents(limit=3)
    st.caption(
        "Everything stays on this machine. The file you load is never changed; decisions are saved as you "
        "make them."
    )
