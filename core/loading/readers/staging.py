"""A temporary Parquet file of strings: what a text source is poured into before its columns are typed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.loading.readers import BATCH_BYTES, ROWS

if TYPE_CHECKING:
    import pyarrow as pa


class Stage:
    """Append Arrow batches of string columns; read them back by column position, in batches of at most 131,072 rows."""

    def __init__(self, path: Path, width: int) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        self.path = path
        self.rows = 0
        self._schema = pa.schema([(str(i), pa.string()) for i in range(width)])
        self._writer = pq.ParquetWriter(path, self._schema, compression="lz4", use_dictionary=False, write_statistics=False)
        self._waiting: list[Any] = []
        self._size = (0, 0)

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

        if self._waiting:
            self._writer.write_table(pa.Table.from_batches(self._waiting, self._schema), row_group_size=ROWS)
        self._waiting, self._size = [], (0, 0)

    def close(self) -> None:
        """End the writing."""
        self._flush()
        self._writer.close()

    def batches(self, columns: list[int]) -> Iterator[pa.RecordBatch]:
        """The columns at these positions, one batch per row group."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        with pq.ParquetFile(self.path) as file:
            for group in range(file.metadata.num_row_groups):
                table = file.read_row_group(group, columns=[str(i) for i in columns]).combine_chunks()
                yield pa.record_batch([table.column(str(i)).chunk(0) for i in columns], names=[str(i) for i in columns])
