"""Give a column another name."""

from __future__ import annotations

from dataclasses import dataclass

from core.errors import SettingError
from core.phrases import name
from core.settings import Settings, text
from core.steps.kind import Effect, Kind, Learned, State

LONGEST = 200  # letters of a name


@dataclass(frozen=True)
class Rename(Settings):
    """to: the new name."""

    to: str = text("", "New name", "No other column may have it.")


def rename(state: State, column: str, settings: Rename, learned: Learned) -> Effect:
    """The column under its new name. Raises `SettingError` for a name that is empty, too long or taken, and
    for the column that parts train from serve.
    """
    if not settings.to.strip() or len(settings.to) > LONGEST:
        raise SettingError(f"Give {name(column)} a new name of 1 to {LONGEST} letters.")
    if settings.to != column and settings.to in state.data.names:
        raise SettingError(f"There is a column {name(settings.to)} already; choose another name.")
    if column == state.data.parting:
        raise SettingError(f"{name(column)} parts train from serve and keeps its name.")
    return Effect(names={column: settings.to})


def code(column: str, settings: Rename, learned: Learned) -> list[str]:
    """The same in pandas."""
    return [f"frame = frame.rename(columns={{{column!r}: {settings.to!r}}})"]


KIND = Kind(settings=Rename, apply=rename, code=code)
