"""Parquet, read and checked one row group at a time."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.errors import LoadError
from core.loading.cells import TypedCells
from core.loading.options import Options
from core.loading.readers import LOOK_ROWS, ROWS, Staged, check_width, renamed, unique_names
from core.progress import Progress

if TYPE_CHECKING:
    import pyarrow as pa


def read(
    path: Path, name: str, options: Options, folder: Path, progress: Progress, look: bool = False
) -> Staged:
    """Open a Parquet file. Its data are checked as they are read. Raises `LoadError` when it is damaged or
    has no rows.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path) as file:
            schema, rows = file.schema_arrow, file.metadata.num_rows
    except (pa.ArrowException, OSError, UnicodeError) as error:
        raise _damaged(name, error) from error
    names = _texts(schema.names)
    check_width(len(names), name)
    if not rows or not names:
        raise LoadError(
            f"{name} has {'columns but no rows' if names else 'no columns'}. Choose a file with at least "
            "one row of data."
        )
    kept = unique_names(names)
    shown = min(rows, LOOK_ROWS) if look else rows
    batches = _Batches(path, name, names, shown)
    types = [str(field.type) for field in schema]
    return Staged(
        kept,
        shown,
        "parquet",
        TypedCells(),
        batches,
        types,
        {"format": "parquet", "header": names, "names": kept},
        renamed(names, kept),
    )


def _texts(names: list[Any]) -> list[str]:
    return [str(name).encode("utf-8", "replace").decode() for name in names]


def _damaged(name: str, error: Exception) -> LoadError:
    first = str(error).splitlines()[0] if str(error) else type(error).__name__
    return LoadError(
        f"{name} is a Parquet file, but a damaged or incomplete one ({first[:200]}). Write or download it "
        "again."
    )


class _Batches:
    """Batches of columns by position; every batch is validated before anyone looks at it."""

    def __init__(self, path: Path, name: str, names: list[str], rows: int) -> None:
        self._path = path
        self._name = name
        self._names = names
        self._rows = rows
        self._file: Any = None  # opened once: the footer of a wide file takes long to read

    def __call__(self, places: list[int]) -> Iterator[pa.RecordBatch]:
        import pyarrow as pa
        import pyarrow.parquet as pq

        left = self._rows
        try:
            self._file = self._file or pq.ParquetFile(self._path)
            paths = self._paths(places)
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

    def _paths(self, places: list[int]) -> list[str] | None:
        """Names to read; all columns where names repeat or contain dots, as Parquet would take these for
        paths.
        """
        wanted = [self._names[i] for i in places]
        simple = (
            all(self._names.count(name) == 1 for name in wanted)
            if len(wanted) < 50
            else len(set(self._names)) == len(self._names)
        )
        return wanted if simple and not any("." in name for name in self._names) else None

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
        return pa.record_batch(arrays, names=[str(i) for i in places])
