"""An Arrow table in pandas, with every whole number kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

_THREADED = 100_000  # cells: handing fewer of them to threads takes longer than to convert them


def frame_of(table: pa.Table, index: pd.Index[int]) -> pd.DataFrame:
    """The table under ``index``; whole numbers some of which are missing as Int64, as floats would round
    them.
    """
    import pandas as pd

    gaps = {
        place: column
        for place, column in enumerate(table.columns)
        if str(column.type) == "int64" and column.null_count
    }
    plain = [place for place in range(table.num_columns) if place not in gaps]
    threads = table.num_rows * table.num_columns > _THREADED
    kept = table.select(plain).to_pandas(use_threads=threads) if plain else None
    frame = pd.DataFrame(index=index) if kept is None else kept.set_axis(index)
    for place, column in gaps.items():
        whole = column.to_pandas(types_mapper={column.type: pd.Int64Dtype()}.get)
        frame.insert(place, table.column_names[place], whole.set_axis(index))
    return frame
