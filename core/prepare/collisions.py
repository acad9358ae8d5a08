"""New spellings joined to those that were looked at before, where their keys collide. The functions stand in
``prepare.py`` too: the standard library, nothing of Winnow.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from core.prepare import name_tokens, text_keys
from core.prepare import spelling as spellings
from core.prepare.spelling import preference, spelling, tidy
from core.prepare.text_keys import TextKey, folded

METHODS = ("spelling", "fingerprint", "ngram")


def joined(counts: Mapping[str, int], settled: Mapping[str, str], method: str) -> dict[str, str]:
    """How texts that are not settled are to be written, as far as that is sure: as the settled ones of the
    same key are, or as the commonest of the key without stray blanks, where none of them is settled.

    counts: how often each text occurs. settled: text -> how it is written; such texts stay what they are.
    method: one of "spelling", "fingerprint" and "ngram".

    >>> joined({"nyc": 5, "N.Y.C.": 9, "NYC": 1, "Oslo": 2}, {"nyc": "NYC", "NYC": "NYC"}, "fingerprint")
    {'N.Y.C.': 'NYC'}
    """
    left = dict.fromkeys(settled, 0)
    for text, times in counts.items():
        left[settled.get(text, text)] = left.get(settled.get(text, text), 0) + times
    groups: dict[Any, list[str]] = {}
    for text in sorted(left, key=lambda text: (text not in settled, *preference(text, left[text]))):
        key = compared(text, method)
        if key:
            groups.setdefault(key, []).append(text)
    instead: dict[str, str] = {}
    for texts in groups.values():
        targets = {settled[text] for text in texts if text in settled}
        if method == "spelling" and targets:
            to = min(targets, key=lambda text: preference(text, left.get(text, 0)))
        else:
            to = settled.get(texts[0], tidy(texts[0]))
        sure = [
            text
            for text in texts
            if method == "spelling" or (targets <= {to} and surely_one(texts[0], text, method))
        ]
        if len(sure) > 1:
            instead |= {text: to for text in sure if text not in settled and text != to}
    return instead


def compared(text: str, method: str) -> Any:
    """On what texts collide; nothing for a text that is not compared."""
    if method == "spelling":
        return spelling(text)
    key = TextKey.of(text)
    if key is None:
        return None
    same = key.fingerprint if method == "fingerprint" else key.ngrams
    return (same, key.numbers) if same else None


def surely_one(one: str, other: str, method: str) -> bool:
    """Whether two texts whose keys collide are one for sure: the same words in order, or turned about a
    comma; of pairs of letters: where only blanks differ.
    """
    first, second = TextKey.of(one), TextKey.of(other)
    if first is None or second is None:
        return False
    if method == "ngram":
        return first.text.replace(" ", "") == second.text.replace(" ", "")
    return first.text == second.text or turned(one, other)


def turned(one: str, other: str) -> bool:
    """Whether one text is the other with its last word and a comma in front.

    >>> turned("John Smith", "Smith, John"), turned("Oslo Bergen", "Bergen Oslo"), turned("A, B", "B, A")
    (True, False, False)
    """
    plain, comma = sorted((one, other), key=lambda text: text.count(","))
    if plain.count(",") or comma.count(",") != 1:
        return False
    last, _, first = comma.partition(",")
    return folded(f"{first} {last}").split() == folded(plain).split()


def _written(module: Any, name: str) -> str:
    """A constant of a module as a line of code."""
    value = getattr(module, name)
    if isinstance(value, re.Pattern):
        return f"{name} = re.compile({ascii(value.pattern)}, {value.flags & ~re.UNICODE})"
    return f"{name} = {ascii(value)}"


_NAMED = (
    *((spellings, name) for name in ("_SIGNS",)),
    *((name_tokens, name) for name in ("_NUMBER",)),
    *((text_keys, name) for name in
      ("LONGEST", "_MARKED", "_SPELT", "_BETWEEN", "_MINUS", "_SHARP", "_AMOUNT", "_CODE", "_DATE",
       "_JOINED")),
)  # fmt: skip
CODE: tuple[Callable[..., Any] | str, ...] = (
    "\n".join(_written(module, name) for module, name in _NAMED),
    spellings.tidied,
    spellings.tidy,
    spelling,
    preference,
    name_tokens.is_number,
    text_keys._TextCache,  # noqa: SLF001 as the script holds what the module does
    "_KEPT = _TextCache()",
    folded,
    text_keys._stands_alone,  # noqa: SLF001
    text_keys._stands_for_itself,  # noqa: SLF001
    TextKey,
    compared,
    turned,
    surely_one,
    joined,
)
