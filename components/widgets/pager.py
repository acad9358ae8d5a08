"""The pages of a list: arrows, numbers, and which page of how many is shown."""

from __future__ import annotations

from typing import Any

import streamlit as st

from components import address
from components.state import session, value
from core.phrases import count

NUMBERS = 7  # pages that have a button
ROOM = 5  # numbers for which there is room at least: where there is less, Streamlit leaves out all but one
BUTTON, EDGES = 36, 16  # pixels of a number or an arrow, and beside all of them


def shown(key: str, pages: int, usual: int = 1) -> int:
    """The page to show of a list that `held` turns, from 1: the one last turned to, also where the list was
    away meanwhile, as while checks run, or is shorter now.
    """
    return min(pages, max(1, int(session().chosen.get(("page", key), usual))))


def held(pages: int, at: int, key: str) -> None:
    """Turn the pages of a list, and hold the page under this key."""
    widget = address.key(f"{key}-of-{pages}")

    def hold() -> None:
        session().chosen["page", key] = value(widget, at)

    turn(pages, at, widget, on_change=hold)


def turn(pages: int, at: int, key: str, **given: Any) -> None:
    """Turn the pages of a list that shows page ``at``, within a horizontal place."""
    width = BUTTON * (min(max(pages, ROOM), NUMBERS) + 2) + EDGES
    st.pagination(pages, default=at, key=key, max_visible_pages=NUMBERS, width=width, **given)
    st.caption(f"Page {count(at)} of {count(pages)}", width="content")
