"""What one column holds: counts, statistics, commonest values, extremes and a histogram, all exact."""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from core.dataset import Column
from core.frozen import lock_fields
from core.numerics import texts
from core.numerics.describe import (
    SHARES,
    Histogram,
    Moments,
    Numbers,
    commonest,
    histogram,
    moments,
    quantiles,
    runs,
    time_histogram,
)

if TYPE_CHECKING:
    import pyarrow as pa

TOP = 10
EXTREMES = 5
SHOWN_LETTERS = 120
BIG_TEXT = 1_900_000_000  # bytes; 32-bit offsets reach to 2**31

Masks = Sequence[tuple[str, NDArray[np.bool_]]]
Shown = tuple[tuple[int, str], ...]  # row id and value, or value's count and value, as the field says


@dataclass(frozen=True, eq=False)
class ColumnProfile:
    """What one column holds. Statistics are over the finite values; missing, infinite and the rest add up to
    ``rows``.

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
    smallest: Shown = ()
    largest: Shown = ()
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
class Facts:
    """A column while it is in memory: its profile, its values, and the distinct values with their counts
    (numbers ascending). ``decimal``: the decimal mark of the source.
    """

    column: Column
    role: str
    parts: tuple[tuple[str, int], ...]
    profile: ColumnProfile
    values: pa.ChunkedArray
    distinct: Any
    counts: NDArray[np.int64]
    decimal: str = "."

    @functools.cached_property
    def empty(self) -> NDArray[np.bool_]:
        """Which of the distinct texts are words that (may) stand for "missing"."""
        return texts.empty_words(self.distinct, texts.EMPTY_WORDS + texts.DOUBTFUL_WORDS)


def measure(
    column: Column,
    values: pa.ChunkedArray,
    masks: Masks,
    role: str = "",
    bins: int = 50,
    decimal: str = ".",
) -> Facts:
    """The facts of one column. values: all its rows, missing ones null. masks: each part's name and its rows
    (boolean). decimal: the decimal mark of the source.
    """
    import pyarrow as pa

    kind = values.type
    if pa.types.is_floating(kind) or pa.types.is_integer(kind):
        made, distinct, counts = _numbers(values, bins)
    elif pa.types.is_timestamp(kind):
        made, distinct, counts = _times(values, bins)
    elif pa.types.is_boolean(kind):
        made, distinct, counts = _flags(values)
    else:
        made, distinct, counts = _texts(
            values.cast(pa.large_string() if values.nbytes > BIG_TEXT else pa.string())
        )
    profile = ColumnProfile(
        name=column.name,
        kind=column.kind,
        stored=column.stored,
        rows=len(values),
        missing=int(values.null_count),
        missing_by_part=_missing_by_part(values, masks),
        distinct=len(distinct),
        bytes=int(values.nbytes),
        **made,
    )
    parts = tuple((name, int(mask.sum())) for name, mask in masks)
    return Facts(column, role, parts, profile, values, distinct, counts, decimal)


def _missing_by_part(values: pa.ChunkedArray, masks: Masks) -> tuple[int, ...]:
    if len(masks) < 2 or not values.null_count:
        return tuple(int(values.null_count) for _ in masks)
    absent = values.is_null().to_numpy()
    return tuple(int(np.count_nonzero(absent & mask)) for _, mask in masks)


Made = tuple[dict[str, Any], Any, NDArray[np.int64]]


def _numbers(values: pa.ChunkedArray, bins: int) -> Made:
    ascending = _ascending(values)
    finite = ascending
    if ascending.dtype == np.float64:
        finite = ascending[
            np.searchsorted(ascending, -np.inf, side="right") : np.searchsorted(ascending, np.inf)
        ]
    distinct, counts = runs(ascending)
    negative, positive = (
        np.searchsorted(ascending, 0, side="left"),
        np.searchsorted(ascending, 0, side="right"),
    )
    made = {
        **_statistics(moments(finite)),
        "quantiles": quantiles(finite) if finite.size else np.zeros(0),
        "zeros": int(positive - negative),
        "negatives": int(negative),
        "infinite": int(ascending.size - finite.size),
        "histogram": histogram(finite, bins),
        "top": _top(distinct, counts, str_of_number),
        **_extremes(values, ascending, str_of_number),
    }
    return made, distinct, counts


def _times(values: pa.ChunkedArray, bins: int) -> Made:
    import pyarrow as pa

    ticks = values.cast(pa.timestamp("us")).cast(pa.int64())
    ascending = _ascending(ticks)
    distinct, counts = runs(ascending)
    found = moments(ascending)
    made = {
        "mean": found.mean / 1e6,
        "std": found.std / 1e6,
        "skewness": found.skewness,
        "kurtosis": found.kurtosis,
        "quantiles": quantiles(ascending) / 1e6 if ascending.size else np.zeros(0),
        "histogram": time_histogram(ascending, bins),
        "top": _top(distinct, counts, str_of_time),
        **_extremes(ticks, ascending, str_of_time),
    }
    return made, distinct, counts


def _flags(values: pa.ChunkedArray) -> Made:
    import pyarrow.compute as pc

    true = int(pc.sum(values).as_py() or 0)
    false = len(values) - values.null_count - true
    found = [(word, count) for word, count in (("False", false), ("True", true)) if count]
    made = {
        "mean": true / (true + false) if found else math.nan,
        "top": tuple(sorted(found, key=lambda pair: -pair[1])),
    }
    return (
        made,
        np.array([word == "True" for word, _ in found], bool),
        np.array([count for _, count in found], np.int64),
    )


def _texts(values: pa.ChunkedArray) -> Made:
    import pyarrow as pa
    import pyarrow.compute as pc

    found = pc.value_counts(values.drop_null())
    distinct, counts = found.field("values"), found.field("counts").to_numpy()
    table = pa.table([found.field("counts"), distinct], names=["count", "value"])
    keys = [("count", "descending"), ("value", "ascending")][
        0 if len(distinct) < len(values) - values.null_count else 1 :
    ]
    order = pc.select_k_unstable(table, k=min(TOP, len(distinct)), sort_keys=keys)
    lengths = pc.utf8_length(values)
    ascending = _ascending(lengths)
    made = {
        "top": tuple((shown(distinct[i].as_py()), int(counts[i])) for i in order.to_pylist()),
        "lengths": (float(ascending[0]), float(ascending.mean()), float(ascending[-1]))
        if ascending.size
        else None,
        **_extremes(lengths, ascending, lambda row: "", values),
    }
    return made, distinct, counts


def _ascending(values: pa.ChunkedArray) -> Numbers:
    """The values that are there, sorted: the one copy of the column that the work needs."""
    import pyarrow as pa

    chunks = [chunk.drop_null().to_numpy(zero_copy_only=False) for chunk in values.chunks]
    empty = np.zeros(0, np.float64 if pa.types.is_floating(values.type) else np.int64)
    made: Numbers = np.concatenate([empty, *chunks])
    if made.dtype == np.float64:
        made += 0.0  # turns -0.0 into 0.0
    made.sort()
    return made


def _statistics(found: Moments) -> dict[str, float]:
    return {"mean": found.mean, "std": found.std, "skewness": found.skewness, "kurtosis": found.kurtosis}


def _top(distinct: NDArray[Any], counts: NDArray[np.int64], text: Any) -> tuple[tuple[str, int], ...]:
    return tuple((text(distinct[i]), int(counts[i])) for i in commonest(counts, TOP))


def _extremes(
    values: pa.ChunkedArray, ascending: NDArray[Any], text: Any, source: pa.ChunkedArray | None = None
) -> dict[str, Shown]:
    """Rows of the smallest and largest ``values``, which ``ascending`` holds sorted; texts are taken from
    ``source`` if given.
    """

    def told(rows: list[int]) -> Shown:
        return tuple(
            (row, shown(source[row].as_py()) if source is not None else text(values[row].as_py()))
            for row in rows
        )

    most = min(EXTREMES, ascending.size)
    if not most:
        return {}
    low = _beyond(values, ascending[most - 1].item(), most, smallest=True)
    high = _beyond(values, ascending[-most].item(), most, smallest=False)
    return {"smallest": told(low), "largest": told(high)}


def _beyond(values: pa.ChunkedArray, bound: Any, most: int, smallest: bool) -> list[int]:
    """The ``most`` rows at or beyond ``bound``, the furthest first; of equal ones the first in the source."""
    rows = _rows_where("less_equal" if smallest else "greater_equal", values, bound)
    if rows.size > 100 * most:  # many are equal to the bound: only those beyond it are worth sorting
        past = _rows_where("less" if smallest else "greater", values, bound)
        rows = np.concatenate([past, _rows_where("equal", values, bound)[: most - past.size]])
    found = rows.tolist()
    sign = 1 if smallest else -1
    return sorted(found, key=lambda row: (sign * values[row].as_py(), row))[:most]


def _rows_where(comparison: str, values: pa.ChunkedArray, bound: Any) -> NDArray[np.int64]:
    """The rows where ``values`` compare so with ``bound``; numpy is twice as fast, where it sees a chunk's
    values as they are.
    """
    import pyarrow.compute as pc

    first, found = 0, [np.zeros(0, np.int64)]
    for chunk in values.chunks:
        if chunk.null_count:
            rows = pc.indices_nonzero(getattr(pc, comparison)(chunk, bound)).to_numpy().astype(np.int64)
        else:
            rows = np.flatnonzero(getattr(np, comparison)(chunk.to_numpy(), bound))
        found.append(rows + first)
        first += len(chunk)
    return np.concatenate(found)


def shown(text: str) -> str:
    """A text cut to what a screen can show."""
    return text if len(text) <= SHOWN_LETTERS else text[: SHOWN_LETTERS - 1] + "…"


def str_of_number(value: float) -> str:
    """A number as text: whole numbers in digits, others in the fewest digits that give them back.

    >>> str_of_number(np.int64(7)), str_of_number(7.0), str_of_number(0.1), str_of_number(1e300)
    ('7', '7', '0.1', '1e+300')
    """
    number = value.item() if isinstance(value, np.generic) else value
    return str(int(number)) if abs(number) < 1e15 and number == int(number) else repr(number)


def str_of_time(microseconds: int) -> str:
    """Microseconds since 1970 as text, as short as they allow.

    >>> str_of_time(0), str_of_time(1_500_000)
    ('1970-01-01', '1970-01-01 00:00:01.500000')
    """
    text = str(np.datetime64(int(microseconds), "us")).removesuffix(".000000").removesuffix("T00:00:00")
    return text.replace("T", " ")
