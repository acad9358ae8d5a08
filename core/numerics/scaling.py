"""Robust scaling of one column of numbers."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

# Spans between two percentiles and their width on a standard normal; the first that is not zero gives the
# scale. The range (6) comes last.
_SPANS = ((25.0, 75.0, 1.349), (5.0, 95.0, 3.290), (1.0, 99.0, 4.653), (0.0, 100.0, 6.0))
_FAR = 1e6  # a bound for arithmetic's sake only: squares of it still add up in float32


def centre_and_spread(values: NDArray[np.float64]) -> tuple[float, float]:
    """Median and robust standard deviation of finite values; a spread of 0 means that they are all equal.

    The spread is the interquartile range over 1.349, or, where that is 0, a wider span over its width on a
    normal distribution. The ends are values of the data (never between two), so that one odd value cannot
    lend a column of equal ones a tiny spread, and order statistics, so that the order of the values does not
    matter.

    >>> centre_and_spread(np.arange(101.0))  # doctest: +ELLIPSIS
    (50.0, 37.064...)
    >>> centre_and_spread(np.array([0.0] * 95 + [1.0] * 5))  # doctest: +ELLIPSIS
    (0.0, 0.214...)
    """
    if not values.size:
        return 0.0, 0.0
    ends = np.percentile(
        values, [50.0, *(p for low, high, _ in _SPANS for p in (low, high))], method="inverted_cdf"
    )
    spreads = [
        float(high - low) / width
        for low, high, (*_, width) in zip(ends[1::2], ends[2::2], _SPANS, strict=True)
    ]
    return float(ends[0]), next((spread for spread in spreads if spread > 0.0), 0.0)


def robust(values: NDArray[np.float64]) -> NDArray[np.float32] | None:
    """``(values - median) / spread`` as float32, NaN becoming 0; None where the values do not vary. No
    infinite values.

    Bounded at a million spreads, so that distances stay finite.
    """
    known = values[~np.isnan(values)]
    largest = float(np.abs(known).max(initial=0.0))
    if largest > 1e100:  # differences of such numbers overflow; the unit does not matter
        values, known = values / largest, known / largest
    centre, spread = centre_and_spread(known)
    if spread == 0.0:
        return None
    with np.errstate(over="ignore"):
        scaled = np.clip((values - centre) / spread, -_FAR, _FAR)
    return np.nan_to_num(scaled, copy=False).astype(np.float32)
