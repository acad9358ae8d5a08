"""How far a flat map keeps what is true of the rows in the space it was made from."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.progress import SILENT, Progress

Floats = NDArray[np.floating]
Index = NDArray[np.integer]


def nearest(points: Floats, k: int, progress: Progress = SILENT) -> Index:
    """n x k: the k nearest other rows of each row, nearest first."""
    from core.numerics.neighbours import neighbours

    return neighbours(np.ascontiguousarray(points, np.float32), k, len(points), progress).index


def recall(space: Index, flat: Index) -> float:
    """Mean share of a row's k nearest in the space that are among its k nearest on the map; k / (n - 1) by
    chance.

    >>> recall(np.array([[1, 2], [0, 2], [0, 1]]), np.array([[1, 2], [2, 0], [3, 4]])).__round__(3)
    0.667
    """
    if not space.size:
        return float("nan")
    return float((space[:, :, None] == flat[:, None, :]).any(axis=2).mean())


def jaccard(left: Index, right: Index) -> float:
    """Mean overlap of two neighbour lists of the same rows: shared over together."""
    if not left.size:
        return float("nan")
    shared = (left[:, :, None] == right[:, None, :]).any(axis=2).sum(axis=1)
    return float((shared / (left.shape[1] + right.shape[1] - shared)).mean())


class Trust(NamedTuple):
    """``trustworthiness``: 1 where neighbours on the map are neighbours in the space; ``continuity``: 1 where
    it is so the other way.
    """

    trustworthiness: float
    continuity: float


def trust(space: Floats, flat: Floats, k: int) -> Trust:
    """Both measures of Venna and Kaski (2001, "Neighborhood preservation in nonlinear projection methods",
    ICANN), for a few thousand rows.

    They need k < n / 2; nan where that cannot be.
    """
    n = len(space)
    if k < 1 or 2 * k >= n:
        return Trust(float("nan"), float("nan"))
    ranks = _ranks(space), _ranks(flat)
    norm = 2.0 / (n * k * (2.0 * n - 3.0 * k - 1.0))

    def kept(near: NDArray[np.int32], judged: NDArray[np.int32]) -> float:
        false = (near <= k) & (judged > k)
        return float(1.0 - norm * (judged[false] - k).sum())

    return Trust(kept(ranks[1], ranks[0]), kept(ranks[0], ranks[1]))


def _ranks(points: Floats) -> NDArray[np.int32]:
    """n x n: the place of column j among the neighbours of row i, 1 for the nearest, 0 for itself."""
    far = _distances(points)
    np.fill_diagonal(far, -1.0)
    order = np.argsort(far, axis=1, kind="stable")
    ranks = np.empty(order.shape, np.int32)
    np.put_along_axis(
        ranks, order, np.arange(len(points), dtype=np.int32)[None].repeat(len(points), axis=0), axis=1
    )
    return ranks


def distance_correlation(space: Floats, flat: Floats) -> float:
    """Spearman's correlation of all distances between pairs of rows, in the space and on the map; nan where
    either does not vary.
    """
    from scipy.stats import rankdata

    above = np.triu_indices(len(space), 1)
    left, right = (rankdata(_distances(points)[above]) for points in (space, flat))
    left -= left.mean()
    right -= right.mean()
    size = float(np.sqrt((left @ left) * (right @ right)))
    return float(left @ right) / size if size else float("nan")


def _distances(points: Floats) -> NDArray[np.float64]:
    from scipy.spatial.distance import cdist

    distances: NDArray[np.float64] = cdist(
        points.astype(np.float64), points.astype(np.float64), "sqeuclidean"
    )
    return distances


def mixing(index: Index, second: NDArray[np.bool_]) -> float:
    """Cross-part neighbours over those that perfect mixing would give: 1 mixed, 0 apart (Schilling 1986, JASA
    81).

    index: n x k neighbours. second: which of the n rows are of the second part. nan where there is one part
    only.

    >>> mixing(np.array([[1], [0], [3], [2]]), np.array([True, False, True, False])).__round__(3)
    1.5
    """
    n, m = second.size, int(second.sum())
    if m in (0, n) or not index.size:
        return float("nan")
    expected = 2.0 * m * (n - m) / (n * (n - 1.0))
    return float((second[index] != second[:, None]).mean()) / expected


def mixing_noise(index: Index, second: NDArray[np.bool_], seed: int, times: int = 50) -> float:
    """Standard deviation of `mixing` over permutations of the labels on the same neighbours."""
    draw = np.random.default_rng(seed)
    return float(np.std([mixing(index, draw.permutation(second)) for _ in range(times)]))
