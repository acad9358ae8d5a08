"""What removing rows would do to a linear fit, before anything is removed: one Newton step from the fit with
them (influence functions; Koh and Liang 2017), which for least squares is the fit without them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.coreset.calibration import MOST_WEIGHTS
from core.coreset.coreset import Coreset
from core.coreset.editing import without
from core.coreset.fitting import logistic_fit
from core.coreset.judging import EncodedRows
from core.coreset.parts import RowPart
from core.coreset.quality import curvature
from core.coreset.slopes import slope_of
from core.dataset import Dataset
from core.errors import SettingError
from core.numerics.softmax import Softmax, with_offset
from core.phrases import percent
from core.progress import SILENT, Progress

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
_FEW = 0.2  # of the weight, up to which rows that go are subtracted from the coreset
_MOST = 0.5  # of the weight, beyond which one step says little


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


class LinearFit(NamedTuple):
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
    checked(coreset)
    return influence_of(coreset, fitted(coreset, dataset, rows, ridge, progress))


def checked(coreset: Coreset) -> None:
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


def fitted(coreset: Coreset, dataset: Dataset, rows: Ints, ridge: float, progress: Progress) -> LinearFit:
    """The fit with these rows, and what it takes to tell the one without them. Raises as `influence` does."""
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
    return LinearFit(weights, slope, bend + np.diag(kept), gone.target.size)


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
    rows = with_offset(matrix)
    return np.asarray(rows.T @ (rows * weight[:, None]))


def _without(coreset: Coreset, part: RowPart, rows: Ints) -> Coreset:
    """The coreset of the rows that stay."""
    ledger = coreset.leaves[0].ledger
    if ledger is not None:
        rows = ledger.number[(ledger.stratum >= 0) & np.isin(ledger.number, rows)]
    return without(coreset, rows, lambda numbers: part.contents(coreset.pilot.read, numbers))


def influence_of(coreset: Coreset, fit: LinearFit) -> Influence:
    """What the fit without the rows is expected to differ in."""
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
    rows, others = with_offset(coreset.matrix()), with_offset(gone.matrix)
    weighted = rows * coreset.sample.weight[:, None]
    bend = rows.T @ weighted + np.diag([*np.full(rows.shape[1] - 1, ridge), 0.0])
    before = np.linalg.lstsq(bend, weighted.T @ target, rcond=1e-12)[0]
    slope = (others * gone.weight[:, None]).T @ (others @ before - gone.target)
    return before[None, :], slope[None, :]
