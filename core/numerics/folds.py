"""Folds drawn by content."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]


FOLDS = 5


def folds_of(keys: NDArray[np.uint64]) -> Ints:
    """The fold of each row, by the key of its content, so that equal rows share a fold and no order
    matters.
    """
    return np.asarray((keys >> np.uint64(32)) % np.uint64(FOLDS), dtype=np.int64)
