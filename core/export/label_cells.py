"""New labels as the cells of the file that is written."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from core.dataset.column import Column, held
from core.errors import SettingError
from core.export import replay
from core.export.json_form import json_cell
from core.export.side import PartWriter
from core.loading.as_json import json_value
from core.loading.text import NO, YES


def label_cell(side: PartWriter, column: Column, text: str | None) -> Any:
    """The new label as a cell: text in text; in JSON a number, boolean, list or object where the column holds
    such. Missing: empty, or null.
    """
    if text is None:
        return "" if side.plan["write"]["kind"] == "text" else None
    if side.plan["write"]["kind"] == "text":
        return text
    text = _plain_word(text) if column.stored == "bool" else text
    if side.kind == "typed" and side.plan["write"]["format"] == "parquet":
        return text
    as_value: dict[str, Callable[[str], Any]] = {
        "int64": int,
        "double": float,
        "bool": {"true": True, "false": False}.__getitem__,
    }
    if column.stored.startswith("timestamp") and side.plan["write"]["kind"] == "typed":
        return replay.value_of(text, {"as": "timestamp", "null": [], "format": "iso"})
    if column.stored not in as_value:
        form = side.forms.get(column.name)
        return text if form is None else json_cell(text, None, form)
    try:
        if column.stored == "double" and side.plan["write"]["kind"] == "json":
            return _json_number(text.strip())
        return as_value[column.stored](text.strip().lower())
    except (ValueError, KeyError) as error:
        raise SettingError(
            f"The label {text!r} does not fit column {column.name!r}, which holds {held(column.stored)}."
        ) from error


def _json_number(text: str) -> Any:
    """A label of a column of numbers in JSON, with its digits; one that is not finite stays text. Raises
    `ValueError` for one that is no number.

    >>> _json_number("2.50"), _json_number("+7"), _json_number("1e999")
    (2.50, 7.0, '1e999')
    """
    value = json_value(text, "0")
    if not isinstance(value, str):
        return value
    number = float(text)
    return number if math.isfinite(number) else text


def _plain_word(text: str) -> str:
    """A label of a column of booleans as true or false, where it is one of the words for these.

    >>> _plain_word("Yes"), _plain_word("0"), _plain_word("maybe")
    ('true', 'false', 'maybe')
    """
    word = text.strip().lower()
    if word in YES:
        return "true"
    return "false" if word in NO else text
