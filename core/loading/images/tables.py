"""Tables that name images: CSV, JSON, JSON Lines or Parquet beside them; each member is small and read
whole. Text is read as any table is (`core.loading.readers.delimited`).
"""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.finding import Finding
from core.loading.encodings import guess
from core.loading.images.names import is_image_name
from core.loading.images.places import Places
from core.loading.json_numbers import utf8_text
from core.loading.options import NO_HEADER, Options
from core.progress import SILENT

if TYPE_CHECKING:
    import pyarrow as pa

TABLES = (".csv", ".tsv", ".txt", ".json", ".jsonl", ".ndjson", ".parquet")
FILE_NAMES = ("file_name", "file_names", "filename", "file", "image", "image_path", "path", "img")
IDS = ("id", "image_id", "img_id", "imageid", "image_name", "name")
NAMED = 0.9  # share of cells that name members in a column of file names
_SHARE = 0.25  # of the images that a column of numbers names at least
_LOOKED = 2_000  # cells that are looked at
_MARKS = ",;\t|"  # at least one of these parts the cells of a table in a file that is called .txt


@dataclass(frozen=True)
class Table:
    """A table, the lines of its file that are no rows of it, and what was found in it."""

    cells: pa.Table
    lost: int = 0
    findings: list[Finding] = field(default_factory=list)


def table_of(content: bytes, ending: str, name: str, folder: Path, places: Places) -> Table | None:
    """The table in a file; None where it is none. ``folder``: where it may be written to be read. Raises
    whatever its reader does where it is damaged.
    """
    import pyarrow as pa

    if ending == ".parquet":
        import pyarrow.parquet as pq

        return _distinctly_named(_plain(pq.read_table(pa.BufferReader(content))))
    if ending in (".json", ".jsonl", ".ndjson"):
        found = _of_records(_records(text_of(content)))
        return None if found is None else Table(found)
    if ending == ".txt" and not set(_MARKS) & set(text_of(content[:10_000]).split("\n", 1)[0]):
        return None
    return _of_text(content, "tsv" if ending == ".tsv" else "csv", name, folder, places)


def _distinctly_named(cells: pa.Table) -> Table:
    from core.loading.readers import renamed, unique_names

    names = unique_names(cells.column_names)
    return Table(cells.rename_columns(names), findings=renamed(cells.column_names, names))


def _plain(cells: pa.Table) -> pa.Table:
    """The table without dictionaries, as pandas writes categories."""
    import pyarrow as pa
    import pyarrow.compute as pc

    for place, column in enumerate(cells.columns):
        if pa.types.is_dictionary(column.type):
            name = cells.column_names[place]
            cells = cells.set_column(place, name, pc.cast(column, column.type.value_type))
    return cells


def _of_text(content: bytes, format: str, name: str, folder: Path, places: Places) -> Table | None:
    """A delimited text, typed as tables are: zeros before a number, and "NA" among words, are kept. Where its
    first line names an image, it is a row.
    """
    import pyarrow as pa

    from core.loading.align import plan
    from core.loading.readers.delimited import read

    with tempfile.TemporaryDirectory(dir=folder) as own:
        file = Path(own, "table")
        file.write_bytes(content)
        options = Options(format=format)
        staged = read(file, name, options, Path(own), SILENT)
        if any(is_image_name(cell) and places.of(cell) is not None for cell in staged.names):
            options = Options(format=format, header_line=NO_HEADER, first_data_line=0)
            staged = read(file, name, options, Path(own), SILENT)
        if not staged.rows:
            return None
        arrays = {}
        for planned in plan([staged], SILENT).columns:
            [side] = planned.sides
            assert side.place is not None and side.reading is not None
            parts = [staged.cells.convert(cells, side.reading.form) for cells in staged.column(side.place)]
            arrays[planned.column.name] = pa.chunked_array(parts)
    findings = [one for one in staged.findings if one.code == "unusable_names"]
    return Table(pa.table(arrays), staged.aside, findings)


