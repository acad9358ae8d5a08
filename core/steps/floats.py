"""Columns as floats, and floats as columns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from core.errors import SettingError
from core.phrases import name as quoted_name

if TYPE_CHECKING:
    import pyarrow as pa


def as_numbers(values: pa.ChunkedArray | pa.Array) -> NDArray[np.float64]:
    """Numbers, dates (microseconds since 1970) or yes and no as float64, NaN where missing."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_timestamp(values.type):
        values = values.cast(pa.timestamp("us")).cast(pa.int64())
    if pa.types.is_boolean(values.type):
        values = values.cast(pa.int8())
    filled = pc.fill_null(values.cast(pa.float64(), safe=False), float("nan"))
    return np.asarray(filled.to_numpy(zero_copy_only=False) if isinstance(filled, pa.Array)
                      else filled.to_numpy(), dtype=np.float64)  # fmt: skip


def exact_floats(values: pa.ChunkedArray | pa.Array, column: str) -> Any:
    """Numbers as float64. Raises `SettingError` for whole numbers that a float would round."""
    import pyarrow as pa

    try:
        return values.cast(pa.float64())
    except pa.ArrowInvalid as error:
        raise SettingError(
            f"{quoted_name(column)} holds whole numbers beyond 9,007,199,254,740,992, which a number with a "
            "fraction would round; give a whole number."
        ) from error


def from_numbers(numbers: NDArray[np.floating[Any]]) -> pa.Array:
    """Numbers as Arrow, missing where they are NaN."""
    import pyarrow as pa

    return pa.array(numbers, pa.float64(), mask=np.isnan(numbers))
