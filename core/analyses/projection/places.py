"""Where rows lie on a map: the rows in the order that all of its steps share, and their places by the method
that the settings choose.
"""

from __future__ import annotations

from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from core.analyses.projection import layout
from core.analyses.projection.landmarks import Landmarks
from core.analyses.projection.settings import ProjectionSettings
from core.analyses.projection.worker import WORKER
from core.numerics.neighbours import neighbours
from core.progress import Progress

FEWEST = 10  # rows below which a map is a plain projection

Floats = NDArray[np.float32]
Mask = NDArray[np.bool_]
Kind = TypeVar("Kind", bound=np.generic)


class MapRows(NamedTuple):
    """All rows, in a random order that their content fixes.

    names, left_out: columns that they are compared by, and those that cannot be.
    order: their positions in the data.
    space: n x at most 50 directions, in which neighbours are looked for.
    second: which of them are of serve.
    landmarks: those that are laid out.
    """

    names: tuple[str, ...]
    left_out: tuple[str, ...]
    order: NDArray[np.int64]
    space: Floats
    second: Mask
    landmarks: Landmarks

    def in_order_of_data(self, values: NDArray[Kind]) -> NDArray[Kind]:
        """One value per row, put back into the order of the data."""
        back = np.empty_like(values)
        back[self.order] = values
        return back


class Near(NamedTuple):
    """``nearest`` and ``distance``, n x k: the nearest other rows of each row, nearest first."""

    nearest: NDArray[np.int32]
    distance: Floats

    def first(self, k: int) -> Near:
        """The ``k`` nearest of them."""
        return Near(self.nearest[:, :k], self.distance[:, :k])


def bent(space: Floats, settings: ProjectionSettings) -> bool:
    """Whether there is more to lay out than a plain projection."""
    return settings.method != "pca" and len(space) >= FEWEST


def plane(space: Floats) -> Floats:
    """The first two directions; a second one of nothing where there is one only."""
    if space.shape[1] > 1:
        return np.ascontiguousarray(space[:, :2])
    return np.hstack([space, np.zeros_like(space)])


def asked(settings: ProjectionSettings, scale: float | None = None) -> int:
    """As many neighbours as the method asks for; t-SNE takes three times its perplexity. scale: instead of
    the one that is set.
    """
    if settings.method == "umap":
        return round(scale or settings.neighbours)
    return round(3 * (scale or settings.perplexity)) if settings.method == "tsne" else 1


def near_rows(
    space: Floats,
    settings: ProjectionSettings,
    progress: Progress,
    scale: float | None = None,
    least: int = 0,
) -> Near:
    """As many nearest others as the method asks for, or ``least``."""
    graph = neighbours(space, max(least, asked(settings, scale)), len(space), progress)
    return Near(graph.index, graph.distance)


def laid_out(
    space: Floats, near: Near, settings: ProjectionSettings, seed: int, progress: Progress
) -> Floats:
    """n x 2: the places of rows by UMAP or t-SNE, begun at their plain projection with a breath of noise; in
    the resident child.
    """
    start = plane(space)
    start = start / max(float(np.abs(start).max(initial=0.0)), 1e-12)
    start = (start + np.random.default_rng(seed).normal(0, 1e-4, start.shape)).astype(np.float32)
    progress.at(0.0, "Starting the worker")
    if settings.method == "umap":
        return WORKER.call(layout.umap_layout, *near, start, settings.min_dist, seed, progress=progress)
    perplexity = near.nearest.shape[1] / 3
    return WORKER.call(layout.tsne_layout, *near, start, perplexity, seed, progress=progress)
