"""Why a row is odd, in words: its values, beside what is usual in their columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from core.analyses.outliers.usual import TAIL, comparable, usual_values
from core.dataset import Dataset
from core.dataset.column import Column
from core.phrases import number_among, percent
from core.workers import LocalThreads

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
        """Each of its odd columns (places among the names; -1: none) with its value and what is usual; all in
        one where the value of each is usual, so that only the combination is odd.
        """
        if self._dataset.vectors is not None and self._names == (self._dataset.vectors_name,):
            what = "picture" if self._dataset.vectors.of_pictures else "vector"
            return [f"its {what} lies far from those of other rows"]
        within = self._class[row] >= 0
        columns = [self.column(row, at) for at in top if at >= 0]
        if len(self._names) > 1 and columns and all(column.usual_at[row] for column in columns):
            return [_together([column.brief(row) for column in columns], within)]
        return [column.full(row, " of its class" if within else "") for column in columns]

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

    ``usual``: the quartiles in words, empty for categories. ``usual_at``: mask, see `usual_values`.
    ``inside``: mask of the numbers from the one quartile to the other. ``ends``: the least and the largest
    number, by which years are told from amounts; not a number where there is none. ``codes`` and ``shares``:
    level per row and share of each level, or of missing (1) and present (0) values where the column is a
    number.
    """

    column: Column
    values: pa.ChunkedArray
    usual: str
    usual_at: NDArray[np.bool_]
    inside: NDArray[np.bool_]
    ends: tuple[float, float]
    codes: NDArray[np.int64]
    shares: NDArray[np.float64]

    @classmethod
    def of(cls, dataset: Dataset, name: str, among: Ids | None = None) -> ColumnInWords:
        """For the column ``name``. among: the rows that say what is usual; all where None."""
        column, values = dataset[name], dataset.table([name]).column(0)
        worth, among = comparable(column, values), np.arange(dataset.rows) if among is None else among
        if levels := column.kind in ("category", "boolean"):
            codes, usual, ends, inside = worth.astype(np.int64), "", (np.nan, np.nan), np.zeros(0, bool)
        else:
            codes = np.asarray(values.is_null(), dtype=np.int64)
            usual, ends, inside = _usual(column, values, worth, among)
        usual_at = np.zeros(dataset.rows, bool)
        usual_at[among] = usual_values(worth[among], levels=levels)
        counts = np.bincount(codes[among], minlength=int(codes.max(initial=0)) + 1)
        return cls(
            column,
            values,
            usual=usual,
            usual_at=usual_at,
            inside=inside,
            ends=ends,
            codes=codes,
            shares=counts / max(1, counts.sum()),
        )

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
        Where a number between the quartiles is odd, that few rows lie near it, or that few have one at all.
        where: of which rows that is said, such as `` of its class``.
        """
        share = float(self.shares[self.codes[row]])
        if not self.usual or not self.values[row].is_valid:
            return f"{self.brief(row)} ({percent(share)} of rows{where})"
        odd = self.inside[row] and not self.usual_at[row]
        alone = f", {'hardly any row near it' if share > TAIL else f'given in {percent(share)} of rows'}"
        return f"{self.brief(row)} ({self.usual}{where}{alone if odd else ''})"


def _together(values: Sequence[str], within: bool) -> str:
    """That no value is odd, and their combination is. within: whether rows are compared in their class.

    >>> _together(["year 1999", "seats 55"], within=False)
    'year 1999 with seats 55 (each usual by itself, less so together)'
    >>> _together(["year 1999"], within=True)
    "year 1999 (usual by itself in its class, less so beside the row's other values)"
    """
    where = " in its class" if within else ""
    if len(values) > 1:
        return f"{' with '.join(values)} (each usual by itself{where}, less so together)"
    return f"{values[0]} (usual by itself{where}, less so beside the row's other values)"


def without_usual(
    dataset: Dataset,
    names: Sequence[str],
    classes: Sequence[Ids],
    top: NDArray[np.int16],
    first: NDArray[np.int8],
) -> NDArray[np.int16]:
    """The odd columns of rows without those in which a row has what is usual among the rows that it is
    compared with: that sets nothing apart. A row without others keeps all of them: it is their combination.

    top: rows x 3, places among the ``names``, -1: none. classes: the rows of each class, where rows are
    compared within theirs. first: how many columns of each row stay whatever they hold.
    """
    usual = np.zeros(top.shape, bool)

    def look(at: int) -> None:
        rows, place = np.nonzero(top == at)
        if rows.size and names[at] in dataset.names:
            column = dataset[names[at]]
            values = comparable(column, dataset.table([names[at]]).column(0))
            levels = column.kind in ("category", "boolean")
            common = usual_values(values, levels=levels)
            for within in classes:
                common[within] = usual_values(values[within], levels=levels)
            usual[rows, place] = common[rows]

    for _ in LocalThreads().map(look, range(len(names))):
        pass
    usual &= np.arange(top.shape[1]) >= first[:, None]
    usual &= ((top >= 0) & ~usual).any(axis=1)[:, None]
    left = np.where(usual, np.int16(-1), top)
    order = np.argsort(left < 0, axis=1, kind="stable")
    return np.take_along_axis(left, order, axis=1)


def _usual(
    column: Column, values: pa.ChunkedArray, worth: NDArray[np.float64], among: Ids
) -> tuple[str, tuple[float, float], NDArray[np.bool_]]:
    """Of the numbers ``worth`` of a column, as far as they are ``among`` these rows: the quartiles in words,
    ``quartiles 7.9 to 31``, one value where they are equal; the least and the largest number; and which rows
    lie between the quartiles.
    """
    import pyarrow as pa

    known = worth[among]
    known = known[~np.isnan(known)]
    if not known.size:
        return "", (np.nan, np.nan), np.zeros(worth.size, bool)
    least, most = float(known.min()), float(known.max())
    ends: list[float] = np.percentile(known, [25, 75], method="inverted_cdf").tolist()
    if column.kind == "datetime":
        first = np.asarray(values.drop_null().cast(pa.int64())).min()
        low, high = (
            str(np.datetime64(int(first + day), "us").astype("datetime64[s]")).replace("T00:00:00", "")
            for day in ends
        )
    else:
        low, high = (number_among(end, least, most) for end in ends)
    words = f"quartiles {low}" if low == high else f"quartiles {low} to {high}"
    return words, (least, most), (worth >= ends[0]) & (worth <= ends[1])
