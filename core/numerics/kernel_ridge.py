"""Ridge regression on a Gaussian kernel, as a classifier: every row has a vote, by how near it lies.

Squared loss on indicators of the classes: a wrong label that lies among right ones moves what is learned
little, where a logistic loss would bend to it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

LANDMARKS = 1_000  # rows that the kernel is spanned by
RIDGE = 1.0
_SHARP = 8.0  # of the softmax that makes scores (0 to 1) probabilities; to be calibrated
_LEAST = 1e-6  # share of the rows added to the diagonal: equal rows make it singular


class KernelRidge:
    """Kernel ridge regression (Saunders, Gammerman and Vovk 1998) of the indicators of classes, spanned by
    the first 1,000 rows (subset of regressors; Smola and Schoelkopf 2000).

    tightness: how many times the squared distance over its median the Gaussian falls by e: 1 is smooth, 4
    more local. ``classes_``: the classes seen, ascending.

    >>> ring = np.float32([[np.cos(a), np.sin(a)] for a in range(60)])
    >>> rows, codes = np.concatenate([ring, 2 * ring]), np.repeat([0, 1], 60)
    >>> made = KernelRidge(4.0).fit(rows[::2], codes[::2]).predict_proba(rows[1::2])
    >>> float((made.argmax(axis=1) == codes[1::2]).mean())
    1.0
    """

    def __init__(self, tightness: float = 1.0) -> None:
        self.tightness = tightness

    def fit(self, matrix: Any, codes: NDArray[Any]) -> KernelRidge:
        """``matrix``: n x p finite numbers, the first rows a random sample. ``codes``: n."""
        from scipy.linalg import solve

        self._middle = np.asarray(matrix[:LANDMARKS], np.float64).mean(axis=0)
        rows = self._centred(matrix)
        self.classes_, own = np.unique(codes, return_inverse=True)
        indicators = np.zeros((len(rows), self.classes_.size))
        indicators[np.arange(len(rows)), own] = 1.0
        self._shares = indicators.mean(axis=0)
        self._marks = rows[:LANDMARKS]
        apart = _squared(self._marks, self._marks)
        middle = float(np.median(apart[np.triu_indices(len(apart), 1)])) if len(apart) > 1 else 0.0
        self._scale = np.float32(self.tightness / middle if middle > 0 else 1.0)
        across = self._kernel(rows).astype(np.float64)
        square = across.T @ across + RIDGE * np.exp(-self._scale * apart).astype(np.float64)
        square[np.diag_indices_from(square)] += _LEAST * len(rows)
        self._weights = solve(square, across.T @ (indicators - self._shares), assume_a="pos")
        return self

    def predict_proba(self, matrix: Any) -> NDArray[np.float32]:
        """Probabilities, n x classes seen, not calibrated."""
        scores = self._shares + self._kernel(self._centred(matrix)) @ self._weights
        scores = _SHARP * (scores - scores.max(axis=1, keepdims=True))
        made = np.exp(scores)
        return np.asarray(made / made.sum(axis=1, keepdims=True), np.float32)

    def _centred(self, matrix: Any) -> NDArray[np.float32]:
        """Far from 0, distances would be lost in 32 bits."""
        return np.asarray(matrix - self._middle, np.float32)

    def _kernel(self, rows: NDArray[np.float32]) -> NDArray[np.float32]:
        return np.asarray(np.exp(-self._scale * _squared(rows, self._marks)))


def _squared(one: NDArray[np.float32], other: NDArray[np.float32]) -> NDArray[np.float32]:
    """Squared distances, n x m."""
    made = one @ other.T
    made *= -2
    made += np.einsum("ij,ij->i", one, one)[:, None]
    made += np.einsum("ij,ij->i", other, other)
    return np.asarray(np.maximum(made, 0, out=made))
