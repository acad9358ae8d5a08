"""Two columns drawn together: a density with medians, boxes per level, or a map of two columns of levels.
From counts, never from rows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from components.figures.profile import moment
from components.figures.theme import (
    BLUE,
    INK,
    NEUTRAL,
    ORANGE,
    SERVE,
    framed,
    hovered,
    tick_format,
    tinted,
    written,
)
from components.text import cut, safe
from core.analyses.association.pair import Boxes, Density, LevelTable
from core.phrases import share_of, whole_percent

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from core.analyses.association.pair import Axis, PairView

HEIGHT = 380
HOW_DENSITY = """The deeper a square, the more rows lie in it, by orders of magnitude. Each dot is the median
of the upright column among a twentieth of the rows, the line its middle half. **Dots that climb or fall
are the association**; level dots mean that there is none."""
HOW_BOXES = """One box per level, commonest first: the line is the median, the box the middle half, the ends
are the 5% and 95% points. **Boxes that overlap widely mean a weak
association**, however different their ends."""
HOW_CELLS = """The number is the share of the line's rows. Orange: more often together than expected of
independent columns, full at four times, or at the most that these columns allow; blue: less often, full at a
quarter. Squares where few rows are expected stay pale."""
# what is seldom is much: let it be calm
_SCALE = [[0.0, tinted(BLUE, 0.5)], [0.5, tinted(NEUTRAL, 0.06)], [1.0, tinted(ORANGE)]]
_FULL = 2.0  # power of two of a ratio that has the full colour
_WIDE = 8  # columns of squares whose shares have the size of other text
_FEW = 5.0  # rows added to both counts of a ratio, so that it says nothing where there are few


def how(view: PairView) -> str:
    """How to read this figure."""
    if isinstance(view, Density):
        return HOW_DENSITY
    return HOW_BOXES if isinstance(view, Boxes) else HOW_CELLS


def alt(view: PairView) -> str:
    """What the figure shows, in words."""
    if isinstance(view, Density):
        return (
            f"Density of {cut(view.right.name, 40)} over {cut(view.left.name, 40)} with medians, {view.n:,} "
            "rows."
        )
    if isinstance(view, Boxes):
        return (
            f"Boxes of {cut(view.number, 40)} for {len(view.labels)} levels of {cut(view.group, 40)}, "
            f"{view.n:,} rows."
        )
    sides = (
        f"{len(view.left_labels)} levels of {cut(view.left, 40)} by {len(view.right_labels)} of "
        f"{cut(view.right, 40)}"
    )
    return f"Map of {sides}, {view.n:,} rows."


def pair_figure(view: PairView) -> go.Figure:
    """The figure of a pair."""
    if isinstance(view, Density):
        return _density(view)
    return _boxes(view) if isinstance(view, Boxes) else _cells(view)


def _density(view: Density) -> go.Figure:
    import plotly.graph_objects as go

    figure = framed(
        go.Figure([_squares(view), _medians(view)]),
        HEIGHT,
        x=safe(view.left.name, 40),
        y=safe(view.right.name, 40),
    )
    figure.update_xaxes(showgrid=False, range=_window(view.left), **_numbers(view.left))
    figure.update_yaxes(showgrid=False, range=_window(view.right), **_numbers(view.right))
    return figure


def _squares(view: Density) -> go.Heatmap:
    """The number of rows in each square, on a logarithmic scale."""
    import plotly.graph_objects as go

    counts = view.counts.T
    depth = np.where(counts > 0, np.log10(np.maximum(counts, 1)), np.nan)
    most = float(np.nanmax(depth, initial=0.3))
    across, up = _ranges(view.left), _ranges(view.right)
    hover = [
        [f"{right}<br>{left}<br>{count:,} rows" for left, count in zip(across, line, strict=True)]
        for right, line in zip(up, counts.tolist(), strict=True)
    ]
    return go.Heatmap(
        x=_drawn(view.left.edges, view.left.time),
        y=_drawn(view.right.edges, view.right.time),
        z=depth,
        zmin=-0.3 * most,
        zmax=most,
        showscale=False,
        hoverongaps=False,
        customdata=hover,
        hovertemplate="%{customdata}<extra></extra>",
    )


def _medians(view: Density) -> go.Scatter:
    """The median of the one on the right, with its quartiles, along the one on the left."""
    import plotly.graph_objects as go

    low, middle, high = (view.spread[:, at] for at in (1, 2, 3))
    scale = 1e3 if view.right.time else 1.0
    bars = {
        "type": "data",
        "symmetric": False,
        "array": (high - middle) * scale,
        "arrayminus": (middle - low) * scale,
        "width": 0,
    }
    return go.Scatter(
        x=_drawn(view.at, view.left.time),
        y=_drawn(middle, view.right.time),
        error_y={**bars, "color": SERVE, "thickness": 2},
        mode="markers",
        marker={"size": 7, "color": SERVE, "line": {"width": 1, "color": "white"}},
        hovertemplate="median %{y} near %{x}<extra></extra>",
    )


def _drawn(values: Any, time: bool) -> Any:
    return (values * 1e3).astype("datetime64[ms]") if time else values


def _window(axis: Axis) -> list[Any]:
    low, high = axis.edges[[0, -1]].tolist()
    return [moment(low), moment(high)] if axis.time else [low, high]


def _numbers(axis: Axis) -> dict[str, str]:
    """How the numbers of an axis stand on it and in what hovers; nothing of times."""
    if axis.time:
        return {}
    ends = axis.edges[[0, -1]].tolist()
    return {"tickformat": tick_format(*ends), "hoverformat": hovered(*ends)}


def _ranges(axis: Axis) -> list[str]:
    name = safe(axis.name, 24)
    ends = axis.edges[[0, -1]].tolist()
    say = moment if axis.time else lambda value: written(value, *ends)
    return [
        f"{name} {say(low)} to {say(high)}"
        for low, high in zip(axis.edges[:-1].tolist(), axis.edges[1:].tolist(), strict=True)
    ]


def _boxes(view: Boxes) -> go.Figure:
    import plotly.graph_objects as go

    places = list(range(len(view.labels)))
    low, first, middle, third, high = (_drawn(view.spread[:, at], view.time) for at in range(5))
    box = go.Box(
        y=places,
        q1=first,
        median=middle,
        q3=third,
        lowerfence=low,
        upperfence=high,
        orientation="h",
        hoverinfo="x",
    )
    figure = framed(
        go.Figure(box), max(220, 70 + 30 * len(places)), x=safe(view.number, 40), y=safe(view.group, 40)
    )
    if view.time:
        figure.update_xaxes(type="date")
    else:
        ends = float(np.nanmin(low)), float(np.nanmax(high))
        figure.update_xaxes(tickformat=tick_format(*ends), hoverformat=hovered(*ends))
    names = [
        f"{safe(label, 22)} · {rows:,}" for label, rows in zip(view.labels, view.rows.tolist(), strict=True)
    ]
    figure.update_yaxes(
        tickmode="array", tickvals=places, ticktext=names, autorange="reversed", showgrid=False
    )
    return figure


def _cells(view: LevelTable) -> go.Figure:
    import plotly.graph_objects as go

    ratio = np.log2((view.counts + _FEW) / (view.expected + _FEW))
    squares = go.Heatmap(
        z=np.where(ratio > 0, ratio * _FULL / _most(view), ratio),
        zmid=0,
        zmin=-_FULL,
        zmax=_FULL,
        colorscale=_SCALE,
        showscale=False,
        xgap=1,
        ygap=1,
        customdata=_cell_texts(view),
        hovertemplate="%{customdata}<extra></extra>",
    )
    share = view.counts / np.maximum(1, view.counts.sum(axis=1, keepdims=True))
    down, across = np.indices(share.shape)
    words = go.Scatter(  # a trace of its own has the theme's colour on every square
        x=across.ravel(),
        y=down.ravel(),
        text=[whole_percent(value) for value in share.ravel().tolist()],
        mode="text",
        textfont={"size": 12 if share.shape[1] <= _WIDE else 9, "color": INK},  # "100%" fits its square
        hoverinfo="skip",
    )
    figure = framed(
        go.Figure([squares, words]),
        max(220, 90 + 30 * len(view.left_labels)),
        x=safe(view.right, 40),
        y=safe(view.left, 40),
    )
    for update, labels in ((figure.update_xaxes, view.right_labels), (figure.update_yaxes, view.left_labels)):
        update(
            tickmode="array",
            tickvals=list(range(len(labels))),
            ticktext=[safe(label, 18) for label in labels],
            showgrid=False,
        )
    figure.update_yaxes(autorange="reversed")
    return figure


def _most(view: LevelTable) -> float:
    """How many times as often as expected two of these levels can be together at most, as a power of two.

    >>> from core.analyses.association.pair import LevelTable
    >>> _most(LevelTable("a", "b", ("x", "y"), ("u", "v"), np.array([[60, 0], [0, 60]]), 120))
    1.0
    >>> _most(LevelTable("a", "b", ("x", "y"), ("u", "v"), np.array([[900, 0], [0, 10]]), 910))
    2.0
    """
    larger = np.maximum.outer(view.counts.sum(axis=1), view.counts.sum(axis=0))
    times = view.counts.sum() / max(1, larger[larger > 0].min(initial=view.counts.sum()))
    return float(np.clip(np.log2(max(1.0, times)), 1.0, _FULL))


def _cell_texts(view: LevelTable) -> list[list[str]]:
    return [
        [
            f"{safe(view.left, 24)}: {safe(left, 30)}<br>{safe(view.right, 24)}: {safe(right, 30)}<br>"
            f"{view.counts[i, j]:,} rows, {view.expected[i, j]:,.1f} expected if independent, "
            f"{share_of(int(view.counts[i, j]), int(view.counts[i].sum()))} of {safe(left, 30)}"
            for j, right in enumerate(view.right_labels)
        ]
        for i, left in enumerate(view.left_labels)
    ]
