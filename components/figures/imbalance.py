"""Rows per class with what each fold gets of them; of a target of numbers, its bins with the rare ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from components.figures.theme import GREY, SERVE, TRAIN, framed
from components.text import safe
from core.phrases import number

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from core.analyses.imbalance.analysis import ImbalanceResult

SHOWN = 30  # classes, the largest and the rarest
_LOG = 20.0  # rows of the largest class per row of the smallest, from which the axis is logarithmic
HOW = """One bar per class: its rows in train, with the fewest rows that one fold gets of it as a dot. **What
a score of a class can be trusted with hangs on that number, not on the share**: under about 10 a fold, a
single row moves it. The axis is logarithmic where classes differ by more than 20 times. Of a number, each bar
is a stretch of its values; orange ones are rare regions."""


def alt(result: ImbalanceResult) -> str:
    """What the figure shows, in words."""
    told = result.summary
    if not result.names:
        return f"Histogram of the target in {result.counts.size} bins, {len(result.regions)} rare regions."
    return (
        f"Bars of the rows of {told['classes']} classes, from {int(result.train.max(initial=0)):,} down to "
        f"{told['rarest_rows']:,}."
    )


def figure(result: ImbalanceResult) -> go.Figure:
    """The bars."""
    return _classes(result) if result.names else _bins(result)


def _classes(result: ImbalanceResult) -> go.Figure:
    import plotly.graph_objects as go

    k = len(result.names)
    some = list(range(k)) if k <= SHOWN else [*range(SHOWN // 2), *range(k - SHOWN // 2, k)]
    places = list(range(len(some)))
    names = [safe(result.names[one], 30) for one in some]
    rows, fewest = result.train[some], result.per_fold[some].min(axis=1)
    total = max(1, int(result.train.sum()))
    drawn = go.Figure()
    drawn.add_bar(
        x=rows,
        y=places,
        orientation="h",
        name="rows of train",
        marker={"color": TRAIN},
        customdata=[[name, n / total] for name, n in zip(names, rows.tolist(), strict=True)],
        hovertemplate="%{customdata[0]}: %{x:,} rows (%{customdata[1]:.2%})<extra></extra>",
    )
    drawn.add_scatter(
        x=fewest,
        y=places,
        mode="markers",
        name="fewest in one fold",
        marker={"size": 10, "color": SERVE, "symbol": "diamond"},
        customdata=names,
        hovertemplate="%{customdata}: at least %{x:,} in each fold<extra></extra>",
    )
    framed(
        drawn,
        110 + 30 * len(some),
        x="rows",
        showlegend=True,
        legend={"orientation": "h", "y": 1.0, "yanchor": "bottom", "x": 0},
    )
    present = result.present
    if present.size and present.max() > _LOG * present.min():
        drawn.update_xaxes(type="log")
    drawn.update_yaxes(
        tickmode="array", tickvals=places, ticktext=names, autorange="reversed", showgrid=False
    )
    return drawn


def _bins(result: ImbalanceResult) -> go.Figure:
    import plotly.graph_objects as go

    rare = np.zeros(result.counts.size, bool)
    for one in result.regions:
        rare |= (result.edges[:-1] >= one.low) & (result.edges[1:] <= one.high)
    ends = [f"{number(a)} to {number(b)}" for a, b in zip(result.edges[:-1], result.edges[1:], strict=True)]
    drawn = go.Figure()
    drawn.add_bar(
        x=list(range(result.counts.size)),
        y=result.counts,
        marker={"color": [SERVE if one else GREY for one in rare]},
        customdata=ends,
        hovertemplate="%{customdata}: %{y:,} rows<extra></extra>",
    )
    framed(drawn, 300, x=safe(result.target), y="rows")
    drawn.update_xaxes(tickmode="array", tickvals=list(range(len(ends))), ticktext=ends)
    return drawn
