"""The rows of a delimited text one by one, as Python's csv module reads them; what is none goes aside."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple, TextIO

from core.limits import FIELD_KB
from core.loading.decoding import Survey
from core.loading.dialect import Dialect, fields, reader_settings
from core.loading.expected import MAX_TITLES, Expected, Further
from core.loading.headers import is_names
from core.loading.layout import TablePlace
from core.loading.put_back import PutBack, joined, rows_of
from core.loading.quotes import mended, misquoted
from core.loading.readers.aside import Aside
from core.loading.readers.lines import LINE, Lines

_ROWS_SEEN = 30  # rows of another table by which a further one is told from it


class Wider(Exception):  # noqa: N818 - no error: the sample was not like the rest
    """A field that was taken to be empty in every row is filled in one."""


class _Pending(NamedTuple):
    """A record that is a row, unless another table begins below it: then it is its title.

    line: its 1-based physical line. taken: its lines. anew: its quotes were mended. apart: a blank line
    stands above it, or above the held one that it follows.
    """

    record: list[str]
    line: int
    taken: list[str]
    anew: bool
    apart: bool


class Rows:
    """The rows of a stream, one by one; what is not one goes aside.

    further: the whole file, to look ahead in. back: what is not to go aside. late: rows that are put back
    from other tables. end: the 0-based line before which the table ended; None at the end of the file.
    left: the 0-based line at which reading was broken off, as asked; None where it was not.
    """

    def __init__(
        self,
        stream: TextIO,
        dialect: Dialect,
        seen: Survey,
        kept: Aside,
        further: Further,
        back: PutBack,
        start: int = -1,
        there: bool = False,
    ) -> None:
        """start: the 0-based line to begin with, else the first of the data. there: whether the stream stands
        at it already.
        """
        self._dialect, self._seen, self._kept, self._further = dialect, seen, kept, further
        self._width, self._surplus = dialect.width, dialect.layout.surplus
        self._settings = reader_settings(dialect.options)
        self._back, self.late = back, list[tuple[int, list[str]]]()
        start = (dialect.options.first_data_line or 0) if start < 0 else start
        self._lines = Lines(stream, 0, start + 1) if there else Lines(stream, start)
        self._blanks = " \r\n" if dialect.options.delimiter == "\t" else " \t\r\n"
        self.end = dialect.options.end_line
        self.left: int | None = None
        self._anew = False  # whether the quotes of this record were mended
        self._held: list[_Pending] = []
        self._reader = csv.reader(self._lines, **{**self._settings, "strict": True})

    def records(self, done: Callable[[], int], until: int | None = None) -> Iterator[list[str | None]]:
        """The rows of the usual width. ``done``: how many were taken already. until: the 0-based line from
        which on reading is broken off before a record that does not hang together with the one above.
        """
        lines, kept, expected = self._lines, self._kept, self._dialect.expected
        for record, problem, apart in self._all(self.end):
            problem = problem or self._problem(record)
            if not problem and self._begins_another(record, apart, expected):
                self.end = self._other_tables(record)
                yield from self.restored(done)
                return
            if not problem and len(record) > self._width:
                problem = self._too_many(record)
            again = not problem and expected.again(record)
            title = not problem and not again and expected.title(record, apart or self._held_apart())
            for held in self._released(title) if self._held else ():
                yield self._fitted(held.record, held.anew, done())
            if (problem or again) and (rows := self._put_back(lines.number)) is not None:
                for line, row in rows:
                    yield self._restored(line, row, done())
            elif problem:
                kept.aside(lines.number, problem, lines.taken)
            elif again:
                kept.repeated(lines.number, lines.taken)
            elif title:
                self._hold(record, apart)
            else:
                yield self._fitted(record, self._anew, done())
            if until is not None and not self._held and lines.number + len(lines.taken) > until:
                self.left = lines.number + len(lines.taken) - 1
                return
        for held in self._released(False):
            yield self._fitted(held.record, held.anew, done())
        if self.end is not None:
            self.others(self._dialect.layout.others, None)
        yield from self.restored(done)

    def restored(self, done: Callable[[], int]) -> Iterator[list[str | None]]:
        """The rows that are put back from other tables, after all others."""
        for line, row in self.late:
            yield self._restored(line, row, done())

    def _restored(self, line: int, cells: list[str], row: int) -> list[str | None]:
        self._kept.back.append((line, row))
        return self._fitted(cells, False, row)

    def _put_back(self, line: int) -> list[tuple[int, list[str]]] | None:
        """The rows to read in the place of a line that would be kept aside, each with the line; None where it
        stays there.
        """
        text = self._back.take(line) if self._back else None
        if text is None:
            return None
        self._kept.joined += joined(text, self._width, self._settings)
        return [(line, row) for row in rows_of(text, self._width, self._settings)]

    def _other(self, line: int, taken: list[str], cells: list[str]) -> None:
        """Keep a record of another table aside, unless it is put back."""
        rows = self._put_back(line)
        if rows is None:
            self._kept.other(line, taken, cells)
        else:
            self.late += rows

    def others(self, places: Sequence[TablePlace], end: int | None) -> None:
        """Keep all records up to a 0-based line aside (None: to the end of the file): other tables.

        places: where they begin; records above all of these are a table without names.
        """
        lines, kept = self._lines, self._kept
        at: TablePlace | None = None
        for record, _, _ in self._all(end):
            line = lines.number - 1
            begun = [place for place in places if place.start <= line]
            if at is None or (begun and begun[-1] != at):
                at = begun[-1] if begun else TablePlace(line, None, line)
                kept.table(at)
            self._other(lines.number, lines.taken, self._cells(record))

    def _other_tables(self, names: list[str]) -> int:
        """Keep the rest of the file aside: another table that begins with this record, and all below it.
        Gives the 0-based line where that begins, with its title.
        """
        lines = self._lines
        start, rows = self._begin(names), [names]
        expected = Expected.of(rows)
        for record, _, apart in self._all(None):
            cells = self._cells(record)
            if self._begins_another(cells, apart, expected):
                self._begin(cells)
                rows = [cells]
                continue
            title = expected.title(cells, apart or self._held_apart())
            for held in self._released(title):
                self._other(held.line, held.taken, held.record)
            if title:
                self._hold(cells, apart)
            else:
                self._other(lines.number, lines.taken, cells)
            if len(rows) < _ROWS_SEEN:
                rows.append(cells)
                expected = Expected.of(rows)
        for held in self._released(False):
            self._other(held.line, held.taken, held.record)
        return start

    def _begin(self, names: list[str]) -> int:
        """Begin another table, whose title is the held records. Gives the 0-based line where it begins."""
        lines, kept = self._lines, self._kept
        line = lines.number - 1
        start = self._held[0].line - 1 if self._held else line
        kept.table(TablePlace(start, line, line + len(lines.taken)))
        for held in self._held:
            self._other(held.line, held.taken, held.record)
        self._held.clear()
        self._other(lines.number, lines.taken, names)
        return start

    def _cells(self, record: list[str]) -> list[str]:
        """The cells of a record of another table; of one that cannot be read, those of its first line."""
        return record or fields(self._lines.taken[0], self._settings)

    def _all(self, end: int | None) -> Iterator[tuple[list[str], str, bool]]:
        """The filled records before a 0-based line, each with what is wrong with it, or "", and whether a
        blank line stands above. The lines that it took can be asked for until the next one.
        """
        lines = self._lines
        apart = False
        while True:
            lines.start()
            self._anew = False
            if end is not None and lines.number > end:
                return
            try:
                record, problem = next(self._reader), ""
            except StopIteration:
                return
            except csv.Error as error:
                record, problem = self._misread(str(error))
            if not problem and len(lines.taken) == 1 and not lines.taken[0].strip(self._blanks):
                apart = True
                continue
            yield record, problem, apart
            apart = False

    def _misread(self, error: str) -> tuple[list[str], str]:
        """The record of a line that is no sound CSV, and what is wrong with it ("" where it can be taken)."""
        lines = self._lines
        several, ended = len(lines.taken) > 1, "unexpected end" in error
        lines.keep_first()
        if lines.cut:
            return [], f"a line is longer than {LINE:,} characters"
        if "field limit" in error or "field larger" in error:
            return [], f"a field is longer than {FIELD_KB.value:,} KB"
        if ended:
            return [], "a quote is opened and never closed"
        line = lines.taken[0]
        if several and not misquoted(line, self._settings):
            return [], "a quote is opened and not closed on its line"
        if (record := mended(line, self._width + self._surplus, self._settings)) is not None:
            self._anew = True
            return record, ""
        try:
            return next(csv.reader([line], **self._settings), []), ""
        except csv.Error as other:
            return [], str(other)

    def _problem(self, record: list[str]) -> str:
        """Why the record cannot be read, or ""; gives lines back that do not belong to it."""
        lines, width = self._lines, self._width
        if lines.cut:
            lines.keep_first()
            return f"a line is longer than {LINE:,} characters"
        if len(lines.taken) > 1 and len(record) != width and _alone(lines.taken[1], width, self._settings):
            lines.keep_first()
            return "a quote is opened and not closed on its line"
        if not self._seen.valid and re.search("[\udc80-\udcff\ufffd]", "".join(lines.taken)):
            return f"bytes that are not {self._seen.encoding}"
        if self._seen.nul and any("\0" in line for line in lines.taken):
            return "NUL bytes"
        if len(record) > width and any(record[width : width + self._surplus]):
            raise Wider
        return ""

    def _too_many(self, record: list[str]) -> str:
        """What is wrong with a record of more fields than there are columns, or ""."""
        return f"{len(record)} fields where {self._width} are expected" if any(record[self._width :]) else ""

    def _begins_another(self, record: list[str], apart: bool, expected: Expected) -> bool:
        """Whether another table than the expected one begins with this record. The sample has been asked
        already.
        """
        lines = self._lines
        if self._dialect.options.end_line is not None or lines.number <= self._dialect.sampled:
            return False
        if not is_names(record):
            return False
        apart, titled = apart or self._held_apart(), bool(self._held)
        another = expected.another(record, self._following, lines.number, apart, titled)
        if another in ("no", "yes"):
            return another == "yes"
        below = lines.number + len(lines.taken) - 1
        return not self._further.comes_back(expected, below, another == "unless rows come back")

    def _following(self, many: int) -> list[list[str]]:
        """The fields of the next filled lines, at most so many."""
        return [fields(line, self._settings) for line in self._lines.ahead(many)]

    def _held_apart(self) -> bool:
        """Whether a blank line stands above the held records."""
        return bool(self._held) and self._held[0].apart

    def _hold(self, record: list[str], apart: bool) -> None:
        """Hold a record back, as it may be a title."""
        above = apart or self._held_apart()
        self._held.append(_Pending(record, self._lines.number, self._lines.taken, self._anew, above))

    def _released(self, title: bool) -> list[_Pending]:
        """The held records that are rows after all: all of them, but for the last ones if another title may
        follow them.
        """
        rows = max(0, len(self._held) - (MAX_TITLES - 1)) if title else len(self._held)
        released, self._held = self._held[:rows], self._held[rows:]
        return released

    def _fitted(self, record: list[str], anew: bool, row: int) -> list[str | None]:
        """The record with as many fields as there are columns."""
        width = self._width
        cells: list[str | None] = [*record[:width]]
        if anew:
            self._kept.mended.append(row)
        if len(record) < width:
            self._kept.padded(row)
            cells += [None] * (width - len(record))
        elif len(record) > width + self._surplus:
            self._kept.widest = max(self._kept.widest, len(record))
        return cells


def _alone(line: str, width: int, settings: dict[str, Any]) -> bool:
    """Whether a line is a whole row by itself."""
    return len(fields(line, settings)) == width
