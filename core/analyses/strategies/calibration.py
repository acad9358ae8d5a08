"""Whether predicted probabilities are right.

All of it is for two classes: the one that is asked about (1) against the rest (0); a target of several
classes is judged class by class. Probabilities are clipped to [1e-12, 1 - 1e-12] where a logarithm is taken.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.numerics.association import Floats
from core.numerics.binning import wilson

BINS = 10
DRAWS = 200  # of the noise floor
_TINY = 1e-12
Truth = NDArray[Any]  # bool or 0 and 1


class Bin(NamedTuple):
    """One point of a reliability curve: ``n`` rows of mean prediction ``predicted``, of which the share
    ``observed`` are events, within ``low`` and ``high`` (95%, Wilson).
    """

    n: int
    predicted: float
    observed: float
    low: float
    high: float


class Calibration(NamedTuple):
    """How well probabilities fit what happened.

    ratio, ratio_low, ratio_high: events observed over events expected (O/E), and its 95% interval; 1 is
    right. slope: of the logit; below 1 predictions are too extreme. nan where it cannot be estimated.
    intercept: of the logit with the slope held at 1 (calibration in the large), 0 is right.
    error: expected calibration error over bins of equal mass.
    floor: what ``error`` stays under in 95% of draws from the predictions themselves.
    bins: the reliability curve.
    events: observed.
    """

    ratio: float
    ratio_low: float
    ratio_high: float
    slope: float
    intercept: float
    error: float
    floor: float
    bins: tuple[Bin, ...]
    events: int


def calibration(truth: Truth, p: Floats, seed: int = 0, bins: int = BINS) -> Calibration:
    """Judge probabilities ``p`` of the event against ``truth``, both of n rows."""
    truth = np.asarray(truth, dtype=bool)
    low, ratio, high = ratio_interval(int(truth.sum()), float(p.sum()), truth.size)
    slope, intercept = slope_and_intercept(truth, p)
    edges = equal_mass(p, bins)
    return Calibration(
        ratio=ratio,
        ratio_low=low,
        ratio_high=high,
        slope=slope,
        intercept=intercept,
        error=calibration_error(truth, p, edges),
        floor=noise_floor(p, edges, seed),
        bins=reliability(truth, p, edges),
        events=int(truth.sum()),
    )


def ratio_interval(events: int, expected: float, rows: int) -> tuple[float, float, float]:
    """Observed over expected events, with its 95% interval: low, ratio, high.

    The number observed is binomial; its exact interval (Clopper and Pearson 1934) is held against the number
    expected, which is taken as given (Debray et al. 2017, BMJ 356:i6460, use a normal approximation of its
    logarithm).

    >>> [round(x, 3) for x in ratio_interval(100, 80.0, 10_000)]
    [1.018, 1.25, 1.519]
    """
    from scipy.special import betaincinv

    if not rows or not expected > 0:
        return float("nan"), float("nan"), float("nan")
    low = float(betaincinv(events, rows - events + 1, 0.025)) if events else 0.0
    high = float(betaincinv(events + 1, rows - events, 0.975)) if events < rows else 1.0
    return low * rows / expected, events / expected, high * rows / expected


def slope_and_intercept(truth: Truth, p: Floats) -> tuple[float, float]:
    """Slope of a logistic regression of the truth on the logit of ``p``, and the intercept with the slope
    held at 1 (Cox 1958; Van Calster et al. 2019, BMC Medicine 17:230). nan where all rows are of one class or
    the predictions do not vary.

    >>> p = np.repeat([0.2, 0.8], 500)
    >>> truth = np.r_[np.arange(500) < 100, np.arange(500) < 400]
    >>> [abs(round(x, 6)) for x in slope_and_intercept(truth, p)]
    [1.0, 0.0]
    """
    truth = np.asarray(truth, dtype=np.float64)
    if not 0 < truth.sum() < truth.size:
        return float("nan"), float("nan")
    at = logit(p)
    intercept = float(newton(np.ones((truth.size, 1)), truth, at)[0])
    if at.min() == at.max():
        return float("nan"), intercept
    centre, spread = float(at.mean()), float(at.std())
    both = newton(np.column_stack([np.ones(truth.size), (at - centre) / spread]), truth, np.zeros(truth.size))
    return float(both[1] / spread), intercept


def equal_mass(p: Floats, bins: int = BINS) -> NDArray[np.int64]:
    """The bin, from 0, of each row: bins of about equal numbers of rows, ordered by ``p``; equal predictions
    share a bin, so that there may be fewer.
    """
    order = np.sort(p)
    inner = np.unique(order[(np.arange(1, bins) * p.size) // bins]) if p.size else order
    return np.unique(np.searchsorted(inner, p, side="right"), return_inverse=True)[1].astype(np.int64)


def reliability(truth: Truth, p: Floats, bins: NDArray[np.int64]) -> tuple[Bin, ...]:
    """The reliability curve over the bins, with Wilson's (1927) 95% intervals of the observed shares."""
    n = np.bincount(bins)
    predicted = np.bincount(bins, weights=p) / n
    observed = np.bincount(bins, weights=np.asarray(truth, dtype=np.float64)) / n
    low, high = wilson(observed * n, n.astype(np.float64))
    return tuple(
        Bin(int(rows), *(float(x) for x in one))
        for rows, *one in zip(n, predicted, observed, low, high, strict=True)
    )


