"""Tables whose cells have a type of their own in the file: Parquet, Arrow, ORC, DuckDB and arrays. What a
reader of one finds becomes `Staged` here, and every batch is checked before anyone looks at it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from core.errors import LoadError
from core.finding import Finding
from core.limits import ROWS as ROWS_LIMIT
from core.limits import SOURCE_MB
from core.loading.decoding import visible
from core.loading.readers import LOOK_ROWS, ROWS, Staged, check_width, no_rows, renamed, unique_names
from core.loading.typed_cells import TypedCells

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True)
class TypedTable:
    """A table in a file. name: of the file. what: a file of which format, for errors ("a Parquet file").
    read: yields batches of the columns at these positions, in their order; can be called again. own: what the
    source's options say besides.
    """

    name: str
    format: str
    what: str
    schema: pa.Schema
    rows: int
    read: Callable[[list[int]], Iterator[pa.RecordBatch]]
    own: dict[str, Any] = field(default_factory=dict)
    findings: Sequence[Finding] = ()


def staged(table: TypedTable, look: bool = False) -> Staged:
    """The table, of which no cell has been read. Raises `LoadError` where it has no columns, or would be too
    large.
    """
    schema, rows = table.schema, table.rows
    check_width(len(schema.names), table.name)
    if not schema.names:
        raise LoadError(f"{table.name} has no columns. Choose a file with a table in it.")
    check_size(rows, schema, table.name)
    names = header_of(schema)
    kept = unique_names(names)
    shown = min(rows, LOOK_ROWS) if look else rows
    periods = {place: freq for place, one in enumerate(schema) if (freq := _period(one))}
    types = [
        f"period[{periods[place]}]" if place in periods else str(one.type) for place, one in enumerate(schema)
    ]
    options = {"format": table.format, "header": names, "names": kept, **table.own}
    options |= {"beginning": shown < rows, "rows_known": rows} if look else {}
    findings = [*renamed(names, kept), *table.findings, *([] if rows else [no_rows()])]
    batches = _checked(table, shown, periods)
    return Staged(
        names=kept,
        rows=shown,
        format=table.format,
        cells=TypedCells(),
        batches=batches,
        types=types,
        options=options,
        findings=findings,
    )


def header_of(schema: pa.Schema) -> list[str]:
    """The names of the columns as they are told."""
    return [visible(str(name)) for name in schema.names]


def damaged(name: str, what: str, error: object) -> LoadError:
    """The error for a file that its own format does not allow."""
    first = str(error).splitlines()[0] if str(error) else type(error).__name__
    return LoadError(
        f"{name} is {what}, but a damaged or incomplete one ({visible(first)[:200]}). "
        "Write or download it again."
    )


def check_size(rows: int, schema: pa.Schema, name: str) -> None:
    """Raise `LoadError` when the table would be too large, however small its file is."""
    if rows > ROWS_LIMIT.value:
        raise LoadError(
            f"{name} holds {rows:,} rows; the limit is {ROWS_LIMIT.value:,}. "
            f"Take a part of them, or raise {ROWS_LIMIT.env}."
        )
    bits = sum(getattr(field.type, "bit_width", 32) if _fixed(field.type) else 32 for field in schema)
    size = rows * bits / 8
    if size > SOURCE_MB.value * 1_000_000:
        raise LoadError(
            f"{name} would become {size / 1e6:,.0f} MB ({rows:,} rows of {len(schema):,} columns); the "
            f"limit is {SOURCE_MB.value:,} MB. Take a part of it, or raise {SOURCE_MB.env}."
        )


def _fixed(kind: pa.DataType) -> bool:
    import pyarrow as pa

    return bool(pa.types.is_primitive(kind))


def _checked(
    table: TypedTable, rows: int, periods: dict[int, str]
) -> Callable[[list[int]], Iterator[pa.RecordBatch]]:
    """Batches of the first ``rows`` rows by the positions of columns, each validated."""
    import pyarrow as pa

    def batches(places: list[int]) -> Iterator[pa.RecordBatch]:
        left = rows
        try:
            for given in table.read(places):
                given.validate(full=True)
                arrays = [
                    period_texts(array, periods[i]) if i in periods else array
                    for i, array in zip(places, given.columns, strict=True)
                ]
                batch = pa.record_batch(arrays, names=[str(i) for i in places]).slice(0, left)
                left -= batch.num_rows
                for start in range(0, batch.num_rows, ROWS):
                    yield batch.slice(start, ROWS)
                if left == 0:
                    return
        except MemoryError:
            raise
        except (pa.ArrowException, OSError, UnicodeError) as error:
            raise damaged(table.name, table.what, error) from error
        if left:
            raise LoadError(
                f"{table.name} says that it has {rows:,} rows but holds {rows - left:,}. "
                "Write or download it again."
            )

    return batches


def _period(field: pa.Field) -> str:
    """The frequency of a column of periods that pandas wrote, such as M; "" for any other column."""
    facts = field.metadata or {}
    if facts.get(b"ARROW:extension:name") == b"pandas.period":
        return str(json.loads(facts[b"ARROW:extension:metadata"])["freq"])
    return str(field.type.freq) if getattr(field.type, "extension_name", "") == "pandas.period" else ""


def period_texts(ordinals: pa.Array, freq: str) -> pa.Array:
    """Periods as pandas writes them; those of a frequency that has no plain calendar as their number.

    >>> import pyarrow as pa
    >>> [period_texts(pa.array([600, None]), freq).to_pylist() for freq in ("M", "Q-DEC", "Y-DEC", "D")]
    [['2020-01', None], ['2120Q1', None], ['2570', None], ['1971-08-24', None]]
    """
    import pyarrow as pa

    numbers = (
        ordinals.storage.to_pylist() if isinstance(ordinals, pa.ExtensionArray) else ordinals.to_pylist()
    )
    return pa.array([None if n is None else _period_text(n, freq) for n in numbers], pa.string())


def _period_text(ordinal: int, freq: str) -> str:
    if freq == "Q-DEC":
        return f"{1970 + ordinal // 4}Q{ordinal % 4 + 1}"
    unit = {"Y-DEC": "Y", "A-DEC": "Y", "M": "M", "D": "D", "h": "h", "min": "m", "s": "s"}.get(freq)
    if unit is None:
        return str(ordinal)
    text = str(np.datetime64(ordinal, unit)).replace("T", " ")  # type: ignore[call-overload]
    return text + ":00" if unit == "h" else text
