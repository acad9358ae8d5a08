"""Rows of all the data held out from a coreset, and what models are worth on them.

Held out are rows of all the data, by a hash of their content; the coreset is edited to be one of the others.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.coreset.coreset import Coreset
from core.coreset.editing import without
from core.coreset.parts import RowPart
from core.coreset.weighing import calibrated
from core.dataset import Dataset
from core.errors import InputError, TooSmallError
from core.numerics.rowhash import keyed
from core.progress import SILENT, Progress

Floats = NDArray[np.float64]
SHARE = 5  # one row in so many is held out
TESTED = 20_000  # rows held out that models are judged on, at most
_HELD_OUT = 0x6865_6C64
_RESAMPLES = 100


class EncodedRows(NamedTuple):
    """Rows of all the data as numbers, n x p, their target, and their weights."""

    matrix: Floats
    target: Floats
    weight: Floats


class Apart(NamedTuple):
    """``coreset``: of the rows that are left. ``rows``: their numbers. ``held``: of the others, at most
    `TESTED`; ``judged``: the numbers of these.
    """

    coreset: Coreset
    rows: NDArray[np.int64]
    held: EncodedRows
    judged: NDArray[np.int64]


def held_out(coreset: Coreset, dataset: Dataset, keep: NDArray[np.int64] | None = None) -> Apart:
    """Hold out a fifth of the rows, but none of ``keep`` (their numbers), and none that is equal to one of
    them. Raises `InputError` where the coreset is of several parts or of too many rows to edit,
    `TooSmallError` where too few could be held out.
    """
    if len(coreset.leaves) != 1 or coreset.leaves[0].ledger is None:
        raise InputError("Rows are held out of a coreset of one data set of at most 20,000,000 rows.")
    ledger = coreset.leaves[0].ledger
    there = np.flatnonzero(ledger.stratum >= 0)
    key = ledger.key[there]
    test = keyed(key, coreset.pilot.seed ^ _HELD_OUT)
    apart = test % np.uint64(SHARE) == 0
    if keep is not None:
        apart &= ~np.isin(key, key[np.isin(ledger.number[there], keep)])
    out = there[apart]
    if out.size < 20:
        rest = "" if keep is None else " besides those selected: select fewer"
        raise TooSmallError(f"There are too few rows to hold some out{rest}.")
    part = RowPart(dataset, coreset.leaves[0].first)
    read = coreset.pilot.read
    small = without(coreset, ledger.number[out], lambda numbers: part.contents(read, numbers))
    small = calibrated(small, dataset) if coreset.to_slope else small
    some = out[np.argsort(test[np.searchsorted(there, out)], kind="stable")[:TESTED]]
    rows, judged = np.setdiff1d(there, out), np.sort(ledger.number[some])
    return Apart(small, ledger.number[rows], encoded_rows(coreset, part, judged), judged)


def encoded_rows(coreset: Coreset, part: RowPart, rows: NDArray[np.int64]) -> EncodedRows:
    """Rows of a part by their numbers, as a model takes them."""
    table = part.contents(coreset.pilot.read, rows)
    target, pilot = coreset.pilot.targets(table)[0], coreset.pilot
    target = target if pilot.classes else target * pilot.spread + pilot.centre  # as `Coreset.target` has it
    weight = (pilot.weights(table) * pilot.unit).astype(np.float64)
    return EncodedRows(np.ascontiguousarray(pilot.encoder.encode(table).T), target, weight)


class HeldOutScore(NamedTuple):
    """What a model is worth on held-out rows, with the 95% interval of a bootstrap over them, and what its
    fit took in seconds of processor time.
    """

    value: float
    low: float
    high: float
    seconds: float


def scored(values: Floats, seconds: float = 0.0) -> HeldOutScore:
    """The value on all held-out rows, which stands first, and the interval of the others; nothing is said by
    resamples that lack a class.
    """
    known = values[1:][np.isfinite(values[1:])]
    low, high = np.percentile(known, [2.5, 97.5]) if known.size else (np.nan, np.nan)
    return HeldOutScore(float(values[0]), float(low), float(high), seconds)


class HeldOutJudge:
    """How good predictions are for these rows. classes: how many there are, 0 for numbers."""

    def __init__(self, held: EncodedRows, classes: int, seed: int) -> None:
        self.held, self.classes = held, classes
        self.metric = "AUROC" if classes else "R squared"
        draw, size = np.random.default_rng(seed), len(held.target)
        self._picks = [np.arange(size), *(draw.integers(0, size, size) for _ in range(_RESAMPLES))]

    def values(self, model: Any) -> Floats:
        """What a model is worth on all rows, then on each resample."""
        return self.of(predictions(model, self.held.matrix, self.classes))

    def of(self, told: Floats, progress: Progress = SILENT) -> Floats:
        """The same of predictions for the rows."""
        _, target, weight = self.held
        values = np.zeros(len(self._picks))
        for place, at in enumerate(self._picks):
            progress.check()
            values[place] = worth(told[at], target[at], weight[at], self.classes)
        return values

    def whole(self, told: Floats) -> float:
        """The same on all rows alone."""
        return worth(told, self.held.target, self.held.weight, self.classes)


def predictions(model: Any, matrix: Floats, classes: int) -> Floats:
    """Predictions for rows: numbers, or n x classes, 0 for a class that the model never saw."""
    if not classes:
        return np.asarray(model.predict(matrix), np.float64)
    told = np.zeros((len(matrix), classes))
    told[:, model.classes_.astype(np.int64)] = model.predict_proba(matrix)
    return told


def worth(told: Floats, target: NDArray[Any], weight: Floats, classes: int) -> float:
    """What predictions are worth on weighted rows: R squared for numbers (classes 0); the AUROC of the second
    of two classes, or the mean over all classes that are there, one against the rest (macro). nan where there
    is but one class, or one number.

    >>> worth(np.array([1.0, 2.0]), np.array([1.0, 2.0]), np.ones(2), 0)
    1.0
    >>> worth(np.array([[0.9, 0.1], [0.2, 0.8]]), np.array([0, 1]), np.ones(2), 2)
    1.0
    """
    if not classes:
        if target.min() == target.max():
            return float("nan")
        away = target - np.average(target, weights=weight)
        return 1.0 - float((weight @ (target - told) ** 2) / max(float(weight @ away**2), 1e-300))
    there = [at for at in range(classes) if 0 < (target == at).sum() < target.size]
    areas = [area(told[:, at], target == at, weight) for at in (there[-1:] if classes == 2 else there)]
    return float(np.mean(areas)) if areas else float("nan")


def area(scores: Floats, hits: NDArray[np.bool_], weight: Floats | None = None) -> float:
    """Area under the ROC curve, rows weighted; ties count half.

    >>> area(np.array([0.1, 0.4, 0.4, 0.9]), np.array([False, True, False, True]))
    0.875
    """
    each = np.ones(scores.size) if weight is None else weight
    order = np.argsort(scores, kind="stable")
    ranked, hit, each = scores[order], hits[order], each[order]
    starts = np.flatnonzero(np.concatenate([[True], ranked[1:] != ranked[:-1]]))
    misses = np.add.reduceat(np.where(hit, 0.0, each), starts)
    found = np.add.reduceat(np.where(hit, each, 0.0), starts)
    before = np.cumsum(misses) - misses
    return float((found * (before + misses / 2.0)).sum() / (found.sum() * misses.sum()))
