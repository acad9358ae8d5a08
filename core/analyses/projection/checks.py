"""What a map is held against on demand: another seed, columns that mean nothing, other scales."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.analyses.projection import faithful
from core.analyses.projection.landmarks import chosen
from core.analyses.projection.places import FEWEST, MapRows, bent, laid_out, near_rows
from core.analyses.projection.principal import DIRECTIONS, principal
from core.analyses.projection.quality import JUDGED, NEAR, MapMeasure
from core.analyses.projection.settings import ProjectionSettings
from core.dataset import Dataset
from core.prepare.encoding import encoded
from core.progress import Progress

SWEPT = 2_000  # rows of each small map
SWEEP = {"umap": (5, 15, 50), "tsne": (5, 30, 100)}

Floats = NDArray[np.float32]


class Checks(NamedTuple):
    """``measures``: of another seed and of the twin. ``twin``: places of the noise twin of the landmarks, or
    none. ``scales``: of the small maps; ``swept``: their rows, as positions in the order of the map;
    ``sweep``: places, maps x rows x 2.
    """

    measures: tuple[MapMeasure, ...]
    twin: Floats
    scales: tuple[float, ...]
    swept: NDArray[np.int64]
    sweep: Floats


def checked(
    dataset: Dataset, rows: MapRows, flat: Floats, settings: ProjectionSettings, progress: Progress
) -> Checks:
    """Those checks that the settings ask for. ``rows``: of these data. ``flat``: the map, n x 2."""
    measures: list[MapMeasure] = []
    twin = np.zeros((0, 2), np.float32)
    if bent(rows.space, settings):
        if settings.stability:
            measures.append(_another_seed(rows, flat, settings, progress.part(0.0, 0.3)))
        if settings.twin:
            measure, twin = _noise_twin(dataset, rows, settings, progress.part(0.3, 0.6))
            measures.append(measure)
    swept = chosen(rows.second, SWEPT)
    scales = tuple(map(float, SWEEP.get(settings.method, ()))) if settings.sweep else ()
    if not scales or swept.size < FEWEST:
        return Checks(tuple(measures), twin, (), swept[:0], np.zeros((0, 0, 2), np.float32))
    sweep = _at_scales(rows.space[swept], scales, settings, progress.part(0.6, 1.0))
    return Checks(tuple(measures), twin, scales, swept, sweep)


def _another_seed(
    rows: MapRows, flat: Floats, settings: ProjectionSettings, progress: Progress
) -> MapMeasure:
    """How much of the map a layout with another seed keeps."""
    own = rows.space[rows.landmarks.rows]
    few, k = slice(0, JUDGED), min(NEAR, len(own) - 1)
    near = near_rows(own, settings, progress.part(0.0, 0.1))
    other = laid_out(own, near, settings, settings.seed + 1, progress.part(0.1, 1.0))
    here, there = (faithful.nearest(places[few], k) for places in (flat[rows.landmarks.rows], other))
    expected = k / (2 * len(own[few]) - k)
    return MapMeasure(
        "neighbours_kept_by_another_seed", faithful.jaccard(here, there), expected, "expected by chance"
    )


def _noise_twin(
    dataset: Dataset, rows: MapRows, settings: ProjectionSettings, progress: Progress
) -> tuple[MapMeasure, Floats]:
    """The map of the landmarks with each column permuted by itself, and what it keeps."""
    draw = np.random.default_rng(settings.seed)
    vectors = encoded(dataset, rows.names, "all", progress.part(0.0, 0.05))
    matrix = vectors.matrix[rows.order[rows.landmarks.rows]]
    for start, stop in _spans(vectors.block):
        matrix[:, start:stop] = matrix[draw.permutation(len(matrix)), start:stop]
    space = principal(matrix, np.arange(len(matrix)), DIRECTIONS)
    near = near_rows(space, settings, progress.part(0.05, 0.1))
    twin = laid_out(space, near, settings, settings.seed, progress.part(0.1, 1.0))
    few, k = slice(0, JUDGED), min(NEAR, len(matrix) - 1)
    kept = faithful.recall(faithful.nearest(space[few], k), faithful.nearest(twin[few], k))
    expected = k / max(1, len(matrix[few]) - 1)
    return MapMeasure("neighbours_kept_by_noise_twin", kept, expected, "expected by chance"), twin


def _spans(block: NDArray[np.int32]) -> list[tuple[int, int]]:
    """Start and end of each column among those of the matrix."""
    edges = [0, *(np.flatnonzero(np.diff(block)) + 1).tolist(), block.size]
    return list(zip(edges[:-1], edges[1:], strict=True))


def _at_scales(
    space: Floats, scales: tuple[float, ...], settings: ProjectionSettings, progress: Progress
) -> Floats:
    """Small maps of the same rows, one per scale."""
    maps = []
    for at, scale in enumerate(scales):
        part = progress.part(at / len(scales), (at + 1) / len(scales))
        near = near_rows(space, settings, part.part(0.0, 0.1), scale)
        maps.append(laid_out(space, near, settings, settings.seed, part.part(0.1, 1.0)))
    return np.stack(maps)
