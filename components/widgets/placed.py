"""Widgets whose value stands in the page's address: they begin with it and a choice is held there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from components import address


def switch(
    label: str, name: str, words: address.Words, usual: Any, key: str, clears: Sequence[str] = (), **look: Any
) -> Any:
    """One of a few ways, side by side. words: value -> text in the address. clears: names whose values mean
    nothing once the way is another. look: what else `st.segmented_control` takes.
    """
    widget = address.key(key)
    return st.segmented_control(
        label,
        list(words),
        default=address.meant(name, words, usual),
        required=True,
        key=widget,
        wrap=True,  # else those that do not fit are cut off at the edge
        **address.noting(name, widget, words, usual, clears),
        **look,
    )


def search(key: str, label: str = "Search in these rows", **look: Any) -> str:
    """A text to search for. look: what else `st.text_input` takes."""
    widget = address.key(key)
    return st.text_input(
        label,
        address.text("search"),
        key=widget,
        icon=":material/search:",
        **{"placeholder": "Any text, or a row number", "width": 320, **look},
        **address.noting("search", widget),
    )
