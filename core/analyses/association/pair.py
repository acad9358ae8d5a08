"""Two columns looked at together: the counts and quantiles that draw the pair, never more than a few thousand
cells. Its measures are in `core.analyses.association.pair_numbers`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.analyses.association.ready import is_tick
from core.dataset import Dataset
from core.errors import ColumnError, TooSmallError
from core.frozen import lock_fields
from core.numerics.association import Codes, Floats
from core.numerics.binning import binned, quantile_edges
from core.numerics.describe import histogram, quantiles, time_histogram
from core.phrases import count, name
from core.prepare.lacked import rows_with
from core.prepare.levels import COMPARED, level_codes, missing_label

if TYPE_CHECKING:
    import pyarrow as pa

SHARES = (0.05, 0.25, 0.5, 0.75, 0.95)
MIN_ROWS = 4  # complete rows below which there is nothing to draw
SHOWN_LEVELS = 12
_CELLS = 40  # bins a side
_STEPS, _IN_STEP = 20, 20  # equal-mass bins of the left column, and the rows that each needs

Counts = NDArray[np.int64]


class Axis(NamedTuple):
    """One column of numbers drawn: its name, edges of bins (seconds since 1970 where ``time``)."""

    name: str
    edges: Floats
    time: bool


@dataclass(frozen=True, eq=False)
class Density:
    """Two columns of numbers. ``counts``: bins of ``left`` x bins of ``right``; ``beyond``: rows outside of
    all edges, of ``n``.

    ``at``: the median of the left column in each of at most 20 equal-mass bins; ``spread``: bins x `SHARES`,
    quantiles of the right.
    """

    left: Axis
    right: Axis
    counts: Counts
    beyond: int
    n: int
    at: Floats
    spread: Floats

    def __post_init__(self) -> None:
        lock_fields(self)


@dataclass(frozen=True, eq=False)
class Boxes:
    """A column of numbers per level of another, commonest level first. ``rows``: per level; ``spread``:
    levels x `SHARES`.
    """

    number: str
    time: bool
    group: str
    labels: tuple[str, ...]
    rows: Counts
    spread: Floats
    n: int

    def __post_init__(self) -> None:
        lock_fields(self)


@dataclass(frozen=True, eq=False)
class LevelTable:
    """Two columns of levels: ``counts``, levels of the left x levels of the right, commonest first, rare ones
    together at the end.
    """

    left: str
    right: str
    left_labels: tuple[str, ...]
    right_labels: tuple[str, ...]
    counts: Counts
    n: int

    def __post_init__(self) -> None:
        lock_fields(self)

    @property
    def expected(self) -> Floats:
        """Counts that independent columns would give.

        >>> counts = np.array([[30, 10], [10, 50]])
        >>> LevelTable("a", "b", ("x", "y"), ("u", "v"), counts, 100).expected.tolist()
        [[16.0, 24.0], [24.0, 36.0]]
        """
        return np.asarray(np.outer(self.counts.sum(axis=1), self.counts.sum(axis=0)) / max(1, self.n))


PairView = Density | Boxes | LevelTable


def pair_view(dataset: Dataset, left: str, right: str) -> PairView:
    """The pair from all rows in which both are known. Numbers meet numbers in bins of equal width that leave
    out what lies far out.

    A column of numbers with fewer than three distinct values counts as levels, and of one value and gaps the
    gaps are a level, as in the association. Raises `ColumnError` for a column that cannot be compared,
    `TooSmallError` for fewer than four complete rows.
    """
    for side in (left, right):
        if dataset[side].kind not in COMPARED:
            raise ColumnError.wrong_kind(side, dataset[side].kind, COMPARED)
    table = dataset.table([left, right])
    within = rows_with(dataset, (left, right))
    first = _ticks_in_words(table.column(0), within.get(left))
    second = _ticks_in_words(table.column(1), within.get(right))
    both = np.flatnonzero(_known(first) & _known(second))
    if both.size < MIN_ROWS:
        raise TooSmallError(
            f"{name(left)} and {name(right)} are both known in {count(both.size, 'row')}; there is nothing "
            f"to draw below {MIN_ROWS}."
        )
    if both.size < dataset.rows:
        first, second = first.take(both), second.take(both)
    numeric = [_is_number(dataset, side, values) for side, values in ((left, first), (right, second))]
    if all(numeric):
        return _density(left, first, right, second)
    if any(numeric):
        return _boxes(left, first, right, second) if numeric[0] else _boxes(right, second, left, first)
    return _cells(left, first, right, second)


def _ticks_in_words(values: pa.ChunkedArray, having: NDArray[np.bool_] | None) -> pa.ChunkedArray:
    """The column as it stands; of one value and gaps, what it says in words. having: the rows of the parts
    that have it (None: all); in others nothing is known.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    if not is_tick(values, having):
        return values
    word = _text(values.drop_null()[0].as_py())
    gap = pa.scalar(missing_label([word]))
    words = pc.if_else(values.is_valid().combine_chunks(), pa.scalar(word), gap)
    return pa.chunked_array([words if having is None else pc.if_else(having, words, None)])


