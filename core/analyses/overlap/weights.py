"""What is taken away from the comparison of both parts: rows to label, and weights."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.dataset import Dataset
from core.review import Decision
from core.rowset import RowSet

FIGURES = 2  # significant digits of a weight in a decision
MOST = 200_000  # rows up to which weights become decisions; beyond, the recipe would grow by megabytes


def rows_csv(
    dataset: Dataset, ids: NDArray[np.int64], known: Mapping[str, NDArray[Any]] | None = None
) -> bytes:
    """These rows as CSV in UTF-8, in this order: ``row`` (position in the source), then ``known`` (one value
    per row of the data), then the columns as they stood in the source."""
    import pyarrow as pa
    import pyarrow.csv as pacsv

    raw = [dataset.raw(c.name) if c.raw else dataset.table([c.name]).column(0) for c in dataset.columns]
    front = {
        "row": dataset.source_ids(ids),
        **{name: np.asarray(values)[ids] for name, values in (known or {}).items()},
    }
    columns = [pa.array(values, from_pandas=True) for values in front.values()] + [
        values.take(ids) for values in raw
    ]
    out = io.BytesIO()
    pacsv.write_csv(pa.table(columns, names=[*front, *dataset.names]), out)
    return out.getvalue()


def weights_csv(dataset: Dataset, weight: NDArray[np.floating]) -> bytes:
    """``row,weight`` for each row that has a weight."""
    import pyarrow as pa
    import pyarrow.csv as pacsv

    ids = np.flatnonzero(np.isfinite(weight))
    out = io.BytesIO()
    pacsv.write_csv(pa.table({"row": dataset.source_ids(ids), "weight": weight[ids]}), out)
    return out.getvalue()


def weight_decisions(dataset: Dataset, weight: NDArray[np.floating], why: str = "") -> tuple[Decision, ...]:
    """One decision per distinct weight, after rounding to two significant digits, which keeps the recipe
    short; nan means no weight. weight: one per row of ``dataset``.

    The error of rounding, at most 5%, is far below that of the estimate itself.
    """
    ids = np.flatnonzero(np.isfinite(weight))
    rounded = significant(weight[ids].astype(np.float64))
    order = np.argsort(rounded, kind="stable")
    values, starts = np.unique(rounded[order], return_index=True)
    groups = np.split(ids[order], starts[1:])
    return tuple(
        Decision("weight", dataset.source_rows(RowSet(np.sort(rows))), float(value), why)
        for value, rows in zip(values, groups, strict=True)
    )


def significant(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Rounded to two significant digits; below a thousandth to three decimals.

    >>> significant(np.array([0.0, 0.12345, 1.987, 23.4, 0.00004])).tolist()
    [0.0, 0.12, 2.0, 23.0, 0.0]
    """
    size = np.floor(np.log10(np.maximum(values, 1e-2)))
    step = np.power(10.0, np.maximum(size - (FIGURES - 1), -3.0))
    return np.asarray(np.round(np.round(values / step) * step, 3))
