"""The one graph of nearest neighbours: each row's k nearest rows by Euclidean distance."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from core.frozen import lock_fields
from core.progress import SILENT, Progress
from core.workers import LocalThreads, import_models

Floats = NDArray[np.float32]
Index = NDArray[np.int32]
R = TypeVar("R")

EXACT_ROWS = 20_000  # up to here every row is compared with every other
_LEAST = 2_000  # rows compared with, at least, however large the table
_WORK = 2.8e11  # pairs of rows, times columns and what a pair costs besides: some 10 seconds on two cores
_PAIR = 55  # columns that take as long as the rest of a pair, its place among the nearest above all
_CELLS = 2_000_000  # distances that one thread holds at once
_FINE = 1e15  # values up to which squares have a place in single precision
_BLUR = 1e-6  # what single precision leaves open of a squared distance, as a share of its terms
_LOOKED_AT = 256  # rows by which it is seen whether single precision will do
_CHUNK = 4_096  # rows between two looks at whether to stop, in double precision


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
    matrix: Floats, k: int, reference: int, progress: Progress = SILENT
) -> Iterator[tuple[slice, Index, Floats]]:
    """The same some hundred rows at a time: rows, index, distance. ``k`` must be below ``reference``."""
    yield from over_neighbours(matrix, k, reference, _in_order, progress)


def _in_order(at: slice, index: Index, distance: Floats) -> tuple[slice, Index, Floats]:
    order = np.argsort(distance, axis=1, kind="stable")
    return at, np.take_along_axis(index, order, axis=1), np.take_along_axis(distance, order, axis=1)


def over_neighbours(
    matrix: Floats,
    k: int,
    reference: int,
    use: Callable[[slice, Index, Floats], R],
    progress: Progress = SILENT,
) -> Iterator[R]:
    """What ``use`` makes of the same some hundred rows at a time, in the threads that find their neighbours:
    of rows, index, distance, the neighbours of a row in no order.
    """
    if k < 1:
        return
    search = _Search(np.ascontiguousarray(matrix[:reference]), k)
    yield from _over(search, matrix, np.arange(len(matrix)), use, progress, "Looking for neighbours")


def nearest_among(
    others: Floats, matrix: Floats, k: int, progress: Progress = SILENT, note: str = "Looking for neighbours"
) -> tuple[Index, Floats]:
    """The at most ``k`` rows of ``others`` (m x p) nearest to each row of ``matrix`` (n x p), nearest first:
    their positions in ``others`` and their Euclidean distances, both n x min(k, m). A row that stands in both
    is its own nearest, at 0. All values must be finite.

    >>> nearest_among(np.array([[0.0], [5.0]], np.float32), np.array([[1.0], [5.0]], np.float32), 1)
    (array([[0],
           [1]], dtype=int32), array([[1.],
           [0.]], dtype=float32))
    """
    k = min(k, len(others))
    index, distance = np.empty((len(matrix), k), np.int32), np.empty((len(matrix), k), np.float32)
    if k == len(others):  # nothing is to be chosen
        for at in progress.each([slice(f, f + _CHUNK) for f in range(0, len(matrix), _CHUNK)], note):
            every = np.broadcast_to(np.arange(k, dtype=np.int32), index[at].shape)
            _, index[at], distance[at] = _in_order(at, every, np.sqrt(_squares(matrix[at], every, others)))
        return index, distance
    nobody = np.full(len(matrix), len(others))
    for at, places, far in _over(_Search(others, k), matrix, nobody, _in_order, progress, note):
        index[at], distance[at] = places, far
    return index, distance


def _over(
    search: _Search,
    matrix: Floats,
    own: NDArray[np.int64],
    use: Callable[[slice, Index, Floats], R],
    progress: Progress,
    note: str,
) -> Iterator[R]:
    """What ``use`` makes of some hundred rows of ``matrix`` at a time. own: the position of each row among
    those searched, or beyond them.
    """
    if search.is_blurred(matrix, own):
        for first in progress.each(range(0, len(matrix), _CHUNK), note):
            at = slice(first, min(first + _CHUNK, len(matrix)))
            yield use(at, *search.double(matrix[at], own[at]))
        return

    def used(at: slice) -> R:
        return use(at, *search.nearest(matrix[at], own[at]))

    size = max(1, _CELLS // len(search.others))
    parts = [slice(first, min(first + size, len(matrix))) for first in range(0, len(matrix), size)]
    import_models()
    work = LocalThreads().map(used, parts)
    for _, made in zip(progress.each(parts, note), work, strict=True):
        yield made


class _Search:
    """The k nearest of some rows, ``others``: in single precision, and in double where that cannot tell the
    k-th from the next, as of equal rows. ``own``: the positions of the rows asked about, none of which is its
    own neighbour.
    """

    def __init__(self, others: Floats, k: int) -> None:
        from sklearn.neighbors import NearestNeighbors

        self.others, self.k = others, k
        self.in_double = NearestNeighbors(n_neighbors=k + 1, algorithm="brute").fit(others)
        self.parts = max(1, round(np.sqrt(len(others) / k)))
        beyond = ((0, 0), (0, -len(others) % self.parts))
        # beside a row and a one: squared distances, but for the square of the row itself; beyond, too far
        with np.errstate(over="ignore"):
            squares = np.einsum("ij,ij->i", others, others)[None]
        far = np.finfo(np.float32).max
        self.turned = np.vstack([np.pad(-2 * others.T, beyond), np.pad(squares, beyond, constant_values=far)])

    def is_blurred(self, matrix: Floats, own: NDArray[np.int64]) -> bool:
        """Whether single precision tells nothing of values as large, or of most rows, by some of them."""
        if max(matrix.max(), -matrix.min()) >= _FINE:
            return True
        some = np.arange(0, len(matrix), max(1, len(matrix) // _LOOKED_AT))
        return 2 * self.single(matrix[some], own[some])[2].size > some.size

    def nearest(self, rows: Floats, own: NDArray[np.int64]) -> tuple[Index, Floats]:
        """Index and distance, in no order."""
        index, distance, blurred = self.single(rows, own)
        if blurred.size:
            index[blurred], distance[blurred] = self.double(rows[blurred], own[blurred])
        return index, distance

    def single(self, rows: Floats, own: NDArray[np.int64]) -> tuple[Index, Floats, NDArray[np.int64]]:
        """Index and distance, in no order, and the lines of which they are not sure."""
        far = np.column_stack([rows, np.ones(len(rows), np.float32)]) @ self.turned
        within = np.flatnonzero(own < len(self.others))
        far[within, own[within]] = np.inf
        index, near, next_one = _chosen(far, self.k, self.parts)
        # of the squares of the row and of the distance
        blur = _BLUR * (2 * np.einsum("ij,ij->i", rows, rows) + near)
        distance = np.sqrt(_squares(rows, index, self.others))
        return index, distance, np.flatnonzero(next_one - near <= blur)

    def double(self, rows: Floats, own: NDArray[np.int64]) -> tuple[Index, Floats]:
        """Index and distance, nearest first."""
        distance, index = self.in_double.kneighbors(rows)
        self_found = index == own[:, None]
        # not its own neighbour: it lies beyond the others, or has many equals
        self_found[~self_found.any(axis=1), -1] = True
        shape = len(rows), self.k
        return (
            index[~self_found].reshape(shape).astype(np.int32),
            distance[~self_found].reshape(shape).astype(np.float32),
        )


def _chosen(far: Floats, k: int, parts: int) -> tuple[Index, Floats, Floats]:
    """The places of the k least values of each line, in no order, the k-th of these, and the one after it.
    The width is a multiple of ``parts``.

    No whole line is partitioned: the least stand in those of its columns of ``parts`` values each whose least
    value is least.

    >>> [found.tolist() for found in _chosen(np.array([[4, 0, 3, 9, 1, 2]], np.float32), 2, 2)]
    [[[1, 4]], [1.0], [2.0]]
    """
    rows, width = far.shape
    each = width // parts
    kind = np.int32 if far.size < 2**31 else np.int64  # of places: of half the size they are read faster
    line = np.arange(rows, dtype=kind)
    column = _least(far.reshape(rows, parts, each).min(axis=1), min(k + 1, each)).astype(kind)
    column = column + line[:, None] * (width - each)
    place = (column[:, None, :] + each * np.arange(parts, dtype=kind)[:, None]).reshape(rows, -1)
    values = np.take(far, place)
    chosen = _least(values, k + 1)
    place, values = np.take(place, chosen), np.take(values, chosen)
    last = values.argmax(axis=1)
    next_one = values[line, last]
    kept = np.arange(k + 1) != last[:, None]
    index: Index = (place[kept].reshape(rows, k) - line[:, None] * width).astype(np.int32)
    return index, values[kept].reshape(rows, k).max(axis=1), next_one


def _least(values: Floats, k: int) -> NDArray[np.int64]:
    """The places of the k least values of each line, ascending, as in all lines one after the other; of equal
    values the first.

    Several times as fast as `numpy.argpartition`, which is not vectorised.

    >>> _least(np.array([[4, 0, 1, 1, 1], [2, 0, 3, 9, 2]], np.float32), 2)
    array([[1, 2],
           [5, 6]])
    """
    rows, width = values.shape
    limit = np.partition(values, k - 1, axis=1)[:, k - 1 : k]
    place = np.flatnonzero(values <= limit)
    if place.size > rows * k:
        row = place // width
        tied = np.take(values, place) == limit[row, 0]
        room = k - np.bincount(row[~tied], minlength=rows)
        before = np.cumsum(tied) - tied
        before -= before[np.searchsorted(row, np.arange(rows))][row]
        place = place[~tied | (before < room[row])]
    return place.reshape(rows, k)


def _squares(rows: Floats, index: Index, others: Floats) -> Floats:
    """Squared distances from each row to the others at its line of ``index``: of differences, so that near
    rows have theirs in full precision.
    """
    made = np.empty(index.shape, np.float32)
    step = max(1, _CELLS // max(1, rows.size))
    for first in range(0, index.shape[1], step):
        gap = np.take(others, index[:, first : first + step], axis=0)
        gap -= rows[:, None, :]
        made[:, first : first + step] = np.einsum("ijk,ijk->ij", gap, gap)
    return made


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
