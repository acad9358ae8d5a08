"""What a click opened comes into view: the answer is seen where the click was, wherever the page stands."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from components.streamlit_internals import register_component

FOLDER = Path(__file__).parents[1] / "static"


def follow(name: str, target: str) -> None:
    """Bring the container with the key ``target`` into view when another one than in the last run is open.

    name: of the place where one of several is open; drawn in every run, with "" for a ``target`` where none
    is. What is open when the page is first drawn does not move it.
    """
    component = register_component("view", FOLDER)
    st.components.v2.component(component, js="view.js")(
        key=f"view-{name}", data={"name": name, "target": target}, height="content"
    )
