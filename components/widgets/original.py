"""One picture as large as it came, over the page."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import streamlit as st

from components import guard
from components.state import keep, session
from components.text import plain
from core.dataset import Dataset
from core.errors import CoreError

if TYPE_CHECKING:
    from core.loading.originals import Whole

LARGEST = 1_600  # pixels of the longer side that is sent to the browser
SMALL = 440  # pixels up to which a small one is enlarged, pixel by pixel
_ASKED = "original asked for"


def ask(row: int, key: str) -> None:
    """Have the picture of a row, by its position in the source, shown by the gallery with this key."""
    session().chosen[_ASKED] = (key, row)


def answer(dataset: Dataset, key: str, called: Callable[[int], str]) -> None:
    """Show the picture that was asked for in the gallery with this key, once. called: the name of a row."""
    asked = session().chosen.get(_ASKED)
    if asked is not None and asked[0] == key:
        session().chosen.pop(_ASKED)
        row = asked[1]
        show = _over_the_page if longer_side(dataset, row) > SMALL else _over_a_part
        show(dataset, row, called(row))


def longer_side(dataset: Dataset, row: int) -> float:
    """How many pixels the longer side of a row's picture has; infinite where that is not known. row: its
    position in the source.
    """
    base, sides = dataset.base or dataset, ("image_width", "image_height")
    if not set(sides) <= set(base.measured) or not 0 <= row < base.rows:
        return float("inf")
    found = [base.table([side]).column(0)[row].as_py() for side in sides]
    return float("inf") if None in found else float(max(found))


@st.dialog("Original", width="large")
def _over_the_page(dataset: Dataset, row: int, name: str) -> None:
    _drawn(dataset, row, name)


@st.dialog("Original")
def _over_a_part(dataset: Dataset, row: int, name: str) -> None:
    """For a small picture, around which a wide window would be empty."""
    _drawn(dataset, row, name)


def _drawn(dataset: Dataset, row: int, name: str) -> None:
    st.markdown(f"**{plain(name, 200)}**")
    with st.spinner("Reading the original"):
        mark = ("original", dataset.fingerprint, row)
        whole = keep(mark, lambda: guard.attempt(lambda: _read(dataset, row)), newest=True)
    if isinstance(whole, CoreError):
        guard.show(whole)
        return
    width, height = whole.size
    if whole.pixels is None:
        st.caption(f"It cannot be shown at its full size: {plain(whole.why, 200)}.")
        return
    from core.loading.images.measures import shrunk

    picture = shrunk(whole.pixels, LARGEST)
    times = max(1, SMALL // max(picture.shape[:2]))
    st.image(picture.repeat(times, axis=0).repeat(times, axis=1), alt=name)
    said = f", each drawn {times} times as large" if times > 1 else ""
    if picture.shape[1] < width:
        said = f", shown at {picture.shape[1]:,} x {picture.shape[0]:,}"
    st.caption(f"{width:,} x {height:,} pixels{said}.")


def _read(dataset: Dataset, row: int) -> Whole:
    from core.loading.originals import originals

    assert dataset.pictures is not None
    [whole] = originals(dataset.pictures, [row])
    return whole
