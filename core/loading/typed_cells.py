"""Cells that are typed already, as those of Parquet and of pandas are: the canonical type for each, and their
texts.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from core.loading.cells import filled
from core.loading.infer import Reading
from core.loading.text import INT64, Form, as_text

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True)
class TypedCells:
    """Cells that have a type of their own."""

    def infer(self, chunks: Iterable[Any]) -> Reading:
        """The canonical type nearest to the column's own; text when there is no value at all, or one that the
        canonical type cannot hold.
        """
        note, empty, stored = "", True, "string"
        for chunk in chunks:
            plain = _decoded(chunk)
            stored, note = _canonical(plain.type)
            beyond = _beyond(plain)
            if beyond:
                return Reading(Form("string"), note=beyond)
            values = _no_nan(plain)
            empty = empty and values.null_count == len(values)
            if not empty and not _has_bounds(plain.type):
                break
        return (
            Reading(Form("string"), note=note, confidence=0.0, empty=True)
            if empty
            else Reading(Form(stored), note=note)  # type: ignore[arg-type]
        )

    def convert(self, array: Any, form: Form) -> Any:
        """Cast to the canonical type; nested values and the like become JSON text."""
        import pyarrow as pa
        import pyarrow.compute as pc

        plain = _no_nan(_decoded(array))
        kind = plain.type
        if form.stored == "string":
            if pa.types.is_string(kind) or pa.types.is_large_string(kind):
                return _utf8(plain.cast(pa.string()))
            return _as_strings(plain)
        if form.stored == "timestamp":
            return _in_utc(plain).cast(pa.timestamp("us"), safe=False)
        if form.stored == "double" and pa.types.is_decimal(kind):
            return pc.cast(pc.cast(plain, pa.string()), pa.float64())
        return plain.cast(
            {"bool": pa.bool_(), "int64": pa.int64(), "double": pa.float64()}[form.stored], safe=False
        )

    def source_text(self, array: Any) -> Any:
        """The text of each value."""
        import pyarrow as pa

        plain = _decoded(array)
        if pa.types.is_timestamp(plain.type) and not _beyond(plain):
            return plain.cast(pa.string())
        return _as_strings(plain)

    def gives_back(self, array: Any, values: Any) -> bool:
        """Only nanoseconds, decimals and whole numbers that were turned into floats lose anything that text
        can keep.
        """
        import pyarrow as pa

        plain = _decoded(array)
        kind = plain.type
        if pa.types.is_timestamp(kind) and kind.unit == "ns":
            return bool(
                plain.cast(pa.int64()).equals(values.cast(pa.timestamp("ns"), safe=False).cast(pa.int64()))
            )
        if not pa.types.is_floating(values.type) or not (
            pa.types.is_decimal(kind) or pa.types.is_integer(kind)
        ):
            return True
        return bool(as_text(values).equals(filled(self.source_text(array))))


def _decoded(array: Any) -> Any:
    """The values of an encoded array or one of an extension type, as an array of a plain type."""
    import pyarrow as pa

    kind = array.type
    if isinstance(array, pa.ExtensionArray):
        return _EXTENSIONS.get(kind.extension_name, lambda given: _decoded(given.storage))(array)
    if pa.types.is_dictionary(kind):
        return _decoded(array.dictionary).take(array.indices)
    if pa.types.is_run_end_encoded(kind):
        places = np.arange(array.offset, array.offset + len(array))
        return _decoded(array.values).take(pa.array(np.searchsorted(array.run_ends, places, "right")))
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


def _has_bounds(kind: pa.DataType) -> bool:
    """Whether some values of the type may lie beyond what the canonical type holds."""
    import pyarrow as pa

    return bool(pa.types.is_uint64(kind) or pa.types.is_timestamp(kind) or pa.types.is_date(kind))


def _beyond(array: Any) -> str:
    """What there is to say where a value lies beyond what the canonical type holds; "" where none does."""
    import pyarrow as pa
    import pyarrow.compute as pc

    kind = array.type
    if not _has_bounds(kind):
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
    ends = [int(ticks[end] * TICK[_unit(kind)]) for end in ("min", "max")]
    inside = int(year_1) <= ends[0] and ends[1] <= int(year_10000)
    return "" if inside else "Times outside the years 1 to 9999, kept as text."


# seconds of one tick of a time, by its unit
TICK = {"D": 86_400, "s": 1, "ms": Fraction(1, 1_000), "us": Fraction(1, 10**6), "ns": Fraction(1, 10**9)}


def _unit(kind: pa.DataType) -> str:
    import pyarrow as pa

    if pa.types.is_date(kind):
        return "D" if pa.types.is_date32(kind) else "ms"
    return str(kind.unit)


def _in_utc(array: Any) -> Any:
    """Times with a zone as times in UTC without one."""
    import pyarrow as pa

    kind = array.type
    if not pa.types.is_timestamp(kind) or not kind.tz:
        return array
    return array.cast(pa.timestamp(kind.unit, "UTC")).cast(pa.timestamp(kind.unit))


def _no_nan(array: Any) -> Any:
    """Floats with null for NaN."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if not pa.types.is_floating(array.type):
        return array
    nan = pc.is_nan(array)
    return pc.if_else(nan, None, array) if pc.any(nan).as_py() else array


