"""Strings in columns: what a text source is poured into before its columns are typed. In memory, or a
temporary file where it is large.
"""

from __future__ import annotations

import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.loading.readers import BATCH_BYTES, ROWS

if TYPE_CHECKING:
    import pyarrow as pa


# text held in memory, of all sources of one process: reading a column of a wide file from the disk costs a
# look at all its columns
HELD_BYTES = 512_000_000
_LIVE: weakref.WeakSet[Stage] = weakref.WeakSet()


class Stage:
    """Append Arrow batches of string columns; read them back by column position, in batches of at most
    131,072 rows.
    """

    def __init__(self, path: Path, width: int) -> None:
        import pyarrow as pa

        self.path = path
        self.rows = 0
        self._schema = pa.schema([(str(i), pa.string()) for i in range(width)])
        self._waiting: list[Any] = []
        self._size = (0, 0)
        self._held: list[Any] = []
        self._bytes = 0
        self._writer: Any = None
        self._file: Any = None
        _LIVE.add(self)

    def add(self, columns: list[Any]) -> None:
        """Append one batch, given as Arrow string arrays."""
        import pyarrow as pa

        batch = pa.record_batch(columns, schema=self._schema)
        self.rows += batch.num_rows
        while batch.num_rows:
            room = ROWS - self._size[0]
            taken, batch = batch.slice(0, room), batch.slice(room)
            self._waiting.append(taken)
            self._size = (self._size[0] + taken.num_rows, self._size[1] + taken.nbytes)
            if self._size[0] >= ROWS or self._size[1] >= BATCH_BYTES:
                self._flush()

    def _flush(self) -> None:
        import pyarrow as pa

        if not self._waiting:
            return
        self._held.append(pa.Table.from_batches(self._waiting, self._schema).combine_chunks())
        self._bytes += self._size[1]
        self._waiting, self._size = [], (0, 0)
        if sum(stage._bytes for stage in _LIVE) > HELD_BYTES:
            self._spill()

    def _spill(self) -> None:
        """Move what is held to the file, one row group for each table."""
        import pyarrow.parquet as pq

        if self._writer is None:
            self._writer = pq.ParquetWriter(
                self.path, self._schema, compression="lz4", use_dictionary=False, write_statistics=False
            )
        for table in self._held:
            self._writer.write_table(table, row_group_size=ROWS)
        self._held, self._bytes = [], 0

    def close(self) -> None:
        """End the writing."""
        import pyarrow.parquet as pq

        self._flush()
        if self._writer is not None:
            self._spill()
            self._writer.close()
            self._file = pq.ParquetFile(self.path)

    def batches(self, columns: list[int]) -> Iterator[pa.RecordBatch]:
        """The columns at these positions, one batch per row group."""
        import pyarrow as pa

        names = [str(i) for i in columns]
        for table in self._tables(columns):
            yield pa.record_batch([column.chunk(0) for column in table.columns], names=names)

    def _tables(self, columns: list[int]) -> Iterator[pa.Table]:
        if self._file is None:
            yield from (table.select(columns) for table in self._held)
            return
        names = [str(i) for i in columns]
        for group in range(self._file.metadata.num_row_groups):
            yield self._file.read_row_group(group, columns=names).select(names).combine_chunks()
