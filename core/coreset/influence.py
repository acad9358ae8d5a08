"""What removing rows would do to a linear fit, before anything is removed: one Newton step from the fit with
them (influence functions; Koh and Liang 2017), which for least squares is the fit without them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.coreset.coreset import Coreset
from core.coreset.editing import without
from core.coreset.fitting import logistic_fit, slope_of
from core.coreset.judging import Apart, EncodedRows, HeldOutJudge, HeldOutScore, held_out, scored
from core.coreset.parts import RowPart
from core.coreset.quality import MOST_WEIGHTS, curvature
from core.dataset import Dataset
from core.errors import SettingError, TooSmallError
from core.numerics.softmax import Softmax
from core.phrases import percent
from core.progress import SILENT, Progress

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
_LEAST_JUDGED = 20  # held-out rows
_CHANCE = 100  # draws of rows at random
_FEW = 0.2  # of the weight, up to which rows that go are subtracted from the coreset
_MOST = 0.5  # of the weight, beyond which one step says little
_VAGUE = 0.1  # change of the score by chance, beyond which nothing is said


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
    """Weights c x (p + 1), the slope of the loss of the rows that go, and the second derivative of the
    regularised loss of all others, P x P. rows: how many go.
    """

    weights: Floats
    slope: Floats
    bend: Floats
    rows: int

    def without(self, slopes: Floats) -> Floats:
        """The weights once rows of these slopes are gone, n x c x (p + 1). slopes: n x P."""
        steps = np.linalg.lstsq(self.bend, slopes.T, rcond=1e-10)[0].T
        return np.asarray(self.weights + steps.reshape(len(slopes), *self.weights.shape))


def influence(
    coreset: Coreset, dataset: Dataset, rows: Ints, ridge: float = 1.0, progress: Progress = SILENT
) -> Influence:
    """Expected change of the fit when these rows (numbers of the source) go: H^-1 times the slope of their
    loss, H that of the rows that stay.

    Raises `SettingError` where there is no target, the model is too wide, or more than half of the weight
    goes; `InputError` as `without` does where H is taken from the coreset without the rows.
    """
    _checked(coreset)
    return _influence(coreset, _fitted(coreset, dataset, rows, ridge, progress))


def _checked(coreset: Coreset) -> None:
    """Raises `SettingError` where there is no target, or where the model is too wide."""
    pilot = coreset.pilot
    if not pilot.roles.target:
        raise SettingError("What removing rows does is told of a fit: it needs a target, and there is none.")
    columns, classes = len(pilot.encoder.labels) + 1, max(1, len(pilot.classes))
    wide = columns * (classes if classes > 2 else 1)
    if wide > MOST_WEIGHTS:
        raise SettingError(
            f"What removing rows does is told of models of at most {MOST_WEIGHTS} weights; this one has "
            f"{wide:,}. Set columns of many levels aside, or join rare classes."
        )


def _fitted(coreset: Coreset, dataset: Dataset, rows: Ints, ridge: float, progress: Progress) -> _Fit:
    pilot, part = coreset.pilot, RowPart(dataset, coreset.leaves[0].first)
    table = part.contents(pilot.read, rows)
    target, known = pilot.targets(table)
    weight = (pilot.weights(table)[known] * pilot.unit).astype(np.float64)
    gone = EncodedRows(np.ascontiguousarray(pilot.encoder.encode(table).T[known]), target[known], weight)
    share = float(weight.sum() / coreset.sample.weight.sum())
    if share > _MOST:
        raise SettingError(
            f"These rows are {percent(share)} of those fitted on; beyond {percent(_MOST)} a fit with them "
            "says little of one without. Select fewer, or drop them and compare; undo brings them back."
        )
    progress.check()
    weights, slope = (_logistic if pilot.classes else _least_squares)(coreset, gone, ridge, progress)
    progress.check()
    bend = _bend_left(coreset, gone, weights, share)
    if bend is None:
        bend = _bend(_without(coreset, part, rows), weights)
    kept = np.tile(np.append(np.full(weights.shape[1] - 1, ridge), 0.0), len(weights))
    return _Fit(weights, slope, bend + np.diag(kept), gone.target.size)


def _bend_left(coreset: Coreset, gone: EncodedRows, weights: Floats, share: float) -> Floats | None:
    """The second derivative of the loss of the rows that stay: that of the coreset less that of the rows
    that go. None where this says little: these are many, or all that there is in some direction, so that the
    error of the coreset outweighs what stays.
    """
    if share > _FEW:
        return None
    every = _bend(coreset, weights)
    left = every - _bend_of(coreset, gone.matrix, gone.weight, weights)
    least = float(np.linalg.eigvalsh(left)[0])
    return left if least >= -1e-9 * float(np.trace(every)) else None


def _bend(coreset: Coreset, weights: Floats) -> Floats:
    return _bend_of(coreset, coreset.matrix(), coreset.sample.weight, weights)


def _bend_of(coreset: Coreset, matrix: Floats, weight: Floats, weights: Floats) -> Floats:
    """The second derivative of the loss of these rows, without the ridge, P x P."""
    if coreset.pilot.classes:
        return curvature(matrix, weight, Softmax(weights), 0.0)
    rows = _with_offset(matrix)
    return np.asarray(rows.T @ (rows * weight[:, None]))


def _without(coreset: Coreset, part: RowPart, rows: Ints) -> Coreset:
    """The coreset of the rows that stay."""
    ledger = coreset.leaves[0].ledger
    if ledger is not None:
        rows = ledger.number[(ledger.stratum >= 0) & np.isin(ledger.number, rows)]
    return without(coreset, rows, lambda numbers: part.contents(coreset.pilot.read, numbers))


def _influence(coreset: Coreset, fit: _Fit) -> Influence:
    after, matrix = fit.without(fit.slope.reshape(1, -1))[0], coreset.matrix()
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


def _logistic(coreset: Coreset, gone: EncodedRows, ridge: float, progress: Progress) -> tuple[Floats, Floats]:
    """The weights, and the slope of the loss of the rows that go."""
    before = logistic_fit(coreset, ridge, progress)
    slope = slope_of(before, gone.matrix, gone.target.astype(np.int64), gone.weight).slope
    return before.weights, slope


def _least_squares(
    coreset: Coreset, gone: EncodedRows, ridge: float, progress: Progress
) -> tuple[Floats, Floats]:
    progress.check()
    target = coreset.pilot.targets(coreset.table())[0]
    rows, others = _with_offset(coreset.matrix()), _with_offset(gone.matrix)
    weighted = rows * coreset.sample.weight[:, None]
    bend = rows.T @ weighted + np.diag([*np.full(rows.shape[1] - 1, ridge), 0.0])
    before = np.linalg.lstsq(bend, weighted.T @ target, rcond=1e-12)[0]
    slope = (others * gone.weight[:, None]).T @ (others @ before - gone.target)
    return before[None, :], slope[None, :]


def _with_offset(matrix: Floats) -> Floats:
    return np.concatenate([matrix, np.ones((len(matrix), 1))], axis=1)


@dataclass(frozen=True)
class RemovalPreview:
    """What removing rows is expected to do, judged on held-out rows that stay.

    influence: of those of the rows that take part. metric: "AUROC" (macro) or "R squared". before,
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
    it is worth on a fifth of the other rows, seen by no fit.

    Raises `SettingError` and `InputError` as `influence` and `held_out` do; `TooSmallError` where none of the
    rows takes part, or where what is left cannot be fitted or judged.
    """
    _checked(coreset)
    progress.at(0.0, "Holding rows out")
    apart = held_out(coreset, dataset, rows)
    held, small = apart.held, apart.coreset
    going = np.intersect1d(rows, apart.rows)
    _judged(coreset, dataset, apart, going)
    progress.at(0.4, "Fitting with and without the rows")
    fit = _fitted(small, dataset, going, ridge, progress)
    told = _influence(small, fit)
    judge = HeldOutJudge(held, len(coreset.pilot.classes), coreset.pilot.seed)

    def worths(weights: Floats) -> Floats:
        return judge.of(predicted(small, weights, held.matrix), progress)

    progress.at(0.7, "Judging on held-out rows")
    before, after = worths(told.before), worths(told.after)
    by_chance = []
    for weights in _by_chance(small, fit, progress):
        progress.check()
        by_chance.append(judge.whole(predicted(small, weights, held.matrix)))
    floor = float(np.quantile(np.abs(np.array(by_chance) - before[0]), 0.95))
    change = scored(after - before)
    _known(np.array([*change[:3], *scored(before)[:3], *scored(after)[:3], told.moved]), floor, judge.metric)
    return RemovalPreview(told, judge.metric, scored(before), scored(after), change, held.target.size, floor)


def _known(numbers: Floats, floor: float, metric: str) -> None:
    """Raises `TooSmallError` where a number is not finite, or where chance alone changes too much."""
    if not np.isfinite([*numbers, floor]).all():
        raise TooSmallError("What removing these rows does cannot be told: the fits give no finite numbers.")
    if floor > _VAGUE:
        raise TooSmallError(
            f"What removing these rows does cannot be told: {metric} would move by up to {floor:.2f} without "
            "as many random rows, as too little is left to fit on. Select fewer, or take a larger coreset."
        )


def _judged(coreset: Coreset, dataset: Dataset, apart: Apart, going: Ints) -> None:
    """Raises `TooSmallError` where nothing could be said: no row goes, or those that stay, or are held out,
    are too few or of one class.
    """
    if not going.size:
        raise TooSmallError(
            "No fit holds any of these rows: each lacks a target or a weight, or is a serve row. Select "
            "others."
        )
    if apart.held.target.size < _LEAST_JUDGED:
        raise TooSmallError("Without these rows too few are left to judge a fit on: select fewer.")
    pilot, part = coreset.pilot, RowPart(dataset, coreset.leaves[0].first)
    fitted = pilot.targets(part.contents([pilot.roles.target], np.setdiff1d(apart.rows, going)))[0]
    for target, what in ((fitted, "rows to fit on"), (apart.held.target, "held-out rows")):
        if np.unique(target).size < 2:
            raise TooSmallError(
                f"What removing these rows does cannot be told: the {what} that stay, {target.size:,}, all "
                "have the same target. It takes two values among them: select other rows, or add data."
            )


def _by_chance(coreset: Coreset, fit: _Fit, progress: Progress) -> Floats:
    """Weights after as many rows as go, drawn at random, draws x c x (p + 1): the sum of their slopes is
    normal about 0, with the covariance that the coreset shows: of the rows drawn, and of the mean of all
    rows, which the coreset knows but roughly.
    """
    matrix, pilot = coreset.matrix(), coreset.pilot
    target = pilot.targets(coreset.table())[0]
    if pilot.classes:
        lost = Softmax(fit.weights).residuals(matrix, target.astype(np.int64))
    else:
        lost = (matrix @ fit.weights[0, :-1] + fit.weights[0, -1] - target)[:, None]
    rows, share = _with_offset(matrix), coreset.sample.weight / coreset.sample.weight.sum()
    draw = np.random.default_rng(pilot.seed)
    times = np.sqrt(fit.rows * share + (fit.rows * share) ** 2)
    slopes = np.zeros((_CHANCE, fit.weights.size))
    for at in range(_CHANCE):
        progress.check()
        slopes[at] = ((lost * (times * draw.normal(size=len(rows)))[:, None]).T @ rows).ravel()
    return fit.without(slopes)
