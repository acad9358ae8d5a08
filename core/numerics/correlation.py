"""Correlations of many columns of numbers at once, with missing values left out pair by pair, and their noise
floors.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.numerics.association import Chance, Floats

Mask = NDArray[np.bool_]
_BLOCK_CELLS = 1_000_000  # numbers turned to double precision at once
# share of a column's variance that the others leave over, below which it is a linear combination of them
_SINGULAR = 1e-10


class Ranks(NamedTuple):
    """``ranks``: 1 to ``known`` for the known values, ties sharing their mean rank, 0 for NaN. ``ties``: how
    often each distinct value occurs, in ascending order; None where none occurs twice. ``distinct``: how many
    those are."""

    ranks: Floats
    known: int
    distinct: int
    ties: Floats | None

    @property
    def spread(self) -> tuple[float, float]:
        """Sum of squares and excess kurtosis (fourth over squared second k-statistic; 0 below four values) of
        the ranks.

        >>> rank([1.0, 2.0, 3.0, 4.0, 5.0]).spread  # doctest: +ELLIPSIS
        (10.0, -1.2...)
        """
        n = float(self.known)
        if self.ties is None:
            second, fourth = n * (n * n - 1) / 12, n * (n * n - 1) * (3 * n * n - 7) / 240
        else:
            middle: Floats = np.cumsum(self.ties) - (self.ties - 1) / 2 - (n + 1) / 2
            middle *= middle
            weighed = self.ties * middle
            second, fourth = float(weighed.sum()), float((weighed * middle).sum())
        if n < 4 or second == 0:
            return second, 0.0
        ratio = (
            n * n * ((n + 1) * fourth / n - 3 * (n - 1) * (second / n) ** 2) / ((n - 1) * (n - 2) * (n - 3))
        )
        return second, ratio / (second / (n - 1)) ** 2

    @property
    def log_arrangements(self) -> float:
        """Log of one over the number of orders the values can stand in: the least that a p-value can be.

        >>> round(float(np.exp(rank([0.0] * 19 + [7.0]).log_arrangements)), 6)  # one odd value among twenty
        0.05
        """
        from scipy.special import gammaln

        same = 0.0 if self.ties is None else float(gammaln(self.ties[self.ties > 1] + 1).sum())
        return same - float(gammaln(self.known + 1))


def rank(values: ArrayLike) -> Ranks:
    """The ranks of float values.

    >>> rank([7.0, 3.0, np.nan, 7.0]).ranks.tolist()
    [2.5, 1.0, 0.0, 2.5]
    """
    given = np.asarray(values, dtype=np.float64)
    order = np.argsort(given)  # NaN last
    count = given.size - int(np.isnan(given).sum())
    order = order[:count]
    ranked = given[order]
    ranks = np.zeros(given.size)
    starts = np.flatnonzero(ranked[1:] != ranked[:-1]) + 1
    if starts.size == max(count - 1, 0):
        ranks[order] = np.arange(1.0, count + 1)
        return Ranks(ranks, count, count, None)
    edges = np.concatenate([[0], starts, [count]])
    ties = np.diff(edges)
    ranks[order] = np.repeat(edges[:-1] + (ties + 1) / 2, ties)
    return Ranks(ranks, count, ties.size, ties.astype(np.float64))


def unit(values: Floats, known: Mask | None = None) -> Floats:
    """``values`` less the mean of the known ones, over their root sum of squares; 0 where not known, all 0
    where they do not vary.

    >>> unit(np.array([1.0, 3.0])).round(4).tolist()
    [-0.7071, 0.7071]
    """
    kept = values if known is None else values[known]
    largest = float(np.abs(kept).max(initial=0.0))
    if largest > 1e100:  # squares of such numbers overflow; the unit does not matter
        values, kept = values / largest, kept / largest
    shifted = values - (kept.mean() if kept.size else 0.0)
    if known is not None:
        shifted[~known] = 0.0
    # "@" wakes the threads of BLAS, which cost more than so little work
    norm = float(np.sqrt(np.einsum("i,i", shifted, shifted)))
    if (
        norm <= 1e-13 * np.sqrt(max(1, kept.size)) * min(largest, 1.0 if largest > 1e100 else largest)
        or norm == 0
    ):
        return np.zeros_like(shifted)
    shifted /= norm
    return shifted


class Correlations(NamedTuple):
    """``r``: p x p correlations over the rows where both are known, nan where either does not vary there.
    ``n``: those rows' number. ``cross``: the products of the columns as they stand, missing values at the
    mean."""

    r: Floats
    n: Floats
    cross: Floats


def correlations(units: NDArray[np.floating], known: Mask) -> Correlations:
    """Correlations between all pairs of rows of ``units`` (p x n, centred, 0 where not known), each pair over
    its complete cases.

    On ranks this is Spearman's coefficient with the ranks taken among all known values of each column; where
    nothing is missing it is exactly Spearman's. Whatever ``units`` is held in, products are summed in double
    precision.
    """
    gaps = np.flatnonzero(~known.all(axis=1))
    cross, sums, partial, both = _products(units, known, gaps)
    squares = np.repeat(np.diag(cross)[:, None], len(units), axis=1)
    counts = known.sum(axis=1).astype(np.float64)
    n = np.minimum(counts[:, None], counts)
    if gaps.size:
        squares[:, gaps] = partial
        n[np.ix_(gaps, gaps)] = both
    with np.errstate(divide="ignore", invalid="ignore"):
        variance = squares - sums * sums / n
        variance[variance < 1e-6 * squares] = 0.0
        r = (cross - sums * sums.T / n) / np.sqrt(variance * variance.T)
    r[~np.isfinite(r)] = np.nan
    return Correlations(np.clip(r, -1.0, 1.0), n, cross)


def _products(
    units: NDArray[np.floating], known: Mask, gaps: NDArray[np.intp]
) -> tuple[Floats, Floats, Floats, Floats]:
    """Sums of products of the columns; their sums (p x p) and, for the g columns with gaps, sums of squares
    (p x g) and counts (g x g) over the known rows of another. A column's sums over another's known rows
    differ from its own only where that other has gaps."""
    p, g = len(units), gaps.size
    cross, sums, partial, both = np.zeros((p, p)), np.zeros((p, p)), np.zeros((p, g)), np.zeros((g, g))
    step = max(1, _BLOCK_CELLS // max(1, p))
    for first in range(0, known.shape[1] if p else 0, step):
        block = units[:, first : first + step].astype(np.float64)
        cross += block @ block.T
        if g:
            mask = known[gaps, first : first + step].T.astype(np.float64)
            sums[:, gaps] += block @ mask
            partial += (block * block) @ mask
            both += mask.T @ mask
    return cross, sums, partial, both


def correlation_chance(n: Floats, left: Floats, right: Floats, floor: Floats) -> Chance:
    """What chance does to the squared correlation of n pairs, given the excess kurtosis of each side's ranks.

    Its first two moments over all permutations are exact (Pitman 1937, "Significance tests which may be
    applied to samples from any populations II", JRSS Suppl. 4). Without ties it comes close to Student's t
    for Spearman's coefficient.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = 1.0 / (n - 1)
        fourth = 3.0 / (n * n - 1) * (1.0 + (n - 2) * (n - 3) / (3.0 * n * (n - 1) ** 2) * left * right)
    return Chance.of(mean, fourth - mean**2, np.ones_like(n), floor, np.abs(left * right) > n)


class Collinearity(NamedTuple):
    """Multicollinearity of columns of numbers.

    vif: variance inflation factor per column, infinite for a linear combination of the ones before it, nan
    for
        one that does not vary.
    condition: root of the ratio of the largest to the least eigenvalue of the correlations of the others.
    """

    vif: Floats
    condition: float


def collinearity(cross: Floats) -> Collinearity:
    """Variance inflation factors from the correlations (p x p) of centred columns, missing values standing at
    the mean.

    Columns that are exact combinations of earlier ones are set aside first (Cholesky with a tolerance of
    1e-10 of the variance).

    >>> collinearity(np.array([[1.0, 0.9], [0.9, 1.0]])).vif.round(4).tolist()
    [5.2632, 5.2632]
    """
    vif = np.full(len(cross), np.nan)
    kept, aliases = _independent(cross)
    vif[aliases] = np.inf
    if not kept:
        return Collinearity(vif, float("nan"))
    inner = cross[np.ix_(kept, kept)]
    values = np.linalg.eigvalsh(inner)
    vif[kept] = np.maximum(1.0, np.diag(np.linalg.inv(inner)))
    return Collinearity(vif, float(np.sqrt(values[-1] / max(values[0], 1e-300))))


def _independent(cross: Floats) -> tuple[list[int], list[int]]:
    """Columns that are no linear combination of the ones before them, and those that are."""
    rest = cross.astype(np.float64).copy()
    kept: list[int] = []
    aliases: list[int] = []
    for j in range(len(cross)):
        if cross[j, j] <= 0:
            continue
        if rest[j, j] < _SINGULAR:
            aliases.append(j)
            continue
        kept.append(j)
        row = rest[j].copy() / np.sqrt(rest[j, j])
        rest -= np.outer(row, row)
    return kept, aliases


def vif_noise(n: int, columns: int, level: float) -> float:
    """The variance inflation that independent normal columns stay under with probability ``level``; infinite
    for too few rows.

    R-squared of one column on the others is then beta distributed with (columns - 1) / 2 and (n - columns) /
    2.
    """
    from scipy.special import betaincinv

    if columns < 2 or n <= columns + 1:
        return float("inf")
    return float(1.0 / (1.0 - betaincinv((columns - 1) / 2, (n - columns) / 2, level)))
