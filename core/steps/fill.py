"""Fill missing values: with one that is given, learned from train, or taken from the row before in time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from core.errors import SettingError
from core.phrases import count, name, quoted
from core.settings import Settings, choice, knob, text
from core.steps.kind import Effect, Kind, Learned, State, free_name

if TYPE_CHECKING:
    import pyarrow as pa

WAYS = ("median", "mean", "most frequent", "constant", "previous in time")
NUMBERS = ("median", "mean")


@dataclass(frozen=True)
class Fill(Settings):
    """how: with what. value: the constant. indicator: whether a new column says which cells were missing."""

    how: str = choice("median", "Fill with", "Median, mean and most frequent are those of train.", WAYS)
    value: str = text("", "Value", "For 'constant': the value that missing cells get.")
    indicator: bool = knob(
        False, "Mark what was missing", "A new column tells which cells were missing, for models to use."
    )


def learn(state: State, column: str, settings: Fill) -> Learned:
    """The value that missing cells get, learned from the rows of train that are left.

    Ties of the most frequent value go to the one that comes first in order. Raises `SettingError` for a
    column without values there, and for the median or mean of a column that is no number.
    """
    import pyarrow.compute as pc

    if settings.how in ("constant", "previous in time"):
        return {}
    known = state.known(column)
    if settings.how == "most frequent":
        counted = pc.value_counts(known)
        counts = counted.field("counts").to_numpy()
        most = counted.field("values").filter(counts == counts.max())
        return {"value": _plain(pc.array_sort_indices(most), most)}
    if state.data[column].stored not in ("int64", "double", "uint64"):
        raise SettingError(
            f"{name(column)} holds {state.data[column].stored}, which has no {settings.how}; fill it with "
            "the most frequent value or a constant."
        )
    numbers = known.to_numpy()
    return {"value": float(np.median(numbers) if settings.how == "median" else numbers.mean())}


def _plain(order: pa.Array, values: pa.Array) -> Any:
    value = values[order[0].as_py()].as_py()
    return value.isoformat(" ") if hasattr(value, "isoformat") else value


def fill(state: State, column: str, settings: Fill, learned: Learned) -> Effect:
    """The column without gaps in the rows in scope. Raises `SettingError` where the constant is none of the
    column's type, or where there is no time to fill along.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    values = state.values(column).combine_chunks()
    kinds: dict[str, Any] = {}
    columns: dict[str, Any] = {}
    if settings.how == "previous in time":
        filled = values.take(pa.array(_previous(state, values), mask=None))
    else:
        value = settings.value if settings.how == "constant" else learned["value"]
        filled = _filled(values, value, column)
    columns[column] = filled
    if settings.indicator:
        marker = free_name(state, f"{column}_missing")
        columns[marker], kinds[marker] = pc.is_null(values), "boolean"
    left = int(filled.null_count)
    note = f"{count(left, 'cell')} before the first known value stay missing." if left else ""
    return Effect(columns, kinds, note=note)


def _filled(values: pa.Array, value: Any, column: str) -> pa.Array:
    import pyarrow as pa
    import pyarrow.compute as pc

    kind = values.type
    if pa.types.is_integer(kind) and isinstance(value, float) and not value.is_integer():
        values, kind = values.cast(pa.float64()), pa.float64()
    bare = int(value) if pa.types.is_integer(kind) and isinstance(value, float) else value
    try:
        return pc.fill_null(values, pc.cast(pa.scalar(bare), kind))
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise SettingError(
            f"{quoted(str(value))} is none of the values that {name(column)} can have ({kind}); give one."
        ) from error


def _previous(state: State, values: pa.Array) -> NDArray[np.int64]:
    """Per row the row whose value it gets: itself, or the last one with a value before it in time (within its
    group, where there is one). Rows at the same time follow the order of the source.
    """
    import pyarrow.compute as pc

    time = state.data.roles.time
    if time is None:
        raise SettingError("There is no time column to fill along; choose one as the role 'time'.")
    moments = state.numbers(time)
    group = state.data.roles.group
    codes = np.zeros(moments.size, np.int64)
    if group is not None:
        coded = state.values(group).combine_chunks().dictionary_encode()
        codes = pc.fill_null(coded.indices, -1).to_numpy(zero_copy_only=False).astype(np.int64)
    order = np.lexsort((np.arange(moments.size), moments, codes))
    there = np.asarray(pc.is_valid(values))[order] & state.kept[order]
    last = np.maximum.accumulate(np.where(there, np.arange(order.size), -1))
    first = np.searchsorted(codes[order], codes[order], side="left")
    source = order[np.where(last >= first, last, np.arange(order.size))]
    rows = np.arange(order.size)
    rows[order] = source
    own = np.asarray(pc.is_valid(values)) | np.isnan(moments)
    return np.where(own, np.arange(rows.size), rows)


def code(column: str, settings: Fill, learned: Learned) -> list[str]:
    """The same in pandas."""
    lines = [f"frame[{column + '_missing'!r}] = frame[{column!r}].isna()"] if settings.indicator else []
    value = settings.value if settings.how == "constant" else learned.get("value")
    return [*lines, f"frame[{column!r}] = frame[{column!r}].fillna({value!r})"]


KIND = Kind(settings=Fill, apply=fill, learn=learn, code=code, scoped=True)
