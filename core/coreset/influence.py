"""What removing rows would do to a linear fit, before anything is removed: one Newton step from the fit with
them (influence functions; Koh and Liang 2017), which for least squares is the fit without them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.coreset.coreset import Coreset
from core.coreset.fitting import logistic_fit, slope_of
from core.coreset.judging import EncodedRows, HeldOutJudge, HeldOutScore, held_out, scored
from core.coreset.parts import RowPart
from core.coreset.quality import curvature
from core.dataset import Dataset
from core.errors import SettingError, TooSmallError
from core.numerics.softmax import Softmax
from core.progress import SILENT, Progress

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
_LEAST_JUDGED = 20  # held-out rows
_CHANCE = 100  # draws of rows at random


@dataclass(frozen=True)
class Influence:
    """What is to be expected without some rows.

    rows: how many of them have a target. before, after: weights of the fit with them and, expected, without:
    c x (p + 1), the offset last; of log-odds for classes (as in `Softmax`), else of the target in units of
    its spread. moved: the mean distance of the predictions over the rows of the coreset, of probabilities or
    in units of the target. column, change: the column whose coefficient is expected to change most, and by
    how much, both in units of their spread.
    """

    rows: int
    before: Floats
    after: Floats
    moved: float
    column: str
    change: float


class _Fit(NamedTuple):
    """Weights c x (p + 1), the slope of the loss of the rows that go, and the second derivative of the loss
    of all others, P x P. rows: how many go.
    """

    weights: Floats
    slope: Floats
    bend: Floats
    rows: int

    def without(self, slope: Floats) -> Floats:
        """The weights once rows of this slope are gone."""
        step = np.linalg.lstsq(self.bend, slope.ravel(), rcond=1e-10)[0]
        return np.asarray(self.weights + step.reshape(self.weights.shape))


def influence(
    coreset: Coreset, dataset: Dataset, rows: Ints, ridge: float = 1.0, progress: Progress = SILENT
) -> Influence:
    """Expected change of the fit when these rows (numbers of the source) go: H^-1 times the slope of their
    loss, H from the coreset. Only these rows are read. Raises `SettingError` where there is no target.
    """
    return _influence(coreset, _fitted(coreset, dataset, rows, ridge, progress))


def _fitted(coreset: Coreset, dataset: Dataset, rows: Ints, ridge: float, progress: Progress) -> _Fit:
    pilot = coreset.pilot
    if not pilot.roles.target:
        raise SettingError("What removing rows does is told of a fit: it needs a target, and there is none.")
    table = RowPart(dataset, coreset.leaves[0].first).contents(pilot.read, rows)
    target, known = pilot.targets(table)
    weight = (pilot.weights(table)[known] * pilot.unit).astype(np.float64)
    gone = EncodedRows(np.ascontiguousarray(pilot.encoder.encode(table).T[known]), target[known], weight)
    return (_logistic if pilot.classes else _least_squares)(coreset, gone, ridge, progress)


def _influence(coreset: Coreset, fit: _Fit) -> Influence:
    after, matrix = fit.without(fit.slope), coreset.matrix()
    both = [predicted(coreset, weights, matrix) for weights in (fit.weights, after)]
    apart = np.abs(both[1] - both[0])
    moved = apart.sum(axis=1) / 2.0 if coreset.pilot.classes else apart
    change = np.abs(after - fit.weights)[:, :-1].max(axis=0)
    at, share = int(change.argmax()), coreset.sample.weight / coreset.sample.weight.sum()
    label = coreset.pilot.encoder.labels[at]
    return Influence(fit.rows, fit.weights, after, float(share @ moved), label, float(change[at]))


def predicted(coreset: Coreset, weights: Floats, matrix: Floats) -> Floats:
    """What these weights say of rows: probabilities, n x classes, or numbers in units of the target."""
    pilot = coreset.pilot
    if pilot.classes:
        return Softmax(weights).probabilities(matrix)
    return np.asarray((matrix @ weights[0, :-1] + weights[0, -1]) * pilot.spread + pilot.centre)


def _logistic(coreset: Coreset, gone: EncodedRows, ridge: float, progress: Progress) -> _Fit:
    before = logistic_fit(coreset, ridge, progress)
    slope = slope_of(before, gone.matrix, gone.target.astype(np.int64), gone.weight).slope
    bend = curvature(coreset.matrix(), coreset.sample.weight, before, ridge)
    return _Fit(
        before.weights, slope, bend - curvature(gone.matrix, gone.weight, before, 0.0), gone.target.size
    )


def _least_squares(coreset: Coreset, gone: EncodedRows, ridge: float, progress: Progress) -> _Fit:
    progress.check()
    target = coreset.pilot.targets(coreset.table())[0]
    rows, others = _with_offset(coreset.matrix()), _with_offset(gone.matrix)
    weighted = rows * coreset.sample.weight[:, None]
    bend = rows.T @ weighted + np.diag([*np.full(rows.shape[1] - 1, ridge), 0.0])
    before = np.linalg.lstsq(bend, weighted.T @ target, rcond=1e-12)[0]
    heavy = others * gone.weight[:, None]
    slope = heavy.T @ (others @ before - gone.target)
    return _Fit(before[None, :], slope[None, :], bend - others.T @ heavy, gone.target.size)


def _with_offset(matrix: Floats) -> Floats:
    return np.concatenate([matrix, np.ones((len(matrix), 1))], axis=1)


@dataclass(frozen=True)
class RemovalPreview:
    """What removing rows is expected to do, judged on held-out rows that stay.

    influence: of those of the rows that are not held out. metric: "AUROC" (macro) or "R squared". before,
    after: of the fit with them and, expected, without. change: after less before, paired on the held-out
    rows. tested: how many these are. floor: the change, either way, that removing as many rows at random
    stays below in 95 of 100 draws.
    """

    influence: Influence
    metric: str
    before: HeldOutScore
    after: HeldOutScore
    change: HeldOutScore
    tested: int
    floor: float

    @property
    def told_apart(self) -> bool:
        """Whether the change is told from none: its interval lies on one side of 0, and it is more than that
        of as many rows drawn at random.
        """
        aside = self.change.low > 0.0 or self.change.high < 0.0
        return aside and abs(self.change.value) > self.floor


def previewed(
    coreset: Coreset, dataset: Dataset, rows: Ints, ridge: float = 1.0, progress: Progress = SILENT
) -> RemovalPreview:
    """What removing these rows (numbers of the source) would do to a linear fit on the coreset, and to what
    it is worth on a fifth of the rows, seen by no fit; those of them that would go judge neither fit.

    Raises `SettingError` where there is no target, `TooSmallError` where too few rows are left to judge,
    `InputError` as `held_out` does.
    """
    progress.at(0.0, "Holding rows out")
    apart = held_out(coreset, dataset)
    stay = ~np.isin(apart.judged, rows)
    held = EncodedRows(*(values[stay] for values in apart.held))
    if held.target.size < _LEAST_JUDGED:
        raise TooSmallError("Without these rows too few are left to judge a fit on.")
    progress.at(0.4, "Fitting with and without the rows")
    small, going = apart.coreset, rows[np.isin(rows, apart.rows)]
    fit = _fitted(small, dataset, going, ridge, progress)
    told = _influence(small, fit)
    judge = HeldOutJudge(held, len(coreset.pilot.classes), coreset.pilot.seed)

    def worths(weights: Floats) -> Floats:
        return judge.of(predicted(small, weights, held.matrix))

    progress.at(0.7, "Judging on held-out rows")
    before, after = worths(told.before), worths(told.after)
    by_chance = [judge.whole(predicted(small, weights, held.matrix)) for weights in _by_chance(small, fit)]
    floor = float(np.quantile(np.abs(np.array(by_chance) - before[0]), 0.95))
    change = scored(after - before)
    return RemovalPreview(told, judge.metric, scored(before), scored(after), change, held.target.size, floor)


def _by_chance(coreset: Coreset, fit: _Fit) -> list[Floats]:
    """Weights after as many rows as go, drawn at random: the sum of their slopes is normal about 0, with the
    covariance that the coreset shows: of the rows drawn, and of the mean of all rows, which the coreset knows
    but roughly.
    """
    matrix, pilot = coreset.matrix(), coreset.pilot
    target = pilot.targets(coreset.table())[0]
    if pilot.classes:
        lost = Softmax(fit.weights).residuals(matrix, target.astype(np.int64))
    else:
        lost = (matrix @ fit.weights[0, :-1] + fit.weights[0, -1] - target)[:, None]
    slopes = (lost[:, :, None] * _with_offset(matrix)[:, None, :]).reshape(len(matrix), -1)
    share = coreset.sample.weight / coreset.sample.weight.sum()
    draw = np.random.default_rng(pilot.seed)
    times = np.sqrt(fit.rows * share + (fit.rows * share) ** 2)
    return [fit.without(slopes.T @ (times * draw.normal(size=len(slopes)))) for _ in range(_CHANCE)]
