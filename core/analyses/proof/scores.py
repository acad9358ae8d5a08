"""The same model on both sides, and what it scores on rows that neither saw."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.analyses.proof.sides import ProofSide, Sides
from core.numerics.auc import area_under_curve
from core.numerics.folds import FOLDS, Fold
from core.prepare.encoding import encoded
from core.progress import Progress
from core.workers import LocalThreads, import_models, openmp_threads

TREES = 100
Floats = NDArray[np.float64]


class ProofScore(NamedTuple):
    """``word``: its name. ``title``: in a sentence. ``higher``: whether more is better."""

    word: str
    title: str
    higher: bool


ACCURACY = ProofScore("accuracy", "accuracy", True)
AUROC = ProofScore("auroc", "AUROC", True)
LOG_LOSS = ProofScore("log_loss", "log loss", False)
ERROR = ProofScore("mean_absolute_error", "mean absolute error", False)
EXPLAINED = ProofScore("r2", "R²", True)


def scored_by(classes: int) -> tuple[ProofScore, ...]:
    """The scores, that which decides first: AUROC for two classes, accuracy for more, the mean absolute error
    for numbers.
    """
    if not classes:
        return ERROR, EXPLAINED
    return (AUROC, ACCURACY, LOG_LOSS) if classes == 2 else (ACCURACY, AUROC, LOG_LOSS)


def compared(given: Sides, model: str, repeats: int, seed: int, progress: Progress) -> tuple[Floats, float]:
    """What both sides score, 2 x scores x folds of all repeats (NaN where a fold cannot be scored), and rows
    tested in a fold over rows trained on.
    """
    work = [(fold, given.folds(seed + 1 + repeat)) for repeat in range(repeats) for fold in range(FOLDS)]
    judge = _ProofJudge(given, model, seed)
    import_models()
    made = LocalThreads().map(judge, work)
    done = [one for _, one in zip(progress.each(work, "Fitting models"), made, strict=True)]
    tested = given.untouched.sum() / FOLDS / max(1.0, given.train.sum() * (1.0 - 1.0 / FOLDS))
    return np.stack(done, axis=2), float(tested)


class _ProofJudge:
    """What both sides score on one fold, 2 x scores."""

    def __init__(self, given: Sides, model: str, seed: int) -> None:
        self.given, self.model, self.seed = given, model, seed

    def __call__(self, task: tuple[int, Fold]) -> Floats:
        fold, folds = task
        # folds are judged side by side: threads of their own would wait for each other
        with openmp_threads(1):
            return self._sides(fold, folds)

    def _sides(self, fold: int, folds: Fold) -> Floats:
        return np.array([self._side(side, fold, folds) for side in (self.given.before, self.given.after)])

    def _side(self, side: ProofSide, fold: int, folds: Fold) -> list[float]:
        given, inside = self.given, side.source < folds.size
        of_fold = np.zeros(side.source.size, bool)
        of_fold[inside] = folds[side.source[inside]] == fold
        learn = given.train[side.source] & ~of_fold & ~np.isnan(side.labels)
        test = of_fold.copy()
        test[inside] &= given.untouched[side.source[inside]]
        fit = np.zeros(side.data.rows, bool)
        fit[side.rows[learn]] = True
        matrix = encoded(side.data, None, fit, rows=side.rows).matrix
        model = self._fitted(len(given.classes))
        seen, held = np.flatnonzero(learn), np.flatnonzero(test)
        return _scores(model, matrix, side.labels, seen, held, given.classes)

    def _fitted(self, classes: int) -> Any:
        from sklearn import ensemble, linear_model

        if self.model == "trees":
            kind = ensemble.ExtraTreesClassifier if classes else ensemble.ExtraTreesRegressor
            return kind(TREES, min_samples_leaf=2, random_state=self.seed, n_jobs=1)
        if self.model == "boosting":
            boosted = (
                ensemble.HistGradientBoostingClassifier if classes else ensemble.HistGradientBoostingRegressor
            )
            return boosted(max_leaf_nodes=15, l2_regularization=1.0, random_state=self.seed)
        return linear_model.LogisticRegression(max_iter=200) if classes else linear_model.Ridge()


def _scores(
    model: Any,
    matrix: Any,
    labels: Floats,
    learn: NDArray[np.int64],
    test: NDArray[np.int64],
    classes: tuple[str, ...],
) -> list[float]:
    """In the order of `scored_by`; NaN where there is nothing to score, or one class to learn."""
    wanted = scored_by(len(classes))
    nothing = not test.size or not learn.size or not matrix.shape[1]
    if nothing or (classes and np.unique(labels[learn]).size < 2):
        return [float("nan")] * len(wanted)
    model.fit(matrix[learn], labels[learn])
    truth = labels[test]
    if not classes:
        missed = np.abs(truth - model.predict(matrix[test]))
        spread = float(((truth - truth.mean()) ** 2).sum()) or 1.0
        return [float(missed.mean()), 1.0 - float((missed**2).sum()) / spread]
    p = np.zeros((test.size, len(classes)))
    p[:, model.classes_.astype(int)] = model.predict_proba(matrix[test])
    codes = truth.astype(int)
    areas = [area_under_curve(p[:, at], codes == at) for at in np.unique(codes)]
    areas = [area for area in areas if np.isfinite(area)]
    own = np.clip(p[np.arange(test.size), codes], 1e-6, 1.0)
    made = {
        ACCURACY: float((p.argmax(axis=1) == codes).mean()),
        AUROC: float(np.mean(areas)) if areas else float("nan"),
        LOG_LOSS: float(-np.log(own).mean()),
    }
    return [made[score] for score in wanted]
