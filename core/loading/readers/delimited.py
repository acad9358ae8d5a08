"""CSV, TSV and their kin. The careful way (Python's csv module) defines the meaning; the fast way (Arrow)
must agree with it.
"""

from __future__ import annotations

import csv
import io
import re
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TextIO

from core.errors import LoadError
from core.finding import Finding
from core.limits import ASIDE_ROWS, FIELD_KB
from core.loading.cells import TextCells
from core.loading.dialect import Dialect, detect, reader_settings
from core.loading.headers import is_names
from core.loading.options import NO_HEADER, Options
from core.loading.quotes import mended, misquoted
from core.loading.readers import Staged, check_width, renamed, rows_aside, unique_names
from core.loading.readers.fast import pour_fast
from core.loading.readers.staging import Stage
from core.loading.sniff import HEAD, Survey, error_handler, survey, visible
from core.phrases import count, quoted
from core.progress import Progress
from core.rowset import RowSet

LINE = 64_000_000  # characters; a longer line is not kept in memory
SHOWN = 32_768  # characters of a row kept aside
BATCH_CELLS = 1_000_000
BATCH_ROWS = 50_000


def read(
    path: Path,
    name: str,
    options: Options,
    folder: Path,
    progress: Progress,
    look: bool = False,
    careful: bool = False,
) -> Staged:
    """Read a delimited text file; one with a header alone, or with nothing, has no rows. Raises `LoadError`
    when there are rows and none can be read.
    """
    if options.format == "tsv" and options.delimiter is None:
        options = replace(options, delimiter="\t")
    seen = survey(path, options.encoding, progress.check)
    dialect = _dialect(path, replace(options, encoding=seen.encoding))
    try:
        return _read(path, name, dialect, seen, folder, progress, careful)
    except _Wider:
        return _read(path, name, _widened(dialect), seen, folder, progress, careful=True)


class _Wider(Exception):  # noqa: N818 - no error: the sample was not like the rest
    """A field that was taken to be empty in every row is filled in one."""


def _widened(dialect: Dialect) -> Dialect:
    """The dialect with columns of their own for the fields that looked empty in every row."""
    layout = dialect.layout
    width = layout.width + layout.surplus
    header = None if layout.header is None else (*layout.header, *[""] * layout.surplus)
    expected = replace(layout.expected, width=width)
    return replace(dialect, layout=replace(layout, width=width, surplus=0, header=header, expected=expected))


def _read(
    path: Path, name: str, dialect: Dialect, seen: Survey, folder: Path, progress: Progress, careful: bool
) -> Staged:
    check_width(dialect.width, name)
    stage = Stage(folder / "staged.parquet", dialect.width)
    kept = _Kept(folder / "aside.csv")
    if careful or not pour_fast(path, dialect, seen, stage, progress):
        stage.close()
        stage = Stage(folder / "staged.parquet", dialect.width)
        dialect = _careful(path, dialect, seen, stage, kept, progress)
    stage.close()
    kept.close()
    if stage.rows == 0 and kept.count:
        raise LoadError(
            f"None of the {kept.count:,} rows of {name} could be read; the first: {kept.first}. Check "
            "the delimiter and the quotes."
        )
    return _staged(path, dialect, seen, stage, kept)


def _dialect(path: Path, options: Options) -> Dialect:
    """The dialect, judged from the first megabyte; from the header on, where its line is given."""
    encoding = options.encoding or "utf-8"
    skipped = (options.first_data_line if options.header_line == NO_HEADER else options.header_line) or 0
    with _open(path, encoding) as stream:
        for _ in range(skipped):
            stream.readline(LINE)
        text = stream.read(HEAD)
    if len(text) == HEAD:
        text = text[: max(text.rfind("\n"), text.rfind("\r")) + 1] or text
    dialect = _shifted(detect(text, _moved(options, -skipped)), skipped)
    return replace(
        dialect,
        options=replace(dialect.options, format="tsv" if dialect.options.delimiter == "\t" else "csv"),
    )


def _moved(options: Options, by: int) -> Options:
    """The options with their lines counted from another line."""
    lines = {
        name: getattr(options, name) + by
        for name in ("header_line", "first_data_line", "end_line")
        if getattr(options, name) not in (None, NO_HEADER)
    }
    return replace(options, **lines)


def _shifted(dialect: Dialect, by: int) -> Dialect:
    """The dialect with its lines counted from the beginning of the file, ``by`` lines above the sample."""
    layout = dialect.layout
    end = None if layout.end_line is None else layout.end_line + by
    header = layout.header_line if layout.header_line == NO_HEADER else layout.header_line + by
    moved = replace(
        layout,
        header_line=header,
        first_data_line=layout.first_data_line + by,
        end_line=end,
        others=tuple(line + by for line in layout.others),
    )
    return Dialect(_moved(dialect.options, by), moved, dialect.sampled + by, dialect.confidence)


