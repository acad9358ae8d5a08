"""How far one sample lies from another, in one column: effect sizes, their noise floors, tests."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]
DRAWS = 400  # permutations that noise floors rest on
_TESTED = 999  # permuted tables where a count is too small for the chi-squared distribution
_ENOUGH = 5.0  # expected count from which it is not
_CELLS = 64  # values at each end, and cells between, that the noise of a distance is worked out on


def psi(train: Counts, serve: Counts) -> Any:
    """Population stability index of two rows of counts, each smoothed by half a row per bin (Jeffreys), so
    that empty bins stay finite.

    Sum of (q - p) ln(q / p) over the bins (Siddiqi 2006, "Credit Risk Scorecards"). Counts may be ... x bins:
    as many numbers come back.

    (.252475 - .5) ln(.252475 / .5) + (.747525 - .5) ln(.747525 / .5):

    >>> float(psi(np.array([50, 50]), np.array([25, 75])).round(4))
    0.2687
    """
    p, q = ((counts + 0.5) / (counts + 0.5).sum(axis=-1, keepdims=True) for counts in (train, serve))
    return ((q - p) * np.log(q / p)).sum(axis=-1)


def psi_noise(train: Counts, rows: int, seed: int) -> float:
    """What `psi` stays under in 95% of samples of ``rows`` values from where train came from; the bins are
    train's own quantiles.

    ``train``: rows per bin; its first and last bin, beyond train's values, are empty. The chance to fall
    between neighbouring values of train is as large for each pair of neighbours, and beyond either end, on
    average, and these chances together have Dirichlet's distribution (Wilks 1962, "Mathematical Statistics",
    8.7). The chi-squared law of fixed bins (Yurdakul 2018) is too low for few rows.
    """
    draw = np.random.default_rng(seed)
    chance = draw.dirichlet(np.maximum(train, 1), DRAWS)
    return float(np.quantile(psi(train, draw.multinomial(rows, chance)), 0.95))


def total_variation(train: Counts, serve: Counts) -> float:
    """Half the summed difference of shares, 0 to 1: the share of rows that would have to change their bin.

    >>> total_variation(np.array([50, 50]), np.array([25, 75]))
    0.25
    """
    return float(np.abs(train / train.sum() - serve / serve.sum()).sum() / 2)


def largest_gap(train: Counts, serve: Counts) -> float:
    """The largest difference of shares (L-infinity), 0 to 1."""
    return float(np.abs(train / train.sum() - serve / serve.sum()).max())


def permuted(train: Counts, serve: Counts, draws: int, seed: int) -> Counts:
    """draws x bins: serve counts when the rows of both are permuted between the samples. Bins should stand
    in an order that content fixes.
    """
    draw = np.random.default_rng(seed)
    return draw.multivariate_hypergeometric(train + serve, int(serve.sum()), size=draws, method="marginals")


def level_noise(train: Counts, serve: Counts, seed: int) -> tuple[float, float, float]:
    """The noise floors (95% of permutations) of `total_variation`, `largest_gap` and `psi`."""
    m, n = int(serve.sum()), int(train.sum())
    draws = permuted(train, serve, DRAWS, seed)
    gaps = np.abs(draws / m - (train + serve - draws) / n)
    measures = gaps.sum(axis=1) / 2, gaps.max(axis=1), psi(train + serve - draws, draws)
    first, second, third = (float(np.quantile(one, 0.95)) for one in measures)
    return first, second, third


def table_p(train: Counts, serve: Counts, seed: int) -> float:
    """p-value of "both samples are of one mix": chi-squared on the 2 x k table; Fisher's exact test for two
    levels, or permuted tables, where a count of less than five is expected.

    Fisher's is the mid-p (Lancaster 1961, JASA 56): tables as unlikely as the one seen count half, or small
    counts never reach 5%.

    ``scipy.stats.fisher_exact``, without the halves, gives 0.019767:

    >>> round(table_p(np.array([1, 9]), np.array([7, 3]), 0), 6)
    0.010241
    """
    from scipy.special import chdtrc

    both = train + serve
    kept = both > 0
    train, serve, both = train[kept], serve[kept], both[kept]
    n, m = int(train.sum()), int(serve.sum())
    if both.size < 2 or not n or not m:
        return 1.0
    expected = both * (m / (n + m))
    if min(expected.min(), (both - expected).min()) >= _ENOUGH:
        return float(chdtrc(both.size - 1, _chi2(serve, both, n, m)))
    if both.size == 2:
        return _mid_p(int(serve[0]), int(both[0]), n, m)
    draws = permuted(train, serve, _TESTED, seed)
    reached = int((_chi2(draws, both, n, m) >= _chi2(serve, both, n, m) * (1 - 1e-12)).sum())
    return (1 + reached) / (1 + _TESTED)


def _mid_p(held: int, among: int, n: int, m: int) -> float:
    """Two-sided mid-p of drawing ``held`` of one level among the m of serve, where n + m rows hold
    ``among``.
    """
    from scipy.stats import hypergeom

    chance = hypergeom.pmf(np.arange(max(0, among - n), min(among, m) + 1), n + m, among, m)
    seen = chance[held - max(0, among - n)]
    same = np.isclose(chance, seen, rtol=1e-7, atol=0.0)
    return float(chance[(chance < seen) & ~same].sum() + chance[same].sum() / 2)


def _chi2(serve: Counts, both: Counts, n: int, m: int) -> Floats:
    """Chi-squared of 2 x k tables with these margins (``serve``: ... x k)."""
    expected = both * (m / (n + m))
    return np.asarray(((serve - expected) ** 2 / (expected * (n / (n + m)))).sum(axis=-1))


class NumberDistance(NamedTuple):
    """``distance``: Wasserstein-1, in units of the data; ``noise``: its noise floor (95% of
    permutations). ``gap``: the largest gap of the two distribution functions (Kolmogorov-Smirnov's D);
    ``p``: the chance of one as large."""

    distance: float
    noise: float
    gap: float
    p: float


def compare_numbers(train: Floats, serve: Floats, seed: int) -> NumberDistance:
    """Two samples of numbers compared by their distribution functions. Both finite and not empty; each
    sorted, ascending.

    p is Kolmogorov's limit with Stephens' correction for few rows (Stephens 1970, JRSS B 32); ties make it
    too large, never too small.

    >>> compare_numbers(np.array([0.0, 1.0]), np.array([2.0, 3.0]), 0).distance
    2.0
    """
    from scipy.special import kolmogorov

    both = np.concatenate([train, serve])
    order = np.argsort(both, kind="stable")
    values = both[order]
    ends = np.append(np.flatnonzero(values[1:] != values[:-1]), values.size - 1)
    held = np.cumsum(order >= train.size)[ends]
    n, m = train.size, serve.size
    gaps = np.abs(held / m - (ends + 1 - held) / n)
    steps = np.diff(values[ends])
    size = np.sqrt(n * m / (n + m))
    gap = float(gaps.max())
    p = float(kolmogorov(gap * (size + 0.12 + 0.11 / size)))
    return NumberDistance(float((gaps[:-1] * steps).sum()), _distance_noise(values, n, m, seed), gap, p)


def _distance_noise(values: Floats, n: int, m: int, seed: int) -> float:
    """The noise floor (95%) of the distance between two samples permuted from ``values`` (ascending), on a
    few hundred cells: the farthest values, on which the distance of long tails hangs, are cells of their
    own."""
    middle = (
        np.linspace(_CELLS, values.size - _CELLS, _CELLS).round()
        if values.size > 3 * _CELLS
        else np.arange(_CELLS, values.size)
    )
    edges = np.unique(
        np.clip(np.concatenate([np.arange(_CELLS), middle, values.size - np.arange(_CELLS)]), 0, values.size)
    ).astype(np.int64)
    counts, ends = np.diff(edges), values[edges[1:] - 1]
    draws = np.random.default_rng(seed).multivariate_hypergeometric(counts, m, size=DRAWS, method="marginals")
    gaps = np.abs(np.cumsum(draws, axis=1) / m - np.cumsum(counts - draws, axis=1) / n)[:, :-1]
    return float(np.quantile(gaps @ np.diff(ends), 0.95))


def quantile_edges(train: Floats, bins: int) -> Floats:
    """Inner edges of ``bins`` bins of equal mass of train (ascending), fewer where values repeat; with -inf
    and inf they bound all bins.

    >>> quantile_edges(np.arange(9.0), 4).tolist()
    [2.0, 4.0, 6.0]
    """
    cuts = np.quantile(train, np.arange(1, bins) / bins) if bins > 1 else np.zeros(0)
    return np.unique(cuts)


def bins_for(train: int, serve: int) -> int:
    """How many bins so many rows bear: one per 50 of the smaller part, 2 to 10.

    >>> bins_for(100, 10_000), bins_for(260, 300), bins_for(10_000, 10_000)
    (2, 5, 10)
    """
    return int(np.clip(min(train, serve) // 50, 2, 10))


def share_noise(share: float, train: int, serve: int) -> float:
    """The noise floor (95%) of the absolute difference of two shares when both are ``share``."""
    return float(1.96 * np.sqrt(share * (1.0 - share) * (1.0 / train + 1.0 / serve)))


def new_noise(train: Counts, serve: Counts, seed: int, level: float = 0.999) -> float:
    """The noise floor of the share of serve rows with a value that train lacks: permutations of all rows
    stay under it with probability ``level``.

    A value with c rows falls to serve altogether with probability C(m, c) / C(n + m, c); values count as
    independent.

    >>> new_noise(np.array([50, 50]), np.array([50, 50]), 0)
    0.0
    >>> new_noise(np.array([100, 0]), np.array([96, 4]), 0)
    0.04
    """
    from scipy.special import gammaln

    n, m = int(train.sum()), int(serve.sum())
    sizes, times = np.unique(train + serve, return_counts=True)
    whole = sizes[(sizes > 0) & (sizes <= m)]
    all_in_serve = np.exp(
        gammaln(m + 1) - gammaln(m - whole + 1) - gammaln(n + m + 1) + gammaln(n + m - whole + 1)
    )
    draw = np.random.default_rng(seed)
    rows = np.zeros(_TESTED * 10)
    for size, count, chance in zip(whole, times[(sizes > 0) & (sizes <= m)], all_in_serve, strict=True):
        if count * chance > 1e-6:
            rows += size * draw.binomial(count, min(1.0, chance), rows.size)
    return min(1.0, float(np.quantile(rows, level, method="higher")) / m)


@lru_cache(maxsize=256)
def outside_noise(train: int, serve: int, level: float = 0.999) -> float:
    """The noise floor of the share of ``serve`` new values beyond the range of ``train`` old ones: passed
    with probability 1 - ``level`` at most.

    The chance of one to lie beyond is beta distributed with 2 and train - 1, whatever the distribution (Wilks
    1941, Ann. Math. Stat. 12).

    >>> outside_noise(1000, 100_000) < 0.01 < outside_noise(100, 100)
    True
    """
    from scipy.stats import betabinom

    return float(betabinom.ppf(level, serve, 2, train - 1) / serve) if train > 1 else 1.0
