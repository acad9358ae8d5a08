"""CSV, TSV and their kin. The careful way (Python's csv module) defines the meaning; the fast way (Arrow)
must agree with it.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TextIO

from core.errors import LoadError
from core.finding import Finding
from core.limits import FIELD_KB
from core.loading.cells import TextCells
from core.loading.decoding import HEAD, Survey, error_handler, survey, visible
from core.loading.dialect import Dialect, detect, fields, reader_settings
from core.loading.expected import Further
from core.loading.options import NO_HEADER, Options
from core.loading.put_back import PutBack
from core.loading.readers import Staged, check_width, fast, renamed, unique_names
from core.loading.readers.aside import Aside
from core.loading.readers.fast import begin, pour_fast
from core.loading.readers.lines import LINE, LinePlace
from core.loading.readers.records import Rows, Wider
from core.loading.readers.staging import Stage
from core.phrases import names as quoted_names
from core.progress import Progress
from core.rowset import RowSet

BATCH_CELLS = 1_000_000
BATCH_ROWS = 50_000
IDLE = 5  # turns without a row read fast, from which all is read carefully
STRETCH = 3  # blocks read carefully before it is
TOLD = 5  # lines above the table that are named


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
    csv.field_size_limit(FIELD_KB.value * 1000)
    seen = survey(path, options.encoding, progress.check)
    dialect = _dialect(path, replace(options, encoding=seen.encoding))
    try:
        return _read(
            path=path,
            name=name,
            dialect=dialect,
            seen=seen,
            folder=folder,
            progress=progress,
            careful=careful,
            look=look,
        )
    except Wider:
        return _read(path, name, _widened(dialect), seen, folder, progress, careful=True, look=look)


def _widened(dialect: Dialect) -> Dialect:
    """The dialect with columns of their own for the fields that looked empty in every row."""
    layout = dialect.layout
    width = layout.width + layout.surplus
    header = None if layout.header is None else (*layout.header, *[""] * layout.surplus)
    expected = replace(layout.expected, width=width)
    return replace(dialect, layout=replace(layout, width=width, surplus=0, header=header, expected=expected))


def _read(
    path: Path,
    name: str,
    dialect: Dialect,
    seen: Survey,
    folder: Path,
    progress: Progress,
    careful: bool,
    look: bool,
) -> Staged:
    check_width(dialect.width, name)
    stage = Stage(folder / "staged.parquet", dialect.width)
    kept = Aside(folder / "aside.csv")
    start = None if careful else begin(path, dialect, seen)
    if start is None:
        dialect, _ = _careful(path, dialect, seen, stage, kept, progress, look)
    else:
        dialect = _by_turns(path, dialect, seen, stage, kept, progress, start)
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

    def lines_from(line: int) -> Iterator[str]:
        return _lines_from(path, encoding, line + skipped)

    dialect = _shifted(detect(text, _moved(options, -skipped), lines_from), skipped)
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
        above=layout.above + by if layout.above else 0,
        others=tuple(place.moved(by) for place in layout.others),
    )
    sampled = dialect.sampled + by
    return replace(dialect, options=_moved(dialect.options, by), layout=moved, sampled=sampled)


def _staged(path: Path, dialect: Dialect, seen: Survey, stage: Stage, kept: Aside) -> Staged:
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
        **({"rows_back": kept.back} if kept.back else {}),
        "tables": [table.line for table in kept.tables if table.names],
        "confidence": {**dialect.confidence, "encoding": seen.confidence},
        "doubt": seen.doubt.to_plain() if seen.doubt else None,
    }
    findings = renamed(header, names) if dialect.header is not None else []
    findings += (
        _header_rows(dialect) + _above(path, dialect) + kept.findings(stage.rows, names[-1] if names else "")
    )
    return Staged(
        names=names,
        rows=stage.rows,
        format=dialect.options.format or "csv",
        cells=TextCells(dialect.options.decimal or ".", commas=bool(dialect.options.comma_columns)),
        batches=stage.batches,
        types=["text"] * dialect.width,
        options=options,
        findings=findings,
        aside=kept.rows,
    )


def _header_rows(dialect: Dialect) -> list[Finding]:
    """The finding that says that the header takes up several lines."""
    rows = dialect.layout.header_rows
    if rows < 2:
        return []
    title = f"The header takes up {rows} lines; where they differ, a name is put together from all of them."
    why = "A second line of names, units or types is no row: as one, it would make text of every column."
    suggestion = "If the second line is a row, or the names are in it, say in which line the header is."
    return [Finding("header_rows", title, "info", 0.1, why, suggestion, value=float(rows), left_out=True)]


def _above(path: Path, dialect: Dialect) -> list[Finding]:
    """The finding that says which lines before the header, or before the first row, were left out; those up
    to the last that looks like data are kept aside instead.
    """
    mark = dialect.options.delimiter or ""
    left = [line for line in _lines_above(path, dialect) if line.strip().strip(mark).strip()]
    if not left:
        return []
    lines = "line before the table was" if len(left) == 1 else "lines before the table were"
    told = [*(_as_told(line, mark) for line in left[:TOLD]), *left[TOLD:]]
    title = f"{len(left):,} {lines} left out: {quoted_names(told, TOLD)}."
    why = "What stands above the header is mostly a title; if it is data, the header was guessed wrong."
    suggestion = "If these are rows, or names of columns, say in which line the header is."
    many = float(len(left))
    return [Finding("lines_before", title, "info", 0.1, why, suggestion, value=many, left_out=True)]


def _as_told(line: str, mark: str) -> str:
    """The filled cells of a line, for a sentence.

    >>> _as_told("Export of 2024;;", ";"), _as_told("|First half||Second half|", "|")
    ('Export of 2024', 'First half | Second half')
    """
    cells = [cell.strip() for cell in (line.split(mark) if mark else [line])]
    text = {",": ", ", ";": "; ", "|": " | "}.get(mark, " ").join(filter(None, cells))
    return visible(text if len(text) <= 60 else f"{text[:59]}…")


def _lines_above(path: Path, dialect: Dialect) -> list[str]:
    options = dialect.options
    end = options.header_line if dialect.header is not None else options.first_data_line
    lines = _lines_from(path, options.encoding or "utf-8", dialect.layout.above)
    return list(islice(lines, max(0, (end or 0) - dialect.layout.above)))


def _lines_from(path: Path, encoding: str, first: int) -> Iterator[str]:
    """The physical lines of a file from a 0-based one on; of very long ones, piece by piece."""
    with _open(path, encoding) as stream:
        yield from islice(iter(partial(stream.readline, LINE), ""), first, None)


def _newline(path: Path, dialect: Dialect) -> str:
    with _open(path, dialect.options.encoding or "utf-8") as stream:
        ends = re.findall("\r\n|\r|\n", stream.read(65_536))
    return max(set(ends), key=lambda end: (ends.count(end), end)) if ends else "\n"


def _open(path: Path, encoding: str) -> TextIO:
    return path.open(encoding=encoding, errors=error_handler(encoding), newline="")


def _by_turns(
    path: Path,
    dialect: Dialect,
    seen: Survey,
    stage: Stage,
    kept: Aside,
    progress: Progress,
    start: LinePlace,
) -> Dialect:
    """Read the fast way as far as it goes, the careful way past what stopped it, and so on; where nothing is
    read fast in several turns, carefully to the end.
    """
    idle = 0
    while True:
        rows = stage.rows
        there = pour_fast(path, dialect, stage, progress, start)
        if there is None:
            return dialect
        idle = idle + 1 if stage.rows == rows else 0
        stretch = there.lines_in(path, STRETCH * fast.BLOCK) if idle < IDLE else None
        dialect, left = _careful(path, dialect, seen, stage, kept, progress, start=there, stretch=stretch)
        if left is None:
            return dialect
        start = there.below(path, left - there.line)


def _careful(
    path: Path,
    dialect: Dialect,
    seen: Survey,
    stage: Stage,
    kept: Aside,
    progress: Progress,
    look: bool = True,
    start: LinePlace | None = None,
    stretch: int | None = None,
) -> tuple[Dialect, int | None]:
    """Read with Python's csv module, from the first row or another place on (start), to the end or for so
    many lines (stretch). Gives the dialect with the line where the table ends, if another follows, and the
    0-based line at which it stopped before the end of the file, None where it did not.
    """
    import pyarrow as pa

    size = max(1, path.stat().st_size)
    per_batch = max(1, min(BATCH_ROWS, BATCH_CELLS // max(1, dialect.width)))
    batch: list[list[str | None]] = []
    weight = 0

    def pour() -> None:
        stage.add([pa.array(column, pa.string()) for column in zip(*batch, strict=True)])
        batch.clear()

    further = Further(
        partial(_lines_from, path, seen.encoding), partial(fields, settings=reader_settings(dialect.options))
    )
    back = PutBack(dialect.options.put_back)
    if dialect.layout.above:
        with _open(path, seen.encoding) as stream:
            rows = Rows(stream, dialect, seen, kept, further, back, 0)
            rows.others(dialect.layout.others, dialect.layout.above)
            for record in rows.restored(lambda: len(batch)):
                batch.append(record)
    # behind the mark of byte order at its beginning, another one is a letter of the file
    encoding = seen.encoding if start is None else "utf-8"
    with (
        path.open("rb") as binary,
        io.TextIOWrapper(binary, encoding, error_handler(encoding), newline="") as stream,
    ):
        if start is None:
            rows = Rows(stream, dialect, seen, kept, further, back)
        else:
            binary.seek(start.byte)
            rows = Rows(stream, dialect, seen, kept, further, back, start.line, there=True)
        until = None if start is None or stretch is None else start.line + stretch
        for record in rows.records(lambda: stage.rows + len(batch), until):
            batch.append(record)
            weight += sum(len(cell) for cell in record if cell is not None)
            if len(batch) >= per_batch or weight > 16_000_000:
                pour()
                weight = 0
                progress.at(min(1.0, binary.tell() / size), "Reading")
        if batch:
            pour()
    if not look:
        back.check(path.name)
    options = replace(dialect.options, end_line=rows.end)
    return replace(dialect, options=options, layout=replace(dialect.layout, end_line=rows.end)), rows.left
