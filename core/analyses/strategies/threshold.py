"""From probabilities to decisions: which class to choose, given what mistakes cost or what is wanted."""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.analyses.strategies.scores import Codes, Curve, Wanted
from core.errors import SettingError
from core.numerics.association import Floats
from core.phrases import count, number

Aim = Literal["cost", "precision", "recall", "f_beta", "mcc"]
DRAWS = 200  # of the interval of a threshold
AIMS: tuple[Aim, ...] = ("cost", "precision", "recall", "f_beta", "mcc")


class Chosen(NamedTuple):
    """A threshold, and whether it gives what was wanted on the rows that it was chosen on."""

    threshold: float
    reached: bool


def tuned(truth: NDArray[np.bool_], p: Floats, aim: Aim, goal: float, wanted: Wanted) -> Chosen:
    """The threshold that does best on these held-out rows.

    aim: least cost; the most recall at a precision of at least ``goal``; the most precision at a recall of at
    least ``goal``; or the largest F-beta or Matthews' coefficient. It lies halfway between the predictions on
    its two sides. Of thresholds that do equally well, the highest. What cannot be reached gives the nearest.
    """
    return _best(Curve.of(truth, p), aim, goal, wanted)


def tuned_interval(
    truth: NDArray[np.bool_], p: Floats, aim: Aim, goal: float, wanted: Wanted, seed: int
) -> tuple[float, float]:
    """Between which thresholds `tuned` chooses in 95% of `DRAWS` bootstrap samples of the rows (the
    percentile interval: Efron and Tibshirani 1993).
    """
    order = np.argsort(-p, kind="stable")
    event, last = truth[order], np.flatnonzero(np.diff(p[order], append=-np.inf))
    draw, chosen = np.random.default_rng([seed, 0x7123]), np.empty(DRAWS)
    for at in range(DRAWS):
        times = np.bincount(draw.integers(0, p.size, p.size), minlength=p.size)
        hits, called = np.cumsum(times * event)[last], np.cumsum(times)[last]
        some = called > 0
        curve = Curve(
            p[order][last][some],
            hits[some],
            (called - hits)[some],
            int(hits[-1]),
            int(called[-1] - hits[-1]),
        )
        chosen[at] = _best(curve, aim, goal, wanted).threshold
    low, high = np.quantile(chosen, [0.025, 0.975])
    return float(low), float(high)


def _best(curve: Curve, aim: Aim, goal: float, wanted: Wanted) -> Chosen:
    """The threshold of the curve that does best."""
    if not curve.at.size or not curve.events or not curve.others:
        return Chosen(0.5, False)
    value, feasible = _worth(curve, aim, goal, wanted)
    reached = bool(feasible.any())
    best = int(np.argmax(np.where(feasible, value, -np.inf) if reached else _nearest(curve, aim)))
    if aim == "cost" and value[best] < curve.events * -1.0:  # never calling an event costs the missed ones
        return Chosen(float(np.nextafter(curve.at[0], np.inf)), True)
    below = curve.at[best + 1] if best + 1 < curve.at.size else 0.0
    return Chosen(float((curve.at[best] + below) / 2.0), reached)


def _worth(curve: Curve, aim: Aim, goal: float, wanted: Wanted) -> tuple[Floats, NDArray[np.bool_]]:
    """How good each threshold of the curve is, and which give what is wanted."""
    recall, precision = curve.hits / curve.events, curve.precision
    every = np.ones(curve.at.size, bool)
    if aim == "precision":
        return recall, precision >= goal
    if aim == "recall":
        return precision, recall >= goal
    if aim == "cost":  # in units of a missed event
        return -((curve.events - curve.hits) + wanted.odds * curve.alarms).astype(np.float64), every
    if aim == "f_beta":
        square = wanted.beta**2
        return (1 + square) * curve.hits / (square * curve.events + curve.hits + curve.alarms), every
    n = curve.events + curve.others
    called = (curve.hits + curve.alarms).astype(np.float64)
    above = curve.hits * float(n) - curve.events * called
    below = np.sqrt(called * (n - called) * curve.events * float(curve.others))
    return np.divide(above, below, out=np.zeros(curve.at.size), where=below > 0), every


