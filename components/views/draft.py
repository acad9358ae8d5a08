"""A file that was chosen and not yet loaded: what was guessed, the first rows, kinds and roles, and the button that loads it."""

from __future__ import annotations

import streamlit as st

from components.state import Draft


def view(draft: Draft) -> None:
    st.write(draft.name)
