"""What checks found, and after which decisions: known to all sessions of one server, so that a person who
comes back, or has two tabs, is told the same.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import streamlit as st

from core.decision import Decision
from core.kept import Kept
from core.limits import LOOKS_SHARE, RESULTS_MB

Key = tuple[Any, ...]  # data as loaded, what looked, and settings
L = TypeVar("L", bound="ServerLook")


@dataclass(frozen=True, eq=False)
class ServerLook:
    """past: the decisions of then; () of data that none had changed."""

    past: tuple[Decision, ...]

    @property
    def nbytes(self) -> int:
        """The memory that it takes, in bytes."""
        raise NotImplementedError

    def before(self, decisions: Sequence[Decision]) -> bool:
        """Whether all decisions of then stand, and were taken first."""
        return len(self.past) <= len(decisions) and tuple(decisions[: len(self.past)]) == self.past


class ServerLooks:
    """The looks of all sessions of one server; those not asked for longest go first while they are over their
    share of ``WINNOW_RESULTS_MB``.

    turn: counts those that came in or were let go.
    """

    def __init__(self) -> None:
        self.turn = 0
        self._kept: Kept[tuple[Key, tuple[Decision, ...]], ServerLook] = Kept()
        self._lock = threading.Lock()

    def put(self, key: Key, look: ServerLook) -> None:
        """Keep a look, in the place of one after the same decisions."""
        most = LOOKS_SHARE * RESULTS_MB.value * 1_000_000
        with self._lock:
            self._kept.put((key, look.past), look, most, least=1)
            self.turn += 1

    def after(self, key: Key, decisions: Sequence[Decision], kind: type[L]) -> list[L]:
        """The looks of this kind of which all decisions stand, and were taken before any other; that after
        most of them last.
        """
        with self._lock:
            these = [
                look
                for (of, _), look in self._kept.items()
                if of == key and isinstance(look, kind) and look.before(decisions)
            ]
            for look in these:
                self._kept.get((key, look.past))
        return sorted(these, key=lambda look: len(look.past))

    def of(self, fingerprint: str, kind: type[L]) -> list[L]:
        """All looks of this kind at one data set, whatever was decided since, the newest last."""
        with self._lock:
            return [
                look
                for (key, _), look in self._kept.items()
                if key[0] == fingerprint and isinstance(look, kind)
            ]

    def forget(self, of: str) -> None:
        """Let go of all looks at one data set: ``of`` is its fingerprint, the first word of its keys."""
        with self._lock:
            self._kept.forget(lambda place: place[0][0] == of)
            self.turn += 1

    def clear(self) -> None:
        """Forget all of them."""
        with self._lock:
            self._kept.clear()
            self.turn += 1


@st.cache_resource(show_spinner=False)
def server_looks() -> ServerLooks:
    """Those of this server."""
    return ServerLooks()
