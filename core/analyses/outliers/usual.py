"""What is usual in a column, so that no reason for a row names it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from core.dataset.column import Column
from core.prepare.features import numbers
from core.prepare.levels import level_codes

if TYPE_CHECKING:
    import pyarrow as pa

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]
TAIL = 0.05  # of the rows: what so few have, or lies so far out on its side, is unusual by itself
_NEAR, _RARE = (
    0.05,
    0.1,
)  # how near, in interquartile ranges; of the rows that an even spread would have there


def comparable(column: Column, values: pa.ChunkedArray) -> Floats:
    """A number per value: the code of its level, or what it measures; nan where it is missing."""
    if column.kind in ("category", "boolean"):
        return level_codes(values)[0].astype(np.float64)
    return np.asarray(numbers(column, values), dtype=np.float64)


def usual_values(values: Floats, *, levels: bool) -> Mask:
    """Which values (n) are usual among them: those that do not lie in the outer twentieth of the rows on
    either side and have others near them, and those of levels that are not among the rarest twentieth of
    the rows. Missing values are a level, beside all others together.

    >>> usual_values(np.array([0.0, *range(1950, 1990), 2500.0]), levels=False)[[0, 1, 20, -1]].tolist()
    [False, False, True, False]
    >>> usual_values(np.array([0.0] * 19 + [1.0]), levels=True)[[0, 19]].tolist()
    [True, False]
    """
    if levels:
        return _common(values)
    missing = np.isnan(values)
    given = ~missing
    usual = missing & (missing.mean() > TAIL) if values.size else missing
    if given.sum() > TAIL * values.size:  # else that there is a value at all sets the row apart
        usual[given] = _in_the_midst(values[given])
    return usual


def _common(codes: Floats) -> Mask:
    """Which are of levels such that these and the rarer ones are more than `TAIL` of the rows."""
    _, level, counts = np.unique(codes, return_inverse=True, return_counts=True)
    sizes, place = np.unique(counts, return_inverse=True)
    rows = np.cumsum(np.bincount(place, counts, sizes.size))
    return np.asarray((rows > TAIL * codes.size)[place][level], dtype=np.bool_)


def _in_the_midst(values: Floats) -> Mask:
    """Which numbers (none missing) are no end of their column and do not stand alone between the quartiles.

    >>> _in_the_midst(np.array([0.0] * 50 + [5.0] + [10.0] * 50))[[0, 50]].tolist()
    [True, False]
    """
    order, size = np.argsort(values), values.size
    ascending, cut = values[order], int(TAIL * size)
    usual = (ascending >= ascending[cut]) & (ascending <= ascending[size - 1 - cut])
    low, high = ascending[size // 4], ascending[size - 1 - size // 4]
    first, last = np.searchsorted(ascending, low, "right"), np.searchsorted(ascending, high, "left")
    between, width = ascending[first:last], _NEAR * (high - low)  # in order, which is looked up far faster
    near = np.searchsorted(ascending, between + width, "right") - 1
    near -= np.searchsorted(ascending, between - width, "left")
    usual[first:last] &= near >= _RARE * _NEAR * size  # an even spread has 2 x .05 of half of the rows there
    placed = np.empty(size, np.bool_)
    placed[order] = usual
    return placed
