"""Models that say how likely each class is for rows they did not see: the members of the ensemble.

Each takes the rows as a matrix and gives one probability per row and class. The fold of a row is drawn by its
content (`core.numerics.folds.spread`), so that a copy of a row never vouches for it. Only the first rows,
which are a random sample, are learned from; the model that a row is judged by is the one that saw nothing of
its fold.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from core.numerics.blocks import Blocks
from core.numerics.extra_trees import ExtraTrees
from core.numerics.folds import FOLDS, Fold
from core.numerics.kernel_ridge import KernelRidge
from core.prepare.evidence.pooling import calibrated, loss
from core.progress import SILENT, Progress
from core.workers import LocalThreads, import_models, openmp_threads

Floats = NDArray[np.float32]
Codes = NDArray[np.int32]
FIT_ROWS = 20_000  # rows learned from
CHUNK = 16_384  # rows judged at once
TREES, FEWER_TREES = 60, 20  # of each fold, and where rows are many: each adds less then
_GROWN = 300_000  # rows times trees
_STRENGTHS = (0.003, 0.03, 0.3)  # of the linear model: inverse penalties, the one that predicts best is taken
_VOTERS = 10  # neighbours that vote
_TIGHT = (1.0, 4.0)  # of the kernel: the one that predicts best is taken
_TIGHT_ROWS = 5_000  # rows that it is chosen on
# boosting takes its time times the columns and the classes
_BOOST_ROWS, _BOOST_WIDTH, _BOOST_CLASSES = 1_000, 100, 3


class Classification(NamedTuple):
    """What is to be predicted.

    matrix: rows x p; the first rows are a random sample. codes: the class of each row, from 0. classes: how
    many. fold: of each row. groups: rows that are equal have equal numbers. units: rows that share a fold
    have equal numbers: those of one group by role, else those that are equal. near: places of the nearest
    rows of each, nearest first; -1 for one without a label.
    """

    matrix: Blocks
    codes: Codes
    classes: int
    fold: Fold
    groups: NDArray[np.uint64]
    units: NDArray[np.uint64]
    near: NDArray[np.int32]
    seed: int


class _Model(Protocol):
    classes_: Any

    def fit(self, matrix: Any, codes: Any) -> Any: ...

    def predict_proba(self, matrix: Any) -> Any: ...


Member = Callable[[Classification, Progress], Floats]


def linear(problem: Classification, progress: Progress = SILENT) -> Floats:
    """Multinomial logistic regression with an L2 penalty, the strength chosen on one fold by its log loss."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import log_loss

    def model(strength: float) -> _Model:
        made: _Model = LogisticRegression(C=strength, tol=1e-3, max_iter=100)
        return made

    def loss(strength: float) -> float:
        held = _places(problem, 0, held_out=True)
        made = _predicted(problem, 0, model(strength), held)
        given = problem.codes[held]
        return float(log_loss(given, made, labels=np.arange(problem.classes)))

    import_models()
    losses = list(LocalThreads().map(loss, _STRENGTHS))
    best = _STRENGTHS[int(np.argmin(losses))]
    return _out_of_fold(problem, lambda: model(best), progress, "Fitting linear models")