def calibration_error(truth: Truth, p: Floats, bins: NDArray[np.int64]) -> float:
    """Expected calibration error over given bins: the mean distance between predicted and observed share,
    weighted by rows (Naeini et al. 2015; with bins of equal mass, as Roelofs et al. 2022 advise).

    >>> calibration_error(np.array([0, 1, 1, 1]), np.array([0.5, 0.5, 0.5, 0.5]), np.zeros(4, int))
    0.25
    """
    if not p.size:
        return float("nan")
    off = np.bincount(bins, weights=np.asarray(truth, dtype=np.float64) - p)
    return float(np.abs(off).sum() / p.size)


def noise_floor(p: Floats, bins: NDArray[np.int64], seed: int) -> float:
    """The calibration error that predictions which are right stay under in 95% of cases: events are drawn
    from the predictions themselves (consistency resampling, Broecker and Smith 2007). Sums of many draws in a
    bin are drawn as normal where that is exact enough (at least 50 expected events and non-events), row by
    row elsewhere.
    """
    if not p.size:
        return float("nan")
    draw = np.random.default_rng([seed, 0xCA1])
    n = np.bincount(bins)
    off = np.zeros((DRAWS, n.size))
    mean = np.bincount(bins, weights=p)
    spread = np.sqrt(np.bincount(bins, weights=p * (1.0 - p)))
    many = np.minimum(mean, n - mean) >= 50
    off[:, many] = draw.normal(0.0, 1.0, (DRAWS, int(many.sum()))) * spread[many]
    for at in np.flatnonzero(~many).tolist():
        inside = np.sort(p[bins == at])
        off[:, at] = _sums(inside, draw) - mean[at]
    return float(np.quantile(np.abs(off).sum(axis=1) / p.size, 0.95))


def _sums(p: Floats, draw: np.random.Generator) -> Floats:
    """Numbers of events in `DRAWS` draws from ``p``; many rows of tiny probability are drawn as Poisson."""
    if p.size > 20_000 and p.max() < 0.02:
        return draw.poisson(float(p.sum()), DRAWS).astype(np.float64)
    return np.array([float((draw.random(p.size) < p).sum()) for _ in range(DRAWS)])


def logit(p: Floats) -> Floats:
    """The log of the odds."""
    inside = np.clip(p, _TINY, 1.0 - _TINY)
    return np.asarray(np.log(inside) - np.log1p(-inside), dtype=np.float64)


def newton(design: Floats, truth: Floats, offset: Floats) -> Floats:
    """Logistic regression by Newton's method with halved steps; separation ends at the bound of 50."""
    from scipy.special import expit

    beta = np.zeros(design.shape[1])

    def loss(at: Floats) -> float:
        eta = offset + design @ at
        return float(np.sum(np.logaddexp(0.0, eta) - truth * eta))

    best = loss(beta)
    for _ in range(100):
        p = expit(offset + design @ beta)
        weight = np.maximum(p * (1.0 - p), _TINY)
        gradient = design.T @ (truth - p)
        step = np.linalg.solve(design.T @ (design * weight[:, None]) + 1e-10 * np.eye(beta.size), gradient)
        length = 1.0
        while length > 1e-8 and loss(beta + length * step) > best + 1e-12 * abs(best):
            length /= 2
        beta = np.clip(beta + length * step, -50.0, 50.0)
        now = loss(beta)
        if best - now < 1e-10 * (1.0 + abs(best)):
            break
        best = now
    return beta
