"""Limits that part values alike."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def parting(ascending: NDArray[Any], limit: float, above: bool) -> tuple[float, float]:
    """The least and the largest limit that part the values as this one does. above: whether the values that
    are meant lie above it, and those equal to it do not; else below it.

    >>> values = np.array([1.0, 5.0, 5.0, 9.0])
    >>> parting(values, 5.5, above=True), parting(values, 5.0, above=False)
    ((5.0, 8.999999999999998), (1.0000000000000002, 5.0))
    >>> parting(values, 20.0, above=True), parting(values, 0.5, above=False)
    ((9.0, inf), (-inf, 1.0))
    """
    place = int(np.searchsorted(ascending, limit, side="right" if above else "left"))
    below = float(ascending[place - 1]) if place else -np.inf
    beyond = float(ascending[place]) if place < ascending.size else np.inf
    if above:
        return below, float(np.nextafter(beyond, -np.inf)) if np.isfinite(beyond) else beyond
    return (float(np.nextafter(below, np.inf)) if np.isfinite(below) else below), beyond
