"""The SQLite file that decisions are kept in: laid out once, the same one from then on, written by one at a
time, and what is written is on the disk before it is acknowledged (WAL, ``synchronous=FULL``).
"""

from __future__ import annotations

import contextlib
import secrets
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

from core.errors import StoreError
from core.workspace.turns import turn as take_turn

FILE = "decisions.sqlite"
FORMAT = 4  # 2: batches may hold filters, and steps be switched off; 3: edited and moved; 4: both at once
WAIT_SECONDS = 5.0
BUSY = "is kept locked by another process"
SCHEMA = (
    "CREATE TABLE IF NOT EXISTS events (id INTEGER PRIMARY KEY AUTOINCREMENT, fingerprint TEXT NOT "
    "NULL, user TEXT NOT NULL,"
    " at TEXT NOT NULL, action TEXT NOT NULL CHECK (action IN ('say', 'undo', 'redo')), batch TEXT)",
    "CREATE INDEX IF NOT EXISTS whose ON events (fingerprint, user, id)",
)


class DecisionsFile:
    """The file in the folder ``home``. Safe to share between threads, and between processes.

    Every method raises `StoreError` at once when the file cannot be opened, read or written; nothing is lost
    by that. So it does when the file that it used before is gone, was emptied or is another one now: each
    file bears a number of its own (``PRAGMA application_id``).
    """

    def __init__(self, home: Path) -> None:
        self.path = home / FILE
        self._known_number = 0

    @contextlib.contextmanager
    def reading(self) -> Iterator[sqlite3.Connection | None]:
        """A connection to look something up with; None while there is no file."""
        if not self.there():
            yield None
            return
        with self.open() as connection:
            yield connection

    @contextlib.contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """A connection within one transaction."""
        with self.turn() as connection, transaction(connection):
            yield connection

    @contextlib.contextmanager
    def open(self) -> Iterator[sqlite3.Connection]:
        """A connection to read with, on a file that is laid out."""
        try:
            self.there()
            self.path.parent.mkdir(parents=True, exist_ok=True)
            connection = sqlite3.connect(self.path, timeout=WAIT_SECONDS, isolation_level=None)
            with contextlib.closing(connection):
                self._prepare(connection)
                yield connection
        except (OSError, sqlite3.Error) as error:
            raise self.trouble(f"cannot be read or written ({error})") from error

    @contextlib.contextmanager
    def turn(self) -> Iterator[sqlite3.Connection]:
        """A connection to write with. Writers take turns as they come: SQLite lets each try anew after a
        sleep, and on a busy machine one that sleeps may never find the file free.
        """
        self.there()
        with contextlib.ExitStack() as stack:
            try:
                self.path.parent.mkdir(parents=True, exist_ok=True)
                stack.enter_context(take_turn(self.path.with_suffix(".turn"), WAIT_SECONDS))
            except TimeoutError as error:
                raise self.trouble(BUSY, "stop it and reload") from error
            except OSError as error:
                raise self.trouble(f"cannot be read or written ({error})") from error
            yield stack.enter_context(self.open())

    def there(self) -> bool:
        """Whether there is a file. Raises `StoreError` when there was one."""
        if self.path.exists():
            return True
        if self._known_number:
            raise self.trouble("is gone, though it was used a moment ago", "put it back, or restart Winnow")
        return False

    def _prepare(self, connection: sqlite3.Connection) -> None:
        """Lay out a new file and give it its number; raise `StoreError` for one not to go on with.

        All of it is one transaction, so that of several that come upon a new file at once the first does it
        and the others see it done.
        """
        number = self._number(connection)
        if not number:
            _wal(connection)
            with transaction(connection):
                number = self._number(connection) or secrets.randbelow(2**31 - 1) + 1
                for statement in (*SCHEMA, f"PRAGMA user_version={FORMAT}"):
                    connection.execute(statement)
                connection.execute(f"PRAGMA application_id={number}")
        elif connection.execute("PRAGMA user_version").fetchone()[0] < FORMAT:
            connection.execute(f"PRAGMA user_version={FORMAT}")
        self._known_number = number
        connection.execute("PRAGMA synchronous=FULL")

    def _number(self, connection: sqlite3.Connection) -> int:
        """The number of the file; 0 for one that has none yet. Raises `StoreError` when it is not the file
        used before, or of a later version.
        """
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        if version > FORMAT:
            raise self.trouble(
                f"was written by a later version of Winnow (format {version}; this one knows {FORMAT})"
            )
        number: int = connection.execute("PRAGMA application_id").fetchone()[0]
        if self._known_number and number != self._known_number:
            raise self.trouble("was emptied or replaced", "put the former one back, or restart Winnow")
        return number

    def trouble(self, what: str, mend: str = "") -> StoreError:
        """The error that says what is wrong with the file, and how to mend it."""
        mend = mend or "mend the folder (space, rights, another WINNOW_HOME) and reload"
        return StoreError(
            f"The decisions file {self.path} {what}. Decisions made from now on last only as long as this "
            f"session: export them before you leave, or {mend}."
        )


@contextlib.contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
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
