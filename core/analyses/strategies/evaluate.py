"""Every strategy on the same folds; runs in a process of its own, as samplers cannot be stopped half way.

What is learned is learned on the training rows of a fold: the preparation of columns, the sampler, the model.
A threshold is tuned, and Platt's curve fitted, on held-out predictions of the other folds.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.analyses.strategies.calibration import platt, prior_corrected
from core.analyses.strategies.encoders import Columns, prepared
from core.analyses.strategies.models import MODELS
from core.analyses.strategies.scores import SCORES, Codes, Wanted, scores
from core.analyses.strategies.strategy import STRATEGIES, Training, predicted
from core.analyses.strategies.threshold import Aim, least_cost, tuned
from core.numerics.association import Floats
from core.progress import Progress
from core.workers import LocalThreads, one_blas_thread

THRESHOLD = "threshold"
DECIDING = tuple(name for name, score in SCORES.items() if score.decides)
_KEPT = 10_000_000  # probabilities of one trial that are kept


class Problem(NamedTuple):
    """The rows to learn from, in an order that does not depend on the source.

    values: of each column by name: float64 for numbers, object (text or None) for levels and texts.
    columns: what is done with them.
    target: class codes, n.
    classes: how many.
    folds: the fold of each row, repeats x n.
    """

    values: dict[str, NDArray[Any]]
    columns: Columns
    target: Codes
    classes: int
    folds: NDArray[np.int8]


class Plan(NamedTuple):
    """What to try, in this order: pairs of a model and a strategy; and how it is judged.

    aim, goal: of the tuned threshold (two classes). costs: k x k (more classes).
    """

    trials: tuple[tuple[str, str], ...]
    wanted: Wanted
    aim: Aim
    goal: float
    costs: Floats
    seed: int


class Trial(NamedTuple):
    """One strategy with one model.

    plain: by score, one value per fold of every repeat: as the model says, the likeliest class chosen.
    corrected: the same after the closed-form correction, with the tuned threshold.
    p, p_corrected, p_platt: held-out probabilities of the first repeat: n for two classes (of the second), n
        x k for more; None where they are too many.
    threshold: tuned, per fold; nan for more than two classes.
    shares: of the classes, by count or weight, that the model of the first fold was trained on.
    seconds: for all folds.
    left_out: why it was not tried, or "".
    """

    model: str
    strategy: str
    plain: dict[str, Floats]
    corrected: dict[str, Floats]
    p: Floats | None
    p_corrected: Floats | None
    p_platt: Floats | None
    threshold: Floats
    shares: Floats
    seconds: float
    left_out: str = ""


def evaluate(problem: Problem, plan: Plan, progress: Progress) -> list[Trial]:
    """All trials of the plan; what is new is shown as soon as a trial is done (`Progress.show`)."""
    fits = _Fits(problem, plan.seed)
    done: list[Trial] = []
    with one_blas_thread():
        for at, (model, strategy) in enumerate(plan.trials):
            step = progress.part(at / len(plan.trials), (at + 1) / len(plan.trials))
            step.at(0.0, f"{STRATEGIES[strategy].title}, {MODELS[model].title.lower()}")
            trial = _trial(problem, plan, fits, model, strategy, step)
            new = [trial]
            if strategy == "none" and not trial.left_out:
                new.append(_threshold_only(trial))
            done += new
            progress.show(new)
    return done


class _Fold(NamedTuple):
    matrix: Floats
    target: Codes
    test: Floats
    held: NDArray[np.int64]
    codes: int


class _Fits:
    """The folds with their columns prepared on the training rows, each once."""

    def __init__(self, problem: Problem, seed: int) -> None:
        import pandas as pd

        self._problem, self._seed = problem, seed
        self._frame = pd.DataFrame(problem.values, columns=list(problem.columns.names))
        self._kept: dict[tuple[int, int], _Fold] = {}

    @property
    def every(self) -> list[tuple[int, int]]:
        """All pairs of repeat and fold."""
        folds = self._problem.folds
        return [(repeat, int(fold)) for repeat in range(len(folds)) for fold in np.unique(folds[repeat])]

    def fold(self, at: tuple[int, int]) -> _Fold:
        """One fold, prepared."""
        if at not in self._kept:
            held = self._problem.folds[at[0]] == at[1]
            columns = self._problem.columns
            encoder = prepared(columns, self._seed)
            target = self._problem.target[~held]
            matrix = np.asarray(encoder.fit_transform(self._frame[~held], target), dtype=np.float64)
            test = np.asarray(encoder.transform(self._frame[held]), dtype=np.float64)
            codes = len(columns.levels) + len(columns.many)
            self._kept[at] = _Fold(matrix, target, test, np.flatnonzero(held), codes)
        return self._kept[at]


class _Held(NamedTuple):
    """Of one fold: the held-out rows, their probabilities (n x k) as they are and corrected, the shares that
    the model was trained on and those of its rows.
    """

    rows: NDArray[np.int64]
    p: Floats
    corrected: Floats
    shares: Floats
    natural: Floats


def _trial(problem: Problem, plan: Plan, fits: _Fits, model: str, strategy: str, progress: Progress) -> Trial:
    began = time.perf_counter()
    every = fits.every
    for at in every:
        reason = STRATEGIES[strategy].needs(_training(problem, fits.fold(at)))
        if reason:
            return _left_out(model, strategy, reason)

    def leaf(at: tuple[int, int]) -> _Held | str:
        return _held(problem, fits.fold(at), model, strategy, plan.seed)

    held: list[_Held] = []
    for one in LocalThreads().map(leaf, every):
        progress.at(len(held) / len(every))
        if isinstance(one, str):
            return _left_out(model, strategy, one)
        held.append(one)
    return _judged(problem, plan, model, strategy, held, time.perf_counter() - began)


def _training(problem: Problem, fold: _Fold) -> Training:
    return Training(fold.matrix, fold.target, fold.codes, problem.classes)


def _held(problem: Problem, fold: _Fold, model: str, strategy: str, seed: int) -> _Held | str:
    from threadpoolctl import threadpool_limits

    rows = _training(problem, fold)
    with threadpool_limits(1, user_api="openmp"):
        try:
            trained = STRATEGIES[strategy].train(rows, MODELS[model], seed)
        except ValueError as error:  # a sampler that finds nothing to do, such as ADASYN among far classes
            return str(error).splitlines()[0]
        p = predicted(trained.model, fold.test, problem.classes)
    natural = rows.counts / rows.target.size
    shares = natural if trained.shares is None else trained.shares
    corrected = p if trained.shares is None else prior_corrected(p, shares, natural)
    return _Held(fold.held, p, corrected, shares, natural)


def _judged(
    problem: Problem, plan: Plan, model: str, strategy: str, held: Sequence[_Held], seconds: float
) -> Trial:
    thresholds = np.array([_threshold(problem, plan, held, at) for at in range(len(held))])
    plain, corrected = [], []
    for one, threshold in zip(held, thresholds, strict=True):
        truth = problem.target[one.rows]
        plain.append(scores(truth, one.p, one.p.argmax(axis=1), one.natural, plan.wanted))
        chosen = _chosen(plan, one.corrected, float(threshold))
        corrected.append(scores(truth, one.corrected, chosen, one.natural, plan.wanted))
    first = [one for at, one in enumerate(held) if at < len(np.unique(problem.folds[0]))]
    return Trial(
        model,
        strategy,
        _by_name(plain),
        _by_name(corrected),
        _whole(problem, first, lambda one: one.p),
        _whole(problem, first, lambda one: one.corrected),
        _platt(problem, first),
        thresholds,
        held[0].shares,
        seconds,
    )


def _threshold(problem: Problem, plan: Plan, held: Sequence[_Held], at: int) -> float:
    """Tuned on the other folds of the same repeat; the threshold is for corrected probabilities."""
    if problem.classes != 2:
        return float("nan")
    others = _others(problem, held, at)
    truth = np.concatenate([problem.target[one.rows] for one in others]) == 1
    p = np.concatenate([one.corrected[:, 1] for one in others])
    return tuned(truth, p, plan.aim, plan.goal, plan.wanted).threshold


def _others(problem: Problem, held: Sequence[_Held], at: int) -> list[_Held]:
    folds = len(np.unique(problem.folds[0]))
    first = at - at % folds
    return [held[other] for other in range(first, first + folds) if other != at]


def _chosen(plan: Plan, p: Floats, threshold: float) -> Codes:
    if p.shape[1] == 2:
        return (p[:, 1] >= threshold).astype(np.int64)
    return least_cost(p, plan.costs)


def _threshold_only(none: Trial) -> Trial:
    """No rebalancing, with the tuned threshold: the same probabilities, other decisions."""
    plain = {**none.plain, **{name: none.corrected[name] for name in DECIDING}}
    return none._replace(strategy=THRESHOLD, plain=plain, seconds=0.0)


def _whole(problem: Problem, held: Sequence[_Held], of: Callable[[_Held], Floats]) -> Floats | None:
    """Held-out probabilities of all rows, in their order."""
    n, k = problem.target.size, problem.classes
    if k > 2 and n * k > _KEPT:
        return None
    whole = np.empty((n, k))
    for one in held:
        whole[one.rows] = of(one)
    return whole[:, 1] if k == 2 else whole


def _platt(problem: Problem, held: Sequence[_Held]) -> Floats | None:
    """Held-out probabilities by Platt's curve, fitted on the other folds; None where a fold has too few
    events, or there are more than two classes.
    """
    if problem.classes != 2:
        return None
    whole = np.empty(problem.target.size)
    for at, one in enumerate(held):
        others = _others(problem, held, at)
        truth = np.concatenate([problem.target[other.rows] for other in others]) == 1
        curve = platt(truth, np.concatenate([other.p[:, 1] for other in others]))
        if curve is None:
            return None
        whole[one.rows] = curve(one.p[:, 1])
    return whole


def _by_name(per_fold: Sequence[dict[str, float]]) -> dict[str, Floats]:
    return {name: np.array([one[name] for one in per_fold]) for name in SCORES}


def _left_out(model: str, strategy: str, reason: str) -> Trial:
    nothing: Floats = np.zeros(0)
    return Trial(model, strategy, {}, {}, None, None, None, nothing, nothing, 0.0, reason)
