"""Reading one canonical file, which somebody else may remove or damage at any time."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.dataset.column import RAW
from core.dataset.held import Cache
from core.errors import LoadError

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq


@dataclass(frozen=True)
class CanonicalFile:
    """The file at ``path`` of the data set called ``name``; what is kept of it in memory is in ``held``.

    Every method raises `LoadError` when the file is gone or damaged.
    """

    path: Path
    name: str
    held: Cache

    def check(self) -> None:
        """Open it, where this thread did not yet."""
        self._open()

    @property
    def bytes(self) -> int:
        """Size of the uncompressed data, in bytes."""
        size: int = self.held.once("bytes", lambda: sum(g.total_byte_size for g in _groups(self._open())))
        return size

    @property
    def width(self) -> int:
        """How many columns it has, those of source text included."""
        return len(self._open().schema_arrow)

    def columns(self, names: Sequence[str], hold: bool) -> list[pa.ChunkedArray]:
        """The columns of these names; those that ``hold`` keeps are read once."""
        if not hold:
            table = self._read(names)
            return [table.column(name) for name in names]
        absent = [name for name in dict.fromkeys(names) if ("column", name) not in self.held]
        if absent:
            table = self._read(absent)
            for name in absent:
                self.held[("column", name)] = table.column(name)
        return [self.held[("column", name)] for name in names]

    def batches(self, names: Sequence[str], size: int) -> Iterator[pa.RecordBatch]:
        """The columns as record batches of at most ``size`` rows, in constant memory."""
        with self.readable():
            yield from self._open().iter_batches(batch_size=size, columns=list(names))

    def raw(self, name: str) -> pa.ChunkedArray:
        """The source text of a column. Not held in memory."""
        return self.columns([RAW + name], hold=False)[0]

    @contextlib.contextmanager
    def readable(self) -> Iterator[None]:
        """Raise `LoadError` where the file turns out to be gone or damaged: somebody else did that, and
        another load mends it.
        """
        import pyarrow as pa

        try:
            yield
        except (OSError, pa.ArrowException) as error:
            what = f"is damaged ({str(error)[:80]})" if self.path.exists() else "is gone"
            raise LoadError(
                f"The workspace's copy of {self.name!r} {what}, so that nothing more can be read from it. "
                "Load the data again."
            ) from error

    def _read(self, names: Sequence[str]) -> pa.Table:
        with self.readable():
            return self._open().read(columns=list(dict.fromkeys(names)))

    def _open(self) -> pq.ParquetFile:
        """The file, opened once per thread (a reader may not be shared): its footer is long where there are
        many columns.

        Nothing of it is kept but the footer: neither buffers nor mapped pages, which would count as ours
        while it is open.
        """
        import pyarrow.parquet as pq

        with self.readable():
            return self.held.mine("file", lambda: pq.ParquetFile(self.path, pre_buffer=False))


def _groups(file: pq.ParquetFile) -> list[Any]:
    return [file.metadata.row_group(i) for i in range(file.metadata.num_row_groups)]
