"""ORC, read and checked one stripe at a time."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from core.loading.options import Options
from core.loading.readers import Staged
from core.loading.readers.typed import TypedTable, damaged, staged
from core.progress import Progress

if TYPE_CHECKING:
    import pyarrow as pa

WHAT = "an ORC file"


def read(
    path: Path, name: str, options: Options, folder: Path, progress: Progress, look: bool = False
) -> Staged:
    """Open an ORC file. Its data are checked as they are read. Raises `LoadError` where it is damaged."""
    import pyarrow as pa
    from pyarrow import orc

    try:
        file = orc.ORCFile(path)
        schema, rows = file.schema, file.nrows
    except (pa.ArrowException, OSError, UnicodeError) as error:
        raise damaged(name, WHAT, error) from error

    def batches(places: list[int]) -> Iterator[pa.RecordBatch]:
        wanted = sorted(places)
        for stripe in range(file.nstripes):
            progress.check()
            batch = file.read_stripe(stripe, columns=wanted)
            arrays = [batch.column(wanted.index(place)) for place in places]
            yield pa.record_batch(arrays, names=[str(place) for place in places])

    return staged(TypedTable(name, "orc", WHAT, schema, rows, batches), look)
