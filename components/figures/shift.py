"""One column of train beside the same column of serve: two histograms as shares of rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from components.figures.theme import ABOVE, SERVE, SHARES, TRAIN, framed, hovered, tick_format
from components.text import cut, safe
from core.analyses.shift.judged import NAMES
from core.phrases import percent

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from core.analyses.shift.bars import Bars
    from core.analyses.shift.column import ColumnShift

HOW_PAIR = """Share of each part's rows per bar, so that parts of different size compare. Train is drawn as
bars, serve as a line (or the second bar). The first and the last bar also hold the values beyond them."""


def alt_pair(shift: ColumnShift) -> str:
    """What one column's picture shows, in words."""
    effect = ""
    if shift.metric in NAMES:
        effect = f": {NAMES[shift.metric]} {shift.value:.3f}, noise floor {shift.noise:.3f}"
    return (
        f"Histogram of column {cut(shift.name, 60)}, {shift.n[0]:,} values of train beside {shift.n[1]:,} "
        f"of serve{effect}."
    )


def pair(shift: ColumnShift, height: int = 240) -> go.Figure:
    """Both parts of one column as shares: bars and a line of steps over numbers and times, paired bars of
    levels.

    Raises ValueError where nothing was compared (``shift.bars`` is None).
    """

    if shift.bars is None:
        raise ValueError(f"{shift.name!r} has no histogram: {shift.note}.")
    layout: dict[str, Any] = {
        "x": safe(shift.name) + (" (characters)" if shift.kind == "text" else ""),
        "y": "share of rows",
        "showlegend": True,
        "legend": ABOVE,
    }
    figure = _levels(shift.bars) if shift.bars.words else _numbers(shift.bars, shift.kind == "datetime")
    framed(figure, height, bargap=0.25 if shift.bars.words else 0.02, **layout)
    figure.update_yaxes(tickformat=SHARES, rangemode="tozero")
    return figure


def _levels(bars: Bars) -> go.Figure:
    import plotly.graph_objects as go

    names = [safe(word, 30) for word in bars.words]
    places = list(range(len(names)))
    figure = go.Figure()
    for name, colour, side in zip(("train", "serve"), (TRAIN, SERVE), shares(bars), strict=True):
        told = [f"{one}: {percent(share)}" for one, share in zip(names, side, strict=True)]
        figure.add_bar(x=places, y=side, name=name, customdata=told, marker={"color": colour})
    figure.update_traces(hovertemplate="%{customdata}<extra>%{fullData.name}</extra>")
    figure.update_xaxes(tickmode="array", tickvals=places, ticktext=names)
    return figure


def _numbers(bars: Bars, dated: bool) -> go.Figure:
    import plotly.graph_objects as go

    train, serve = shares(bars)
    unit = 1000.0 if dated else 1.0  # times are drawn in milliseconds since 1970
    middle, width = (bars.edges[:-1] + bars.edges[1:]) / 2 * unit, np.diff(bars.edges) * unit
    figure = go.Figure()
    figure.add_bar(
        x=middle,
        y=train,
        width=width,
        name="train",
        customdata=[percent(share) for share in train],
        marker={"color": TRAIN, "line": {"width": 0}},
    )
    line = {"shape": "hvh", "width": 2, "color": SERVE}
    told = [percent(share) for share in serve]
    figure.add_scatter(x=middle, y=serve, mode="lines", line=line, name="serve", customdata=told)
    ends = float(bars.edges[0]), float(bars.edges[-1])
    near = "%{x|%Y-%m-%d}" if dated else f"%{{x:{hovered(*ends)}}}"
    figure.update_traces(hovertemplate=f"%{{customdata}} near {near}<extra>%{{fullData.name}}</extra>")
    figure.update_xaxes(**({"type": "date"} if dated else {"tickformat": tick_format(*ends)}))
    return figure


def shares(bars: Bars | None, most: int = 30) -> tuple[list[float], list[float]]:
    """Share of each part's rows per bin, neighbours joined down to ``most`` bins: what small charts in a
    table draw. Empty without bars.

    >>> from core.analyses.shift.bars import Bars
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
