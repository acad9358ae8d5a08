"""One column of a data set: its kind, and what is known of how it was read."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, cast, get_args

from core.errors import ColumnError, SettingError
from core.phrases import name as quoted_name

Kind = Literal["numeric", "category", "boolean", "datetime", "text", "image", "identifier"]
KINDS: tuple[str, ...] = get_args(Kind)
RAW = "\x1fraw:"  # prefix of a column that keeps the source text where the typed value cannot give it back

_HELD = {
    "int64": "whole numbers",
    "uint64": "whole numbers",
    "double": "numbers",
    "bool": "yes and no",
    "timestamp": "dates",
}


def held(stored: object) -> str:
    """What a column of this Arrow type holds, in words.

    >>> held("timestamp[us]"), held("uint64"), held("string")
    ('dates', 'whole numbers', 'text')
    """
    return _HELD.get(str(stored).partition("[")[0], "text")


@dataclass(frozen=True)
class Column:
    """One column. ``stored``: Arrow type in the canonical file. ``source``: its type in the source ("text"
    for CSV).

    ``raw``: the source text is kept beside it, as writing the typed value would not give the same text back.
    ``confidence``: how sure the kind is, 0 to 1. ``null_tokens``: texts such as "NA" that were read as
    missing, with counts. ``note``: what the reader decided, in words ("Read as day/month/year.").
    ``ambiguous``: the other way in which its values could be read, in one sentence; "" where there is none.
    ``layouts``: the layouts by which its text was read (`core.loading.text.Form`), first to last, such as
    ("day/month/year",) or ("comma",); none for plain numbers and for what was no text.
    """

    name: str
    kind: Kind
    stored: str
    source: str = ""
    raw: bool = False
    confidence: float = 1.0
    null_tokens: tuple[tuple[str, int], ...] = ()
    note: str = ""
    ambiguous: str = ""
    layouts: tuple[str, ...] = ()

    def fits(self, kind: str) -> bool:
        """Whether it can be taken as ``kind`` as it is stored, without another look at its text."""
        allowed = {
            "numeric": self.stored in ("int64", "double", "uint64", "bool"),
            "boolean": self.stored == "bool",
            "datetime": self.stored.startswith("timestamp"),
            "image": self.stored == "string",
        }
        return allowed.get(kind, True)

    def taken_as(self, kind: str) -> Column:
        """The same column of another kind, chosen by a person. Raises `SettingError` for an unknown kind,
        `ColumnError` for one that its stored type does not allow.
        """
        if kind not in KINDS:
            raise SettingError.unknown(kind, KINDS)
        if not self.fits(kind):
            raise ColumnError(
                f"Column {quoted_name(self.name)} holds {held(self.stored)} and cannot be {kind} as it "
                "stands; load it with that kind."
            )
        return replace(self, kind=cast(Kind, kind), confidence=1.0)
