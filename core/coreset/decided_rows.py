"""Which rows of data as decided take part, and which hold something else than those of the source."""

from __future__ import annotations

from functools import reduce

import numpy as np
from numpy.typing import NDArray

from core.changes import differing
from core.coreset.parts import left_aside
from core.dataset import Dataset
from core.prepare.pilot import Pilot

Ints = NDArray[np.int64]


def touched(dataset: Dataset, pilot: Pilot) -> Ints:
    """The rows of the source, by their places, with another value in a column that the pilot reads."""
    return either(changed_cells(dataset, pilot), rewritten(dataset, pilot))


def rows_there(dataset: Dataset, numbers: int, pilot: Pilot) -> NDArray[np.bool_]:
    """Per row of the source and of those added behind it, ``numbers`` in all, whether it takes part."""
    there, changes = np.zeros(numbers, bool), dataset.changes
    mask = None if changes is None else changes.mask
    there[: dataset.numbered] = True if mask is None else mask
    out = left_aside(dataset, pilot.read)
    if out is not None:
        there[dataset.source_ids(np.flatnonzero(out))] = False
    return there


def rewritten(dataset: Dataset, pilot: Pilot) -> Ints:
    """The rows that are left in which a rule put another value into a column that the pilot reads."""
    changes, base = dataset.changes, dataset.base
    there = rows_there(dataset, dataset.numbered, pilot)
    if changes is None or base is None:
        return np.zeros(0, np.int64)
    other = np.zeros(base.rows, bool)
    for name in {*pilot.read} & {*changes.written, *changes.sources}:
        if name not in changes.written or name not in base.names:
            other[:] = True  # another column under this name
            continue
        other |= differing(base.table([name]).column(0), changes.written[name].slice(0, base.rows))
    return np.flatnonzero(other & there[: base.rows])


def changed_cells(dataset: Dataset, pilot: Pilot) -> Ints:
    """The rows of the source with a cell that was changed by hand, in a column that the pilot reads."""
    cells = {} if dataset.changes is None else dataset.changes.cells
    found = [cells[name].rows for name in pilot.read if name in cells]
    return np.asarray(reduce(either, found, np.zeros(0, np.int64)), np.int64)


def either(one: Ints, other: Ints) -> Ints:
    """The numbers that either holds; both ascend."""
    if not one.size or not other.size:  # to look for repeats takes longer than much of an edit
        return one if one.size else other
    return np.union1d(one, other)
