"""The rows of one source on their way out: from the canonical file, as the source had them, through
`core.export.replay`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from core.added import Added
from core.dataset import Dataset
from core.dataset.column import RAW, Column
from core.dataset.source import Source
from core.errors import SettingError
from core.export import replay, sheet, writing
from core.export.dropped import Reasons, framed, free, with_reasons
from core.export.layout import ExportLayout
from core.export.source_cells import json_cells, kind_of, own_type, text_cells
from core.progress import SILENT, Progress

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

Block = list[list[Any]]


@dataclass
class PartWriter:
    """The rows of one source (``start`` to ``stop``) and those added behind it, what is said about them, and
    how they are to be written.

    ``plan`` is what `core.export.replay` follows; ``kind`` is "text", "json" or "typed". ``cells`` tells,
    while the data are written, which ways of reading each cell give the canonical value: what is left says
    whether a script can do it too. ``layout``: the columns as exported, where rules changed them; places
    in the plan are then counted in it. ``why``: rows were dropped; ``dropping``: what writes them as they
    were. ``forms``: how new texts become JSON, by column as exported (`core.export.json_form`).
    """

    dataset: Dataset
    source: Source
    start: int
    stop: int
    suffix: str
    plan: dict[str, Any]
    columns: tuple[Column, ...]
    added: Added | None = None
    notes: list[str] = field(default_factory=list)
    cells: list[list[dict[str, Any]]] = field(default_factory=list)
    layout: ExportLayout | None = None
    why: Reasons = Reasons.nothing()
    dropping: PartWriter | None = None
    forms: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    @property
    def kind(self) -> str:
        """How the source holds its cells."""
        return kind_of(self.source)

    @cached_property
    def numbers(self) -> NDArray[np.int64]:
        """The numbers of its rows in the data set, in order."""
        own = np.arange(self.start, self.stop)
        return own if self.added is None else np.concatenate([own, self.added.rows(self.dataset.rows).ids])

    @property
    def exported(self) -> tuple[Column, ...]:
        """The columns as they are exported, those left out among them."""
        return self.columns if self.layout is None else tuple(c.column for c in self.layout.contents)

    def named(self, stem: str, ending: str) -> str:
        """A file name for this side."""
        return f"{stem}{self.suffix}.{ending}"

    def file(self, stem: str) -> str:
        """The name of a data file of this side."""
        return self.named(stem, self.plan["ending"])

    def write(self, path: Path, dropped: bool = False, progress: Progress = SILENT) -> int:
        """Write the cleaned rows, or those dropped; gives the number of cells made safe for spreadsheets."""
        if dropped and self.dropping is not None:
            self.dropping.why = self.why
            return self.dropping.write(path, dropped, progress)
        how = self.plan["write"]
        weight = self.plan["weight"]
        if dropped and weight is not None and weight["column"] == len(self.plan["names"]):
            how = {**how, **{key: how[key] and how[key][:-1] for key in ("header", "types")}}
        if how["format"] == "xlsx":
            gone = sum(past - first for first, past in self.plan["drop"])
            sheet.check(gone if dropped else self.plan["rows"] - gone, len(how["header"]))
        try:
            if dropped:
                how = {
                    **how,
                    "header": how["header"] and [*how["header"], *free(how["header"])],
                    "types": how["types"] and [*how["types"], "int64", "string"],
                }
            if self.kind == "typed" and how["format"] == "parquet":
                frame = self._frame(progress)
                if dropped:
                    frame = framed(frame, self.why, self.numbers)
                writing.put_frame(replay.edited_frame(frame, {**self.plan, "write": how}, dropped), path)
                return 0
            put = {
                "csv": writing.put_text,
                "json": writing.put_json,
                "jsonl": writing.put_json,
                "parquet": writing.put_parquet,
                "xlsx": sheet.put_sheet,
            }
            blocks = self._cells(progress)
            if dropped:
                text = how["kind"] == "text"
                blocks = with_reasons(blocks, self.why, self.numbers, text)
            return put[how["format"]](replay.edited(blocks, self.plan, dropped), how, path)
        except UnicodeEncodeError:
            raise
        except ValueError as error:
            raise SettingError(
                f"The decisions cannot be written as {how['format']}: {error}. Choose another format or "
                "label."
            ) from error

    def _batches(self, progress: Progress) -> Iterator[pa.RecordBatch]:
        """The side's rows, with the source text of the columns that keep it."""
        import pyarrow.parquet as pq

        names = [c.name for c in self.columns] + [RAW + c.name for c in self.columns if c.raw]
        at, done, total = 0, 0, max(1, self.stop - self.start)
        with self.dataset.readable(), pq.ParquetFile(self.dataset.path) as file:
            for batch in file.iter_batches(batch_size=replay.BLOCK, columns=names):
                low, high = max(self.start - at, 0), min(self.stop - at, batch.num_rows)
                at += batch.num_rows
                if low < high:
                    progress.at(done / total, "Writing")
                    done += high - low
                    yield batch.slice(low, high - low)
        if self.added is not None:
            import pyarrow as pa

            there = self.added.cells.select(names).filter(pa.array(self.added.there))
            yield from there.to_batches(max_chunksize=replay.BLOCK)

    def _blocks(self, progress: Progress) -> Iterator[Block]:
        """The cells as the source holds them or, where the plan speaks of ``cells``, as values."""
        at = 0
        for batch in self._batches(progress):
            numbers, at = self.numbers[at : at + len(batch)], at + len(batch)
            if self.kind == "typed":
                yield from replay.frame_blocks(self._laid(self._typed(batch), numbers))
                continue
            cell = text_cells if self.kind == "text" else json_cells
            source = [cell(batch, column) for column in self.columns]
            cells = self._values(batch, source) if self.plan["cells"] else source
            yield cells if self.layout is None else self.layout.block(batch, cells, numbers, self.forms)

    def _cells(self, progress: Progress) -> Iterator[Block]:
        """The cells in the terms of what is written: text for a text format."""
        blocks = self._blocks(progress)
        return replay.texts(blocks) if self.kind != self.plan["write"]["kind"] == "text" else blocks

    def _values(self, batch: pa.RecordBatch, source: Block) -> Block:
        values = []
        for number, (column, cells) in enumerate(zip(self.columns, source, strict=True)):
            if self.plan["cells"][number]["as"] == "text":
                kept = [replay.value_of(cell, {"as": "text"}) for cell in cells]
            else:
                kept = batch.column(column.name).to_pylist()
            self.cells[number] = [how for how in self.cells[number] if _gives(cells, how, kept)]
            values.append(kept)
        return values

    def _frame(self, progress: Progress) -> pd.DataFrame:
        import pyarrow as pa

        return self._laid(self._typed(pa.Table.from_batches(list(self._batches(progress)))), self.numbers)

    def _laid(self, frame: pd.DataFrame, numbers: NDArray[np.int64]) -> pd.DataFrame:
        return frame if self.layout is None else self.layout.frame(frame, numbers)

    def _typed(self, rows: pa.RecordBatch | pa.Table) -> pd.DataFrame:
        """A frame with the source's own column types."""
        import pandas as pd
        import pyarrow as pa

        arrays = {column.name: own_type(rows, column) for column in self.columns}
        if not arrays:
            empty: pd.DataFrame = pa.table({}).to_pandas()
            return empty
        typed = {name: pd.array(array, dtype=pd.ArrowDtype(array.type)) for name, array in arrays.items()}
        return pd.DataFrame(typed, copy=False)


def _gives(cells: list[Any], how: dict[str, Any], values: list[Any]) -> bool:
    """Whether reading the cells so gives these values."""
    try:
        return all(
            type(a) is type(b) and a == b
            for a, b in zip((replay.value_of(cell, how) for cell in cells), values, strict=True)
        )
    except (ValueError, KeyError):
        return False
