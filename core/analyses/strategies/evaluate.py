"""Every strategy on the same folds. Runs in a process of its own where rows are many, as samplers cannot be
stopped half way.

What is learned is learned on the training rows of a fold: the preparation of columns, the sampler, the model.
A threshold is tuned, and a curve fitted, on held-out predictions of the other folds.
"""

from __future__ import annotations

import gc
from collections.abc import Sequence

import numpy as np

from core.analyses.strategies.folds import Folds, Held, held_out
from core.analyses.strategies.judging import judged, threshold_only, untouched
from core.analyses.strategies.learning import curves
from core.analyses.strategies.strategy import THRESHOLD, TITLES
from core.analyses.strategies.trial import Plan, Problem, Trial, Tried
from core.progress import Progress
from core.workers import one_blas_thread, openmp_threads

THREADS = 2  # of trees; folds go one by one, as scikit-learn swaps the filters of warnings of all threads
_FEW = 5_000  # rows up to which a second thread costs more than it does
_SLOW = "smote_enn"
_PROBED = 2_000  # rows on which the time of slow work is measured


def evaluate(problem: Problem, plan: Plan, progress: Progress) -> Tried:
    """All trials of the plan, then the learning curves, SMOTE + ENN last; what is new is shown as soon as it
    is there (`Progress.show`).
    """
    folds, done = Folds(problem, plan.seed), Tried()
    quick = [one for one in plan.trials if one[0] != _SLOW]
    slow = [one for one in plan.trials if one[0] == _SLOW]
    steps = len(plan.trials) + bool(plan.curves)
    with one_blas_thread(), openmp_threads(THREADS if problem.target.size > _FEW else 1):
        for at, (strategy, models) in enumerate(quick):
            step = progress.part(at / steps, (at + 1) / steps)
            done = _shown(done, Tried(tuple(_trials(problem, plan, folds, strategy, models, step))), step)
        if plan.curves:
            step = progress.part(len(quick) / steps, (len(quick) + 1) / steps)
            done = _shown(done, Tried((), tuple(curves(problem, plan, folds, done.trials, step))), step)
        for strategy, models in slow:
            step = progress.part(1.0 - 1.0 / steps, 1.0)
            step.at(0.0, f"{TITLES[strategy]}, about {_announced(folds, plan)}")
            done = _shown(done, Tried(tuple(_trials(problem, plan, folds, strategy, models, step))), step)
    return done


def get_ready(progress: Progress) -> None:
    """Load what the work needs, so that a process of its own is warm when the rows come. Nothing that is
    imported becomes garbage: not looking for any saves an eighth of the time.
    """
    gc.disable()
    import pandas as pd  # noqa: F401
    import sklearn.compose
    import sklearn.ensemble
    import sklearn.frozen
    import sklearn.impute
    import sklearn.isotonic
    import sklearn.linear_model  # noqa: F401

    gc.freeze()
    gc.enable()


def _shown(done: Tried, new: Tried, progress: Progress) -> Tried:
    progress.show(new)
    return Tried(done.trials + new.trials, done.curves + new.curves)


def _trials(
    problem: Problem, plan: Plan, folds: Folds, strategy: str, models: Sequence[str], progress: Progress
) -> list[Trial]:
    """A strategy with each of the models."""
    if strategy != _SLOW:
        progress.at(0.0, TITLES[strategy])
    held: dict[str, list[Held]] = {model: [] for model in models}
    out: dict[str, str] = {}
    for done, at in enumerate(folds.every):
        progress.at(done / len(folds.every))
        left = [model for model in models if model not in out]
        for model, one in zip(left, held_out(folds.fold(at), strategy, left, plan.seed), strict=True):
            if isinstance(one, str):
                out[model] = one
            else:
                held[model].append(one)
        if len(out) == len(models):
            break
    made: list[Trial] = []
    for model in models:
        if model in out:
            ways = ("none", THRESHOLD) if strategy == "none" else (strategy,)
            made += [Trial(model, way, left_out=out[model]) for way in ways]
            continue
        trial = judged(problem, plan, model, strategy, held[model])
        made += [untouched(trial), threshold_only(trial)] if strategy == "none" else [trial]
    return made


def _announced(folds: Folds, plan: Plan) -> str:
    """How long it will take, by its time on some rows of the first fold: neighbours are looked for among all
    rows, so it grows with the square of them.
    """
    import time

    fold = folds.fold(folds.every[0])
    rows = fold.training
    some = np.arange(0, rows.target.size, max(1, rows.target.size // _PROBED))
    part = fold._replace(training=rows._replace(matrix=rows.matrix[some], target=rows.target[some]))
    begun = time.perf_counter()
    held_out(part, _SLOW, (), plan.seed)
    took = (time.perf_counter() - begun) * (rows.target.size / some.size) ** 2
    seconds = took * len(folds.every)
    return f"{seconds / 60:.0f} min" if seconds > 90 else f"{max(1.0, seconds):.0f} s"
