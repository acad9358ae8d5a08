"""Weighted logistic regression, binary or of many classes, to full precision."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.frozen import lock_fields
from core.numerics.comoments import inverse_root
from core.progress import SILENT, Progress

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
_STEPS = 2_000
_ROUGH, _ROUGH_STEPS = 1e-6, 150  # a fit that is no more than looked at does not take long


@dataclass(frozen=True, eq=False)
class Softmax:
    """Log-odds linear in the columns. ``weights``: c x (p + 1), the last one of each row the offset; c is 1
    for two classes (log-odds of the second one), else the number of classes.
    """

    weights: Floats

    def __post_init__(self) -> None:
        lock_fields(self)

    @property
    def classes(self) -> int:
        """How many classes there are."""
        return max(2, len(self.weights))

    def probabilities(self, matrix: Floats) -> Floats:
        """Probabilities, n x classes."""
        odds, _ = _odds(_scores(self.weights, matrix))
        return np.stack([1.0 - odds[:, 0], odds[:, 0]], axis=1) if len(self.weights) == 1 else odds

    def losses(self, matrix: Floats, classes: Ints) -> Floats:
        """The logistic loss of each row, in nats."""
        scores = _scores(self.weights, matrix)
        return _odds(scores)[1] - _own(scores, classes)

    def residuals(self, matrix: Floats, classes: Ints) -> Floats:
        """The slope of the loss of each row in its log-odds, n x c: probability less truth."""
        odds, _ = _odds(_scores(self.weights, matrix))
        return _less_truth(odds, classes)


def with_offset(matrix: Floats) -> Floats:
    """The rows, n x p, with a column of ones behind, for the offset."""
    return np.concatenate([matrix, np.ones((len(matrix), 1))], axis=1)


def row_slopes(model: Softmax, matrix: Floats, classes: Ints) -> Floats:
    """The slope of the loss of each row in the weights of the model, n x c x (p + 1)."""
    return np.asarray(model.residuals(matrix, classes)[:, :, None] * with_offset(matrix)[:, None, :])


def _scores(weights: Floats, matrix: Floats) -> Floats:
    """Log-odds, n x c."""
    return np.asarray(matrix @ weights[:, :-1].T + weights[:, -1])


def _odds(scores: Floats) -> tuple[Floats, Floats]:
    """Probabilities, n x c, and the logarithm of what they were divided by."""
    top = scores.max(axis=1) if scores.shape[1] > 1 else np.maximum(scores[:, 0], 0.0)
    odds = np.exp(scores - top[:, None])
    total = odds.sum(axis=1) if scores.shape[1] > 1 else odds[:, 0] + np.exp(-top)
    odds /= total[:, None]
    return odds, np.log(total) + top


def _own(scores: Floats, classes: Ints) -> Floats:
    """The log-odds of each row's own class."""
    if scores.shape[1] == 1:
        return np.asarray((classes == 1) * scores[:, 0])
    return np.asarray(scores[np.arange(len(scores)), classes])


def _less_truth(odds: Floats, classes: Ints) -> Floats:
    """Probability less truth, in place."""
    if odds.shape[1] == 1:
        odds[:, 0] -= classes == 1
    else:
        odds[np.arange(len(odds)), classes] -= 1.0
    return odds


def penalised(model: Softmax, total: float, ridge: float) -> float:
    """The regularised loss: the total loss plus half of ``ridge`` times the squared coefficients (offsets
    are free), as scikit-learn's with C = 1 / ridge.
    """
    return total + 0.5 * ridge * float((model.weights[:, :-1] ** 2).sum())


def softmax_regression(
    matrix: Floats,
    classes: Ints,
    count: int,
    weights: Floats | None = None,
    ridge: float = 1.0,
    tilt: Floats | None = None,
    start: Softmax | None = None,
    progress: Progress = SILENT,
    flat: float = 1e-9,
) -> Softmax:
    """The minimiser of the weighted logistic loss plus half of ``ridge`` times the squared coefficients, less
    ``tilt`` times the weights (Jordan, Lee and Yang 2019), by L-BFGS (Zhu and others 1997) on columns that
    were made uncorrelated.

    matrix: n x p. classes: codes 0 to count - 1. weights: n, at least 0. flat: slope of the mean loss, in the
    uncorrelated columns, at which the search ends.

    >>> draw = np.random.default_rng(0)
    >>> rows = draw.normal(size=(20_000, 1))
    >>> hit = (draw.random(20_000) < 1 / (1 + np.exp(1.0 - 2.0 * rows[:, 0]))).astype(np.int64)
    >>> softmax_regression(rows, hit, 2).weights.round(1).tolist()
    [[2.0, -1.0]]
    """
    from scipy.optimize import minimize

    each = np.ones(len(matrix)) if weights is None else weights
    total, height = float(each.sum()), 1 if count == 2 else count
    rows = with_offset(matrix)
    root = inverse_root((rows * each[:, None]).T @ rows / total + _ridge(rows.shape[1], ridge) / total)
    placed, shape = np.ascontiguousarray(rows @ root.T), (height, len(root))

    def loss(place: Floats) -> tuple[float, Floats]:
        progress.check()
        inner = place.reshape(shape)
        model = Softmax(inner @ root)
        scores = placed @ inner.T
        odds, top = _odds(scores)
        value = penalised(model, float(each @ (top - _own(scores, classes))), ridge)
        slope = (_less_truth(odds, classes) * each[:, None]).T @ placed
        outer = model.weights @ _ridge(rows.shape[1], ridge)
        if tilt is not None:
            value -= float((tilt * model.weights).sum())
            outer = outer - tilt
        return value / total, (slope + outer @ root.T).ravel() / total

    steps = _STEPS if flat < _ROUGH else _ROUGH_STEPS
    begin = np.zeros(shape) if start is None else start.weights @ np.linalg.pinv(root)
    asked = {"gtol": flat, "ftol": 1e-3 * flat**1.5, "maxiter": steps, "maxfun": 2 * steps, "maxcor": 20}
    found = minimize(loss, begin.ravel(), method="L-BFGS-B", jac=True, options=asked)
    return Softmax(found.x.reshape(shape) @ root)


def _ridge(width: int, ridge: float) -> Floats:
    """The ridge as a matrix: none on the offset, the last column."""
    return np.diag(np.append(np.full(width - 1, ridge), 0.0))
