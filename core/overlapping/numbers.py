"""The numbers for two equally large samples of rows: how well they are told apart, how far each covers the other, how well they mix."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.numerics.blocks import Rows
from core.numerics.domain import Domain, domain
from core.numerics.mixing import NEAR, Mixed, mixed
from core.numerics.neighbours import neighbours
from core.numerics.support import directions
from core.overlapping.parts import Ids, interleaved
from core.progress import SILENT, Progress


class Numbers(NamedTuple):
    """``domain``: the classifier test. ``mixed``: mixing and coverage. ``rows``: rows of each sample."""

    domain: Domain
    mixed: Mixed
    rows: int


def numbers(
    matrix: Rows, first: Ids, second: Ids, seed: int, block: NDArray[np.int32] | None = None, progress: Progress = SILENT
) -> Numbers:
    """Both samples (row ids of ``matrix``, equally many) held against each other; ``second`` plays serve. ``block``: see `domain`."""
    rows, serve = interleaved(first, second)
    points = matrix[rows]
    apart = domain(points, serve, seed, block, progress.part(0.0, 0.6))
    placed = directions(points, np.arange(len(points)), len(points), progress=progress)
    graph = neighbours(placed, NEAR, len(points), progress.part(0.6, 0.9))
    return Numbers(apart, mixed(graph.index, serve, seed, progress=progress.part(0.9, 1.0)), first.size)