def _staged(path: Path, dialect: Dialect, seen: Survey, stage: Stage, kept: _Kept) -> Staged:
    given = list(dialect.header or ())
    header = given + [""] * (dialect.width - len(given))
    names = unique_names(header)
    options = {
        **dialect.options.to_plain(),
        "doublequote": not dialect.options.escapechar,
        "encoding_errors": "strict" if seen.valid else error_handler(seen.encoding),
        "newline": _newline(path, dialect),
        "names": names,
        "header": given if dialect.header is not None else None,
        "row_labels": dialect.layout.row_labels,
        "surplus": dialect.layout.surplus,
        "width": max(dialect.width + dialect.layout.surplus, kept.widest),
        "aside_lines": kept.lines,
        "short_lines": kept.short_count,
        "mended_rows": RowSet(kept.mended).to_json(),
        "tables": [table.line - 1 for table in kept.tables if table.names],
        "confidence": {**dialect.confidence, "encoding": seen.confidence},
        "doubt": seen.doubt.to_plain() if seen.doubt else None,
    }
    findings = renamed(header, names) if dialect.header is not None else []
    findings += _header_rows(dialect) + _above(path, dialect) + kept.findings(stage.rows)
    return Staged(
        names,
        stage.rows,
        dialect.options.format or "csv",
        TextCells(dialect.options.decimal or "."),
        stage.batches,
        ["text"] * dialect.width,
        options,
        findings,
        kept.all,
    )


def _header_rows(dialect: Dialect) -> list[Finding]:
    """The finding that says that the header takes up several lines."""
    rows = dialect.layout.header_rows
    if rows < 2:
        return []
    title = f"The header takes up {rows} lines; where they differ, a name is put together from all of them."
    why = "A second line of names, units or types is no row: as one, it would make text of every column."
    suggestion = "If the second line is a row, or the names are in it, say in which line the header is."
    return [Finding("header_rows", title, "info", 0.1, why, suggestion, value=float(rows))]


def _above(path: Path, dialect: Dialect) -> list[Finding]:
    """The finding that says which lines before the header, or before the first row, were left out; lines that
    look like data are kept aside by `_keep_above` instead.
    """
    left = [line.strip() for line in _lines_above(path, dialect) if line.strip()]
    if not left or dialect.layout.rows_above:
        return []
    lines = "line before the table was" if len(left) == 1 else "lines before the table were"
    title = f"{len(left):,} {lines} left out, beginning with '{visible(left[0][:60])}'."
    why = "What stands above the header is mostly a title; if it is data, the header was guessed wrong."
    suggestion = "If these are rows, say in which line the header is."
    return [Finding("lines_before", title, "info", 0.1, why, suggestion, value=float(len(left)))]


def _lines_above(path: Path, dialect: Dialect) -> list[str]:
    options = dialect.options
    end = options.header_line if dialect.header is not None else options.first_data_line
    with _open(path, options.encoding or "utf-8") as stream:
        return [stream.readline(LINE) for _ in range(end or 0)]


def _newline(path: Path, dialect: Dialect) -> str:
    with _open(path, dialect.options.encoding or "utf-8") as stream:
        ends = re.findall("\r\n|\r|\n", stream.read(65_536))
    return max(set(ends), key=lambda end: (ends.count(end), end)) if ends else "\n"


def _open(path: Path, encoding: str) -> TextIO:
    return path.open(encoding=encoding, errors=error_handler(encoding), newline="")


@dataclass
class _Table:
    """Another table in the file, kept aside: the 1-based line where it begins, its names, its rows."""

    line: int
    names: list[str]
    rows: int = 0

    def finding(self, rows: int) -> Finding:
        """What a person should know about it. ``rows``: of the table that was loaded."""
        shown = ", ".join(quoted(visible(name)) for name in self.names[:4]) + (
            ", …" if len(self.names) > 4 else ""
        )
        what = "table" if self.names else "block of rows"
        under = f" under {shown}" if shown else ""
        title = f"Line {self.line} begins another {what}: {count(self.rows, 'row')}{under}. It is kept aside."
        why = "One data set holds one table; rows of another one would get its columns."
        suggestion = f"To load it instead, set the header to line {self.line}; or split the file in two."
        share = self.rows / max(1, rows + self.rows)
        return Finding(
            "another_table", title, "warning", min(1.0, share), why, suggestion, value=float(self.rows)
        )


