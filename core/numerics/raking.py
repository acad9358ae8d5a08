"""Weights brought to known totals (Deville and Särndal 1992, "Calibration estimators in survey sampling")."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
LOW, HIGH = 0.2, 5.0  # what a weight is multiplied by, at least and at most
_SOFT = 1e-6  # share of an error in a total that may be left, so that totals that contradict settle
_STEPS, _HALVES = 40, 30
_NEAR = 1e-12


def raked(weights: Floats, values: Floats, totals: Floats) -> Floats:
    """The weights, each times a factor from `LOW` to `HIGH` and together as near to 1 as can be (the logit
    method, their case 6), under which the columns sum to their totals; totals that cannot be reached, as no
    row has a part in them or the factors end, are come near to (ridge calibration: Rao and Singh 1997).

    weights: n, above 0. values: n x k. totals: k.

    >>> each = np.array([[1.0, 0.0], [1.0, 1.0], [1.0, 2.0], [1.0, 3.0]])
    >>> weights = raked(np.ones(4), each, np.array([8.0, 14.0]))
    >>> weights.round(2).tolist(), (weights @ each).round(4).tolist()
    ([1.42, 1.78, 2.18, 2.62], [8.0, 14.0])
    """
    total = float(weights.sum())
    size = np.sqrt((weights[:, None] * values**2).sum(axis=0) / total)
    known = size > 0.0
    scaled, wanted = values[:, known] / size[known], totals[known] / size[known]
    place = np.zeros(int(known.sum()))
    reached = _dual(weights, scaled, wanted, place)
    for _ in range(_STEPS):
        factor, bend = _factors(scaled @ place)
        slope = (weights * factor) @ scaled + _SOFT * total * place - wanted
        curve = (scaled * (weights * bend)[:, None]).T @ scaled
        curve[np.diag_indices_from(curve)] += _SOFT * total
        step = np.linalg.solve(curve, slope)
        if float(step @ slope) <= _NEAR * abs(reached):  # what is left to gain is lost in rounding
            place = place - step
            break
        for half in range(_HALVES):
            tried = place - step * 0.5**half
            value = _dual(weights, scaled, wanted, tried)
            if value <= reached - 1e-4 * 0.5**half * float(step @ slope):
                break
        else:
            break
        place, reached = tried, value
    return np.asarray(weights * _factors(scaled @ place)[0])


_BEND = (HIGH - LOW) / ((1.0 - LOW) * (HIGH - 1.0))  # so that factors leave 1 with slope 1


def _factors(along: Floats) -> tuple[Floats, Floats]:
    """The factor of each row, and its slope."""
    odds = np.exp(np.clip(_BEND * along, -60.0, 60.0))
    factor = (LOW * (HIGH - 1.0) + HIGH * (1.0 - LOW) * odds) / ((HIGH - 1.0) + (1.0 - LOW) * odds)
    return factor, _BEND * (factor - LOW) * (HIGH - factor) / (HIGH - LOW)


def _dual(weights: Floats, values: Floats, totals: Floats, place: Floats) -> float:
    """What is least where the totals are reached: convex in ``place``, k."""
    along = values @ place
    spread = np.logaddexp(np.log(HIGH - 1.0), np.log(1.0 - LOW) + _BEND * along)
    whole = LOW * along + (HIGH - LOW) / _BEND * spread
    soft = 0.5 * _SOFT * float(weights.sum()) * float(place @ place)
    return float(weights @ whole) + soft - float(totals @ place)
