"""Whether one thing scores better than another on the same folds, or whether they tie."""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np

from core.numerics.association import Floats

Verdict = Literal["better", "worse", "tie", "unknown"]


class Difference(NamedTuple):
    """Mean over folds of score minus reference score, and its 95% interval; nan where fewer than two folds
    have both.
    """

    value: float
    low: float
    high: float

    def within(self, least: float, most: float) -> Difference:
        """The same with an interval that ends where the score does: an area under a curve is at most 1.

        >>> Difference(0.82, 0.25, 1.39).within(0.0, 1.0)
        Difference(value=0.82, low=0.25, high=1.0)
        """
        return self._replace(low=max(least, self.low), high=min(most, self.high))

    def verdict(self, higher: bool) -> Verdict:
        """Whether ours is better than the reference; a tie where the interval covers zero."""
        if not np.isfinite(self.value):
            return "unknown"
        if self.low <= 0.0 <= self.high:
            return "tie"
        return "better" if (self.low > 0.0) == higher else "worse"


def difference(
    ours: Floats, reference: Floats, tested: float, comparisons: int = 1, constant: float = 1e-12
) -> Difference:
    """The corrected resampled t interval of Nadeau and Bengio (2003, Machine Learning 52) over the same
    folds.

    ours, reference: one score per fold of one or more repeats. tested: rows tested in a fold over rows
    trained on. The variance of the mean is (1 / J + tested) times that of the J differences, as training
    folds overlap. comparisons: how many such intervals are read together; the level of each is 1 - 0.05 /
    that (Bonferroni). Differences that are all smaller than ``constant`` are no difference.

    >>> ours, reference = np.array([0.82, 0.84, 0.81, 0.83, 0.85]), np.array([0.8, 0.8, 0.8, 0.8, 0.8])
    >>> [round(x, 4) for x in difference(ours, reference, tested=0.25)]
    [0.03, 0.0006, 0.0594]
    """
    from scipy.special import stdtrit

    gaps = ours - reference
    gaps = gaps[np.isfinite(gaps)]
    if gaps.size < 2:
        return Difference(float("nan"), float("nan"), float("nan"))
    middle = float(gaps.mean())
    if np.abs(gaps).max() < constant:
        return Difference(0.0, 0.0, 0.0)
    t = float(stdtrit(gaps.size - 1, 1.0 - 0.025 / comparisons))
    half = t * float(np.sqrt((1.0 / gaps.size + tested) * gaps.var(ddof=1)))
    return Difference(middle, middle - half, middle + half)
