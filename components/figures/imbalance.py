"""Rows per class with what each fold gets of them; of a target of numbers, its bins with the rare ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from components.figures.theme import ABOVE, GREY, SERVE, TRAIN, framed
from components.text import safe
from core.phrases import number, share_of

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from core.analyses.imbalance.analysis import ImbalanceResult

SHOWN = 30  # classes, the largest and the rarest
_NONE = 0.5  # where none stands on a logarithmic axis
_LOG = 20.0  # rows of the largest class per row of the smallest, from which the axis is logarithmic
HOW = """A line per class: its rows in train as a bar, and as a diamond the fewest that one fold gets of it.
**What a score of a class can be trusted with hangs on that number, not on the share**: under about 10 a fold,
a single row moves it. Where classes differ by more than 20 times the axis is logarithmic, which has no 0 for
a bar to begin at: then the rows are a dot, and a diamond at "none" is a fold without the class. Of a number,
each bar is a stretch of its values; orange ones are rare regions."""


def alt(result: ImbalanceResult) -> str:
    """What the figure shows, in words."""
    told = result.summary
    if not result.names:
        return f"Histogram of the target in {result.counts.size} bins, {len(result.regions)} rare regions."
    return (
        f"Rows of {told['classes']} classes in train, from {int(result.train.max(initial=0)):,} down to "
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
    present = result.present
    apart = bool(present.size and present.max() > _LOG * present.min())
    drawn = go.Figure([_joined(np.maximum(fewest, _NONE), rows)] if apart else None)
    drawn.add_trace(
        _rows(names, rows, max(1, int(result.train.sum())), bool(result.serve.any()), as_dots=apart)
    )
    drawn.add_scatter(
        x=np.maximum(fewest, _NONE) if apart else fewest,
        y=places,
        mode="markers",
        name="fewest in one fold",
        marker={"size": 10, "color": SERVE, "symbol": "diamond"},
        customdata=[
            [name, f"at least {n:,}" if n else "not one"]
            for name, n in zip(names, fewest.tolist(), strict=True)
        ],
        hovertemplate="%{customdata[0]}: %{customdata[1]} in each fold<extra></extra>",
    )
    framed(drawn, 110 + 30 * len(some), x="rows", showlegend=True, legend=ABOVE)
    if apart:
        drawn.update_xaxes(_logarithmic(fewest, rows))
    drawn.update_yaxes(
        tickmode="array", tickvals=places, ticktext=names, autorange="reversed", showgrid=False
    )
    return drawn


def _logarithmic(fewest: NDArray[Any], rows: NDArray[Any]) -> dict[str, Any]:
    """An axis for these numbers, which has no 0: the place of none is named where it is needed."""
    low, high = np.log10(max(_NONE, min(fewest.min(), rows.min()))), np.log10(rows.max())
    axis = {"type": "log", "range": [low - 0.1, high + 0.15], "dtick": 1, "tickformat": ","}
    if fewest.min():
        return axis
    tens = [10**power for power in range(int(high) + 1)]
    named = ["none", *(f"{ten:,}" for ten in tens)]
    return {**axis, "tickmode": "array", "tickvals": [_NONE, *tens], "ticktext": named}


def _rows(
    names: list[str], rows: NDArray[Any], total: int, split: bool, as_dots: bool
) -> go.Scatter | go.Bar:
    """A bar per class or, on an axis without 0, a dot. split: whether serve has rows, too."""
    import plotly.graph_objects as go

    given = {
        "x": rows,
        "y": list(range(rows.size)),
        "name": "rows of train" if split else "rows",
        "customdata": [[name, share_of(n, total)] for name, n in zip(names, rows.tolist(), strict=True)],
        "hovertemplate": "%{customdata[0]}: %{x:,} rows (%{customdata[1]})<extra></extra>",
    }
    if as_dots:
        return go.Scatter(mode="markers", marker={"color": TRAIN, "size": 12}, **given)
    return go.Bar(orientation="h", marker={"color": TRAIN}, **given)


def _joined(fewest: NDArray[Any], rows: NDArray[Any]) -> go.Scatter:
    """A thin line on each class from the one number to the other."""
    import plotly.graph_objects as go

    pairs = zip(fewest.tolist(), rows.tolist(), strict=True)
    return go.Scatter(
        x=[x for pair in pairs for x in (*pair, None)],
        y=[y for place in range(rows.size) for y in (place, place, None)],
        mode="lines",
        line={"color": GREY, "width": 1.5},
        hoverinfo="skip",
        showlegend=False,
    )


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
    drawn.update_xaxes(
        tickmode="array",
        tickvals=list(range(len(ends))),
        ticktext=ends,
        autotickangles=[0, -45],  # up to the tick: the last one would else be cut off
    )
    return drawn
