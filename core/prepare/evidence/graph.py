"""The one graph of nearest neighbours of a data set, on columns scaled by their kind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.dataset import Dataset
from core.errors import TooSmallError
from core.frozen import lock_fields
from core.numerics.blocks import Blocks
from core.numerics.neighbours import neighbours
from core.numerics.rowhash import row_keys
from core.phrases import count
from core.prepare.encoding import compared_by, encoded
from core.prepare.hashes import row_hashes
from core.prepare.memo import VersionMemo
from core.progress import SILENT, Progress

NEIGHBOURS = 30  # slices of it serve everybody


@dataclass(frozen=True, eq=False)
class Graph:
    """The train rows in the order of a key of their content, so that the first m of them are a random sample
    and nothing depends on the order of the source; and of each its nearest ones.

    rows: ids (n). groups: uint64, n: equal for rows that are equal in the columns compared. matrix: n x p
    vectors, see `core.prepare.encoding`. names: the columns compared. index: int32, n x k: places (not ids)
    of the nearest other rows, nearest first. distance: float32, n x k, Euclidean. note: what is approximated,
    or "".
    """

    rows: NDArray[np.int64]
    groups: NDArray[np.uint64]
    matrix: Blocks
    names: tuple[str, ...]
    index: NDArray[np.int32]
    distance: NDArray[np.float32]
    note: str

    def __post_init__(self) -> None:
        lock_fields(self)

    @property
    def nbytes(self) -> int:
        """Size in memory, in bytes."""
        arrays = (self.rows, self.groups, self.index, self.distance)
        return self.matrix.nbytes + sum(array.nbytes for array in arrays)


_KEPT: VersionMemo[Graph] = VersionMemo()


def graph(
    dataset: Dataset,
    without: str = "",
    columns: Sequence[str] = (),
    seed: int = 0,
    progress: Progress = SILENT,
) -> Graph:
    """The graph over ``columns``, or over all that rows are compared by but the one called ``without``
    (a target); remembered by ``dataset.version``.

    Learned on train rows only. Raises `TooSmallError` where no column varies.
    """
    names = tuple(name for name in compared_by(dataset, columns) if name != without)
    return _KEPT.once(
        dataset.version, (names, seed), lambda: _neighbour_graph(dataset, names, seed, progress)
    )


def _neighbour_graph(dataset: Dataset, names: tuple[str, ...], seed: int, progress: Progress) -> Graph:
    hashes = row_hashes(dataset, names, progress.part(0.0, 0.1))
    rows = np.flatnonzero(dataset.part_mask("train")).astype(np.int64)
    if np.unique(hashes[rows]).size < rows.size:  # equal rows stand by all that they hold, their labels too
        rows = rows[np.argsort(row_hashes(dataset, dataset.names)[rows], kind="stable")]
    rows = rows[np.argsort(row_keys(hashes[rows], seed), kind="stable")]
    made = encoded(dataset, names, "train", progress.part(0.1, 0.3), rows)
    if not made.names:
        raise TooSmallError(
            f"No column of {dataset.name!r} that rows can be compared by varies: it has "
            f"{count(dataset.rows, 'row')}."
        )
    near = neighbours(made.matrix.whole(), NEIGHBOURS, progress=progress.part(0.3, 1.0))
    return Graph(rows, hashes[rows], made.matrix, made.names, near.index, near.distance, near.note)
