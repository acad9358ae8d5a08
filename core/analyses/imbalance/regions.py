"""Where a target of numbers has few rows: what imbalance is for regression."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

BINS = 10
RARE = 0.2  # of an even share, below which a bin is rare
LEAST = 2  # neighbouring bins that make a region: the last tenth of any hump is thin


class Region(NamedTuple):
    """Neighbouring bins that each hold less than a fifth of an even share: ``rows`` rows from
    ``low`` to ``high``. density: rows per unit of the target over those of an even spread.
    """

    low: float
    high: float
    rows: int
    density: float


def bins_of(values: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Edges and counts of ten bins of equal width from the 1st to the 99th percentile, the first and the last
    reaching to the ends; no bins where the values do not vary.
    """
    if not values.size:
        return np.zeros(0), np.zeros(0, np.int64)
    low, high = np.quantile(values, [0.01, 0.99])
    if not high > low or not np.isfinite(high - low):
        low, high = values.min() / 2, values.max() / 2  # halves: the whole range may overflow
        low, high = 2 * low, 2 * high
    if not high > low or not np.isfinite(high - low):
        return np.zeros(0), np.zeros(0, np.int64)
    edges = np.linspace(low, high, BINS + 1)
    inside = np.clip(np.searchsorted(edges, values, side="right") - 1, 0, BINS - 1)
    edges[0], edges[-1] = min(edges[0], values.min()), max(edges[-1], values.max())
    return edges, np.bincount(inside, minlength=BINS)


def rare_regions(edges: NDArray[np.float64], counts: NDArray[np.int64]) -> list[Region]:
    """The runs of at least `LEAST` neighbouring bins that are rare, by rows per unit of the target.

    >>> rare_regions(np.arange(5.0), np.array([87, 43, 6, 4]))
    [Region(low=2.0, high=4.0, rows=10, density=0.14285714285714285)]
    """
    if counts.size < 3:
        return []
    width = np.diff(edges)
    step = float(np.median(width))  # the outer bins reach farther
    even = float(counts.sum()) / counts.size
    rare = counts * step / width < RARE * even
    starts = np.flatnonzero(np.diff(rare.astype(np.int8), prepend=0) == 1)
    stops = np.flatnonzero(np.diff(rare.astype(np.int8), append=0) == -1) + 1
    found = []
    for a, b in zip(starts.tolist(), stops.tolist(), strict=True):
        if b - a >= LEAST:
            low, high, rows = float(edges[a]), float(edges[b]), int(counts[a:b].sum())
            found.append(Region(low, high, rows, rows * step / (high - low) / even))
    return found
