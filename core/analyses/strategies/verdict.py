"""Which strategy the comparison speaks for: one that is surely better than doing nothing, or none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

import numpy as np

from core.analyses.strategies.scores import SCORES
from core.analyses.strategies.strategy import THRESHOLD
from core.analyses.strategies.threshold import Aim
from core.analyses.strategies.trial import Trial
from core.numerics.association import Floats
from core.numerics.paired import Difference, Verdict, difference

DECIDED_BY: dict[Aim, str] = {
    "cost": "net_benefit",
    "precision": "f_beta",
    "recall": "f_beta",
    "f_beta": "f_beta",
    "mcc": "mcc",
}
COSTS = ("net_benefit", "mean_cost")  # at some costs it is right to call every row the same
NEARLY_ALL = 0.995  # held-out AUROC without any rebalancing from which the columns predict nearly all of it
PRECISE = 0.9  # average precision that goes with it: of rare events an AUROC near 1 still leaves room
MATTERS = 0.01  # of the score without information: a smaller gain is no reason to change the classes


CHANCE = "no better than chance"


class Line(NamedTuple):
    """One strategy with one model against its reference, by one score. area: its held-out AUROC where that is
    not told from a half, so that it ranks rows no better than chance; else nan.
    """

    model: str
    strategy: str
    mean: float
    against: Difference
    says: Verdict
    area: float = float("nan")

    @property
    def words(self) -> str:
        """The verdict in words: a model that learned nothing ties with another one in name only."""
        if self.says in ("tie", "unknown") and np.isfinite(self.area):
            return CHANCE
        return "reference" if self.strategy == "none" else self.says


class Choice(NamedTuple):
    """What the comparison speaks for.

    model: the better one without rebalancing. strategy: one that is surely better and by enough to matter,
    else "threshold" if moving the threshold surely helps, else "none". tied: whether no strategy was surely
    better or worse. hardly: one that is surely better, but by too little. columns: whether they tell
    something of the target, nothing that could be told from chance, or all of it. area: held-out AUROC
    without rebalancing and its interval.
    """

    model: str
    strategy: str
    tied: bool
    hardly: str = ""
    columns: Literal["tell", "nothing", "all"] = "tell"
    area: Difference = Difference(float("nan"), float("nan"), float("nan"))


def decided_by(aim: Aim, classes: int) -> str:
    """The score by which moving the threshold, or deciding by costs, is judged."""
    return DECIDED_BY[aim] if classes == 2 else "mean_cost"


def compared(trials: Sequence[Trial], score: str, tested: float, planned: int = 0) -> list[Line]:
    """Every strategy against doing nothing with the same model, after correction; where the score rests on
    decisions, against doing nothing but tuning the threshold, as every strategy has a tuned one, too. The
    threshold itself is held against the likeliest class. The intervals hold together (Bonferroni over all
    strategies and models).

    planned: how many trials there will be, where these are the first of them: an interval is no narrower now
    than it will be then.
    """
    there = [one for one in trials if not one.left_out]
    base = {one.key: one for one in there if one.strategy in ("none", THRESHOLD)}
    decides = SCORES[score].decides
    lines = []
    moved = [
        one
        for one in there
        if one.strategy != "none" and (one.model, "none") in base and (one.strategy != THRESHOLD or decides)
    ]
    together = max(1, len(moved), planned - (len(there) - len(moved)))
    for one in there:
        values = one.corrected[score]
        mean = float(np.nanmean(values)) if np.isfinite(values).any() else float("nan")
        area = _at_chance(one, tested, len(there))
        if one not in moved:
            lines.append(Line(one.model, one.strategy, mean, Difference(0.0, 0.0, 0.0), "tie", area))
            continue
        tuned = decides and one.strategy != THRESHOLD and (one.model, THRESHOLD) in base
        reference = base[one.model, THRESHOLD if tuned else "none"].corrected[score]
        gap = difference(values, reference, tested, together)
        lines.append(Line(one.model, one.strategy, mean, gap, gap.verdict(SCORES[score].higher), area))
    return lines


def _at_chance(one: Trial, tested: float, together: int) -> float:
    """The held-out AUROC, before any scaling, where its interval holds a half; else nan."""
    area = _area(one.plain["auroc"], tested, together)
    return area.value if area.low <= 0.5 else float("nan")


def choice(
    trials: Sequence[Trial], score: str, by: str, tested: float, uninformed: Mapping[str, float]
) -> Choice | None:
    """What to do; None before doing nothing was tried.

    by: the score that judges the threshold. uninformed: each score of one who knows the class shares alone
    (`core.analyses.strategies.scores.uninformed`). Nothing is recommended where the columns tell nothing of
    the target, or all of it.
    """
    lines = compared(trials, score, tested)
    plain = [line for line in lines if line.strategy == "none" and np.isfinite(line.mean)]
    if not plain:
        return None
    higher = SCORES[score].higher
    best = max(plain, key=lambda line: line.mean if higher else -line.mean)
    own = [line for line in lines if line.model == best.model]
    tied = all(line.says in ("tie", "unknown") for line in own if line.strategy != THRESHOLD)
    columns, area = _predicted(trials, best.model, tested)
    made = Choice(best.model, "none", tied, "", columns, area)
    if columns != "tell":
        return made
    better = [line for line in own if line.says == "better" and line.strategy not in ("none", THRESHOLD)]
    better.sort(key=lambda line: line.mean if higher else -line.mean, reverse=True)
    enough = [line for line in better if abs(line.against.value) >= least(score, uninformed)]
    if enough:
        return made._replace(strategy=enough[0].strategy)
    made = made._replace(hardly=better[0].strategy if better else "")
    return made._replace(strategy=THRESHOLD) if _moved(trials, best.model, by, tested, uninformed) else made


def least(score: str, uninformed: Mapping[str, float]) -> float:
    """The gain from which a strategy is said to help: 1% of what is scored without information, and where
    that is 0 of 1, or (net benefit) of the share of events.
    """
    whole = abs(uninformed[score])
    if not whole:
        whole = uninformed["average_precision"] if score == "net_benefit" else 1.0
    return MATTERS * whole


def _predicted(
    trials: Sequence[Trial], model: str, tested: float
) -> tuple[Literal["tell", "nothing", "all"], Difference]:
    """What the columns tell of the target without rebalancing, by any model: "nothing" where each interval of
    AUROC holds a half. Of the probabilities as the model says them: a scaling that is all but constant ranks
    no row.
    """
    plain = {one.model: one.plain for one in trials if one.strategy == "none" and not one.left_out}
    areas = {name: _area(made["auroc"], tested, len(plain)) for name, made in plain.items()}
    for name, made in plain.items():
        if areas[name].value > NEARLY_ALL and np.nanmean(made["average_precision"]) > PRECISE:
            return "all", areas[name]
    nothing = all(area.low <= 0.5 for area in areas.values())
    return ("nothing" if nothing else "tell"), areas[model]


def _moved(
    trials: Sequence[Trial], model: str, by: str, tested: float, uninformed: Mapping[str, float]
) -> bool:
    """Whether the tuned decisions surely beat the likeliest class, and calling every row the same. At given
    costs that may be the right thing to do: there they must not be surely worse.
    """
    made = {one.strategy: one.corrected for one in trials if one.model == model and not one.left_out}
    models = sum(one.strategy == "none" for one in trials)
    if THRESHOLD not in made:
        return False
    higher, tuned = SCORES[by].higher, made[THRESHOLD]
    if difference(tuned[by], made["none"][by], tested, models).verdict(higher) != "better":
        return False
    over = _over(tuned[by], uninformed[by], tested, models).verdict(higher)
    return over != "worse" if by in COSTS else over == "better"


def _over(values: Floats, constant: float, tested: float, comparisons: int) -> Difference:
    """The scores over a constant."""
    return difference(values, np.full(values.size, constant), tested, comparisons)


def _area(values: Floats, tested: float, comparisons: int) -> Difference:
    """An AUROC over the folds; its interval ends at 0 and 1, as it does."""
    return _over(values, 0.0, tested, comparisons).within(0.0, 1.0)
