"""What numbers look like as people write them, as patterns: their marks, signs and units, and what makes them
plain. The same patterns are read by RE2 here and by Python in the code that is shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

Steps = tuple[tuple[str, str], ...]
BLANK = ("[\u00a0\u2000-\u200a\u202f\u205f\u3000\t]", " ")
SIGNS = "[€$£¥₹₽₩₺₴₫₦฿%‰]|R\\$|US\\$|USD|EUR|GBP|CHF|JPY|CNY|INR|CAD|AUD|PLN|CZK|HUF|SEK|NOK|DKK|zł|Kč|kr\\.?"
UNIT = f"(?:{SIGNS})"
# in this order
TIDY: Steps = (
    BLANK,
    ("[\u2010-\u2013\u2212\ufe63\uff0d]", "-"),
    ("[\u2018\u2019\u02bc\u00b4`\uff07]", "'"),
    (r"^\s+|\s+$", ""),
    (rf"^([-+(]*) ?{UNIT} ?", r"\1"),
    (rf" ?{UNIT} ?([-)]*)$", r"\1"),
    (r"^\((.*)\)$", r"-\1"),
    (r"^(\d|\d.*\d) ?-$", r"-\1"),
    (r"^([-+]) ", r"\1"),
)


def body(decimal: str, marks: Sequence[str]) -> str:
    """What a tidied number looks like, as a pattern: whole digits or groups of three by one of the ``marks``,
    then a fraction.
    """
    signs = [mark if mark in " '" else rf"\{mark}" for mark in marks]
    groups = "".join(rf"[1-9]\d{{0,2}}(?:{sign}\d{{3}})+|" for sign in signs)
    indian = r"[1-9]\d?(?:,\d{2})+,\d{3}|" if "," in marks else ""
    amount = rf"(?:{groups}{indian}\d+)(?:\{decimal}\d*)?|\{decimal}\d+"
    return rf"^[-+]?(?:(?:{amount})(?:[eE][-+]?\d{{1,3}})?|(?i:inf|infinity))$"


BODIES = {".": body(".", (",", " ", "'")), ",": body(",", (".", " ", "'"))}
GROUPS: dict[str, Steps] = {".": (("[, ']", ""),), ",": (("[. ']", ""), (",", "."))}


def tidied(texts: Any, steps: Steps) -> Any:
    """The texts with each pattern replaced, one after the other."""
    import pyarrow.compute as pc

    for pattern, instead in steps:
        texts = pc.replace_substring_regex(texts, pattern, instead)
    return texts
