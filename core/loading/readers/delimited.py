"""CSV, TSV and their kin. The careful way (Python's csv module) defines the meaning; the fast way (Arrow)
must agree with it.
"""

from __future__ import annotations

import csv
import io
import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from core.errors import LoadError
from core.finding import Finding
from core.limits import ASIDE_ROWS, FIELD_KB
from core.loading.cells import TextCells
from core.loading.dialect import Dialect, detect, reader_settings
from core.loading.options import Options
from core.loading.readers import Staged, check_width, renamed, unique_names
from core.loading.readers.fast import pour_fast
from core.loading.readers.staging import Stage
from core.loading.sniff import HEAD, Survey, error_handler, survey, visible
from core.progress import Progress
from core.rowset import RowSet

if TYPE_CHECKING:
    pass

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
    """Read a delimited text file. Raises `LoadError` when it has no rows."""
    if options.format == "tsv" and options.delimiter is None:
        options = replace(options, delimiter="\t")
    seen = survey(path, options.encoding, progress.check)
    dialect = _dialect(path, replace(options, encoding=seen.encoding))
    check_width(dialect.width, name)
    stage = Stage(folder / "staged.parquet", dialect.width)
    kept = _Kept(folder / "aside.csv")
    if careful or not pour_fast(path, dialect, seen, stage, progress):
        stage.close()
        stage = Stage(folder / "staged.parquet", dialect.width)
        _careful(path, dialect, seen, stage, kept, progress)
    stage.close()
    kept.close()
    if stage.rows == 0:
        raise _no_rows(name, dialect, kept)
    return _staged(path, dialect, seen, stage, kept)


def _dialect(path: Path, options: Options) -> Dialect:
    encoding = options.encoding or "utf-8"
    with path.open("rb") as file:
        text = io.TextIOWrapper(file, encoding, errors=error_handler(encoding), newline="").read(HEAD)
    if len(text) == HEAD:
        text = text[: max(text.rfind("\n"), text.rfind("\r")) + 1] or text
    dialect = detect(text, options)
    return replace(
        dialect,
        options=replace(dialect.options, format="tsv" if dialect.options.delimiter == "\t" else "csv"),
    )


def _no_rows(name: str, dialect: Dialect, kept: _Kept) -> LoadError:
    if kept.count:
        return LoadError(
            f"None of the {kept.count:,} rows of {name} could be read; the first: {kept.first}. Check "
            "the delimiter and the quotes."
        )
    if dialect.header is not None:
        return LoadError(f"{name} has a header but no rows. Choose a file with at least one row of data.")
    return LoadError(f"{name} has no rows. Choose a file with at least one row of data.")


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
        "width": max(dialect.width, kept.widest),
        "aside_lines": kept.lines,
        "short_lines": kept.short_count,
        "confidence": {**dialect.confidence, "encoding": seen.confidence},
        "doubt": seen.doubt.to_plain() if seen.doubt else None,
    }
    findings = renamed(header, names) if dialect.header is not None else []
    findings += _before(path, dialect) + kept.findings(stage.rows)
    return Staged(
        names,
        stage.rows,
        dialect.options.format or "csv",
        TextCells(dialect.options.decimal or "."),
        stage.batches,
        ["text"] * dialect.width,
        options,
        findings,
        kept.count,
    )


def _before(path: Path, dialect: Dialect) -> list[Finding]:
    """The finding that says which lines before the header, or before the first row, were left out."""
    options = dialect.options
    end = options.header_line if dialect.header is not None else options.first_data_line
    with _open(path, options.encoding or "utf-8") as stream:
        left = [line.strip() for line in (stream.readline(LINE) for _ in range(end or 0)) if line.strip()]
    if not left:
        return []
    lines = "line before the table was" if len(left) == 1 else "lines before the table were"
    title = f"{len(left):,} {lines} left out, beginning with '{visible(left[0][:60])}'."
    why = "What stands above the header is mostly a title; if it is data, the header was guessed wrong."
    return [
        Finding(
            "lines_before",
            title,
            "info",
            0.1,
            why,
            "If these are rows, say in which line the header is.",
            value=float(len(left)),
        )
    ]


def _newline(path: Path, dialect: Dialect) -> str:
    with _open(path, dialect.options.encoding or "utf-8") as stream:
        ends = re.findall("\r\n|\r|\n", stream.read(65_536))
    return max(set(ends), key=lambda end: (ends.count(end), end)) if ends else "\n"


def _open(path: Path, encoding: str) -> TextIO:
    return path.open(encoding=encoding, errors=error_handler(encoding), newline="")


