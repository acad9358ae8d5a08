"""Why a row is odd, in words: its values, beside what is usual in their columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from core.dataset import Dataset
from core.dataset.column import Column
from core.phrases import number_among, percent
from core.prepare.features import numbers
from core.prepare.levels import level_codes

if TYPE_CHECKING:
    import pyarrow as pa

Ids = NDArray[np.int64]
_SHOWN = 40  # characters of a value


class RowReasons:
    """Why rows are odd, worked out for those that are asked for.

    classes: the rows of each class, where rows are compared within theirs: what is usual is then said of it.
    """

    def __init__(self, dataset: Dataset, names: Sequence[str], classes: Sequence[Ids] = ()) -> None:
        self._dataset, self._names, self._classes = dataset, tuple(names), tuple(classes)
        self._of: dict[tuple[int, int], ColumnInWords] = {}
        self._class = np.full(dataset.rows, -1, np.int32)
        for place, rows in enumerate(self._classes):
            self._class[rows] = place

    def parts(self, row: int, top: Sequence[int]) -> list[str]:
        """Each of its odd columns (places among the names; -1: none) with its value and what is usual."""
        if self._dataset.vectors is not None and self._names == (self._dataset.vectors_name,):
            what = "picture" if self._dataset.vectors.of_pictures else "vector"
            return [f"its {what} lies far from those of other rows"]
        where = " of its class" if self._class[row] >= 0 else ""
        return [self.column(row, at).full(row, where) for at in top if at >= 0]

    def column(self, row: int, at: int) -> ColumnInWords:
        """A column in words, as it is among the rows that this one is compared with."""
        group = int(self._class[row])
        if (group, at) not in self._of:
            among = self._classes[group] if group >= 0 else None
            self._of[group, at] = ColumnInWords.of(self._dataset, self._names[at], among)
        return self._of[group, at]


@dataclass(frozen=True, eq=False)
class ColumnInWords:
    """The values of one column in words, each beside what is usual.

    ``usual``: the quartiles in words, empty for categories. ``ends``: the least and the largest number, by
    which years are told from amounts; not a number where there is none. ``codes`` and ``shares``: level per
    row and share of each level, or of missing (1) and present (0) values where the column is a number.
    """

    column: Column
    values: pa.ChunkedArray
    usual: str
    ends: tuple[float, float]
    codes: NDArray[np.int64]
    shares: NDArray[np.float64]

    @classmethod
    def of(cls, dataset: Dataset, name: str, among: Ids | None = None) -> ColumnInWords:
        """For the column ``name``. among: the rows that say what is usual; all where None."""
        column, values = dataset[name], dataset.table([name]).column(0)
        within = slice(None) if among is None else among
        if column.kind in ("category", "boolean"):
            codes, usual, ends = level_codes(values)[0], "", (np.nan, np.nan)
        else:
            codes = np.asarray(values.is_null(), dtype=np.int64)
            usual, ends = _usual(column, values if among is None else values.take(among))
        counts = np.bincount(codes[within], minlength=int(codes.max(initial=0)) + 1)
        return cls(column, values, usual, ends, codes, counts / max(1, counts.sum()))

    def brief(self, row: int) -> str:
        """Name and value: ``port Q``."""
        value = self.values[row].as_py()
        if value is None:
            return f"{self.column.name} missing"
        if self.column.kind == "text":
            return f"{self.column.name} of {len(str(value)):,} characters"
        text = number_among(value, *self.ends) if self.column.kind == "numeric" else str(value)
        return f"{self.column.name} {text if len(text) <= _SHOWN else text[: _SHOWN - 1] + '…'}"

    def full(self, row: int, where: str = "") -> str:
        """Name, value and what is usual: ``fare 512.3 (quartiles 7.9 to 31)``, ``port Q (8.6% of rows)``.
        where: of which rows that is said, such as `` of its class``.
        """
        if self.usual and self.values[row].is_valid:
            return f"{self.brief(row)} ({self.usual}{where})"
        return f"{self.brief(row)} ({percent(float(self.shares[self.codes[row]]))} of rows{where})"


def without_usual(
    dataset: Dataset,
    names: Sequence[str],
    classes: Sequence[Ids],
    top: NDArray[np.int16],
    first: NDArray[np.int8],
) -> NDArray[np.int16]:
    """The odd columns of rows without those in which a row has what more than half of the rows that it is
    compared with have: that sets nothing apart. A row without others keeps all of them.

    top: rows x 3, places among the ``names``, -1: none. classes: the rows of each class, where rows are
    compared within theirs. first: how many columns of each row stay whatever they hold.
    """
    usual = np.zeros(top.shape, bool)
    for at, title in enumerate(names):
        rows, place = np.nonzero(top == at)
        if rows.size and title in dataset.names:
            values = _comparable(dataset[title], dataset.table([title]).column(0))
            common = _of_most(values)
            for within in classes:
                common[within] = _of_most(values[within])
            usual[rows, place] = common[rows]
    usual &= np.arange(top.shape[1]) >= first[:, None]
    usual &= ((top >= 0) & ~usual).any(axis=1)[:, None]
    left = np.where(usual, np.int16(-1), top)
    order = np.argsort(left < 0, axis=1, kind="stable")
    return np.take_along_axis(left, order, axis=1)


def _comparable(column: Column, values: pa.ChunkedArray) -> NDArray[np.float64]:
    """A number per value; nan where it is missing."""
    if column.kind in ("category", "boolean"):
        return level_codes(values)[0].astype(np.float64)
    return np.asarray(numbers(column, values), dtype=np.float64)


def _of_most(values: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which values are the one that more than half of them are; all False without such a one.

    >>> _of_most(np.array([0.0, 0.0, 5.0])).tolist(), _of_most(np.array([np.nan, 1.0])).tolist()
    ([True, True, False], [False, False])
    """
    if not values.size:
        return np.zeros(0, bool)
    middle = np.partition(values, values.size // 2)[values.size // 2]  # nan stands last
    same = np.isnan(values) if np.isnan(middle) else values == middle
    return np.asarray(same & (2 * same.sum() > values.size), dtype=np.bool_)


def _usual(column: Column, values: pa.ChunkedArray) -> tuple[str, tuple[float, float]]:
    """The quartiles in words: ``quartiles 7.9 to 31``; one value where they are equal. And the least and the
    largest number.
    """
    import pyarrow as pa

    known = numbers(column, values)
    known = known[~np.isnan(known)]
    if not known.size:
        return "", (np.nan, np.nan)
    least, most = float(known.min()), float(known.max())
    low, high = np.percentile(known, [25, 75], method="inverted_cdf").tolist()
    if column.kind == "datetime":
        first = np.asarray(values.drop_null().cast(pa.int64())).min()
        low, high = (
            str(np.datetime64(int(first + day), "us").astype("datetime64[s]")).replace("T00:00:00", "")
            for day in (low, high)
        )
    else:
        low, high = number_among(low, least, most), number_among(high, least, most)
    words = f"quartiles {low}" if low == high else f"quartiles {low} to {high}"
    return words, (least, most)
