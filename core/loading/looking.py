"""A first look at a file: the guess and the first rows, before anything is loaded."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from core.dataset import Dataset
from core.dataset.column import Column
from core.dataset.roles import Roles
from core.dataset.source import Source
from core.dataset.split import PartSplit
from core.finding import Finding
from core.loading.encodings import Doubt
from core.loading.file_parts import bytes_of
from core.loading.kinds import names_code, suggest_roles
from core.loading.last_row import total_in
from core.loading.options import Options
from core.loading.put_back import AsideLine, lines_aside
from core.loading.sandbox import run_child
from core.loading.text import as_text, is_token
from core.progress import Progress

if TYPE_CHECKING:
    from core.loading.written_dates import DateReader
    from core.loading.written_numbers import NumberReader

DISTINCT = 3  # different texts from which a column of words is held to be numbers


@dataclass(frozen=True)
class Preview:
    """What the beginning of a file looks like.

    options: the guess, complete.
    columns: name, kind and confidence as far as the beginning shows.
    rows: the first ones as text ("" where missing).
    whole: the beginning is all there is.
    looked: how many rows were read. count: how many the file has; None where it does not say. counted: that
        is no estimate.
    other_decimals: whether some columns have numbers with the other decimal mark.
    bytes: size of the file.
    split: suggested by folders that are called train, serve, test and the like; serve_rows: how many rows are
        then of serve.
    confidence: how sure each guess is, 0 to 1, keyed like the options (what was given is sure).
    findings, aside: what reading it brought to light.
    roles: suggested by names and kinds.
    doubt: another encoding that may be the right one.
    tables: the 0-based lines where other tables in the text begin.
    others: the names of other tables in the file, such as sheets.
    kept_aside: the lines that were kept aside.
    read_names: of all columns that such a line has fields for, those left out among them.
    total: what the last row calls itself, where it is the total of those above; "" else, and where the
        beginning is not all there is.
    """

    options: Options
    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    whole: bool
    bytes: int
    confidence: dict[str, float]
    findings: tuple[Finding, ...] = ()
    aside: int = 0
    roles: Roles = field(default_factory=Roles)
    doubt: Doubt | None = None
    tables: tuple[int, ...] = ()
    others: tuple[str, ...] = ()
    kept_aside: tuple[AsideLine, ...] = ()
    read_names: tuple[str, ...] = ()
    looked: int = 0
    count: int | None = None
    counted: bool = True
    other_decimals: bool = False
    split: PartSplit | None = None
    serve_rows: int = 0
    total: str = ""


def look(
    path: Path, name: str, options: Options, rows: int, progress: Progress, first: bool = True
) -> Preview:
    """Read the first megabyte (the first thousand rows of a Parquet file) in the child and tell what is in
    it.
    """
    from core.loading.written_numbers import NumberReader

    folder = Path(tempfile.mkdtemp(prefix="winnow-look-"))
    try:
        source = {"path": str(path), "name": name, "options": asdict(options), "look": True, "first": first}
        run_child({"sources": [source], "folder": str(folder), "name": name}, folder, progress)
        dataset = Dataset.open(folder / "data.parquet")
        read_as, aside = dataset.source.options, folder / "0" / "aside.csv"
        told = read_as.get("rows_known", read_as.get("images"))
        known = told if read_as["beginning"] else dataset.rows
        readers = {column.name: _reader(dataset, column) for column in dataset.columns}
        marks = {one.decimal for one in readers.values() if isinstance(one, NumberReader) and not one.whole}
        marks |= {"," for column in dataset.columns if "comma" in column.layouts}
        given = {name for name, value in asdict(options).items() if value is not None}
        return Preview(
            options=Options.from_plain(read_as),
            columns=tuple(_noted(column, readers[column.name]) for column in dataset.columns),
            rows=_first(dataset, rows),
            whole=not read_as["beginning"],
            bytes=bytes_of(path),
            confidence={
                name: 1.0 if name in given else sure for name, sure in read_as.get("confidence", {}).items()
            },
            findings=dataset.loading,
            aside=dataset.source.aside,
            roles=suggest_roles(dataset),
            doubt=Doubt.from_plain(read_as["doubt"]) if read_as.get("doubt") else None,
            tables=tuple(read_as.get("tables", ())),
            others=tuple(read_as.get("others", ())),
            kept_aside=lines_aside(aside) if aside.exists() else (),
            read_names=tuple(read_as.get("read_names", dataset.names)),
            looked=dataset.rows,
            count=read_as.get("rows_about") if known is None else known,
            counted=known is not None,
            split=suggested_split(dataset.source),
            serve_rows=read_as.get("serve_rows", 0),
            total="" if read_as["beginning"] else total_in(dataset),
            other_decimals=bool(marks - {read_as.get("decimal") or "."}),
        )
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def suggested_split(source: Source) -> PartSplit | None:
    """How the folders of images say that rows are parted; None where they do not."""
    told = source.options.get("serve_part")
    return PartSplit("value", column=told[0], value=told[1]) if told else None


def _first(dataset: Dataset, rows: int) -> tuple[tuple[str, ...], ...]:
    """The first rows as the source writes them."""
    columns = []
    for column in dataset.columns:
        keeps = column.raw and column.source != "json"
        values = dataset.raw(column.name) if keeps else dataset.table([column.name]).column(0)
        columns.append(as_text(values.slice(0, rows)).to_pylist())
    return tuple(zip(*columns, strict=True))


def _noted(column: Column, reader: NumberReader | DateReader | None) -> Column:
    """The column, with a note where it is read as words and all of its values are numbers, or dates."""
    if reader is None:
        return column
    what, kind = ("dates", "datetime") if reader.stored == "timestamp" else ("numbers", "numeric")
    note = f"All values read as {what}. Choose {kind} to read them so."
    doubt = reader.ambiguous if what == "dates" else ""
    return replace(column, note=f"{note} {doubt}".strip())


def _reader(dataset: Dataset, column: Column) -> NumberReader | DateReader | None:
    """How the values of a column that is read as words are numbers, as people write them, with units or
    blanks between thousands; or dates, in more than one layout. None where they are neither.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    from core.loading.written_dates import date_reader
    from core.loading.written_numbers import number_reader

    words = column.kind in ("category", "text", "identifier") and column.stored == "string"
    if not words or column.note or names_code(column.name):
        return None
    values = pc.drop_null(dataset.table([column.name]).column(0)).combine_chunks()
    there = values.filter(pc.invert(is_token(pc.utf8_trim_whitespace(values))))
    counted = pc.value_counts(there)
    texts, counts = counted.field("values"), pc.cast(counted.field("counts"), pa.int64())
    bare = pc.all(pc.match_substring_regex(texts, r"^\s*\d+\s*$"), min_count=0).as_py()
    if len(texts) < DISTINCT or bare:
        return None
    numbers = number_reader(texts, counts)
    clash = numbers.clash is not None or numbers.mixed
    if not clash and not numbers.read(texts).null_count:
        return numbers
    dates = date_reader(texts, counts)
    return None if not dates.layouts or dates.read(texts).null_count else dates
