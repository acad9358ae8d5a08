"""Which strategy the comparison speaks for: one that is surely better than doing nothing, or none."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from core.analyses.strategies.comparison import Difference, Verdict, difference
from core.analyses.strategies.scores import SCORES
from core.analyses.strategies.strategy import THRESHOLD
from core.analyses.strategies.threshold import Aim
from core.analyses.strategies.trial import Trial

DECIDED_BY: dict[Aim, str] = {
    "cost": "net_benefit",
    "precision": "f_beta",
    "recall": "f_beta",
    "f_beta": "f_beta",
    "mcc": "mcc",
}


class Line(NamedTuple):
    """One strategy with one model against doing nothing, by one score."""

    model: str
    strategy: str
    mean: float
    against: Difference
    says: Verdict


class Choice(NamedTuple):
    """What the comparison speaks for. model: the better one without rebalancing. strategy: one that is surely
    better, else "threshold" if moving the threshold surely helps, else "none". tied: whether no strategy was
    surely better or worse than doing nothing.
    """

    model: str
    strategy: str
    tied: bool


def compared(trials: Sequence[Trial], score: str, tested: float) -> list[Line]:
    """Every strategy against doing nothing with the same model, after correction. The intervals hold together
    (Bonferroni over all strategies and models).
    """
    there = [one for one in trials if not one.left_out]
    base = {one.model: one for one in there if one.strategy == "none"}
    others = [one for one in there if one.strategy != "none" and one.model in base]
    moved = [one for one in others if one.strategy != THRESHOLD or SCORES[score].decides]
    lines = []
    for one in there:
        values = one.corrected[score]
        mean = float(np.nanmean(values)) if np.isfinite(values).any() else float("nan")
        if one not in moved:
            lines.append(Line(one.model, one.strategy, mean, Difference(0.0, 0.0, 0.0), "tie"))
            continue
        gap = difference(values, base[one.model].corrected[score], tested, max(1, len(moved)))
        lines.append(Line(one.model, one.strategy, mean, gap, gap.verdict(SCORES[score].higher)))
    return lines


def choice(trials: Sequence[Trial], score: str, aim: Aim, tested: float) -> Choice | None:
    """What to do; None before doing nothing was tried.

    A strategy is compared with moving the threshold where the score rests on decisions: it is to do better
    than that which costs nothing.
    """
    lines = compared(trials, score, tested)
    plain = [line for line in lines if line.strategy == "none" and np.isfinite(line.mean)]
    if not plain:
        return None
    higher = SCORES[score].higher
    best = max(plain, key=lambda line: line.mean if higher else -line.mean)
    own = [line for line in lines if line.model == best.model]
    tied = all(line.says in ("tie", "unknown") for line in own if line.strategy != THRESHOLD)
    better = [line for line in own if line.says == "better" and line.strategy not in ("none", THRESHOLD)]
    if SCORES[score].decides:
        moved = (best.model, THRESHOLD)
        better = [
            line
            for line in better
            if _beats(trials, (line.model, line.strategy), moved, score, tested, len(lines))
        ]
    if better:
        winner = max(better, key=lambda line: line.mean if higher else -line.mean)
        return Choice(best.model, winner.strategy, tied)
    helps = _beats(trials, (best.model, THRESHOLD), (best.model, "none"), DECIDED_BY[aim], tested, len(plain))
    return Choice(best.model, THRESHOLD if helps else "none", tied)


def _beats(
    trials: Sequence[Trial],
    ours: tuple[str, str],
    other: tuple[str, str],
    score: str,
    tested: float,
    comparisons: int,
) -> bool:
    """Whether one trial (model, strategy) is surely better than another."""
    by_key = {one.key: one.corrected for one in trials}
    gap = difference(by_key[ours][score], by_key[other][score], tested, comparisons)
    return gap.verdict(SCORES[score].higher) == "better"
