"""Maps of many rows: which points are drawn, and a density image under them where that is not all."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from core.dataset import Dataset

if TYPE_CHECKING:
    import plotly.graph_objects as go

SEED = 20_240_301
GRID = (140, 90)
_FEW = 1_000  # points
# below the figure: above it stands the toolbar with the lasso, in a strip of its own
LEGEND: dict[str, Any] = {
    "orientation": "h",
    "x": 0,
    "y": 0,
    "yref": "container",
    "yanchor": "bottom",
    "itemclick": False,
    "itemdoubleclick": False,
}
SELECTABLE: dict[str, Any] = {
    "showlegend": True,
    "legend": LEGEND,
    "margin": {"l": 8, "r": 8, "t": 36, "b": 8},
    "dragmode": "lasso",
}
# Without these, hovering over 100,000 points freezes the browser.
HOVER: dict[str, Any] = {"hovermode": "closest", "spikedistance": 20, "hoverdistance": 10}


def dots(points: int) -> type[go.Scatter | go.Scattergl]:
    """The trace that draws so many points quickest, as Plotly Express chooses it: few as shapes, which are
    sharp at any zoom and need no graphics card, many by WebGL. All of one figure are of one kind, as shapes
    lie above what WebGL draws.
    """
    import plotly.graph_objects as go

    trace: type[go.Scatter | go.Scattergl] = go.Scatter if points <= _FEW else go.Scattergl
    return trace


def shown(flagged: NDArray[np.bool_], score: NDArray[np.floating], limit: int) -> NDArray[np.int64]:
    """Rows to draw, ascending: all when they are few; else every flagged one (at most ``limit``, those of
    highest score) and a sample of the others."""
    if flagged.size <= limit:
        return np.arange(flagged.size)
    odd = np.flatnonzero(flagged)
    if odd.size > limit:
        odd = odd[np.argsort(-score[odd], kind="stable")[:limit]]
    rest = np.flatnonzero(~flagged)
    room = min(rest.size, max(limit // 5, limit // 2 - odd.size))
    return np.sort(np.concatenate([odd, np.random.default_rng(SEED).choice(rest, room, replace=False)]))


def counted(
    x: NDArray[np.floating], y: NDArray[np.floating], limits: Any = None
) -> tuple[NDArray[np.float64], NDArray[np.float32], NDArray[np.float32]]:
    """How many points lie in each cell of the grid (across x up), and the cells' middles."""
    counts, right, top = np.histogram2d(x, y, bins=GRID, range=limits)
    return counts, *(((edges[:-1] + edges[1:]) / 2).astype(np.float32) for edges in (right, top))  # type: ignore[return-value]


def density(x: NDArray[np.floating], y: NDArray[np.floating]) -> go.Heatmap:
    """All points as an image, on a logarithmic scale; nothing where there is none."""
    import plotly.graph_objects as go

    counts, across, up = counted(x, y)
    image = np.log1p(counts).T.astype(np.float32)
    image[image == 0] = np.nan
    return go.Heatmap(z=image, x=across, y=up, showscale=False, hoverinfo="skip", opacity=0.55)


def numbered(draw: Callable[..., go.Figure], dataset: Dataset, *given: Any) -> go.Figure:
    """The figure with the rows under its points called by their positions in the source."""
    figure = draw(*given)
    for trace in figure.data:
        if str(trace.hovertemplate or "").startswith("row %{customdata}"):
            places = np.asarray(trace.customdata, np.int64)
            trace.customdata = dataset.source_ids(places).astype(np.int32)
    return figure


def bare(figure: go.Figure) -> go.Figure:
    """Without ticks and grid: places on a map have no unit."""
    figure.update_xaxes(showticklabels=False, showgrid=False)
    figure.update_yaxes(showticklabels=False, showgrid=False)
    return figure
