"""What is usual in a column, so that no reason for a row names it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from core.dataset import Dataset
from core.dataset.column import Column
from core.prepare.features import numbers
from core.prepare.levels import level_codes

if TYPE_CHECKING:
    import pyarrow as pa

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]
Codes = NDArray[np.integer[Any]]
TAIL = 0.05  # of the rows: what so few have, or lies so far out on its side, is unusual by itself
_NEAR = 0.05  # how near others are, in interquartile ranges
_RARE = 0.1  # of the rows that are near where the data are dense
_LEAST = 10  # rows near where they are dense: beside fewer, none may be near by chance
_PROBES = 1_000  # places at which it is looked how dense they are


@dataclass(frozen=True, eq=False)
class MarkedColumn:
    """A column, and which of its values are usual.

    ``usual``: mask, see `usual_numbers` and `usual_levels`, of each row among those that it is compared
    with. ``central``: mask of the numbers that do not lie in the outer twentieth on either side. ``codes``:
    level per row, or 1 where a number is missing, 0 where not. ``quartiles``: least number, lower and upper
    quartile, largest number, of each class and, in the last line, of all rows; nan where there is none, and
    for levels.
    """

    column: Column
    values: pa.ChunkedArray
    usual: Mask
    central: Mask
    codes: Codes
    quartiles: Floats

    @property
    def levels(self) -> bool:
        """Whether its values are levels, not numbers."""
        return self.column.kind in ("category", "boolean")

    @classmethod
    def of(cls, dataset: Dataset, name: str, classes: Sequence[NDArray[np.int64]] = ()) -> MarkedColumn:
        """The column ``name``. classes: the rows of each class, where rows are compared within theirs."""
        column, values = dataset[name], dataset.table([name]).column(0)
        usual, central = np.zeros(dataset.rows, np.bool_), np.zeros(dataset.rows, np.bool_)
        quartiles = np.full((len(classes) + 1, 4), np.nan)
        groups: list[Any] = [slice(None), *classes]
        if column.kind in ("category", "boolean"):
            codes = level_codes(values)[0]
            for rows in groups:
                usual[rows] = usual_levels(codes[rows])
            return cls(column, values, usual, central, codes, quartiles)
        worth = numbers(column, values)
        for place, rows in enumerate(groups, -1):
            some = worth[rows]
            ascending = np.sort(some[~np.isnan(some)])
            if ascending.size:
                quartiles[place] = np.percentile(ascending, [0, 25, 75, 100], method="inverted_cdf")
            usual[rows], central[rows] = usual_numbers(some, ascending)
        return cls(column, values, usual, central, np.isnan(worth).astype(np.int8), quartiles)


def usual_levels(codes: Codes) -> Mask:
    """Which rows (n) have a level that is not among the rarest twentieth of the rows.

    >>> usual_levels(np.array([0] * 19 + [1]))[[0, 19]].tolist()
    [True, False]
    """
    counts = np.bincount(codes)
    sizes, place = np.unique(counts, return_inverse=True)
    rows = np.cumsum(np.bincount(place, counts, sizes.size))
    return np.asarray((rows > TAIL * codes.size)[place][codes], dtype=np.bool_)


def usual_numbers(values: Floats, ascending: Floats) -> tuple[Mask, Mask]:
    """Which numbers (n) are usual among them, and which do not lie in the outer twentieth of the rows on
    either side. Of these all are usual but those that stand alone, and any where a twentieth of the rows or
    fewer have one at all. Missing ones (nan) are a level, beside all others together. ascending: the others,
    in order.

    >>> numbers = np.array([0.0, *range(1950, 1990), 2500.0])
    >>> usual_numbers(numbers, numbers)[0][[0, 1, 20, -1]].tolist()
    [False, False, True, False]
    >>> two = np.array([0.0] * 50 + [5.0] + [10.0] * 50)
    >>> [mask[[0, 50]].tolist() for mask in usual_numbers(two, two)]
    [[True, False], [True, True]]
    """
    missing = np.isnan(values)
    usual = missing & (missing.mean() > TAIL) if values.size else missing
    if not ascending.size:
        return usual, np.zeros(values.size, np.bool_)
    cut = int(TAIL * ascending.size)
    low, high = ascending[cut], ascending[ascending.size - 1 - cut]
    central = (values >= low) & (values <= high)
    if ascending.size > TAIL * values.size:  # else that there is a value at all sets the row apart
        first, last = np.searchsorted(ascending, low), np.searchsorted(ascending, high, "right")
        alone = _alone(ascending, slice(int(first), int(last)))
        usual |= central & ~np.isin(values, alone) if alone.size else central
    return usual, central


def _alone(ascending: Floats, inside: slice) -> Floats:
    """Which of the values ``inside`` have far fewer others near them than there are somewhere on either side,
    and than an even spread between the quartiles would have. In a thinning tail none stands alone.
    """
    size = ascending.size
    width = float(ascending[size - 1 - size // 4] - ascending[size // 4]) * max(_NEAR, _LEAST / size)
    even = max(_NEAR * size, float(_LEAST))  # that many of an even spread lie within the width on either side
    if not 0.0 < width < np.inf:
        return ascending[:0]

    def near(some: Floats) -> NDArray[np.intp]:
        there = np.searchsorted(ascending, some + width, "right")
        return there - np.searchsorted(ascending, some - width, "left") - 1

    some = ascending[inside]
    some = some[~_dense(ascending, width, int(np.ceil(_RARE * even)))[inside]]
    beside = near(some)
    some, beside = some[beside < _RARE * even], beside[beside < _RARE * even]
    probes = ascending[:: max(1, size // _PROBES)]
    dense = near(probes)
    below = np.maximum.accumulate(dense)[np.searchsorted(probes, some, "right") - 1]
    above = np.append(np.maximum.accumulate(dense[::-1])[::-1], 0)[np.searchsorted(probes, some)]
    least = np.minimum(below, above)
    alone: Floats = some[(least >= _LEAST) & (beside < _RARE * least)]
    return alone


def _dense(ascending: Floats, width: float, enough: int) -> Mask:
    """Which values surely have ``enough`` others within the width: on one side of them alone."""
    dense = np.zeros(ascending.size, np.bool_)
    close = ascending[enough:] - ascending[:-enough] <= width
    dense[enough:] = close
    dense[:-enough] |= close
    return dense
