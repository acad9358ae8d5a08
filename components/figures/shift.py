"""What moved between train and serve: all columns by how far, and one column's two histograms beside each
other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from components.figures.theme import framed
from components.text import cut, safe
from core.analyses.shift.findings import BANDS, NAMES

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from core.analyses.shift.analysis import ShiftResult
    from core.analyses.shift.column import Bars, ColumnShift
    from core.analyses.shift.findings import Line

LIMIT = 30
REACH = 4.0  # bands at which a dot is held, so that one column does not press the others flat
HOW_DOTS = """Each dot is a column: how far it moved, as a multiple of what counts as a moderate change of its
kind (the dashed line). **The grey tick is what chance alone stays under, 19 times in 20**: left of it there
is nothing to see. Dots beyond the axis are held at its end."""
HOW_PAIR = """Share of each part's rows per bar, so that parts of different size compare. Train are the bars,
serve the line (or the second bar). The first and last bar also hold what lies beyond them."""
_GREY = "rgb(128,128,128)"
_LOOKS = {
    "severe": ("#d55e00", "diamond"),
    "moderate": ("#e69f00", "square"),
    "negligible": ("#56b4e9", "circle"),
    "none": (_GREY, "circle-open"),
}  # Okabe and Ito's colours; the shape says the same


def shown(result: ShiftResult) -> list[Line]:
    """The lines drawn: those with an effect size, farthest first, at most 30."""
    lines = [line for line in result.lines if line.metric in BANDS and np.isfinite(line.value)]
    return sorted(lines, key=lambda line: (-_bands(line, line.value), line.shift.name, line.metric))[:LIMIT]


def _bands(line: Line, value: float) -> float:
    return value / BANDS[line.metric][0]


def alt_dots(result: ShiftResult) -> str:
    """What the figure shows, in words."""
    lines = shown(result)
    if not lines:
        return "No column could be compared."
    told = ", ".join(f"{sum(line.status == status for line in lines)} {status}" for status in _LOOKS)
    return (
        f"Dots of {len(lines)} columns by how far they moved: {told}; farthest is "
        f"{cut(lines[0].shift.name, 60)}."
    )


def shift_dots(result: ShiftResult) -> go.Figure:
    """Columns by effect, each with its noise tick; custom data is the column's name, for a click."""
    import plotly.graph_objects as go

    lines = shown(result)
    names = [safe(line.shift.name, 30) + (" (missing)" if line.metric == "missing" else "") for line in lines]
    figure = go.Figure()
    for status, (colour, symbol) in _LOOKS.items():
        places = [i for i, line in enumerate(lines) if line.status == status]
        if places:
            figure.add_scatter(
                x=[min(REACH, _bands(lines[i], lines[i].value)) for i in places],
                y=places,
                mode="markers",
                name=status,
                marker={
                    "color": colour,
                    "symbol": symbol,
                    "size": 11,
                    "line": {"width": 1.5, "color": colour},
                },
                customdata=[safe(lines[i].shift.name) for i in places],
                hovertext=[_hover(lines[i]) for i in places],
                hovertemplate="%{hovertext}<extra></extra>",
            )
    figure.add_scatter(
        x=[min(REACH, _bands(line, line.noise)) for line in lines],
        y=list(range(len(lines))),
        mode="markers",
        name="chance",
        marker={"symbol": "line-ns-open", "size": 15, "color": _GREY, "line": {"width": 2}},
        hoverinfo="skip",
    )
    figure.add_vline(x=1.0, line={"dash": "dash", "width": 1, "color": _GREY})
    legend = {"orientation": "h", "y": 1.0, "yanchor": "bottom", "x": 0}
    framed(
        figure,
        max(200, 110 + 22 * len(lines)),
        x="effect; 1 is a moderate change",
        showlegend=True,
        legend=legend,
    )
    figure.update_xaxes(
        range=[-0.08, REACH + 0.1],
        tickvals=[0, 1, 2, 3, REACH],
        ticktext=["0", "1", "2", "3", f"{REACH:g} or more"],
    )
    figure.update_yaxes(
        tickmode="array",
        tickvals=list(range(len(lines))),
        ticktext=names,
        autorange="reversed",
        showgrid=False,
    )
    return figure


