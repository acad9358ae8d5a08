"""Logistic regression for one question asked often: two classes, many columns, no more digits than the answer
needs.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.frozen import lock_fields
from core.progress import SILENT, Progress

Matrix = NDArray[np.float32]
Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]
_FLAT = 1e-3  # largest slope of the mean loss at which the search ends, over the size of the largest column
_STEPS = 1_000


@dataclass(frozen=True, eq=False)
class LogisticFit:
    """Log-odds that are a weighted sum of the columns. ``coefficients``: p. ``offset``: log-odds where all
    columns are 0.
    """

    coefficients: Floats
    offset: float

    def __post_init__(self) -> None:
        lock_fields(self)

    def decision_function(self, matrix: Matrix) -> Floats:
        """Log-odds per row."""
        return (matrix @ self.coefficients.astype(np.float32)).astype(np.float64) + self.offset


def logistic(matrix: Matrix, hits: Mask, progress: Progress = SILENT) -> LogisticFit:
    """The log-odds of ``hits`` that minimise the sum of the logistic losses plus half the squared
    coefficients, by L-BFGS (Zhu and others 1997). Can be stopped at each step.

    matrix: n x p, columns around 0 of unit size or less. Products are taken in float32, sums over the rows in
    float64: the same as in float64 alone to three digits and more, which is all that the search asks for, at
    half the memory.

    >>> draw = np.random.default_rng(0)
    >>> matrix = draw.normal(size=(20_000, 1)).astype(np.float32)
    >>> made = logistic(matrix, draw.random(20_000) < 1 / (1 + np.exp(1.0 - 2.0 * matrix[:, 0])))
    >>> made.coefficients.round(1).tolist(), round(made.offset, 1)
    ([2.0], -1.0)
    """
    from scipy.optimize import minimize
    from scipy.special import expit

    rows, aim = len(matrix), hits.astype(np.float64)

    def loss(place: Floats) -> tuple[float, Floats]:
        progress.check()
        inner = place[:-1]
        odds = LogisticFit(inner, float(place[-1])).decision_function(matrix)
        missed = expit(odds) - aim
        value = (np.logaddexp(0.0, odds) - aim * odds).sum() + inner @ inner / 2.0
        return float(value) / rows, np.append(missed.astype(np.float32) @ matrix + inner, missed.sum()) / rows

    start, size = (
        np.zeros(matrix.shape[1] + 1),
        float(np.sqrt(np.einsum("ij,ij->j", matrix, matrix).max(initial=0.0) / rows)),
    )
    asked = {"gtol": _FLAT * min(1.0, size), "maxiter": _STEPS}
    best = minimize(loss, start, method="L-BFGS-B", jac=True, options=asked).x
    return LogisticFit(best[:-1], float(best[-1]))


def shrunk(model: LogisticFit, matrix: Matrix) -> LogisticFit:
    """The model with each coefficient times max(0, 1 - 1 / t**2), t its distance from 0 in standard errors
    (Breiman 1995).

    matrix: the rows fitted on. Most columns tell nothing, and their coefficients are noise that drowns a
    small shift in one column.
    """
    fits = model.decision_function(matrix)
    sure = 1.0 / (2.0 + np.exp(-fits) + np.exp(fits))  # p (1 - p)
    light = sure.astype(np.float32)
    middle = (light @ matrix) / sure.sum()
    spread = np.maximum(0.0, light @ matrix**2 - sure.sum() * middle**2)
    keep = np.maximum(0.0, 1.0 - 1.0 / np.maximum(model.coefficients**2 * spread, 1e-12))
    return LogisticFit(
        model.coefficients * keep, model.offset + float(middle @ (model.coefficients * (1.0 - keep)))
    )
