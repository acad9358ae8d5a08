"""Mean targets per level, smoothed, and out of fold."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.progress import SILENT, Progress
from core.workers import LocalThreads

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
    return _smoothed(_counted(codes, target, np.zeros(codes.size, np.int64), levels), levels)


def out_of_fold(
    codes: Ints, target: Floats, folds: Ints, levels: int, progress: Progress = SILENT
) -> tuple[list[Floats], Ints]:
    """Per fold the encodings learned from the rows of all other folds, and the place of each row's fold
    in that list. Raises `Cancelled` between two folds.
    """
    numbers, places = _folded(folds)
    counted = _counted(codes, target, places, levels)
    progress.check()
    learned = []
    for values in LocalThreads().map(lambda one: _smoothed(counted, levels, one)[0], range(numbers.size)):
        learned.append(values)
        progress.at(len(learned) / numbers.size, "Learning out of fold")
    return learned, places


def _folded(folds: Ints) -> tuple[Ints, Ints]:
    """The folds that there are, and per row the place of its own among them."""
    numbers = np.flatnonzero(np.bincount(folds))
    return numbers, np.searchsorted(numbers, folds)


class _Counted(NamedTuple):
    """Rows of one level, target and fold counted as one, in the order of levels, then of targets; where
    nearly every target is another, each row is one. by_target: their order by target alone.
    """

    level: Ints
    target: Floats
    fold: Ints
    rows: Floats
    by_target: Ints


def _counted(codes: Ints, target: Floats, folds: Ints, levels: int) -> _Counted:
    ranked = np.sort(target)
    values = ranked[np.append(True, ranked[1:] != ranked[:-1])[: ranked.size]]
    shape = (levels, values.size, int(folds.max(initial=0)) + 1)
    if int(np.prod(shape, dtype=np.float64)) <= codes.size // 2:
        cells = (codes * shape[1] + np.searchsorted(values, target)) * shape[2] + folds
        table = np.bincount(cells, minlength=int(np.prod(shape)))
        some = np.flatnonzero(table)
        level, value, fold = np.unravel_index(some, shape)
        target, rows = values[value], table[some].astype(np.float64)
    else:
        order = np.argsort(target)
        # equal codes stay as they stand; of small numbers that is soon done
        order = order[np.argsort(codes[order].astype(np.min_scalar_type(levels)), kind="stable")]
        level, target, fold, rows = codes[order], target[order], folds[order], np.ones(codes.size)
    return _Counted(level, target, fold, rows, np.argsort(target, kind="stable"))


def _smoothed(counted: _Counted, levels: int, without: int | None = None) -> tuple[Floats, float]:
    """`encodings` of all rows, or of those that are not of one fold."""
    everything, weights = counted.target[counted.by_target], counted.rows[counted.by_target]
    level, target, rows = counted.level, counted.target, counted.rows
    if without is not None:
        others = counted.fold[counted.by_target] != without
        everything, weights = everything[others], weights[others]
        others = counted.fold != without
        level, target, rows = level[others], target[others], rows[others]
    total = weights.sum()
    mean = float((everything * weights).sum() / total)
    variance = float((np.square(everything - mean) * weights).sum() / total)
    counts = np.bincount(level, rows, minlength=levels)
    there = np.maximum(counts, 1.0)
    means = np.bincount(level, target * rows, minlength=levels) / there
    squares = np.bincount(level, (target - means[level]) ** 2 * rows, minlength=levels)
    if everything[0] == everything[-1]:
        return np.full(levels, mean), mean
    share = variance * counts / np.where(counts > 0, variance * counts + squares / there, 1.0)
    return share * means + (1.0 - share) * mean, mean
