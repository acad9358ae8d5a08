"""The rows of a delimited text that are none of the table: kept in a file of their own, counted and told."""

from __future__ import annotations

import csv
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO

from core.errors import LoadError
from core.finding import Finding
from core.limits import ASIDE_ROWS
from core.loading.decoding import visible
from core.loading.layout import TablePlace
from core.loading.put_back import SHOWN
from core.loading.readers import another_table, no_rows, rows_aside, rows_put_back
from core.phrases import count, quoted
from core.rowset import RowSet

TITLE = 80  # characters of the title of another table


@dataclass
class OtherTable:
    """Another table in the file, kept aside: where it stands, the cells of its title, its names, and how many
    rows it has.
    """

    place: TablePlace
    title: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    rows: int = 0

    @property
    def line(self) -> int:
        """The 0-based line of its names; without any, where it begins."""
        return self.place.start if self.place.names is None else self.place.names

    def finding(self, rows: int) -> Finding:
        """What a person should know about it. ``rows``: of the table that was loaded."""
        what = "table" if self.names else "block of rows"
        called = f", {quoted(visible(', '.join(self.title))[:TITLE])}" if self.title else ""
        shown = ", ".join(quoted(visible(name)) for name in self.names[:4]) + (
            ", …" if len(self.names) > 4 else ""
        )
        under = f" under {shown}" if shown else ""
        title = (
            f"Line {self.line + 1} begins another {what}{called}: {count(self.rows, 'row')}{under}. "
            "It is kept aside."
        )
        suggestion = f"To load it instead, set the header to line {self.line + 1}; or split the file in two."
        return another_table(title, suggestion, self.rows, rows)


