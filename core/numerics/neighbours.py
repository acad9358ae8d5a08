"""The one graph of nearest neighbours: each row's k nearest rows by Euclidean distance."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.frozen import lock_fields
from core.progress import SILENT, Progress
from core.workers import limited

EXACT_ROWS = 20_000  # up to here every row is compared with every other
_LEAST = 2_000  # rows compared with, at least, however large the table
_WORK = 2.8e11  # pairs of rows, times columns and what a pair costs besides: some 10 seconds on two cores
_PAIR = 55  # columns that take as long as the rest of a pair, its place among the nearest above all
_ALONE = 1_000_000  # pairs of rows below which threads wait for each other longer than they work
FINE = 1e15  # values up to which squares have a place in single precision
_CHUNK = 4_096  # rows between two looks at whether to stop: a few tenths of a second


@dataclass(frozen=True, eq=False)
class Neighbours:
    """``index``: int32, n x k, positions in the matrix, nearest first. ``distance``: float32, n x k.
    ``reference``: the neighbours come from the first so many rows. ``note``: says so where it is not all of
    them."""

    index: NDArray[np.int32]
    distance: NDArray[np.float32]
    reference: int
    note: str

    def __post_init__(self) -> None:
        lock_fields(self)


def neighbours(
    matrix: NDArray[np.float32], k: int, reference: int | None = None, progress: Progress = SILENT
) -> Neighbours:
    """The k nearest other rows of each row of ``matrix`` (n x p, finite), looked for among its first
    ``reference`` rows.

    By default all rows up to 20,000 and as many as the work allows beyond. The first rows must then be a
    random sample: bring the rows into keyed order first (`core.numerics.rowhash.row_keys`), which also makes
    ties and rounding independent of where a row stood. k is lowered to the number of other rows there are.
    """
    size = reference_size(*matrix.shape) if reference is None else min(reference, len(matrix))
    k = max(0, min(k, size - 1))
    index, distance = np.empty((len(matrix), k), np.int32), np.empty((len(matrix), k), np.float32)
    for at, places, far in neighbour_chunks(matrix, k, size, progress):
        index[at], distance[at] = places, far
    return Neighbours(index, distance, size, reference_note(len(matrix), size))


def neighbour_chunks(
    matrix: NDArray[np.float32], k: int, reference: int, progress: Progress = SILENT
) -> Iterator[tuple[slice, NDArray[np.int32], NDArray[np.float32]]]:
    """The same a few thousand rows at a time: rows, index, distance. ``k`` must be below ``reference``."""
    from sklearn.neighbors import NearestNeighbors

    if k < 1:
        return
    search = NearestNeighbors(n_neighbors=k + 1, algorithm="brute").fit(matrix[:reference])
    threads = 1 if min(_CHUNK, len(matrix)) * reference < _ALONE else None
    for first in progress.each(range(0, len(matrix), _CHUNK), "Looking for neighbours"):
        at = slice(first, min(first + _CHUNK, len(matrix)))
        with limited(threads):
            distance, index = search.kneighbors(matrix[at])
        own = index == np.arange(at.start, at.stop)[:, None]
        # not its own neighbour: it lies beyond the reference, or has many equals
        own[~own.any(axis=1), -1] = True
        yield (
            at,
            index[~own].reshape(-1, k).astype(np.int32),
            distance[~own].reshape(-1, k).astype(np.float32),
        )


def few_nearest(
    matrix: NDArray[np.float32], at: slice, k: int, others: NDArray[np.float32]
) -> tuple[NDArray[np.int64], NDArray[np.float32], NDArray[np.float64]]:
    """For the rows ``at`` of ``matrix`` the k nearest of ``others``, its first rows, in no order, the
    distance of the k-th, and by how much a row differs from the mean of them, column by column: the same as
    `neighbour_chunks` finds, but for ties and near ties, in half the time.

    Chosen by distances of single precision, whose values must stay below `FINE`; those given are of double
    precision. A row is not its own neighbour. k must be below the number of ``others``.
    """
    rows, size = matrix[at], len(others)
    squares = np.einsum("ij,ij->i", others, others)
    # squared distances, but for the square of the row itself
    far = np.column_stack([rows, np.ones(len(rows), np.float32)]) @ np.vstack([-2 * others.T, squares])
    own = np.arange(at.start, max(at.start, min(at.start + len(rows), size)))
    far[own - at.start, own] = np.inf
    within = np.flatnonzero(far <= np.partition(far, k - 1, axis=1)[:, k - 1 : k])
    first = np.searchsorted(within, np.arange(len(rows)) * size)
    index = within[first[:, None] + np.arange(k)] % size
    gaps = rows[:, None, :].astype(np.float64) - others[index]
    distance = np.sqrt(np.einsum("ijk,ijk->ij", gaps, gaps).max(axis=1))
    return index, distance.astype(np.float32), gaps.mean(axis=1)


def reference_size(rows: int, columns: int) -> int:
    """How many rows each row is compared with: all up to 20,000, beyond that as many as a fixed amount of
    work allows.

    >>> reference_size(5_000, 10), reference_size(100_000, 20)
    (5000, 20000)
    >>> reference_size(1_000_000, 25), reference_size(100_000_000, 25)
    (3500, 2000)
    """
    if rows <= EXACT_ROWS:
        return rows
    return int(np.clip(_WORK / (rows * (_PAIR + columns)), _LEAST, EXACT_ROWS))


def reference_note(rows: int, reference: int) -> str:
    """What to say of it to the reader; empty where the neighbours are exact.

    >>> reference_note(100, 100), reference_note(1_000_000, 10_000)
    ('', 'Neighbours were looked for among a random sample of 10,000 of the 1,000,000 rows.')
    """
    return (
        ""
        if reference >= rows
        else (f"Neighbours were looked for among a random sample of {reference:,} of the {rows:,} rows.")
    )
