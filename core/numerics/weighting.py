"""Importance weights: calibrated odds, clipped, and the effective sample size under them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]
CLIP = 99.0  # percentile of the weights above which none counts more
_STEPS = 50


def calibration(odds: Floats, hits: Mask) -> tuple[float, float]:
    """Slope and offset that turn out-of-fold log-odds into calibrated ones (Platt 1999, with his targets), by
    Newton's method.

    The slope is 0 at least: a model without skill out of fold becomes the plain share of hits.

    >>> slope, offset = calibration(np.array([-1.0, 1.0, -1.0, 1.0]), np.array([True, True, False, False]))
    >>> abs(round(slope, 6)), abs(round(offset, 6))
    (0.0, 0.0)
    """
    one, two = int(hits.sum()), int((~hits).sum())
    aim = np.where(hits, (one + 1.0) / (one + 2.0), 1.0 / (two + 2.0))
    flat = float(np.log((one + 1.0) / (two + 1.0)))
    sides = np.stack([odds, np.ones(odds.size)], axis=1)
    place = np.array([0.0, flat])
    loss = _loss(sides @ place, aim)
    for _ in range(_STEPS):
        chance = _chance(sides @ place)
        slope = sides.T @ (chance - aim)
        bend = (sides * (chance * (1.0 - chance))[:, None]).T @ sides + 1e-9 * np.eye(2)
        step = np.linalg.solve(bend, slope)
        while (after := _loss(sides @ (place - step), aim)) > loss and np.abs(step).max() > 1e-9:
            step = step / 2.0
        place, loss = place - step, after
        if np.abs(step).max() < 1e-7:
            break
    return (float(place[0]), float(place[1])) if place[0] > 0.0 else (0.0, flat)


def _chance(odds: Floats) -> Floats:
    from scipy.special import expit

    return np.asarray(expit(odds), dtype=np.float64)


def _loss(odds: Floats, aim: Floats) -> float:
    return float((np.logaddexp(0.0, odds) - aim * odds).sum())


def importance_weights(odds: Floats) -> Floats:
    """Weights of train rows from their calibrated log-odds of serve (both parts counted as equally large):
    the odds, those above the 99th percentile cut to it, then of mean 1 (Shimodaira 2000; Bickel, Brückner and
    Scheffer 2009).

    >>> importance_weights(np.log([1.0, 3.0])).round(2).tolist()
    [0.5, 1.5]
    """
    if not odds.size:
        return np.zeros(0)
    # the scale does not matter and must not overflow
    weights = np.exp(np.clip(odds, -50.0, 50.0) - np.clip(odds.max(), -50.0, 50.0))
    weights = np.minimum(weights, np.percentile(weights, CLIP))
    return np.asarray(weights / weights.mean(), dtype=np.float64)


def effective_rows(weights: Floats, odds: Floats) -> float:
    """The effective sample size of the weighted train rows for serve: Kish's (sum w)**2 / sum w**2
    (1965), times the share of serve that train reaches at all.

    That share is the mean of the raw odds over train, 1 at most: where the parts overlap the odds average to
    1, where serve lies outside train they cannot, and Kish's number, which is blind to scale, would call two
    clouds without a common point a perfect match.

    >>> effective_rows(np.array([1.0, 1.0, 0.0, 0.0]), np.log([2.0, 2.0, 1e-9, 1e-9]))  # doctest: +ELLIPSIS
    2.0
    >>> round(effective_rows(np.ones(100), np.log(np.full(100, 0.01))), 6)
    1.0
    """
    if not weights.size:
        return 0.0
    reached = min(1.0, float(np.exp(np.minimum(odds, 50.0)).mean()))
    return reached * float(weights.sum()) ** 2 / float((weights**2).sum())
