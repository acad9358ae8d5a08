"""The two models that strategies are tried with: a linear one, and gradient-boosted trees."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from core.analyses.strategies.encoders import designed
from core.numerics.association import Floats

ROUNDS = 60
_TREES = 400  # rounds times classes, at most
_CHUNK = 10  # rounds between two looks at the focal weights
_PASSES = 10  # fits of a linear model until the focal weights stay
BINS = 128  # values of a column that trees tell apart
MANY = 20  # classes beyond which trees are left out


class Model(Protocol):
    """What a strategy fits."""

    title: str

    def fit(
        self, matrix: Floats, target: NDArray[Any], codes: int, seed: int, weights: Floats | None = None
    ) -> Any:
        """A fitted scikit-learn estimator over the matrix, whose first ``codes`` columns are codes."""

    def focal(self, matrix: Floats, target: NDArray[Any], codes: int, seed: int, gamma: float) -> Any:
        """The same, where the weights are `focal_weights` of the model's own probabilities."""


def focal_weights(p: Floats, gamma: float) -> Floats:
    """(1 - p)^gamma of the probability ``p`` of the given class, made a mean of 1: rows that are easy count
    less (Lin et al. 2017, focal loss, as weights).

    >>> focal_weights(np.array([0.5, 0.9]), 2.0).round(3).tolist()
    [1.923, 0.077]
    """
    weights = (1.0 - p) ** gamma
    mean = weights.mean()
    return np.asarray(weights / mean if mean > 0 else np.ones(p.size), dtype=np.float64)


def _of_given(p: Floats, classes: NDArray[Any], target: NDArray[Any]) -> Floats:
    """The probability of each row's given class."""
    return np.asarray(p[np.arange(target.size), np.searchsorted(classes, target)], dtype=np.float64)


def on_grid(matrix: Floats, codes: int) -> Floats:
    """The matrix with each column of numbers rounded to the nearest of at most `BINS` of its quantiles. Trees
    on histograms then cut halfway between two of them, as they would for new rows; without it scikit-learn
    looks for weighted quantiles one by one, which takes longer than all trees.

    >>> on_grid(np.arange(1000.0)[:, None], 0)[:3].ravel().round(2).tolist()
    [0.0, 0.0, 0.0]
    """
    made = np.array(matrix, dtype=np.float64, copy=True)
    for column in range(codes, matrix.shape[1]):
        ascending = np.sort(matrix[:, column])
        if np.count_nonzero(np.diff(ascending)) < BINS:
            continue
        places = np.round(np.linspace(0, ascending.size - 1, BINS)).astype(np.int64)
        grid = np.unique(ascending[places])
        made[:, column] = grid[np.searchsorted((grid[1:] + grid[:-1]) / 2.0, matrix[:, column])]
    return made


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

        model = Pipeline([("design", designed(codes)), ("model", LogisticRegression(max_iter=1000))])
        return model.fit(matrix, target, **({} if weights is None else {"model__sample_weight": weights}))

    def focal(self, matrix: Floats, target: NDArray[Any], codes: int, seed: int, gamma: float) -> Any:
        """See `Model.focal`. Weights that follow from one fit overshoot by gamma: where the model puts a
        logit of z, they ask for that of the truth less gamma z. Going 1 / (1 + gamma) of the way meets the
        fixed point, which from one fit straight to the next would never be reached.
        """
        fitted = self.fit(matrix, target, codes, seed)
        design, model = fitted[0].transform(matrix), fitted[-1]
        model.set_params(warm_start=True)
        share = 1.0 / (1.0 + gamma)
        model.coef_, model.intercept_ = model.coef_ * share, model.intercept_ * share
        for _ in range(_PASSES):
            weights = focal_weights(_of_given(model.predict_proba(design), model.classes_, target), gamma)
            coef, intercept = model.coef_.copy(), model.intercept_.copy()
            model.fit(design, target, sample_weight=weights)
            step = share * (model.coef_ - coef), share * (model.intercept_ - intercept)
            model.coef_, model.intercept_ = coef + step[0], intercept + step[1]
            if max(np.abs(step[0]).max(), np.abs(step[1]).max()) < 1e-3:
                break
        return fitted


class Boosting:
    """Gradient-boosted trees on histograms, fewer and smaller than scikit-learn's default, and fewer rounds
    for many classes.
    """

    title = "Gradient boosting"

    def fit(
        self, matrix: Floats, target: NDArray[Any], codes: int, seed: int, weights: Floats | None = None
    ) -> Any:
        """See `Model.fit`."""
        return self._model(target, codes, seed).fit(on_grid(matrix, codes), target, sample_weight=weights)

    def focal(self, matrix: Floats, target: NDArray[Any], codes: int, seed: int, gamma: float) -> Any:
        """See `Model.focal`: every ten rounds the weights follow the trees so far."""
        model = self._model(target, codes, seed)
        matrix = on_grid(matrix, codes)
        rounds, classes, counts = model.max_iter, *np.unique(target, return_counts=True)
        start = (counts / target.size) ** (1.0 / (1.0 + gamma))
        p = np.repeat(start[None, :] / start.sum(), target.size, axis=0)
        model.set_params(warm_start=True)
        for done in range(_CHUNK, rounds + 1, _CHUNK):
            model.set_params(max_iter=done)
            model.fit(matrix, target, sample_weight=focal_weights(_of_given(p, classes, target), gamma))
            p = model.predict_proba(matrix)
        return model

    def _model(self, target: NDArray[Any], codes: int, seed: int) -> Any:
        from sklearn.ensemble import HistGradientBoostingClassifier

        classes = np.unique(target).size
        return HistGradientBoostingClassifier(
            max_iter=max(10, min(ROUNDS, _TREES // (classes if classes > 2 else 1)) // _CHUNK * _CHUNK),
            max_leaf_nodes=15,
            max_bins=BINS,
            l2_regularization=1.0,  # without it steps grow without bound in leaves of few of a rare class
            early_stopping=False,
            categorical_features=list(range(codes)) or None,
            random_state=seed,
        )


MODELS: dict[str, Model] = {"linear": Linear(), "boosting": Boosting()}
