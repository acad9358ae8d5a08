"""Decisions on disk: an append-only log per data set and user, in one SQLite file that outlives tabs, crashes
and restarts.

Every change is one transaction that begins by taking the write lock and reading what others wrote, and that
is on the disk before it is acknowledged (WAL, ``synchronous=FULL``). Undo and redo are events of their own:
nothing said is ever rewritten, only `Store.forget` removes.
"""

from __future__ import annotations

import contextlib
import json
import secrets
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from core.decision import Batch, Decision, signed
from core.decision_log import Log, LogEntry
from core.errors import RecipeError, SettingError, StoreError
from core.review import UNKNOWN, Review
from core.workspace.turns import turn

FILE = "decisions.sqlite"
MARK = "~"  # between the fingerprint and the number of a further log of the same data (`kept_logs`)
FORMAT = 4  # 2: batches may hold filters, and steps be switched off; 3: edited and moved; 4: both at once
WAIT_SECONDS = 5.0
NOT_LAST = "That is not the last step any more, so nothing was undone; the steps are shown as they are now."
NOT_NEXT = "There is another step to redo by now, so nothing was done; the steps are shown as they are now."
BUSY = "is kept locked by another process"
CHANGED = "Another tab changed this step; look again."
SCHEMA = (
    "CREATE TABLE IF NOT EXISTS events (id INTEGER PRIMARY KEY AUTOINCREMENT, fingerprint TEXT NOT "
    "NULL, user TEXT NOT NULL,"
    " at TEXT NOT NULL, action TEXT NOT NULL CHECK (action IN ('say', 'undo', 'redo')), batch TEXT)",
    "CREATE INDEX IF NOT EXISTS whose ON events (fingerprint, user, id)",
)
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
    file.

    Every method raises `StoreError` at once when the file cannot be opened, read or written; nothing is lost
    by that. So it does when the file that it used before is gone, was emptied or is another one now: each
    file bears a number of its own (``PRAGMA application_id``).
    """

    def __init__(self, home: Path) -> None:
        self.path = home / FILE
        self._file_number = 0
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
        if not self._there():
            return Log()
        with self._open() as connection:
            return self._replay(connection, (fingerprint, user))

    def known(self, user: str) -> tuple[Known, ...]:
        """All data sets about which ``user`` decided anything, last used first."""
        if not self._there():
            return ()
        tally = "SUM(CASE action WHEN 'undo' THEN -1 ELSE 1 END)"
        query = (
            f"SELECT fingerprint, {tally}, MAX(at), MAX(id) FROM events WHERE user = ? GROUP BY fingerprint "
            "ORDER BY 4 DESC"
        )
        with self._open() as connection:
            return tuple(
                Known(fingerprint, count, at)
                for fingerprint, count, at, _ in connection.execute(query, (user,))
            )

    def users(self, fingerprint: str) -> tuple[str, ...]:
        """All who ever decided anything about the data, by name."""
        if not self._there():
            return ()
        with self._open() as connection:
            query = f"SELECT DISTINCT user FROM events WHERE {OF_DATA} ORDER BY user"
            return tuple(
                user for (user,) in connection.execute(query, (fingerprint, f"{fingerprint}{MARK}%"))
            )

    def forget(self, fingerprint: str) -> None:
        """Remove all decisions of all users about the data, from the disk too."""
        if not self._there():
            return
        with self._turn() as connection, self._lock:
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

    @contextlib.contextmanager
    def reading(self) -> Iterator[sqlite3.Connection | None]:
        """A connection to look something up with; None while there is no file."""
        if not self._there():
            yield None
            return
        with self._open() as connection:
            yield connection

    @contextlib.contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """A connection within one transaction."""
        with self._turn() as connection, _transaction(connection):
            yield connection

    def _change(self, whose: Whose, steps: Callable[[Log], list[tuple[str, str | None]]]) -> Review:
        """Append the events that ``steps`` asks for, given the log as it stands on the disk under the write
        lock.
        """
        insert = "INSERT INTO events (fingerprint, user, at, action, batch) VALUES (?, ?, ?, ?, ?)"
        with self._turn() as connection:
            with _transaction(connection):
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
                raise self._trouble(f"holds an event that cannot be read ({error})") from error
            self._logs[whose] = log
            return log.copy()

    @contextlib.contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        try:
            self._there()
            self.path.parent.mkdir(parents=True, exist_ok=True)
            connection = sqlite3.connect(self.path, timeout=WAIT_SECONDS, isolation_level=None)
            with contextlib.closing(connection):
                self._prepare(connection)
                yield connection
        except (OSError, sqlite3.Error) as error:
            raise self._trouble(f"cannot be read or written ({error})") from error

    @contextlib.contextmanager
    def _turn(self) -> Iterator[sqlite3.Connection]:
        """A connection to write with. Writers take turns as they come: SQLite lets each try anew after a
        sleep, and on a busy machine one that sleeps may never find the file free.
        """
        self._there()
        with contextlib.ExitStack() as stack:
            try:
                self.path.parent.mkdir(parents=True, exist_ok=True)
                stack.enter_context(turn(self.path.with_suffix(".turn"), WAIT_SECONDS))
            except TimeoutError as error:
                raise self._trouble(BUSY, "stop it and reload") from error
            except OSError as error:
                raise self._trouble(f"cannot be read or written ({error})") from error
            yield stack.enter_context(self._open())

    def _there(self) -> bool:
        """Whether there is a file. Raises `StoreError` when there was one."""
        if self.path.exists():
            return True
        if self._file_number:
            raise self._trouble("is gone, though it was used a moment ago", "put it back, or restart Winnow")
        return False

    def _prepare(self, connection: sqlite3.Connection) -> None:
        """Lay out a new file and give it its number; raise `StoreError` for one not to go on with.

        All of it is one transaction, so that of several that come upon a new file at once the first does it
        and the others see it done.
        """
        number = self._number(connection)
        if not number:
            _wal(connection)
            with _transaction(connection):
                number = self._number(connection) or secrets.randbelow(2**31 - 1) + 1
                for statement in (*SCHEMA, f"PRAGMA user_version={FORMAT}"):
                    connection.execute(statement)
                connection.execute(f"PRAGMA application_id={number}")
        elif connection.execute("PRAGMA user_version").fetchone()[0] < FORMAT:
            connection.execute(f"PRAGMA user_version={FORMAT}")
        self._file_number = number
        connection.execute("PRAGMA synchronous=FULL")

    def _number(self, connection: sqlite3.Connection) -> int:
        """The number of the file; 0 for one that has none yet. Raises `StoreError` when it is not the file
        used before, or of a later version.
        """
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        if version > FORMAT:
            raise self._trouble(
                f"was written by a later version of Winnow (format {version}; this one knows {FORMAT})"
            )
        number: int = connection.execute("PRAGMA application_id").fetchone()[0]
        if self._file_number and number != self._file_number:
            raise self._trouble("was emptied or replaced", "put the former one back, or restart Winnow")
        return number

    def _trouble(self, what: str, mend: str = "") -> StoreError:
        mend = mend or "mend the folder (space, rights, another WINNOW_HOME) and reload"
        return StoreError(
            f"The decisions file {self.path} {what}. Decisions made from now on last only as long as this "
            f"session: export them before you leave, or {mend}."
        )


@contextlib.contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """One transaction, with the write lock from its beginning on; taken back where an exception leaves it."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")


def _wal(connection: sqlite3.Connection) -> None:
    """Switch to a write-ahead log; SQLite does not wait for others here by itself, so we do."""
    until = time.monotonic() + WAIT_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError:
            if time.monotonic() > until:
                raise
            time.sleep(0.02)


def now() -> str:
    """The time as it stands beside each event."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")
