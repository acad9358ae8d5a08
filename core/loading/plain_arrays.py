"""Arrow arrays as the rest of loading takes them: of plain types, whatever they were encoded as, without NaN,
times in UTC; and what to say of values beyond the canonical types.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from core.loading.text import INT64

if TYPE_CHECKING:
    import pyarrow as pa

# seconds of one tick of a time, by its unit
_TICK = {"D": 86_400, "s": 1, "ms": Fraction(1, 1_000), "us": Fraction(1, 10**6), "ns": Fraction(1, 10**9)}


def decoded(array: Any) -> Any:
    """The values of an encoded array or one of an extension type, as an array of a plain type."""
    import pyarrow as pa

    kind = array.type
    if isinstance(array, pa.ExtensionArray):
        return _EXTENSIONS.get(kind.extension_name, lambda given: decoded(given.storage))(array)
    if pa.types.is_dictionary(kind):
        return decoded(array.dictionary).take(array.indices)
    if pa.types.is_run_end_encoded(kind):
        places = np.arange(array.offset, array.offset + len(array))
        return decoded(array.values).take(pa.array(np.searchsorted(array.run_ends, places, "right")))
    if pa.types.is_string_view(kind) or pa.types.is_binary_view(kind):  # of which Arrow takes no rows yet
        return array.cast(pa.string() if pa.types.is_string_view(kind) else pa.binary())
    if pa.types.is_timestamp(kind) and kind.tz and not _known_zone(kind.tz):
        return array.cast(pa.timestamp(kind.unit, "UTC"))  # the same moments, as Arrow holds them
    return array.cast(pa.float32()) if pa.types.is_float16(kind) else array


@cache
def _known_zone(zone: str) -> bool:
    """Whether Arrow finds the time zone of this name.

    >>> _known_zone("UTC"), _known_zone("Nowhere/Else")
    (True, False)
    """
    import pyarrow as pa

    try:
        pa.scalar(0, pa.timestamp("s", zone)).cast(pa.string())
    except pa.ArrowInvalid:
        return False
    return True


def _uuid_texts(array: Any) -> Any:
    import uuid

    import pyarrow as pa

    held = array.storage.to_pylist()
    return pa.array([None if given is None else str(uuid.UUID(bytes=given)) for given in held], pa.string())


def _flags(array: Any) -> Any:
    import pyarrow.compute as pc

    return pc.not_equal(array.storage, 0)


_EXTENSIONS: dict[str, Callable[[Any], Any]] = {"arrow.uuid": _uuid_texts, "arrow.bool8": _flags}


def no_nan(array: Any) -> Any:
    """Floats with null for NaN."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if not pa.types.is_floating(array.type):
        return array
    nan = pc.is_nan(array)
    return pc.if_else(nan, None, array) if pc.any(nan).as_py() else array


def in_utc(array: Any) -> Any:
    """Times with a zone as times in UTC without one."""
    import pyarrow as pa

    kind = array.type
    if not pa.types.is_timestamp(kind) or not kind.tz:
        return array
    return array.cast(pa.timestamp(kind.unit, "UTC")).cast(pa.timestamp(kind.unit))


def has_bounds(kind: pa.DataType) -> bool:
    """Whether some values of the type may lie beyond what the canonical type holds."""
    import pyarrow as pa

    return bool(pa.types.is_uint64(kind) or pa.types.is_timestamp(kind) or pa.types.is_date(kind))


def beyond_canonical(array: Any) -> str:
    """What there is to say where a value lies beyond what the canonical type holds; "" where none does."""
    import pyarrow as pa
    import pyarrow.compute as pc

    kind = array.type
    if not has_bounds(kind):
        return ""
    if pa.types.is_uint64(kind):
        most = pc.max(array).as_py() or 0
        return "Whole numbers beyond 64 bits with sign, kept as text." if most > INT64[-1] else ""
    ticks = pc.min_max(array.cast(pa.int32()) if pa.types.is_date32(kind) else array.cast(pa.int64())).as_py()
    if ticks["min"] is None:
        return ""
    year_1, year_10000 = (
        np.datetime64(year, "s").astype(np.int64) for year in ("0001", "9999-12-31T23:59:59")
    )
    ends = [int(ticks[end] * _TICK[unit_of(kind)]) for end in ("min", "max")]
    inside = int(year_1) <= ends[0] and ends[1] <= int(year_10000)
    return "" if inside else "Times outside the years 1 to 9999, kept as text."


def unit_of(kind: pa.DataType) -> str:
    """The unit of a date or time, as `_TICK` has it."""
    import pyarrow as pa

    if pa.types.is_date(kind):
        return "D" if pa.types.is_date32(kind) else "ms"
    return str(kind.unit)
