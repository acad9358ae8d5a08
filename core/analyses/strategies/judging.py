"""From held-out probabilities to a trial: scores per fold, thresholds and curves fitted on the other
folds.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from core.analyses.strategies.folds import Held
from core.analyses.strategies.recalibration import Scaling, isotonic, platt, surely_off
from core.analyses.strategies.scores import SCORES, Codes, scores
from core.analyses.strategies.strategy import STRATEGIES, THRESHOLD, bends
from core.analyses.strategies.threshold import decided, tuned
from core.analyses.strategies.trial import Plan, Problem, Trial
from core.numerics.association import Floats

DECIDING = tuple(name for name, score in SCORES.items() if score.decides)
_KEPT = 2_000_000  # probabilities of one trial that are kept


def judged(problem: Problem, plan: Plan, model: str, strategy: str, held: Sequence[Held]) -> Trial:
    """The trial that these held-out probabilities make; ``held`` in order of repeats and folds.

    They are made right by the closed form, where there is one and no scaling fits surely better; else by a
    scaling that is fitted on the other folds.
    """
    scalings = _scalings(problem, strategy, held)
    correction = _correction(problem, strategy, held, scalings)
    right = [
        one.undone if scaling is None or correction != "platt" else scaling(one.undone)
        for one, scaling in zip(held, scalings, strict=True)
    ]
    thresholds = np.full(len(held), np.nan)
    plain, corrected = [], []
    for at, one in enumerate(held):
        if problem.classes == 2:
            thresholds[at] = _threshold(
                problem, plan, held, at, scalings[at] if correction == "platt" else None
            )
        truth, chosen = problem.target[one.rows], _chosen(plan, right[at], float(thresholds[at]))
        plain.append(scores(truth, one.p, one.p.argmax(axis=1), one.natural, plan.wanted))
        corrected.append(scores(truth, right[at], chosen, one.natural, plan.wanted))
    first = held[: _folds(problem)]
    scaled = [None if one is None else one(fold.undone) for one, fold in zip(scalings, first, strict=False)]
    return Trial(
        model,
        strategy,
        _by_name(plain),
        _by_name(corrected),
        correction,
        p=_whole(problem, first, [one.p for one in first]),
        p_corrected=_whole(problem, first, right),
        p_prior=_whole(problem, first, [one.undone for one in first]) if _closed_form(strategy) else None,
        p_platt=_whole(problem, first, scaled),
        p_isotonic=_whole(problem, first, _steps(problem, held)),
        threshold=thresholds,
        seconds=float(sum(one.seconds for one in held)),
    )


def _closed_form(strategy: str) -> bool:
    """Whether it does something to probabilities that a closed form undoes."""
    return STRATEGIES[strategy].closed and strategy != "none"


def _scalings(problem: Problem, strategy: str, held: Sequence[Held]) -> list[Scaling | None]:
    """Per fold, fitted on the other folds of its repeat; all None where one has too few rows of a class."""
    if not bends(strategy, problem.classes):
        return [None] * len(held)
    made = [platt(*_elsewhere(problem, held, at, lambda one: one.undone)) for at in range(len(held))]
    return [None] * len(held) if any(one is None for one in made) else list(made)


def _correction(
    problem: Problem, strategy: str, held: Sequence[Held], scalings: Sequence[Scaling | None]
) -> str:
    closed = "prior" if _closed_form(strategy) else "none"
    if scalings[0] is None:
        return closed
    if not STRATEGIES[strategy].closed:
        return "platt"
    first = held[: _folds(problem)]
    truth = problem.target[np.concatenate([one.rows for one in first])]
    undone = np.concatenate([one.undone for one in first])
    scaling = platt(truth, undone)
    return "platt" if scaling is not None and surely_off(truth, undone, scaling(undone)) else closed


def threshold_only(none: Trial) -> Trial:
    """No rebalancing, with the tuned threshold: the same probabilities, other decisions."""
    plain = {**none.plain, **{name: none.corrected[name] for name in DECIDING}}
    return none._replace(strategy=THRESHOLD, plain=plain, seconds=0.0)


def untouched(none: Trial) -> Trial:
    """No rebalancing and the likeliest class: what all else is compared with."""
    return none._replace(corrected={**none.corrected, **{name: none.plain[name] for name in DECIDING}})


def _folds(problem: Problem) -> int:
    return len(np.unique(problem.folds[0]))


def _threshold(problem: Problem, plan: Plan, held: Sequence[Held], at: int, scaling: Scaling | None) -> float:
    """Tuned on the other folds of the same repeat, for probabilities made right."""
    truth, undone = _elsewhere(problem, held, at, lambda one: one.undone)
    right = undone if scaling is None else scaling(undone)
    return tuned(truth == 1, right[:, 1], plan.aim, plan.goal, plan.wanted).threshold


def _elsewhere(
    problem: Problem, held: Sequence[Held], at: int, of: Callable[[Held], Floats]
) -> tuple[Codes, Floats]:
    """Class codes and probabilities (n x k) on the other folds of the same repeat."""
    folds = _folds(problem)
    first = at - at % folds
    others = [held[other] for other in range(first, first + folds) if other != at]
    truth = np.concatenate([problem.target[one.rows] for one in others])
    return truth, np.concatenate([of(one) for one in others])


def _chosen(plan: Plan, p: Floats, threshold: float) -> Codes:
    return decided(p[:, 1] if p.shape[1] == 2 else p, threshold, plan.costs)


def _whole(problem: Problem, held: Sequence[Held], given: Sequence[Floats | None]) -> Floats | None:
    """Probabilities given by fold as those of all rows, in their order."""
    n, k = problem.target.size, problem.classes
    if k > 2 and n * k > _KEPT:
        return None
    whole = np.empty((n, k))
    for one, p in zip(held, given, strict=False):
        if p is None:
            return None
        whole[one.rows] = p
    return whole[:, 1].copy() if k == 2 else whole


def _steps(problem: Problem, held: Sequence[Held]) -> list[Floats | None]:
    """Per fold of the first repeat, by isotonic regression on the other folds; of two classes."""
    made: list[Floats | None] = []
    for at, one in enumerate(held[: _folds(problem)]):
        truth, p = _elsewhere(problem, held, at, lambda one: one.p)
        curve = isotonic(truth == 1, p[:, 1]) if problem.classes == 2 else None
        if curve is None:
            return [None]
        right = curve(one.p[:, 1])
        made.append(np.column_stack([1.0 - right, right]))
    return made


def _by_name(per_fold: Sequence[dict[str, float]]) -> dict[str, Floats]:
    return {name: np.array([one[name] for one in per_fold]) for name in SCORES}
