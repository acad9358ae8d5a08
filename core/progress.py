"""How long work tells where it stands, and how it is asked to stop."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

from core.errors import Cancelled

T = TypeVar("T")
Listener = Callable[[float, str], None]
Viewer = Callable[[Any], None]


class Progress:
    """The last argument of every analysis.

    ``at`` reports and is the point at which the work can be stopped: it raises `Cancelled` when ``stop()``
    says so. Fractions never fall: a smaller one than already reported is lifted to it.
    """

    def __init__(
        self,
        listener: Listener | None = None,
        stop: Callable[[], bool] | None = None,
        viewer: Viewer | None = None,
    ) -> None:
        self._listener = listener
        self._stop = stop
        self._viewer = viewer
        self._best = 0.0

    def at(self, fraction: float, note: str = "") -> None:
        """Say that ``fraction`` (0 to 1) of the work is done. Raises `Cancelled` when asked to stop."""
        self.check()
        self._best = min(1.0, max(self._best, fraction))
        if self._listener is not None:
            self._listener(self._best, note)

    def check(self) -> None:
        """Raise `Cancelled` when asked to stop; say nothing otherwise."""
        if self._stop is not None and self._stop():
            raise Cancelled

    def show(self, partial: Any) -> None:
        """Show what there is so far, for those who watch."""
        self.check()
        if self._viewer is not None:
            self._viewer(partial)

    def each(self, items: Sequence[T], note: str = "") -> Iterator[T]:
        """Yield the items, reporting before each one and 1 at the end."""
        for done, item in enumerate(items):
            self.at(done / len(items), note)
            yield item
        self.at(1.0, note)

    def aside(self, stop: Callable[[], bool], listener: Listener | None = None) -> Progress:
        """A progress of its own, for work beside what is reported here: it is stopped with this one, or by
        ``stop``, and what it reports goes to ``listener`` alone.
        """
        own = self._stop
        return Progress(listener, lambda: stop() or (own is not None and own()))

    def part(self, low: float, high: float, viewer: Viewer | None = None) -> Progress:
        """A progress whose 0 to 1 is ``low`` to ``high`` of this one; what it shows goes to ``viewer``, where
        there is one.
        """
        return Progress(
            lambda fraction, note: self.at(low + (high - low) * fraction, note),
            self._stop,
            viewer or self._viewer,
        )


class _Silent(Progress):
    """Deaf and mute: nobody can stop everybody through a shared default."""

    def __init__(self) -> None:
        super().__init__()

    def at(self, fraction: float, note: str = "") -> None:
        """Do nothing."""

    def part(self, low: float, high: float, viewer: Viewer | None = None) -> Progress:
        """Itself."""
        return self


SILENT: Progress = _Silent()


def throttled(listener: Listener, seconds: float = 0.1) -> Listener:
    """A listener that passes on at most one report per ``seconds``, and always the last (fraction 1)."""
    last = [float("-inf")]

    def hear(fraction: float, note: str) -> None:
        now = time.monotonic()
        if fraction >= 1.0 or now - last[0] >= seconds:
            last[0] = now
            listener(fraction, note)

    return hear
