"""The picture of doubtful labels: given against suggested, where a square can be clicked; the noise matrix;
doubt by class.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from components import address, results
from components.figures import labels as drawn
from components.text import cut, level, plain
from components.widgets import placed
from components.widgets.chart import chart, pickable, unpick
from core.dataset import Dataset

if TYPE_CHECKING:
    from core.analyses.labels.result import LabelResult

CROSSED, NOISE, CLASSES = "Given and suggested", "Noise matrix", "By class"
FIGURES = {CROSSED: "crossed", NOISE: "noise", CLASSES: "classes"}
UNSAID = "Which labels are doubtful cannot be said."
NOISE_UNSAID = "Which label the rows of a class carry by mistake, and how often, cannot be said."
SQUARE = ("class", "with")  # names of the square that was clicked


def view(dataset: Dataset, result: LabelResult) -> None:
    """Given against suggested, where a square can be clicked; the noise matrix; doubt by class."""
    key = f"labels-figure-{dataset.version}"
    shown = placed.switch("Figure", "layer", FIGURES, CROSSED, key, label_visibility="collapsed")
    mark = (shown, *results.mark(dataset, "labels"))
    if result.unchecked and shown == NOISE:
        st.caption(f"{NOISE_UNSAID} {plain(result.unchecked, 400)}")
    elif not (result.tier > 0).any() and shown != NOISE:
        st.caption(UNSAID if result.unchecked else "No label is doubtful.")
    elif shown == NOISE:
        chart(
            mark,
            partial(drawn.noise, result),
            f"noise-{dataset.version}",
            drawn.ALT_NOISE,
            drawn.HOW_NOISE,
            "No row is likely of another class than its label.",
        )
    elif shown == CLASSES:
        chart(
            mark,
            partial(drawn.by_class, result),
            f"classes-{dataset.version}",
            drawn.ALT_CLASSES,
            drawn.HOW_CLASSES,
        )
    else:
        pickable(
            mark,
            partial(drawn.figure, result),
            _figure_key(dataset),
            drawn.ALT,
            lambda places: _choose(result, places),
            drawn.HOW,
        )
    if result.evidence and len(result.evidence.classes) > drawn.SHOWN:
        st.caption(f"The {drawn.SHOWN} classes with the most doubtful labels are drawn.")


def _figure_key(dataset: Dataset) -> str:
    return f"labels-crossed-{dataset.version}"


def _choose(result: LabelResult, places: Any) -> None:
    """The square that was clicked."""
    assert result.evidence is not None
    given, suggested = (result.evidence.classes[int(place)] for place in places)
    address.go(class_=given, with_=suggested)


def in_square(
    dataset: Dataset, result: LabelResult, shown: NDArray[np.bool_]
) -> tuple[NDArray[np.bool_], str]:
    """Those of the rows shown that stand in the square that was clicked, and which it is; with a way back."""
    assert result.evidence is not None
    classes = result.evidence.classes
    given, suggested = (address.one_of(name, classes) for name in SQUARE)
    if given is None or suggested is None:
        return shown, ""
    there = (result.evidence.given == classes.index(given)) & (result.suggested == classes.index(suggested))
    with st.container(border=True):
        st.markdown(f"Given **{level(given)}**, suggested **{level(suggested)}**")
        st.button(
            "All squares",
            icon=":material/clear:",
            key=f"labels-all-{dataset.version}",
            on_click=_all_squares,
            args=(dataset,),
        )
    return shown & there, f"given {cut(given, 40)}, suggested {cut(suggested, 40)}"


def _all_squares(dataset: Dataset) -> None:
    unpick(_figure_key(dataset))
    for name in SQUARE:
        address.note(name, "")
