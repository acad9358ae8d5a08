"""The pages of a list: arrows, numbers, and which page of how many is shown."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core.phrases import count

NUMBERS = 7  # pages that have a button
ROOM = 5  # numbers for which there is room at least: where there is less, Streamlit leaves out all but one
BUTTON, EDGES = 36, 16  # pixels of a number or an arrow, and beside all of them


def turn(pages: int, at: int, key: str, **given: Any) -> None:
    """Turn the pages of a list that shows page ``at``, within a horizontal place."""
    width = BUTTON * (min(max(pages, ROOM), NUMBERS) + 2) + EDGES
    st.pagination(pages, default=at, key=key, max_visible_pages=NUMBERS, width=width, **given)
    st.caption(f"Page {count(at)} of {count(pages)}", width="content")