@dataclass
class Aside:
    """The rows kept aside, in a file of their own, and what was mended in those that were not. The file also
    holds what is no row: titles and names of other tables, and the header where it stands again.

    path: the file.
    count: rows that could not be read; first: where and why, of the first of them.
    lines: 1-based physical lines that are no part of the table, though they stand within it.
    short, short_count: rows with too few fields.
    repeats: 1-based lines with the header again.
    mended: rows with quotes within a field.
    tables: other tables.
    back: rows that are put back: the line of each, and the row.
    joined: what the last column of such rows got where surplus fields were joined to it.
    widest: most fields of any row.
    """

    path: Path
    count: int = 0
    first: str = ""
    lines: list[int] = field(default_factory=list)
    short: list[int] = field(default_factory=list)
    short_count: int = 0
    repeats: list[int] = field(default_factory=list)
    mended: list[int] = field(default_factory=list)
    tables: list[OtherTable] = field(default_factory=list)
    widest: int = 0
    back: list[tuple[int, int]] = field(default_factory=list)
    joined: list[str] = field(default_factory=list)
    _writer: Any = None
    _file: TextIO | None = None

    @property
    def rows(self) -> int:
        """The number of rows kept aside: those that could not be read, and those of other tables."""
        return self.count + sum(table.rows for table in self.tables)

    def aside(self, line: int, reason: str, taken: list[str]) -> None:
        """Keep these physical lines aside, as they cannot be read; ``line`` is the 1-based number of the
        first.
        """
        self.first = self.first or f"line {line}, {reason}"
        self.count += 1
        self.lines += range(line, line + len(taken))
        if self.count > ASIDE_ROWS.value:
            raise LoadError(
                f"More than {ASIDE_ROWS.value:,} rows cannot be read (the first: {self.first}). "
                f"Check the delimiter and the quotes, or raise {ASIDE_ROWS.env}."
            )
        self._write(line, reason, "".join(taken))

    def repeated(self, line: int, taken: list[str]) -> None:
        """Keep the header aside that stands here again."""
        self.repeats.append(line)
        self.lines += range(line, line + len(taken))
        self._write(line, "the header again", "".join(taken))

    def table(self, place: TablePlace) -> None:
        """Another table begins; `other` takes its lines."""
        self.tables.append(OtherTable(place))

    def other(self, line: int, taken: list[str], cells: list[str]) -> None:
        """Keep a record of the other table that was begun last aside: of its title, its names, or a row."""
        table = self.tables[-1]
        if line - 1 >= table.place.rows:
            table.rows += 1
            reason = "another table"
        elif line - 1 >= table.line:
            table.names = table.names or [cell for cell in cells if cell.strip()]
            reason = "the names of another table"
        else:
            table.title += [cell.strip() for cell in cells if cell.strip()]
            reason = "the title of another table"
        self._write(line, reason, "".join(taken))

    def _write(self, line: int, reason: str, text: str) -> None:
        if self._file is None:
            self._file = self.path.open("w", encoding="utf-8", newline="")
            self._writer = csv.writer(self._file)
            self._writer.writerow(["line", "reason", "text"])
        shown = text if len(text) <= SHOWN else f"{text[:SHOWN]} … ({len(text):,} characters)"
        shown = shown.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
        self._writer.writerow([line, reason, shown.rstrip("\r\n").replace("\0", "\\x00")])

    def padded(self, row: int) -> None:
        """Note that the row with this id had too few fields."""
        self.short_count += 1
        self.short.append(row)

    def close(self) -> None:
        """End the file."""
        if self._file is not None:
            self._file.close()

    def findings(self, rows: int, last: str) -> list[Finding]:
        """What a person should know about it. ``rows``: of the table. last: its last column."""
        parts = [None if rows else no_rows()]
        parts += [part(rows) for part in (self._unreadable, self._short, self._repeated, self._stray)]
        parts.append(rows_put_back(self.back, rows, self.joined, last))
        return [*(table.finding(rows) for table in self.tables), *(part for part in parts if part)]

    def _unreadable(self, rows: int) -> Finding | None:
        if not self.count:
            return None
        rows_are = "rows could not be read and are" if self.count > 1 else "row could not be read and is"
        title = f"{self.count:,} {rows_are} kept aside (first: {self.first})."
        why = "A row with too many fields or an open quote cannot be told apart into columns."
        return rows_aside(self.count, rows, title, why)

    def _short(self, rows: int) -> Finding | None:
        if not self.short_count:
            return None
        share = self.short_count / rows
        have = "rows have" if self.short_count > 1 else "row has"
        title = f"{self.short_count:,} {have} too few fields; the rest is taken as missing."
        why = "Short rows often mean that a line was cut, or that fields have shifted."
        suggestion = "Look at these rows and drop those that are broken."
        ids = RowSet(self.short)
        return Finding(
            "short_rows",
            title,
            "warning",
            min(1.0, share),
            why,
            suggestion,
            ids,
            value=share,
            action="drop",
        )

    def _repeated(self, rows: int) -> Finding | None:
        if not self.repeats:
            return None
        lines = "lines" if len(self.repeats) > 1 else "line"
        title = f"The header stands again in {len(self.repeats):,} {lines} (first: line {self.repeats[0]})."
        why = "Files put together from several keep the header of each; it is no row, and was kept aside."
        suggestion = "If the parts are different tables, split the file."
        share = len(self.repeats) / (rows + len(self.repeats))
        return Finding(
            "repeated_header", title, "warning", share, why, suggestion, value=share, left_out=True
        )

    def _stray(self, rows: int) -> Finding | None:
        if not self.mended:
            return None
        hold = "rows hold" if len(self.mended) > 1 else "row holds"
        many = f"{len(self.mended):,} {hold}"
        title = f"{many} quotes that do not enclose a whole field; they are kept as text."
        why = "Most readers drop such quotes, or take the rest of the line into the field."
        share, ids = len(self.mended) / rows, RowSet(self.mended)
        return Finding(
            "stray_quotes", title, "info", min(1.0, share), why, "Look at these rows.", ids, value=share
        )
