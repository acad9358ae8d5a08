"""How much denser serve lies than train, on the map of both."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from components.figures.points import GRID, HOVER, SEED, bare, counted, dots
from components.figures.projection import HEIGHT, Floats
from components.figures.theme import GREY, SERVE, TRAIN, framed

if TYPE_CHECKING:
    import plotly.graph_objects as go

HOW = """Colour is the density of serve over the density of train, as if both had equally many rows, in
powers of two: orange where serve is denser, blue where train is, grey where both are alike; nothing where
there are too few rows."""
_FEW = 4.0  # rows that must lie around a cell for its ratio to be shown


def ratio(x: Floats, y: Floats, serve: NDArray[np.bool_], limit: int) -> go.Figure:
    """How much denser serve lies than train, in powers of two, smoothed; a few faint points to choose rows
    by.
    """
    import plotly.graph_objects as go

    placed = np.flatnonzero(np.isfinite(x))
    image, across, up = _log_ratio(x[placed], y[placed], serve[placed])
    bar = {
        "title": {"text": "serve / train", "side": "right"},
        "thickness": 12,
        "len": 0.7,
        "tickvals": [-3, -2, -1, 0, 1, 2, 3],
        "ticktext": ["1/8", "1/4", "1/2", "1", "2", "4", "8"],
    }
    heat = go.Heatmap(
        z=image.T.astype(np.float32),
        x=across,
        y=up,
        colorscale=[[0, TRAIN], [0.5, GREY], [1, SERVE]],
        zmin=-3,
        zmax=3,
        zmid=0,
        colorbar=bar,
        hoverinfo="skip",
    )
    rows = placed[np.random.default_rng(SEED).permutation(placed.size)[: limit // 10]]
    faint = dots(rows.size)(
        x=np.asarray(x[rows], np.float32),
        y=np.asarray(y[rows], np.float32),
        customdata=rows.astype(np.int32),
        mode="markers",
        name="Rows",
        marker={"size": 3, "opacity": 0.25, "color": GREY},
        hovertemplate="row %{customdata}<extra></extra>",
    )
    return bare(framed(go.Figure([heat, faint]), HEIGHT, dragmode="lasso", **HOVER))


def _log_ratio(x: Floats, y: Floats, serve: NDArray[np.bool_]) -> tuple[Floats, Floats, Floats]:
    """Per cell of the grid the density of serve over that of train, as a power of two, nan where there are
    too few rows; and the cells' middles.
    """
    from scipy.ndimage import gaussian_filter

    limits = [[float(v.min()) - 1e-6, float(v.max()) + 1e-6] for v in (x, y)] if x.size else None
    (train, across, up), (second, *_) = (counted(x[mask], y[mask], limits) for mask in (~serve, serve))
    spread = max(1.0, GRID[0] / 60)
    smooth = [gaussian_filter(counts, spread) * (2 * np.pi * spread**2) for counts in (train, second)]
    share = [part / max(1.0, float(mask.sum())) for part, mask in zip(smooth, (~serve, serve), strict=True)]
    prior = [1.0 / max(1.0, float(mask.sum())) for mask in (~serve, serve)]
    image = np.log2((share[1] + prior[1]) / (share[0] + prior[0]))
    image[(smooth[0] + smooth[1] < _FEW) | (train + second == 0)] = np.nan
    return image, across, up
