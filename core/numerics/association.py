"""How strongly two columns of levels are associated, and the noise floor of that.

Every measure starts from one contingency table (counts, k levels by l levels). What chance does is not read
from a limit law but from the first two moments of the permutation distribution, which are known exactly for
any margins (Haldane 1940, "The mean and variance of chi-squared …", Biometrika 31), fitted by a beta
distribution on the range the measure can take.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Codes = NDArray[np.integer[Any]]
Counts = NDArray[np.int64]
_FEW = 5.0  # least expected count of a cell that chi-squared is commonly trusted with (Cochran 1954)
_CAUTION = 0.75
# the two parameters of a beta add up to n / 2 or so; beyond this its width is rounding alone
_CONSTANT = 1e12
_AT_ONCE = 20_000  # codes counted in one call: few enough to stay in the cache, enough to outweigh the call


def contingency(left: Codes, right: Sequence[Codes] | Codes, levels: tuple[int, int]) -> Counts:
    """Counts of the pairs of levels of one column and of each of J others: int64, J x ``levels[0]`` x
    ``levels[1]``.

    ``left``: n codes; ``right``: J times n codes. Codes run from 1; 0 means missing and is left out.

    >>> contingency(np.array([1, 1, 2, 0]), np.array([[1, 2, 2, 2]]), (2, 2)).tolist()
    [[[1, 1], [0, 1]]]
    """
    height, width = levels[0] + 1, levels[1] + 1
    cells, step = height * width, max(1, _AT_ONCE // max(1, left.size))
    base = left.astype(np.int64) * width + (np.arange(step) * cells)[:, None]
    joint = np.empty((step, left.size), np.int64)
    counted = np.empty((len(right), cells), np.int64)
    for first in range(0, len(right), step):
        some = right[first : first + step]
        for place, codes in enumerate(some):
            np.add(base[place], codes, out=joint[place])
        counts = np.bincount(joint[: len(some)].ravel(), minlength=len(some) * cells)
        counted[first : first + len(some)] = counts.reshape(len(some), cells)
    return counted.reshape(-1, height, width)[:, 1:, 1:]


class Links(NamedTuple):
    """What J contingency tables say, one float64 per table. ``phi2``: chi-squared over n. ``rows``,
    ``columns``: levels that occur. ``mean``, ``variance``: of phi2 over all permutations. ``least``: the
    least expected count of a cell. ``log_chance``: log-probability of this very table under independence,
    which no p-value can undercut. ``right_given_left``, ``left_given_right``: Theil's U, the share of one
    column's entropy that the other takes away. ``information``: mutual information in nats, less its bias
    (Miller and Madow 1955), at least 0. Where fewer than four pairs are known or one side does not vary,
    ``phi2`` is nan and the others mean nothing.
    """

    n: Floats
    rows: Floats
    columns: Floats
    phi2: Floats
    mean: Floats
    variance: Floats
    least: Floats
    log_chance: Floats
    right_given_left: Floats
    left_given_right: Floats
    information: Floats


def links(tables: Counts) -> Links:
    """The measures of tables, J x k x m."""
    down, across = tables.sum(axis=2), tables.sum(axis=1)
    n = down.sum(axis=1).astype(np.float64)
    rows, columns = (down > 0).sum(axis=1).astype(np.float64), (across > 0).sum(axis=1).astype(np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        turned, tipped = np.where(down, 1.0 / down, 0.0), np.where(across, 1.0 / across, 0.0)
        squares = tables.astype(np.float64)
        squares *= squares
        phi2 = np.einsum("jk,jk->j", (squares @ tipped[:, :, None])[:, :, 0], turned) - 1.0
        left, right, joint = (_entropy(counts, n) for counts in (down, across, tables))
        shared = np.maximum(0.0, left + right - joint)
        freedom = (rows - 1) * (columns - 1)
        variance = chi2_variance(n, (rows, turned.sum(axis=1)), (columns, tipped.sum(axis=1))) / n**2
        return Links(
            n=n,
            rows=rows,
            columns=columns,
            phi2=np.where((n >= 4) & (freedom > 0), np.maximum(phi2, 0.0), np.nan),
            mean=freedom / (n - 1),
            variance=variance,
            least=1.0 / (turned.max(axis=1) * tipped.max(axis=1) * n),
            log_chance=_log_factorials(down)
            + _log_factorials(across)
            - _log_factorials(tables)
            - _log_factorials(n[:, None].astype(int)),
            right_given_left=np.minimum(1.0, shared / right),
            left_given_right=np.minimum(1.0, shared / left),
            information=np.maximum(0.0, shared - freedom / (2 * n)),
        )


def _entropy(counts: Counts, n: Floats) -> Floats:
    """Entropy in nats of the shares that the counts of each table make of its n."""
    from scipy.special import xlogy

    return np.asarray(np.log(n) - _looked_up(lambda values: xlogy(values, values), counts) / n)


def _log_factorials(counts: Counts) -> Floats:
    """Log of the product of the factorials of each table's counts."""
    from scipy.special import gammaln

    return _looked_up(lambda values: gammaln(values + 1.0), counts)


