"""The checks that a person stopped: they stay so until they are asked for again, also where the page is
loaded anew, which begins another session.
"""

from __future__ import annotations

import getpass
import threading
from typing import Any

import streamlit as st

KEPT = 1_000  # stopped checks that a server knows; the oldest go first


class Stopped:
    """Whose work of which label and key was stopped, for all sessions of one server."""

    def __init__(self) -> None:
        self._known: dict[tuple[Any, ...], None] = {}
        self._lock = threading.Lock()

    def note(self, label: str, key: tuple[Any, ...]) -> None:
        """The person stopped it."""
        with self._lock:
            self._known[(*_person(), label, key)] = None
            while len(self._known) > KEPT:
                del self._known[next(iter(self._known))]

    def forget(self, label: str, key: tuple[Any, ...]) -> None:
        """It was asked for again, or has ended."""
        with self._lock:
            self._known.pop((*_person(), label, key), None)

    def holds(self, label: str, key: tuple[Any, ...]) -> bool:
        """Whether the person stopped it and did not ask for it since."""
        return (*_person(), label, key) in self._known

    def clear(self) -> None:
        """Forget all of it."""
        with self._lock:
            self._known.clear()


@st.cache_resource(show_spinner=False)
def stopped() -> Stopped:
    """Those of this server."""
    return Stopped()


def _person() -> tuple[str, str | None]:
    """Who is at the browser, as far as is known: without a sign-in those at other machines are others."""
    address = st.context.ip_address
    return who(), address if isinstance(address, str) else None  # a page under test has a stand-in


def who() -> str:
    """The signed-in user, or else the user of the operating system."""
    named = st.user.get("email") or st.user.get("name")
    if named:
        return str(named)
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a container without an entry for its user
        return "someone"
