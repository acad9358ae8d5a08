"""INT96 times of Parquet, which count nanoseconds in any year; Arrow reads them either so, and then only
those of the years 1677 to 2262, or to the microsecond.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from core.finding import Finding
from core.loading.readers import ROWS
from core.phrases import count
from core.phrases import names as quoted_names
from core.progress import Progress

if TYPE_CHECKING:
    import pyarrow.parquet as pq

FARTHEST = (2**63 - 1) // 1_000  # microseconds since 1970 that nanoseconds in 64 bits reach


def opened(path: Path, unit: str = "us") -> pq.ParquetFile:
    """The file, with its INT96 times in this unit."""
    import pyarrow.parquet as pq

    return pq.ParquetFile(path, coerce_int96_timestamp_unit=unit)


def wanted(names: list[str], places: list[int]) -> list[str] | None:
    """The names by which the columns at these places are read; None, for all columns, where names repeat or
    contain dots, as Parquet would take these for paths.
    """
    chosen = [names[i] for i in places]
    simple = (
        all(names.count(name) == 1 for name in chosen) if len(chosen) < 50 else len(set(names)) == len(names)
    )
    return chosen if simple and not any("." in name for name in names) else None


def unit_of(path: Path, rows: int, names: list[str], progress: Progress) -> tuple[str, list[Finding]]:
    """The unit that keeps the INT96 times of the first ``rows`` rows: nanoseconds where they have such parts,
    else microseconds; with what there is to say where neither keeps them all.

    names: of the columns, as they are told. Raises `Cancelled` when asked to stop.
    """
    with opened(path) as coarse, opened(path, "ns") as fine:
        pairs = zip(coarse.schema_arrow, fine.schema_arrow, strict=True)
        places = [place for place, (rough, exact) in enumerate(pairs) if rough.type != exact.type]
        if not places:
            return "us", []
        paths = wanted(coarse.schema_arrow.names, places)
        finer = dict.fromkeys(places, 0)
        beyond, left = False, rows
        batches = (file.iter_batches(batch_size=ROWS, columns=paths) for file in (coarse, fine))
        for rough, exact in zip(*batches, strict=True):
            for at, place in enumerate(places):
                column = at if paths is not None else place
                cells, far = _compared(rough.column(column)[:left], exact.column(column)[:left])
                finer[place] += cells
                beyond = beyond or far
            left -= rough.num_rows
            progress.at(min(1.0, 1 - left / rows), "Reading times")
            if left <= 0:
                break
    if not any(finer.values()):
        return "us", []
    return ("us", [_cut({names[at]: cells for at, cells in finer.items()})]) if beyond else ("ns", [])


def _compared(rough: Any, exact: Any) -> tuple[int, bool]:
    """How many INT96 times have parts of a microsecond, and whether some lie beyond the years of nanoseconds;
    the same array, which may be nested, in both units.
    """
    import pyarrow as pa

    if rough.type == exact.type:
        return 0, False
    if not pa.types.is_timestamp(rough.type):
        parts = [_compared(*pair) for pair in zip(_parts(rough), _parts(exact), strict=True)]
        return sum(cells for cells, _ in parts), any(far for _, far in parts)
    micros, nanos = (array.cast(pa.int64()).fill_null(0).to_numpy() for array in (rough, exact))
    inside = np.abs(micros) <= FARTHEST
    return int(np.count_nonzero(inside & (nanos != micros * 1_000))), not inside.all()


def _parts(array: Any) -> list[Any]:
    """The arrays within a nested one."""
    import pyarrow as pa

    if pa.types.is_map(array.type):
        ends = array.offsets
        rows = slice(ends[0].as_py(), ends[-1].as_py())
        return [array.keys[rows], array.items[rows]]
    parts = array.flatten()
    return list(parts) if pa.types.is_struct(array.type) else [parts]


def _cut(finer: dict[str, int]) -> Finding:
    """The finding that says in which columns parts of a microsecond were left out."""
    columns = tuple(name for name, cells in finer.items() if cells)
    cells = sum(finer.values())
    return Finding(
        "times_cut",
        f"{count(cells, 'time')} in {quoted_names(columns)} had parts of a microsecond, which were left out.",
        "warning",
        0.3,
        "They are kept only where all INT96 times of the file lie in the years 1677 to 2262; some do not.",
        "If they matter, write the file again with times to the nanosecond instead of INT96.",
        columns=columns,
        value=float(cells),
        left_out=True,
    )
