"""Texts that did not read as values: which, how often, and what is said of them."""

from __future__ import annotations

from typing import Any

from core.numerics.texts import empty_words
from core.phrases import count, quoted

NAMED = 3  # texts that did not fit, named in the note
Counted = tuple[tuple[str, int], ...]
_AS = {"numeric": "as a number", "datetime": "as a date", "boolean": "as yes or no"}


def unread(words: Any, cells: Any, null: Any) -> tuple[Counted, Counted]:
    """The texts without a value, the commonest first: words that stand for "missing", and all others.

    words: distinct texts; cells: how often each occurs; null: which of them have no value (Arrow arrays).
    """
    texts, counts = words.filter(null), cells.filter(null).to_pylist()
    marks = empty_words(texts).tolist()
    ordered = sorted(zip(texts.to_pylist(), counts, marks, strict=True), key=lambda one: (-one[1], one[0]))
    missing = tuple((text, met) for text, met, mark in ordered if mark)
    return missing, tuple((text, met) for text, met, mark in ordered if not mark)


def lost_note(lost: Counted, kind: str) -> str:
    """How many cells lost their value, and the commonest of them.

    >>> lost_note((("x", 2), ("y", 1)), "numeric")
    "3 cells did not read as a number and became missing: 'x' (2), 'y'."
    """
    if not lost:
        return ""
    shown = ", ".join(quoted(text) + (f" ({met:,})" if met > 1 else "") for text, met in lost[:NAMED])
    others = f" and {count(len(lost) - NAMED, 'other text')}" if len(lost) > NAMED else ""
    number = count(sum(met for _, met in lost), "cell")
    return f"{number} did not read {_AS.get(kind, f'as {kind}')} and became missing: {shown}{others}."
