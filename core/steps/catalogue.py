"""The kinds of rules that there are: one file of this folder each, found by the name of the action."""

from __future__ import annotations

import importlib

from core.actions import on
from core.errors import SettingError
from core.steps.kind import Kind


def kinds() -> dict[str, Kind]:
    """Action -> its kind, in the order of the table of actions."""
    return {word: kind_of(word) for word in on("values", "table")}


def kind_of(word: str) -> Kind:
    """The kind of rule of an action. Raises `SettingError` for an action that is no rule."""
    words = on("values", "table")
    if word not in words:
        raise SettingError.unknown(word, words)
    kind: Kind = importlib.import_module(f"core.steps.{word}").KIND
    return kind
