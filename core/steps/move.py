"""Set a column before or after another one. The move is kept, not the list of columns, so that columns that
new data bring stay.
"""

from __future__ import annotations

from dataclasses import dataclass

from core.dataset.column import KINDS
from core.errors import SettingError
from core.settings import Settings, choice
from core.settings import column as one_column
from core.steps.kind import Effect, Kind, Learned, State

PLACES = ("after", "before", "first", "last")


@dataclass(frozen=True)
class Move(Settings):
    """place: where. beside: the column that it is set before or after."""

    place: str = choice("after", "Where", "Before or after another column, or at either end.", PLACES)
    beside: str = one_column("Column", "For 'before' and 'after'.", KINDS)


def move(state: State, column: str, settings: Move, learned: Learned) -> Effect:
    """The columns in their new order. Raises `SettingError` where there is no other column named."""
    others = [name for name in state.data.names if name != column]
    if settings.place in ("first", "last"):
        return Effect(order=(column, *others) if settings.place == "first" else (*others, column))
    if settings.beside in ("", column):
        raise SettingError(f"Give another column, {settings.place} which this one is to stand.")
    state.data[settings.beside]
    at = others.index(settings.beside) + (settings.place == "after")
    return Effect(order=(*others[:at], column, *others[at:]))


def code(column: str, settings: Move, learned: Learned) -> list[str]:
    """The same in pandas."""
    at = {
        "first": "0",
        "last": "len(names)",
        "before": f"names.index({settings.beside!r})",
        "after": f"names.index({settings.beside!r}) + 1",
    }
    return [
        f"names = [name for name in frame.columns if name != {column!r}]",
        f"names.insert({at[settings.place]}, {column!r})",
        "frame = frame[names]",
    ]


USED = {"beside": ("place", ("after", "before"))}
KIND = Kind(
    settings=Move,
    used=USED,
    apply=move,
    code=code,
    reads=lambda state, column, settings: (),
)
