"""Importance against doubt: the figure, the rows of a quadrant or of an outline, and what to do with them."""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from components import panel, results
from components.figures import importance as drawn
from components.figures.points import numbered
from components.figures.selection import chosen
from components.glossary import hint
from components.settings_form import settings_form
from components.state import keep, session
from components.text import plain
from components.views.coreset import removal
from components.widgets import actions, layout, rows
from components.widgets.chart import explain, figure_of, selectable
from core.analyses.importance.analysis import QUADRANTS, WHAT, ImportanceSettings
from core.dataset import Dataset
from core.limits import DRAWN_POINTS
from core.phrases import count, verb

if TYPE_CHECKING:
    from core.analyses.importance.analysis import ImportanceResult

Ids = NDArray[np.int64]
UNSAID = (
    "Importance is not drawn against doubt: which labels mislead cannot be said, for the reason above. The "
    "rows that are rare can still be chosen."
)
NAME, SAMPLES, ASKED = "importance", "Cleaning samples", "importance-asked"


def view(dataset: Dataset) -> None:
    """The whole part, once it is asked for or known: judging labels takes a while. Nothing but a word where
    they cannot be judged.
    """
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader("Which rows matter, and which mislead?", width="stretch")
        settings_form(NAME, dataset)
    if results.worked_out(dataset, NAME) is None and not session().chosen.get(ASKED):
        st.caption(
            "Importance beside doubt: how far each row lies from the others, and whether its label is "
            "likely wrong, by models that did not see it."
        )
        st.button("Judge the rows", icon=":material/scatter_plot:", key="importance-judge", on_click=_ask)
        return
    outcomes = results.outcomes(dataset, NAME)
    if outcomes is None:
        return
    result: Any = outcomes[NAME].result
    if result is None or result.status.state != "ok":
        panel.failed(dataset, outcomes[NAME])
        return
    _body(dataset, result)


def _body(dataset: Dataset, result: ImportanceResult) -> None:
    place, left, right = st.container(), *layout.thirds(2, 1, "importance")
    with right:
        lines = _lines(dataset, result)
    mark = (results.mark(dataset, NAME), lines)
    quadrant = keep(("quadrant", mark), lambda: result.by_lines(*lines))
    tally = np.bincount(quadrant, minlength=len(QUADRANTS))
    place.markdown(_headline(result, tally.tolist()))
    place.caption(
        "Importance is told here without the label. That by which the coreset is drawn, listed below, looks "
        "at the label too: a row that it does not expect matters more."
    )
    panel.notes(result)
    with left:
        outline = _figure(dataset, result, lines, mark)
    with right:
        ids, what = _choose(dataset, result, quadrant, outline, mark)
    at = np.searchsorted(result.row, ids)
    extra = {"Importance": result.importance[at].round(3), "Doubt": result.doubt[at].round(3)}
    target = dataset.roles.target
    picked = rows.listing(dataset, ids, NAME, extra, first=(target,) if target else (), what=what)
    removal.view(dataset, picked, NAME)
    actions.bar(dataset, picked, NAME, None, "defer")


def _headline(result: ImportanceResult, tally: list[int]) -> str:
    """How many rows each quadrant has; only how many are rare, where doubts mean nothing."""
    if result.unchecked:
        rare = tally[1] + tally[3]
        return (
            f"{count(rare)} of {count(sum(tally), 'row')} {verb(rare, 'is', 'are')} rare. Which labels "
            f"mislead cannot be said. {plain(result.unchecked, 400)}"
        )
    return (
        f"{count(tally[3])} rare and contradicted, {count(tally[2])} ordinary but contradicted, "
        f"{count(tally[1])} rare but consistent; {count(tally[0])} ordinary and consistent."
    )


def _lines(dataset: Dataset, result: ImportanceResult) -> tuple[float, float]:
    """The thresholds, beginning with those of the settings; that of doubt where it can be said."""
    settings = result.settings
    assert isinstance(settings, ImportanceSettings)
    rare = st.slider(
        "Rare from an importance of",
        0.2,
        10.0,
        float(np.clip(settings.rare, 0.2, 10.0)),
        0.1,
        key=f"importance-rare-{dataset.version}",
        help=hint("Sampling importance"),
    )
    if result.unchecked:
        return float(rare), settings.contradicted
    doubt = st.slider(
        "Contradicted from a doubt of",
        0.05,
        0.95,
        float(np.clip(settings.contradicted, 0.05, 0.95)),
        0.05,
        key=f"importance-doubt-{dataset.version}",
        help=hint("Doubt"),
    )
    return float(rare), float(doubt)


def _figure(
    dataset: Dataset,
    result: ImportanceResult,
    lines: tuple[float, float],
    mark: tuple[Any, ...],
) -> dict[str, Any]:
    if result.unchecked:
        st.caption(UNSAID)
        return {}
    given = (result, lines, DRAWN_POINTS.value)
    figure = figure_of(("importance", mark), partial(numbered, drawn.importance_map, dataset, *given))
    key = f"importance-{dataset.version}-{lines}-{session().chosen.get('importance-lasso', 0)}"
    outline = selectable(figure, key, drawn.ALT)
    explain(drawn.HOW)
    return outline


def _choose(
    dataset: Dataset,
    result: ImportanceResult,
    quadrant: NDArray[np.int8],
    outline: dict[str, Any],
    mark: tuple[Any, ...],
) -> tuple[Ids, str]:
    """Rows of the data shown, the most doubted first, and which they are."""
    shape = {name: outline.get(name) for name in ("box", "lasso")}
    if any(shape.values()):
        held = keep(
            ("importance-outlined", mark, json.dumps(shape)),
            lambda: chosen(shape, *drawn.places(result.importance, result.doubt)),
        )
        inside = np.flatnonzero(held)
        st.markdown(f"**{count(inside.size, 'row')}** in your selection")
        st.button("Clear the selection", icon=":material/clear:", key="importance-clear", on_click=_clear)
        return _ordered(result, inside), "inside the selection"
    contradicted = () if result.unchecked else (QUADRANTS[3], QUADRANTS[2])
    options = [*contradicted, QUADRANTS[1], SAMPLES]
    first = _first_with_rows(result, options)
    way = st.radio("Rows", options, first, key=f"importance-way-{dataset.version}")
    if way == SAMPLES:
        st.caption("The most doubted rows, as many as the settings say: of all, or of single classes.")
        return result.samples, "the most doubted"
    st.caption(WHAT[way])
    return _ordered(result, np.flatnonzero(quadrant == QUADRANTS.index(way))), way


def _first_with_rows(result: ImportanceResult, options: list[str]) -> int:
    """The place of the first choice that has rows by the thresholds of the settings, so that no list opens
    empty; it stays while the sliders are moved.
    """
    there = {QUADRANTS[one] for one in np.unique(result.quadrant).tolist()}
    return next(at for at, one in enumerate(options) if one in there or one == SAMPLES)


def _ordered(result: ImportanceResult, places: Ids) -> Ids:
    order = np.lexsort((result.row[places], -result.importance[places], -result.doubt[places]))
    return np.asarray(result.row[places[order]])


def _ask() -> None:
    session().chosen[ASKED] = True


def _clear() -> None:
    session().chosen["importance-lasso"] = session().chosen.get("importance-lasso", 0) + 1
