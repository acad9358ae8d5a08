"""From held-out probabilities to a trial: scores per fold, thresholds and curves fitted on the other
folds.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from core.analyses.strategies.folds import Held
from core.analyses.strategies.recalibration import isotonic, platt
from core.analyses.strategies.scores import SCORES, Codes, scores
from core.analyses.strategies.strategy import THRESHOLD
from core.analyses.strategies.threshold import least_cost, tuned
from core.analyses.strategies.trial import Plan, Problem, Trial
from core.numerics.association import Floats

DECIDING = tuple(name for name, score in SCORES.items() if score.decides)
_KEPT = 10_000_000  # probabilities of one trial that are kept


def judged(problem: Problem, plan: Plan, model: str, strategy: str, held: Sequence[Held]) -> Trial:
    """The trial that these held-out probabilities make; ``held`` in order of repeats and folds."""
    thresholds = np.array([_threshold(problem, plan, held, at) for at in range(len(held))])
    plain, corrected = [], []
    for one, threshold in zip(held, thresholds, strict=True):
        truth = problem.target[one.rows]
        plain.append(scores(truth, one.p, one.p.argmax(axis=1), one.natural, plan.wanted))
        chosen = _chosen(plan, one.corrected, float(threshold))
        corrected.append(scores(truth, one.corrected, chosen, one.natural, plan.wanted))
    first = [one for at, one in enumerate(held) if at < _folds(problem)]
    return Trial(
        model,
        strategy,
        _by_name(plain),
        _by_name(corrected),
        _whole(problem, first, lambda one: one.p),
        _whole(problem, first, lambda one: one.corrected),
        _recalibrated(problem, first, platt),
        _recalibrated(problem, first, isotonic),
        thresholds,
        held[0].shares,
        float(sum(one.seconds for one in held)),
    )


def threshold_only(none: Trial) -> Trial:
    """No rebalancing, with the tuned threshold: the same probabilities, other decisions."""
    plain = {**none.plain, **{name: none.corrected[name] for name in DECIDING}}
    return none._replace(strategy=THRESHOLD, plain=plain, seconds=0.0)


def untouched(none: Trial) -> Trial:
    """No rebalancing and the likeliest class: what all else is compared with."""
    return none._replace(corrected={**none.corrected, **{name: none.plain[name] for name in DECIDING}})


def _folds(problem: Problem) -> int:
    return len(np.unique(problem.folds[0]))


def _threshold(problem: Problem, plan: Plan, held: Sequence[Held], at: int) -> float:
    """Tuned on the other folds of the same repeat; the threshold is for corrected probabilities."""
    if problem.classes != 2:
        return float("nan")
    truth, p = _elsewhere(problem, held, at, lambda one: one.corrected)
    return tuned(truth, p, plan.aim, plan.goal, plan.wanted).threshold


def _elsewhere(
    problem: Problem, held: Sequence[Held], at: int, of: Callable[[Held], Floats]
) -> tuple[Any, Floats]:
    """Truth and probability of the second class on the other folds of the same repeat."""
    folds = _folds(problem)
    first = at - at % folds
    others = [held[other] for other in range(first, first + folds) if other != at]
    truth = np.concatenate([problem.target[one.rows] for one in others]) == 1
    return truth, np.concatenate([of(one)[:, 1] for one in others])


def _chosen(plan: Plan, p: Floats, threshold: float) -> Codes:
    if p.shape[1] == 2:
        return (p[:, 1] >= threshold).astype(np.int64)
    return least_cost(p, plan.costs)


def _whole(problem: Problem, held: Sequence[Held], of: Callable[[Held], Floats]) -> Floats | None:
    """Held-out probabilities of all rows, in their order."""
    n, k = problem.target.size, problem.classes
    if k > 2 and n * k > _KEPT:
        return None
    whole = np.empty((n, k))
    for one in held:
        whole[one.rows] = of(one)
    return whole[:, 1] if k == 2 else whole


def _recalibrated(problem: Problem, held: Sequence[Held], fit: Callable[..., Any]) -> Floats | None:
    """Held-out probabilities by a curve that is fitted on the other folds; None where one of them has too few
    events, or there are more than two classes.
    """
    if problem.classes != 2:
        return None
    whole = np.empty(problem.target.size)
    for at, one in enumerate(held):
        curve = fit(*_elsewhere(problem, held, at, lambda one: one.p))
        if curve is None:
            return None
        whole[one.rows] = curve(one.p[:, 1])
    return whole


def _by_name(per_fold: Sequence[dict[str, float]]) -> dict[str, Floats]:
    return {name: np.array([one[name] for one in per_fold]) for name in SCORES}
