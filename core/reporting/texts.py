"""Texts and numbers made short and safe to show."""

from __future__ import annotations

import json
import math
import re

_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]+")


def tidy(text: object, bytes: int = 10_000) -> str:
    """The text on one line, without control or direction characters, in at most ``bytes`` bytes as it stands
    in the page.

    >>> tidy("a\\tb\\n\\u202ec"), tidy("abcdef", 6), tidy("<<<<", 12)
    ('a b c', 'abcdef', '<…')
    """
    line = _UNSEEN.sub(" ", str(text)).strip()
    if _cost(line) <= bytes:
        return line
    kept, spent = 0, 3
    while spent + _cost(line[kept]) <= bytes:
        spent += _cost(line[kept])
        kept += 1
    return line[:kept].rstrip() + "…"


def _cost(text: str) -> int:
    return len(inside_script(json.dumps(text, ensure_ascii=False)).encode("utf-8")) - 2


def inside_script(text: str) -> str:
    """JSON that may stand inside a script element: nothing in it can end the element or begin a comment.

    >>> inside_script('"</script>"')
    '"\\\\u003c/script>"'
    """
    return text.replace("<", "\\u003c")


def shorter(value: float, digits: int = 6) -> float | int | None:
    """The number in at most ``digits`` significant digits; all before the point are kept; those that are not
    finite become None.

    >>> shorter(0.12345678), shorter(1234567890.25), shorter(float("nan"))
    (0.123457, 1234567890, None)
    """
    if not math.isfinite(value):
        return None
    whole = abs(value) < 1e15 and (value == int(value) or abs(value) >= 10 ** (digits - 1))
    return round(value) if whole else float(f"{value:.{digits}g}")
