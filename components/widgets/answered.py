"""The line that says what was just done."""

from __future__ import annotations

import streamlit as st

from components.state import Notice
from components.text import plain


def line(notice: Notice, key: str) -> None:
    """What was done, and the button that takes it back. key: of the place that it stands at."""
    word = notice.label.lower()
    with st.container(horizontal=True, vertical_alignment="center", width="content", key=f"answer-{key}"):
        st.markdown(f":green[:material/check_circle: {plain(notice.text, 500)}]", width="content")
        st.button(
            notice.label,
            icon=f":material/{word}:",
            key=f"{word}-{key}",
            type="tertiary",
            on_click=notice.back,
        )
