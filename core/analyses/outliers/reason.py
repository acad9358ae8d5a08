"""A single value in words, beside what is usual in its column."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from core.dataset import Dataset
from core.dataset.column import Column
from core.phrases import number_among, percent
from core.prepare.features import numbers
from core.prepare.levels import level_codes

if TYPE_CHECKING:
    import pyarrow as pa

_SHOWN = 40  # characters of a value


@dataclass(frozen=True, eq=False)
class ColumnInWords:
    """The values of one column in words, each beside what is usual.

    ``usual``: the quartiles in words, empty for categories. ``ends``: the least and the largest number, by
    which years are told from amounts; not a number where there is none. ``codes`` and ``shares``: level per
    row and share of each level, or of missing (1) and present (0) values where the column is a number.
    """

    column: Column
    values: pa.ChunkedArray
    usual: str
    ends: tuple[float, float]
    codes: NDArray[np.int64]
    shares: NDArray[np.float64]

    @classmethod
    def of(cls, dataset: Dataset, name: str) -> ColumnInWords:
        """For the column ``name``."""
        column, values = dataset[name], dataset.table([name]).column(0)
        if column.kind in ("category", "boolean"):
            codes, usual, ends = level_codes(values)[0], "", (np.nan, np.nan)
        else:
            codes = np.asarray(values.is_null(), dtype=np.int64)
            usual, ends = _usual(column, values)
        return cls(column, values, usual, ends, codes, np.bincount(codes) / max(1, codes.size))

    def brief(self, row: int) -> str:
        """Name and value: ``port Q``."""
        value = self.values[row].as_py()
        if value is None:
            return f"{self.column.name} missing"
        if self.column.kind == "text":
            return f"{self.column.name} of {len(str(value)):,} characters"
        text = number_among(value, *self.ends) if self.column.kind == "numeric" else str(value)
        return f"{self.column.name} {text if len(text) <= _SHOWN else text[: _SHOWN - 1] + '…'}"

    def full(self, row: int) -> str:
        """Name, value and what is usual: ``fare 512.3 (quartiles 7.9 to 31)``, ``port Q (8.6% of rows)``."""
        if self.usual and self.values[row].is_valid:
            return f"{self.brief(row)} ({self.usual})"
        return f"{self.brief(row)} ({percent(float(self.shares[self.codes[row]]))} of rows)"


def _usual(column: Column, values: pa.ChunkedArray) -> tuple[str, tuple[float, float]]:
    """The quartiles in words: ``quartiles 7.9 to 31``; one value where they are equal. And the least and the
    largest number.
    """
    import pyarrow as pa

    known = numbers(column, values)
    known = known[~np.isnan(known)]
    if not known.size:
        return "", (np.nan, np.nan)
    least, most = float(known.min()), float(known.max())
    low, high = np.percentile(known, [25, 75], method="inverted_cdf").tolist()
    if column.kind == "datetime":
        first = np.asarray(values.drop_null().cast(pa.int64())).min()
        low, high = (
            str(np.datetime64(int(first + day), "us").astype("datetime64[s]")).replace("T00:00:00", "")
            for day in (low, high)
        )
    else:
        low, high = number_among(low, least, most), number_among(high, least, most)
    words = f"quartiles {low}" if low == high else f"quartiles {low} to {high}"
    return words, (least, most)
