"""What numbers are expected to be, by models that did not see the row."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.numerics.blocks import Blocks
from core.numerics.folds import FOLDS, Fold
from core.progress import SILENT, Progress
from core.workers import LocalThreads, import_models, openmp_threads

Floats = NDArray[np.float64]
FIT_ROWS = 20_000  # rows learned from
CHUNK = 16_384  # rows judged at once
TREES = 60  # of each fold
_VOTERS = 10
_PENALTIES = (1.0, 10.0, 100.0, 1_000.0)
_ENDS = (
    0.5,
    99.5,
)  # percentiles at which the numbers learned from are held, or one gross error bends a model
_HELD = 100.0  # weight of one more row, by which the weights of models have the sum 1; times the rows
_BOOST_ROWS, _BOOST_WIDTH = 1_000, 100  # boosting takes its time times the columns


class Regression(NamedTuple):
    """What is to be predicted: as in `core.prepare.evidence.members.Classification`, ``numbers`` in the place
    of codes.
    """

    matrix: Blocks
    numbers: Floats
    fold: Fold
    groups: NDArray[np.uint64]
    units: NDArray[np.uint64]
    near: NDArray[np.int32]
    seed: int


class Expectation(NamedTuple):
    """``values``: what is expected of each row (n). ``explained``: share of the variance of the held numbers
    that the models explain on rows they did not see. ``weights``: of the models, by name.
    """

    values: Floats
    explained: float
    weights: dict[str, float]


def expected(problem: Regression, progress: Progress = SILENT) -> Expectation:
    """Ridge regression, extremely randomised trees, the median of the nearest rows and, of 1,000 rows and
    more, gradient boosting, each by models that did not see the row; together by the weights (none negative,
    of sum 1) that predict best by least squares, so that a bad one has no say (stacking; Breiman 1996).
    """
    low, high = np.percentile(problem.numbers, _ENDS)
    held = np.clip(problem.numbers, low, high)
    parts = {
        "neighbours": _neighbourhood(problem, held),
        "linear": _out_of_fold(problem, held, _ridge, progress.part(0.0, 0.3)),
        "trees": _out_of_fold(problem, held, _trees, progress.part(0.3, 0.8)),
    }
    if held.size >= _BOOST_ROWS and problem.matrix.shape[1] <= _BOOST_WIDTH:
        parts["boosting"] = _out_of_fold(problem, held, _boosted, progress.part(0.8, 1.0))
    made = np.stack(list(parts.values()), axis=1)
    share = stacked(made, held)
    values = made @ share
    spread = float(held.var()) or 1.0
    explained = 1.0 - float(((held - values) ** 2).mean()) / spread
    return Expectation(values, explained, dict(zip(parts, share.tolist(), strict=True)))


def stacked(made: Floats, numbers: Floats) -> Floats:
    """Weights of models, none negative, of sum 1, by what they said (n x m) of numbers (n) that they did not
    see: least squares (Lawson and Hanson 1974). Equal where the numbers are.

    >>> numbers = np.array([1.0, 2.0, 3.0, 4.0])
    >>> stacked(np.stack([numbers, 5.0 - numbers], axis=1), numbers).round(3).tolist()
    [1.0, 0.0]
    """
    from scipy.optimize import nnls

    middle, size = float(numbers.mean()), numbers.std()
    if not size > 0:
        return np.full(made.shape[1], 1.0 / made.shape[1])
    apart = np.vstack([(made - middle) / size, np.full(made.shape[1], _HELD * numbers.size)])
    share: Floats = nnls(apart, np.append((numbers - middle) / size, _HELD * numbers.size))[0]
    return np.asarray(share / share.sum(), dtype=np.float64)


def _neighbourhood(problem: Regression, numbers: Floats) -> Floats:
    """The median of the nearest rows that are neither equal to the row itself nor of its group; that of all
    where there is none.
    """
    near = problem.near
    other = (near >= 0) & (problem.groups[near] != problem.groups[:, None])
    other &= problem.units[near] != problem.units[:, None]
    votes = other & (np.cumsum(other, axis=1) <= _VOTERS)
    values = np.where(votes, numbers[near], np.nan)
    made = np.full(numbers.size, float(np.median(numbers)))
    some = votes.any(axis=1)
    made[some] = np.nanmedian(values[some], axis=1)
    return made


def _ridge(problem: Regression, numbers: Floats, seen: NDArray[np.int64], rows: NDArray[np.int64]) -> Floats:
    """Ridge regression (Hoerl and Kennard 1970), its penalty by generalised cross-validation."""
    from sklearn.linear_model import RidgeCV

    model = RidgeCV(_PENALTIES).fit(problem.matrix[seen].astype(np.float64), numbers[seen])
    return _by(model, problem, rows)


def _trees(problem: Regression, numbers: Floats, seen: NDArray[np.int64], rows: NDArray[np.int64]) -> Floats:
    """Extremely randomised trees (Geurts, Ernst and Wehenkel 2006)."""
    from sklearn.ensemble import ExtraTreesRegressor

    model = ExtraTreesRegressor(TREES, min_samples_leaf=3, max_features=0.5, random_state=problem.seed)
    return _by(model.fit(problem.matrix[seen], numbers[seen]), problem, rows)


def _boosted(
    problem: Regression, numbers: Floats, seen: NDArray[np.int64], rows: NDArray[np.int64]
) -> Floats:
    """Gradient boosting on histograms (Friedman 2001; Ke and others 2017), on one thread."""
    from sklearn.ensemble import HistGradientBoostingRegressor

    model = HistGradientBoostingRegressor(
        max_iter=80,
        learning_rate=0.1,
        max_leaf_nodes=15,
        l2_regularization=1.0,
        early_stopping=False,
        random_state=problem.seed,
    )
    with openmp_threads(1):
        return _by(model.fit(problem.matrix[seen], numbers[seen]), problem, rows)


def _by(model: object, problem: Regression, rows: NDArray[np.int64]) -> Floats:
    parts = [rows[first : first + CHUNK] for first in range(0, rows.size, CHUNK)]
    made = [model.predict(problem.matrix[part]) for part in parts]  # type: ignore[attr-defined]
    return np.concatenate(made).astype(np.float64) if made else np.zeros(0)


def _out_of_fold(problem: Regression, numbers: Floats, fitted: object, progress: Progress) -> Floats:
    """Every row by the model that was fitted without its fold."""
    made = np.full(numbers.size, float(numbers.mean()))

    def fold_of(fold: int) -> None:
        seen = np.flatnonzero(problem.fold[:FIT_ROWS] != fold)
        rows = np.flatnonzero(problem.fold == fold)
        if seen.size and rows.size:
            made[rows] = fitted(problem, numbers, seen, rows)  # type: ignore[operator]

    import_models()
    work = LocalThreads().map(fold_of, range(FOLDS))
    for _ in zip(progress.each(range(FOLDS), "Fitting models"), work, strict=True):
        pass
    return made
