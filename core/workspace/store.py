"""Decisions on disk: an append-only log per data set and user, in one file (`decisions_file`) that outlives
tabs, crashes and restarts.

Every change is one transaction that begins by taking the write lock and reading what others wrote. Undo and
redo are events of their own: nothing said is ever rewritten, only `Store.forget` removes.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from core.decision import Batch, Decision, signed
from core.decision_log import Log, LogEntry
from core.errors import RecipeError, SettingError
from core.review import UNKNOWN, Review
from core.workspace.decisions_file import DecisionsFile, transaction

MARK = "~"  # between the fingerprint and the number of a further log of the same data (`kept_logs`)
NOT_LAST = "That is not the last step any more, so nothing was undone; the steps are shown as they are now."
NOT_NEXT = "There is another step to redo by now, so nothing was done; the steps are shown as they are now."
CHANGED = "Another tab changed this step; look again."
OF_DATA = "(fingerprint = ? OR fingerprint LIKE ?)"  # all logs about some data
Whose = tuple[str, str]


@dataclass(frozen=True)
class Known:
    """What is kept about one data set: number of acts in force, and the time of the last event (ISO, UTC)."""

    fingerprint: str
    batches: int
    last: str


class Store:
    """The decisions kept in the folder ``home``. Safe to share between threads, and between processes on one
    file. Every method raises `StoreError` as `DecisionsFile` does.
    """

    def __init__(self, home: Path) -> None:
        self.file = DecisionsFile(home)
        self._logs: dict[Whose, Log] = {}
        self._lock = threading.Lock()

    def review(self, fingerprint: str, user: str) -> Review:
        """What ``user`` decided about the data so far; an empty review where nothing was said."""
        return self.log(fingerprint, user).review()

    def say(self, fingerprint: str, user: str, *decisions: Decision) -> Review:
        """Add one batch, signed with the user and the time, and give the review as it then stands."""
        return self.say_each(fingerprint, user, (decisions,))

    def say_each(self, fingerprint: str, user: str, batches: Sequence[Batch]) -> Review:
        """Add several batches, all of them or none."""
        when = now()
        signed_batches = [[signed(d, d.who or user, d.when or when).to_json() for d in b] for b in batches]
        events = [("say", json.dumps(batch, ensure_ascii=False)) for batch in signed_batches if batch]
        return self._change((fingerprint, user), lambda log: list(events))

    def undo(self, fingerprint: str, user: str, seen: Review | None = None) -> Review:
        """Take back the last act in force, if there is one. seen: what the person saw, whose last act is
        meant. Raises `SettingError` where another one is the last by now.
        """

        def steps(log: Log) -> list[tuple[str, str | None]]:
            if seen is not None and log.review().acts != seen.acts:
                raise SettingError(NOT_LAST)
            return [("undo", None)] if log.force else []

        return self._change((fingerprint, user), steps)

    def redo(self, fingerprint: str, user: str, seen: Review | None = None) -> Review:
        """Do the last undone act again, if there is one. seen: what the person saw. Raises `SettingError`
        where that is another act by now, or would follow on others.
        """

        def steps(log: Log) -> list[tuple[str, str | None]]:
            if seen is not None and log.review() != seen:
                raise SettingError(NOT_NEXT)
            return [("redo", None)] if log.undone else []

        return self._change((fingerprint, user), steps)

    def switch(self, fingerprint: str, user: str, event: int, on: bool) -> Review:
        """Switch the batch of the history entry ``event`` off, or on again; the others stay as they are."""

        def steps(log: Log) -> list[tuple[str, str | None]]:
            log.standing(event)
            same = (event not in log.off()) is on
            return [] if same else [("say", json.dumps({"switch": event, "on": on}))]

        return self._change((fingerprint, user), steps)

    def edit(
        self,
        fingerprint: str,
        user: str,
        event: int,
        *decisions: Decision,
        shown: Batch | None = None,
        last: bool = False,
    ) -> Review:
        """Replace the batch of the history entry ``event`` by another, in its place, signed as `say` does.
        shown: that batch as the person saw it. last: follow it last of all. Raises `SettingError` where it is
        another by now.
        """
        when = now()
        batch = tuple(signed(d, d.who or user, d.when or when) for d in decisions)

        def steps(log: Log) -> list[tuple[str, str | None]]:
            log.standing(event)
            if not batch:
                raise SettingError("A step cannot be made empty; switch it off, or undo it.")
            now_there = log.edits().get(event, log.acts[event])
            if shown is not None and now_there != shown:
                raise SettingError(CHANGED)
            order, step = log.review().order, log.steps()[event]
            moved = last and order[-1] != step
            if now_there == batch and not moved:
                return []
            plain: dict[str, object] = {"edit": event, "batch": [decision.to_json() for decision in batch]}
            plain |= {"last": True} if moved else {}
            return [("say", json.dumps(plain, ensure_ascii=False))]

        return self._change((fingerprint, user), steps)

    def move(self, fingerprint: str, user: str, event: int, before: int | None) -> Review:
        """Follow the batch of the history entry ``event`` right before that of another, or last (None)."""

        def steps(log: Log) -> list[tuple[str, str | None]]:
            log.standing(event, *([] if before is None else [before]))
            past = log.review()
            step = log.steps()
            if past.move(step[event], None if before is None else step[before]) == past:
                return []
            return [("say", json.dumps({"move": event, "before": before}))]

        return self._change((fingerprint, user), steps)

    def undo_to(self, fingerprint: str, user: str, event: int, seen: Review | None = None) -> Review:
        """Take back every batch said after the history entry ``event``, which stays. 0 takes back all. seen:
        as for `undo`.
        """

        def steps(log: Log) -> list[tuple[str, str | None]]:
            if seen is not None and log.review().acts != seen.acts:
                raise SettingError(NOT_LAST)
            if event and event not in log.force:
                raise SettingError(UNKNOWN)
            later = len(log.force) - (log.force.index(event) + 1 if event else 0)
            return [("undo", None)] * later

        return self._change((fingerprint, user), steps)

    def history(self, fingerprint: str, user: str) -> tuple[LogEntry, ...]:
        """Every batch ever said, oldest first, those undone among them."""
        return self.log(fingerprint, user).entries()

    def log(self, fingerprint: str, user: str) -> Log:
        """The log as it stands: its history and the review that it amounts to are of one moment."""
        if not self.file.there():
            return Log()
        with self.file.open() as connection:
            return self._replay(connection, (fingerprint, user))

    def known(self, user: str) -> tuple[Known, ...]:
        """All data sets about which ``user`` decided anything, last used first."""
        if not self.file.there():
            return ()
        tally = "SUM(CASE action WHEN 'undo' THEN -1 ELSE 1 END)"
        query = (
            f"SELECT fingerprint, {tally}, MAX(at), MAX(id) FROM events WHERE user = ? GROUP BY fingerprint "
            "ORDER BY 4 DESC"
        )
        with self.file.open() as connection:
            return tuple(
                Known(fingerprint, count, at)
                for fingerprint, count, at, _ in connection.execute(query, (user,))
            )

    def users(self, fingerprint: str) -> tuple[str, ...]:
        """All who ever decided anything about the data, by name."""
        if not self.file.there():
            return ()
        with self.file.open() as connection:
            query = f"SELECT DISTINCT user FROM events WHERE {OF_DATA} ORDER BY user"
            return tuple(
                user for (user,) in connection.execute(query, (fingerprint, f"{fingerprint}{MARK}%"))
            )

    def forget(self, fingerprint: str) -> None:
        """Remove all decisions of all users about the data, from the disk too."""
        if not self.file.there():
            return
        with self.file.turn() as connection, self._lock:
            connection.execute("PRAGMA secure_delete=ON")
            tables = [
                table
                for (table,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            ]
            for table in {"events", "settings"} & set(tables):
                connection.execute(
                    f"DELETE FROM {table} WHERE {OF_DATA}", (fingerprint, f"{fingerprint}{MARK}%")
                )
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            for whose in [whose for whose in self._logs if whose[0].partition(MARK)[0] == fingerprint]:
                del self._logs[whose]

    def _change(self, whose: Whose, steps: Callable[[Log], list[tuple[str, str | None]]]) -> Review:
        """Append the events that ``steps`` asks for, given the log as it stands on the disk under the write
        lock.
        """
        insert = "INSERT INTO events (fingerprint, user, at, action, batch) VALUES (?, ?, ?, ?, ?)"
        with self.file.turn() as connection:
            with transaction(connection):
                asked = steps(self._replay(connection, whose))
                connection.executemany(insert, [(*whose, now(), action, batch) for action, batch in asked])
            return self._replay(connection, whose).review()

    def _replay(self, connection: sqlite3.Connection, whose: Whose) -> Log:
        """The log as it is on the disk. Only events that this object has not seen are read, and only
        committed ones are kept.
        """
        with self._lock:
            log = self._logs.get(whose, Log())
            if (
                log.last
                and not connection.execute("SELECT 1 FROM events WHERE id = ?", (log.last,)).fetchone()
            ):
                log = Log()  # another process forgot these data
            query = (
                "SELECT id, action, batch FROM events WHERE fingerprint = ? AND user = ? AND id > ? ORDER "
                "BY id"
            )
            try:
                for event, action, batch in connection.execute(query, (*whose, log.last)):
                    log.add(event, action, batch)
            except (ValueError, LookupError, TypeError, AttributeError, RecursionError, RecipeError) as error:
                raise self.file.trouble(f"holds an event that cannot be read ({error})") from error
            self._logs[whose] = log
            return log.copy()


def now() -> str:
    """The time as it stands beside each event."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")
