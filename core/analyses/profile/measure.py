"""What one column holds: counts, statistics, commonest values, extremes and a histogram, all exact."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from core.analyses.profile.as_text import shown, str_of_number, str_of_time
from core.analyses.profile.extremes import extremes
from core.analyses.profile.facts import ColumnFacts, ColumnProfile, Masks
from core.dataset.column import Column
from core.numerics.describe import (
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
BIG_TEXT = 1_900_000_000  # bytes; 32-bit offsets reach to 2**31


def measure(
    column: Column,
    values: pa.ChunkedArray,
    masks: Masks,
    role: str = "",
    bins: int = 50,
    decimal: str = ".",
    lacked: str = "",
) -> ColumnFacts:
    """The facts of one column. values: all its rows, missing ones null. masks: each part's name and its rows
    (boolean). decimal: the decimal mark of the source. lacked: the part that does not have the column.
    """
    import pyarrow as pa

    statistics, distinct, counts = _by_type(values, bins)
    nowhere = sum(int(mask.sum()) for part, mask in masks if part == lacked)
    profile = ColumnProfile(
        name=column.name,
        kind=column.kind,
        stored=column.stored,
        rows=len(values) - nowhere,
        missing=int(values.null_count) - nowhere,
        missing_by_part=_missing_by_part(values, masks, lacked),
        distinct=len(distinct),
        bytes=int(values.nbytes),
        **statistics,
    )
    seam = _seam(values, masks) if pa.types.is_timestamp(values.type) else None
    return ColumnFacts(
        column=column,
        role=role,
        masks=masks,
        profile=profile,
        values=values,
        distinct=distinct,
        counts=counts,
        decimal=decimal,
        seam=seam,
        lacked=lacked,
    )


def _seam(values: pa.ChunkedArray, masks: Masks) -> tuple[int, int] | None:
    """Where train ends and serve begins, if one follows the other in time."""
    import pyarrow as pa
    import pyarrow.compute as pc

    ends = [
        pc.min_max(values.filter(pa.array(mask)).cast(pa.timestamp("us")).cast(pa.int64())).as_py()
        for _, mask in masks
    ]
    if len(ends) < 2 or any(end["min"] is None for end in ends) or ends[0]["max"] >= ends[1]["min"]:
        return None
    return ends[0]["max"], ends[1]["min"]


def _missing_by_part(values: pa.ChunkedArray, masks: Masks, lacked: str) -> tuple[int, ...]:
    if len(masks) < 2 or not values.null_count:
        return tuple(int(values.null_count) for _ in masks)
    absent = values.is_null().to_numpy()
    return tuple(0 if part == lacked else int(np.count_nonzero(absent & mask)) for part, mask in masks)


Measured = tuple[dict[str, Any], Any, NDArray[np.int64]]


def _by_type(values: pa.ChunkedArray, bins: int) -> Measured:
    """The statistics of a column, its distinct values and their counts."""
    import pyarrow as pa

    kind = values.type
    if pa.types.is_floating(kind) or pa.types.is_integer(kind):
        return _numbers(values, bins)
    if pa.types.is_timestamp(kind):
        return _times(values, bins)
    if pa.types.is_boolean(kind):
        return _flags(values)
    return _texts(values.cast(pa.large_string() if values.nbytes > BIG_TEXT else pa.string()))


def _numbers(values: pa.ChunkedArray, bins: int) -> Measured:
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
    statistics = {
        **_statistics(moments(finite)),
        "quantiles": quantiles(finite) if finite.size else np.zeros(0),
        "zeros": int(positive - negative),
        "negatives": int(negative),
        "infinite": int(ascending.size - finite.size),
        "histogram": histogram(finite, bins),
        "top": _top(distinct, counts, str_of_number),
        **extremes(values, ascending, str_of_number),
    }
    return statistics, distinct, counts


def _times(values: pa.ChunkedArray, bins: int) -> Measured:
    import pyarrow as pa

    ticks = values.cast(pa.timestamp("us")).cast(pa.int64())
    ascending = _ascending(ticks)
    distinct, counts = runs(ascending)
    moment = moments(ascending)
    statistics = {
        "mean": moment.mean / 1e6,
        "std": moment.std / 1e6,
        "skewness": moment.skewness,
        "kurtosis": moment.kurtosis,
        "quantiles": quantiles(ascending) / 1e6 if ascending.size else np.zeros(0),
        "histogram": time_histogram(ascending, bins),
        "top": _top(distinct, counts, str_of_time),
        **extremes(ticks, ascending, str_of_time),
    }
    return statistics, distinct, counts


def _flags(values: pa.ChunkedArray) -> Measured:
    import pyarrow.compute as pc

    true = int(pc.sum(values).as_py() or 0)
    false = len(values) - values.null_count - true
    held = [(word, count) for word, count in (("False", false), ("True", true)) if count]
    statistics = {
        "mean": true / (true + false) if held else math.nan,
        "top": tuple(sorted(held, key=lambda pair: -pair[1])),
    }
    return (
        statistics,
        np.array([word == "True" for word, _ in held], bool),
        np.array([count for _, count in held], np.int64),
    )


def _texts(values: pa.ChunkedArray) -> Measured:
    import pyarrow as pa
    import pyarrow.compute as pc

    counted = pc.value_counts(values.drop_null())
    distinct, counts = counted.field("values"), counted.field("counts").to_numpy()
    table = pa.table([counted.field("counts"), distinct], names=["count", "value"])
    keys = [("count", "descending"), ("value", "ascending")][
        0 if len(distinct) < len(values) - values.null_count else 1 :
    ]
    order = pc.select_k_unstable(table, k=min(TOP, len(distinct)), sort_keys=keys)
    lengths = pc.utf8_length(values)
    ascending = _ascending(lengths)
    statistics = {
        "top": tuple((shown(distinct[i].as_py()), int(counts[i])) for i in order.to_pylist()),
        "lengths": (float(ascending[0]), float(ascending.mean()), float(ascending[-1]))
        if ascending.size
        else None,
        **extremes(lengths, ascending, lambda row: "", values),
    }
    return statistics, distinct, counts


def _ascending(values: pa.ChunkedArray) -> Numbers:
    """The values that are there, sorted: the one copy of the column that the work needs."""
    import pyarrow as pa

    chunks = [chunk.drop_null().to_numpy(zero_copy_only=False) for chunk in values.chunks]
    empty = np.zeros(0, np.float64 if pa.types.is_floating(values.type) else np.int64)
    ascending: Numbers = np.concatenate([empty, *chunks])
    if ascending.dtype == np.float64:
        ascending += 0.0  # turns -0.0 into 0.0
    ascending.sort()
    return ascending


def _statistics(moment: Moments) -> dict[str, float]:
    return {"mean": moment.mean, "std": moment.std, "skewness": moment.skewness, "kurtosis": moment.kurtosis}


def _top(distinct: NDArray[Any], counts: NDArray[np.int64], text: Any) -> tuple[tuple[str, int], ...]:
    return tuple((text(distinct[i]), int(counts[i])) for i in commonest(counts, TOP))
