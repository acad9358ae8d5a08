"""A column before and after a step: two histograms, or the same values side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from components.figures.theme import GREY, THOUSANDS, TRAIN, framed, hovered, tick_format
from components.text import cut, safe
from core.phrases import count
from core.steps.picture import ColumnPicture

if TYPE_CHECKING:
    import plotly.graph_objects as go

HOW = """Above the column as it was before the step, in grey; below as it is after it, in blue. Both count
only the rows that are left at that moment; missing values, and rows of a part that does not have
the column, are counted in the heading, not drawn. Histograms
share their edges where the two ranges are alike; values are those that changed most, then the commonest;
of texts that hardly repeat, their lengths in characters.
Bars of the same edges, or of values, are on one scale.
**A shape that should have stayed and did not** is what to look for: a spike that a filling makes, a tail that
clipping cuts off, a value that is gone."""
HEIGHT = 300
ROOM = 180  # more, for names below the bars


def alt(column: str, before: ColumnPicture, after: ColumnPicture) -> str:
    """What the figure shows, in words."""
    return f"Column {cut(column, 60)} {_heading('before', before)}, {_heading('after', after)}."


def figure(before: ColumnPicture, after: ColumnPicture) -> go.Figure:
    """Two panels, one below the other; one where the column is there on one side only."""
    from plotly.subplots import make_subplots

    sides = [(word, side) for word, side in (("Before", before), ("After", after)) if side.there]
    headings = [safe(_heading(word, side), 140) for word, side in sides]
    words = any(side.edges is None for _, side in sides)  # slanted names need room
    between = 0.44 if words else 0.3
    drawn = make_subplots(
        rows=len(sides) or 1,
        cols=1,
        subplot_titles=headings or [""],
        vertical_spacing=between if len(sides) > 1 else 0.0,
    )
    for row, (word, side) in enumerate(sides, 1):
        drawn.add_trace(_bars(side, TRAIN if word == "After" else GREY), row=row, col=1)
    height = HEIGHT + ROOM if words else HEIGHT
    framed(drawn, height if len(sides) > 1 else height // 2 + 20, bargap=0.06)
    drawn.update_layout(margin={"t": 28})
    for note in drawn.layout.annotations:
        note.update(font={"size": 13}, x=0, xanchor="left")
    if _bins_alike(sides) and sides[0][1].edges is not None:
        drawn.update_xaxes(range=[float(sides[0][1].edges[0]), float(sides[0][1].edges[-1])])
    drawn.update_yaxes(tickformat=THOUSANDS)
    if _bins_alike(sides):
        drawn.update_yaxes(range=[0.0, 1.05 * max(1, *(max(side.counts, default=0) for _, side in sides))])
    for row, (_, side) in enumerate(sides, 1):
        if side.kind == "datetime" and side.edges is not None:
            drawn.update_xaxes(type="date", range=None, row=row, col=1)
        elif side.edges is not None:
            ends = float(side.edges[0]), float(side.edges[-1])
            drawn.update_xaxes(tickformat=tick_format(*ends), row=row, col=1)
        if side.edges is None:  # "173,52" is no number, "2020-01-01" no date
            drawn.update_xaxes(type="category", row=row, col=1)
    return drawn


def _bins_alike(sides: Sequence[tuple[str, ColumnPicture]]) -> bool:
    """Whether the bars of both panels count the same things: the same bins, or words; then they are as high
    on one scale.
    """
    if len(sides) != 2:
        return False
    one, other = (side.edges for _, side in sides)
    if one is None or other is None:
        return one is other
    return np.array_equal(one, other)


def _heading(word: str, side: ColumnPicture) -> str:
    """The moment, how many rows there are, and how many of them have no value."""
    if not side.there:
        return f"{word}: not there"
    others = f", {count(side.others)} with other values" if side.others else ""
    missing = f", {count(side.missing)} missing" if side.missing else ""
    lengths = "; lengths of their texts in characters" if side.lengths else ""
    lacking = f", {count(side.lacking)} of {side.without}, which lacks the column" if side.lacking else ""
    return f"{word}: {count(side.rows, 'row')}{missing}{others}{lacking}{lengths}"


def _bars(side: ColumnPicture, colour: str) -> go.Bar:
    import plotly.graph_objects as go

    look = {"marker": {"color": colour}, "showlegend": False}
    if side.edges is None:
        names = [safe(level, 24) or "(empty)" for level in side.levels]
        places = [name if names.count(name) == 1 else f"{name} ({at})" for at, name in enumerate(names, 1)]
        return go.Bar(
            x=places,
            y=side.counts,
            hovertemplate="%{x}: %{y:,} rows<extra></extra>",
            **look,
        )
    middle = (side.edges[:-1] + side.edges[1:]) / 2
    near = hovered(float(side.edges[0]), float(side.edges[-1]))
    if side.kind == "datetime":
        return go.Bar(
            x=middle.astype("datetime64[us]").astype(str).tolist(),
            y=side.counts,
            hovertemplate="%{x|%Y-%m-%d}: %{y:,} rows<extra></extra>",
            **look,
        )
    return go.Bar(
        x=middle,
        y=side.counts,
        width=float(side.edges[1] - side.edges[0]) * 0.96,
        customdata=np.column_stack([side.edges[:-1], side.edges[1:]]),
        hovertemplate=f"%{{customdata[0]:{near}}} to %{{customdata[1]:{near}}}: %{{y:,}} rows<extra></extra>",
        **look,
    )
