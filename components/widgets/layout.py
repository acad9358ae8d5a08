"""Side by side where there is room, one below the other where there is not."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING

import streamlit as st

from components.text import cut, cut_within, shortened

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

_NARROW, _USUAL, _CAPITAL, _WIDE = 4.0, 7.5, 9.0, 11.5  # pixels of letters in a table
CELL = 18  # pixels of a cell beside its text
LETTER, PADDING = 8, CELL  # pixels: of a letter in a table, beside what a cell of it holds
LINE = 23  # pixels of a line of a caption
TRACK, GAP = 250, 32  # pixels: narrower than this, thirds of the page are stacked; between two of them


def headed(key: str) -> tuple[DeltaGenerator, DeltaGenerator]:
    """A place for a headline, and one at its right for buttons, which stay there however many lines the
    headline has. key: of the two alone.
    """
    name = f"head-{key}"
    st.html(f"<style>.st-key-{name} > :first-child {{flex: 1 1 {TRACK}px; min-width: 0;}}</style>")
    with st.container(horizontal=True, key=name):
        return st.container(), st.container(horizontal=True, width="content")


def halves(least: int = TRACK) -> tuple[DeltaGenerator, DeltaGenerator]:
    """Two places that share the page's width evenly, ``least`` pixels each or more."""
    grid = st.grid(2, min_column_width=least, gap=("small", "medium"))
    return grid.cell(), grid.cell()


def thirds(left: int, right: int, key: str) -> tuple[DeltaGenerator, DeltaGenerator]:
    """Two places that share the page's width as 1 to 2 or 2 to 1. key: of the two alone."""
    return _shared(left, right, TRACK, key)


def fifths(left: int, right: int, key: str) -> tuple[DeltaGenerator, DeltaGenerator]:
    """Two places that share the page's width as, say, 3 to 2, where each fifth has 130 pixels. key: of the
    two alone.
    """
    return _shared(left, right, 130, key)


def beside(left: int, right: int, key: str) -> tuple[DeltaGenerator, DeltaGenerator]:
    """A place, and beside it one for what a click in it opens, a container with a border, where there is room
    for so many pixels each; else below it. Until something is open the first has the whole width. key: of
    the two alone.
    """
    name = f"beside-{key}"
    cell = f'.st-key-{name} > [data-testid="stGridCell"]'
    shares = (
        f"{cell}:{which}-child {{flex: {part} 1 min(100%, {part}px); min-width: 0;}}"
        for which, part in (("first", left), ("last", right))
    )
    hidden = (
        f'{cell}:last-child:not(:has([data-testid="stVerticalBlock"] [class*="st-key-"])) {{display: none;}}'
    )
    st.html(f"<style>.st-key-{name} {{display: flex; flex-wrap: wrap;}} {' '.join(shares)} {hidden}</style>")
    grid = st.grid(2, min_column_width=TRACK, gap=("small", "medium"), key=name)
    return grid.cell(), grid.cell()


def _shared(left: int, right: int, track: int, key: str) -> tuple[DeltaGenerator, DeltaGenerator]:
    """Two places side by side where each track has its pixels; else one below the other, each as wide as the
    page: a grid of its own would give the second only the tracks that it spans.
    """
    name = f"share-{key}"
    cell = f'.st-key-{name} > [data-testid="stGridCell"]'
    shares = (
        f"{cell}:{which}-child {{flex: {part} 1 min(100%, {part * (track + GAP) - GAP}px); min-width: 0;}}"
        for which, part in (("first", left), ("last", right))
    )
    st.html(f"<style>.st-key-{name} {{display: flex; flex-wrap: wrap;}} {' '.join(shares)}</style>")
    grid = st.grid(left + right, min_column_width=track, gap=("small", "medium"), key=name)
    return grid.cell(column_span=left), grid.cell(column_span=right)


