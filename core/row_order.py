"""Rows in the order of a column: what a list of rows shows when it is sorted.

Numbers go by size, dates by time, no before yes, text by the letters without regard to upper and lower case
(by Unicode code point). Missing values (NaN too) stand last, whichever way the order goes, and rows with
equal values stand in the order of the source.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from core.dataset import Dataset
from core.numerics.conditions import known

if TYPE_CHECKING:
    import pyarrow as pa

Ids = NDArray[np.int64]
KEPT = 4  # orders of whole columns that are kept in memory
FEW = 20  # up to one in so many rows are sorted by themselves


def places_by(values: pa.ChunkedArray | pa.Array, falling: bool = False) -> Ids:
    """The places of the values in their order, int64.

    >>> import pyarrow as pa
    >>> places_by(pa.array(["b", None, "A", "a"])).tolist()
    [2, 3, 0, 1]
    >>> places_by(pa.array([1.0, float("nan"), 3.0, 3.0]), falling=True).tolist()
    [2, 3, 0, 1]
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    values = known(values if isinstance(values, pa.ChunkedArray) else pa.chunked_array([values]))
    if pa.types.is_string(values.type):
        values = pc.utf8_lower(values)
    if pa.types.is_floating(values.type):
        values = pc.add(values, 0.0)  # makes 0 of -0
    way = "descending" if falling else "ascending"
    order = pc.sort_indices(values, sort_keys=[("", way)])  # stable; what is missing stands at the end
    return np.asarray(order).astype(np.int64)


def rows_by(dataset: Dataset, ids: Ids, column: str, falling: bool = False) -> Ids:
    """The rows ``ids``, each named once, by their values in ``column``. Raises `ColumnError`.

    The order of a whole column is worked out once and kept in memory, at 8 bytes a row.
    """
    dataset[column]
    if ids.size * FEW < dataset.rows:
        rows = np.sort(ids)
        return rows[places_by(dataset.table([column]).column(0).take(rows), falling)]
    order: Ids = dataset.shared.latest(
        "row orders",
        (dataset.column_key(column), dataset.rows, falling),
        lambda: places_by(dataset.table([column]).column(0), falling),
        KEPT,
    )
    if ids.size == dataset.rows:
        return order
    wanted = np.zeros(dataset.rows, bool)
    wanted[ids] = True
    some: Ids = order[wanted[order]]
    return some


def rows_by_values(ids: Ids, values: NDArray[Any], falling: bool = False) -> Ids:
    """The rows ``ids`` by values of their own, one for each: a score, a group."""
    import pyarrow as pa

    places = np.argsort(ids, kind="stable")
    own = np.asarray(values)[places]
    return ids[places][places_by(pa.array(own, from_pandas=True), falling)]