@dataclass
class _Kept:
    """The rows kept aside, in a file of their own, and what was mended in those that were not.

    path: the file.
    count: rows that could not be read; first: where and why, of the first of them.
    lines: 1-based physical lines that are no part of the table, though they stand within it.
    short, short_count: rows with too few fields.
    repeats: 1-based lines with the header again.
    mended: rows with quotes within a field.
    tables: other tables.
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
    tables: list[_Table] = field(default_factory=list)
    widest: int = 0
    _writer: Any = None
    _file: TextIO | None = None

    @property
    def all(self) -> int:
        """The number of rows in the file."""
        return self.count + len(self.repeats) + sum(table.rows + bool(table.names) for table in self.tables)

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

    def other(self, line: int, text: str, names: list[str] | None = None) -> None:
        """Keep a line of another table aside; with its ``names`` it begins one."""
        if names is not None:
            self.tables.append(_Table(line, names))
        if names is None or not names:
            self.tables[-1].rows += 1
        self._write(line, "another table", text)

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

    def findings(self, rows: int) -> list[Finding]:
        """What a person should know about it. ``rows``: of the table."""
        parts = [
            part(rows) for part in (self._none, self._unreadable, self._short, self._repeated, self._stray)
        ]
        return [*(table.finding(rows) for table in self.tables), *(part for part in parts if part)]

    def _none(self, rows: int) -> Finding | None:
        if rows:
            return None
        why = "There is nothing to look at; what a column holds cannot be known."
        return Finding(
            "no_rows", "The table has no rows.", "warning", 1.0, why, "Choose a file with rows of data."
        )

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
        return Finding("repeated_header", title, "warning", share, why, suggestion, value=share)

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
        """The next filled lines, which are still to come."""
        wanted: list[str] = []
        for line in self._back:
            if len(wanted) < many and line.strip():
                wanted.append(line)
        while len(wanted) < many and (line := self._stream.readline(LINE)):
            self._back.append(line)
            if line.strip():
                wanted.append(line)
        return wanted

    def keep_first(self) -> None:
        """Give back all lines of this record but the first."""
        self._back.extendleft(reversed(self.taken[1:]))
        del self.taken[1:]


def _careful(
    path: Path, dialect: Dialect, seen: Survey, stage: Stage, kept: _Kept, progress: Progress
) -> Dialect:
    """Read with Python's csv module. Gives the dialect with the line where the table ends, if another
    follows.
    """
    import pyarrow as pa

    size = max(1, path.stat().st_size)
    per_batch = max(1, min(BATCH_ROWS, BATCH_CELLS // max(1, dialect.width)))
    batch: list[list[str | None]] = []
    weight = 0

    def pour() -> None:
        stage.add([pa.array(column, pa.string()) for column in zip(*batch, strict=True)])
        batch.clear()

    if dialect.layout.rows_above:
        _keep_above(path, dialect, kept)
    with (
        path.open("rb") as binary,
        io.TextIOWrapper(binary, seen.encoding, error_handler(seen.encoding), newline="") as stream,
    ):
        rows = _Rows(stream, dialect, seen, kept)
        for record in rows.records(lambda: stage.rows + len(batch)):
            batch.append(record)
            weight += sum(len(cell) for cell in record if cell is not None)
            if len(batch) >= per_batch or weight > 16_000_000:
                pour()
                weight = 0
                progress.at(min(1.0, binary.tell() / size), "Reading")
        if batch:
            pour()
    options = replace(dialect.options, end_line=rows.end)
    return replace(dialect, options=options, layout=replace(dialect.layout, end_line=rows.end))


def _keep_above(path: Path, dialect: Dialect, kept: _Kept) -> None:
    """Keep the lines above the table aside, as another table, or as rows without names."""
    settings = reader_settings(dialect.options)
    begun = False
    for number, line in enumerate(_lines_above(path, dialect), 1):
        if not line.strip():
            continue
        names = next(csv.reader([line], **settings), [])
        if number - 1 in dialect.layout.others and is_names(names):
            kept.other(number, line, names)
        else:
            kept.other(number, line, None if begun else [])
        begun = True


class _Rows:
    """The rows of a stream, one by one; what is not one goes aside.

    end: the 0-based line before which the table ended; None at the end of the file.
    """

    def __init__(self, stream: TextIO, dialect: Dialect, seen: Survey, kept: _Kept) -> None:
        self._dialect, self._seen, self._kept = dialect, seen, kept
        self._width, self._surplus = dialect.width, dialect.layout.surplus
        self._settings = reader_settings(dialect.options)
        self._lines = _Lines(stream, dialect.options.first_data_line or 0)
        self._blanks = " \r\n" if dialect.options.delimiter == "\t" else " \t\r\n"
        self.end = dialect.options.end_line
        self._anew = False  # whether the quotes of this record were mended

    def records(self, done: Callable[[], int]) -> Iterator[list[str | None]]:
        """The rows of the usual width. ``done``: how many were taken already."""
        csv.field_size_limit(FIELD_KB.value * 1000)
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
            problem = problem or self._problem(record)
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

    def _problem(self, record: list[str]) -> str:
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
                raise _Wider
            if not self._another(record, False):
                return f"{len(record)} fields where {width} are expected"
        return ""

    def _another(self, record: list[str], after_blank: bool) -> bool:
        """Whether another table begins with this record. The sample has been asked already."""
        if self._dialect.options.end_line is not None or self._lines.number <= self._dialect.sampled:
            return False
        if not is_names(record):
            return False
        following = [
            next(csv.reader([line], **self._settings), [])
            for line in self._lines.ahead(2)
            if len(line) < FIELD_KB.value * 1000
        ]
        return self._dialect.expected.another(record, following, after_blank, self._lines.number)

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
                names = [cell for cell in next(csv.reader([line], **self._settings), []) if cell.strip()]
            kept.other(lines.number, line, names)
            begun = True


def _alone(line: str, width: int, settings: dict[str, Any]) -> bool:
    """Whether a line is a whole row by itself."""
    return len(next(csv.reader([line], **settings), [])) == width
