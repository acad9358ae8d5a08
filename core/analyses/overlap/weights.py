"""What is taken away from the comparison of both parts: rows to label, and weights, as files."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.dataset import Dataset


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
