"""The cells of a column as its source holds them: text, JSON values, or values of the source's own type."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from core.dataset.column import RAW, Column
from core.dataset.source import Source
from core.export import replay
from core.loading.json_numbers import DECODER

if TYPE_CHECKING:
    import pyarrow as pa


def kind_of(source: Source) -> str:
    """Whether a source holds text, JSON values, or values with types."""
    return {"csv": "text", "tsv": "text", "json": "json", "jsonl": "json"}.get(source.format, "typed")


def text_cells(batch: pa.RecordBatch, column: Column) -> list[str]:
    """The cells of a column as they stand in a text source."""
    import pyarrow.compute as pc

    from core.loading.text import as_text

    text = (
        pc.fill_null(batch.column(RAW + column.name), "")
        if column.raw
        else as_text(batch.column(column.name))
    )
    return text.to_numpy(zero_copy_only=False).tolist()  # type: ignore[no-any-return]


def json_cells(batch: pa.RecordBatch, column: Column) -> list[Any]:
    """The cells of a column as JSON values; `replay.ABSENT` where the object has no such key."""
    if column.raw:
        return [
            replay.ABSENT if text is None else DECODER.decode(text)
            for text in batch.column(RAW + column.name).to_pylist()
        ]
    if column.stored.startswith("timestamp"):
        from core.loading.text import as_text

        values = batch.column(column.name)
        return [
            text if there else None
            for text, there in zip(as_text(values).to_pylist(), values.is_valid().to_pylist(), strict=True)
        ]
    return batch.column(column.name).to_pylist()  # type: ignore[no-any-return]


def own_type(rows: pa.RecordBatch | pa.Table, column: Column) -> pa.Array:
    """A column with the type that it has in its source; as it is where that type cannot be made again."""
    import pyarrow as pa

    try:
        return _as_in_source(rows, column)
    except pa.ArrowInvalid:  # kept as text, as no other type holds all of its values
        return rows.column(column.name)


def _as_in_source(rows: pa.RecordBatch | pa.Table, column: Column) -> pa.Array:
    import pyarrow as pa
    import pyarrow.compute as pc

    values = rows.column(column.name)
    kind = source_type(column.source)
    if kind is None:
        return values
    if values.null_count == len(values):
        return pa.nulls(len(values), kind)
    if column.raw:
        return rows.column(RAW + column.name).cast(kind)
    if pa.types.is_timestamp(kind) and kind.tz:
        return pc.cast(pc.assume_timezone(values.cast(pa.timestamp(kind.unit)), "UTC"), kind)
    return values.cast(kind)


def source_type(name: str) -> pa.DataType | None:
    """The Arrow type that ``str(type)`` gave ``name``; None for nested types, bytes and the like, which
    became text.

    >>> str(source_type("timestamp[ns, tz=UTC]")), str(source_type("decimal128(7, 2)"))
    ('timestamp[ns, tz=UTC]', 'decimal128(7, 2)')
    >>> source_type("list<item: int64>") is None
    True
    >>> str(source_type("dictionary<values=string, indices=int8, ordered=0>"))
    'string'
    """
    import pyarrow as pa

    plain = [
        "bool",
        "int8",
        "int16",
        "int32",
        "int64",
        "uint8",
        "uint16",
        "uint32",
        "uint64",
        "float",
        "double",
        "string",
        "large_string",
        "string_view",
    ]
    if match := re.fullmatch(r"dictionary<values=(\w+), .*>", name):
        return source_type(match[1])
    if name in plain:
        return pa.type_for_alias(name)
    if match := re.fullmatch(r"timestamp\[(\w+)(?:, tz=(.+))?\]", name):
        return pa.timestamp(match[1], match[2])
    if match := re.fullmatch(r"decimal(32|64|128|256)\((\d+), (-?\d+)\)", name):
        make = {"32": pa.decimal32, "64": pa.decimal64, "128": pa.decimal128, "256": pa.decimal256}[match[1]]
        return make(int(match[2]), int(match[3]))
    return {
        "halffloat": pa.float16(),
        "date32[day]": pa.date32(),
        "date64[ms]": pa.date64(),
        "null": pa.null(),
    }.get(name)