def text_of(content: bytes) -> str:
    """The text of a small file, whatever its encoding."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", "replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode(guess([content[:10_000]]).encoding, "replace")


def json_of(content: bytes) -> Any:
    """The JSON value in a file; None where it holds none."""
    try:
        return _loaded(text_of(content))
    except (ValueError, RecursionError):
        return None


def _loaded(text: str) -> Any:
    """The value of a JSON text; halves of surrogate pairs, which no text can hold, as their escapes."""
    value = json.loads(text)
    return _whole(value) if re.search(r"\\ud[89a-f]", text, re.IGNORECASE) else value


def _whole(value: Any) -> Any:
    if isinstance(value, str):
        return utf8_text(value)
    if isinstance(value, list):
        return [_whole(one) for one in value]
    if isinstance(value, dict):
        return {utf8_text(key): _whole(one) for key, one in value.items()}
    return value


def _records(text: str) -> list[Any]:
    """The objects of an array, of an object of objects by file name, or one per line."""
    try:
        value = _loaded(text)
    except ValueError:
        return [_loaded(line) for line in text.splitlines() if line.strip()]
    if isinstance(value, dict) and value and all(isinstance(one, dict) for one in value.values()):
        return [{"file_name": name, **one} for name, one in value.items()]
    if isinstance(value, dict) and value and all(isinstance(one, (str, int)) for one in value.values()):
        return [{"file_name": name, "label": one} for name, one in value.items()]
    return value if isinstance(value, list) else [value]


def _of_records(records: list[Any]) -> pa.Table | None:
    import pyarrow as pa

    if not records or not all(isinstance(one, dict) for one in records):
        return None
    names = list(dict.fromkeys(name for one in records for name in one))
    if not names:
        return None
    return pa.table({name: column_of([one.get(name) for one in records], lists=True) for name in names})


def column_of(cells: list[Any], lists: bool = False) -> pa.Array:
    """Cells of one type as that, others as their JSON; whole numbers beyond 64 bits as text. lists: lists of
    texts stay such.
    """
    import pyarrow as pa

    there = [cell for cell in cells if cell is not None]
    kinds = {type(cell) for cell in there}
    if kinds <= {int, float} and kinds and all(_holds(cell, kinds) for cell in there):
        return pa.array(cells, pa.int64() if kinds == {int} else pa.float64())
    if len(kinds) == 1 and kinds <= {str, bool}:
        return pa.array(cells)
    if lists and kinds == {list} and all(isinstance(one, str) for cell in there for one in cell):
        return pa.array(cells, pa.list_(pa.string()))
    texts = [cell if isinstance(cell, str | None) else _json_text(cell) for cell in cells]
    return pa.array(texts, pa.string())


def _holds(cell: float, kinds: set[type]) -> bool:
    """Whether a column of numbers can hold one: 64 bits, or the 53 of a float beside floats."""
    return isinstance(cell, float) or -(bound := 2 ** (63 if kinds == {int} else 53)) <= cell < bound


def _json_text(cell: Any) -> str:
    try:
        return json.dumps(cell, ensure_ascii=False)
    except (RecursionError, ValueError):  # deeper than Python writes, or longer
        return f"a {type(cell).__name__} that is too deep or too long to be written"


def joined(tables: Sequence[pa.Table]) -> pa.Table:
    """The rows of several tables below each other; columns that have several types in them are text, unless
    all of these are numbers.
    """
    import pyarrow as pa

    from core.loading.typed_cells import TypedCells

    names = list(dict.fromkeys(name for table in tables for name in table.column_names))
    arrays = {}
    for name in names:
        common = _common(
            {
                table[name].type
                for table in tables
                if name in table.column_names and table[name].null_count < table.num_rows
            }
        )
        parts = []
        for table in tables:
            if name not in table.column_names or table[name].null_count == table.num_rows:
                parts.append(pa.nulls(table.num_rows, common))
                continue
            cells = table[name].combine_chunks()
            text = pa.types.is_string(common) and cells.type != common
            parts.append(TypedCells().source_text(cells) if text else cells.cast(common))
        arrays[name] = pa.concat_arrays(parts)
    return pa.table(arrays)


def _common(kinds: set[pa.DataType]) -> pa.DataType:
    """The type that a column has whose cells have these types."""
    import pyarrow as pa

    if len(kinds) == 1:
        return next(iter(kinds))
    numbers = all(pa.types.is_integer(kind) or pa.types.is_floating(kind) for kind in kinds)
    return pa.float64() if kinds and numbers else pa.string()


def naming_column(table: pa.Table, places: Places, beside: str) -> str | None:
    """The column of a table that names images: nine in ten cells do, or half where its name says so. One of
    whole numbers does where it is called an id, or is the first, each of its numbers is another one, and they
    name a quarter of the images: the numbers of classes name a few. beside: the path of the table.
    """
    import pyarrow as pa

    kinds = {name: column.type for name, column in zip(table.column_names, table.columns, strict=True)}
    texts = [name for name, kind in kinds.items() if _is_text(kind) or _is_list(kind)]
    usual = [name for name in texts if _is_usual(name)]
    numbers = [name for name, kind in kinds.items() if pa.types.is_integer(kind)]
    ids = [name for name in numbers if _is_usual(name) or name.lower() in IDS]
    first = [name for name in numbers[:1] if name == table.column_names[0]]
    for name in [*usual, *(text for text in texts if text not in usual), *ids, *first]:
        cells = table[name].slice(0, _LOOKED).to_pylist()
        if _is_list(kinds[name]):
            cells = [one for cell in cells for one in cell or ()]
        named = sum(places.of(cell, beside) is not None for cell in cells)
        if name in numbers and (len(set(cells)) < len(cells) or table.num_rows < _SHARE * len(places)):
            continue
        if cells and named >= (0.5 if name in usual else NAMED) * len(cells):
            return str(name)
    return None


def _is_usual(name: str) -> bool:
    return name.lower() in FILE_NAMES or name.lower().endswith(("_file_name", "_file_names"))


def _is_text(kind: Any) -> bool:
    import pyarrow as pa

    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind))


def _is_list(kind: Any) -> bool:
    import pyarrow as pa

    return bool((pa.types.is_list(kind) or pa.types.is_large_list(kind)) and _is_text(kind.value_type))


def one_image_each(table: pa.Table, column: str) -> pa.Table:
    """The table with one row for each image, where its rows name several in a list."""
    import pyarrow.compute as pc

    lists = table[column]
    if not _is_list(lists.type):
        return table
    lists = lists.combine_chunks()
    taken = table.take(pc.list_parent_indices(lists))
    return taken.set_column(table.column_names.index(column), column, pc.list_flatten(lists))