def _canonical(kind: pa.DataType) -> tuple[str, str]:
    """The canonical type for an Arrow type, and what there is to say about it."""
    import pyarrow as pa

    is_a = pa.types
    if is_a.is_boolean(kind):
        return "bool", ""
    if is_a.is_integer(kind):
        return "int64", ""
    if is_a.is_floating(kind):
        return "double", ""
    if is_a.is_decimal(kind):
        return "double", f"Decimal numbers ({kind}) read as floats; the exact digits are kept beside them."
    if is_a.is_date(kind):
        return "timestamp", ""
    if is_a.is_timestamp(kind):
        zone = f"Times in {kind.tz} were converted to UTC." if kind.tz else ""
        return "timestamp", zone
    if is_a.is_string(kind) or is_a.is_large_string(kind) or is_a.is_string_view(kind) or is_a.is_null(kind):
        return "string", ""
    return "string", f"Values of type {kind} are kept as text."


def _utf8(array: Any) -> Any:
    """The array, checked to be valid; raises ArrowInvalid otherwise."""
    array.validate(full=True)
    return array


def _as_strings(array: Any) -> Any:
    """Text of values of any type: plain ones by Arrow, nested ones and bytes as JSON."""
    import pyarrow as pa

    kind = array.type
    if pa.types.is_null(kind):
        return pa.nulls(len(array), pa.string())
    if _of_floats(array):
        return _joined(array)
    if (
        pa.types.is_nested(kind)
        or pa.types.is_binary(kind)
        or pa.types.is_large_binary(kind)
        or pa.types.is_fixed_size_binary(kind)
        or pa.types.is_binary_view(kind)
    ):
        return pa.array(list(_json_texts(_objects(array))), pa.string())
    if pa.types.is_duration(kind) or pa.types.is_interval(kind):
        return pa.array([None if v is None else str(v) for v in _objects(array)], pa.string())
    if pa.types.is_boolean(kind) or pa.types.is_floating(kind):
        import pyarrow.compute as pc

        return pc.if_else(pc.is_null(array), None, as_text(_no_nan(array)))
    return (
        _time_texts(array)
        if pa.types.is_timestamp(kind) or pa.types.is_date(kind)
        else array.cast(pa.string())
    )


def _time_texts(array: Any) -> Any:
    """Times in ISO 8601, with as many digits of the second as they have, whatever the year."""
    import pyarrow as pa
    import pyarrow.compute as pc

    times = _in_utc(array)
    if _beyond(times):
        numbers = times.to_numpy(zero_copy_only=False).astype(f"M8[{_unit(times.type)}]")
        text = pa.array(np.datetime_as_string(numbers), pa.string(), mask=np.isnat(numbers))
        text = pc.replace_substring(text, "T", " ")
    else:
        text = times.cast(pa.string())
    text = pc.replace_substring_regex(text, r"(\.\d*?)0+$", r"\1")
    return pc.replace_substring_regex(pc.replace_substring_regex(text, r"\.$", ""), " 00:00:00$", "")


def _of_floats(array: Any) -> bool:
    """Whether these are lists of finite floats: vectors, which take long as Python objects."""
    import pyarrow as pa
    import pyarrow.compute as pc

    kind = array.type
    if not (pa.types.is_list(kind) or pa.types.is_fixed_size_list(kind)) or kind.value_type not in (
        pa.float32(),
        pa.float64(),
    ):
        return False
    numbers = array.flatten()
    return numbers.null_count == 0 and bool(pc.all(pc.is_finite(numbers), min_count=0).as_py())


def _joined(array: Any) -> Any:
    """Lists of finite floats as JSON: the text that ``json.dumps`` gives."""
    import pyarrow as pa
    import pyarrow.compute as pc

    lists = array.cast(pa.list_(array.type.value_type))
    ends = pc.cumulative_sum(pc.fill_null(pc.list_value_length(lists), 0))
    offsets = pa.concat_arrays([pa.array([0], pa.int32()), ends.cast(pa.int32())])
    texts = as_text(lists.flatten().cast(pa.float64()))
    joined = pc.binary_join(pa.ListArray.from_arrays(offsets, texts, mask=lists.is_null()), ", ")
    return pc.binary_join_element_wise("[", joined, "]", "")


