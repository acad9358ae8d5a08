"""JSON in which every number keeps the digits that it was written with: 2.50, 1E5, or twenty decimals.

The scripts that an export writes hold these, too; so they need nothing but the standard library.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any


class Number(float):
    """A number that knows how it was written; NaN and Infinity, too."""

    text: str

    def __new__(cls, text: str) -> Number:
        """The number that a text stands for."""
        number = super().__new__(cls, text)
        number.text = text
        return number

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return self.text


def json_text(value: Any, other: Callable[[Any], str] = str, comma: str = ", ", colon: str = ": ") -> str:
    """A value as JSON, numbers as they were written. ``other`` gives the text of what JSON does not know.

    >>> json_text(json.loads('{"a": [2.50, 1E5, null], "b": "é"}', parse_float=Number))
    '{"a": [2.50, 1E5, null], "b": "é"}'
    """
    if isinstance(value, Number):
        return value.text
    if isinstance(value, dict):
        pairs = [
            json_text(str(key)) + colon + json_text(held, other, comma, colon) for key, held in value.items()
        ]
        return "{" + comma.join(pairs) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + comma.join([json_text(held, other, comma, colon) for held in value]) + "]"
    if isinstance(value, str):
        halves = [] if value.isascii() else re.findall("[\ud800-\udfff]", value)
        text = json.dumps(value, ensure_ascii=False)
        for half in halves:  # which UTF-8 cannot hold
            text = text.replace(half, f"\\u{ord(half):04x}")
        return text
    if value is None or isinstance(value, (bool, int, float)):
        return json.dumps(value)
    return json.dumps(other(value), ensure_ascii=False)


def utf8_text(text: str) -> str:
    """A text that UTF-8 can hold: half of a surrogate pair as its escape.

    >>> utf8_text("a\\ud800é")
    'a\\\\ud800é'
    """
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode()


def array_begins(text: str, at: int) -> bool | None:
    """Whether an array of rows begins at a "[" below another array: it is empty, or its first item is an
    object or an array that can be read. None where a longer text could tell.

    >>> [array_begins(text, 0) for text in ('[{"a": 1}', "[ ]", "[INFO] done", "[[x]", "[")]
    [True, True, False, None, None]
    """
    first = at + 1
    while text[first : first + 1].isspace():
        first += 1
    mark = text[first : first + 1]
    if mark not in ("{", "["):
        return mark == "]" if mark else None
    try:
        json.JSONDecoder().raw_decode(text, first)
    except ValueError:
        return None
    return True


DECODER = json.JSONDecoder(parse_float=Number, parse_constant=Number)
