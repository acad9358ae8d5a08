"""How many rows of single classes are wanted, as people type it."""

from __future__ import annotations

from core.errors import SettingError

ALL = "all"


def sizes_of_classes(typed: str) -> dict[str, str]:
    """The sizes of single classes as typed: class -> a whole number or "all". Raises `SettingError`.

    >>> sizes_of_classes("3=all; no = 50")
    {'3': 'all', 'no': '50'}
    """
    given = {}
    for part in filter(None, (part.strip() for part in typed.split(";"))):
        name, equals, size = part.rpartition("=")
        if not equals or not name.strip() or not (size.strip() == ALL or size.strip().isdecimal()):
            raise SettingError(f"each takes CLASS=ROWS or CLASS=all, parted by semicolons; got {part!r}.")
        given[name.strip()] = size.strip()
    return given
