"""How well a quick model predicts a target on rows it has not seen, and which columns it needs for that.

Folds are drawn by content: rows with equal features, or of one group, never stand on both sides. All that is
learned is learned inside the training folds. Intervals allow for the overlap of the training folds (Nadeau
and Bengio 2003, "Inference for the generalization error", Machine Learning 52).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.numerics.association import Floats
from core.numerics.auc import area_under_curve
from core.numerics.folds import FOLDS, Fold
from core.progress import Progress
from core.workers import LocalThreads, openmp_threads

_LEVELS = 250  # levels of a category that the model takes; it cannot hold more than 255
_SHUFFLED = 500  # held-out rows of a fold on which a column is shuffled
_TREES = 100  # rounds times classes, at most; a number counts as two
_CELLS = 4_000_000  # of shuffled copies held at once
_TINY = 1e-12


class Interval(NamedTuple):
    """A mean over folds and its 95% interval."""

    value: float
    low: float
    high: float


def interval(values: Floats, least: float = -math.inf, most: float = math.inf) -> Interval:
    """Mean of one value per fold, with Nadeau and Bengio's corrected t interval; nan where fewer than two
    folds have one. least, most: what such a value can be; the interval ends there.

    >>> [round(end, 3) for end in interval(np.array([0.1, 0.2, 0.3, 0.2, 0.2]))]
    [0.2, 0.068, 0.332]
    >>> [round(end, 3) for end in interval(np.array([0.99, 0.9, 0.95, 1.0, 0.96]), most=1.0)]
    [0.96, 0.887, 1.0]
    """
    from scipy.special import stdtrit

    known = values[np.isfinite(values)]
    if known.size < 2:
        return Interval(float("nan"), float("nan"), float("nan"))
    k = known.size
    half = float(stdtrit(k - 1, 0.975) * np.sqrt(known.var(ddof=1) * (1 / k + 1 / (k - 1))))
    middle = float(known.mean())
    return Interval(middle, max(least, middle - half), min(most, middle + half))


@dataclass(frozen=True, eq=False)
class TargetProblem:
    """What is to be predicted. Rows stand in an order that does not depend on the source.

    matrix: rows x p, NaN where missing.
    levels: which columns are levels, as codes from 0.
    target: class codes from 0 (int32) or numbers.
    classes: how many, 0 for numbers.
    fold: of each row.
    """

    matrix: Floats
    levels: NDArray[np.bool_]
    target: NDArray[Any]
    classes: int
    fold: Fold


class ModelQuality(NamedTuple):
    """How well the quick model does on held-out rows.

    skill: share of the trivial model's loss that the model saves, 0 is no better, 1 perfect.
    model, trivial: mean loss (log loss or squared error).
    plain: AUC (two classes), accuracy (more), or root mean squared error.
    plain_trivial: that of the trivial model.
    importance: skill lost on held-out rows when a column is permuted, per column.
    rows: fitted on and judged on, fold by fold.
    """

    skill: Interval
    model: float
    trivial: float
    plain: Interval
    plain_trivial: float
    importance: list[Interval]
    rows: int


def quality(
    problem: TargetProblem, columns: NDArray[np.int64], seed: int, progress: Progress
) -> ModelQuality:
    """Fit gradient-boosted trees fold by fold and judge them on the rows left out. ``columns``: those whose
    importance is wanted.
    """

    def leaf(part: int) -> _Fold:
        # on so few rows threads wait for each other longer than they work
        with openmp_threads(1):
            return _one_fold(problem, part, columns, seed, progress.part(part / FOLDS, (part + 1) / FOLDS))

    per_fold = list(LocalThreads().map(leaf, range(FOLDS)))
    model, trivial, plain, plain_trivial = (
        np.array([getattr(one, name) for one in per_fold]) for name in _Fold._fields[:4]
    )
    lost = np.stack([one.lost for one in per_fold])
    base = np.where(trivial > _TINY, trivial, np.nan)
    return ModelQuality(
        skill=interval(1.0 - model / base, most=1.0),
        model=float(model.mean()),
        trivial=float(trivial.mean()),
        plain=interval(plain, 0.0, 1.0 if problem.classes else math.inf),
        plain_trivial=float(plain_trivial.mean()),
        importance=[interval(column) for column in (lost / base[:, None]).T],
        rows=problem.target.size,
    )


class _Fold(NamedTuple):
    model: float
    trivial: float
    plain: float
    plain_trivial: float
    lost: Floats


def _one_fold(
    problem: TargetProblem, part: int, columns: NDArray[np.int64], seed: int, progress: Progress
) -> _Fold:
    held = np.flatnonzero(problem.fold == part)
    train = np.flatnonzero(problem.fold != part)
    progress.at(0.0, "Fitting a quick model")
    matrix = _known_levels(problem, train)
    model = _fitted(problem, matrix[train], problem.target[train], seed)
    truth = problem.target[held]
    predicted = _predicted(model, matrix[held], problem.classes)
    flat = _trivial(problem, train, held.size)
    some = held[:_SHUFFLED]
    base = _loss(problem.target[some], predicted[: some.size], problem.classes)
    without = _shuffled(
        model,
        matrix[some],
        problem.target[some],
        problem.classes,
        columns,
        np.random.default_rng([seed, part]),
        progress,
    )
    return _Fold(
        _loss(truth, predicted, problem.classes),
        _loss(truth, flat, problem.classes),
        _plain(truth, predicted, problem.classes),
        _plain(truth, flat, problem.classes),
        without - base,
    )


def _shuffled(
    model: Any,
    matrix: Floats,
    truth: NDArray[Any],
    classes: int,
    columns: NDArray[np.int64],
    draw: np.random.Generator,
    progress: Progress,
) -> Floats:
    """The loss with each of the columns shuffled; many at once, as a call costs the model much before it
    looks at a row.
    """
    rows, lost = len(matrix), []
    step = max(1, _CELLS // max(1, matrix.size))
    for first in progress.each(range(0, columns.size, step), "Shuffling columns"):
        asked = columns[first : first + step]
        copies = np.tile(matrix, (asked.size, 1)).reshape(asked.size, rows, -1)
        for copy, column in zip(copies, asked.tolist(), strict=True):
            copy[:, column] = matrix[draw.permutation(rows), column]
        predicted = _predicted(model, copies.reshape(asked.size * rows, -1), classes).reshape(
            asked.size, rows, -1
        )
        lost += [_loss(truth, one if classes else one[:, 0], classes) for one in predicted]
    return np.array(lost)


def _known_levels(problem: TargetProblem, train: NDArray[np.int64]) -> Floats:
    """The matrix as the training rows know it: of a column of levels, "missing" is a level of its own, and
    those beyond the most frequent are missing; columns without a value are 0.

    (The trees learn little from a column of one level and gaps when the gaps are left to them.)
    """
    empty = np.isnan(problem.matrix[train]).all(axis=0)
    most = np.max(np.nan_to_num(problem.matrix), axis=0, initial=0)
    predicted = np.flatnonzero(
        problem.levels & ~empty & ((most >= _LEVELS) | np.isnan(problem.matrix).any(axis=0))
    )
    if not predicted.size and not empty.any():
        return problem.matrix
    matrix = problem.matrix.copy()
    matrix[:, empty] = 0.0
    for j in predicted:
        codes = np.where(np.isnan(matrix[:, j]), 0, matrix[:, j] + 1).astype(np.int64)
        counts = np.bincount(codes[train], minlength=int(codes.max()) + 1)
        place = np.full(counts.size, np.nan)
        place[np.argsort(-counts, kind="stable")[:_LEVELS]] = np.arange(min(_LEVELS, counts.size))
        matrix[:, j] = place[codes]
    return matrix


def _fitted(problem: TargetProblem, matrix: Floats, target: NDArray[Any], seed: int) -> Any:
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

    # fewer rows carry fewer and smaller trees; each round grows one tree per class above two
    rows = len(matrix)
    rounds = int(np.clip(rows // 40, 10, max(10, _TREES // max(2, problem.classes))))
    kind = HistGradientBoostingClassifier if problem.classes else HistGradientBoostingRegressor
    model = kind(
        max_iter=rounds,
        learning_rate=0.2,
        max_leaf_nodes=15 if rows >= 2_000 else 6,
        l2_regularization=1.0,
        early_stopping=False,
        categorical_features=problem.levels,
        random_state=seed,
    )
    return model.fit(matrix, target)


def _predicted(model: Any, matrix: Floats, classes: int) -> Floats:
    """Probabilities, rows x classes (classes that the model has not seen get none), or numbers."""
    if not classes:
        return np.asarray(model.predict(matrix), dtype=np.float64)
    predicted = np.zeros((len(matrix), classes))
    predicted[:, model.classes_.astype(int)] = model.predict_proba(matrix)
    return predicted


def _trivial(problem: TargetProblem, train: NDArray[np.int64], rows: int) -> Floats:
    """What is predicted without any column: the classes' shares, or the mean, of the training rows."""
    if not problem.classes:
        return np.full(rows, problem.target[train].mean())
    shares = np.bincount(problem.target[train], minlength=problem.classes) / train.size
    return np.tile(shares, (rows, 1))


def _loss(truth: NDArray[Any], predicted: Floats, classes: int) -> float:
    if not truth.size:
        return float("nan")
    if not classes:
        return float(((truth - predicted) ** 2).mean())
    return float(-np.log(np.clip(predicted[np.arange(truth.size), truth], 1e-6, 1.0)).mean())


def _plain(truth: NDArray[Any], predicted: Floats, classes: int) -> float:
    if not truth.size:
        return float("nan")
    if not classes:
        return float(np.sqrt(((truth - predicted) ** 2).mean()))
    if classes > 2:
        return float((predicted.argmax(axis=1) == truth).mean())
    return area_under_curve(predicted[:, 1], truth == 1)
