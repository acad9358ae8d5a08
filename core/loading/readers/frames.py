"""What is in memory already and needs no reading: pandas frames, series, dicts of columns, Arrow tables."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from core.errors import LoadError
from core.loading.readers import ROWS, Staged, check_width, no_rows, renamed, unique_names
from core.loading.typed_cells import TypedCells

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa


def read(source: Any, name: str) -> Staged:
    """Stage what `to_table` takes. Raises `LoadError` when it has no columns."""
    import pyarrow as pa

    table = to_table(source)
    header = table.column_names
    if not table.num_columns:
        raise LoadError(f"{name} has no columns. Give a table with at least one.")
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
        names=names,
        rows=table.num_rows,
        format=format,
        cells=TypedCells(),
        batches=batches,
        types=types,
        options={"format": format, "header": header, "names": names},
        findings=renamed(header, names) + ([] if table.num_rows else [no_rows()]),
    )


def to_table(source: Any) -> pa.Table:
    """A frame, a series, a dict of columns, or anything that gives an Arrow table (polars), as that.

    An index that says something becomes the first column or columns (see `_index`); a column of mixed objects
    becomes text. Raises `LoadError` for anything else.
    """
    import pandas as pd
    import pyarrow as pa

    if isinstance(source, pa.Table):
        return source
    if isinstance(source, pa.RecordBatch):
        return pa.Table.from_batches([source])
    if isinstance(source, Mapping):
        source = _frame_of(source)
    if isinstance(source, pd.Series):
        source = source.to_frame("value" if source.name is None else source.name)
    if isinstance(source, pd.DataFrame):
        plain = [(str(name), source.iloc[:, place]) for place, name in enumerate(source.columns)]
        columns = [*_index(source), *plain]
        return pa.table([_column(series) for _, series in columns], names=[name for name, _ in columns])
    if hasattr(source, "__arrow_c_stream__"):
        return pa.table(source)
    raise LoadError(
        f"An object of type {type(source).__name__} cannot be loaded. Give a path, a pandas frame or series, "
        "a dict of columns, or an Arrow table."
    )


def _frame_of(columns: Mapping[Any, Any]) -> pd.DataFrame:
    import pandas as pd

    try:
        return pd.DataFrame(columns)
    except (ValueError, TypeError) as error:
        raise LoadError(
            f"The dict cannot be read as a table ({error}). Give lists of the same length, column by column."
        ) from error


def _index(frame: pd.DataFrame) -> list[tuple[str, pd.Series[Any]]]:
    """The levels of an index that says something, as columns; none where it only counts the rows.

    An index without a name says nothing where it is a range, or repeats whole numbers as after `pd.concat`.
    """
    import pandas as pd

    index = frame.index
    if index.nlevels == 1 and index.name is None:
        repeated = pd.api.types.is_integer_dtype(index.dtype) and not index.is_unique
        if isinstance(index, pd.RangeIndex) or repeated:
            return []
    taken = {str(name) for name in frame.columns}
    levels = []
    for place in range(index.nlevels):
        name = index.names[place]
        free = f"level_{place}" if index.nlevels > 1 or "index" in taken else "index"
        values = pd.Series(index.get_level_values(place))
        levels.append((free if name is None else str(name), values))
    return levels


def _column(series: pd.Series[Any]) -> pa.Array:
    """A column as Arrow; mixed objects as text, and objects of unlike keys as JSON, each as it is."""
    import pandas as pd
    import pyarrow as pa

    kind = series.dtype
    if isinstance(kind, pd.SparseDtype):
        series = pd.Series(series.to_numpy())
    elif isinstance(kind, pd.PeriodDtype | pd.IntervalDtype):
        return pa.array([_text(value) for value in series.tolist()], pa.string())
    elif isinstance(kind, pd.CategoricalDtype) and isinstance(
        kind.categories.dtype, pd.PeriodDtype | pd.IntervalDtype
    ):
        series = series.cat.rename_categories([str(level) for level in kind.categories])
    try:
        array = pa.Array.from_pandas(series)
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError, OverflowError):
        return pa.array([_text(value) for value in series.tolist()], pa.string())
    if pd.api.types.is_object_dtype(kind) and pa.types.is_struct(array.type):
        return pa.array([_text(value) for value in series.tolist()], pa.string())
    return array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array


def _text(value: Any) -> str | None:
    """The text of an object; None where it is missing."""
    import pandas as pd

    if value is None or (pd.api.types.is_scalar(value) and pd.isna(value)):
        return None
    text = (
        json.dumps(value, ensure_ascii=False, default=str) if isinstance(value, dict | list) else str(value)
    )
    return text.encode("utf-8", "backslashreplace").decode()
