"""The guide and the methods, as they stand in ``docs``."""

from __future__ import annotations

import re
from pathlib import Path

import streamlit as st

from components import address
from components.state import keep

DOCS = Path(__file__).resolve().parents[3] / "docs"
ORDER = (
    "index",
    "load",
    "profile",
    "balance",
    "overlap",
    "images",
    "prepare",
    "issues",
    "labels",
    "coreset",
    "review",
    "export",
    "report",
    "recipes",
    "command-line",
    "python",
    "deploy",
    "glossary",
)


def view() -> None:
    """Chapters at the left, the chosen one beside them."""
    chapters = keep("guide", _chapters)
    left, right = st.columns([1, 3], gap="large")
    with left:
        names = list(chapters)
        key, words = address.key("chapter"), {name: name.lower() for name in names}
        at, noting = (
            address.meant("chapter", words, names[0]),
            address.noting("chapter", key, words, names[0]),
        )
        chosen = st.radio("Chapter", names, names.index(at), key=key, label_visibility="collapsed", **noting)
    right.markdown(chapters[chosen])


def _chapters() -> dict[str, str]:
    """Title -> text: the guide in reading order, then a page for each method. These texts are ours, so they
    may be Markdown.
    """
    guide = [DOCS / "guide" / f"{name}.md" for name in ORDER]
    methods = sorted((DOCS / "methods").glob("*.md"))
    chapters = {}
    for path in (*guide, *methods):
        title, _, body = path.read_text(encoding="utf-8").partition("\n")
        name = title.lstrip("# ").strip()
        if path.stem == "index":
            chapters["Overview"] = _unlinked(body)
        else:
            label = f"Method: {name}" if path in methods else name
            chapters[label] = f"## {name}\n{_unlinked(body)}"
    return chapters


def _unlinked(text: str) -> str:
    """Links between the documents would leave the session: the chapter list is the way, so they become bold
    words.
    """
    return re.sub(r"\[([^\]]+)\]\((?!https?:)[^)]+\)", r"**\1**", text)
