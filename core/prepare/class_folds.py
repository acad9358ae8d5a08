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

    Groups are dealt out by the rarest class that they hold, the rarest first: those of several rows, the
    largest first, each to the fold with fewest rows of that kind; those of one row in turn. Ties go by key.

    >>> class_folds(np.arange(6, dtype=np.uint64), np.array([0, 0, 0, 0, 1, 1]), 2).tolist()
    [0, 1, 0, 1, 0, 1]
    """
    _, inverse, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    totals = np.bincount(classes)
    rarity = np.argsort(np.argsort(totals, kind="stable"), kind="stable")  # 0: the rarest class
    rarest = np.full(sizes.size, np.iinfo(np.int64).max)
    np.minimum.at(rarest, inverse, rarity[classes])
    fold = np.empty(sizes.size, np.int8)
    for kind in np.unique(rarest):
        here = np.flatnonzero(rarest == kind)
        here = here[np.argsort(-sizes[here], kind="stable")]
        single = sizes[here] == 1
        loads = [0] * folds
        for group in here[~single].tolist():
            least = loads.index(min(loads))
            fold[group] = least
            loads[least] += int(sizes[group])
        turn = np.argsort(loads, kind="stable")
        fold[here[single]] = turn[np.arange(int(single.sum())) % folds]
    return fold[inverse]
