"""Values kept in memory, bounded in bytes: what was not asked for longest goes first."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from typing import Generic, Protocol, TypeVar


class Sized(Protocol):
    """Anything that knows its size in memory, in bytes."""

    @property
    def nbytes(self) -> int:
        """Bytes."""


K = TypeVar("K", bound=Hashable)
S = TypeVar("S", bound=Sized)


class Kept(Generic[K, S]):
    """Values by key. As they may grow, each is measured as it comes in and whenever it is asked for, and all
    once as many more came in: so that many small ones cost no more each than a few. For one thread at a time:
    who shares it holds a lock.

    >>> import numpy as np
    >>> kept = Kept()
    >>> for name in "abc":
    ...     kept.put(name, np.zeros(2), most=40)
    >>> [name for name, _ in kept.items()], kept.get("a")
    (['b', 'c'], None)
    """

    def __init__(self) -> None:
        self._values: dict[K, S] = {}  # an `OrderedDict` asks each key for its hash when it is gone through
        self._bytes: dict[K, int] = {}
        self._total = 0
        self._until = 0  # so many more come in before all are measured

    def __len__(self) -> int:
        return len(self._values)

    def items(self) -> Iterator[tuple[K, S]]:
        """All of them, that not asked for longest first."""
        return iter(self._values.items())

    def get(self, key: K) -> S | None:
        """The value under a key, or None."""
        value = self._values.get(key)
        if value is not None:
            self._measure(key, value)
            self._values[key] = self._values.pop(key)
        return value

    def put(self, key: K, value: S, most: float, least: int = 0) -> None:
        """Keep a value; the others go, and last itself, while all are over ``most`` bytes, but never the last
        ``least``.
        """
        self._values.pop(key, None)
        self._values[key] = value
        self._until -= 1
        for one, held in list(self.items()) if self._until < 0 else [(key, value)]:
            self._measure(one, held)
        self._until = len(self) if self._until < 0 else self._until
        while len(self._values) > least and self._total > most:
            self._drop(next(iter(self._values)))

    def forget(self, goes: Callable[[K], bool]) -> None:
        """Drop those of which the key says so."""
        for key in [key for key in self._values if goes(key)]:
            self._drop(key)

    def clear(self) -> None:
        """Drop all."""
        self.forget(lambda key: True)

    def _measure(self, key: K, value: S) -> None:
        size = value.nbytes
        self._total += size - self._bytes.get(key, 0)
        self._bytes[key] = size

    def _drop(self, key: K) -> None:
        del self._values[key]
        self._total -= self._bytes.pop(key)
