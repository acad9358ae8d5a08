"""What was worked out of a version of the data and is asked for again: kept in memory, bounded in bytes."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from typing import Any, Generic, TypeVar

from core.kept import Kept, Sized
from core.limits import FEATURES_MB

S = TypeVar("S", bound=Sized)
_EVERY: list[VersionMemo[Any]] = []


class VersionMemo(Generic[S]):
    """Values by version and key, least recently used out first, together at most ``WINNOW_FEATURES_MB``. Safe
    to share between threads.
    """

    def __init__(self) -> None:
        self._kept: Kept[tuple[str, Hashable], S] = Kept()
        self._lock = threading.Lock()
        _EVERY.append(self)

    def once(self, version: str, key: Hashable, make: Callable[[], S]) -> S:
        """The value kept of this version under ``key``, or what ``make`` gives, kept from now on."""
        with self._lock:
            kept = self._kept.get((version, key))
        if kept is not None:
            return kept
        made = make()
        with self._lock:
            self._kept.put((version, key), made, FEATURES_MB.value * 1_000_000)
        return made

    def clear(self) -> None:
        """Drop all."""
        with self._lock:
            self._kept.clear()


def clear() -> None:
    """Drop what every memo keeps, of all data: what was made of one data set goes by many versions."""
    for memo in _EVERY:
        memo.clear()