def _hover(line: Line) -> str:
    shift = line.shift
    by = (
        (f"<br>PSI {shift.psi:.3f}, chance {shift.psi_noise:.3f}")
        if line.metric != "missing" and np.isfinite(shift.psi)
        else ""
    )
    return (
        f"{safe(shift.name)}<br>{NAMES[line.metric]} {line.value:.3f}, chance "
        f"{line.noise:.3f}{by}<br>{line.status}, q {line.q:.2g}"
    )


def alt_pair(shift: ColumnShift) -> str:
    """What one column's picture shows, in words."""
    told = (
        (f": {NAMES[shift.metric]} {shift.value:.3f}, by chance under {shift.noise:.3f}")
        if shift.metric in NAMES
        else ""
    )
    return (
        f"Histogram of column {cut(shift.name, 60)}, {shift.n[0]:,} values of train beside {shift.n[1]:,} "
        f"of serve{told}."
    )


def pair(shift: ColumnShift, height: int = 240) -> go.Figure:
    """Both parts of one column as shares: bars and a line of steps over numbers and times, paired bars of
    levels.

    Raises ValueError where nothing was compared (``shift.bars`` is None).
    """
    import plotly.graph_objects as go

    if shift.bars is None:
        raise ValueError(f"{shift.name!r} has no histogram: {shift.note}.")
    train, serve = shares(shift.bars)
    legend = {"orientation": "h", "y": 1.0, "yanchor": "bottom", "x": 0}
    layout: dict[str, Any] = {
        "x": safe(shift.name),
        "y": "share of rows",
        "showlegend": True,
        "legend": legend,
    }
    if shift.bars.words:
        names = [safe(word, 30) for word in shift.bars.words]
        places = list(range(len(names)))
        sides = (("train", train), ("serve", serve))
        figure = go.Figure([go.Bar(x=places, y=side, name=name, customdata=names) for name, side in sides])
        figure.update_traces(hovertemplate="%{customdata}: %{y:.1%}<extra>%{fullData.name}</extra>")
        framed(figure, height, bargap=0.25, **layout)
        figure.update_xaxes(tickmode="array", tickvals=places, ticktext=names)
    else:
        edges = shift.bars.edges
        dated = shift.kind == "datetime"
        unit = 1000.0 if dated else 1.0  # times are drawn in milliseconds since 1970
        middle, width = (edges[:-1] + edges[1:]) / 2 * unit, np.diff(edges) * unit
        figure = go.Figure(
            go.Bar(x=middle, y=train, width=width, name="train", marker={"line": {"width": 0}})
        )
        figure.add_scatter(x=middle, y=serve, mode="lines", line={"shape": "hvh", "width": 2}, name="serve")
        near = "%{x|%Y-%m-%d}" if dated else "%{x:,.4g}"
        figure.update_traces(hovertemplate=f"%{{y:.1%}} near {near}<extra>%{{fullData.name}}</extra>")
        framed(figure, height, bargap=0.02, **layout)
        if dated:
            figure.update_xaxes(type="date")
    figure.update_yaxes(tickformat=".0%", rangemode="tozero")
    return figure


def shares(bars: Bars | None, most: int = 30) -> tuple[list[float], list[float]]:
    """Share of each part's rows per bin, neighbours joined down to ``most`` bins: what small charts in a
    table draw. Empty without bars.

    >>> from core.analyses.shift.column import Bars
    >>> shares(Bars(np.array([1, 3, 4, 0]), np.array([2, 2, 0, 0])), most=2)
    ([0.5, 0.5], [1.0, 0.0])
    """
    if bars is None:
        return [], []
    step = -(-bars.train.size // most)
    starts = np.arange(0, bars.train.size, step)
    sides = (np.add.reduceat(side, starts) / max(1, int(side.sum())) for side in (bars.train, bars.serve))
    train, serve = (side.tolist() for side in sides)
    return train, serve
