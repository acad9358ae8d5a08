"""What is known of one column: its profile, and the column itself while it is in memory."""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from core.analyses.profile.extremes import Extremes
from core.dataset.column import Column
from core.frozen import lock_fields
from core.loading.kinds import dates_or_amounts
from core.numerics import texts
from core.numerics.describe import SHARES, Histogram

if TYPE_CHECKING:
    import pyarrow as pa

Masks = Sequence[tuple[str, NDArray[np.bool_]]]


@dataclass(frozen=True, eq=False)
class ColumnProfile:
    """What one column holds. Statistics are over the finite values; missing, infinite and the rest add up to
    ``rows``: those of the parts that have the column.

    ``missing_by_part`` is in the order of the data set's parts. ``top``: the commonest values with their
    counts, at most ten, ties by value. ``smallest`` and ``largest``: at most five (row id, value) each, of
    equal ones those first in the source; for texts by length. ``quantiles`` (float64, at the shares of
    `describe.SHARES`; empty for other than numbers and times), ``mean``, ``std`` (divisor n - 1),
    ``skewness`` and ``kurtosis`` (excess) of times are in seconds since 1970. ``lengths``: shortest, mean and
    longest text in letters. ``bytes``: size in memory.
    """

    name: str
    kind: str
    stored: str
    rows: int
    missing: int
    missing_by_part: tuple[int, ...]
    distinct: int
    bytes: int
    top: tuple[tuple[str, int], ...]
    smallest: Extremes = ()
    largest: Extremes = ()
    quantiles: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))
    mean: float = math.nan
    std: float = math.nan
    skewness: float = math.nan
    kurtosis: float = math.nan
    zeros: int = 0
    negatives: int = 0
    infinite: int = 0
    lengths: tuple[float, float, float] | None = None
    histogram: Histogram | None = None

    def __post_init__(self) -> None:
        lock_fields(self)

    @property
    def present(self) -> int:
        """Number of values that are there."""
        return self.rows - self.missing

    def quantile(self, share: float) -> float:
        """The quantile at one of `describe.SHARES`; NaN where the column has none."""
        return float(self.quantiles[SHARES.index(share)]) if self.quantiles.size else math.nan


@dataclass(frozen=True, eq=False)
class ColumnFacts:
    """A column while it is in memory: its profile, its values, and the distinct values with their counts
    (numbers ascending). ``masks``: each part's name and its rows (boolean). ``decimal``: the decimal mark of
    the source. ``seam``: of times, the last of train
    and the first of serve, in microseconds since 1970, where all of serve is later; else None. ``lacked``:
    the part that does not have the column, "" where both have it.
    """

    column: Column
    role: str
    masks: Masks
    profile: ColumnProfile
    values: pa.ChunkedArray
    distinct: Any
    counts: NDArray[np.int64]
    decimal: str = "."
    seam: tuple[int, int] | None = None
    lacked: str = ""

    @functools.cached_property
    def parts(self) -> tuple[tuple[str, int], ...]:
        """Each part's name and how many rows it has."""
        return tuple((name, int(mask.sum())) for name, mask in self.masks)

    @functools.cached_property
    def gaps(self) -> NDArray[np.bool_]:
        """The rows without a value, of the parts that have the column."""
        missing = self.values.is_null().to_numpy()
        for name, mask in self.masks:
            missing = missing & ~mask if name == self.lacked else missing
        return np.asarray(missing, dtype=bool)

    @functools.cached_property
    def empty(self) -> NDArray[np.bool_]:
        """Which of the distinct texts are words that (may) stand for "missing"."""
        return texts.empty_words(self.distinct, texts.EMPTY_WORDS + texts.DOUBTFUL_WORDS)

    @property
    def written(self) -> bool:
        """Whether the distinct texts are dates or amounts, by the first ones."""
        import pyarrow as pa

        return dates_or_amounts(pa.array([str(text) for text in self.distinct[:2000]], pa.string()))
