"""Parquet, read and checked one row group at a time."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from core.errors import LoadError
from core.limits import ROWS as ROWS_LIMIT
from core.limits import SOURCE_MB
from core.loading.options import Options
from core.loading.readers import LOOK_ROWS, ROWS, Staged, check_width, renamed, unique_names
from core.loading.readers.int96 import opened, unit_of, wanted
from core.loading.sniff import visible
from core.loading.typed_cells import TypedCells
from core.progress import Progress

if TYPE_CHECKING:
    import pyarrow as pa

CHECKED = 100_000  # column chunks of which the footer's counts are compared


def read(
    path: Path, name: str, options: Options, folder: Path, progress: Progress, look: bool = False
) -> Staged:
    """Open a Parquet file. Its data are checked as they are read. Raises `LoadError` when it is damaged or
    has no rows.
    """
    import pyarrow as pa

    schema, rows = _schema_of(path, name)
    names = _texts(schema.names)
    kept = unique_names(names)
    shown = min(rows, LOOK_ROWS) if look else rows
    periods = {place: freq for place, field in enumerate(schema) if (freq := _period(field))}
    try:
        unit, findings = unit_of(path, shown, kept, progress)
        with opened(path, unit) as file:
            schema = file.schema_arrow
    except (pa.ArrowException, OSError, UnicodeError) as error:
        raise _damaged(name, error) from error
    batches = _Batches(path, name, names, shown, periods, unit)
    types = [
        f"period[{periods[place]}]" if place in periods else str(field.type)
        for place, field in enumerate(schema)
    ]
    return Staged(
        kept,
        shown,
        "parquet",
        TypedCells(),
        batches,
        types,
        {
            "format": "parquet",
            "header": names,
            "names": kept,
            **({"beginning": shown < rows} if look else {}),
        },
        [*renamed(names, kept), *findings],
    )


def _schema_of(path: Path, name: str) -> tuple[pa.Schema, int]:
    """The columns of a file and the number of its rows. Raises `LoadError` where it is damaged, has none of
    either, or would be too large.
    """
    import pyarrow as pa

    try:
        with opened(path) as file:
            schema, rows = file.schema_arrow, file.metadata.num_rows
            _check_counts(file.metadata, name)
    except (pa.ArrowException, OSError, UnicodeError) as error:
        raise _damaged(name, error) from error
    check_width(len(schema.names), name)
    if not rows or not schema.names:
        missing = "columns but no rows" if schema.names else "no columns"
        raise LoadError(f"{name} has {missing}. Choose a file with at least one row of data.")
    _check_size(rows, schema, name)
    return schema, rows


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


def _check_counts(metadata: Any, name: str) -> None:
    """Raise `LoadError` unless footer, row groups and columns count the same rows."""
    groups = [metadata.row_group(i) for i in range(metadata.num_row_groups)]
    counted = sum(group.num_rows for group in groups)
    if counted != metadata.num_rows:
        raise LoadError(
            f"{name} is damaged: its footer counts {metadata.num_rows:,} rows, its groups "
            f"{counted:,}. Write or download it again."
        )
    flat = [i for i in range(metadata.num_columns) if not metadata.schema.column(i).max_repetition_level]
    for number, group in enumerate(groups):
        for column in flat[: max(1, CHECKED // len(groups))]:
            values = group.column(column).num_values
            if values != group.num_rows:
                raise LoadError(
                    f"{name} is damaged: group {number} counts {group.num_rows:,} rows, but a column of it "
                    f"holds {values:,} values. Write or download it again."
                )


def _check_size(rows: int, schema: pa.Schema, name: str) -> None:
    """Raise `LoadError` when the table would be too large, however small its file is."""
    bits = sum(getattr(field.type, "bit_width", 32) if _fixed(field.type) else 32 for field in schema)
    size = rows * bits / 8
    if rows > ROWS_LIMIT.value:
        raise LoadError(
            f"{name} holds {rows:,} rows; the limit is {ROWS_LIMIT.value:,}. "
            f"Take a part of them, or raise {ROWS_LIMIT.env}."
        )
    if size > SOURCE_MB.value * 1_000_000:
        raise LoadError(
            f"{name} would become {size / 1e6:,.0f} MB ({rows:,} rows of {len(schema):,} columns); the "
            f"limit is {SOURCE_MB.value:,} MB. Take a part of it, or raise {SOURCE_MB.env}."
        )


def _fixed(kind: pa.DataType) -> bool:
    import pyarrow as pa

    return bool(pa.types.is_primitive(kind))


def _texts(names: list[Any]) -> list[str]:
    return [visible(str(name)) for name in names]


def _damaged(name: str, error: Exception) -> LoadError:
    first = str(error).splitlines()[0] if str(error) else type(error).__name__
    return LoadError(
        f"{name} is a Parquet file, but a damaged or incomplete one ({first[:200]}). "
        "Write or download it again."
    )


class _Batches:
    """Batches of columns by position; every batch is validated before anyone looks at it."""

    def __init__(
        self, path: Path, name: str, names: list[str], rows: int, periods: dict[int, str], unit: str
    ) -> None:
        self._path = path
        self._unit = unit
        self._name = name
        self._names = names
        self._rows = rows
        self._periods = periods
        self._file: Any = None  # opened once: the footer of a wide file takes long to read

    def __call__(self, places: list[int]) -> Iterator[pa.RecordBatch]:
        import pyarrow as pa

        left = self._rows
        try:
            self._file = self._file or opened(self._path, self._unit)
            paths = wanted(self._names, places)
            for batch in self._file.iter_batches(batch_size=ROWS, columns=paths):
                batch.validate(full=True)
                picked = self._pick(batch, places, whole=paths is None).slice(0, left)
                left -= picked.num_rows
                yield picked
                if left == 0:
                    return
        except (pa.ArrowException, OSError, UnicodeError) as error:
            if isinstance(error, MemoryError):
                raise
            raise _damaged(self._name, error) from error
        if left:
            raise LoadError(
                f"{self._name} says that it has {self._rows:,} rows but holds {self._rows - left:,}. "
                "Write or download it again."
            )

    def _pick(self, batch: pa.RecordBatch, places: list[int], whole: bool) -> pa.RecordBatch:
        """``whole``: the batch has all columns, in the order of the file; else those asked for, in whatever
        order.
        """
        import pyarrow as pa

        if whole:
            arrays = [batch.column(i) for i in places]
        else:
            at = {name: i for i, name in enumerate(batch.schema.names)}
            arrays = [batch.column(at[self._names[i]]) for i in places]
        arrays = [
            period_texts(array, self._periods[i]) if i in self._periods else array
            for i, array in zip(places, arrays, strict=True)
        ]
        return pa.record_batch(arrays, names=[str(i) for i in places])
