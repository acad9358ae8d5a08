"""From the bars of a column's picture back to its rows: which bar each row stands in, and how the target lies
over the bars.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from core.analyses.profile.as_text import SHOWN_LETTERS
from core.analyses.profile.facts import ColumnProfile
from core.dataset import Dataset
from core.frozen import lock_fields
from core.prepare.levels import level_codes
from core.progress import SILENT, Progress
from core.rowset import RowSet

if TYPE_CHECKING:
    import pyarrow as pa

MISSING, BELOW, ABOVE, OTHER = -1, -2, -3, -4
CLASSES = 8  # classes of the target told apart; the rest is not drawn
_WEIGHT = 20.0

Bars = NDArray[np.int16]
Floats = NDArray[np.float64]


def bar_of_rows(values: pa.ChunkedArray, profile: ColumnProfile) -> Bars:
    """The bar that each row stands in: a bin of the histogram, or a place among the commonest values.

    `MISSING` where there is no value, `BELOW` and `ABOVE` outside of the histogram, `OTHER` for a value that
    has no bar.
    """
    bars = _bins(values, profile) if profile.histogram is not None else _words(values, profile)
    bars[np.asarray(values.is_null(nan_is_null=True).to_numpy(), dtype=bool)] = MISSING
    return bars


def rows_in_bar(dataset: Dataset, profile: ColumnProfile, bar: int) -> RowSet:
    """The rows that stand in one bar, or in one of `MISSING`, `BELOW`, `ABOVE`, `OTHER`."""
    return RowSet.from_mask(bar_of_rows(dataset.table([profile.name]).column(0), profile) == bar)


def _bins(values: pa.ChunkedArray, profile: ColumnProfile) -> Bars:
    import pyarrow as pa

    assert profile.histogram is not None
    edges: NDArray[Any] = profile.histogram.edges
    if pa.types.is_timestamp(values.type):
        held = values.cast(pa.timestamp("us")).cast(pa.int64()).fill_null(0).to_numpy()
        edges = np.round(edges * 1e6).astype(np.int64)
    else:
        held = values.cast(pa.float64(), safe=False).to_numpy()
    bars = (np.searchsorted(edges, held, side="right") - 1).astype(np.int16)
    last = edges.size - 1
    bars[(bars == last) & (held == edges[-1])] = last - 1
    bars[bars == last] = ABOVE
    bars[held < edges[0]] = BELOW
    bars[np.isinf(held)] = OTHER
    return np.asarray(bars)


def _words(values: pa.ChunkedArray, profile: ColumnProfile) -> Bars:
    import pyarrow as pa
    import pyarrow.compute as pc

    texts = [text for text, _ in profile.top]
    if pa.types.is_boolean(values.type):
        truth = np.asarray(values.fill_null(False).to_numpy(), dtype=bool)
        place = [texts.index(word) if word in texts else OTHER for word in ("False", "True")]
        bars: Bars = np.array(place, np.int16)[truth.astype(np.intp)]
        return bars
    held = values.cast(pa.large_string())
    # such texts were cut, and so are those that they are held against
    if any(len(text) == SHOWN_LETTERS for text in texts):
        short = pc.utf8_slice_codeunits(held, 0, SHOWN_LETTERS - 1)
        dots, nothing = (pa.scalar(text, pa.large_string()) for text in ("…", ""))
        held = pc.if_else(
            pc.greater(pc.utf8_length(held), SHOWN_LETTERS),
            pc.binary_join_element_wise(short, dots, nothing),
            held,
        )
    places = pc.index_in(held, value_set=pa.array(texts, pa.large_string()))
    return np.asarray(places.fill_null(OTHER).to_numpy(), dtype=np.int16)


@dataclass(frozen=True, eq=False)
class Tint:
    """The target over the bars of columns, from the train rows in which it is known.

    ``classes``: at most eight, most frequent first; () for a number. ``overall``: their rates, or the mean;
    ``spread``: the standard deviation of the same. ``rows``: column -> rows per bar (b). ``sums``: column ->
    b x k rows of each class, or sums (k = 1).
    """

    target: str
    classes: tuple[str, ...]
    overall: Floats
    spread: Floats
    rows: Mapping[str, Floats]
    sums: Mapping[str, Floats]

    def __post_init__(self) -> None:
        lock_fields(self)

    def over(self, column: str, at: int = 0, step: int = 1) -> tuple[Floats, Floats]:
        """Rate of class ``at`` (or the mean) per bar, ``step`` neighbouring bars taken together, and the rows
        that it rests on.

        Bars of few rows are drawn towards the overall value, as if twenty rows of it stood in each; 0 rows
        give nan.
        """
        starts = np.arange(0, self.rows[column].size, step)
        rows = np.add.reduceat(self.rows[column], starts) if starts.size else np.zeros(0)
        sums = np.add.reduceat(self.sums[column][:, at], starts) if starts.size else np.zeros(0)
        rate = (sums + _WEIGHT * self.overall[at]) / (rows + _WEIGHT)
        return np.where(rows > 0, rate, np.nan), rows

    def eta(self, column: str, at: int = 0) -> float:
        """Correlation ratio of the target over the bars, with the rates of `over`: 0 no association, 1 the
        bar determines the target.
        """
        rate, rows = self.over(column, at)
        known = rows > 0
        if not known.any() or self.spread[at] == 0:
            return 0.0
        square = np.average((rate[known] - self.overall[at]) ** 2, weights=rows[known])
        return float(min(1.0, np.sqrt(square) / self.spread[at]))


def tinted(dataset: Dataset, columns: Sequence[ColumnProfile], progress: Progress = SILENT) -> Tint | None:
    """The target over every bar of these columns; None where there is no target with a value, or it is free
    text.
    """
    name = dataset.roles.target
    if name is None or dataset[name].kind not in ("numeric", "category", "boolean"):
        return None
    usable, codes, classes = _target(dataset, name)
    if not usable.size:
        return None
    count = min(CLASSES, len(classes)) or 1
    rows: dict[str, Floats] = {}
    sums: dict[str, Floats] = {}
    for column in progress.each([one for one in columns if one.name != name], "The target over the columns"):
        bars = len(column.top) if column.histogram is None else column.histogram.counts.size
        place = bar_of_rows(dataset.table([column.name]).column(0), column)[usable].astype(np.int64)
        place[place < 0] = bars
        rows[column.name] = np.bincount(place, minlength=bars + 1)[:bars].astype(np.float64)
        if classes:
            counts = np.bincount(
                place * (CLASSES + 1) + codes.astype(np.int64), minlength=(bars + 1) * (CLASSES + 1)
            )
            sums[column.name] = counts.reshape(-1, CLASSES + 1)[:bars, :count].astype(np.float64)
        else:
            sums[column.name] = np.asarray(
                np.bincount(place, weights=codes, minlength=bars + 1)[:bars, None], dtype=np.float64
            )
    if classes:
        overall = np.bincount(codes.astype(np.int64), minlength=count)[:count] / codes.size
        return Tint(name, classes[:CLASSES], overall, np.sqrt(overall * (1 - overall)), rows, sums)
    return Tint(name, (), codes.mean(keepdims=True), codes.std(keepdims=True), rows, sums)


def _target(dataset: Dataset, name: str) -> tuple[NDArray[np.int64], Floats, tuple[str, ...]]:
    """Train rows with a known target; their numbers and (), or codes of their classes (`CLASSES` for the
    rest) and the names.
    """
    import pyarrow as pa

    values = dataset.table([name]).column(0)
    known = np.asarray(values.is_valid().to_numpy(), dtype=bool) & dataset.part_mask("train")
    if dataset[name].kind == "numeric":
        numbers = values.cast(pa.float64(), safe=False).to_numpy()
        known &= np.isfinite(numbers)
        rows = np.flatnonzero(known)
        if np.unique(numbers[rows][:1000]).size > 2 or np.unique(numbers[rows]).size != 2:
            return rows, np.asarray(numbers[rows], dtype=np.float64), ()
    rows = np.flatnonzero(known)
    codes, texts = level_codes(values.take(rows))
    return rows, np.minimum(codes, CLASSES).astype(np.float64), tuple(texts)
