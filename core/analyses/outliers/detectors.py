"""How odd each row is: two detectors, their tails on one scale, and the columns that make a row odd.

The matrix is taken in keyed order (`core.numerics.rowhash.row_keys`): the first rows are then a random
sample, and neither ties nor rounding nor the random trees depend on where a row stood in the source.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from core.numerics.neighbours import over_neighbours, reference_size
from core.numerics.rowhash import Hashes, keyed
from core.progress import SILENT, Progress
from core.workers import LocalThreads, one_blas_thread

Matrix = NDArray[np.float32]
Floats = NDArray[np.float64]
T = TypeVar("T", bound=np.generic)
REASONS = 3
_FOREST_ROWS = 20_000  # the trees draw 256 rows each: more to draw from changes nothing
_DRAWN = 256
_MORE = 3.0  # times the trees in small tables
_CHUNK = 16_384
_NEAR = 1e-3  # distances below this many standard deviations are as good as none
_LEAST_SHARE = 0.05  # of the distance, for a column to be named
_MAP_EDGE = 10.0
_FAR = 4.0  # standard deviations from the median, at which a whole neighbourhood is far out in a column


def put_back(values: NDArray[T], order: NDArray[np.int64]) -> NDArray[T]:
    """Values of rows taken in an order (``rows[order]``), back in that of the rows.

    >>> put_back(np.array([7, 8, 9]), np.array([2, 0, 1])).tolist()
    [8, 9, 7]
    """
    back = np.empty_like(values)
    back[order] = values
    return back


def forest_oddity(
    matrix: Matrix, seed: int, trees: int = 100, progress: Progress = SILENT, keys: Hashes | None = None
) -> Floats:
    """Isolation forest (Liu, Ting and Zhou 2008): minus the mean depth at which a row stands alone, relative
    to chance; higher is odder.

    This is the binary logarithm of the paper's score, so that steps in it are steps in depth. Small tables
    have up to three times as many trees, for no more work than those of 20,000 rows: the scores are steadier.

    keys: one per row, that say which rows each tree draws: without a row, only the trees that drew it are
    others. None: by the places of the rows.
    """
    rows = len(matrix)
    keys = np.arange(rows, dtype=np.uint64) if keys is None else keys
    if rows < 2:
        return np.zeros(rows)
    drawn, share = min(_DRAWN, rows), min(_MORE, max(1.0, _FOREST_ROWS / rows))
    forest = _grown(matrix[:_FOREST_ROWS], drawn, round(trees * share), seed, keys[:_FOREST_ROWS])

    def depth(first: int) -> Floats:
        part = matrix[first : first + _CHUNK]
        total = np.zeros(len(part))
        for tree, depths in forest:
            total += depths[tree.apply(part)]
        return total

    starts = range(0, rows, _CHUNK)
    summed = LocalThreads().map(depth, starts)
    parts = [part for _, part in zip(progress.each(starts, "Growing trees"), summed, strict=True)]
    return -np.concatenate(parts) / (len(forest) * float(_by_chance(np.array([drawn]))[0]))


def _grown(matrix: Matrix, drawn: int, trees: int, seed: int, keys: Hashes) -> list[tuple[Any, Floats]]:
    """The trees, each of so many rows ``drawn`` from the matrix by their keys, with the depth of each node:
    for a leaf of several rows, so much deeper as they would stand apart by chance. Each is a matter of its
    own rows and number alone.

    They are scikit-learn's; grown one by one, as its forest takes longer to check each than to grow it.
    """
    from sklearn import config_context
    from sklearn.tree import ExtraTreeRegressor

    nothing = np.random.RandomState(seed).uniform(size=drawn)  # a target that splits do not look at
    grown = []
    with config_context(skip_parameter_validation=True):
        for number in range(trees):
            tree = ExtraTreeRegressor(
                max_depth=int(np.ceil(np.log2(drawn))),
                max_features=1,
                splitter="random",
                random_state=np.random.RandomState([seed, number]),
            )
            rows = _smallest(keyed(keys, number), drawn)
            made = tree.fit(matrix[rows], nothing, check_input=False).tree_
            grown.append((made, _depths(made)))
    return grown


def _smallest(keys: Hashes, most: int) -> NDArray[np.int64]:
    """The places of the smallest keys, those first.

    >>> _smallest(np.array([5, 1, 4, 2], np.uint64), 2).tolist()
    [1, 3]
    """
    places = np.argpartition(keys, most - 1)[:most]
    return np.asarray(places[np.argsort(keys[places])])


def _depths(tree: Any) -> Floats:
    return np.asarray(tree.compute_node_depths() - 1.0 + _by_chance(tree.n_node_samples), np.float64)


def _by_chance(rows: NDArray[np.integer[Any]]) -> Floats:
    """The mean depth at which one of so many rows stands alone, were the splits by chance.

    >>> _by_chance(np.array([1, 2, 256])).round(3).tolist()
    [0.0, 1.0, 10.245]
    """
    others = np.maximum(rows - 1.0, 1.0)
    mean = 2.0 * (np.log(others) + np.euler_gamma) - 2.0 * others / np.maximum(rows, 1.0)
    return np.where(rows > 2, mean, np.maximum(rows - 1.0, 0.0))


@dataclass(frozen=True, eq=False)
class Loneliness:
    """``oddity``: per row the logarithm of the distance to its k-th neighbour. ``reasons``: int16, rows x 3:
    the blocks that contribute most to the squared distance from the middle of its neighbours and, where that
    itself lies far out, to that of this middle from the middle of all rows, most first; -1 where fewer
    matter. ``reference``: see `Neighbours`."""

    oddity: Floats
    reasons: NDArray[np.int16]
    reference: int


def loneliness(matrix: Matrix, starts: NDArray[np.int64], k: int, progress: Progress = SILENT) -> Loneliness:
    """Distance to the k-th nearest other row (Ramaswamy, Rastogi and Shim 2000); ``starts``: first matrix
    column of each block.

    k is lowered to half of the other rows where there are few.
    """
    rows = len(matrix)
    reference = reference_size(*matrix.shape)
    k = min(k, max(1, (rows - 1) // 2))
    oddity = np.zeros(rows)
    reasons = np.full((rows, REASONS), -1, np.int16)

    others = matrix[:reference].astype(np.float64)
    centre = np.median(others, axis=0) if rows else np.zeros(matrix.shape[1])

    def judge(at: slice, index: NDArray[np.int32], distance: Matrix) -> None:
        oddity[at] = np.log(distance.max(axis=1).astype(np.float64) + _NEAR)
        middle = _middle(index, others)
        gap = np.add.reduceat((matrix[at] - middle) ** 2, starts, axis=1)
        # what a row shares with its neighbours sets it apart from all others where so few have it
        away = np.add.reduceat((middle - centre) ** 2, starts, axis=1)
        gap += np.where(away > _FAR**2, away, 0.0)
        reasons[at, : min(REASONS, len(starts))] = _largest(gap)

    if rows > 1:
        for _ in over_neighbours(matrix, k, reference, judge, progress):
            pass
    return Loneliness(oddity, reasons, reference)


def _middle(index: NDArray[np.int32], others: Floats) -> Floats:
    """The mean of the rows of ``others`` at each line of ``index`` (n x k)."""
    from scipy.sparse import csr_array

    rows, k = index.shape
    ends = np.arange(0, rows * k + 1, k)
    chosen = csr_array((np.ones(index.size), index.ravel(), ends), shape=(rows, len(others)))
    return np.asarray(chosen @ others / k, np.float64)


def _largest(gap: Floats) -> NDArray[np.int16]:
    order = np.argsort(-gap, axis=1, kind="stable")[:, :REASONS]
    shares = np.take_along_axis(gap, order, axis=1)
    matters = shares > _LEAST_SHARE * gap.sum(axis=1, keepdims=True)
    return np.where(matters, order, -1).astype(np.int16)


def combined(first: Floats, second: Floats) -> Floats:
    """Evidence of both detectors: minus the logarithm of the harmonic mean of their tail shares (Wilson
    2019).

    Near the average of both for ordinary rows; where one sees a row far out, its word counts, less at most ln
    2.

    >>> combined(np.array([1.0, 9.0]), np.array([1.0, 1.0])).round(2)
    array([1.  , 8.31])
    """
    return np.asarray(np.logaddexp(first, second) - np.log(2.0), dtype=np.float64)


def plane(matrix: Matrix) -> Matrix:
    """Two coordinates per row for a map, float32: the first two principal components of the matrix.

    Values beyond 10 standard deviations are drawn at 10, or one wild value would press all others into a dot.
    """
    rows, width = matrix.shape
    if not rows or not width:
        return np.zeros((rows, 2), np.float32)
    coordinates = np.zeros((rows, 2), np.float32)
    starts = range(0, rows, _CHUNK)

    def part(first: int) -> Floats:
        return np.clip(matrix[first : first + _CHUNK], -_MAP_EDGE, _MAP_EDGE).astype(np.float64)

    def sums(first: int) -> tuple[Floats, Floats]:
        values = part(first)
        return values.sum(axis=0), values.T @ values

    total, square = np.zeros(width), np.zeros((width, width))
    for one, other in LocalThreads().map(sums, starts):
        total += one
        square += other
    mean = total / rows
    with one_blas_thread():
        _, vectors = np.linalg.eigh(square / rows - np.outer(mean, mean))
    axes = vectors[:, ::-1][:, :2]
    axes = axes * np.sign(axes[np.abs(axes).argmax(axis=0), np.arange(axes.shape[1])])

    def place(first: int) -> None:
        values = part(first)
        coordinates[first : first + len(values), : axes.shape[1]] = (values - mean) @ axes

    for _ in LocalThreads().map(place, starts):
        pass
    return coordinates
