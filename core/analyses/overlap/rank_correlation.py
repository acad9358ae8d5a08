"""Spearman's rank correlation with weights, and how surely two of them differ."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
_FIELLER = 1.06  # variance of Fisher's z of a rank correlation, times n - 3
_CONSTANT = 1e-12  # variance of ranks from 0 to 1 that rounding leaves of a constant
_STRONGEST = 0.995  # a relation beyond it counts as this one: z is infinite at 1


class RankCorrelation(NamedTuple):
    """``rho``: the correlation. ``error``: standard error of its Fisher z; infinite where there is nothing to
    tell. ``rows``: how many rows it rests on, with weights their effective number (Kish 1965).
    """

    rho: float
    error: float
    rows: float

    @property
    def z(self) -> float:
        """Fisher's z."""
        return fisher_z(self.rho)


class Change(NamedTuple):
    """The difference of Fisher's z of one relation in serve and in train, and its standard error."""

    difference: float
    error: float

    @property
    def p(self) -> float:
        """Two-sided p-value."""
        from scipy.special import ndtr

        return float(2.0 * ndtr(-abs(self.difference) / self.error))


def fisher_z(rho: float) -> float:
    """Fisher's transform of a correlation, atanh.

    >>> round(fisher_z(0.5), 4)
    0.5493
    """
    return float(np.arctanh(np.clip(rho, -_STRONGEST, _STRONGEST)))


def changed(train: RankCorrelation, serve: RankCorrelation) -> Change:
    """How far the relation in serve differs from that in train; its size is Cohen's q.

    From .8 to -.7 on 103 rows each, with 1.06 / (n - 3) for either variance:

    >>> one = changed(RankCorrelation(0.8, 0.0106**0.5, 103), RankCorrelation(-0.7, 0.0106**0.5, 103))
    >>> round(one.difference, 3), round(one.error, 3)
    (-1.966, 0.146)
    """
    return Change(serve.z - train.z, float(np.hypot(train.error, serve.error)))


def rank_correlation(left: Floats, right: Floats, weights: Floats | None = None) -> RankCorrelation:
    """Spearman's correlation of two columns without missing values, ties at their mean rank.

    The variance of its z is the largest of three: 1.06 / (n - 3) (Fieller, Hartley and Pearson 1957),
    (1 + rho^2 / 2) / (n - 3) (Bonett and Wright 2000), which hold where the ranks are those of normal
    columns, and that of its influence function (Borkowf 2002 has the same variance), which holds for any
    relation.

    >>> one = rank_correlation(np.array([1.0, 2.0, 3.0, 4.0, 5.0]), np.array([1.0, 3.0, 2.0, 5.0, 4.0]))
    >>> round(one.rho, 3)
    0.8
    >>> one = rank_correlation(np.arange(53.0), np.mod(np.arange(53.0) * 7, 53))
    >>> round(one.error, 4) == round((1.06 / 50) ** 0.5, 4)
    True
    """
    share = np.full(left.size, 1.0 / max(1, left.size)) if weights is None else weights / weights.sum()
    rows = 1.0 / float((share * share).sum()) if left.size else 0.0
    (u, above_left), (v, above_right) = _ranks(left, share), _ranks(right, share)
    both, first, second = (float((share * one).sum()) for one in (u * v, u * u, v * v))
    if rows <= 4.0 or min(first, second) <= _CONSTANT:
        return RankCorrelation(0.0, float("inf"), rows)
    scale = (first * second) ** 0.5
    rho = max(-1.0, min(1.0, both / scale))
    # what one more row adds to the covariance of the ranks and to either variance: its own place, and that
    # it moves the ranks of the rows above it
    of_both = u * v + above_left(v) + above_right(u) - 3.0 * both
    of_first = u * u + 2.0 * above_left(u) - 3.0 * first
    of_second = v * v + 2.0 * above_right(v) - 3.0 * second
    influence = of_both / scale - rho / 2.0 * (of_first / first + of_second / second)
    steepness = 1.0 - min(abs(rho), _STRONGEST) ** 2
    by_influence = float((share * share * influence * influence).sum()) / steepness**2 * rows / (rows - 3.0)
    variance = max(_FIELLER / (rows - 3.0), (1.0 + rho * rho / 2.0) / (rows - 3.0), by_influence)
    return RankCorrelation(rho, variance**0.5, rows)


class _Above(NamedTuple):
    """Per row the weighed sum of other values over the rows that lie above it, those level with it half."""

    place: NDArray[np.intp]
    share: Floats

    def __call__(self, values: Floats) -> Floats:
        sums = np.bincount(self.place, self.share * values)
        return np.asarray((sums.sum() - np.cumsum(sums) + sums / 2.0)[self.place], dtype=np.float64)


def _ranks(values: Floats, share: Floats) -> tuple[Floats, _Above]:
    """Ranks from -1/2 to 1/2, of mean 0."""
    _, place = np.unique(values, return_inverse=True)
    mass = np.bincount(place, share)
    return (np.cumsum(mass) - mass / 2.0 - 0.5)[place], _Above(place, share)
