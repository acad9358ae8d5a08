"""A name for the content of a table, whatever file it came in."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import pyarrow as pa


class Fingerprint:
    """Feed it the batches of a table in order; the digest does not depend on how the rows were cut into
    batches.

    Per column three streams are hashed: which values are there, the lengths of texts, and the values with
    missing ones as zero.
    """

    def __init__(self, columns: list[tuple[str, str]]) -> None:
        self._columns = columns
        self._rows = 0
        self._streams = [[hashlib.blake2b(digest_size=20) for _ in range(3)] for _ in columns]

    def add(self, batch: pa.RecordBatch | pa.Table) -> None:
        """Take in the next rows; columns in the order given at the start."""
        self._rows += batch.num_rows
        for streams, column in zip(self._streams, batch.columns, strict=True):
            for chunk in column.chunks if hasattr(column, "chunks") else [column]:
                _feed(streams, chunk)

    def digest(self, split_at: int | None = None) -> str:
        """Forty hex digits of names, types, content and the row at which the serve part begins."""
        columns = [
            [name, stored, *(s.hexdigest() for s in streams)]
            for (name, stored), streams in zip(self._columns, self._streams, strict=True)
        ]
        facts = json.dumps({"rows": self._rows, "split": split_at, "columns": columns}, ensure_ascii=True)
        return hashlib.blake2b(facts.encode(), digest_size=20).hexdigest()


def _feed(streams: list[Any], array: pa.Array) -> None:
    import pyarrow as pa
    import pyarrow.compute as pc

    there, lengths, values = streams
    there.update(np.ascontiguousarray(array.is_valid().to_numpy(zero_copy_only=False)).tobytes())
    if pa.types.is_string(array.type) or pa.types.is_large_string(array.type):
        filled = pc.fill_null(array, "")
        lengths.update(
            np.asarray(pc.binary_length(filled).to_numpy(zero_copy_only=False), dtype="<i8").tobytes()
        )
        offsets = np.frombuffer(
            filled.buffers()[1], dtype=np.int32 if pa.types.is_string(array.type) else np.int64
        )
        first, last = int(offsets[filled.offset]), int(offsets[filled.offset + len(filled)])
        if last > first:
            values.update(memoryview(filled.buffers()[2])[first:last])
        return
    if pa.types.is_boolean(array.type):
        values.update(pc.fill_null(array, False).to_numpy(zero_copy_only=False).tobytes())
        return
    if pa.types.is_timestamp(array.type):
        array = array.cast(pa.int64())
    plain = np.asarray(pc.fill_null(array, 0).to_numpy(zero_copy_only=False))
    if plain.dtype.kind == "f":
        plain = plain + 0.0  # minus zero and zero are the same number
    values.update(np.ascontiguousarray(plain, dtype=plain.dtype.newbyteorder("<")).tobytes())
