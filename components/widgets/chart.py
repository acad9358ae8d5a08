"""A figure on the page: made once, drawn in the page's theme, told in words, explained."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import streamlit as st

from components.adapter import theme_for_figures
from components.figures.theme import CONFIG
from components.state import keep

if TYPE_CHECKING:
    import plotly.graph_objects as go


def figure_of(mark: tuple[Any, ...], make: Callable[[], go.Figure]) -> go.Figure:
    """The figure kept under ``mark``: the same object each time, as a selection is lost when the figure changes in any way."""
    theme_for_figures()
    return keep(("figure", *mark), make)


def chart(mark: tuple[Any, ...], make: Callable[[], go.Figure], key: str, alt: str, how: str = "") -> None:
    """Draw a figure that is only looked at. how: Markdown of ours on how to read it."""
    quiet = {**CONFIG, "displayModeBar": False}
    st.plotly_chart(figure_of(mark, make), key=key, config=quiet, alt=alt)
    explain(how)


def selectable(figure: go.Figure, key: str, alt: str) -> dict[str, Any]:
    """Draw a figure on which rows are chosen by lasso or box; gives the outlines drawn."""
    event = st.plotly_chart(figure, key=key, on_select="rerun", selection_mode=("lasso", "box"), config=CONFIG, alt=alt)
    return dict(event.selection)


def explain(how: str) -> None:
    """How to read the figure above, folded."""
    if how:
        with st.expander("How to read this", icon=":material/help:"):
            st.markdown(how)
