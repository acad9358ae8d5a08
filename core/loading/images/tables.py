"""Tables that name images: CSV, JSON, JSON Lines or Parquet beside them; each member is small and read
whole.
"""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from core.loading.encodings import guess

if TYPE_CHECKING:
    import pyarrow as pa

TABLES = (".csv", ".tsv", ".txt", ".json", ".jsonl", ".ndjson", ".parquet")
FILE_NAMES = ("file_name", "file_names", "filename", "file", "image", "image_path", "path", "img")
NAMED = 0.9  # share of cells that name members in a column of file names


def table_of(content: bytes, ending: str) -> pa.Table | None:
    """The table in a file; None where it is none. Numbers and dates are typed, all else is text."""
    import pyarrow as pa

    try:
        if ending == ".parquet":
            import pyarrow.parquet as pq

            return pq.read_table(pa.BufferReader(content))
        if ending in (".json", ".jsonl", ".ndjson"):
            return _of_records(_records(text_of(content)))
        return _of_text(text_of(content), ending)
    except (ValueError, KeyError, RecursionError, OSError):  # Arrow's own errors are of ValueError
        return None


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
        return json.loads(text_of(content))
    except (ValueError, RecursionError):
        return None


def _records(text: str) -> list[Any]:
    """The objects of an array, of an object of objects by file name, or one per line."""
    try:
        value = json.loads(text)
    except ValueError:
        return [json.loads(line) for line in text.splitlines() if line.strip()]
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
    return pa.table({name: column_of([one.get(name) for one in records]) for name in names})


def column_of(cells: list[Any]) -> pa.Array:
    """Cells of one type as that, others as their JSON."""
    import pyarrow as pa

    there = [cell for cell in cells if cell is not None]
    kinds = {type(cell) for cell in there}
    if kinds <= {int, float} and kinds:
        return pa.array(cells, pa.int64() if kinds == {int} else pa.float64())
    if len(kinds) == 1 and kinds <= {str, bool}:
        return pa.array(cells)
    texts = [cell if isinstance(cell, str | None) else json.dumps(cell, ensure_ascii=False) for cell in cells]
    return pa.array(texts, pa.string())


def _of_text(text: str, ending: str) -> pa.Table | None:
    from pyarrow import csv

    head = text.split("\n", 1)[0]
    delimiters = {mark: head.count(mark) for mark in (",", ";", "\t", "|")}
    delimiter = "\t" if ending == ".tsv" else max(delimiters, key=lambda mark: delimiters[mark])
    if not delimiters[delimiter] and ending == ".txt":
        return None
    content = text.encode()
    options = csv.ConvertOptions(strings_can_be_null=True)
    return csv.read_csv(
        io.BytesIO(content),
        read_options=csv.ReadOptions(use_threads=False),
        parse_options=csv.ParseOptions(delimiter=delimiter, newlines_in_values=True),
        convert_options=options,
    )


class Places:
    """Where members lie, by what a table may call them: their path, the end of it, or their base name."""

    def __init__(self, names: Sequence[str], below: str = "") -> None:
        self._paths = {name: place for place, name in enumerate(names)}
        self._below = below
        root = _common_root(names)
        self._short: dict[str, int | None] = {}
        for name, place in self._paths.items():
            base = name.rsplit("/", 1)[-1]
            stem = base.rsplit(".", 1)[0]
            for text in {name.removeprefix(root), base, stem, name.rsplit(".", 1)[0]}:
                self._short[text] = None if text in self._short else place

    def of(self, text: Any) -> int | None:
        """The place of the member that a cell names; None where it names none, or several."""
        if not isinstance(text, str) or not text:
            return None
        name = text.replace("\\", "/").removeprefix("./")
        for path in (f"{self._below}/{name}" if self._below else name, name):
            if path in self._paths:
                return self._paths[path]
        if self._short.get(name) is not None:
            return self._short[name]
        return self._short.get(name.rsplit("/", 1)[-1])


def _common_root(names: Sequence[str]) -> str:
    """The folders that all names begin with, with the last slash."""
    if not names:
        return ""
    low, high = min(names), max(names)
    same = next(
        (i for i, (a, b) in enumerate(zip(low, high, strict=False)) if a != b), min(len(low), len(high))
    )
    return low[: low.rfind("/", 0, same) + 1]


def naming_column(table: pa.Table, places: Places) -> str | None:
    """The column of a table that names images: nine in ten cells do, or half where its name says so."""
    import pyarrow as pa

    texts = [
        name
        for name, column in zip(table.column_names, table.columns, strict=True)
        if pa.types.is_string(column.type) or pa.types.is_large_string(column.type)
    ]
    usual = [name for name in texts if name.lower() in FILE_NAMES or name.lower().endswith("_file_name")]
    for name in [*usual, *(text for text in texts if text not in usual)]:
        cells = table[name].slice(0, 2_000).to_pylist()
        named = sum(places.of(cell) is not None for cell in cells)
        if cells and named >= (NAMED if name not in usual else 0.5) * len(cells):
            return str(name)
    return None
