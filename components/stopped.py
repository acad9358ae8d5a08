"""The checks that a person stopped: they stay so until they are asked for again, also where the page is
loaded anew, which begins another session.
"""

from __future__ import annotations

import threading
from typing import Any

import streamlit as st

from components.person import whose

KEPT = 1_000  # stopped checks that a server knows; the oldest go first


class Stopped:
    """Whose work of which label and key was stopped, for all sessions of one server."""

    def __init__(self) -> None:
        self._known: dict[tuple[Any, ...], None] = {}
        self._lock = threading.Lock()

    def note(self, label: str, key: tuple[Any, ...]) -> None:
        """The person stopped it."""
        with self._lock:
            self._known[(*whose(), label, key)] = None
            while len(self._known) > KEPT:
                del self._known[next(iter(self._known))]

    def forget(self, label: str, key: tuple[Any, ...]) -> None:
        """It was asked for again, or has ended."""
        with self._lock:
            self._known.pop((*whose(), label, key), None)

    def holds(self, label: str, key: tuple[Any, ...]) -> bool:
        """Whether the person stopped it and did not ask for it since."""
        return (*whose(), label, key) in self._known

    def clear(self) -> None:
        """Forget all of it."""
        with self._lock:
            self._known.clear()


@st.cache_resource(show_spinner=False)
def stopped() -> Stopped:
    """Those of this server."""
    return Stopped()
