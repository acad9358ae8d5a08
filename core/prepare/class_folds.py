"""Folds that spread every class evenly and keep equal rows, and rows of one group, together."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.dataset import Dataset
from core.prepare.levels import encoded


def row_groups(dataset: Dataset, features: NDArray[np.uint64], rows: NDArray[np.int64]) -> NDArray[np.uint64]:
    """A key per row that rows of equal features share, and rows of one group. features: a hash per row of the
    data set.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    equal = features[rows]
    if not dataset.roles.group:
        return equal
    by_group, _ = encoded(dataset.table([dataset.roles.group]).column(0).take(rows))
    first, same = np.unique(equal, return_inverse=True)
    known = by_group >= 0
    ends = (same[known], first.size + by_group[known])
    size = first.size + int(by_group.max(initial=-1)) + 1
    links = coo_array((np.ones(ends[0].size, np.int8), ends), shape=(size, size))
    part = connected_components(links, directed=False)[1][same]
    smallest = np.full(int(part.max(initial=-1)) + 1, np.iinfo(np.uint64).max, np.uint64)
    np.minimum.at(smallest, part, equal)
    return np.asarray(smallest[part], dtype=np.uint64)


def class_folds(groups: NDArray[np.uint64], classes: NDArray[Any], folds: int) -> NDArray[np.int8]:
    """The fold, from 0, of each row; rows of one group share it.

    Groups of several rows are dealt first, those that hold the largest share of a class before the others,
    each to the fold that has least of their classes (so that the squares of a class's shares over the folds
    add up to little, as in scikit-learn's StratifiedGroupKFold); then rows of their own, of the rarest class
    first, each to the fold with fewest rows of its class. Ties go to the fold with fewest rows, then by key.

    >>> class_folds(np.arange(6, dtype=np.uint64), np.array([0, 0, 0, 0, 1, 1]), 2).tolist()
    [0, 1, 0, 1, 0, 1]
    """
    _, inverse, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    several = sizes > 1
    loads = np.zeros((int(classes.max(initial=-1)) + 1, folds), np.int64)  # rows of each class in each fold
    fold = np.empty(sizes.size, np.int8)
    own = np.zeros(sizes.size, np.int64)
    own[inverse] = classes
    _deal_groups(fold, np.flatnonzero(several), inverse, classes, loads)
    totals = np.bincount(classes, minlength=len(loads))
    for kind in np.argsort(totals, kind="stable"):
        here = np.flatnonzero(~several & (own == kind)) if totals[kind] else np.zeros(0, np.int64)
        fold[here] = _turns(loads[kind], loads.sum(axis=0), here.size)
        loads[kind] += np.bincount(fold[here], minlength=folds)
    return fold[inverse]


def _deal_groups(
    fold: NDArray[np.int8],
    several: NDArray[np.int64],
    inverse: NDArray[np.int64],
    classes: NDArray[Any],
    loads: NDArray[np.int64],
) -> None:
    """Fill in the folds of the groups of several rows, and add them to ``loads``."""
    if not several.size:
        return
    k, folds = loads.shape
    totals = np.bincount(classes, minlength=k)
    rows = np.isin(inverse, several)
    pairs, counts = np.unique(inverse[rows] * k + classes[rows], return_counts=True)
    kinds = pairs % k
    shares = (counts / totals[kinds]) ** 2
    starts = np.searchsorted(pairs, several * k)
    ends = [*starts[1:].tolist(), pairs.size]
    of, many, weigh = kinds.tolist(), counts.tolist(), (counts / totals[kinds].astype(float) ** 2).tolist()
    held, whole = [[0] * folds for _ in range(k)], [0] * folds
    for group in np.argsort(-np.add.reduceat(shares, starts), kind="stable").tolist():
        parts = range(int(starts[group]), ends[group])
        costs = [
            (sum(weigh[at] * held[of[at]][one] for at in parts), whole[one], one) for one in range(folds)
        ]
        least = min(costs)[2]
        fold[several[group]] = least
        for at in parts:
            held[of[at]][least] += many[at]
            whole[least] += many[at]
    loads += np.array(held)


def _turns(load: NDArray[np.int64], rows: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    """The folds of ``count`` rows of one class, each in turn to the fold with fewest of it. load: rows of the
    class by fold; rows: of any class.
    """
    order = np.lexsort((rows, load))
    level = np.sort(load)
    missing = np.arange(1, load.size + 1) * level - np.cumsum(level)  # to raise the lower folds to each level
    raised = int(np.searchsorted(missing, count, side="right"))
    top = int(level[raised - 1]) + -(-(count - int(missing[raised - 1])) // raised)
    places = [np.arange(have, max(have, top)) for have in load[order].tolist()]
    slots = np.repeat(order, [one.size for one in places])
    return np.asarray(slots[np.lexsort((rows[slots], np.concatenate(places)))][:count], dtype=np.int64)
