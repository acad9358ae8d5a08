"""INT96 times of Parquet, which count nanoseconds in any year; Arrow reads them either so, and then only
those of the years 1677 to 2262, or to the microsecond.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from core.finding import Finding
from core.loading.readers import ROWS
from core.phrases import count, names

if TYPE_CHECKING:
    import pyarrow.parquet as pq

FARTHEST = (2**63 - 1) // 1_000  # microseconds since 1970 that nanoseconds in 64 bits reach


def opened(path: Path, unit: str = "us") -> pq.ParquetFile:
    """The file, with its INT96 times in this unit."""
    import pyarrow.parquet as pq

    return pq.ParquetFile(path, coerce_int96_timestamp_unit=unit)


def unit_of(path: Path, rows: int) -> tuple[str, list[Finding]]:
    """The unit that keeps the INT96 times of the first ``rows`` rows: nanoseconds where they have such parts,
    else microseconds; with what there is to say where neither keeps them all.
    """
    with opened(path) as coarse, opened(path, "ns") as fine:
        schema = coarse.metadata.schema
        columns = [schema.column(i) for i in range(len(schema.names))]
        paths = list(dict.fromkeys(c.path for c in columns if c.physical_type == "INT96"))
        if not paths:
            return "us", []
        finer: dict[str, int] = {}
        beyond, left = False, rows
        pairs = (file.iter_batches(batch_size=ROWS, columns=paths) for file in (coarse, fine))
        for rough, exact in zip(*pairs, strict=True):
            for place, name in enumerate(rough.schema.names):
                cells, far = _compared(rough.column(place)[:left], exact.column(place)[:left])
                finer[name] = finer.get(name, 0) + cells
                beyond = beyond or far
            left -= rough.num_rows
            if left <= 0:
                break
    if not any(finer.values()):
        return "us", []
    return ("us", [_cut(finer)]) if beyond else ("ns", [])


def _compared(rough: Any, exact: Any) -> tuple[int, bool]:
    """How many times have parts of a microsecond, and whether some lie beyond the years of nanoseconds."""
    finer, beyond = 0, False
    for micros, nanos in zip(_ticks(rough), _ticks(exact), strict=True):
        inside = np.abs(micros) <= FARTHEST
        finer += int(np.count_nonzero(inside & (nanos != micros * 1_000)))
        beyond = beyond or not inside.all()
    return finer, beyond


def _ticks(array: Any) -> Iterator[Any]:
    """The times within an array, which may be nested, as whole numbers; 0 for a null."""
    import pyarrow as pa

    if pa.types.is_timestamp(array.type):
        yield array.cast(pa.int64()).fill_null(0).to_numpy()
    elif pa.types.is_struct(array.type):
        for part in array.flatten():
            yield from _ticks(part)
    elif pa.types.is_nested(array.type):
        yield from _ticks(array.flatten())


def _cut(finer: dict[str, int]) -> Finding:
    """The finding that says in which columns parts of a microsecond were left out."""
    columns = tuple(name for name, cells in finer.items() if cells)
    cells = sum(finer.values())
    return Finding(
        "times_cut",
        f"{count(cells, 'time')} in {names(columns)} had parts of a microsecond, which were left out.",
        "warning",
        0.3,
        "They are kept only where all INT96 times of the file lie in the years 1677 to 2262; some do not.",
        "If they matter, write the file again with times to the nanosecond instead of INT96.",
        columns=columns,
        value=float(cells),
    )
