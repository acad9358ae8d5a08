"""What decisions make of a source: which of its rows are left, and which cells hold something else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from core.added import Added
from core.digests import content_key, digest
from core.rowset import RowSet

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True, eq=False)
class NewCells:
    """New cells of one column.

    codes: int32, one per row of the source: the place in ``values`` of what its cell holds now; -1 where it
        is as it was.
    values: the new values, of the column's own type; null makes missing.
    unread: place in ``values`` -> the text that none of the column's type can be, and that is null there.
    """

    codes: NDArray[np.int32]
    values: pa.Array
    unread: Mapping[int, str]

    @cached_property
    def rows(self) -> NDArray[np.int64]:
        """The positions in the source of the rows that have one, ascending."""
        return np.flatnonzero(self.codes >= 0)


@dataclass(frozen=True, eq=False)
class Changes:
    """The rows that are left and the cells that changed, laid over a source that stays as it is.

    rows: how many the source has, those added behind it counted with them.
    kept: int64 positions in the source of the rows that are left, ascending; None where all are.
    cells: column -> its new cells.
    omitted: columns that are left out.
    written: column -> what a rule wrote into it, one value per row of the source; columns that the source has
        not among them. ``cells`` lie on top.
    sources: column -> its name in the source, where that is another.
    added: rows behind those of the source; None where there are none.
    """

    rows: int
    kept: NDArray[np.int64] | None = None
    cells: Mapping[str, NewCells] = field(default_factory=dict)
    omitted: tuple[str, ...] = ()
    written: Mapping[str, pa.ChunkedArray] = field(default_factory=dict)
    sources: Mapping[str, str] = field(default_factory=dict)
    added: Added | None = None

    def __bool__(self) -> bool:
        changed = self.cells or self.omitted or self.written or self.sources
        return self.kept is not None or self.added is not None or bool(changed)

    def source(self, name: str) -> str:
        """The column of the source that has to be read for this one; "" where a rule wrote it whole."""
        return "" if name in self.written else self.sources.get(name, name)

    def read(self, names: Iterable[str]) -> list[str]:
        """The columns of the source that have to be read for these, each once."""
        return [source for source in dict.fromkeys(map(self.source, names)) if source]

    @cached_property
    def mask(self) -> NDArray[np.bool_] | None:
        """Per row of the source whether it is left; None where all are."""
        if self.kept is None:
            return None
        mask = np.zeros(self.rows, bool)
        mask[self.kept] = True
        return mask

    @cached_property
    def rows_key(self) -> str:
        """Sixteen hex digits that name the rows that are left; "" where all are."""
        return "" if self.mask is None else digest(np.packbits(self.mask).tobytes())

    def column_key(self, name: str) -> str:
        """Sixteen hex digits that name what became of one column; "" where nothing did."""
        words = [self.rows_key, self.sources.get(name, "")]
        if name in self.written:
            words.append(self._written_key(name))
        elif self.added is not None:
            words.append(self.added.column_key(self.source(name)))
        if name in self.cells:
            cells = self.cells[name]
            new = repr((cells.values.to_pylist(), sorted(cells.unread.items())))
            words += [digest(cells.codes.tobytes()), digest(new.encode("utf-8", "surrogatepass"))]
        return digest("|".join(words).encode()) if any(words) else ""

    @cached_property
    def key(self) -> str:
        """Sixteen hex digits that name all changes together: equal changes have equal keys, however they came
        about.
        """
        words = [self.rows_key, "" if self.added is None else self.added.key, *sorted(self.omitted)]
        for name in sorted({*self.cells, *self.written, *self.sources}):
            words += [name, self.column_key(name)]
        return digest("\0".join(words).encode("utf-8", "surrogatepass"))

    def _written_key(self, name: str) -> str:
        """A digest of what a rule wrote into a column, made once."""
        known: dict[str, str] = self.__dict__.setdefault("_keys", {})
        if name not in known:
            known[name] = content_key(self.written[name])
        return known[name]

    def column(
        self, name: str, values: pa.ChunkedArray | pa.Array | None, start: int = 0, length: int | None = None
    ) -> pa.ChunkedArray:
        """A column as it is now, without the rows that are gone.

        values: that of the source (`source`), from row ``start`` on, with those of rows added behind it;
            None where a rule wrote it whole, of which ``length`` rows are taken (all by default).
        """
        import pyarrow as pa
        import pyarrow.compute as pc

        if values is None:
            values = self.written[name].slice(start, self.rows if length is None else length)
        past = start + len(values)
        if name in self.cells:
            cells = self.cells[name]
            part = cells.codes[start:past]
            instead = cells.values.take(pa.array(np.maximum(part, 0)))
            values = pc.if_else(pa.array(part >= 0), instead, values)
        if self.mask is not None:
            values = values.filter(pa.array(self.mask[start:past]))
        return values if isinstance(values, pa.ChunkedArray) else pa.chunked_array([values])

    def batches(self, source: Iterable[pa.RecordBatch], names: Sequence[str]) -> Iterator[pa.RecordBatch]:
        """Columns as they are now, batch by batch.

        source: batches of what has to be read for them (`read`), of all rows, those added behind as well.
        """
        import pyarrow as pa

        start = 0
        for batch in source:
            cells = {name: batch.column(name) for name in batch.schema.names}
            columns = [self.column(n, cells.get(self.source(n)), start, len(batch)) for n in names]
            start += len(batch)
            yield from pa.table(columns, names=names).to_batches()

    def left(self, values: NDArray[Any], added: Any) -> NDArray[Any]:
        """One value for each row that is left, from one for each row of the source: ``added`` for a row
        behind it.
        """
        more = self.rows - values.size
        values = np.pad(values, (0, more), constant_values=added) if more else values
        return values if self.kept is None else values[self.kept]

    def at(self, rows: NDArray[np.int64]) -> Changes:
        """The same of some rows of the source alone, by their positions; none of them counts as gone or as
        added.
        """
        import pyarrow as pa

        cells = {name: replace(one, codes=one.codes[rows]) for name, one in self.cells.items()}
        places = pa.array(rows)
        written = {name: values.take(places) for name, values in self.written.items()}
        return Changes(rows.size, None, cells, self.omitted, written, self.sources)

    def to_source(self, rows: RowSet) -> RowSet:
        """Rows counted among those that are left, as positions in the source."""
        return rows if self.kept is None else RowSet(self.kept[rows.ids])

    def from_source(self, rows: RowSet) -> RowSet:
        """Positions in the source, counted among the rows that are left; those that are gone are left out.

        >>> changes = Changes(5, kept=np.array([0, 2, 4]))
        >>> changes.from_source(RowSet([1, 2, 4])), changes.to_source(RowSet([1, 2]))
        (RowSet(2 rows: 1-2), RowSet(2 rows: 2, 4))
        """
        if self.kept is None:
            return rows
        ids = rows.ids
        places = np.searchsorted(self.kept, ids)
        there = places < self.kept.size
        there[there] = self.kept[places[there]] == ids[there]
        return RowSet(places[there])


def differing(before: pa.ChunkedArray, after: pa.ChunkedArray) -> NDArray[np.bool_]:
    """Per row whether the value is another; where the type is another, whether there is a value at all."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if before.type != after.type:
        either_number = pa.types.is_integer(after.type) or pa.types.is_floating(after.type)
        if not (pa.types.is_integer(before.type) and either_number):
            either = pc.or_(pc.is_valid(before), pc.is_valid(after))
            return np.asarray(either.to_numpy(), dtype=bool)
        before = before.cast(after.type, safe=False)
    other = pc.fill_null(pc.not_equal(before, after), False).to_numpy()
    gaps = pc.xor(pc.is_valid(before), pc.is_valid(after)).to_numpy()
    return np.asarray(other | gaps, dtype=bool)
