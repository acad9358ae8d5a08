"""Many tests at once: adjusted p-values."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def q_values(p: Floats) -> Floats:
    """Benjamini-Hochberg adjusted p-values (Benjamini and Hochberg 1995, JRSS B 57).

    ``scipy.stats.false_discovery_control`` gives the same (to 3e-16), but takes twice as long, and 0.8 s of
    processor time to import, in every process that asks one question.

    >>> q_values(np.array([0.01, 0.04, 0.03, 0.5])).round(4).tolist()
    [0.04, 0.0533, 0.0533, 0.5]
    """
    order = np.argsort(p)[::-1]
    adjusted = np.empty(p.size)
    adjusted[order] = np.minimum.accumulate(p[order] * p.size / np.arange(p.size, 0, -1))
    return adjusted.clip(0.0, 1.0)


def false_discovery(p: Floats) -> Floats:
    """q-values of Benjamini and Hochberg 1995; NaN stays NaN and is not counted."""
    adjusted = np.full(p.size, np.nan)
    known = np.isfinite(p)
    adjusted[known] = q_values(p[known])
    return adjusted