def _looked_up(function: Callable[[Floats], Floats], counts: Counts) -> Floats:
    """The function's sum over each table's counts; many small counts are looked up instead of worked out."""
    flat = counts.reshape(len(counts), -1)
    largest = int(flat.max(initial=0))
    if largest >= flat.size:
        return np.asarray(function(flat.astype(np.float64)).sum(axis=1))
    return np.asarray(function(np.arange(largest + 1, dtype=np.float64))[flat].sum(axis=1))


def chi2_variance(n: Floats, down: tuple[Floats, Floats], across: tuple[Floats, Floats]) -> Floats:
    """Exact variance of chi-squared over all permutations, given the margins (Haldane 1940, Biometrika 31).

    ``down``, ``across``: number of levels, and the sum of one over the count of each.

    >>> down, across = (3, 1 / 3 + 1 / 5 + 1 / 10), (2, 1 / 2 + 1 / 16)
    >>> chi2_variance(18.0, down, across).round(6)  # all tables enumerated: 3.258218
    np.float64(3.258218)
    """
    (spread, uneven), (spread2, uneven2) = (
        ((k - 1) * (n - k) / (n - 1), (n * inverse - k * k) / (n - 2)) for k, inverse in (down, across)
    )
    return np.asarray(
        2 * n / (n - 3) * (spread - uneven) * (spread2 - uneven2) + n * n / (n - 1) * uneven * uneven2
    )[()]


def cramers_v(phi2: Floats, n: Floats, rows: Floats, columns: Floats) -> Floats:
    """Bias-corrected Cramer's V, 0 to 1 (Bergsma 2013, "A bias-correction for Cramer's V and Tschuprow's T",
    J. Korean Stat. Soc. 42).

    >>> one = np.ones(1)
    >>> cramers_v(one, one * 1000, one * 2, one * 2).round(6).tolist()
    [1.0]
    >>> cramers_v(one * 0.001, one * 1000, one * 2, one * 2).tolist()
    [0.0]
    """
    kept = np.maximum(0.0, phi2 - (rows - 1) * (columns - 1) / (n - 1))
    levels = np.minimum(rows - (rows - 1) ** 2 / (n - 1), columns - (columns - 1) ** 2 / (n - 1))
    v: Floats = np.sqrt(np.clip(kept / np.maximum(levels - 1, 1e-12), 0.0, 1.0))
    return v


