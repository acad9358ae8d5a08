"""Why a row is odd, in words: its values, beside what is usual in their columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.analyses.outliers.usual import ALONE, TAIL, USUAL, MarkedColumn
from core.dataset import Dataset
from core.dataset.split import Part
from core.phrases import ends_among, in_full, number_among, percent
from core.prepare.features import first_time
from core.prepare.lacked import parts_lacking
from core.progress import SILENT, Progress
from core.workers import LocalThreads

Ids = NDArray[np.int64]
_SHOWN = 40  # characters of a value
_DIGITS = 10  # characters of a number with all its digits
_OTHER: dict[Part, Part] = {"train": "serve", "serve": "train"}


class RowReasons:
    """Why rows are odd, worked out for those that are asked for.

    classes: the rows of each class, where rows are compared within theirs: what is usual is then said of it.
    """

    def __init__(self, dataset: Dataset, names: Sequence[str], classes: Sequence[Ids] = ()) -> None:
        self._dataset, self._names, self._classes = dataset, tuple(names), tuple(classes)
        self._marked: dict[int, MarkedColumn] = {}
        self._of: dict[tuple[int, int], ColumnInWords] = {}
        self._lacked = parts_lacking(dataset, self._names)
        self._class = np.full(dataset.rows, -1, np.int32)
        for place, rows in enumerate(self._classes):
            self._class[rows] = place

    def parts(self, row: int, top: Sequence[int], *, single: bool = False) -> list[str]:
        """Each of its odd columns (places among the names; -1: none) with its value and what is usual; all in
        one where the value of each is usual, so that only the combination is odd. single: whether the value
        of the first flags the row by itself, which is then never called usual.
        """
        if self._of_vectors:
            what = "picture" if self._dataset.vectors and self._dataset.vectors.of_pictures else "vector"
            return [f"its {what} lies far from those of other rows"]
        within = self._class[row] >= 0
        columns = [self.column(row, at) for at in top if at >= 0]
        usual = all(column.marked.mark[row] == USUAL for column in columns)
        if len(self._names) > 1 and columns and usual and not single:
            return [_together([column.brief(row) for column in columns], within)]
        return [column.full(row, self._among(column.marked.column.name, within)) for column in columns]

    def _among(self, name: str, within: bool) -> str:
        """Of which rows that is said what is usual; of all: nothing. within: those of a class."""
        part = _OTHER[self._lacked[name]] if name in self._lacked else ""
        if within:
            return f" of its class{' in ' if part else ''}{part}"
        return f" of {part}" if part else ""

    def column(self, row: int, at: int) -> ColumnInWords:
        """A column in words, as it is among the rows that this one is compared with."""
        group = int(self._class[row])
        if (group, at) not in self._of:
            if at not in self._marked:
                self._marked[at] = self._mark(at)
            among: Ids | slice = self._classes[group] if group >= 0 else slice(None)
            if self._names[at] in self._lacked:
                having = self._dataset.part_mask(_OTHER[self._lacked[self._names[at]]])
                rows = np.arange(having.size)[among]
                among = rows[having[rows]]
            self._of[group, at] = ColumnInWords.of(self._marked[at], group, among)
        return self._of[group, at]

    def without_usual(
        self, top: NDArray[np.int16], first: NDArray[np.int8], progress: Progress = SILENT
    ) -> NDArray[np.int16]:
        """The odd columns of rows without those in which a row has what is usual among the rows that it is
        compared with: that sets nothing apart. A row without others keeps all of them: it is their
        combination.

        top: rows x 3, places among the names, -1: none. first: how many columns of each row stay whatever
        they hold.
        """
        if self._of_vectors:
            return top
        usual = np.zeros(top.shape, bool)

        def look(at: int) -> MarkedColumn | None:
            progress.check()
            rows, place = np.nonzero(top == at)
            marked = self._mark(at) if rows.size else None
            if marked is not None:
                usual[rows, place] = marked.mark[rows] == USUAL
            return marked

        for at, marked in enumerate(LocalThreads().map(look, range(len(self._names)))):
            if marked is not None:
                self._marked[at] = marked
        usual &= np.arange(top.shape[1]) >= first[:, None]
        usual &= ((top >= 0) & ~usual).any(axis=1)[:, None]
        left = np.where(usual, np.int16(-1), top)
        order = np.argsort(left < 0, axis=1, kind="stable")
        return np.take_along_axis(left, order, axis=1)

    @property
    def _of_vectors(self) -> bool:
        return self._dataset.vectors is not None and self._names == (self._dataset.vectors_name,)

    def _mark(self, at: int) -> MarkedColumn:
        return MarkedColumn.of(self._dataset, self._names[at], self._classes)


@dataclass(frozen=True, eq=False)
class ColumnInWords:
    """The values of one column in words, each beside what is usual among some rows.

    ``quartiles``: in words, empty for categories. ``ends``: the least and the largest number, by
    which years are told from amounts; not a number where there is none. ``shares``: share of each level, or
    of missing (1) and present (0) values where the column is a number.
    """

    marked: MarkedColumn
    quartiles: str
    ends: tuple[float, float]
    shares: NDArray[np.float64]

    @classmethod
    def of(cls, marked: MarkedColumn, group: int, among: Ids | slice) -> ColumnInWords:
        """group: of which class, -1: of all rows. among: its rows."""
        counts = np.bincount(marked.codes[among], minlength=marked.levels)
        least, low, high, most = marked.quartiles[group].tolist()
        words = "" if np.isnan(low) else _quartiles(marked, low, high, ends_among(least, low, high, most))
        return cls(marked, words, ends_among(least, low, high, most), counts / max(1, counts.sum()))

    def brief(self, row: int) -> str:
        """Name and value: ``port Q``."""
        column, value = self.marked.column, self.marked.values[row].as_py()
        if value is None:
            return f"{column.name} missing"
        if column.kind == "text":
            return f"{column.name} of {len(str(value)):,} characters"
        text = self._number(value) if column.kind == "numeric" else str(value)
        return f"{column.name} {text if len(text) <= _SHOWN else text[: _SHOWN - 1] + '…'}"

    def _number(self, value: float) -> str:
        """As the row shows it, unless that is long."""
        whole = in_full(value, *self.ends)
        return whole if len(whole) <= _DIGITS else number_among(value, *self.ends)

    def full(self, row: int, where: str = "") -> str:
        """Name, value and what is usual: ``fare 512.3 (quartiles 7.9 to 31)``, ``port Q (8.6% of rows)``.
        Where a number is odd that is no end of its column, that few rows lie near it, or that few have one.
        where: of which rows that is said, such as `` of its class``.
        """
        share = float(self.shares[self.marked.codes[row]])
        if not self.quartiles or not self.marked.values[row].is_valid:
            return f"{self.brief(row)} ({percent(share)} of rows{where})"
        alone = f", {'hardly any row near it' if share > TAIL else f'given in {percent(share)} of rows'}"
        odd = self.marked.mark[row] == ALONE
        return f"{self.brief(row)} ({self.quartiles}{where}{alone if odd else ''})"


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


def _quartiles(marked: MarkedColumn, low: float, high: float, ends: tuple[float, float]) -> str:
    """``quartiles 7.9 to 31``, one value where they are equal."""
    if marked.column.kind == "datetime":
        first = first_time(marked.values)
        one, other = (
            str(np.datetime64(first + int(end), "us").astype("datetime64[s]")).replace("T00:00:00", "")
            for end in (low, high)
        )
    else:
        one, other = (number_among(end, *ends) for end in (low, high))
    return f"quartiles {one}" if one == other else f"quartiles {one} to {other}"
