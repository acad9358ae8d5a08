"""Rows that a person gives: objects from column to value, read as the source writes such values."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from core.errors import ColumnError, SettingError
from core.loading.json_numbers import json_text
from core.phrases import count, name, quoted
from core.steps.kind import NewRows, State
from core.steps.overlay import all_typed

if TYPE_CHECKING:
    import pyarrow as pa

GIVEN = 100_000  # rows that can be given
LETTERS = 20_000_000  # of the rows that are given, as JSON
FARTHEST = sys.float_info.max


def given_rows(state: State, records: Sequence[Mapping[str, Any]], parents: Sequence[Any]) -> NewRows:
    """These rows, their values read as the source writes them. records: objects from column to value;
    parents: as `core.steps.add_rows.AddRows` has them. Raises `SettingError` or `ColumnError` for a row that
    is none, or not of train, and for a value that is none of its column.
    """
    _check(state, records, parents)
    cells, texts = {}, {}
    for one in dict.fromkeys(key for row in records for key in row):
        cells[one], texts[one] = _read(state, one, [row.get(one) for row in records])
    cells.update(_of_train(state, cells, len(records)))
    return NewRows(cells, [tuple(some) for some in parents or [()] * len(records)], texts=texts)


def _of_train(state: State, cells: Mapping[str, pa.Array], rows: int) -> dict[str, pa.Array]:
    """The cells that make so many rows some of train, where earlier steps parted it. Raises `SettingError`
    for cells that make a row one of another part.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    parting = state.data.split
    if parting is not None and parting.how != "file":
        where = cells.get(parting.column)
        if where is not None and parting.serve_mask(pa.chunked_array([where])).any():
            raise SettingError(f"Added rows are of train, and {name(parting.column)} makes one of serve.")
    for one in state.parted:
        for part in pc.unique(cells[one].drop_null()).to_pylist() if one in cells else ():
            if part != "train":
                raise SettingError(f"Added rows are of train, and {name(one)} says {quoted(part)} of one.")
    return {one: pa.array(["train"] * rows, pa.string()) for one in state.parted}


def _check(state: State, records: Sequence[Mapping[str, Any]], parents: Sequence[Any]) -> None:
    """Raise `SettingError` or `ColumnError` for rows that are none."""
    if state.held:
        raise SettingError("Rows that are given cannot be held to some rows; add them without a condition.")
    if len(records) > GIVEN:
        raise SettingError(f"At most {count(GIVEN, 'row')} can be given in one step; got {len(records):,}.")
    if len(json.dumps(records, default=str)) > LETTERS:
        raise SettingError(f"The rows given have over {LETTERS:,} letters; give fewer in one step.")
    for place, row in enumerate(records):
        if not isinstance(row, Mapping) or not all(isinstance(one, str) for one in row):
            raise SettingError(f"Row {place + 1} of those given is no object from column to value.")
        for one in row:
            if one not in state.names:
                raise ColumnError.missing(one, state.names)
            if one in state.marks:
                raise SettingError(
                    f"{name(one)} marks the rows that are added; give origin and parents instead."
                )
    if parents and len(parents) != len(records):
        raise SettingError("Give parents for every row, or for none.")
    last = state.kept.size
    for place, some in enumerate(parents):
        whole = isinstance(some, list | tuple) and all(
            isinstance(row, int) and not isinstance(row, bool) and 0 <= row < last for row in some
        )
        if not whole:
            raise SettingError(
                f"The parents of row {place + 1} of those given must be numbers of rows below {last:,}."
            )


def _read(state: State, column: str, given: list[Any]) -> tuple[pa.Array, pa.Array]:
    """Values of a column, and their texts. Raises `SettingError` for one that is none of its kind."""
    import pyarrow as pa
    import pyarrow.compute as pc

    kind = state.values(column).type
    as_is = [_as_is(one, kind) for one in given]
    words = pa.array(
        [_text(one) if known is None else None for one, known in zip(given, as_is, strict=True)], pa.string()
    )
    values = pc.coalesce(all_typed(state.data, state.data[column], words, kind), pa.array(as_is, kind))
    lost = np.flatnonzero(np.asarray(pc.and_(pc.is_valid(words), pc.is_null(values))))
    if lost.size:
        at = int(lost[0])
        raise SettingError(
            f"Row {at + 1} of those given: {quoted(words[at].as_py())} cannot be read as "
            f"{state.data[column].kind}, which {name(column)} holds."
        )
    if state.data[column].source == "json":  # an object stays one; a text is no JSON
        nested = [json_text(one) if isinstance(one, dict | list) else None for one in given]
        words = pa.array(nested, pa.string())
    return values, words


def _as_is(value: Any, kind: pa.DataType) -> int | float | bool | None:
    """A number for a column of numbers, or a yes or no for one of these; None for all that is to be read."""
    import pyarrow as pa

    if isinstance(value, bool) or pa.types.is_boolean(kind):
        return value if isinstance(value, bool) and pa.types.is_boolean(kind) else None
    if not isinstance(value, int | float) or not abs(value) <= FARTHEST:
        return None
    if pa.types.is_floating(kind):
        return float(value)
    whole = pa.types.is_integer(kind) and value == int(value)
    low, past = (-(2**63), 2**63) if pa.types.is_signed_integer(kind) else (0, 2**64)
    return int(value) if whole and low <= value < past else None


def _text(value: Any) -> str | None:
    """What is to be read of a value that is given; None for what is missing."""
    if value is None or value == "" or (isinstance(value, float) and math.isnan(value)):
        return None
    return json_text(value) if isinstance(value, bool | dict | list) else str(value)
