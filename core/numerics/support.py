"""Does a row lie where there are training rows? A conformal p-value of its distance to them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.numerics.blocks import Ids, MatrixRows
from core.progress import SILENT, Progress
from core.workers import one_blas_thread

Floats = NDArray[np.float64]
Matrix = NDArray[np.float32]
DIRECTIONS = 50
ALARM = 0.01  # chance that a noise floor is exceeded where nothing has changed
_CHUNK = 16_384
_BLOCK = 4_096  # rows whose products are summed in float32
_SCATTER = 1_000  # columns up to which their scatter matrix is worked out


def conformal_p(scores: Floats, calibration: Floats) -> Floats:
    """For each score the share of calibration scores at least as large, the row itself counted: (1 + #) / (c
    + 1).

    Uniform, or larger, for a row drawn like those of the calibration (Vovk, Gammerman and Shafer 2005; for
    outliers Bates and others 2023, Annals of Statistics 51).

    >>> conformal_p(np.array([0.5, 9.0]), np.array([1.0, 2.0, 3.0])).tolist()
    [1.0, 0.25]
    """
    below = np.searchsorted(np.sort(calibration), scores, side="left")
    return np.asarray((1.0 + calibration.size - below) / (calibration.size + 1.0), dtype=np.float64)


def own_p(scores: Floats) -> Floats:
    """The same of each score among the others: the share, itself included, that is at least as large.

    >>> own_p(np.array([3.0, 1.0, 2.0])).round(2).tolist()
    [0.33, 1.0, 0.67]
    """
    below = np.searchsorted(np.sort(scores), scores, side="left")
    return np.asarray((scores.size - below) / max(1, scores.size), dtype=np.float64)


class Unsupported(NamedTuple):
    """``beyond`` of ``rows`` have a p-value of at most the level. ``expected``: their expected share.
    ``spread``: its standard deviation. ``noise_floor``: share that is exceeded in one of a hundred cases at
    most. ``p``: chance of so many. Judged by ``calibration`` rows."""

    beyond: int
    rows: int
    calibration: int
    expected: float
    spread: float
    noise_floor: float
    p: float

    @property
    def can_be_told(self) -> bool:
        """Whether there are enough calibration rows for any row to be at or below the level: else none is,
        wherever it lies.
        """
        return self.expected > 0.0

    @property
    def share(self) -> float:
        """Share of the rows at or below the level."""
        return self.beyond / self.rows if self.rows else 0.0

    @property
    def beyond_noise(self) -> bool:
        """Whether there are more than the noise floor: the one test of the count."""
        return self.share > self.noise_floor

    @property
    def excess(self) -> float:
        """Estimated share of the rows that are not drawn like the training rows, 0 at least."""
        return max(0.0, (self.share - self.expected) / (1.0 - self.expected))

    @property
    def chance_rows(self) -> int:
        """How many of the rows at or below the level are drawn like the training rows: the level's share of
        all that are.
        """
        return min(self.beyond, round(self.expected * (1.0 - self.excess) * self.rows))


def unsupported(p: Floats, calibration: int, level: float) -> Unsupported:
    """How many of the p-values are at most ``level``, against the number expected.

    All rows are judged by the same calibration rows, so their p-values rise and fall together: the count
    follows the beta-binomial distribution with parameters j and c + 1 - j, j = floor(level (c + 1)), not the
    binomial.

    >>> found = unsupported(np.full(200, 0.5), 999, 0.01)
    >>> found.beyond, round(found.expected, 4), round(found.spread, 4)
    (0, 0.01, 0.0077)
    """
    from scipy.stats import betabinom

    count, rows = int((p <= level).sum()), p.size
    least = int(np.floor(level * (calibration + 1) + 1e-9))
    if not least or not rows:
        return Unsupported(count, rows, calibration, 0.0, 0.0, 0.0, 1.0)
    law = betabinom(rows, least, calibration + 1 - least)
    return Unsupported(
        count,
        rows,
        calibration,
        least / (calibration + 1),
        float(law.std()) / rows,
        float(law.isf(ALARM)) / rows,
        float(law.sf(count - 1)),
    )


def directions(
    matrix: MatrixRows, rows: Ids, fit: int, most: int = DIRECTIONS, progress: Progress = SILENT
) -> Matrix:
    """These rows of the matrix as they are up to ``most`` columns; beyond, their main directions among the
    first ``fit`` of them, and the distance from those.

    The last column is how far a row lies from the plane of those directions: what is new in other rows has no
    direction of its own.
    """
    if matrix.shape[1] <= most or fit < 2:
        return np.asarray(matrix[rows], dtype=np.float32)
    with one_blas_thread():
        main = main_axes(matrix[rows[:fit]], most)
        result = np.empty((rows.size, main.axes.shape[1] + 1), np.float32)
        for start in range(0, rows.size, _CHUNK):
            progress.check()
            part = matrix[rows[start : start + _CHUNK]] - main.centre
            placed = np.matmul(part, main.axes, out=result[start : start + len(part), :-1])
            rest = np.einsum("ij,ij->i", part, part) - np.einsum("ij,ij->i", placed, placed)
            result[start : start + len(part), -1] = np.sqrt(np.maximum(rest, 0.0))
    return result


class Axes(NamedTuple):
    """``centre``: p. ``axes``: p x directions, of unit length. ``share``: of the variance of the rows that
    lies along them.
    """

    centre: Matrix
    axes: Matrix
    share: float


def main_axes(matrix: Matrix, most: int = DIRECTIONS) -> Axes:
    """The main directions (principal components) of the rows, fewer where there are fewer rows: of their
    scatter matrix, or, where that would be large, by random projections (Halko, Martinsson and Tropp
    2011)."""
    most, width = min(most, len(matrix) - 1), matrix.shape[1]
    centre = matrix.mean(axis=0, dtype=np.float64).astype(np.float32)
    if width > _SCATTER:
        from sklearn.decomposition import PCA

        fitted = PCA(most, svd_solver="randomized", random_state=0).fit(matrix)
        along, share = fitted.components_.T, float(fitted.explained_variance_ratio_.sum())
        return Axes(centre, np.ascontiguousarray(along, dtype=np.float32), share)
    from scipy.linalg import eigh

    scatter = np.zeros((width, width))
    for start in range(0, len(matrix), _BLOCK):
        part = matrix[start : start + _BLOCK] - centre
        scatter += part.T @ part
    size, axes = eigh(scatter, subset_by_index=[max(0, width - most), width - 1], driver="evx")
    return Axes(
        centre,
        np.ascontiguousarray(axes, dtype=np.float32),
        float(size.sum() / max(np.trace(scatter), 1e-300)),
    )
