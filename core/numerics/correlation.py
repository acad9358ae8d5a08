"""Correlations of many columns of numbers at once, with missing values left out pair by pair, and what chance does to them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.numerics.association import Chance, Floats

Mask = NDArray[np.bool_]
_SINGULAR = 1e-10  # share of a column's variance that the others leave over, below which they tell it exactly


def mid_ranks(values: Floats) -> tuple[Floats, Floats]:
    """Ranks 1 to m of the m known values (ties share their mean rank, NaN gets 0), and how often each distinct value occurs.

    >>> ranks, counts = mid_ranks(np.array([7.0, 3.0, np.nan, 7.0]))
    >>> ranks.tolist(), counts.tolist()
    ([2.5, 1.0, 0.0, 2.5], [1.0, 2.0])
    """
    order = np.argsort(values)  # NaN last
    known = values.size - int(np.isnan(values).sum())
    ranks = np.zeros(values.size)
    if not known:
        return ranks, np.zeros(0)
    order = order[:known]
    ranked = values[order]
    new = np.empty(known, bool)
    new[0] = True
    np.not_equal(ranked[1:], ranked[:-1], out=new[1:])
    starts = np.flatnonzero(new)
    counts = np.diff(starts, append=known).astype(np.float64)
    if starts.size == known:
        ranks[order] = np.arange(1.0, known + 1)
    else:
        ranks[order] = np.repeat(starts + (counts + 1) / 2, counts.astype(np.int64))
    return ranks, counts


def centred(values: Floats, known: Mask) -> Floats:
    """``values`` less the mean of the known ones, over their root sum of squares; 0 where not known, all 0 where they do not vary."""
    kept = np.where(known, values, 0.0)
    largest = float(np.abs(kept).max(initial=0.0))
    if largest > 1e100:  # squares of such numbers overflow; the unit does not matter
        kept /= largest
    count = max(1, int(known.sum()))
    kept = np.where(known, kept - kept.sum() / count, 0.0)
    norm = float(np.sqrt(kept @ kept))
    flat = norm <= 1e-13 * np.sqrt(count) * min(largest, 1e100)
    return np.zeros_like(kept) if flat or norm == 0 else kept / norm


def excess_kurtosis(unit: Floats, count: int) -> float:
    """Fourth over squared second k-statistic of ``count`` centred values of unit length; 0 for fewer than four.

    >>> round(excess_kurtosis(centred(np.arange(5.0), np.ones(5, bool)), 5), 6)
    -1.2
    """
    n = float(count)
    if n < 4:
        return 0.0
    squares = unit * unit
    fourth = float(squares @ squares) * n  # m4 / m2**2
    scale = n * n / ((n - 1) * (n - 2) * (n - 3)) * ((n - 1) / n) ** 2
    return scale * ((n + 1) * fourth - 3 * (n - 1))


class Correlations(NamedTuple):
    """``r``: p x p correlations over the rows where both are known, nan where either does not vary there. ``n``: those rows' number."""

    r: Floats
    n: Floats


def correlations(unit: Floats, known: Mask) -> Correlations:
    """Correlations between all pairs of rows of ``unit`` (p x n, as `centred` makes them), each pair over its complete cases.

    On ranks this is Spearman's coefficient with the ranks taken among all known values of each column; where nothing is missing it is
    exactly Spearman's. Raises nothing.
    """
    p, rows = unit.shape
    gaps = np.flatnonzero(~known.all(axis=1))
    cross = unit @ unit.T
    n = np.broadcast_to(known.sum(axis=1).astype(np.float64)[:, None], (p, p)).copy()
    sums = np.zeros((p, p))
    squares = np.broadcast_to((unit * unit).sum(axis=1)[:, None], (p, p)).copy()
    if gaps.size:  # the sums of a column over another's known rows differ from its own only where that other has gaps
        mask = known[gaps].T.astype(unit.dtype)
        sums[:, gaps] = unit @ mask
        squares[:, gaps] = (unit * unit) @ mask
        n[:, gaps] = known.astype(unit.dtype) @ mask
    n = np.minimum(n, n.T) if not gaps.size else _complete(n, known, gaps)
    with np.errstate(divide="ignore", invalid="ignore"):
        variance = squares - sums * sums / n
        variance[variance < 1e-12 * squares] = 0.0
        r = (cross - sums * sums.T / n) / np.sqrt(variance * variance.T)
    r[~np.isfinite(r)] = np.nan
    return Correlations(np.clip(r, -1.0, 1.0), n)


def _complete(n: Floats, known: Mask, gaps: NDArray[np.intp]) -> Floats:
    """The number of complete rows per pair: known wherever one of the two has no gaps."""
    whole = np.setdiff1d(np.arange(known.shape[0]), gaps)
    n[np.ix_(gaps, whole)] = known[gaps].sum(axis=1).astype(np.float64)[:, None]
    n[np.ix_(whole, gaps)] = n[np.ix_(gaps, whole)].T
    return n


def correlation_chance(n: Floats, left: Floats, right: Floats, floor: Floats) -> Chance:
    """What chance does to the squared correlation of n pairs, given each side's `excess_kurtosis`.

    Its first two moments over all permutations are exact (Pitman 1937, "Significance tests which may be applied to samples from any
    populations II", JRSS Suppl. 4). Without ties it comes close to Student's t for Spearman's coefficient.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = 1.0 / (n - 1)
        fourth = 3.0 / (n * n - 1) * (1.0 + (n - 2) * (n - 3) / (3.0 * n * (n - 1) ** 2) * left * right)
    return Chance.of(mean, fourth - mean**2, np.ones_like(n), floor, np.abs(left * right) > n)


def log_arrangements(counts: Floats) -> float:
    """Log of one over the number of orders that values occurring ``counts`` times can stand in: the least that a p-value can be.

    >>> round(float(np.exp(log_arrangements(np.array([1.0, 19.0])))), 6)  # one odd value among twenty
    0.05
    """
    from scipy.special import gammaln

    return float(gammaln(counts + 1).sum() - gammaln(counts.sum() + 1))


class Collinearity(NamedTuple):
    """``vif``: variance inflation factor per column, infinite for a column that the ones before it tell exactly, nan for one that does
    not vary. ``condition``: root of the ratio of the largest to the least eigenvalue of the correlations of the others."""

    vif: Floats
    condition: float


def collinearity(cross: Floats) -> Collinearity:
    """Variance inflation factors from the correlations (p x p) of centred columns, missing values standing at the mean.

    Columns that are exact combinations of earlier ones are set aside first (Cholesky with a tolerance of 1e-10 of the variance).

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
    """Columns in order that earlier ones do not tell exactly, and those that they do."""
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
    """The variance inflation that independent normal columns stay under with probability ``level``; infinite for too few rows.

    R-squared of one column on the others is then beta distributed with (columns - 1) / 2 and (n - columns) / 2.
    """
    from scipy.special import betaincinv

    if columns < 2 or n <= columns + 1:
        return float("inf")
    return float(1.0 / (1.0 - betaincinv((columns - 1) / 2, (n - columns) / 2, level)))
