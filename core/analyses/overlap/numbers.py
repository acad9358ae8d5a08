"""The numbers for two equally large samples of rows: how well they are told apart, how far each covers the
other, how well they mix.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.analyses.overlap.mixing import NEAR, Mixed, mixed
from core.numerics.blocks import MatrixRows
from core.numerics.domain import Domain, domain
from core.numerics.neighbours import neighbours
from core.numerics.support import directions
from core.prepare.train_serve import Ids, interleaved
from core.progress import SILENT, Progress


class Separation(NamedTuple):
    """``domain``: the classifier test. ``mixed``: mixing and coverage. ``rows``: rows of each sample."""

    domain: Domain
    mixed: Mixed
    rows: int


def classified(
    matrix: MatrixRows,
    first: Ids,
    second: Ids,
    seed: int,
    block: NDArray[np.int32] | None = None,
    progress: Progress = SILENT,
) -> Domain:
    """The classifier test between two samples (row ids of ``matrix``, equally many); ``second`` plays serve.
    ``block``: see `domain`.
    """
    rows, serve = interleaved(first, second)
    return domain(matrix[rows], serve, seed, block, progress)


def mixed_in(matrix: MatrixRows, first: Ids, second: Ids, seed: int, progress: Progress = SILENT) -> Mixed:
    """Mixing and coverage of two such samples."""
    rows, serve = interleaved(first, second)
    points = directions(matrix, rows, rows.size, progress=progress)
    graph = neighbours(points, NEAR, rows.size, progress.part(0.0, 0.75))
    return mixed(graph.index, serve, seed, progress=progress.part(0.75, 1.0))
