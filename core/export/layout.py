"""The columns of an export where rules rewrote, added, renamed, moved or took some out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from core.changes import differing
from core.export.json_form import json_cell
from core.loading.text import as_text
from core.settled import Content

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

Block = list[list[Any]]
Forms = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class ExportLayout:
    """The columns as they are exported.

    contents: them, in order.
    places: of each the place of the source's column that it comes from; -1 for a new one.
    text: cells are text as they stand in a text source. json: they are JSON values, in which times are text.
    comma: numbers are written with a decimal comma. commas: the columns in which they are if not all are.
    anew: columns of times that a rule changed: all of their cells are written in one way.
    untouched: rows with lower numbers have all cells as the source has them.
    """

    contents: tuple[Content, ...]
    places: tuple[int, ...]
    text: bool
    json: bool
    comma: bool
    anew: frozenset[str] = frozenset()
    commas: frozenset[str] = frozenset()
    untouched: int = 0

    @classmethod
    def of(
        cls, contents: tuple[Content, ...], names: list[str], text: bool, json: bool, comma: bool
    ) -> ExportLayout:
        """The layout for a source with columns ``names``: of the contents those that come from it, and the
        new ones.
        """
        there = [content for content in contents if not content.source or content.source in names]
        places = [names.index(content.source) if content.source else -1 for content in there]
        return cls(tuple(there), tuple(places), text, json, comma)

    @property
    def names(self) -> list[str]:
        """The names of the columns."""
        return [content.column.name for content in self.contents]

    def header(self, header: list[str | None]) -> list[str | None]:
        """The names as they are written: the source's own, where it has one and nobody gave another."""
        return [
            header[place] if place >= 0 and content.column.name == content.source else content.column.name
            for content, place in zip(self.contents, self.places, strict=True)
        ]

    def block(self, batch: pa.RecordBatch, source: Block, numbers: NDArray[np.int64], forms: Forms) -> Block:
        """The cells of a batch of rows with these numbers in the data set: those of the source where a rule
        left the value as it was. forms: column -> how a new text in it becomes JSON (`json_cell`).
        """
        columns = []
        as_it_was = bool(numbers.size) and int(numbers[-1]) < self.untouched
        for content, place in zip(self.contents, self.places, strict=True):
            if content.values is None or (as_it_was and place >= 0):
                columns.append(source[place])
                continue
            values = _of(content.values, numbers)
            name = content.column.name
            cells = self._cells(values, self.comma or name in self.commas)
            if place >= 0 and name not in self.anew:
                other = differing(_chunked(batch.column(content.source)), values)
                for row in np.flatnonzero(~other).tolist():
                    cells[row] = source[place][row]
                for row in np.flatnonzero(other).tolist() if name in forms else ():
                    cells[row] = json_cell(cells[row], source[place][row], forms[name])
            columns.append(cells)
        return columns

    def frame(self, frame: pd.DataFrame, numbers: NDArray[np.int64]) -> pd.DataFrame:
        """The same for a frame with the source's own column types."""
        import pandas as pd

        columns = {}
        as_it_was = bool(numbers.size) and int(numbers[-1]) < self.untouched
        for content in self.contents:
            if content.values is None or (as_it_was and content.source):
                columns[content.column.name] = frame[content.source]
                continue
            values = _of(content.values, numbers).combine_chunks()
            columns[content.column.name] = pd.Series(
                pd.array(values, dtype=pd.ArrowDtype(values.type)), index=frame.index
            )
        return pd.DataFrame(columns, copy=False)

    def _cells(self, values: pa.ChunkedArray, comma: bool) -> list[Any]:
        import pyarrow as pa

        if not self.text and not (self.json and pa.types.is_timestamp(values.type)):
            plain: list[Any] = values.to_pylist()
            return plain
        texts = as_text(values)
        if comma and pa.types.is_floating(values.type):
            import pyarrow.compute as pc

            texts = pc.replace_substring(texts, ".", ",")
        cells: list[Any] = texts.to_pylist()
        if self.json:
            missing = np.flatnonzero(~np.asarray(values.is_valid().to_numpy(), bool))
            for row in missing.tolist():
                cells[row] = None
        return cells


def _of(values: pa.ChunkedArray, numbers: NDArray[np.int64]) -> pa.ChunkedArray:
    """The values of these rows, ascending: without a copy where they lie together."""
    if numbers.size and numbers[-1] - numbers[0] + 1 == numbers.size:
        return values.slice(int(numbers[0]), numbers.size)
    return values.take(numbers)


def _chunked(values: pa.Array) -> pa.ChunkedArray:
    import pyarrow as pa

    return pa.chunked_array([values])