@dataclass(frozen=True, eq=False)
class Chance:
    """What a measure does by chance: beta distributions on [0, ``top``], one per pair. ``floor``: no p-value
    lies below it.

    ``sparse``: whether the pair rests on so few rows that the true tail is longer than the beta's; p is then
    raised to the power 0.75 (in simulation the excess stays under that: docs/methods/association.md).
    """

    a: Floats
    b: Floats
    top: Floats
    floor: Floats
    sparse: NDArray[np.bool_]

    @classmethod
    def of(
        cls, mean: Floats, variance: Floats, top: Floats, floor: Floats, sparse: NDArray[np.bool_]
    ) -> Chance:
        """The beta distributions with this mean and variance; where there is none, or the measure is the same
        by every chance (its variance is rounding alone), it says nothing (p = 1).
        """
        share, spread = mean / top, variance / top**2
        with np.errstate(divide="ignore", invalid="ignore"):
            size = share * (1 - share) / spread - 1
        fits = (size > 0) & (size < _CONSTANT) & (share > 0) & (share < 1)
        return cls(
            np.where(fits, share * size, np.nan),
            np.where(fits, (1 - share) * size, np.nan),
            top,
            floor,
            sparse,
        )

    @property
    def mean(self) -> Floats:
        """The mean of the measure, per pair; infinite where it says nothing."""
        means: Floats = np.where(np.isnan(self.a), np.inf, self.a / (self.a + self.b) * self.top)
        return means

    def take(self, pairs: NDArray[np.int64]) -> Chance:
        """Some of the pairs."""
        return Chance(self.a[pairs], self.b[pairs], self.top[pairs], self.floor[pairs], self.sparse[pairs])

    @classmethod
    def joined(cls, parts: Sequence[Chance]) -> Chance:
        """The pairs of all parts."""
        return cls(
            *(
                np.concatenate([getattr(one, name) for one in parts])
                for name in ("a", "b", "top", "floor", "sparse")
            )
        )

    def p(self, value: Floats) -> Floats:
        """Chance that the measure is at least ``value``, per pair."""
        from scipy.special import betaincc

        tail: Floats = betaincc(self.a, self.b, np.clip(value / self.top, 0.0, 1.0))
        tail = np.where(np.isnan(tail), 1.0, tail)
        p: Floats = np.clip(np.maximum(np.where(self.sparse, tail**_CAUTION, tail), self.floor), 0.0, 1.0)
        return p

    def line(self, level: float = 0.95) -> Floats:
        """The value that chance stays under with probability ``level``; ``top`` where nothing is known."""
        from scipy.special import betaincinv

        quantile = betaincinv(self.a, self.b, level)
        line: Floats = np.where(np.isnan(quantile), 1.0, quantile) * self.top
        return line


def table_chance(linked: Links) -> Chance:
    """What chance does to ``phi2`` of each table."""
    top = np.maximum(np.minimum(linked.rows, linked.columns) - 1.0, 1.0)
    return Chance.of(linked.mean, linked.variance, top, np.exp(linked.log_chance), linked.least < _FEW)


def bins_for(n: int) -> int:
    """How many equal-mass bins n values are cut into: about n**0.4, even (so that the median is an edge), 2
    to 64.

    The exponent is that of Mann and Wald (1942, Ann. Math. Stat. 13) for equally likely classes of a
    chi-squared test.

    >>> [bins_for(n) for n in (20, 100, 1000, 1_000_000)]
    [2, 6, 14, 64]
    """
    return 2 * int(np.clip(n**0.4 / 2, 1, 32))


def rank_bins(ranks: Floats, count: int) -> Codes:
    """Codes from 1 of the equal-mass bins that the mid-ranks of ``count`` known values fall into; 0 for rank
    0. Ties stay together.
    """
    return np.ceil(ranks * (bins_for(count) / max(1, count) * (1 - 1e-12))).astype(np.uint8)


def correlation_ratio(tables: Counts, scores: Floats) -> Floats:
    """Eta of J tables (J x levels x bins), 0 to 1: the share (its root) of the spread of ``scores`` (J x
    bins) between the levels.

    Freed of its bias as epsilon-squared (Kelley 1935). nan where the scores do not vary.

    >>> correlation_ratio(np.array([[[50, 0], [0, 50]]]), np.array([[1.0, 2.0]])).tolist()
    [1.0]
    """
    down, across = tables.sum(axis=2), tables.sum(axis=1)
    n = down.sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        shifted = scores - ((across * scores).sum(axis=1) / n)[:, None]
        total = (across * shifted**2).sum(axis=1)
        between = (tables @ shifted[:, :, None])[:, :, 0]
        within = 1.0 - np.where(down, between**2 / down, 0.0).sum(axis=1) / total
        eta = np.sqrt(np.clip(1.0 - within * (n - 1) / (n - (down > 0).sum(axis=1)), 0.0, 1.0))
    ratio: Floats = np.where(total > 0, eta, np.nan)
    return ratio
