"""What is usual in a column, so that no reason for a row names it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from core.dataset import Dataset
from core.dataset.column import Column
from core.numerics.scaling import centre_and_spread
from core.prepare.features import numbers
from core.prepare.lacked import rows_with
from core.prepare.levels import level_codes

if TYPE_CHECKING:
    import pyarrow as pa

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]
Codes = NDArray[np.integer[Any]]
Marks = NDArray[np.int8]
TAIL = 0.05  # of the rows: what so few have, or lies so far out on its side, is unusual by itself
_QUARTILES = 1.349  # standard deviations of a normal distribution between its quartiles
_NEAR = 0.05  # how near others are, in interquartile ranges
_RARE = 0.1  # of the rows that are near where the data are dense
_LEAST = 10  # rows near where they are dense: beside fewer, none may be near by chance
_PROBES = 1_000  # places at which it is looked how dense they are


UNUSUAL, ALONE, USUAL = (
    0,
    1,
    2,
)  # what a value is marked as; alone: no end of its column, yet hardly any near it


@dataclass(frozen=True, eq=False)
class MarkedColumn:
    """A column, and which of its values are usual.

    ``mark``: int8, see `marked_numbers` and `marked_levels`, of each row among those that it is compared
    with. ``codes``: level per row, or 1 where a number is missing, 0 where not. ``levels``: how many there
    are. ``quartiles``: least number, lower and upper quartile, largest number, of each class and, in the last
    line, of all rows; nan where there is none, and for levels.
    """

    column: Column
    values: pa.ChunkedArray
    mark: Marks
    codes: Codes
    levels: int
    quartiles: Floats

    @classmethod
    def of(cls, dataset: Dataset, name: str, classes: Sequence[NDArray[np.int64]] = ()) -> MarkedColumn:
        """The column ``name``. classes: the rows of each class, where rows are compared within theirs. Of a
        column that one part lacks, what is usual is that of the other part.
        """
        having = rows_with(dataset, [name]).get(name)
        column, values = dataset[name], dataset.table([name]).column(0)
        mark = np.zeros(dataset.rows, np.int8)
        quartiles = np.full((len(classes) + 1, 4), np.nan)
        groups: list[Any] = [slice(None), *classes]
        if having is not None:
            groups = [np.flatnonzero(having), *(rows[having[rows]] for rows in classes)]
        if column.kind in ("category", "boolean"):
            codes, texts = level_codes(values)
            for rows in groups:
                mark[rows] = marked_levels(codes[rows])
            narrow = codes.astype(np.min_scalar_type(len(texts)))
            return cls(column, values, mark, narrow, len(texts), quartiles)
        worth, missing = numbers(column, values), np.asarray(values.is_null())
        for place, rows in enumerate(groups, -1):
            some = worth[rows]
            ascending = np.sort(some[~np.isnan(some)])
            if ascending.size:
                low, high = ((part * ascending.size + 3) // 4 - 1 for part in (1, 3))
                quartiles[place] = ascending[[0, low, high, -1]]
            mark[rows] = marked_numbers(some, missing[rows], ascending)
        return cls(column, values, mark, missing.view(np.int8), 2, quartiles)


def marked_levels(codes: Codes) -> Marks:
    """Rows (n) with a level that is not among the rarest twentieth of the rows are usual.

    >>> marked_levels(np.array([0] * 19 + [1]))[[0, 19]].tolist() == [USUAL, UNUSUAL]
    True
    """
    counts = np.bincount(codes)
    sizes, place = np.unique(counts, return_inverse=True)
    rows = np.cumsum(np.bincount(place, counts, sizes.size))
    return np.where((rows > TAIL * codes.size)[place], USUAL, UNUSUAL).astype(np.int8)[codes]


def marked_numbers(values: Floats, missing: Mask, ascending: Floats) -> Marks:
    """Numbers (n) are usual unless they lie in the outer twentieth of the rows on either side, one at least,
    or stand alone, or a twentieth of the rows or fewer have one at all. Missing values are a level, beside
    all others together. Infinite ones (nan, but not missing) never are. ascending: the finite ones, in order.

    >>> numbers, nowhere = np.array([0.0, *range(1950, 1990), 2500.0]), np.zeros(42, bool)
    >>> mark = marked_numbers(numbers, nowhere, numbers)
    >>> (mark[[1, 20, -1]] == USUAL).tolist()
    [False, True, False]
    >>> two = np.array([0.0] * 50 + [5.0] + [10.0] * 50)
    >>> marked_numbers(two, np.zeros(101, bool), two)[[0, 50]].tolist() == [USUAL, ALONE]
    True
    """
    mark = np.zeros(values.size, np.int8)
    if missing.any() and missing.mean() > TAIL:
        mark[missing] = USUAL
    if not ascending.size:
        return mark
    cut = min(max(1, int(TAIL * ascending.size)), ascending.size - 1)
    low, high = ascending[cut], ascending[ascending.size - 1 - cut]
    central = (values >= low) & (values <= high)
    if ascending.size <= TAIL * values.size:  # that there is a value at all sets the row apart
        mark[central] = ALONE
        return mark
    mark[central] = USUAL
    first, last = np.searchsorted(ascending, low), np.searchsorted(ascending, high, "right")
    alone = _alone(ascending, slice(int(first), int(last)))
    if alone.size:
        mark[central & np.isin(values, alone)] = ALONE
    return mark


def _alone(ascending: Floats, inside: slice) -> Floats:
    """Which of the values ``inside`` have far fewer others near them than there are somewhere on either side,
    and than an even spread between the quartiles would have. In a thinning tail none stands alone.
    """
    size = ascending.size
    with np.errstate(over="ignore"):
        width = _QUARTILES * centre_and_spread(ascending)[1] * max(_NEAR, _LEAST / size)
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
