"""What numbers are expected to be, by models that did not see the row."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.numerics.blocks import Blocks
from core.numerics.folds import FOLDS, Fold
from core.progress import SILENT, Progress
from core.workers import LocalThreads

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
_POWER = 4


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
    """Ridge regression, extremely randomised trees and the mean of the nearest rows, each by models that did
    not see the row; weighted by what they explain to the fourth power, so that a bad one has no say.
    """
    low, high = np.percentile(problem.numbers, _ENDS)
    held = np.clip(problem.numbers, low, high)
    parts = {
        "neighbours": _neighbourhood(problem, held),
        "linear": _out_of_fold(problem, held, _ridge, progress.part(0.0, 0.3)),
        "trees": _out_of_fold(problem, held, _trees, progress.part(0.3, 1.0)),
    }
    spread = float(((held - held.mean()) ** 2).mean()) or 1.0
    saved = np.array([max(0.0, 1.0 - float(((held - one) ** 2).mean()) / spread) for one in parts.values()])
    share = saved**_POWER
    share = share / share.sum() if share.sum() > 0 else np.full(share.size, 1.0 / share.size)
    values = np.asarray(sum(w * one for w, one in zip(share, parts.values(), strict=True)), dtype=np.float64)
    explained = 1.0 - float(((held - values) ** 2).mean()) / spread
    return Expectation(values, explained, dict(zip(parts, share.tolist(), strict=True)))


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

    work = LocalThreads().map(fold_of, range(FOLDS))
    for _ in zip(progress.each(range(FOLDS), "Fitting models"), work, strict=True):
        pass
    return made
