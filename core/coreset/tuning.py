"""Models compared and tuned on a coreset, and checked on rows of all the data that none of them saw.

Held out are rows of all the data, by a hash of their content; the coreset is edited to be one of the others.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.coreset.coreset import Coreset
from core.coreset.editing import without
from core.coreset.fitting import fit
from core.coreset.parts import RowPart
from core.dataset import Dataset
from core.errors import InputError, SettingError, TooSmallError
from core.numerics.rowhash import keyed
from core.progress import SILENT, Progress

Floats = NDArray[np.float64]
Make = Callable[..., Any]
SHARE = 5  # one row in so many is held out
TESTED = 20_000  # rows held out that models are judged on, at most
CELLS = 100_000_000  # of all rows as numbers, beyond which none is fitted on all
_HELD_OUT = 0x6865_6C64
_RESAMPLES = 100


class EncodedRows(NamedTuple):
    """Rows of all the data as numbers, n x p, their target, and their weights."""

    matrix: Floats
    target: Floats
    weight: Floats


class Apart(NamedTuple):
    """``coreset``: of the rows that are left. ``rows``: their numbers. ``held``: of the others, at most
    `TESTED`.
    """

    coreset: Coreset
    rows: NDArray[np.int64]
    held: EncodedRows


def held_out(coreset: Coreset, dataset: Dataset) -> Apart:
    """Hold out a fifth of the rows. Raises `InputError` where the coreset is of several parts or of too many
    rows to edit.
    """
    if len(coreset.leaves) != 1 or coreset.leaves[0].ledger is None:
        raise InputError("Rows are held out of a coreset of one data set of at most 20,000,000 rows.")
    ledger = coreset.leaves[0].ledger
    there = np.flatnonzero(ledger.stratum >= 0)
    test = keyed(ledger.key[there], coreset.pilot.seed ^ _HELD_OUT)
    out = np.sort(there[test % np.uint64(SHARE) == 0])
    if out.size < 20:
        raise TooSmallError("There are too few rows to hold some out.")
    part = RowPart(dataset, coreset.leaves[0].first)
    read = coreset.pilot.read
    small = without(coreset, ledger.number[out], lambda numbers: part.contents(read, numbers))
    judged = out[np.argsort(test[np.searchsorted(there, out)], kind="stable")[:TESTED]]
    rows = np.setdiff1d(there, out)
    return Apart(small, ledger.number[rows], _numbers(coreset, part, np.sort(ledger.number[judged])))


def _numbers(coreset: Coreset, part: RowPart, rows: NDArray[np.int64]) -> EncodedRows:
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


@dataclass(frozen=True)
class ModelComparison:
    """One kind of model fitted on the coreset, on a uniform sample of its size (None where that holds one
    class), and on all rows that are not held out (None where these are too many). The weights of the rows
    count in all fits and scores; rows drawn uniformly stand for as many as there are for each of them, so
    that a penalty weighs the same in all three.

    metric: "AUROC" (macro, one against the rest) or "R squared". against: the coreset's score less that of
    all rows, paired on the held-out rows.
    """

    metric: str
    coreset: HeldOutScore
    uniform: HeldOutScore | None
    every: HeldOutScore | None
    against: HeldOutScore | None
    tested: int


def compared(coreset: Coreset, dataset: Dataset, make: Make, progress: Progress = SILENT) -> ModelComparison:
    """Fit and judge. make: gives a new estimator. Raises `SettingError` where there is no target."""
    if not coreset.pilot.roles.target:
        raise SettingError("Models are compared where there is a target; this coreset has none.")
    progress.at(0.0, "Holding rows out")
    apart = held_out(coreset, dataset)
    classes = len(coreset.pilot.classes)
    size, draw = apart.coreset.sample.row.size, np.random.default_rng(coreset.pilot.seed)
    part = RowPart(dataset, coreset.leaves[0].first)
    progress.at(0.2, "Fitting on the coreset")
    begun = time.process_time()
    own = fit(apart.coreset, make())
    spent = time.process_time() - begun
    order = np.argsort(keyed(apart.rows.astype(np.uint64), coreset.pilot.seed + 1))[:size]
    progress.at(0.4, "Fitting on a uniform sample")
    times = apart.rows.size / max(1, min(size, apart.rows.size))
    uniform, uniform_spent = _fitted(
        make(), _numbers(coreset, part, np.sort(apart.rows[order])), classes, times
    )
    every, every_spent = None, 0.0
    if apart.rows.size * len(coreset.pilot.encoder.labels) <= CELLS:
        progress.at(0.5, "Fitting on all rows")
        every, every_spent = _fitted(make(), _numbers(coreset, part, apart.rows), classes)
    progress.at(0.9, "Judging on held-out rows")
    judge = _CoresetJudge(apart.held, classes)
    resampled = [draw.integers(0, len(apart.held.target), len(apart.held.target)) for _ in range(_RESAMPLES)]
    told = judge.values(own, resampled)
    plain = None if uniform is None else judge.values(uniform, resampled)
    whole = None if every is None else judge.values(every, resampled)
    return ModelComparison(
        judge.metric,
        _score(told, spent),
        None if plain is None else _score(plain, uniform_spent),
        None if whole is None else _score(whole, every_spent),
        None if whole is None else _score(told - whole, 0.0),
        len(apart.held.target),
    )


def _fitted(model: Any, rows: EncodedRows, classes: int, times: float = 1.0) -> tuple[Any, float]:
    """The model, and what its fit took; None where the rows hold one class. times: what each row counts."""
    begun = time.process_time()
    target = rows.target.astype(np.int64) if classes else rows.target
    if classes and np.unique(target).size < 2:
        return None, 0.0
    made = model.fit(rows.matrix, target, sample_weight=rows.weight * times)
    return made, time.process_time() - begun


def _score(values: Floats, seconds: float) -> HeldOutScore:
    """The value on all held-out rows, which stands first, and the interval of the others; nothing is said by
    resamples that lack a class.
    """
    known = values[1:][np.isfinite(values[1:])]
    low, high = np.percentile(known, [2.5, 97.5]) if known.size else (np.nan, np.nan)
    return HeldOutScore(float(values[0]), float(low), float(high), seconds)


class _CoresetJudge:
    """How good predictions are for these rows. classes: how many there are, 0 for numbers."""

    def __init__(self, held: EncodedRows, classes: int) -> None:
        self.held, self.classes = held, classes
        self.metric = "AUROC" if classes else "R squared"

    def values(self, model: Any, resampled: Sequence[NDArray[np.int64]]) -> Floats:
        """On all rows, then on each resample."""
        told = _predictions(model, self.held.matrix, self.classes)
        every, (_, target, weight) = np.arange(len(self.held.target)), self.held
        return np.array(
            [worth(told[rows], target[rows], weight[rows], self.classes) for rows in (every, *resampled)]
        )


def _predictions(model: Any, matrix: Floats, classes: int) -> Floats:
    """Predictions for rows: numbers, or n x classes, 0 for a class that the model never saw."""
    if not classes:
        return np.asarray(model.predict(matrix), np.float64)
    told = np.zeros((len(matrix), classes))
    told[:, model.classes_.astype(np.int64)] = model.predict_proba(matrix)
    return told


def worth(told: Floats, target: NDArray[Any], weight: Floats, classes: int) -> float:
    """What predictions are worth on weighted rows: R squared for numbers (classes 0); the AUROC of the second
    of two classes, or the mean over all classes that are there, one against the rest (macro). nan where there
    is but one class.

    >>> worth(np.array([1.0, 2.0]), np.array([1.0, 2.0]), np.ones(2), 0)
    1.0
    >>> worth(np.array([[0.9, 0.1], [0.2, 0.8]]), np.array([0, 1]), np.ones(2), 2)
    1.0
    """
    if not classes:
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


@dataclass(frozen=True)
class Candidate:
    """One choice of parameters: its mean score over the folds of the coreset, and their standard error."""

    parameters: Mapping[str, Any]
    score: float
    error: float


@dataclass(frozen=True)
class Search:
    """``candidates``: best first. ``metric``: what they were judged by. ``checked``: the best one, fitted on
    the coreset, on held-out rows of all the data; ``plain``: the estimator's own defaults there.
    """

    metric: str
    candidates: tuple[Candidate, ...]
    checked: HeldOutScore
    plain: HeldOutScore

    @property
    def best(self) -> Candidate:
        """The one with the best score."""
        return self.candidates[0]


def choices(grid: Mapping[str, Sequence[Any]], most: int = 0, seed: int = 0) -> list[dict[str, Any]]:
    """Every combination of a grid, or ``most`` of them drawn at random (Bergstra and Bengio 2012).

    >>> choices({"a": [1, 2], "b": [3]}), len(choices({"a": range(9), "b": range(9)}, most=5))
    ([{'a': 1, 'b': 3}, {'a': 2, 'b': 3}], 5)
    """
    every = [dict(zip(grid, values, strict=True)) for values in itertools.product(*grid.values())]
    if not most or most >= len(every):
        return every
    drawn = np.random.default_rng(seed).choice(len(every), most, replace=False)
    return [every[at] for at in sorted(drawn.tolist())]


def searched(
    coreset: Coreset,
    dataset: Dataset,
    make: Make,
    parameters: Sequence[Mapping[str, Any]],
    how: Literal["folds", "hold-out", "in time"] = "folds",
    progress: Progress = SILENT,
) -> Search:
    """Judge each choice of parameters on the coreset, and the best one on all the data.

    make: gives an estimator with these parameters. how: five folds drawn by content; one fold of them; or,
    for rows that stand in order of time, each fifth judged by those before it. Weights count in fits and in
    scores. Raises `SettingError` where there is nothing to choose from.
    """
    if not parameters:
        raise SettingError("Give at least one choice of parameters to look at.")
    apart = held_out(coreset, dataset)
    rows = _rows(apart.coreset)
    splits = _splits(apart.coreset, how)
    found = []
    for choice in progress.part(0.0, 0.9).each(list(parameters), "Looking at parameters"):
        scores = np.array([_judged(make(**choice), rows, *split) for split in splits])
        known = scores[np.isfinite(scores)]
        error = float(known.std(ddof=1) / np.sqrt(known.size)) if known.size > 1 else float("nan")
        found.append(Candidate(choice, float(known.mean()) if known.size else float("-inf"), error))
    order = sorted(range(len(found)), key=lambda at: (-found[at].score, at))
    ranked = tuple(found[at] for at in order)
    judge = _CoresetJudge(apart.held, len(coreset.pilot.classes))
    draw = np.random.default_rng(coreset.pilot.seed)
    resampled = [draw.integers(0, len(apart.held.target), len(apart.held.target)) for _ in range(_RESAMPLES)]
    progress.at(0.95, "Checking the best on all the data")
    both = []
    for chosen in (ranked[0].parameters, {}):
        begun = time.process_time()
        model = fit(apart.coreset, make(**chosen))
        spent = time.process_time() - begun
        both.append(_score(judge.values(model, resampled), spent))
    return Search(judge.metric, ranked, both[0], both[1])


class _JudgedRows(NamedTuple):
    matrix: Floats
    target: NDArray[Any]
    weight: Floats
    classes: int


def _rows(coreset: Coreset) -> _JudgedRows:
    classes = len(coreset.pilot.classes)
    target = coreset.target()
    return _JudgedRows(
        coreset.matrix(), target.astype(np.int64) if classes else target, coreset.sample.weight, classes
    )


def _splits(coreset: Coreset, how: str) -> list[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Rows to fit on and to judge on."""
    size = coreset.sample.row.size
    if how == "in time":
        edges = np.linspace(0, size, SHARE + 1).astype(int)
        pairs = zip(edges[1:-1], edges[2:], strict=True)
        return [(np.arange(first), np.arange(first, past)) for first, past in pairs]
    key = keyed(coreset.sketch.key[coreset.sample.place], coreset.pilot.seed + 2)
    fold = np.argsort(np.argsort(key)) % SHARE
    kept = range(1 if how == "hold-out" else SHARE)
    return [(np.flatnonzero(fold != at), np.flatnonzero(fold == at)) for at in kept]


def _judged(model: Any, rows: _JudgedRows, train: NDArray[np.int64], test: NDArray[np.int64]) -> float:
    """The weighted score of one fold; nan where it holds one class."""
    if rows.classes and np.unique(rows.target[train]).size < 2:
        return float("nan")
    model.fit(rows.matrix[train], rows.target[train], sample_weight=rows.weight[train])
    told = _predictions(model, rows.matrix[test], rows.classes)
    return worth(told, rows.target[test], rows.weight[test], rows.classes)