_LONGEST = {"s": 999_999_999 * 86_400, "ms": 999_999_999 * 86_400_000}  # ticks of the longest timedelta
_CLOCK = re.compile(r"(.*?\d:\d\d:\d\d)(?:\.(\d{6}))?(.*)")


def _objects(array: Any) -> list[Any]:
    """The values of an array as Python objects; text for times of which Python's own would lose parts of a
    microsecond or cannot hold the year, and pairs for structs of which two fields have one name.
    """
    import pyarrow as pa

    kind = array.type
    is_a = pa.types
    if isinstance(array, pa.ExtensionArray) or is_a.is_dictionary(kind) or is_a.is_run_end_encoded(kind):
        return _objects(_decoded(array))
    if is_a.is_struct(kind):
        names = [field.name for field in kind]
        whole = dict if len(set(names)) == len(names) else list
        parts = zip(*map(_objects, array.flatten()), strict=True) if names else iter([()] * len(array))
        rows = (whole(zip(names, cells, strict=True)) for cells in parts)
        return [row if held else None for row, held in zip(rows, array.is_valid().to_pylist(), strict=True)]
    if is_a.is_map(kind) or is_a.is_list(kind) or is_a.is_large_list(kind):
        ends = array.offsets.to_pylist()
        inside = slice(ends[0], ends[-1])
        if is_a.is_map(kind):
            items: list[Any] = list(
                zip(_objects(array.keys[inside]), _objects(array.items[inside]), strict=True)
            )
        else:
            items = _objects(array.values[inside])
        return [
            items[ends[i] - ends[0] : ends[i + 1] - ends[0]] if held else None
            for i, held in enumerate(array.is_valid().to_pylist())
        ]
    if is_a.is_fixed_size_list(kind) or is_a.is_list_view(kind) or is_a.is_large_list_view(kind):
        return [None if cell.values is None else _objects(cell.values) for cell in array]
    if (is_a.is_timestamp(kind) or is_a.is_date(kind)) and _beyond(array):
        return list(_time_texts(array).to_pylist())
    if is_a.is_duration(kind) and kind.unit in _LONGEST:
        return _long_durations(array)
    if is_a.is_temporal(kind) and getattr(kind, "unit", "") == "ns":
        return _to_the_nanosecond(array)
    return list(array.to_pylist())


def _long_durations(array: Any) -> list[Any]:
    """Durations as Python objects; those beyond Python's longest as text in their unit.

    >>> import pyarrow as pa
    >>> _long_durations(pa.array([5, 2**62], pa.duration("s")))
    [datetime.timedelta(seconds=5), '4611686018427387904 s']
    """
    import pyarrow as pa

    longest, ticks = _LONGEST[array.type.unit], array.cast(pa.int64()).to_pylist()
    beyond = [tick is not None and abs(tick) > longest for tick in ticks]
    within = pa.array([None if far else tick for tick, far in zip(ticks, beyond, strict=True)], pa.int64())
    return [
        f"{tick} {array.type.unit}" if far else value
        for tick, far, value in zip(ticks, beyond, within.cast(array.type).to_pylist(), strict=True)
    ]


def _to_the_nanosecond(array: Any) -> list[str | None]:
    """Times or durations in nanoseconds as Python writes them, with nine digits of the second where there are
    parts of a microsecond.
    """
    import pyarrow as pa

    kind = array.type
    if pa.types.is_timestamp(kind):
        coarse = pa.timestamp("us", kind.tz)
    else:
        coarse = pa.time64("us") if pa.types.is_time64(kind) else pa.duration("us")
    ticks = array.cast(pa.int64()).to_pylist()
    micros = pa.array([None if tick is None else tick // 1_000 for tick in ticks], pa.int64()).cast(coarse)
    texts: list[str | None] = []
    for tick, value in zip(ticks, micros.to_pylist(), strict=True):
        text = None if value is None else str(value)
        if text is not None and tick % 1_000:
            clock, micro, rest = _CLOCK.fullmatch(text).groups("000000")  # type: ignore[union-attr]
            text = f"{clock}.{micro}{tick % 1_000:03d}{rest}"
        texts.append(text)
    return texts


def _json_texts(values: list[Any]) -> Iterator[str | None]:
    for value in values:
        if value is None or isinstance(value, str):
            yield value
        elif isinstance(value, bytes):
            yield value.decode("utf-8", "backslashreplace")
        else:
            yield (
                json.dumps(value, ensure_ascii=False, default=_plain)
                .encode("utf-8", "backslashreplace")
                .decode()
            )


def _plain(value: Any) -> str:
    return value.decode("utf-8", "backslashreplace") if isinstance(value, bytes) else str(value)
