"""Side by side where there is room, one below the other where there is not."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import streamlit as st

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

LETTER, PADDING = 8, 18  # pixels: of a letter in a table, beside what a cell of it holds
TRACK = 250  # pixels: narrower than this, thirds of the page are stacked


def thirds(left: int, right: int) -> tuple[DeltaGenerator, DeltaGenerator]:
    """Two places that share the page's width as 1 to 2, 2 to 1 or evenly."""
    grid = st.grid(left + right, min_column_width=TRACK, gap=("small", "medium"))
    return grid.cell(column_span=left), grid.cell(column_span=right)


def fifths(left: int, right: int) -> tuple[DeltaGenerator, DeltaGenerator]:
    """Two places that share the page's width as, say, 3 to 2, where each fifth has 130 pixels."""
    grid = st.grid(left + right, min_column_width=130, gap=("small", "medium"))
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


def text_width(texts: Iterable[str], least: int, most: int) -> int:
    """Pixels for a column of a table: what these texts take, its name among them, within bounds.

    >>> text_width(["Column", "sched_dep_time"], 60, 220)
    130
    """
    return min(most, max(least, max(map(len, texts), default=0) * LETTER + PADDING))
