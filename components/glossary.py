"""The meaning of each term in one line, from the guide's glossary, for the "?" beside a number."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

PAGE = Path(__file__).resolve().parents[1] / "docs" / "guide" / "glossary.md"
CHAPTER = "/guide?guide_chapter=Glossary"


class Term(NamedTuple):
    """A term of the glossary. anchor: of the part of the page in which it stands."""

    name: str
    meaning: str
    anchor: str

    @property
    def link(self) -> str:
        """The way to it, as Markdown."""
        return f"[Glossary]({CHAPTER}#{self.anchor})"


@cache
def terms() -> dict[str, Term]:
    """Every term under its name in lower case; one that has another name in brackets under both."""
    index: dict[str, Term] = {}
    anchor = ""
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split(" | ")]
        if line.startswith("## "):
            anchor = re.sub(r"[^a-z0-9]+", "-", line[3:].lower()).strip("-")
        elif line.startswith("| ") and cells[0] != "term":
            term = Term(cells[0], cells[1], anchor)
            index |= dict.fromkeys(_names(term.name), term)
    return index


def _names(name: str) -> list[str]:
    """The names of a term in lower case.

    >>> _names("PSI (population stability index)")
    ['psi (population stability index)', 'psi', 'population stability index']
    """
    both = re.fullmatch(r"(.+) \((.+)\)", name.lower())
    return [name.lower(), *(both.groups() if both else ())]


def hint(name: str, more: str = "") -> str:
    """What the "?" of a number says: what the term means, what else is to be said, and the way to the
    glossary.

    >>> hint("AUC").partition(" [")[0]
    'Area under the ROC curve: the chance that a positive has the higher score.'

    Raises `KeyError` for a term that the glossary does not have.
    """
    term = terms()[name.lower()]
    return " ".join(filter(None, [term.meaning, more, term.link]))


def known(words: str) -> str | None:
    """The same for the longest term that these words hold; None where they hold none.

    >>> known("Largest VIF") == hint("VIF"), known("Cells")
    (True, None)
    """
    low = words.lower()
    held = [term for term in terms() if re.search(rf"(?<!\w){re.escape(term)}(?!\w)", low)]
    return hint(max(held, key=len)) if held else None
