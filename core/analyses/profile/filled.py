"""A column without what steps filled its gaps with, or without the cells of rows that are likely totals: its
shape is that of the values that were there.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from core.dataset import Dataset
from core.finding import Finding
from core.phrases import count, verb
from core.rowset import RowSet

if TYPE_CHECKING:
    import pyarrow as pa

SHAPES = ("zero_inflated", "skew", "heavy_tails", "outlying", "heaping")


def unfilled(dataset: Dataset, name: str) -> tuple[pa.ChunkedArray, int]:
    """The values of a column of numbers, null where the source has none; and how many of them steps filled.
    Of rows that were added nothing is left out.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    values = dataset.table([name]).column(0)
    if dataset.base is None or dataset.changes is None:
        return values, 0
    source = dataset.changes.sources.get(name, name)
    if source not in dataset.base.names or dataset[name].kind != "numeric":
        return values, 0
    was = dataset.base.table([source]).column(0)
    if not was.null_count or values.null_count == len(values):
        return values, 0
    kept = dataset.changes.kept
    ids = np.arange(len(values)) if kept is None else kept
    missing = np.zeros(max(dataset.changes.rows, was.length()), bool)
    missing[: was.length()] = np.asarray(was.is_null())
    filled = missing[ids] & np.asarray(values.is_valid())
    if not filled.any() or filled.sum() == len(values) - values.null_count:
        return values, 0
    return pc.if_else(pa.array(filled), pa.scalar(None, values.type), values), int(filled.sum())


def without_rows(values: pa.ChunkedArray, rows: RowSet) -> pa.ChunkedArray:
    """The values of a column, null in these rows."""
    import pyarrow as pa
    import pyarrow.compute as pc

    return pc.if_else(pa.array(rows.mask(len(values))), pa.scalar(None, values.type), values)


def of_no_total(finding: Finding, totals: int) -> Finding:
    """A finding of the shape of a column, where the cells of rows that are likely totals are left out."""
    cells = f"{count(totals, 'cell')} of {verb(totals, 'a row that is a likely total', 'likely totals')} "
    return replace(finding, why=f"{finding.why} {cells}{verb(totals, 'is', 'are')} left out.")


def of_the_others(finding: Finding, filled: int) -> Finding:
    """A finding of the shape of a column, where the cells that steps filled are left out."""
    if not filled:
        return finding
    cells = f"{count(filled, 'cell')} that steps filled {verb(filled, 'is', 'are')} left out."
    return replace(finding, why=f"{finding.why} {cells}")
