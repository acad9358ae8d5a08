"""Folds drawn by content."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Fold = NDArray[np.int8]
FOLDS = 5


def folds_of(keys: NDArray[np.uint64]) -> Ints:
    """The fold of each row, by the key of its content, so that equal rows share a fold and no order
    matters.
    """
    return np.asarray((keys >> np.uint64(32)) % np.uint64(FOLDS), dtype=np.int64)


def spread(groups: NDArray[np.uint64], classes: NDArray[np.integer[Any]] | None) -> Fold:
    """The fold, 0 to 4, of each row. Rows of one group share it; groups are spread over the folds by their
    (random) keys, class by class.
    """
    keys, inverse = np.unique(groups, return_inverse=True)
    kind = np.zeros(keys.size, np.int64)
    if classes is not None:
        kind = np.full(keys.size, np.iinfo(np.int32).max, np.int64)
        np.minimum.at(kind, inverse, classes)
    order = np.argsort(kind, kind="stable")
    fold = np.empty(keys.size, np.int8)
    fold[order] = np.arange(keys.size) % FOLDS
    return fold[inverse]
