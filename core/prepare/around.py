"""The rows nearest to one row, for a person to compare it with: at once, and without a graph over all rows.

Rows are compared by their vectors where such are attached; by their pictures where they have some, brought
down to 16 x 16 pixels and freed of brightness and contrast (tiny images: Torralba, Fergus and Freeman 2008,
IEEE TPAMI 30); else by their columns (`core.prepare.encoding`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.dataset import Dataset
from core.frozen import lock_fields
from core.numerics.rowhash import row_keys
from core.phrases import count, left_out_unread
from core.prepare.encoding import compared_by, encoded
from core.prepare.hashes import row_hashes
from core.prepare.memo import VersionMemo
from core.progress import SILENT, Progress
from core.rowset import RowSet

CELLS = 20_000_000  # rows compared with, times numbers of each: 80 MB, some hundredths of a second a look
NEAR = 5
_SIDE, _PIXELS = 16, 64
_AT_ONCE = 512  # pictures
Ids = NDArray[np.int64]
Matrix = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Surroundings:
    """What rows are compared by.

    rows: ids, ascending (n). matrix: n x p. length: of each row squared, n. by: what they are compared by, in
    words. note: says which are not among them; "" where all rows are.
    """

    rows: Ids
    matrix: Matrix
    length: Matrix
    by: str
    note: str

    def __post_init__(self) -> None:
        lock_fields(self)

    @property
    def nbytes(self) -> int:
        """Size in memory, in bytes."""
        return self.matrix.nbytes + self.length.nbytes + self.rows.nbytes

    def nearest(self, row: int, k: int = NEAR) -> tuple[Ids, NDArray[np.float64]]:
        """The ``k`` nearest other rows of ``row`` and their distances, nearest first, of equally near ones
        that with the lower number; none where the row is not among those compared.
        """
        at = int(np.searchsorted(self.rows, row))
        if at >= self.rows.size or self.rows[at] != row or not self.matrix.shape[1]:
            return np.zeros(0, np.int64), np.zeros(0)
        squared = self.length + self.length[at] - 2.0 * (self.matrix @ self.matrix[at])
        squared[at] = np.inf
        k = min(k, self.rows.size - 1)
        if k < 1:
            return np.zeros(0, np.int64), np.zeros(0)
        kth = np.partition(squared, k - 1)[k - 1]
        some = np.flatnonzero(squared <= kth + 1e-5 * max(1.0, float(self.length[at])))
        exact = ((self.matrix[some].astype(np.float64) - self.matrix[at]) ** 2).sum(axis=1)
        exact[some == at] = np.inf
        order = np.lexsort((self.rows[some], exact.round(9)))[:k]
        return self.rows[some[order]], np.sqrt(exact[order])


_KEPT: VersionMemo[Surroundings] = VersionMemo()


def surroundings(
    dataset: Dataset, asked: RowSet, without: str = "", progress: Progress = SILENT
) -> Surroundings:
    """What the rows ``asked`` and all others are compared by, or those and a random sample of the others
    where all are too many; remembered by ``dataset.version``. without: a column left out, as a target.
    """
    many = dataset.rows * _width(dataset) > CELLS
    key = (without, asked if many else None)
    return _KEPT.once(dataset.version, key, lambda: _surroundings(dataset, asked, without, progress))


def _width(dataset: Dataset) -> int:
    """About how many numbers a row has."""
    if dataset.vectors is not None:
        return dataset.vectors.width
    return 3 * _SIDE**2 if dataset.pictures is not None else 2 * max(1, len(dataset.names))


def _surroundings(dataset: Dataset, asked: RowSet, without: str, progress: Progress) -> Surroundings:
    names = tuple(name for name in compared_by(dataset) if name != without)
    by_picture = dataset.pictures is not None and dataset.vectors is None
    rows = _some(dataset, asked, max(2, CELLS // _width(dataset)), names or dataset.names)
    note = "" if rows.size >= dataset.rows else _sampled(rows.size, dataset.rows)
    unread = dataset.without_picture()
    if unread.any():
        rows = rows[~unread[rows]]
        note = " ".join(filter(None, [note, left_out_unread(int(unread.sum()))]))
    if by_picture:
        rows, matrix = _tiny(dataset, rows, progress)
    elif names:
        matrix = encoded(dataset, names, "all", progress, rows).matrix.whole()
    else:
        matrix = np.zeros((rows.size, 0), np.float32)
    by = "columns" if dataset.vectors is None else "vectors"
    by = "picture" if by_picture else by
    length = np.einsum("ij,ij->i", matrix, matrix).astype(np.float32)
    return Surroundings(rows, matrix, length, by, note)


def _sampled(some: int, rows: int) -> str:
    return f"Looked for among {count(some)} of {count(rows, 'row')}, a random sample."


def _some(dataset: Dataset, asked: RowSet, most: int, names: tuple[str, ...]) -> Ids:
    """All rows, or at most ``most``: those asked about, and others drawn by their content; ascending."""
    every = np.arange(dataset.rows, dtype=np.int64)
    if dataset.rows <= most:
        return every
    own = asked.ids[: most // 2]
    drawn = np.argsort(row_keys(row_hashes(dataset, names), 0), kind="stable")[: most - own.size]
    return np.union1d(own, drawn).astype(np.int64)


def _tiny(dataset: Dataset, rows: Ids, progress: Progress) -> tuple[Ids, Matrix]:
    """Those of the rows whose picture can be read, and their pictures: centred, of length 1."""
    pictures = dataset.pictures
    assert pictures is not None
    sources = dataset.source_ids(rows)
    there = pictures.readable_at(sources)
    rows, sources, small = rows[there], sources[there], pictures.small()
    made = np.empty((rows.size, 3 * _SIDE**2), np.float32)
    step = _PIXELS // _SIDE
    for first in progress.each(range(0, rows.size, _AT_ONCE), "Looking at pictures"):
        some = np.asarray(small[sources[first : first + _AT_ONCE]], np.float32)
        pooled = some.reshape(-1, _SIDE, step, _SIDE, step, 3).mean(axis=(2, 4))
        made[first : first + _AT_ONCE] = pooled.reshape(len(pooled), -1)
    made -= made.mean(axis=1, keepdims=True)
    made /= np.maximum(np.linalg.norm(made, axis=1, keepdims=True), 1e-6)
    return rows, made
