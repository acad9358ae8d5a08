"""Parquet, read and checked one row group at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.errors import LoadError
from core.loading.options import Options
from core.loading.readers import LOOK_ROWS, ROWS, Staged, check_width, unique_names
from core.loading.readers.int96 import opened, unit_of, wanted
from core.loading.readers.typed import TypedTable, check_size, damaged, header_of, staged
from core.progress import Progress

if TYPE_CHECKING:
    import pyarrow as pa

CHECKED = 100_000  # column chunks of which the footer's counts are compared
WHAT = "a Parquet file"


def read(
    path: Path, name: str, options: Options, folder: Path, progress: Progress, look: bool = False
) -> Staged:
    """Open a Parquet file. Its data are checked as they are read. Raises `LoadError` when it is damaged."""
    import pyarrow as pa

    try:
        with opened(path) as file:
            schema, rows = file.schema_arrow, file.metadata.num_rows
            _check_counts(file.metadata, name)
        check_width(len(schema.names), name)
        check_size(rows, schema, name)
        names = header_of(schema)
        unit, findings = unit_of(path, min(rows, LOOK_ROWS) if look else rows, unique_names(names), progress)
        with opened(path, unit) as file:
            schema = file.schema_arrow
    except (pa.ArrowException, OSError, UnicodeError) as error:
        raise damaged(name, WHAT, error) from error
    read = _reading(path, names, unit)
    return staged(TypedTable(name, "parquet", WHAT, schema, rows, read, findings=findings), look)


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


def _reading(path: Path, names: list[str], unit: str) -> Callable[[list[int]], Iterator[pa.RecordBatch]]:
    """Batches of columns by position. The file is opened once, as a wide footer takes long to read."""
    import pyarrow as pa

    files: list[Any] = []

    def batches(places: list[int]) -> Iterator[pa.RecordBatch]:
        file = files[0] if files else opened(path, unit)
        files[:] = [file]
        paths = wanted(names, places)
        for batch in file.iter_batches(batch_size=ROWS, columns=paths):
            if paths is None:  # all columns, in the order of the file
                arrays = [batch.column(i) for i in places]
            else:  # those asked for, in whatever order
                at = {name: i for i, name in enumerate(batch.schema.names)}
                arrays = [batch.column(at[names[i]]) for i in places]
            yield pa.record_batch(arrays, names=[str(i) for i in places])

    return batches
