"""Weighted logistic regression, binary or of many classes, to full precision."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.frozen import lock_fields
from core.progress import SILENT, Progress

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
_STEPS = 2_000


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
        return max(2, len(self.weights)) if len(self.weights) != 1 else 2

    def scores(self, matrix: Floats) -> Floats:
        """Log-odds, n x c."""
        return np.asarray(matrix @ self.weights[:, :-1].T + self.weights[:, -1])

    def probabilities(self, matrix: Floats) -> Floats:
        """Probabilities, n x classes."""
        from scipy.special import expit, softmax

        scores = self.scores(matrix)
        if len(self.weights) == 1:
            second = np.asarray(expit(scores[:, 0]))
            return np.stack([1.0 - second, second], axis=1)
        return np.asarray(softmax(scores, axis=1))

    def losses(self, matrix: Floats, classes: Ints) -> Floats:
        """The logistic loss of each row, in nats."""
        from scipy.special import logsumexp

        scores = self.scores(matrix)
        if len(self.weights) == 1:
            return np.asarray(np.logaddexp(0.0, scores[:, 0]) - (classes == 1) * scores[:, 0])
        return np.asarray(logsumexp(scores, axis=1) - scores[np.arange(len(matrix)), classes])

    def residuals(self, matrix: Floats, classes: Ints) -> Floats:
        """The slope of the loss of each row in its log-odds, n x c: probability less truth."""
        known = self.probabilities(matrix)
        known[np.arange(len(matrix)), classes] -= 1.0
        return known[:, 1:] if len(self.weights) == 1 else known


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
) -> Softmax:
    """The minimiser of the weighted logistic loss plus half of ``ridge`` times the squared coefficients, less
    ``tilt`` times the weights (Jordan, Lee and Yang 2019), by L-BFGS (Zhu and others 1997).

    matrix: n x p. classes: codes 0 to count - 1. weights: n, at least 0.

    >>> draw = np.random.default_rng(0)
    >>> rows = draw.normal(size=(20_000, 1))
    >>> hit = (draw.random(20_000) < 1 / (1 + np.exp(1.0 - 2.0 * rows[:, 0]))).astype(np.int64)
    >>> softmax_regression(rows, hit, 2).weights.round(1).tolist()
    [[2.0, -1.0]]
    """
    from scipy.optimize import minimize

    n, width = matrix.shape
    each = np.ones(n) if weights is None else weights
    total, height = float(each.sum()), 1 if count == 2 else count
    shape = (height, width + 1)

    def loss(place: Floats) -> tuple[float, Floats]:
        progress.check()
        model = Softmax(place.reshape(shape))
        slope = np.empty(shape)
        lost = model.residuals(matrix, classes) * each[:, None]
        slope[:, :-1] = lost.T @ matrix + ridge * model.weights[:, :-1]
        slope[:, -1] = lost.sum(axis=0)
        value = penalised(model, float(each @ model.losses(matrix, classes)), ridge)
        if tilt is not None:
            value -= float((tilt * model.weights).sum())
            slope -= tilt
        return value / total, slope.ravel() / total

    begin = np.zeros(shape) if start is None else start.weights.copy()
    asked = {"gtol": 1e-9, "ftol": 1e-15, "maxiter": _STEPS, "maxfun": 2 * _STEPS, "maxcor": 20}
    found = minimize(loss, begin.ravel(), method="L-BFGS-B", jac=True, options=asked)
    return Softmax(found.x.reshape(shape))
