"""The rows of a delimited text one by one, as Python's csv module reads them; what is none goes aside."""

from __future__ import annotations

import csv
import re
from collections import deque
from collections.abc import Callable, Iterator
from typing import Any, TextIO

from core.limits import FIELD_KB
from core.loading.dialect import Dialect, fields, reader_settings
from core.loading.headers import is_names
from core.loading.quotes import mended, misquoted
from core.loading.readers.aside import Aside
from core.loading.sniff import Survey

AHEAD = 4_000_000  # characters looked ahead
LINE = 64_000_000  # characters; a longer line is not kept in memory


class Wider(Exception):  # noqa: N818 - no error: the sample was not like the rest
    """A field that was taken to be empty in every row is filled in one."""


class _Lines:
    """The physical lines of a stream, with a way back: what one record took can be given back."""

    def __init__(self, stream: TextIO, skip: int) -> None:
        self._stream = stream
        self._back: deque[str] = deque()
        self.number = 1
        self.taken: list[str] = []
        self.ended = self.cut = False
        for _ in range(skip):
            self.taken = [next(self, "")]
            self.start()

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._back.popleft() if self._back else self._stream.readline(LINE)
        if not line:
            self.ended = True
            raise StopIteration
        if len(line) >= LINE and line[-1] not in "\r\n":
            self.cut = True
            while (rest := self._stream.readline(LINE)) and rest[-1] not in "\r\n":
                continue
        self.taken.append(line)
        return line

    def start(self) -> None:
        """A new record begins."""
        self.number += len(self.taken)
        self.taken = []
        self.ended = self.cut = False

    def ahead(self, many: int) -> list[str]:
        """The next filled lines, which are still to come: as many as wanted, of long ones only two."""
        wanted: list[str] = []
        length = 0
        for line in self._back:
            if len(wanted) == many:
                break
            if line.strip():
                wanted.append(line)
                length += len(line)
        while len(wanted) < (many if length < AHEAD else 2) and (line := self._stream.readline(LINE)):
            self._back.append(line)
            if line.strip():
                wanted.append(line)
                length += len(line)
        return wanted

    def keep_first(self) -> None:
        """Give back all lines of this record but the first."""
        self._back.extendleft(reversed(self.taken[1:]))
        del self.taken[1:]


class Rows:
    """The rows of a stream, one by one; what is not one goes aside.

    end: the 0-based line before which the table ended; None at the end of the file.
    """

    def __init__(self, stream: TextIO, dialect: Dialect, seen: Survey, kept: Aside) -> None:
        self._dialect, self._seen, self._kept = dialect, seen, kept
        self._width, self._surplus = dialect.width, dialect.layout.surplus
        self._settings = reader_settings(dialect.options)
        self._lines = _Lines(stream, dialect.options.first_data_line or 0)
        self._blanks = " \r\n" if dialect.options.delimiter == "\t" else " \t\r\n"
        self.end = dialect.options.end_line
        self._anew = False  # whether the quotes of this record were mended

    def records(self, done: Callable[[], int]) -> Iterator[list[str | None]]:
        """The rows of the usual width. ``done``: how many were taken already."""
        lines, kept = self._lines, self._kept
        reader = csv.reader(lines, **{**self._settings, "strict": True})
        after_blank = False
        while True:
            lines.start()
            self._anew = False
            if self.end is not None and lines.number > self.end:
                self._rest()
                return
            try:
                record, problem = next(reader), ""
            except StopIteration:
                return
            except csv.Error as error:
                record, problem = self._misread(str(error))
            if not problem and len(lines.taken) == 1 and not lines.taken[0].strip(self._blanks):
                after_blank = True
                continue
            problem = problem or self._problem(record, after_blank)
            if problem:
                kept.aside(lines.number, problem, lines.taken)
            elif self._dialect.expected.again(record):
                kept.repeated(lines.number, lines.taken)
            elif self._another(record, after_blank):
                self.end = lines.number - 1
                kept.other(lines.number, "".join(lines.taken), [cell for cell in record if cell.strip()])
                self._rest()
                return
            else:
                if self._anew:
                    kept.mended.append(done())
                yield self._fitted(record, done())
            after_blank = False

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

    def _problem(self, record: list[str], after_blank: bool) -> str:
        """Why the record cannot be taken, or ""; gives lines back that do not belong to it."""
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
        if len(record) > width and any(record[width:]):
            if any(record[width : width + self._surplus]):
                raise Wider
            if not self._another(record, after_blank):
                return f"{len(record)} fields where {width} are expected"
        return ""

    def _another(self, record: list[str], after_blank: bool) -> bool:
        """Whether another table begins with this record. The sample has been asked already."""
        if self._dialect.options.end_line is not None or self._lines.number <= self._dialect.sampled:
            return False
        if not is_names(record):
            return False
        expected = self._dialect.expected
        return expected.another(record, self._following, after_blank, self._lines.number) != "no"

    def _following(self, many: int) -> list[list[str]]:
        """The fields of the next filled lines, at most so many."""
        return [fields(line, self._settings) for line in self._lines.ahead(many)]

    def _fitted(self, record: list[str], row: int) -> list[str | None]:
        """The record with as many fields as there are columns."""
        width = self._width
        cells: list[str | None] = [*record[:width]]
        if len(record) < width:
            self._kept.padded(row)
            cells += [None] * (width - len(record))
        elif len(record) > width + self._surplus:
            self._kept.widest = max(self._kept.widest, len(record))
        return cells

    def _rest(self) -> None:
        """Keep what is left of the file aside: one or more other tables."""
        lines, kept = self._lines, self._kept
        begun = bool(kept.tables) and kept.tables[-1].line == lines.number
        while True:
            lines.start()
            line = next(lines, "")
            if not line:
                return
            if not line.strip():
                continue
            names = None
            if not begun or lines.number - 1 in self._dialect.layout.others:
                names = [cell for cell in fields(line, self._settings) if cell.strip()]
            kept.other(lines.number, line, names)
            begun = True


def _alone(line: str, width: int, settings: dict[str, Any]) -> bool:
    """Whether a line is a whole row by itself."""
    return len(fields(line, settings)) == width
