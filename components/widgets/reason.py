"""Where the reason of a decision is typed."""

from __future__ import annotations

from typing import Literal

import streamlit as st

LONGEST = 300  # characters


def field(key: str, width: int | Literal["stretch"] = "stretch") -> str:
    """The reason as it is typed, "" for none. width: in pixels."""
    given: str | None = st.text_input(
        "Reason",
        key=key,
        placeholder="Reason (optional)",
        label_visibility="collapsed",
        max_chars=LONGEST,
        width=width,
    )
    return given or ""
