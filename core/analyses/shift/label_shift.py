"""Label shift: how much more or less frequent each class of the target has become."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from core.analyses.shift.column import ColumnShift
from core.numerics.binning import wilson
from core.phrases import percent, quoted

# by what factor the odds of a class have changed, at the near end of the interval: moderate, severe
ODDS_BANDS = (1.25, 2.0)


class ClassShift(NamedTuple):
    """One class: its share of train and of serve, the ratio of its ``odds`` (serve to train) and the 95%
    interval of that, ``low`` to ``high``; ``interval``: that of its share of serve (95%).
    """

    label: str
    train: float
    serve: float
    odds: float
    low: float
    high: float
    interval: tuple[float, float]

    @property
    def new(self) -> bool:
        """Whether train has no row of it, so that no factor says how much more frequent it has become."""
        return self.train == 0.0

    @property
    def least(self) -> float:
        """By what factor the odds have changed at the least, in either direction: the near end of the
        interval; 1 where the interval holds 1.
        """
        return max(1.0, self.low, 1.0 / self.high)

    def __str__(self) -> str:
        if self.new:
            low, high = (percent(end) for end in self.interval)
            share = f"{percent(self.serve)} (95% interval {low} to {high})"
            return f"{quoted(self.label)} is new in serve: {share}"
        change = f"{quoted(self.label)} from {percent(self.train)} to {percent(self.serve)}"
        if self.serve == 0.0:
            return f"{change}, which has none of it"
        return f"{change}, odds ratio {self.odds:.2f} (95% interval {self.low:.2f} to {self.high:.2f})"


def class_shifts(shift: ColumnShift) -> tuple[ClassShift, ...]:
    """The commonest classes (ten at most), the one that changed most first. Empty where the target is a
    number with many values.

    By the ratio of the odds the odds that a model gives are wrong where its classes shift and nothing else
    does (Saerens et al. 2002, Neural Computation 14). Its interval is that of Woolf 1955 (Annals of Human
    Genetics 19), half a row added to each count, and for all classes jointly (Bonferroni). Where a share is
    none or all, the ratio is in the middle of the interval.
    """
    from scipy.special import ndtri

    n, m = shift.n
    width = float(ndtri(1.0 - 0.025 / max(1, len(shift.shares))))
    classes = []
    for label, train, serve in shift.shares:
        counts = [
            part + 0.5
            for share, rows in ((train, n), (serve, m))
            for part in (share * rows, (1 - share) * rows)
        ]
        middle = math.log(counts[2] / counts[3]) - math.log(counts[0] / counts[1])
        spread = width * math.sqrt(sum(1 / one for one in counts))
        low, high = math.exp(middle - spread), math.exp(middle + spread)
        ends = wilson(np.array([serve * m]), np.array([float(m)]))
        interval = (float(ends[0][0]), float(ends[1][0]))
        some = 0.0 < train < 1.0 and 0.0 < serve < 1.0
        odds = serve / (1 - serve) / (train / (1 - train)) if some else math.exp(middle)
        classes.append(ClassShift(label, train, serve, odds, low, high, interval))
    return tuple(sorted(classes, key=_most_first))


def _most_first(one: ClassShift) -> tuple[float, float, float, str]:
    """By how much the odds changed; of two classes, whose odds change alike, the rarer one first."""
    return -round(one.least, 9), -round(abs(math.log(one.odds)), 9), one.train, one.label
