"""Where in a delimited text the table is, and what its rows are like: the nouns.

`core.loading.tables` finds the tables of a file, `core.loading.one_table` the header and the rows of one.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from core.loading.headers import CellKind, is_names, kind_of, shape_of

_NAME = re.compile(r"\s*[^\s,;|\"'][^,;|\"\t\r\n]{0,79}")
_AHEAD = 100  # records looked at below names that stand above text alone
Following = Callable[[int], list[list[str]]]  # gives the next filled records, at most so many
Another = Literal["no", "yes", "so far"]
_ROWS_BEFORE = 5  # rows of a table before another of the same width is seen without a blank line between


@dataclass(frozen=True)
class Expected:
    """What the rows of the table are like, so far as another table or the header again can be told from them.

    width: fields of a row. header: as in the file, without the empty names at its end (None without one).
    kinds: of the cells of each column.
    """

    width: int
    header: tuple[str, ...] | None
    kinds: tuple[CellKind, ...]

    @property
    def typed(self) -> list[int]:
        """The columns of numbers or dates."""
        return [place for place, kind in enumerate(self.kinds) if kind in ("number", "date")]

    def again(self, record: list[str]) -> bool:
        """Whether a record is the header once more."""
        return self.header is not None and len(self.header) > 1 and trimmed(record) == self.header

    def another(self, record: list[str], following: Following, after_blank: bool, before: int) -> Another:
        """Whether a record is the header of another table: names where this one has numbers or dates, or of
        another width; and what follows are rows under it, with numbers or dates, or below a blank line with
        nothing but text, as long as no row of this table comes after them. "so far": there are too few
        records to see whether one comes.

        after_blank: a blank line stands above. before: how many rows the table has already.
        """
        if not self._names_another(record, after_blank, before):
            return "no"
        rows = following(2)
        if len(rows) < 2 or rows[0] == rows[1] or not _under(record, rows):
            return "no"
        if all(any(kind_of(cell) in ("number", "date") for cell in row) for row in rows):
            return "yes"
        if not after_blank or not self._in_words(record, rows):
            return "no"
        rows = following(_AHEAD)
        if any(self._row_of_this(row, len(record)) for row in rows):
            return "no"
        return "yes" if len(rows) >= _AHEAD else "so far"

    def _names_another(self, record: list[str], after_blank: bool, before: int) -> bool:
        """Whether a record by itself may be the header of another table."""
        filled = trimmed(record)
        if before < 2 or len(filled) < 2 or not all(map(_NAME.fullmatch, filled)):
            return False
        if not is_names(record) or self.again(record) or len(filled) == self.width < len(record):
            return False
        return len(record) != self.width or self._unlike(filled, after_blank, before)

    def _in_words(self, record: list[str], rows: list[list[str]]) -> bool:
        """Whether rows of text alone are not of this table: they are full, and of another width or with text
        where this one has numbers or dates; and no cell of the record looks like one more of those below it,
        as A1 above A2 and A3 does.
        """
        width = len(record)
        kinds = [[kind_of(cell) for cell in row[:width]] for row in rows]
        if any(kind != "text" for row in kinds for kind in row) or any(len(row) != width for row in rows):
            return False
        numbered = [place for place, cell in enumerate(record) if re.search(r"\d", cell)]
        if any(all(shape_of(row[at]) == shape_of(record[at]) for row in rows) for at in numbered):
            return False
        return width != self.width or bool(self.typed)

    def _row_of_this(self, row: list[str], other_width: int) -> bool:
        """Whether a record is as wide as this table and has numbers or dates where it has them; of a table
        without any, whether it is as wide as this one and not as the other.
        """
        if not len(trimmed(row)) <= self.width <= len(row):
            return False
        if not self.typed:
            return len(row) != other_width
        kinds = [(kind_of(row[place]), self.kinds[place]) for place in self.typed]
        return any(kind for kind, _ in kinds) and all(kind in ("", usual) for kind, usual in kinds)

    def _unlike(self, names: tuple[str, ...], after_blank: bool, before: int) -> bool:
        """Whether names in as many columns are enough to be the header of another table."""
        if after_blank:
            return len(self.typed) > 0
        wordy = sum(map(len, names)) >= 2 * len(names)
        return len(self.typed) > 1 and before >= _ROWS_BEFORE and wordy


def _under(names: list[str], rows: list[list[str]]) -> bool:
    """Whether rows are as wide as the names above them and repeat none of them in its column."""
    return all(
        len(trimmed(row)) <= len(names) <= len(row)
        and not any(a == b for a, b in zip(names, row, strict=False) if a.strip())
        for row in rows
    )


@dataclass(frozen=True)
class Layout:
    """Where the table is.

    header: the names in the place of the columns, as in the file; None without one.
    row_labels: the header has no field above the first column, as R writes it.
    header_line, first_data_line: 0-based physical lines; NO_HEADER without a header.
    header_rows: records of the header, whose cells are put together in the names.
    end_line: the physical line before which the table ends; None where it goes on to the end of the file.
    width: columns. surplus: fields after the last column that are empty in every row.
    sure: how sure the header is, 0 to 1.
    rows_above: whether what stands above the table looks like data.
    others: the 0-based lines where other tables begin.
    unsure: the 0-based line where another table may begin, as only records beyond these can tell; or None.
    expected: what the rows are like.
    """

    header: tuple[str, ...] | None
    row_labels: bool
    header_line: int
    first_data_line: int
    header_rows: int
    end_line: int | None
    width: int
    surplus: int
    sure: float
    rows_above: bool
    others: tuple[int, ...]
    unsure: int | None
    expected: Expected


def trimmed(record: list[str]) -> tuple[str, ...]:
    """A record without the empty fields at its end."""
    end = len(record)
    while end and not record[end - 1].strip():
        end -= 1
    return tuple(record[:end])


def usual_width(rows: list[list[str]]) -> int:
    """The number of fields most rows have; of two as frequent the larger."""
    counts = Counter(len(row) for row in rows if row)
    return max(counts.items(), key=lambda item: (item[1] * item[0] ** 0.5, item[0]))[0] if counts else 1
