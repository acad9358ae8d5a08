"""Learning curves per class: would more rows of it help?"""

from __future__ import annotations

import numpy as np

from core.analyses.strategies.folds import Fold, Folds
from core.analyses.strategies.models import MODELS
from core.analyses.strategies.strategy import predicted
from core.analyses.strategies.trial import Curve, Plan, Problem
from core.numerics.association import Floats
from core.numerics.auc import area_under_curve
from core.numerics.paired import difference
from core.progress import Progress

SHARES = (0.125, 0.25, 0.5, 1.0)  # of the class's training rows
SHOWN = 3  # classes, the rarest
HELPS = 0.005  # of AUROC that a doubling must gain to be said to help
_FEWEST = 4  # rows of the class in the smallest training set


def curves(problem: Problem, plan: Plan, folds: Folds, progress: Progress) -> list[Curve]:
    """Of the rarest classes; all other rows stay, so that only the class's own rows are fewer."""
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
        areas = []
        for at in every:
            fold = folds.fold(at)
            areas.append([_auroc(problem, fold, plan, place, share) for share in shares])
            part.at(len(areas) / len(every))
        rows = tuple(max(1, round(share * 0.8 * int(counts[place]))) for share in shares)
        made.append(curve(place, rows, np.array(areas), folds.tested, len(wanted), plan.curves))
    return made


def curve(
    place: int, rows: tuple[int, ...], areas: Floats, tested: float, classes: int = 1, model: str = "linear"
) -> Curve:
    """What the scores (folds x sizes, each size twice the one before) say of the next doubling.

    It is taken to gain less than the last one did, by the ratio of the last two gains (a power law of the
    error has a constant one: Hestness et al. 2017), and by all of it where only one is known. That is an
    extrapolation, and said to be one. classes: how many are asked about at once (Bonferroni).

    >>> areas = np.array([[0.70, 0.75, 0.79, 0.82]] * 4) + np.array([[0.0], [0.001], [0.002], [0.003]])
    >>> one = curve(1, (10, 20, 40, 80), areas, 0.25)
    >>> round(one.gain, 3), round(one.next, 4), one.says
    (0.03, 0.0225, 'helps')
    """
    mean = np.nanmean(areas, axis=0)
    last = difference(areas[:, -1], areas[:, -2], tested, classes)
    before = float(mean[-2] - mean[-3]) if mean.size > 2 else float("nan")
    ratio = float(np.clip(last.value / before, 0.0, 1.0)) if before > 0 else 1.0
    following = float(np.clip(max(0.0, last.value) * ratio, 0.0, 1.0 - mean[-1]))
    if last.low > 0 and following >= HELPS:
        says = "helps"
    else:
        says = "hardly" if last.high < 2 * HELPS else "unclear"
    return Curve(place, rows, tuple(mean.tolist()), last.value, last.low, last.high, following, says, model)


def _auroc(problem: Problem, fold: Fold, plan: Plan, place: int, share: float) -> float:
    """AUROC of a class against the rest, trained with so much of its rows; nan where a fold has none."""
    rows, k = fold.training, fold.training.classes
    of_class = np.flatnonzero(rows.target == place)
    draw = np.random.default_rng([plan.seed, place])
    kept = draw.permutation(of_class)[: max(1, round(share * of_class.size))]
    some = np.sort(np.concatenate([np.flatnonzero(rows.target != place), kept]))
    model = MODELS[plan.curves].fit(rows.matrix[some], rows.target[some], rows.codes, plan.seed)
    p = predicted(model, fold.test, k)[:, place]
    truth = problem.target[fold.held] == place
    return float(area_under_curve(p, truth)) if 0 < truth.sum() < truth.size else float("nan")
