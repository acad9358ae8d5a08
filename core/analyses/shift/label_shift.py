"""Label shift: how much more or less frequent each class of the target has become."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from core.analyses.shift.column import ColumnShift
from core.numerics.binning import wilson
from core.phrases import percent, quoted

# by what factor, at the near end of its interval, a class has become more or less frequent: moderate, severe
RATIO_BANDS = (1.25, 2.0)


class ClassShift(NamedTuple):
    """One class: its share of train and of serve, their ``ratio`` (serve to train) and its 95% interval,
    ``low`` to ``high``; ``interval``: that of its share of serve (95%).
    """

    label: str
    train: float
    serve: float
    ratio: float
    low: float
    high: float
    interval: tuple[float, float]

    @property
    def new(self) -> bool:
        """Whether train has no row of it, so that no factor says how much more frequent it has become."""
        return self.train == 0.0

    @property
    def least(self) -> float:
        """By what factor the class has changed at the least, in either direction: the near end of the
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
        return f"{change}, a factor of {self.ratio:.2f} (95% interval {self.low:.2f} to {self.high:.2f})"


def class_shifts(shift: ColumnShift) -> tuple[ClassShift, ...]:
    """The commonest classes (ten at most), the one that changed most first. Empty where the target is a
    number with many values.

    Interval of the ratio of the shares: Katz et al. 1978 (Biometrics 34), half a row added to each count, and
    for all classes jointly (Bonferroni). Where a share is none, the ratio is in the middle of the interval.
    """
    from scipy.special import ndtri

    n, m = shift.n
    width = float(ndtri(1.0 - 0.025 / max(1, len(shift.shares))))
    classes = []
    for label, train, serve in shift.shares:
        a, b = train * n + 0.5, serve * m + 0.5
        middle = math.log(b / (m + 0.5)) - math.log(a / (n + 0.5))
        spread = width * math.sqrt(max(0.0, 1 / a - 1 / (n + 0.5) + 1 / b - 1 / (m + 0.5)))
        low, high = math.exp(middle - spread), math.exp(middle + spread)
        ends = wilson(np.array([serve * m]), np.array([float(m)]))
        interval = (float(ends[0][0]), float(ends[1][0]))
        ratio = serve / train if train and serve else math.exp(middle)
        classes.append(ClassShift(label, train, serve, ratio, low, high, interval))
    return tuple(sorted(classes, key=lambda one: (-one.least, -abs(math.log(one.ratio)), one.label)))
