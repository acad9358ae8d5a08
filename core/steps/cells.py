"""Values of columns as rules make them: of canonical types, beside those that were there before."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from core.errors import SettingError
from core.loading.text import as_text

if TYPE_CHECKING:
    import pyarrow as pa


def canonical(values: pa.ChunkedArray | pa.Array, before: pa.ChunkedArray | None = None) -> pa.ChunkedArray:
    """Values of one of the types that a column can have (bool, int64, double, timestamp[us], string); NaN is
    missing. Raises `SettingError` for values that are infinite and were not so ``before``.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    kind = values.type
    if pa.types.is_dictionary(kind):
        values = values.cast(kind.value_type)
    elif pa.types.is_floating(kind):
        values = values.cast(pa.float64())
        values = pc.if_else(pc.is_nan(values), pa.scalar(None, pa.float64()), values)
        infinite = pc.is_inf(values)
        if before is not None and pa.types.is_floating(before.type):
            infinite = pc.and_not(infinite, pc.fill_null(pc.is_inf(before), False))
        if pc.any(infinite).as_py():
            raise SettingError(
                "The rule makes infinite values; choose another one, or clip the column first."
            )
    elif pa.types.is_integer(kind):
        try:
            values = values.cast(pa.int64())
        except pa.ArrowInvalid as error:
            raise SettingError(
                "The column holds whole numbers beyond 9,223,372,036,854,775,807, which rules do not take."
            ) from error
    elif pa.types.is_timestamp(kind) or pa.types.is_date(kind):
        values = values.cast(pa.timestamp("us"))
    if pa.types.is_large_string(values.type):
        values = values.cast(pa.string())
    return values if isinstance(values, pa.ChunkedArray) else pa.chunked_array([values])


def within(new: pa.ChunkedArray, old: pa.ChunkedArray, scope: NDArray[np.bool_]) -> pa.ChunkedArray:
    """The new values in scope, the old ones elsewhere. Raises `SettingError` where one column cannot hold
    both.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    if new.type != old.type:
        wider = pa.types.is_integer(old.type) and not pa.types.is_boolean(new.type)
        try:
            if pa.types.is_string(new.type):
                old = pc.if_else(old.is_valid(), as_text(old), None)
            elif wider and not pa.types.is_timestamp(new.type):
                old = old.cast(new.type)  # whole numbers that a float cannot hold are refused
            else:
                raise pa.ArrowInvalid("what a date or a yes is does not follow from a number")
        except pa.ArrowInvalid as error:
            raise SettingError(
                f"The rule gives {new.type} where the other rows hold {old.type}; apply it to all rows."
            ) from error
    return pc.if_else(pa.array(scope), new, old)
