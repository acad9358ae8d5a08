"""The two models that strategies are tried with: a linear one, and gradient-boosted trees."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from core.analyses.strategies.encoders import designed
from core.numerics.association import Floats

ROUNDS = 100
_TREES = 400  # rounds times classes, at most


class Model(Protocol):
    """What a strategy fits."""

    title: str

    def fit(
        self, matrix: Floats, target: NDArray[Any], codes: int, seed: int, weights: Floats | None = None
    ) -> Any:
        """A fitted scikit-learn estimator over the matrix, whose first ``codes`` columns are codes."""


class Linear:
    """Logistic regression with scikit-learn's penalty (C = 1), over standardised numbers and one column per
    level.
    """

    title = "Logistic regression"

    def fit(
        self, matrix: Floats, target: NDArray[Any], codes: int, seed: int, weights: Floats | None = None
    ) -> Any:
        """See `Model.fit`."""
        from sklearn.linear_model import LogisticRegression
        from sklearn.pipeline import Pipeline

        model = Pipeline([("design", designed(codes)), ("model", LogisticRegression(max_iter=300))])
        return model.fit(matrix, target, **({} if weights is None else {"model__sample_weight": weights}))


class Boosting:
    """Gradient-boosted trees with scikit-learn's defaults, on histograms; fewer rounds for many classes."""

    title = "Gradient boosting"

    def fit(
        self, matrix: Floats, target: NDArray[Any], codes: int, seed: int, weights: Floats | None = None
    ) -> Any:
        """See `Model.fit`."""
        from sklearn.ensemble import HistGradientBoostingClassifier

        classes = np.unique(target).size
        model = HistGradientBoostingClassifier(
            max_iter=max(10, min(ROUNDS, _TREES // max(1, classes if classes > 2 else 1))),
            early_stopping=False,
            categorical_features=list(range(codes)) or None,
            random_state=seed,
        )
        return model.fit(matrix, target, sample_weight=weights)


MODELS: dict[str, Model] = {"linear": Linear(), "boosting": Boosting()}
