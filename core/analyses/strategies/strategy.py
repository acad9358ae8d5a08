"""What can be done about unequal classes when a model is trained; one entry of `STRATEGIES` each.

A strategy is given the training rows of a fold, prepared as a matrix, and gives rows and weights to train on.
What it does to the class shares, by count or by weight, is what it does to the predicted probabilities: the
closed-form correction undoes it (`core.analyses.strategies.recalibration`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from core.analyses.strategies.models import Model, focal_weights
from core.analyses.strategies.recalibration import focal_corrected, pooled, prior_corrected
from core.analyses.strategies.samplers import (
    Codes,
    Sampler,
    Training,
    adasyn,
    oversampler,
    smote,
    smote_enn,
    undersampler,
)
from core.numerics.association import Floats

BAGS = 10
GAMMA = 2.0  # of the focal weights, as Lin et al. 2017 chose
THRESHOLD = "threshold"
CLASS_SHARES = "class_shares"  # no strategy: what is scored without any column


class Trained(NamedTuple):
    """Fitted models, whose log-odds are averaged; the class shares, by count or weight, that they were
    trained on (None where they are those of the rows); and the gamma of their focal weights, 0 for none.
    """

    models: tuple[Any, ...]
    shares: Floats | None = None
    gamma: float = 0.0

    def predict(self, matrix: Floats, natural: Floats) -> tuple[Floats, Floats]:
        """Probabilities as the models say and corrected, n x k. natural: class shares of the rows that the
        strategy was given.
        """
        p = pooled([predicted(model, matrix, natural.size) for model in self.models])
        return p, self.corrected(p, natural)

    def corrected(self, p: Floats, natural: Floats) -> Floats:
        """The probabilities by the closed form."""
        if self.gamma:
            return focal_corrected(p, self.gamma)
        return p if self.shares is None else prior_corrected(p, self.shares, natural)


class Strategy(NamedTuple):
    """One strategy. title: on screen. source: of the method.

    resample: what rows it makes of the training rows, once for all models: one set, or several to be
        averaged. train: how a model is fitted on them. needs: why it cannot be used on some rows, or "".
    closed: whether a closed form undoes what it does to probabilities (True where it does nothing to them).
        Rows that it makes up have another distribution within their class, which none undoes.
    """

    title: str
    source: str
    train: Callable[[Training, tuple[Training, ...], Model, int], Trained]
    resample: Callable[[Training, int], tuple[Training, ...]] = lambda rows, seed: (rows,)
    needs: Callable[[Training], str] = lambda rows: ""
    closed: bool = True


def balanced_weights(target: Codes, classes: int) -> Floats:
    """A weight per row that gives every class the same sum, and the rows a mean of 1.

    >>> balanced_weights(np.array([0, 0, 0, 1]), 2).round(3).tolist()
    [0.667, 0.667, 0.667, 2.0]
    """
    counts = np.bincount(target, minlength=classes)
    return np.asarray(target.size / (np.count_nonzero(counts) * counts[target]), dtype=np.float64)


def row_weights(strategy: str, target: Codes, p: Floats) -> Floats:
    """The weight of each row by a strategy that weighs rows, and 1 by any other, whatever rows it drops or
    repeats. p: of its own class, by a model that has not seen it; the weights that a focal model is fitted
    with follow its own probabilities instead.
    """
    if strategy == "weights":
        return balanced_weights(target, int(target.max(initial=0)) + 1)
    return focal_weights(p, GAMMA) if strategy == "focal" else np.ones(target.size)


def bends(strategy: str, classes: int) -> bool:
    """Whether a scaling of its probabilities can stand in the coefficients of its model: focal weights of
    several classes are undone by no scaling of logits.
    """
    return strategy != "focal" or classes == 2


def predicted(model: Any, matrix: Floats, classes: int) -> Floats:
    """Probabilities of all ``classes``, n x k; 0 for those that the model has not seen."""
    known = np.asarray(model.classes_, dtype=np.int64)
    p = np.zeros((len(matrix), classes))
    p[:, known] = model.predict_proba(matrix)
    return p


def _plain(given: Training, made: tuple[Training, ...], model: Model, seed: int) -> Trained:
    return Trained((model.fit(given.matrix, given.target, given.codes, seed),))


def _weighted(given: Training, made: tuple[Training, ...], model: Model, seed: int) -> Trained:
    weights = balanced_weights(given.target, given.classes)
    present = given.counts > 0
    fitted = model.fit(given.matrix, given.target, given.codes, seed, weights)
    return Trained((fitted,), np.asarray(present / present.sum()))


def _focal(given: Training, made: tuple[Training, ...], model: Model, seed: int) -> Trained:
    return Trained((model.focal(given.matrix, given.target, given.codes, seed, GAMMA),), None, GAMMA)


def _on_made(given: Training, made: tuple[Training, ...], model: Model, seed: int) -> Trained:
    """A model on each set of rows that the strategy made, all of the same class shares."""
    fitted = tuple(model.fit(rows.matrix, rows.target, rows.codes, seed) for rows in made)
    return Trained(fitted, made[0].counts / made[0].target.size)


def _on_made_up(given: Training, made: tuple[Training, ...], model: Model, seed: int) -> Trained:
    """A model on rows some of which the strategy made up."""
    return Trained((model.fit(made[0].matrix, made[0].target, made[0].codes, seed),))


def _by(sampler: Sampler, times: int = 1) -> Callable[[Training, int], tuple[Training, ...]]:
    """Rows made by a sampler, ``times`` over with seeds of their own."""

    def resample(rows: Training, seed: int) -> tuple[Training, ...]:
        made = []
        for turn in range(times):
            one = sampler(rows, seed * times + turn)
            matrix, target = one.fit_resample(rows.matrix, rows.target)
            made.append(rows._replace(matrix=matrix, target=target))
        return tuple(made)

    return resample


def _two_of_each(rows: Training) -> str:
    return "" if rows.smallest >= 2 else "a class has a single row in a training fold"


def _numbers_only(rows: Training) -> str:
    if rows.codes:
        return "it makes up numbers alone, and some columns are categories (SMOTE copies those, as SMOTENC)"
    return _two_of_each(rows)


def _sampled(title: str, source: str, sampler: Sampler) -> Strategy:
    return Strategy(title, source, _on_made, _by(sampler))


def _made_up(title: str, source: str, sampler: Sampler, needs: Callable[[Training], str]) -> Strategy:
    return Strategy(title, source, _on_made_up, _by(sampler), needs, closed=False)


STRATEGIES: dict[str, Strategy] = {
    "none": Strategy("No rebalancing", "", _plain),
    "weights": Strategy("Class weights", "King and Zeng 2001", _weighted),
    "undersample": _sampled("Random undersampling", "Kubat and Matwin 1997", undersampler),
    "oversample": _sampled("Random oversampling", "Japkowicz 2000", oversampler),
    "bagging": Strategy("Balanced bagging", "Wallace et al. 2011", _on_made, _by(undersampler, BAGS)),
    "smote": _made_up("SMOTE", "Chawla et al. 2002", smote, _two_of_each),
    "adasyn": _made_up("ADASYN", "He et al. 2008", adasyn, _numbers_only),
    "focal": Strategy("Focal weights", "Lin et al. 2017", _focal),
    "smote_enn": _made_up("SMOTE + ENN", "Batista et al. 2004", smote_enn, _two_of_each),
}
TITLES = {name: one.title for name, one in STRATEGIES.items()} | {
    THRESHOLD: "Threshold only",
    CLASS_SHARES: "Class shares alone",
}
NAMED = ("none", THRESHOLD, *[name for name in STRATEGIES if name != "none"])  # what can be asked for
