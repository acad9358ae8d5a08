"""One column compared between the parts: numbers, times and levels, each in its way."""

from __future__ import annotations

from dataclasses import replace
from math import nan
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from core.analyses.shift.column import ColumnShift, Missing
from core.analyses.shift.levels import compare_levels
from core.analyses.shift.numbers import compare_numbers, compare_times
from core.dataset.column import Column
from core.dataset.split import Part
from core.numerics import two_sample
from core.prepare.features import first_time, numbers
from core.prepare.separating import is_time

if TYPE_CHECKING:
    import pyarrow as pa

Mask = NDArray[np.bool_]
FEW_VALUES = 20  # distinct numbers up to which each is a level of its own


def compare(
    column: Column, values: pa.ChunkedArray, serve: Mask, seed: int, lacked: Part | str = ""
) -> ColumnShift:
    """Compare the values of one column (all rows) between the parts. Never raises for what the values are.
    lacked: the part that does not have the column: nothing is missing there.
    """
    known = ~np.asarray(values.is_null())
    missing = _missing(known, serve)
    if lacked:
        there = missing.train if lacked == "serve" else missing.serve
        missing = Missing(*((there, nan) if lacked == "serve" else (nan, there)), nan, nan)
    sizes = int((known & ~serve).sum()), int((known & serve).sum())
    plain = ColumnShift(column.name, column.kind, sizes, missing, lacked=lacked)
    if column.kind in ("identifier", "image"):
        return replace(plain, note=f"an {column.kind} is not compared")
    if lacked:
        return replace(plain, note=f"not in {lacked}")
    if not min(sizes):
        empty = [part for part, size in zip(("train", "serve"), sizes, strict=True) if not size]
        return replace(plain, note=f"no value in {' and '.join(empty)}")
    if column.kind == "datetime":
        ticks = numbers(column, values)
        return compare_times(replace(plain, time=is_time(column, ticks)), ticks, serve, first_time(values))
    if column.kind in ("numeric", "text"):
        floats = numbers(column, values)
        plain = replace(plain, time=is_time(column, floats))
        distinct = np.unique(floats[known & np.isfinite(floats)])
        note = "" if column.kind == "numeric" else "by the length of the texts"
        if column.kind == "text" or distinct.size > FEW_VALUES:
            return compare_numbers(plain, floats, serve, seed, note)
        plain = _spanned(plain, floats, serve)
    return compare_levels(plain, values, serve, seed)


def _spanned(plain: ColumnShift, floats: NDArray[np.float64], serve: Mask) -> ColumnShift:
    """With the spans of both parts, where both have a finite value."""
    parts = [floats[np.isfinite(floats) & part] for part in (~serve, serve)]
    if not all(part.size for part in parts):
        return plain
    train, other = ((float(part.min()), float(part.max())) for part in parts)
    return replace(plain, span=train, serve_span=other)


def _missing(known: Mask, serve: Mask) -> Missing:
    n, m = int((~serve).sum()), int(serve.sum())
    gaps = np.array([int((~known & ~serve).sum()), int((~known & serve).sum())])
    if not n or not m:
        return Missing(gaps[0] / n if n else nan, gaps[1] / m if m else nan, nan, nan)
    if not gaps.sum():
        return Missing(0.0, 0.0, 0.0, nan)
    p = two_sample.table_p(np.array([gaps[0], n - gaps[0]]), np.array([gaps[1], m - gaps[1]]), 0)
    return Missing(gaps[0] / n, gaps[1] / m, two_sample.share_noise(float(gaps.sum()) / (n + m), n, m), p)
