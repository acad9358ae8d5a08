"""Rows that steps added, numbered on after the last row of a source that stays as it is."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from core.digests import content_key
from core.rowset import RowSet

if TYPE_CHECKING:
    import pyarrow as pa

MOST = 10_000_000  # rows that can be added to one data set


@dataclass(frozen=True, eq=False)
class Added:
    """Rows behind those of the source; the first of them has the number after its last row.

    cells: their cells, one column for each of the canonical file, of its type, those of source text
        (`core.dataset.column.RAW`) among them.
    there: per number whether there is such a row; the others are free, as the step that they were given to is
        not followed.
    marks: the names now of the columns that mark them: their origin, and their parents.
    """

    cells: pa.Table
    there: NDArray[np.bool_]
    marks: tuple[str, ...] = ()

    def __len__(self) -> int:
        return int(self.there.size)

    @classmethod
    def none(cls, schema: pa.Schema, marks: tuple[str, ...]) -> Added:
        """No rows yet, of a canonical file with this schema."""
        return cls(schema.empty_table(), np.zeros(0, bool), marks)

    @cached_property
    def key(self) -> str:
        """Sixteen hex digits that name the rows: numbers and cells."""
        digest = hashlib.blake2b(np.packbits(self.there).tobytes(), digest_size=8)
        for name in self.cells.column_names:
            digest.update(self.column_key(name).encode())
        return digest.hexdigest()

    def column_key(self, name: str) -> str:
        """Sixteen hex digits that name the cells of one column."""
        known: dict[str, str] = self.__dict__.setdefault("_keys", {})
        if name not in known:
            known[name] = content_key(self.cells[name])
        return known[name]

    def rows(self, source: int) -> RowSet:
        """Their numbers, where the source has so many rows."""
        return RowSet.from_mask(self.there, first=source)

    def behind(self, values: pa.ChunkedArray, name: str) -> pa.ChunkedArray:
        """A whole column of the source with the cells of these rows behind it."""
        import pyarrow as pa

        return pa.chunked_array([*values.chunks, *self.cells[name].chunks], values.type)

    def with_block(self, first: int, cells: pa.Table) -> Added:
        """More rows, from number ``first`` on, counted among the added ones."""
        import pyarrow as pa

        size = max(len(self), first + len(cells))
        there = np.concatenate([self.there, np.zeros(size - len(self), bool)])
        there[first : first + len(cells)] = True
        columns = {
            name: placed(self.cells[name], cells[name], first, size) for name in self.cells.column_names
        }
        return Added(pa.table(columns), there, self.marks)


def placed(old: pa.ChunkedArray, new: pa.ChunkedArray, first: int, size: int) -> pa.ChunkedArray:
    """Values of ``size`` rows: the old ones, missing where they end, with the new ones from ``first`` on.

    >>> import pyarrow as pa
    >>> placed(pa.chunked_array([[1, 2]]), pa.chunked_array([[7]]), 3, 5).to_pylist()
    [1, 2, None, 7, None]
    """
    import pyarrow as pa

    kind = old.type
    if size > len(old):
        old = pa.chunked_array([*old.chunks, pa.nulls(size - len(old), kind)], kind)
    parts = (old.slice(0, first), new.cast(kind), old.slice(first + len(new)))
    return pa.chunked_array([chunk for part in parts for chunk in part.chunks], kind)