def _nearest(curve: Curve, aim: Aim) -> Floats:
    """What to take the largest of where no threshold gives what is wanted."""
    return curve.precision if aim == "precision" else curve.hits / curve.events


def least_cost(p: Floats, cost: Floats) -> Codes:
    """The class of least expected cost of each row. p: n x k; cost: k x k, of predicting the column where the
    row is given.

    >>> least_cost(np.array([[0.8, 0.2]]), np.array([[0.0, 1.0], [9.0, 0.0]])).tolist()
    [1]
    """
    return np.asarray(np.argmin(p @ cost, axis=1))


def decided(p: Floats, threshold: float, cost: Floats) -> Codes:
    """The class of each row: of two by the threshold, of more by least expected cost. p: n, of class 1, or
    n x k.

    >>> decided(np.array([0.2, 0.5]), 0.5, np.zeros((2, 2))).tolist()
    [0, 1]
    """
    return (p >= threshold).astype(np.int64) if p.ndim == 1 else least_cost(p, cost)


def cost_matrix(cells: str, classes: int) -> Floats:
    """A cost matrix from its typed form: rows (given class) parted by ``;``, numbers by blanks or commas.

    Raises `SettingError` where it is not k x k, or a cost is below zero, not finite, or not zero on the
    diagonal.

    >>> cost_matrix("0 1; 9 0", 2).tolist()
    [[0.0, 1.0], [9.0, 0.0]]
    """
    try:
        rows = [
            [float(x) for x in line.replace(",", " ").split()] for line in cells.split(";") if line.strip()
        ]
    except ValueError as error:
        raise SettingError(f"Costs are numbers, such as '0 1; 9 0'; {error}.") from error
    if len(rows) != classes or any(len(row) != classes for row in rows):
        shape = f"{count(len(rows), 'row')} of {', '.join(str(len(row)) for row in rows) or '0'} numbers"
        raise SettingError(
            f"The target has {classes} classes: costs are {classes} rows of {classes}; got {shape}."
        )
    matrix = np.array(rows)
    bad = matrix[~(np.isfinite(matrix) & (matrix >= 0))]
    if bad.size:
        raise SettingError(f"A cost is a finite number of at least 0; got {number(float(bad[0]))}.")
    if np.diag(matrix).any():
        raise SettingError("Predicting the given class costs nothing: the diagonal is 0.")
    return matrix


def costs_of(cells: str, odds: float, classes: int) -> Floats:
    """The costs that are meant, k x k: those typed; else of two classes 1 for a missed event and ``odds`` for
    a false alarm, of more 1 for every mistake. Raises `SettingError` as `cost_matrix`, and where one mistake
    of two classes costs nothing.

    >>> costs_of("", 0.2, 2).tolist(), costs_of("0 1; 50 0", 1.0, 2).tolist()
    ([[0.0, 0.2], [1.0, 0.0]], [[0.0, 1.0], [50.0, 0.0]])
    """
    if not cells.strip():
        return (
            np.array([[0.0, odds], [1.0, 0.0]]) if classes == 2 else np.ones((classes,) * 2) - np.eye(classes)
        )
    costs = cost_matrix(cells, classes)
    if classes == 2 and not (costs[0, 1] and costs[1, 0]):
        raise SettingError("One of the two mistakes costs nothing: then the other class is never called.")
    return costs


def shown(threshold: float) -> str:
    """A threshold to two digits, of its distance to 1 where that is nearer: one below 1 never reads 1.

    >>> shown(0.0534), shown(0.5), shown(0.99612)
    ('0.053', '0.5', '0.9961')
    """
    apart = min(threshold, 1.0 - threshold)
    if apart <= 0.0:
        return f"{threshold:g}"
    return f"{round(threshold, int(np.ceil(-np.log10(apart))) + 1):.15g}"