def trees(problem: Classification, progress: Progress = SILENT) -> Floats:
    """Extremely randomised trees (Geurts, Ernst and Wehenkel 2006); fewer where there are more than 5,000
    rows.
    """
    number = int(np.clip(_GROWN // min(problem.codes.size, FIT_ROWS), FEWER_TREES, TREES))
    return _out_of_fold(problem, lambda: ExtraTrees(number, problem.seed, least=2), progress, "Growing trees")


def boosted(problem: Classification, progress: Progress = SILENT) -> Floats:
    """Gradient boosting on histograms (Friedman 2001; Ke and others 2017)."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    def model() -> _Model:
        made: _Model = HistGradientBoostingClassifier(
            max_iter=80,
            learning_rate=0.1,
            max_leaf_nodes=15,
            l2_regularization=1.0,
            random_state=problem.seed,
        )
        return made

    return _out_of_fold(problem, model, progress, "Boosting")


def kernel(problem: Classification, progress: Progress = SILENT) -> Floats:
    """Ridge regression on a Gaussian kernel (Saunders, Gammerman and Vovk 1998), how local it is chosen on
    one fold by its log loss, calibrated.
    """
    held = _places(problem, 0, held_out=True)[:_TIGHT_ROWS]

    def missed(tight: float) -> float:
        made = _predicted(problem, 0, KernelRidge(tight), held, _TIGHT_ROWS)
        return loss(calibrated(made, problem.codes[held]), problem.codes[held])

    losses = list(LocalThreads().map(missed, _TIGHT))
    best = _TIGHT[int(np.argmin(losses))]
    return _out_of_fold(problem, lambda: KernelRidge(best), progress, "Fitting kernels")


def neighbourhood(problem: Classification, progress: Progress = SILENT) -> Floats:
    """The shares of the classes among the nearest rows that are neither equal to the row itself nor of its
    group, drawn towards those of all rows by one vote.
    """
    prior = np.bincount(problem.codes, minlength=problem.classes) / problem.codes.size
    made = np.empty((problem.codes.size, problem.classes), np.float32)
    for first in progress.each(range(0, problem.codes.size, CHUNK), "Counting neighbours"):
        at = slice(first, first + CHUNK)
        near = problem.near[at]
        other = (near >= 0) & (problem.groups[near] != problem.groups[at][:, None])
        other &= problem.units[near] != problem.units[at][:, None]
        votes = other & (np.cumsum(other, axis=1) <= _VOTERS)
        row, place = np.nonzero(votes)
        cell = row * problem.classes + problem.codes[near[row, place]]
        counted = np.bincount(cell, minlength=len(near) * problem.classes).reshape(len(near), -1)
        made[at] = (counted + prior) / (counted.sum(axis=1, keepdims=True) + 1.0)
    return made


def members(rows: int, width: int, classes: int, vectors: bool = False) -> dict[str, Member]:
    """Those that take part, by name: boosting where there are rows enough, and few columns and classes. Of
    ``vectors``, whose directions are all of one kind, a kernel takes the place of the nearest rows.
    """
    chosen: dict[str, Member] = {"neighbours": neighbourhood}
    if classes <= 100:
        chosen = {"linear": linear, "trees": trees, **({"kernel": kernel} if vectors else chosen)}
    if rows >= _BOOST_ROWS and width <= _BOOST_WIDTH and classes <= _BOOST_CLASSES:
        chosen["boosting"] = boosted
    return chosen


def _places(problem: Classification, fold: int, held_out: bool = False) -> NDArray[np.int64]:
    """Places among the rows learned from that are (or are not) of a fold."""
    of_fold = problem.fold[:FIT_ROWS] == fold
    return np.flatnonzero(of_fold if held_out else ~of_fold)


def _predicted(
    problem: Classification, fold: int, model: _Model, rows: NDArray[np.int64], most: int = FIT_ROWS
) -> Floats:
    """Probabilities of these rows by the model fitted without the fold, on ``most`` rows at most; the shares
    of the classes where it saw one class only.
    """
    seen = _places(problem, fold)[:most]
    codes = problem.codes[seen]
    made = np.zeros((rows.size, problem.classes), np.float32)
    if not seen.size or (codes == codes[0]).all():
        made[:] = np.bincount(problem.codes, minlength=problem.classes) / problem.codes.size
        return made
    model.fit(problem.matrix[seen], codes)
    for first in range(0, rows.size, CHUNK):
        at = slice(first, first + CHUNK)
        made[at, model.classes_] = model.predict_proba(problem.matrix[rows[at]])
    return made


def _out_of_fold(
    problem: Classification,
    model: Callable[[], _Model],
    progress: Progress,
    note: str,
) -> Floats:
    """Every row judged by the model that was fitted without its fold; the folds side by side, each on one
    thread, as those of a model of its own would wait for each other on so few rows.
    """
    made = np.empty((problem.codes.size, problem.classes), np.float32)

    def fold_of(fold: int) -> None:
        rows = np.flatnonzero(problem.fold == fold)
        with openmp_threads(1):
            made[rows] = _predicted(problem, fold, model(), rows)

    work = LocalThreads().map(fold_of, range(FOLDS))
    for _ in zip(progress.each(range(FOLDS), note), work, strict=True):
        pass
    return made
