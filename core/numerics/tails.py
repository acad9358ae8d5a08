"""How far out a value lies, by the tail of those below it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
_MIDDLE, _HIGH = 0.5, 0.9  # a tenth of the rows may be odd before they stretch the scale they are measured on
_NO_TAIL = 0.02  # below this the upper half is one lump: there is no scale to measure the rest on


def tail_evidence(oddity: Floats) -> Floats:
    """Minus the natural logarithm of the share of rows at least as odd, were the upper tail exponential
    beyond its 90th percentile.

    Up to the 90th percentile the share is counted. Beyond, it falls from there by the slope between the
    median and the 90th percentile: exact for an exponential tail, cautious for a lighter one, and untouched
    by what the oddest tenth looks like. As the slope is itself estimated, from the m rows between the two,
    the share is the predictive one, (1 + x / (m slope))**-m. Where the upper half is one lump, there is no
    slope, and the share is counted throughout.

    >>> evidence = tail_evidence(np.append(np.arange(100.0), 10_000.0))
    >>> evidence[[50, 90, 100]].round(1)  # median, 90th percentile, far out
    array([ 0.7,  2.3, 98.7])
    """
    rows = oddity.size
    if not rows:
        return np.zeros(0)
    place = np.argsort(oddity)
    order = oddity[place]
    middle, high = np.quantile(order, [_MIDDLE, _HIGH], method="lower")  # never between it and the odd
    slope = (high - middle) / np.log((1.0 - _MIDDLE) / (1.0 - _HIGH))
    edges = np.flatnonzero(np.concatenate([[True], order[1:] != order[:-1], [True]]))  # of equal values
    below, upto = np.empty(rows, np.int64), np.empty(rows, np.int64)
    below[place] = np.repeat(edges[:-1], np.diff(edges))
    upto[place] = np.repeat(edges[1:], np.diff(edges))
    if slope < _NO_TAIL:
        return -np.log((rows - below) / (rows + 1.0))
    counted = -np.log1p(-(below + upto) / (2.0 * rows))  # equal rows share the middle of their ranks
    seen = rows * (_HIGH - _MIDDLE)
    beyond = -np.log(1.0 - _HIGH) + seen * np.log1p(np.maximum(oddity - high, 0.0) / slope / seen)
    return np.where(oddity > high, beyond, counted)
