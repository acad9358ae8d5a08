"""Which columns play a part of their own: target, identifier, time, group, weight."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Literal, get_args

Role = Literal["target", "id", "time", "group", "weight"]
ROLES: tuple[str, ...] = get_args(Role)


@dataclass(frozen=True)
class Roles:
    """Which column plays which part; None where there is none."""

    target: str | None = None
    id: str | None = None
    time: str | None = None
    group: str | None = None
    weight: str | None = None

    def named(self) -> dict[str, str]:
        """The roles that are filled: role -> column."""
        return {role: column for role, column in asdict(self).items() if column is not None}
