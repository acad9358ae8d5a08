"""Pandas frames and Arrow tables, which are in memory already and need no reading."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from core.errors import LoadError
from core.loading.cells import TypedCells
from core.loading.readers import ROWS, Staged, check_width, renamed, unique_names

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa


def read(source: pd.DataFrame | pa.Table, name: str) -> Staged:
    """Stage a frame (its index is left out) or a table. Raises `LoadError` when it has no rows or columns."""
    import pyarrow as pa

    table = to_table(source)
    header = table.column_names
    if not table.num_columns:
        raise LoadError(f"{name} has no columns. Give a table with at least one.")
    if not table.num_rows:
        raise LoadError(f"{name} has columns but no rows. Give a table with at least one row.")
    check_width(table.num_columns, name)
    names = unique_names(header)
    table = table.rename_columns([str(i) for i in range(table.num_columns)])
    types = [str(field.type) for field in table.schema]
    format = "arrow" if isinstance(source, pa.Table) else "pandas"

    def batches(places: list[int]) -> Iterator[pa.RecordBatch]:
        for batch in table.select(places).to_batches(max_chunksize=ROWS):
            if batch.num_rows:
                yield batch

    return Staged(
        names,
        table.num_rows,
        format,
        TypedCells(),
        batches,
        types,
        {"format": format, "header": header, "names": names},
        renamed(header, names),
    )


def to_table(source: pd.DataFrame | pa.Table) -> pa.Table:
    """The frame as Arrow without its index, column by column; a column of mixed objects becomes text. A table
    as it is.
    """
    import pyarrow as pa

    if isinstance(source, pa.Table):
        return source
    columns = [_column(source.iloc[:, place]) for place in range(source.shape[1])]
    return pa.table(columns, names=[str(name) for name in source.columns])


def _column(series: pd.Series[Any]) -> Any:
    import pyarrow as pa

    try:
        return pa.Array.from_pandas(series)
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError, OverflowError):
        values = [None if value is None or value != value else str(value) for value in series.tolist()]
        return pa.array(values, pa.string())
