"""What cells hold before one is written by hand, so that a label a row has already counts as no change."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from core.dataset import Dataset
from core.steps.overlay import typed

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True)
class _Unread:
    """A text that can be no value of its column."""

    text: str


@dataclass(eq=False)
class Beneath:
    """data: every row, those dropped too, without any cell edited by hand. Columns and values that were asked
    for are kept.
    """

    data: Dataset
    columns: dict[str, pa.ChunkedArray] = field(default_factory=dict)
    read: dict[tuple[str, str | None], Any] = field(default_factory=dict)

    def differing(
        self,
        column: str,
        ids: NDArray[np.int64],
        codes: NDArray[np.int32],
        values: tuple[str | None, ...],
        text: str | None,
    ) -> NDArray[np.bool_]:
        """Per row whether its cell holds another value than ``text`` (None: missing) is in this column. Texts
        that can be no value of it count as they are: an export as text writes them.

        codes: per row the place in ``values`` of what was written into the cell before; -1 for nothing.
        """
        import pyarrow as pa
        import pyarrow.compute as pc

        new, other = self._value(column, text), np.zeros(ids.size, bool)
        for code in np.unique(codes[codes >= 0]).tolist():
            other[codes == code] = self._value(column, values[code]) != new
        as_it_was = codes < 0
        if as_it_was.any():
            cells = self._cells(column).take(pa.array(ids[as_it_was]))
            if isinstance(new, _Unread):
                other[as_it_was] = True
                return other
            if new is None:
                there = cells.is_valid()
            else:
                there = pc.fill_null(pc.not_equal(cells, pa.scalar(new, cells.type)), True)
            other[as_it_was] = there.to_numpy()
        return other

    def _cells(self, column: str) -> pa.ChunkedArray:
        """The column, in few pieces, as rows are taken from it one decision at a time."""
        if column not in self.columns:
            self.columns[column] = self.data.table([column]).combine_chunks().column(0)
        return self.columns[column]

    def _value(self, column: str, text: str | None) -> Any:
        """What a text is in this column; None for missing."""
        if (column, text) not in self.read:
            kind = self._cells(column).type
            value = typed(self.data, self.data[column], text, kind)
            self.read[column, text] = _Unread(text) if value is None and text is not None else value
        return self.read[column, text]
