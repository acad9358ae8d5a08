"""Models of classes fitted without the weights of the classes, whose probabilities are corrected afterwards.

Weights that part classes spoil trees: boosting divides by sums of weighted p (1 - p), so that a leaf of a few
rows of a light class, its heavy neighbours not drawn, takes a step of 1 / p. Rows that were drawn by their
class alone are a case-control sample: the model of it is that of all rows but for the odds of the classes,
which its weights give back exactly (King and Zeng 2001, section 4; Elkan 2001, theorem 2).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class PriorCorrected:
    """A classifier of scikit-learn that is fitted with the weights within classes alone: of each class they
    are divided by their mean, by which the probabilities are then multiplied and brought to a sum of one.

    Where all classes weigh alike it is the classifier itself. ``classes_``: as the classifier's, once fitted.
    ``factor``: per class the mean weight of its rows.
    """

    classes_: Ints
    factor: Floats

    def __init__(self, model: Any) -> None:
        self.model = model

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """The classifier, as scikit-learn's ``clone`` asks for it."""
        return {"model": self.model}

    def set_params(self, model: Any) -> PriorCorrected:
        """With another classifier."""
        self.model = model
        return self

    def fit(self, matrix: Floats, target: Ints, sample_weight: Floats | None = None) -> PriorCorrected:
        """Fit on rows, n x p, their class codes, and their weights (1 each by default), of which each class
        needs some above 0.
        """
        weight = np.ones(len(target)) if sample_weight is None else np.asarray(sample_weight, np.float64)
        classes, code = np.unique(target, return_inverse=True)
        self.factor = np.bincount(code, weight) / np.bincount(code)
        self.model.fit(matrix, target, sample_weight=weight / self.factor[code])
        self.classes_ = classes
        return self

    def predict_proba(self, matrix: Floats) -> Floats:
        """Probabilities of the classes, n x classes, as of all the rows that the weights stand for."""
        odds = np.asarray(self.model.predict_proba(matrix), np.float64) * self.factor
        return np.asarray(odds / odds.sum(axis=1, keepdims=True))

    def score(self, matrix: Floats, target: Ints, sample_weight: Floats | None = None) -> float:
        """The share of rows, by their weights, whose class is predicted."""
        return float(np.average(self.predict(matrix) == target, weights=sample_weight))

    def predict(self, matrix: Floats) -> Ints:
        """The most probable class of each row."""
        return np.asarray(self.classes_[self.predict_proba(matrix).argmax(axis=1)])
