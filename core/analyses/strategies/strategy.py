"""What can be done about unequal classes when a model is trained; one entry of `STRATEGIES` each.

A strategy is given the training rows of a fold, prepared as a matrix, and gives rows and weights to train on.
What it does to the class shares, by count or by weight, is what it does to the predicted probabilities: the
closed-form correction undoes it (`core.analyses.strategies.calibration.prior_corrected`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.analyses.strategies.models import Model
from core.numerics.association import Floats

Codes = NDArray[Any]
NEIGHBOURS = 5  # of SMOTE and ADASYN, as their authors chose
BAGS = 10
GAMMA = 2.0  # of the focal weights, as Lin et al. 2017 chose


class Training(NamedTuple):
    """Rows to train on. matrix: n x p, the first ``codes`` columns codes. target: class codes, n. classes:
    how many.
    """

    matrix: Floats
    target: Codes
    codes: int
    classes: int

    @property
    def counts(self) -> NDArray[np.int64]:
        """Rows per class."""
        return np.bincount(self.target, minlength=self.classes)


class Trained(NamedTuple):
    """A fitted model, and the class shares, by count or weight, that it was trained on (None where they are
    those of the rows)."""

    model: Any
    shares: Floats | None


class Strategy(NamedTuple):
    """One strategy. title: on screen. train: rows, a model's maker and a seed to a fitted model. source: of
    the method. needs: why it cannot be used on some rows, or "".
    """

    title: str
    train: Callable[[Training, Model, int], Trained]
    source: str
    needs: Callable[[Training], str] = lambda rows: ""


def balanced_weights(target: Codes, classes: int) -> Floats:
    """A weight per row that gives every class the same sum, and the rows a mean of 1.

    >>> balanced_weights(np.array([0, 0, 0, 1]), 2).round(3).tolist()
    [0.667, 0.667, 0.667, 2.0]
    """
    counts = np.bincount(target, minlength=classes)
    return np.asarray(target.size / (np.count_nonzero(counts) * counts[target]), dtype=np.float64)


def focal_weights(p: Floats, gamma: float = GAMMA) -> Floats:
    """(1 - p)^gamma of the probability ``p`` of the given class, by a model that has not seen the row, made a
    mean of 1: rows that are easy count less (Lin et al. 2017, focal loss, as weights).

    >>> focal_weights(np.array([0.5, 0.9])).round(3).tolist()
    [1.923, 0.077]
    """
    weights = (1.0 - p) ** gamma
    mean = weights.mean()
    return weights / mean if mean > 0 else np.ones(p.size)


def _none(rows: Training, model: Model, seed: int) -> Trained:
    return Trained(model.fit(rows.matrix, rows.target, rows.codes, seed), None)


def _weights(rows: Training, model: Model, seed: int) -> Trained:
    weights = balanced_weights(rows.target, rows.classes)
    return Trained(model.fit(rows.matrix, rows.target, rows.codes, seed, weights), _even(rows))


def _resampled(sampler: Callable[[Training, int], Any]) -> Callable[[Training, Model, int], Trained]:
    """A strategy that trains on other rows than it was given."""

    def train(rows: Training, model: Model, seed: int) -> Trained:
        matrix, target = sampler(rows, seed).fit_resample(rows.matrix, rows.target)
        shares = np.bincount(target, minlength=rows.classes) / target.size
        return Trained(model.fit(matrix, target, rows.codes, seed), shares)

    return train


def _oversampler(rows: Training, seed: int) -> Any:
    from imblearn.over_sampling import RandomOverSampler

    return RandomOverSampler(random_state=seed)


def _undersampler(rows: Training, seed: int) -> Any:
    from imblearn.under_sampling import RandomUnderSampler

    return RandomUnderSampler(random_state=seed)


def _smote(rows: Training, seed: int) -> Any:
    from imblearn.over_sampling import SMOTE, SMOTEN, SMOTENC

    near = _neighbours(rows)
    if not rows.codes:
        return SMOTE(k_neighbors=near, random_state=seed)
    if rows.codes == rows.matrix.shape[1]:
        return SMOTEN(k_neighbors=near, random_state=seed)
    return SMOTENC(list(range(rows.codes)), k_neighbors=near, random_state=seed)


def _smote_enn(rows: Training, seed: int) -> Any:
    from imblearn.combine import SMOTEENN
    from imblearn.under_sampling import EditedNearestNeighbours

    return SMOTEENN(smote=_smote(rows, seed), enn=EditedNearestNeighbours(), random_state=seed)


def _adasyn(rows: Training, seed: int) -> Any:
    from imblearn.over_sampling import ADASYN

    return ADASYN(n_neighbors=_neighbours(rows), random_state=seed)


def _bagged(rows: Training, model: Model, seed: int) -> Trained:
    """Models on undersampled rows, their probabilities averaged (Wallace et al. 2011)."""
    draws = [
        _undersampler(rows, seed * BAGS + bag).fit_resample(rows.matrix, rows.target) for bag in range(BAGS)
    ]
    models = [model.fit(matrix, target, rows.codes, seed) for matrix, target in draws]
    return Trained(Averaged(models), _even(rows))


def _focal(rows: Training, model: Model, seed: int) -> Trained:
    """The model once more, with rows weighted by how wrong models are that were fitted on the other half."""
    half = np.arange(rows.target.size) % 2
    p = np.empty(rows.target.size)
    for side in (0, 1):
        there, here = half != side, half == side
        fitted = model.fit(rows.matrix[there], rows.target[there], rows.codes, seed)
        p[here] = predicted(fitted, rows.matrix[here], rows.classes)[np.arange(here.sum()), rows.target[here]]
    weights = focal_weights(p)
    shares = np.bincount(rows.target, weights=weights, minlength=rows.classes)
    return Trained(model.fit(rows.matrix, rows.target, rows.codes, seed, weights), shares / shares.sum())


class Averaged(NamedTuple):
    """Several fitted models as one."""

    models: list[Any]

    @property
    def classes_(self) -> Codes:
        """The class codes that it knows."""
        return np.asarray(self.models[0].classes_)

    def predict_proba(self, matrix: Floats) -> Floats:
        """The mean of their probabilities."""
        return np.asarray(np.mean([one.predict_proba(matrix) for one in self.models], axis=0))


def predicted(model: Any, matrix: Floats, classes: int) -> Floats:
    """Probabilities of all ``classes``, n x k; 0 for those that the model has not seen."""
    known = np.asarray(model.classes_, dtype=np.int64)
    p = np.zeros((len(matrix), classes))
    p[:, known] = model.predict_proba(matrix)
    return p


def _even(rows: Training) -> Floats:
    present = rows.counts > 0
    return np.asarray(present / present.sum(), dtype=np.float64)


def _neighbours(rows: Training) -> int:
    counts = rows.counts
    return max(1, min(NEIGHBOURS, int(counts[counts > 0].min()) - 1))


def _two_of_each(rows: Training) -> str:
    counts = rows.counts
    return "" if counts[counts > 0].min() >= 2 else "a class has a single row in a training fold"


def _numbers_only(rows: Training) -> str:
    if rows.codes:
        return "it interpolates numbers, and some columns are categories"
    return _two_of_each(rows)


STRATEGIES: dict[str, Strategy] = {
    "none": Strategy("No rebalancing", _none, ""),
    "weights": Strategy("Class weights", _weights, "King and Zeng 2001"),
    "oversample": Strategy("Random oversampling", _resampled(_oversampler), "Japkowicz 2000"),
    "undersample": Strategy("Random undersampling", _resampled(_undersampler), "Kubat and Matwin 1997"),
    "bagging": Strategy("Balanced bagging", _bagged, "Wallace et al. 2011"),
    "focal": Strategy("Focal weights", _focal, "Lin et al. 2017"),
    "smote": Strategy("SMOTE", _resampled(_smote), "Chawla et al. 2002", _two_of_each),
    "adasyn": Strategy("ADASYN", _resampled(_adasyn), "He et al. 2008", _numbers_only),
    "smote_enn": Strategy("SMOTE + ENN", _resampled(_smote_enn), "Batista et al. 2004", _two_of_each),
}
