"""Arrow and Feather: files, whose batches are found by a footer, and streams, which are read to their end."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.loading.options import Options
from core.loading.readers import Staged
from core.loading.readers.typed import TypedTable, damaged, staged
from core.progress import Progress

if TYPE_CHECKING:
    import pyarrow as pa

FILE = b"ARROW1"  # how a file begins, and a stream does not
WHAT = "an Arrow file"


def read(
    path: Path, name: str, options: Options, folder: Path, progress: Progress, look: bool = False
) -> Staged:
    """Open an Arrow file. Its data are checked as they are read. Raises `LoadError` where it is damaged."""
    import pyarrow as pa

    try:
        schema, rows = _schema_of(path, progress)
    except (pa.ArrowException, OSError, UnicodeError) as error:
        raise damaged(name, WHAT, error) from error

    def batches(places: list[int]) -> Iterator[pa.RecordBatch]:
        wanted = sorted(places)
        for batch in _batches(path, wanted):
            arrays = [batch.column(wanted.index(place)) for place in places]
            yield pa.record_batch(arrays, names=[str(place) for place in places])

    return staged(TypedTable(name, "feather", WHAT, schema, rows, batches), look)


def _schema_of(path: Path, progress: Progress) -> tuple[pa.Schema, int]:
    """The columns of a file and the number of its rows, which only its batches tell."""
    rows = 0
    for batch in _batches(path, []):
        progress.check()
        rows += batch.num_rows
    with _opened(path, None) as file:
        return file.schema, rows


def _batches(path: Path, places: list[int]) -> Iterator[pa.RecordBatch]:
    """The batches with these columns, in the order of the file; without any, for their numbers of rows."""
    with _opened(path, places or [0]) as file:
        if hasattr(file, "num_record_batches"):
            for number in range(file.num_record_batches):
                yield file.get_batch(number)
        else:
            yield from file


def _opened(path: Path, places: list[int] | None) -> Any:
    import pyarrow as pa

    options = pa.ipc.IpcReadOptions(use_threads=False, included_fields=places)
    source = pa.memory_map(str(path))
    with path.open("rb") as file:
        is_file = file.read(6) == FILE
    return (pa.ipc.open_file if is_file else pa.ipc.open_stream)(source, options=options)
