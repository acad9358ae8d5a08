"""Levels of a column whose rows all have one class, and how likely that is by chance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.analyses.leakage.strength import Floats, Ints

PURE_ROWS = 20
PURE_SHARE = 0.05


@dataclass(frozen=True)
class Pure:
    """A level whose rows all have one class.

    level, target: the level and the class, as codes.
    rows: rows at the level.
    covers: their share of all rows, weighted.
    recall: the share of that class's rows that the level holds.
    chance: probability of such a level, were it unrelated to the target.
    """

    level: int
    target: int
    rows: int
    covers: float
    recall: float
    chance: float


def pure_levels(
    codes: Ints, classes: Ints, weights: Floats, total: float, ordered: bool = False
) -> list[Pure]:
    """Levels of at least `PURE_ROWS` rows and a share of `PURE_SHARE` of the weight ``total`` whose rows all
    have one class.

    ``chance``: the class's share to the power of the rows, times the levels tried (binomial under the base
    rate, Bonferroni). Of ``ordered`` codes the share among the neighbouring rows counts, if it is larger: the
    end of a slope is no surprise.
    """
    counts = np.bincount(codes)
    covers = np.bincount(codes, weights=weights) / total
    low, high = np.full(counts.size, classes.max(initial=0) + 1), np.full(counts.size, -1)
    np.minimum.at(low, codes, classes)
    np.maximum.at(high, codes, classes)
    tried = np.flatnonzero((counts >= PURE_ROWS) & (covers >= PURE_SHARE))
    sizes = np.bincount(classes)
    sorted_classes = classes[np.argsort(codes, kind="stable")] if ordered else classes[:0]
    first = np.cumsum(counts) - counts
    pure = []
    for level in tried[low[tried] == high[tried]].tolist():
        held, rows = int(low[level]), int(counts[level])
        usual = float(sizes[held] / classes.size)
        if ordered:
            usual = max(usual, _beside(sorted_classes == held, int(first[level]), rows))
        chance = min(1.0, tried.size * usual**rows)
        pure.append(Pure(level, held, rows, float(covers[level]), float(rows / sizes[held]), chance))
    return pure


def _beside(hits: NDArray[np.bool_], first: int, rows: int) -> float:
    """The share of hits among the ``rows`` places before and the ``rows`` places after those from ``first``
    on, on the better side.
    """
    sides = (hits[max(0, first - rows) : first], hits[first + rows : first + 2 * rows])
    return max((float(side.mean()) for side in sides if side.size >= min(rows, PURE_ROWS)), default=0.0)
