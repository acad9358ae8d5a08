"""Models compared and tuned on a coreset, and checked on rows of all the data that none of them saw."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.coreset.coreset import Coreset
from core.coreset.fitting import fit, suited
from core.coreset.judging import (
    SHARE,
    EncodedRows,
    HeldOutJudge,
    HeldOutScore,
    encoded_rows,
    held_out,
    predictions,
    scored,
    worth,
)
from core.coreset.parts import RowPart
from core.dataset import Dataset
from core.errors import SettingError
from core.numerics.rowhash import keyed
from core.progress import SILENT, Progress
from core.rowset import RowSet

Floats = NDArray[np.float64]
Make = Callable[..., Any]
TOLD = 0.2  # seconds of a fit on all rows, below which how much is saved says nothing
CELLS = 100_000_000  # of all rows as numbers, beyond which none is fitted on all


@dataclass(frozen=True)
class ModelComparison:
    """One kind of model fitted on the coreset, on a uniform sample of its size (None where that holds one
    class), and on all rows that are not held out (None where these are too many). The weights of the rows
    count in all fits and scores; rows drawn uniformly stand for as many as there are for each of them, so
    that a penalty weighs the same in all three; that of trees for classes, whose weights are relative, weighs
    less the more rows there are.

    metric: "AUROC" (macro, one against the rest) or "R squared". against: the coreset's score less that of
    all rows, paired on the held-out rows. beside: the same less that of the uniform sample. held: these rows.
    """

    metric: str
    coreset: HeldOutScore
    uniform: HeldOutScore | None
    every: HeldOutScore | None
    against: HeldOutScore | None
    beside: HeldOutScore | None
    tested: int
    held: RowSet = RowSet()

    @property
    def uniform_is_better(self) -> bool:
        """Whether the uniform sample is surely better on the held-out rows."""
        return self.beside is not None and self.beside.high < 0

    @property
    def coreset_is_better(self) -> bool:
        """Whether the coreset is."""
        return self.beside is not None and self.beside.low > 0

    @property
    def saved(self) -> float | None:
        """How many times the processor time of the fit on the coreset the one on all rows took; None where
        there was none, or one too short for that to say anything (`TOLD`).
        """
        return None if self.every is None else _times(self.every.seconds, self.coreset.seconds)


def _times(seconds: float, less: float) -> float | None:
    return seconds / less if seconds >= TOLD and less > 0.0 else None


def compared(coreset: Coreset, dataset: Dataset, make: Make, progress: Progress = SILENT) -> ModelComparison:
    """Fit and judge. make: gives a new estimator. Raises `SettingError` where there is no target."""
    if not coreset.pilot.roles.target:
        raise SettingError("Models are compared where there is a target; this coreset has none.")
    progress.at(0.0, "Holding rows out")
    apart = held_out(coreset, dataset)
    classes = len(coreset.pilot.classes)
    size = apart.coreset.sample.row.size
    part = RowPart(dataset, coreset.leaves[0].first)
    progress.at(0.2, "Fitting on the coreset")
    own, spent = _on_coreset(apart.coreset, make())
    order = np.argsort(keyed(apart.rows.astype(np.uint64), coreset.pilot.seed + 1))[:size]
    progress.at(0.4, "Fitting on a uniform sample")
    times = apart.rows.size / max(1, min(size, apart.rows.size))
    uniform, uniform_spent = _fitted(
        make(), encoded_rows(coreset, part, np.sort(apart.rows[order])), classes, times
    )
    every, every_spent = None, 0.0
    if apart.rows.size * len(coreset.pilot.encoder.labels) <= CELLS:
        progress.at(0.5, "Fitting on all rows")
        every, every_spent = _fitted(make(), encoded_rows(coreset, part, apart.rows), classes)
    progress.at(0.9, "Judging on held-out rows")
    judge = HeldOutJudge(apart.held, classes, coreset.pilot.seed)
    told = judge.values(own)
    plain = None if uniform is None else judge.values(uniform)
    whole = None if every is None else judge.values(every)
    return ModelComparison(
        judge.metric,
        scored(told, spent),
        None if plain is None else scored(plain, uniform_spent),
        None if whole is None else scored(whole, every_spent),
        None if whole is None else scored(told - whole),
        None if plain is None else scored(told - plain),
        len(apart.held.target),
        held=RowSet(apart.judged),
    )


def _on_coreset(coreset: Coreset, model: Any) -> tuple[Any, float]:
    """The model fitted, and the processor time that took: what making it imported is no part of that."""
    begun = time.process_time()
    return fit(coreset, model), time.process_time() - begun


def _fitted(model: Any, rows: EncodedRows, classes: int, times: float = 1.0) -> tuple[Any, float]:
    """The model, and what its fit took; None where the rows hold one class. times: what each row counts."""
    begun = time.process_time()
    target = rows.target.astype(np.int64) if classes else rows.target
    if classes and np.unique(target).size < 2:
        return None, 0.0
    made = model.fit(rows.matrix, target, sample_weight=rows.weight * times)
    return made, time.process_time() - begun


@dataclass(frozen=True)
class Candidate:
    """One choice of parameters: its mean score over the folds of the coreset, and their standard error."""

    parameters: Mapping[str, Any]
    score: float
    error: float


@dataclass(frozen=True)
class Search:
    """``candidates``: best first. ``metric``: what they were judged by. ``checked``: the best one, fitted on
    the coreset, on held-out rows of all the data; ``plain``: the estimator's own defaults there. ``every``:
    the best one fitted on all rows that are not held out; None where these are too many. ``fits``: how many
    were made to judge the candidates, in ``seconds`` of processor time.
    """

    metric: str
    candidates: tuple[Candidate, ...]
    checked: HeldOutScore
    plain: HeldOutScore
    every: HeldOutScore | None
    fits: int
    seconds: float

    @property
    def best(self) -> Candidate:
        """The one with the best score."""
        return self.candidates[0]

    @property
    def on_all_rows(self) -> float | None:
        """About how many seconds of processor time the same fits would have taken on all rows, each as long
        as that of the best one did; None where it was not fitted on them.
        """
        return None if self.every is None else self.fits * self.every.seconds

    @property
    def saved(self) -> float | None:
        """How many times the processor time of the search that is; None where it is not known."""
        whole = self.on_all_rows
        return None if whole is None else _times(whole, self.seconds)


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
    found, fits, looked = [], 0, 0.0
    for choice in progress.part(0.0, 0.8).each(list(parameters), "Looking at parameters"):
        folds = [_judged(suited(apart.coreset, make(**choice)), rows, *split) for split in splits]
        scores = np.array([fold.score for fold in folds])
        fits += sum(fold.fitted for fold in folds)
        looked += sum(fold.seconds for fold in folds)
        known = scores[np.isfinite(scores)]
        error = float(known.std(ddof=1) / np.sqrt(known.size)) if known.size > 1 else float("nan")
        found.append(Candidate(choice, float(known.mean()) if known.size else float("-inf"), error))
    order = sorted(range(len(found)), key=lambda at: (-found[at].score, at))
    ranked = tuple(found[at] for at in order)
    judge = HeldOutJudge(apart.held, len(coreset.pilot.classes), coreset.pilot.seed)
    progress.at(0.8, "Checking the best on all the data")
    both = []
    for chosen in (ranked[0].parameters, {}):
        model, spent = _on_coreset(apart.coreset, make(**chosen))
        both.append(scored(judge.values(model), spent))
    every = None
    if apart.rows.size * len(coreset.pilot.encoder.labels) <= CELLS:
        progress.at(0.85, "Fitting the best on all rows")
        part = RowPart(dataset, coreset.leaves[0].first)
        model, spent = _fitted(
            make(**ranked[0].parameters), encoded_rows(coreset, part, apart.rows), len(coreset.pilot.classes)
        )
        every = None if model is None else scored(judge.values(model), spent)
    return Search(judge.metric, ranked, both[0], both[1], every, fits, looked)


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


class _JudgedFold(NamedTuple):
    """``score``: weighted, nan where the rows to fit on hold one class; ``seconds``: of processor time, of
    the fit alone.
    """

    score: float
    seconds: float
    fitted: bool


def _judged(model: Any, rows: _JudgedRows, train: NDArray[np.int64], test: NDArray[np.int64]) -> _JudgedFold:
    if rows.classes and np.unique(rows.target[train]).size < 2:
        return _JudgedFold(float("nan"), 0.0, fitted=False)
    begun = time.process_time()
    model.fit(rows.matrix[train], rows.target[train], sample_weight=rows.weight[train])
    spent = time.process_time() - begun
    told = predictions(model, rows.matrix[test], rows.classes)
    return _JudgedFold(worth(told, rows.target[test], rows.weight[test], rows.classes), spent, fitted=True)
