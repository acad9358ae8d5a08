"""What is kept in memory of one canonical file."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from typing import Any, TypeVar

T = TypeVar("T")


class Cache(dict[Hashable, Any]):
    """Values by key; shared by the versions of a data set that differ in roles or kinds, and by threads."""

    def __init__(self) -> None:
        super().__init__()
        self._lock = threading.RLock()
        self._mine = threading.local()

    def once(self, key: Hashable, make: Callable[[], T]) -> T:
        """The value kept under ``key``, made on first use."""
        with self._lock:
            if key not in self:
                self[key] = make()
            value: T = self[key]
            return value

    def latest(self, name: Hashable, key: Hashable, make: Callable[[], T], most: int = 4) -> T:
        """The value kept under ``name`` for ``key``, made where there is none; of several keys the ``most``
        last made are kept. Two threads may make the same one.
        """
        with self._lock:
            kept: dict[Hashable, T] = self.setdefault(name, {})
            if key in kept:
                return kept[key]
        value = make()
        with self._lock:
            kept[key] = value
            while len(kept) > most:
                kept.pop(next(iter(kept)))
        return value

    def mine(self, name: str, make: Callable[[], T]) -> T:
        """What this thread alone keeps under ``name``, made on first use and let go with the thread."""
        if not hasattr(self._mine, name):
            setattr(self._mine, name, make())
        value: T = getattr(self._mine, name)
        return value

    def __reduce__(self) -> tuple[type[Cache], tuple[()]]:
        return (Cache, ())