def _known(values: pa.ChunkedArray) -> NDArray[np.bool_]:
    import pyarrow as pa
    import pyarrow.compute as pc

    usable = pc.is_finite(values) if pa.types.is_floating(values.type) else pc.is_valid(values)
    return np.asarray(pc.fill_null(usable, False).to_numpy(), dtype=bool)


def _is_number(dataset: Dataset, name: str, values: pa.ChunkedArray) -> bool:
    """Whether the column counts as numbers: a third value lies between the least and the largest."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if dataset[name].kind not in ("numeric", "datetime") or pa.types.is_string(values.type):
        return False
    ends = pc.min_max(values)
    return bool(pc.any(pc.and_(pc.greater(values, ends["min"]), pc.less(values, ends["max"]))).as_py())


def _numbers(name: str, values: pa.ChunkedArray) -> tuple[Axis, Floats]:
    """The bins of a column without gaps, and its values in the unit of their edges."""
    import pyarrow as pa

    time = pa.types.is_timestamp(values.type)
    held = (
        values.cast(pa.timestamp("us")).cast(pa.int64()).to_numpy()
        if time
        else values.cast(pa.float64(), safe=False).to_numpy()
    )
    whole = pa.types.is_integer(values.type)
    ascending = np.sort(values.to_numpy() if whole else held)
    drawn = time_histogram(ascending, _CELLS) if time else histogram(ascending, _CELLS)
    edges = drawn.edges if drawn is not None else np.zeros(0)
    return Axis(name, edges, time), held / 1e6 if time else np.asarray(held, dtype=np.float64)


def _density(left: str, first: pa.ChunkedArray, right: str, second: pa.ChunkedArray) -> Density:
    (across, x), (up, y) = _numbers(left, first), _numbers(right, second)
    at_x, at_y = _places(x, across.edges), _places(y, up.edges)
    shape = (across.edges.size - 1, up.edges.size - 1)
    inside = (at_x >= 0) & (at_y >= 0)
    counts = np.bincount(at_x[inside] * shape[1] + at_y[inside], minlength=shape[0] * shape[1]).reshape(shape)
    codes = binned(x, quantile_edges(x, int(np.clip(x.size // _IN_STEP, 2, _STEPS))))
    middle, spread = _quantiles(codes, x, (0.5,)), _quantiles(codes, y, SHARES)
    return Density(
        across, up, counts.astype(np.int64), int(x.size - inside.sum()), int(x.size), middle[:, 0], spread
    )


def _places(values: Floats, edges: Floats) -> NDArray[np.int64]:
    """The bin of each value; -1 outside of the edges. A value on the last edge belongs to the last bin."""
    at = np.searchsorted(edges, values, side="right") - 1
    at[values == edges[-1]] = edges.size - 2
    at[at >= edges.size - 1] = -1
    return np.asarray(at, dtype=np.int64)


def _quantiles(codes: Codes, values: Floats, shares: tuple[float, ...]) -> Floats:
    """Quantiles of the values of each code from 1: codes x shares."""
    # 16 bits are sorted by digits, many times faster
    order = np.argsort(codes.astype(np.int16), kind="stable")
    parts = np.split(values[order], np.cumsum(np.bincount(codes)[1:])[:-1])
    return np.array([quantiles(np.sort(part), shares) for part in parts])


def _levels(values: pa.ChunkedArray) -> tuple[Codes, tuple[str, ...]]:
    """Codes from 1 by frequency (then by text), rare levels together in the last, and what each says; nothing
    missing.
    """
    import pyarrow as pa

    codes, texts = level_codes(values)
    if pa.types.is_floating(values.type):
        texts = [text.removesuffix(".0") for text in texts]
    kept = len(texts) if len(texts) <= SHOWN_LEVELS + 1 else SHOWN_LEVELS
    rest = len(texts) - kept
    return (codes.clip(max=kept) + 1).astype(np.int32), (
        *texts[:kept],
        *([f"{rest:,} others"] if rest else []),
    )


def _text(value: object) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _boxes(number: str, values: pa.ChunkedArray, group: str, levels: pa.ChunkedArray) -> Boxes:
    axis, held = _numbers(number, values)
    codes, labels = _levels(levels)
    rows = np.bincount(codes, minlength=len(labels) + 1)[1:]
    return Boxes(
        number,
        axis.time,
        group,
        labels,
        rows.astype(np.int64),
        _quantiles(codes, held, SHARES),
        int(held.size),
    )


def _cells(left: str, first: pa.ChunkedArray, right: str, second: pa.ChunkedArray) -> LevelTable:
    (codes, names), (others, labels) = _levels(first), _levels(second)
    counts = np.bincount((codes - 1) * len(labels) + others - 1, minlength=len(names) * len(labels)).reshape(
        len(names), len(labels)
    )
    return LevelTable(left, right, names, labels, counts.astype(np.int64), int(codes.size))
