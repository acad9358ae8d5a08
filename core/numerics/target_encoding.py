"""Mean targets per level, smoothed, and out of fold."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


def encodings(codes: Ints, target: Floats, levels: int) -> tuple[Floats, float]:
    """The encoding of each level, and the mean of the target, which levels without rows get.

    codes: level of each row. target: one number per row. Empirical Bayes (Micci-Barreca 2001, equations 5 and
    6), as scikit-learn's ``TargetEncoder(smooth="auto")``: the mean of a level is drawn towards that of all,
    the more the fewer and the more unlike its rows are. Sums are taken over sorted values, so that no bit
    depends on the order of the rows.

    >>> values, mean = encodings(np.array([0, 0, 1]), np.array([1.0, 3.0, 8.0]), 3)
    >>> values.round(3).tolist(), mean
    ([2.109, 8.0, 4.0], 4.0)
    """
    order = np.lexsort((target, codes))
    codes, target = codes[order], target[order]
    everything = np.sort(target)
    mean, variance = float(everything.mean()), float(everything.var())
    counts = np.bincount(codes, minlength=levels).astype(np.float64)
    there = np.maximum(counts, 1.0)
    means = np.bincount(codes, target, minlength=levels) / there
    squares = np.bincount(codes, (target - means[codes]) ** 2, minlength=levels)
    if variance == 0:
        return np.full(levels, mean), mean
    share = variance * counts / np.where(counts > 0, variance * counts + squares / there, 1.0)
    return share * means + (1.0 - share) * mean, mean


def out_of_fold(codes: Ints, target: Floats, folds: Ints, levels: int) -> tuple[list[Floats], Ints]:
    """Per fold the encodings learned from the rows of all other folds, and the place of each row's fold
    in that list.
    """
    numbers, places = np.unique(folds, return_inverse=True)
    learned = [encodings(codes[folds != one], target[folds != one], levels)[0] for one in numbers]
    return learned, places.astype(np.int64)
