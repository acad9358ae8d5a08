"""Typed cells as text: plain ones as Arrow writes them, nested ones and bytes as JSON, times in ISO 8601 with
as many digits as they have.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import numpy as np

from core.loading.plain_arrays import beyond_canonical, decoded, in_utc, no_nan, unit_of
from core.loading.text import as_text

_LONGEST = {"s": 999_999_999 * 86_400, "ms": 999_999_999 * 86_400_000}  # ticks of the longest timedelta
_CLOCK = re.compile(r"(.*?\d:\d\d:\d\d)(?:\.(\d{6}))?(.*)")


def as_strings(array: Any) -> Any:
    """Text of values of any type: plain ones by Arrow, nested ones and bytes as JSON."""
    import pyarrow as pa

    kind = array.type
    if pa.types.is_null(kind):
        return pa.nulls(len(array), pa.string())
    if of_floats(array):
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

        return pc.if_else(pc.is_null(array), None, as_text(no_nan(array)))
    return (
        time_texts(array)
        if pa.types.is_timestamp(kind) or pa.types.is_date(kind)
        else array.cast(pa.string())
    )


def time_texts(array: Any) -> Any:
    """Times in ISO 8601, with as many digits of the second as they have, whatever the year."""
    import pyarrow as pa
    import pyarrow.compute as pc

    times = in_utc(array)
    if beyond_canonical(times):
        numbers = times.to_numpy(zero_copy_only=False).astype(f"M8[{unit_of(times.type)}]")
        text = pa.array(np.datetime_as_string(numbers), pa.string(), mask=np.isnat(numbers))
        text = pc.replace_substring(text, "T", " ")
    else:
        text = times.cast(pa.string())
    text = pc.replace_substring_regex(text, r"(\.\d*?)0+$", r"\1")
    return pc.replace_substring_regex(pc.replace_substring_regex(text, r"\.$", ""), " 00:00:00$", "")


def of_floats(array: Any) -> bool:
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


def _objects(array: Any) -> list[Any]:
    """The values of an array as Python objects; text for times of which Python's own would lose parts of a
    microsecond or cannot hold the year, and pairs for structs of which two fields have one name.
    """
    import pyarrow as pa

    kind = array.type
    is_a = pa.types
    if isinstance(array, pa.ExtensionArray) or is_a.is_dictionary(kind) or is_a.is_run_end_encoded(kind):
        return _objects(decoded(array))
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
    if (is_a.is_timestamp(kind) or is_a.is_date(kind)) and beyond_canonical(array):
        return list(time_texts(array).to_pylist())
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
