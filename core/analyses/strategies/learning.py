"""Learning curves per class: would more rows of it help?"""

from __future__ import annotations

import warnings
from collections.abc import Sequence

import numpy as np

from core.analyses.strategies.folds import Fold, Folds
from core.analyses.strategies.models import MODELS
from core.analyses.strategies.scores import SCORES, ranking
from core.analyses.strategies.strategy import predicted
from core.analyses.strategies.trial import BETTER, LearningCurve, Plan, Problem, Trial
from core.numerics.association import Floats
from core.numerics.paired import difference
from core.progress import Progress

SHARES = (0.125, 0.25, 0.5, 1.0)  # of the class's training rows
SHOWN = 5  # classes, the rarest
HELPS = {"auroc": 0.005, "average_precision": 0.01}  # what a doubling must gain to be said to help
_FEWEST = 4  # rows of the class in the smallest training set
_ALL = 1.0


def curves(
    problem: Problem, plan: Plan, folds: Folds, trials: Sequence[Trial], progress: Progress
) -> list[LearningCurve]:
    """Of the rarest classes, by the model that is planned; all other rows stay, so that only the class's own
    rows are fewer. trials: those without rebalancing, whose held-out rows stand for all rows of a class.
    """
    whole = _chosen(plan, trials)
    if whole is None:
        return []
    counts = np.bincount(problem.target, minlength=problem.classes)
    wanted = [int(one) for one in np.argsort(counts, kind="stable")[: min(SHOWN, problem.classes - 1)]]
    every = [at for at in folds.every if at[0] == 0]
    made = []
    for step, place in enumerate(wanted):
        part = progress.part(step / len(wanted), (step + 1) / len(wanted))
        shares = [share for share in SHARES if share * counts[place] * 0.8 >= _FEWEST]
        if len(shares) < 2:
            continue
        part.at(0.0, "Learning curves")
        scored = []
        for at in every:
            fold = folds.fold(at)
            scored.append([_scores(problem, fold, plan.seed, place, share, whole) for share in shares])
            part.at(len(scored) / len(every))
        rows = tuple(max(1, round(share * 0.8 * int(counts[place]))) for share in shares)
        by_score = np.moveaxis(np.array(scored), 2, 0)
        made += [
            curve(place, name, rows, one, folds.tested, len(wanted), whole.model)
            for name, one in zip(HELPS, by_score, strict=True)
        ]
    return made


def _chosen(plan: Plan, trials: Sequence[Trial]) -> Trial | None:
    """The trial without rebalancing of the model that is planned, or of the better one."""
    plain = [one for one in trials if one.strategy == "none" and not one.left_out]
    if plan.curves != BETTER:
        return next((one for one in plain if one.model == plan.curves), None)
    sign = 1.0 if SCORES[plan.score].higher else -1.0
    means = [(sign * float(np.nanmean(one.corrected[plan.score])), one) for one in plain]
    return max(means, key=lambda both: both[0])[1] if means else None


def curve(
    place: int,
    score: str,
    rows: tuple[int, ...],
    scored: Floats,
    tested: float,
    classes: int = 1,
    model: str = "linear",
) -> LearningCurve:
    """What the scores (folds x sizes, each size twice the one before) say of the next doubling.

    It is taken to gain less than the last one did, by the ratio of the last two gains (a power law of the
    error has a constant one: Hestness et al. 2017), and by all of it where only one is known. That is an
    extrapolation, and said to be one. classes: how many are asked about at once (Bonferroni).

    >>> areas = np.array([[0.70, 0.75, 0.79, 0.82]] * 4) + np.array([[0.0], [0.001], [0.002], [0.003]])
    >>> one = curve(1, "auroc", (10, 20, 40, 80), areas, 0.25)
    >>> round(one.gain, 3), round(one.next, 4), one.says
    (0.03, 0.0225, 'helps')
    """
    mean = np.nanmean(scored, axis=0)
    last = difference(scored[:, -1], scored[:, -2], tested, classes)
    before = float(mean[-2] - mean[-3]) if mean.size > 2 else float("nan")
    ratio = float(np.clip(last.value / before, 0.0, 1.0)) if before > 0 else 1.0
    following = float(np.clip(max(0.0, last.value) * ratio, 0.0, 1.0 - mean[-1]))
    if last.low > 0 and following >= HELPS[score]:
        says = "helps"
    else:
        says = "hardly" if last.high < 2 * HELPS[score] else "unclear"
    means = tuple(mean.tolist())
    return LearningCurve(
        place=place,
        score=score,
        rows=rows,
        means=means,
        gain=last.value,
        low=last.low,
        high=last.high,
        next=following,
        says=says,
        model=model,
    )


def _scores(
    problem: Problem, fold: Fold, seed: int, place: int, share: float, whole: Trial
) -> tuple[float, float]:
    """AUROC and average precision of a class against the rest, trained with so much of its rows; nan where a
    fold has none, or where the fit does not converge.
    """
    truth = problem.target[fold.held] == place
    p = _of_class(whole, place, fold) if share == _ALL else None
    if p is None:
        p = _fitted(problem, fold, seed, place, share, whole.model)
    return (float("nan"),) * 2 if p is None else ranking(truth, p, 0.5)[:2]


def _of_class(whole: Trial, place: int, fold: Fold) -> Floats | None:
    """What the model that had all rows of the fold says of the held-out ones, if it was kept."""
    if whole.p is None:
        return None
    p = whole.p[fold.held]
    if p.ndim == 2:
        return p[:, place]
    return p if place == 1 else 1.0 - p


def _fitted(problem: Problem, fold: Fold, seed: int, place: int, share: float, model: str) -> Floats | None:
    from sklearn.exceptions import ConvergenceWarning

    rows, k = fold.training, fold.training.classes
    of_class = np.flatnonzero(rows.target == place)
    draw = np.random.default_rng([seed, place])
    kept = draw.permutation(of_class)[: max(1, round(share * of_class.size))]
    some = np.sort(np.concatenate([np.flatnonzero(rows.target != place), kept]))
    with warnings.catch_warnings():
        warnings.simplefilter("error", ConvergenceWarning)
        try:
            made = MODELS[model].fit(rows.matrix[some], rows.target[some], rows.codes, seed)
        except ConvergenceWarning:
            return None
    return predicted(made, fold.test, k)[:, place]