@dataclass
class _Kept:
    """The rows kept aside, in a file of their own, and what was mended in those that were not."""

    path: Path
    count: int = 0
    first: str = ""
    lines: list[int] = field(default_factory=list)
    short: list[int] = field(default_factory=list)
    short_count: int = 0
    widest: int = 0
    _file: TextIO | None = None

    def aside(self, line: int, reason: str, taken: list[str]) -> None:
        """Keep these physical lines aside; ``line`` is the 1-based number of the first."""
        if self._file is None:
            self._file = self.path.open("w", encoding="utf-8", newline="")
            csv.writer(self._file).writerow(["line", "reason", "text"])
            self.first = f"line {line}, {reason}"
        self.count += 1
        self.lines += range(line, line + len(taken))
        if self.count > ASIDE_ROWS.value:
            raise LoadError(
                f"More than {ASIDE_ROWS.value:,} rows cannot be read (the first: {self.first}). "
                f"Check the delimiter and the quotes, or raise {ASIDE_ROWS.env}."
            )
        text = "".join(taken)
        shown = text if len(text) <= SHOWN else f"{text[:SHOWN]} … ({len(text):,} characters)"
        shown = shown.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
        csv.writer(self._file).writerow([line, reason, shown.rstrip("\r\n").replace("\0", "\\x00")])

    def padded(self, row: int) -> None:
        """Note that the row with this id had too few fields."""
        self.short_count += 1
        self.short.append(row)

    def close(self) -> None:
        """End the file."""
        if self._file is not None:
            self._file.close()

    def findings(self, rows: int) -> list[Finding]:
        """What a person should know about it."""
        found = []
        if self.count:
            share = self.count / (rows + self.count)
            rows_are = "rows could not be read and are" if self.count > 1 else "row could not be read and is"
            title = f"{self.count:,} {rows_are} kept aside (first: {self.first})."
            why = "A row with too many fields or an open quote cannot be told apart into columns."
            found.append(
                Finding(
                    "rows_aside",
                    title,
                    "warning",
                    min(1.0, share),
                    why,
                    "Download them, mend them and load again.",
                    value=share,
                )
            )
        if self.short_count:
            share = self.short_count / rows
            title = (
                f"{self.short_count:,} row{'s have' if self.short_count > 1 else ' has'} too few fields; "
                "the rest is taken as missing."
            )
            why = "Short rows often mean that a line was cut, or that fields have shifted."
            suggestion = "Look at these rows and drop those that are broken."
            rowset = RowSet(self.short)
            found.append(
                Finding(
                    "short_rows",
                    title,
                    "warning",
                    min(1.0, share),
                    why,
                    suggestion,
                    rowset,
                    value=share,
                    action="drop",
                )
            )
        return found


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

    def keep_first(self) -> None:
        """Give back all lines of this record but the first."""
        self._back.extendleft(reversed(self.taken[1:]))
        del self.taken[1:]


def _careful(
    path: Path, dialect: Dialect, seen: Survey, stage: Stage, kept: _Kept, progress: Progress
) -> None:
    import pyarrow as pa

    size = max(1, path.stat().st_size)
    per_batch = max(1, min(BATCH_ROWS, BATCH_CELLS // dialect.width))
    batch: list[list[str | None]] = []
    weight = 0

    def pour() -> None:
        stage.add([pa.array(column, pa.string()) for column in zip(*batch, strict=True)])
        batch.clear()

    with (
        path.open("rb") as binary,
        io.TextIOWrapper(binary, seen.encoding, error_handler(seen.encoding), newline="") as stream,
    ):
        for record in _records(stream, dialect, seen, stage, kept, batch):
            batch.append(record)
            weight += sum(len(cell) for cell in record if cell is not None)
            if len(batch) >= per_batch or weight > 16_000_000:
                pour()
                weight = 0
                progress.at(min(1.0, binary.tell() / size), "Reading")
        if batch:
            pour()


def _records(
    stream: TextIO, dialect: Dialect, seen: Survey, stage: Stage, kept: _Kept, batch: list[Any]
) -> Iterator[list[str | None]]:
    """The rows of the usual width, one by one; what is not one goes aside."""
    width = dialect.width
    settings = reader_settings(dialect.options)
    csv.field_size_limit(FIELD_KB.value * 1000)
    lines = _Lines(stream, dialect.options.first_data_line or 0)
    reader = csv.reader(lines, **settings)
    blanks = " \r\n" if dialect.options.delimiter == "\t" else " \t\r\n"
    while True:
        lines.start()
        try:
            record: list[str | None] = [*next(reader)]
        except StopIteration:
            return
        except csv.Error as error:
            lines.keep_first()
            kept.aside(lines.number, _reason(str(error)), lines.taken)
            continue
        if len(lines.taken) == 1 and not lines.taken[0].strip(blanks):
            continue
        problem = _problem(record, lines, width, seen, settings)
        if problem:
            kept.aside(lines.number, problem, lines.taken)
            continue
        if len(record) < width:
            kept.padded(stage.rows + len(batch))
            record += [None] * (width - len(record))
        elif len(record) > width:
            kept.widest = max(kept.widest, len(record))
            del record[width:]
        yield record


def _reason(error: str) -> str:
    return f"a field is longer than {FIELD_KB.value:,} KB" if "field limit" in error else error


def _problem(
    record: list[str | None], lines: _Lines, width: int, seen: Survey, settings: dict[str, Any]
) -> str:
    """Why the record cannot be taken, or ""; gives lines back that do not belong to it."""
    if lines.cut:
        lines.keep_first()
        return f"a line is longer than {LINE:,} characters"
    if lines.ended:
        lines.keep_first()
        return "a quote is opened and never closed"
    if len(lines.taken) > 1 and (
        not _strict(lines.taken, settings)
        or (len(record) != width and _alone(lines.taken[1], width, settings))
    ):
        lines.keep_first()
        return "a quote is opened and not closed on its line"
    if not seen.valid and re.search("[\udc80-\udcff\ufffd]", "".join(lines.taken)):
        return f"bytes that are not {seen.encoding}"
    if seen.nul and any("\0" in line for line in lines.taken):
        return "NUL bytes"
    if len(record) > width and any(record[width:]):
        return f"{len(record)} fields where {width} are expected"
    return ""


def _strict(lines: list[str], settings: dict[str, Any]) -> bool:
    """Whether every quote in a record of several lines stands where it may: where not, one was left open and
    met the next.
    """
    try:
        next(csv.reader(lines, **{**settings, "strict": True}))
    except csv.Error:
        return False
    return True


def _alone(line: str, width: int, settings: dict[str, Any]) -> bool:
    """Whether a line is a whole row by itself."""
    return len(next(csv.reader([line], **settings), [])) == width
