"""What removing rows is expected to do, judged on held-out rows that stay, before anything is removed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.coreset.coreset import Coreset
from core.coreset.influence import Influence, LinearFit, checked, fitted, influence_of, predicted
from core.coreset.judging import Apart, HeldOutJudge, HeldOutScore, held_out, scored
from core.coreset.parts import RowPart
from core.dataset import Dataset
from core.errors import TooSmallError
from core.numerics.softmax import Softmax, with_offset
from core.progress import SILENT, Progress

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
_LEAST_JUDGED = 20  # held-out rows
_CHANCE = 100  # draws of rows at random
_VAGUE = 0.1  # change of the score by chance, beyond which nothing is said


@dataclass(frozen=True)
class RemovalPreview:
    """What removing rows is expected to do, judged on held-out rows that stay.

    influence: of those of the rows that take part. metric: "AUROC" (macro) or "R squared". before,
    after: of the fit with them and, expected, without. change: after less before, paired on the held-out
    rows. tested: how many these are. floor: the change, either way, that removing as many rows at random
    stays below in 95 of 100 draws.
    """

    influence: Influence
    metric: str
    before: HeldOutScore
    after: HeldOutScore
    change: HeldOutScore
    tested: int
    floor: float

    @property
    def told_apart(self) -> bool:
        """Whether the change is told from none: its interval lies on one side of 0, and it is more than that
        of as many rows drawn at random.
        """
        aside = self.change.low > 0.0 or self.change.high < 0.0
        return aside and abs(self.change.value) > self.floor


def previewed(
    coreset: Coreset, dataset: Dataset, rows: Ints, ridge: float = 1.0, progress: Progress = SILENT
) -> RemovalPreview:
    """What removing these rows (numbers of the source) would do to a linear fit on the coreset, and to what
    it is worth on a fifth of the other rows, seen by no fit.

    Raises `SettingError` and `InputError` as `influence` and `held_out` do; `TooSmallError` where none of the
    rows takes part, or where what is left cannot be fitted or judged.
    """
    checked(coreset)
    progress.at(0.0, "Holding rows out")
    apart = held_out(coreset, dataset, rows)
    held, small = apart.held, apart.coreset
    going = np.intersect1d(rows, apart.rows)
    _judged(coreset, dataset, apart, going)
    progress.at(0.4, "Fitting with and without the rows")
    fit = fitted(small, dataset, going, ridge, progress)
    told = influence_of(small, fit)
    judge = HeldOutJudge(held, len(coreset.pilot.classes), coreset.pilot.seed)

    def worths(weights: Floats) -> Floats:
        return judge.of(predicted(small, weights, held.matrix), progress)

    progress.at(0.7, "Judging on held-out rows")
    before, after = worths(told.before), worths(told.after)
    by_chance = []
    for weights in _by_chance(small, fit, progress):
        progress.check()
        by_chance.append(judge.whole(predicted(small, weights, held.matrix)))
    floor = float(np.quantile(np.abs(np.array(by_chance) - before[0]), 0.95))
    change = scored(after - before)
    _known(np.array([*change[:3], *scored(before)[:3], *scored(after)[:3], told.moved]), floor, judge.metric)
    return RemovalPreview(told, judge.metric, scored(before), scored(after), change, held.target.size, floor)


def _known(numbers: Floats, floor: float, metric: str) -> None:
    """Raises `TooSmallError` where a number is not finite, or where chance alone changes too much."""
    if not np.isfinite([*numbers, floor]).all():
        raise TooSmallError("What removing these rows does cannot be told: the fits give no finite numbers.")
    if floor > _VAGUE:
        raise TooSmallError(
            f"What removing these rows does cannot be told: {metric} would move by up to {floor:.2f} without "
            "as many random rows, as too little is left to fit on. Select fewer, or take a larger coreset."
        )


def _judged(coreset: Coreset, dataset: Dataset, apart: Apart, going: Ints) -> None:
    """Raises `TooSmallError` where nothing could be said: no row goes, or those that stay, or are held out,
    are too few or of one class.
    """
    if not going.size:
        raise TooSmallError(
            "No fit holds any of these rows: each lacks a target or a weight, or is a serve row. Select "
            "others."
        )
    if apart.held.target.size < _LEAST_JUDGED:
        raise TooSmallError("Without these rows too few are left to judge a fit on: select fewer.")
    pilot, part = coreset.pilot, RowPart(dataset, coreset.leaves[0].first)
    fitted = pilot.targets(part.contents([pilot.roles.target], np.setdiff1d(apart.rows, going)))[0]
    for target, what in ((fitted, "rows to fit on"), (apart.held.target, "held-out rows")):
        if np.unique(target).size < 2:
            raise TooSmallError(
                f"What removing these rows does cannot be told: the {what} that stay, {target.size:,}, all "
                "have the same target. It takes two values among them: select other rows, or add data."
            )


def _by_chance(coreset: Coreset, fit: LinearFit, progress: Progress) -> Floats:
    """Weights after as many rows as go, drawn at random, draws x c x (p + 1): the sum of their slopes is
    normal about 0, with the covariance that the coreset shows: of the rows drawn, and of the mean of all
    rows, which the coreset knows but roughly.
    """
    matrix, pilot = coreset.matrix(), coreset.pilot
    target = pilot.targets(coreset.table())[0]
    if pilot.classes:
        lost = Softmax(fit.weights).residuals(matrix, target.astype(np.int64))
    else:
        lost = (matrix @ fit.weights[0, :-1] + fit.weights[0, -1] - target)[:, None]
    rows, share = with_offset(matrix), coreset.sample.weight / coreset.sample.weight.sum()
    draw = np.random.default_rng(pilot.seed)
    times = np.sqrt(fit.rows * share + (fit.rows * share) ** 2)
    slopes = np.zeros((_CHANCE, fit.weights.size))
    for at in range(_CHANCE):
        progress.check()
        slopes[at] = ((lost * (times * draw.normal(size=len(rows)))[:, None]).T @ rows).ravel()
    return fit.without(slopes)
