"""What the rows of a table are like, and how another table, its title and the header again are told from
them. What follows further down decides: a table whose rows go on is not over.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple

from core.loading.headers import CellKind, column_kinds, has_values, is_names, kind_of, shape_of, usual_names
from core.loading.record import trimmed, usual_width

MAX_TITLES = 3  # lines above the names of another table
_NAME = re.compile(r"\s*[^\s,;|\"'][^,;|\"\t\r\n]{0,79}")
_ROWS_BEFORE = 5  # rows of a table before another of the same width is seen without a blank line between
_COLUMNS_NAMED = 3  # columns of numbers or dates that all hold words: no row that lacks values

Following = Callable[[int], list[list[str]]]  # gives the next filled records, at most so many
Another = Literal["no", "yes", "unless numbers come back", "unless rows come back"]


class Below(NamedTuple):
    """A filled record further down, and whether a blank line stands above it."""

    apart: bool
    record: list[str]


@dataclass(frozen=True)
class Expected:
    """What the rows of the table are like, so far as another table or the header again can be told from them.

    width: columns. fields: of a row as it is mostly written, surplus ones included. header: as in the file,
    without the empty names at its end (None without one). kinds: of the cells of each column.
    """

    width: int
    fields: int
    header: tuple[str, ...] | None
    kinds: tuple[CellKind, ...]

    @classmethod
    def of(cls, rows: list[list[str]]) -> Expected:
        """What these rows are like; the first may be their header."""
        width = usual_width(rows)
        kinds = column_kinds([row for row in rows[1:] if len(row) == width], width)
        return cls(width, width, trimmed(rows[0]) if is_names(rows[0]) else None, tuple(kinds))

    @property
    def typed(self) -> list[int]:
        """The columns of numbers or dates."""
        return [place for place, kind in enumerate(self.kinds) if kind in ("number", "date")]

    def again(self, record: list[str]) -> bool:
        """Whether a record is the header once more."""
        return self.header is not None and len(self.header) > 1 and trimmed(record) == self.header

    def title(self, record: list[str], apart: bool) -> bool:
        """Whether a record may be a line of the title above another table: one cell, a comment, or below a
        blank line (``apart``) fewer cells than a row has; and no value where this table has numbers or dates.
        """
        if (self.width == 1 and not apart) or not any(cell.strip() for cell in record):
            return False
        few = _one_cell(record) or (apart and len(trimmed(record)) < self.width)
        if not few and not record[0].startswith("#"):
            return False
        return not any(
            kind_of(record[place]) == self.kinds[place] for place in self.typed if place < len(record)
        )

    def another(
        self, record: list[str], following: Following, before: int, apart: bool, titled: bool = False
    ) -> Another:
        """Whether a record is the header of another table: names where this one has numbers or dates, or of
        another width; and what follows are rows under it. "unless ...": only if no rows of this table come
        further down, which `comes_back` tells.

        before: how many rows the table has already. apart: a blank line stands above. titled: what may be a
        title stands above.
        """
        if not self._names_another(record, apart or titled, before):
            return "no"
        rows = following(2)
        if not rows or (record[0].startswith("#") and is_names(rows[0])):
            return "no"  # a comment above the names
        several = self._above_rows(record, rows, apart, titled) if len(rows) > 1 else "no"
        if several != "no" or not _under(record, rows[:1]):
            return several
        if len(rows) > 1 and not (is_names(rows[1]) or _one_cell(rows[1])):
            return "no"
        over = len(rows) == 1 or len(rows[1]) != self.width
        return self._above_row(record, rows[0], apart or titled, over, before)

    def _above_rows(self, record: list[str], rows: list[list[str]], apart: bool, titled: bool) -> Another:
        """Whether names are the header of another table, with at least two rows below them."""
        if rows[0] == rows[1] or not _under(record, rows):
            return "no"
        if all(map(has_values, rows)):
            if len(record) == self.width and all(map(self.fits, rows)):
                return "yes" if apart or len(self.typed) >= _COLUMNS_NAMED else "no"
            return "unless numbers come back"
        return "unless rows come back" if (apart or titled) and self._in_words(record, rows) else "no"

    def _above_row(self, record: list[str], row: list[str], apart: bool, over: bool, before: int) -> Another:
        """Whether names are the header of another table of one row, where the file ends below it or further
        names or a title follow. ``over``: these are of another width than this table.
        """
        if not has_values(row):
            named = len(row) > self.width or usual_names(record) > 0.5
            words = apart and named and self._in_words(record, [row])
            return "unless rows come back" if words else "no"
        if self.fits(row):
            return "yes" if apart and over else "no"
        if not apart and (before < _ROWS_BEFORE or (len(row) < self.width and self._alike(row))):
            return "no"  # a row of words and one that is cut short
        return "unless numbers come back"

    def comes_back(self, below: Iterable[Below], words: bool) -> bool:
        """Whether rows of this table stand below without a header of their own. ``words``: all that was seen
        below the names so far is text, so that further names are no sign of a header.
        """
        named = False  # whether the record above this one may be the header of a further table
        for apart, record in below:
            if self.again(record):
                return False
            fits = self.fits(record)
            names = len(record) > 1 and is_names(record)
            if names and not words and (apart or not fits):
                return False
            if fits:
                return not named
            named = names and apart
        return False

    def fits(self, record: list[str]) -> bool:
        """Whether a record has the fields of a row, and in each column nothing or a cell of its kind."""
        if len(record) != self.fields or len(trimmed(record)) > self.width:
            return False
        return self._alike(record)

    def _alike(self, record: list[str]) -> bool:
        """Whether each column has nothing or a cell of its kind, and one at least has a number or a date, if
        any column has.
        """
        kinds = [(kind_of(cell), kind) for cell, kind in zip(record, self.kinds, strict=False)]
        known = [(mine, kind) for mine, kind in kinds if mine and kind]
        typed = [mine for mine, kind in known if kind in ("number", "date")]
        return bool(typed or not self.typed) and all(mine == kind for mine, kind in known)

    def _names_another(self, record: list[str], apart: bool, before: int) -> bool:
        """Whether a record by itself may be the header of another table."""
        filled = trimmed(record)
        if before < (1 if apart else 2) or len(filled) < 2 or not all(map(_NAME.fullmatch, filled)):
            return False
        if not is_names(record) or self.again(record) or len(filled) == self.width < len(record):
            return False
        return len(record) != self.width or self._unlike(filled, apart, before)

    def _unlike(self, names: tuple[str, ...], apart: bool, before: int) -> bool:
        """Whether names in as many columns are enough to be the header of another table."""
        if apart:
            return len(self.typed) > 0
        wordy = sum(map(len, names)) >= 2 * len(names)
        return len(self.typed) > 1 and before >= _ROWS_BEFORE and wordy

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


def _one_cell(record: list[str]) -> bool:
    """Whether one cell of a record is filled, at most."""
    filled = 0
    for cell in record:
        if cell and not cell.isspace():
            filled += 1
            if filled > 1:
                return False
    return True


def _under(names: list[str], rows: list[list[str]]) -> bool:
    """Whether rows are as wide as the names above them, filled nowhere beyond the last of these, and repeat
    none of them in its column.
    """
    named = len(trimmed(names))
    return all(
        len(trimmed(row)) <= named
        and len(names) <= len(row)
        and not any(a == b for a, b in zip(names, row, strict=False) if a.strip())
        for row in rows
    )


class Further:
    """What stands further down in a delimited text, looked at where what is above leaves a question open.

    Every line is looked at once, as long as the questions are asked from above to below.

    lines_from: gives the physical lines from a 0-based one on. fields: of a line.
    """

    def __init__(
        self, lines_from: Callable[[int], Iterator[str]], fields: Callable[[str], list[str]]
    ) -> None:
        self._lines_from, self._fields = lines_from, fields
        self._line = -1  # the next one
        self._lines: Iterator[str] = iter(())
        self._seen: dict[tuple[Expected, bool], tuple[int, int, bool]] = {}

    def first(self, line: int, many: int) -> list[list[str]]:
        """The first filled records from a line on, at most so many."""
        records: list[list[str]] = []
        for text in self._lines_from(line):
            if len(records) == many:
                break
            if text.strip():
                records.append(self._fields(text))
        return records

    def comes_back(self, expected: Expected, line: int, words: bool) -> bool:
        """Whether rows of a table stand from this line on, as `Expected.comes_back` says."""
        start, end, answer = self._seen.get((expected, words), (0, -1, False))
        if not start <= line < end:
            answer = expected.comes_back(self._below(line), words)
            self._seen[expected, words] = (line, self._line, answer)
        return answer

    def _below(self, line: int) -> Iterator[Below]:
        if line < self._line or self._line < 0:
            self._lines, self._line = self._lines_from(line), line
        apart = False
        for text in self._lines:
            self._line += 1
            if self._line <= line:
                continue
            if text.strip():
                yield Below(apart, self._fields(text))
            apart = not text.strip()
