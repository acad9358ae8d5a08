"""A figure on the page: made once, drawn in the page's theme, told in words, explained."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

import streamlit as st

from components.figures.theme import CONFIG, is_empty
from components.server import figures
from components.state import keep, put, session, value
from components.streamlit_internals import theme_for_figures

if TYPE_CHECKING:
    import plotly.graph_objects as go

_QUIET = {**CONFIG, "displayModeBar": False}


def figure_of(mark: tuple[Any, ...], make: Callable[[], go.Figure]) -> go.Figure:
    """The figure kept under ``mark``: the same object each time, as a selection is lost when the figure
    changes in any way.
    """
    theme_for_figures()
    return keep(("figure", *mark), lambda: figures().figure(make))


def chart(
    mark: tuple[Any, ...],
    make: Callable[[], go.Figure],
    key: str,
    alt: str,
    how: str = "",
    without: str = "",
) -> None:
    """Draw a figure that is only looked at. how: Markdown of ours on how to read it. without: what is said in
    its place where nothing is in it, such as what it takes, in Markdown; "" where it is left out without a
    word.
    """
    figure = figure_of(mark, make)
    if is_empty(figure):
        if without:
            st.caption(without)
        return
    st.plotly_chart(figure, key=key, config=_QUIET, alt=alt)
    explain(how)


def selectable(figure: go.Figure, key: str, alt: str) -> dict[str, Any]:
    """Draw a figure on which rows are chosen by lasso or box; gives the outlines drawn."""
    event = st.plotly_chart(
        figure, key=key, on_select="rerun", selection_mode=("lasso", "box"), config=CONFIG, alt=alt
    )
    return dict(event.selection)


def pickable(
    mark: tuple[Any, ...],
    make: Callable[[], go.Figure],
    key: str,
    alt: str,
    into: Callable[[Any], None],
    how: str = "",
) -> None:
    """Draw a figure whose bars or points can be clicked; ``into`` is given the custom data of the one
    clicked, before the page is redrawn. One with nothing in it is left out.

    Whatever else changes the choice calls `unpick`, so that the figure does not go on showing the old one.
    """
    figure = figure_of(mark, make)
    if is_empty(figure):
        return
    key = f"{key}-{session().chosen.get(f'picks-{key}', 0)}"
    st.plotly_chart(
        figure,
        key=key,
        config=_QUIET,
        alt=alt,
        on_select=partial(_picked, key, into),
        selection_mode="points",
    )
    explain(how)


def _picked(key: str, into: Callable[[Any], None]) -> None:
    points = value(key)["selection"]["points"]
    if points:
        into(points[0]["customdata"])


def unpick(key: str) -> None:
    """Forget what was clicked on the figure with this key: a new key is the only way to clear it."""
    session().chosen[f"picks-{key}"] = session().chosen.get(f"picks-{key}", 0) + 1


def pick_into(widget: str) -> Callable[[Any], None]:
    """What `pickable` wants, for a widget with this key that offers the custom data as options."""
    return partial(put, widget)


def explain(how: str) -> None:
    """How to read the figure above, folded."""
    if how:
        with st.expander("How to read this", icon=":material/help:"):
            st.markdown(how)
