"""How well one column predicts the target on its own, with its error and what chance gives.

Sources: rank AUC and its null standard error, Mann and Whitney 1947; averaged one class against the rest,
Fawcett 2006. Codes are small integers from 0.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from core.analyses.leakage.by_level import best_share, level_auc, level_share, lone_together
from core.numerics.auc import auc_error, mid_ranks
from core.numerics.folds import FOLDS

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Numbers = TypeVar("Numbers", Ints, Floats)

SMALLEST_CLASS = 5  # rows below which a class is only part of "the rest"
MOST_CLASSES = 30
PERMUTATIONS = 60
_LEAST_SHARE = 1e-3


@dataclass(frozen=True)
class Strength:
    """How well one column predicts the target.

    score: AUC (0.5: not at all) or share of variance explained (0: not at all).
    error: standard error of the score.
    null, sd: mean and standard deviation of the score were the column unrelated to the target.
    how: "rank" (the order of the values) or "levels" (each value by itself, out of fold).
    trials: of an AUC, how many rows of the rarer side it rests on; none for a share.
    """

    score: float
    error: float
    null: float
    sd: float
    how: str
    trials: float = math.inf

    @property
    def z(self) -> float:
        """Standard deviations above the null mean."""
        return (self.score - self.null) / self.sd if self.sd > 0.0 else 0.0

    def lower(self, tests: int = 1) -> float:
        """The lower end of a one-sided 95% interval of the score, Bonferroni over so many ``tests``; for an
        AUC that of `least_share` of ``trials`` draws, if it is lower, as the usual error is 0 where six rows
        are ranked without a mistake.
        """
        missed = 0.05 / tests
        near = self.score - _normal_above(missed) * self.error
        exact = math.isfinite(self.trials)
        return min(near, least_share(self.score, self.trials, missed)) if exact else near


@dataclass(frozen=True, eq=False)
class OneAgainstRest:
    """The AUC of each class against the rest, by one column.

    classes: which classes, as in `classes_in`.
    areas: their AUC.
    positive, negative: rows of the class, and of the others.
    cells: level * FOLDS + fold of each row; None where the order of the values ranks them.
    """

    classes: Ints
    areas: Floats
    positive: Floats
    negative: Floats
    cells: Ints | None = None


def _normal_above(chance: float) -> float:
    """How far out a standard normal lies with this chance.

    >>> _normal_above(0.05), round(_normal_above(0.01), 3)
    (1.645, 2.326)
    """
    from scipy.special import ndtri

    # three digits, as usual, at 5%
    return 1.645 if chance == 0.05 else float(-ndtri(chance))


def z_gate(columns: int) -> float:
    """Standard deviations above chance that a score must reach, given how many columns are tried.

    >>> [z_gate(n) for n in (10, 100, 1000, 5000)]
    [3.5, 4.0, 4.5, 5.0]
    """
    return next((gate for most, gate in ((10, 3.5), (100, 4.0), (1000, 4.5)) if columns <= most), 5.0)


def rank_areas(values: Floats, classes: Ints) -> OneAgainstRest | None:
    """The AUC of the order of ``values`` for each class against the rest, in either direction; None where
    there are too few rows or classes. Nothing is learned but directions, so there are no folds.

    >>> rank_areas(np.arange(20.0), np.repeat([0, 1], 10)).areas.tolist()
    [1.0]
    """
    known = classes_in(classes)
    if known is None:
        return None
    counts = np.bincount(classes)[known].astype(np.float64)
    rest = values.size - counts
    sums = np.bincount(classes, weights=mid_ranks(values))[known]
    areas = (sums - counts * (counts + 1.0) / 2.0) / (counts * rest)
    return OneAgainstRest(known, np.maximum(areas, 1.0 - areas), counts, rest)


def level_areas(codes: Ints, classes: Ints, folds: Ints) -> OneAgainstRest | None:
    """The AUC within folds of the share that each row's level has of a class in the other folds, for each
    class against the rest.
    """
    known = classes_in(classes)
    if known is None:
        return None
    cells = lone_together(codes) * FOLDS + folds
    areas = np.array([level_auc(cells, classes == one) for one in known])
    counts = np.bincount(classes)[known].astype(np.float64)
    return OneAgainstRest(known, areas, counts, classes.size - counts, cells)


def mean_of_order(areas: OneAgainstRest) -> Strength:
    """The mean over the classes of the AUCs of an order; its chance is the rank-sum variance.

    >>> mean_of_order(rank_areas(np.arange(20.0), np.repeat([0, 1], 10))).score
    1.0
    """
    counts, rest = areas.positive, areas.negative
    spread = np.sqrt((counts + rest + 1.0) / (12.0 * counts * rest))
    error = float(auc_error(areas.areas, counts, rest).mean())
    score, trials = float(areas.areas.mean()), trials_of(counts, rest)
    return Strength(score, error, 0.5, float(spread.mean()), "rank", trials)


def mean_of_levels(
    areas: OneAgainstRest, cells: Ints, classes: Ints, rng: np.random.Generator, judge_from: float
) -> Strength:
    """The mean over the classes of the AUCs of levels. Its chance: shuffles of the target, but only for
    scores of ``judge_from`` or more, as a lower one is never flagged.
    """
    score, null, sd = float(areas.areas.mean()), 0.0, 0.0
    if score >= judge_from:
        null, sd = _shuffled(
            classes, lambda y: float(np.mean([level_auc(cells, y == c) for c in areas.classes])), rng
        )
    counts, rest = areas.positive, areas.negative
    error = float(auc_error(np.full(counts.size, max(0.5, score)), counts, rest).mean())
    return Strength(score, error, null, sd, "levels", trials_of(counts, rest))


def class_strength(areas: OneAgainstRest, place: int, classes: Ints, rng: np.random.Generator) -> Strength:
    """The AUC of the class ``areas.classes[place]`` alone against the rest, its chance as that of the
    mean.
    """
    counts, rest = areas.positive[place : place + 1], areas.negative[place : place + 1]
    score, cells, trials = float(areas.areas[place]), areas.cells, float(min(counts[0], rest[0]))
    error = float(auc_error(np.array([max(0.5, score)]), counts, rest)[0])
    if cells is None:
        sd = math.sqrt((float(counts[0] + rest[0]) + 1.0) / (12.0 * float(counts[0] * rest[0])))
        return Strength(score, error, 0.5, sd, "rank", trials)
    null, sd = _shuffled(classes, lambda y: level_auc(cells, y == areas.classes[place]), rng)
    return Strength(score, error, null, sd, "levels", trials)


def least_share(share: float, trials: float, missed: float = 0.05) -> float:
    """The lower end of a one-sided interval of a share, which misses it with the chance ``missed`` (Clopper
    and Pearson 1934). Without a single miss, the mid-p end (Lancaster 1961), which counts half the chance of
    what was seen: that of the exact one is the chance of no miss alone, and no sample is better than that.

    >>> round(least_share(1.0, 6), 3), round(least_share(0.95, 100), 3)
    (0.681, 0.898)
    >>> [round(least_share(1.0, rarer), 3) for rarer in (21, 22)]
    [0.896, 0.901]
    """
    from scipy.special import betaincinv

    hits = share * trials
    if share >= 1.0:
        return float((2.0 * missed) ** (1.0 / trials))
    return float(betaincinv(hits, trials - hits + 1.0, missed)) if hits > 0.0 else 0.0


def trials_of(positive: Floats, negative: Floats) -> float:
    """How many draws the mean of independent AUCs is worth, where each is worth as many as its rarer side has
    rows.

    >>> trials_of(np.array([20.0]), np.array([300.0]))
    20.0
    >>> round(trials_of(np.array([5.0, 500.0]), np.array([1000.0, 505.0])), 1)
    19.8
    """
    return float(positive.size**2 / (1.0 / np.minimum(positive, negative)).sum())


def classes_in(target: Ints) -> Ints | None:
    """The classes that are held against the rest: large enough, the most frequent ones; one of them for two
    classes.
    """
    counts = np.bincount(target)
    enough = np.flatnonzero(counts >= SMALLEST_CLASS)
    if enough.size < 1 or target.size - counts.max() < SMALLEST_CLASS:
        return None
    if np.count_nonzero(counts) == 2:
        return np.array([int(np.flatnonzero(counts)[-1])])
    order = np.lexsort((enough, -counts[enough]))
    return np.sort(enough[order][:MOST_CLASSES])


def rank_share(values: Floats, target: Floats) -> Strength | None:
    """The squared Spearman correlation with a target of numbers (its ranks do); None for too few rows."""
    ranks = mid_ranks(values)
    if ranks.size < 2 * SMALLEST_CLASS:
        return None
    others = mid_ranks(target)
    left, right = ranks - ranks.mean(), others - others.mean()
    scale = float(left @ left) * float(right @ right)
    if scale == 0.0:
        return None
    score = min(1.0, float(left @ right) ** 2 / scale)
    # variance of the correlation under independence, which is the mean of its square
    spread = 1.0 / (ranks.size - 1.0)
    return Strength(score, share_error(score, ranks.size), spread, spread * np.sqrt(2.0), "rank")


def share_error(share: float, rows: int) -> float:
    """Standard error of a share of variance explained, by the delta method: 2 r (1 - r**2) / sqrt(n)."""
    return 2.0 * float(np.sqrt(share)) * (1.0 - share) / float(np.sqrt(rows))


def level_shares(
    codes: Ints, target: Floats, folds: Ints, rng: np.random.Generator, judge_from: float
) -> Strength | None:
    """The share of the variance of the ranks of a target of numbers that the levels' means outside the fold
    explain, over the share that so many levels of these sizes could explain at best. Its chance: shuffles of
    the target, for scores of ``judge_from`` or more.
    """
    cells, best = lone_together(codes) * FOLDS + folds, best_share(np.bincount(codes))
    if codes.size < 2 * SMALLEST_CLASS or float(np.ptp(target)) == 0.0 or best < _LEAST_SHARE:
        return None

    def judge(y: Floats) -> float:
        return min(1.0, level_share(cells, y) / best)

    score = judge(target)
    null, sd = _shuffled(target, judge, rng) if score >= judge_from else (0.0, 0.0)
    return Strength(score, share_error(score, codes.size), null, sd, "levels")


def _shuffled(
    target: Numbers, judge: Callable[[Numbers], float], rng: np.random.Generator
) -> tuple[float, float]:
    """Mean and standard deviation of the score on shuffled targets."""
    null = np.array([judge(rng.permutation(target)) for _ in range(PERMUTATIONS)])
    return float(null.mean()), float(null.std(ddof=1))


def tail(z: float) -> float:
    """The chance of a standard normal above ``z``.

    >>> round(tail(1.645), 3)
    0.05
    """
    return 0.5 * math.erfc(z / math.sqrt(2.0))