def cells(number: int, width: int) -> list[DeltaGenerator]:
    """Places of equal width, at least ``width`` pixels each."""
    grid = st.grid(number, min_column_width=width)
    return [grid.cell() for _ in range(number)]


def led(number: int, width: int) -> list[DeltaGenerator]:
    """Places of equal width, at least ``width`` pixels each, the first of them twice as wide."""
    grid = st.grid(number + 1, min_column_width=width)
    return [grid.cell(column_span=2), *(grid.cell() for _ in range(number - 1))]


def staying(key: str) -> DeltaGenerator:
    """A place in a cell of a grid that stays in view while what stands in the cell beside it is scrolled: the
    rest of its own cell goes beneath it. key: of the place alone.
    """
    cell, place = '[data-testid="stGridCell"]', f".st-key-{key}"
    parts = ':is([data-testid="stLayoutWrapper"], [data-testid="stVerticalBlock"])'
    ground = st.get_option(f"theme.{st.context.theme.type or 'light'}.backgroundColor")
    st.html(
        f"<style>{cell} {parts}:has({place}):not(:has(> {place})) {{flex-grow: 1;}} "
        f"{cell} {parts}:has(> {place}) {{position: sticky; top: 0; z-index: 1; background: {ground};}} "
        f"{place} {{padding-block: 0.75rem;}}</style>"
    )
    return st.container(key=key)


def reserved(key: str, lines: int) -> DeltaGenerator:
    """A place with room for so many lines of captions, whether they are there or not: what stands below it
    begins where what stands below another one beside it does. key: of the place alone.
    """
    st.html(f"<style>.st-key-{key} {{min-height: {lines * LINE}px;}}</style>")
    return st.container(key=key, gap=None)


def pixels(text: str) -> float:
    """About how wide a table draws a text, a little more rather than less: capitals, and m and w, take more
    room than i or a full stop.

    >>> pixels("illicit"), pixels("maximum"), pixels("MAXIMUM")
    (31.5, 61.0, 65.5)
    """
    return sum(_WIDE if letter in "mwMW@%…" else _widths(letter) for letter in text)


def _widths(letter: str) -> float:
    if letter in "iljtfrI.,:;'|!()[] ":
        return _NARROW
    return _CAPITAL if letter.isupper() else _USUAL


def fitting(text: str, room: float) -> str:
    """The text, cut in its middle where a table has no room for it. room: in pixels.

    >>> fitting("max_wind_speed", 96), fitting("min_temp", 96), fitting("Air Carrier Operator", 96)
    ('max_wi…peed', 'min_temp', 'Air Carri…erator')
    """
    letters = len(cut(text, 10_000))
    while letters > 3 and pixels(cut_within(text, letters)) > room:
        letters -= 1
    return cut_within(text, letters)


def beginning(text: str, room: float) -> str:
    """The text, cut between words where a table has no room for it: of a sentence the begin counts. room: in
    pixels.

    >>> beginning("81 rows stand far from the rest (0.8%)", 130), beginning("81 rows", 130)
    ('81 rows stand far …', '81 rows')
    """
    letters = min(len(text), int(room / _NARROW) + 1)
    while letters > 3 and pixels(shortened(text, letters)) > room:
        letters -= 1
    return shortened(text, letters)


def number_width(texts: Iterable[str], least: int) -> int:
    """Pixels for a column of numbers, its name among these texts: a number that has no room stands close to
    what is left of it.

    >>> number_width(["Effect", "0.42"], 52), number_width(["Effect", "1785.67"], 52)
    (54, 67)
    """
    return max(least, CELL + math.ceil(max(map(pixels, texts), default=0)))


def text_width(texts: Iterable[str], least: int, most: int) -> int:
    """Pixels for a column of a table: what these texts take, its name among them, within bounds.

    >>> text_width(["Column", "sched_dep_time"], 60, 220)
    130
    """
    return min(most, max(least, max(map(len, texts), default=0) * LETTER + PADDING))
