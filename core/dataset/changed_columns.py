"""The columns as decisions left them: those of the canonical file, changed as they are read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

from core.changes import Changes
from core.dataset.canonical_file import CanonicalFile
from core.dataset.column import RAW
from core.dataset.held import Cache

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True)
class ChangedColumns:
    """The columns of ``source`` with the ``changes``, read as those of a `CanonicalFile` are.

    held: what is kept of them in memory. fits: whether the data are small enough for that. first: the
    first column of the source, read where its rows are counted only.
    """

    source: CanonicalFile | ChangedColumns
    changes: Changes
    held: Cache
    fits: bool
    first: tuple[str, ...]

    def columns(self, names: Sequence[str], hold: bool) -> list[pa.ChunkedArray]:
        """The columns of these names; one that nothing changed is that of the source, not a copy. Those that
        ``hold`` keeps are worked out once.
        """
        changes = self.changes
        wanted = [name for name in dict.fromkeys(names) if ("column", name) not in self.held]
        read = changes.read(wanted)
        loaded = dict(zip(read, self.source.columns(read, hold), strict=True))
        if changes.added is not None:
            loaded = {name: changes.added.behind(values, name) for name, values in loaded.items()}
        columns = {name: changes.column(name, loaded.get(changes.source(name))) for name in wanted}
        if hold:
            for name, column in columns.items():
                self.held[("column", name)] = column
        return [columns[name] if name in columns else self.held[("column", name)] for name in names]

    def batches(self, names: Sequence[str], size: int) -> Iterator[pa.RecordBatch]:
        """The columns as record batches: those of the source of at most ``size`` rows, changed in turn."""
        changes = self.changes
        added = [] if changes.added is None else changes.added.cells.to_batches(max_chunksize=size)
        read = self._read(changes.read(names) or list(self.first), size)
        yield from changes.batches(chain(read, added), names)

    def _read(self, names: list[str], size: int) -> Iterator[pa.RecordBatch]:
        import pyarrow as pa

        if not self.fits:
            yield from self.source.batches(names, size)
            return
        table = pa.table(self.source.columns(names, hold=True), names=names)
        yield from table.to_batches(max_chunksize=size)

    def raw(self, name: str) -> pa.ChunkedArray:
        """The source text of a column. Not held in memory."""
        before = self.changes.sources.get(name, name)
        texts = self.source.raw(before)
        if self.changes.added is not None:
            texts = self.changes.added.behind(texts, RAW + before)
        return self.changes.column("", texts)
