"""Writing the canonical file: typed columns, source text where it is needed, and what is known about them in
the footer.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.dataset import Dataset
from core.dataset.column import RAW, Column
from core.dataset.footer import META
from core.dataset.source import Source
from core.dataset.split import PartSplit
from core.loading.align import Alignment, naming
from core.loading.examined import Planned
from core.loading.fingerprint import Fingerprint
from core.loading.readers import BATCH_BYTES, ROWS, Staged
from core.loading.text import arrow_type
from core.progress import Progress

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass
class Writer:
    """A canonical file in the making: batches in, row groups of at most 131,072 rows out."""

    path: Path
    schema: pa.Schema

    def __post_init__(self) -> None:
        import pyarrow.parquet as pq

        # Floats hardly ever repeat; a dictionary for them costs time and saves nothing.
        coded = [field.name for field in self.schema if str(field.type) not in ("double", "bool")]
        settings: dict[str, Any] = {"compression": "zstd", "compression_level": 1, "store_schema": False}
        self._writer = pq.ParquetWriter(self.path, self.schema, use_dictionary=coded, **settings)
        self._waiting: list[Any] = []
        self._size = (0, 0)

    def add(self, batch: pa.RecordBatch) -> None:
        """Append a batch of the schema."""
        while batch.num_rows:
            taken, batch = batch.slice(0, ROWS - self._size[0]), batch.slice(ROWS - self._size[0])
            self._waiting.append(taken)
            self._size = (self._size[0] + taken.num_rows, self._size[1] + taken.nbytes)
            if self._size[0] >= ROWS or self._size[1] >= 4 * BATCH_BYTES:
                self._flush()

    def _flush(self) -> None:
        import pyarrow as pa

        if self._waiting:
            self._writer.write_table(pa.Table.from_batches(self._waiting, self.schema), row_group_size=ROWS)
        self._waiting, self._size = [], (0, 0)

    def close(self, meta: bytes) -> None:
        """End the file with its footer."""
        self._flush()
        self._writer.add_key_value_metadata({META: meta})
        self._writer.close()


def schema_of(columns: list[Column]) -> pa.Schema:
    """The schema of the canonical file: the columns, then the source texts that are kept."""
    import pyarrow as pa

    stored = [
        pa.field(c.name, arrow_type("timestamp" if c.stored.startswith("timestamp") else c.stored))
        for c in columns
    ]
    return pa.schema(stored + [pa.field(RAW + c.name, pa.string()) for c in columns if c.raw])


def write(
    path: Path, plan: Alignment, sources: list[Staged], name: str, origins: list[Source], progress: Progress
) -> Dataset:
    """Write the canonical file of the planned columns and return it as a data set.

    ``origins``: where each part came from. The fingerprint is of this automatic typing.
    """
    columns = [planned.column for planned in plan.columns]
    writer = Writer(path, schema_of(columns))
    mark = Fingerprint([(c.name, c.stored) for c in columns])
    rows = sum(source.rows for source in sources)
    done = 0
    for batch in _batches(plan, sources, writer.schema):
        mark.add(batch.select(list(range(len(columns)))))
        writer.add(batch)
        done += batch.num_rows
        progress.at(done / max(1, rows), "Writing")
    split = PartSplit("file", at=sources[0].rows) if len(sources) == 2 else None
    origin = origins[0] if split is None else replace(origins[0], serve=origins[1])
    dataset = Dataset(
        path,
        name,
        rows,
        tuple(columns),
        mark.digest(split.at if split else None),
        origin,
        split=split,
        loading=plan.findings,
    )
    writer.close(dataset.meta())
    return dataset


def _batches(plan: Alignment, sources: list[Staged], schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    import pyarrow as pa

    for which, source in enumerate(sources):
        places = [planned.sides[which].place for planned in plan.columns]
        present = [place for place in places if place is not None]
        for batch in source.batches(present):
            cells = dict(zip(present, batch.columns, strict=True))
            typed = [_values(planned, which, source, cells, batch.num_rows) for planned in plan.columns]
            raw = [
                _raw(planned, which, source, cells, batch.num_rows)
                for planned in plan.columns
                if planned.column.raw
            ]
            yield pa.record_batch(typed + raw, schema=schema)


def _values(planned: Planned, which: int, source: Staged, cells: dict[int, Any], rows: int) -> Any:
    import pyarrow as pa

    side = planned.sides[which]
    if side.place is None or side.reading is None:
        stored = planned.column.stored
        return pa.nulls(rows, arrow_type("timestamp" if stored.startswith("timestamp") else stored))
    with naming(planned.column.name, [source]):
        return source.cells.convert(cells[side.place], side.reading.form)


def _raw(planned: Planned, which: int, source: Staged, cells: dict[int, Any], rows: int) -> Any:
    import pyarrow as pa

    place = planned.sides[which].place
    with naming(planned.column.name, [source]):
        return pa.nulls(rows, pa.string()) if place is None else source.cells.source_text(cells[place])
