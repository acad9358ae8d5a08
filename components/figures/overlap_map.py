"""The map on the overlap page, coloured by one of its layers: the part, what was worked out of the rows, or a
column.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from components.figures import density_ratio, points, theme
from components.figures import projection as drawn
from components.text import cut
from core.analyses.projection.local_mixing import local_mixing
from core.dataset import Dataset
from core.limits import DRAWN_POINTS

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from core.analyses.overlap.result import OverlapResult
    from core.analyses.projection.analysis import ProjectionResult

Layer = tuple[str, str]  # kind, column
PARTS, RATIO, MIXING, FLAT, SUPPORT, SERVE, COLUMN = (
    "parts",
    "ratio",
    "mixing",
    "flat",
    "support",
    "serve",
    "column",
)
LEVELS = len(theme.LEVELS)


def overlap_map(
    dataset: Dataset, result: ProjectionResult, overlap: OverlapResult | None, layer: Layer
) -> go.Figure:
    """The map in one of its layers; row numbers in ``customdata`` where points are drawn."""
    limit = DRAWN_POINTS.value
    if layer[0] == RATIO:
        return density_ratio.ratio(result.x, result.y, result.serve, limit)
    cloud = drawn.Cloud(result.x, result.y, _hollow(result, overlap))
    if result.serve.any():
        cloud = cloud._replace(far="Unsupported")
    return drawn.points(cloud, _colouring(dataset, result, overlap, layer), limit)


def _hollow(result: ProjectionResult, overlap: OverlapResult | None) -> NDArray[np.bool_]:
    """The rows drawn hollow: the unsupported serve rows, none while they are not known; of data in one part
    the hundredth that lies farthest from its nearest other row.
    """
    if not result.serve.any():
        return result.hollow
    if overlap is None or overlap.case is None:
        return np.zeros(result.x.size, bool)
    return overlap.unsupported


def _colouring(
    dataset: Dataset, result: ProjectionResult, overlap: OverlapResult | None, layer: Layer
) -> drawn.Colouring:
    kind, name = layer
    if kind == COLUMN:
        return _by_column(dataset, name)
    if kind in (MIXING, FLAT):
        return drawn.Colouring(
            "Mixing", result.mixing if kind == MIXING else _mixing(result, _hollow(result, overlap))
        )
    if overlap is not None and kind in (SUPPORT, SERVE):
        values = overlap.support_p if kind == SUPPORT else overlap.serve_probability
        return drawn.Colouring("Support (p)" if kind == SUPPORT else "P(serve)", values)
    return drawn.parts(result.serve)


def _mixing(result: ProjectionResult, hollow: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Mixing among the neighbours on the map, for the rows that are drawn; nan for the others."""
    rows = points.shown(hollow, np.zeros(hollow.size), DRAWN_POINTS.value)
    rows = rows[np.isfinite(result.x[rows])]
    values = np.full(result.x.size, np.nan, np.float32)
    values[rows] = local_mixing(np.stack([result.x[rows], result.y[rows]], axis=1), result.serve[rows])
    return values


def _by_column(dataset: Dataset, name: str) -> drawn.Colouring:
    from core.prepare.features import first_time, numbers
    from core.prepare.levels import level_codes

    values, kind = dataset.table([name]).column(0), dataset[name].kind
    if kind in ("numeric", "datetime"):
        floats = numbers(dataset[name], values)
        if np.unique(floats[:10_000]).size > LEVELS or np.unique(floats).size > LEVELS:
            first = first_time(values) if kind == "datetime" else None
            return drawn.Colouring(cut(name, 40), floats.astype(np.float32), first=first)
    codes, words = level_codes(values)
    if len(words) > LEVELS:
        codes, words = np.where(codes < LEVELS, codes, -1), words[:LEVELS]
    return drawn.Colouring(cut(name, 40), codes, tuple(words))
