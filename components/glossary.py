"""The meaning of each term in one line, from the guide's glossary, for the "?" beside a number."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

PAGE = Path(__file__).resolve().parents[1] / "docs" / "guide" / "glossary.md"
LINK = "[Glossary](/guide?guide_chapter=Glossary)"


@cache
def meanings() -> dict[str, str]:
    """Term in lower case -> its meaning."""
    lines = re.findall(r"^\| ([^|]+) \| ([^|]+) \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    return {term.strip().lower(): meaning.strip() for term, meaning in lines if term != "term"}


def hint(term: str, more: str = "") -> str:
    """What the "?" of a number says: what the term means, what else is to be said, and the way to the
    glossary.

    >>> hint("AUC").removesuffix(LINK)
    'Area under the ROC curve: the chance that a positive has the higher score. '

    Raises `KeyError` for a term that the glossary does not have.
    """
    return " ".join(filter(None, [meanings()[term.lower()], more, LINK]))


def known(term: str) -> str | None:
    """The same, or None for a term that the glossary does not have."""
    return hint(term) if term.lower() in meanings() else None
