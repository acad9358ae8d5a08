"""Who uses what in the workspace, known to all processes on this machine.

A user of a thing holds a lease: a file ``<home>/leases/<thing>~<process>~<random>`` that is locked (`flock`)
as long as an object that stands for the user is alive. The system lets go of the lock when the process ends,
be it by a kill, so that a lease is never believed for longer than it holds.

Nothing here waits for a lock of this process: the garbage collector may give a lease back at any moment, in
the middle of any of these functions too.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import secrets
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from core.errors import StoreError
from core.workspace import turns

FOLDER = "leases"
WAIT_SECONDS = 30.0  # for a turn: whoever takes longer than this to make room is stuck


class _Lease(NamedTuple):
    """A lease of this process. ``descriptor``: of its open and locked file. ``owner``: the id of the user.
    ``there``: whether whom the user works for is there still.
    """

    descriptor: int
    owner: int
    there: Callable[[], bool] = lambda: True


# by the path of the file; iterate over a copy, as leases come and go at any moment
_OURS: dict[str, _Lease] = {}


class User:
    """Stands for a piece of work that uses things of the workspace, as long as it is alive."""


def hold(home: Path, thing: str, owner: object) -> None:
    """Say that ``owner`` uses ``thing``, a plain file name, for as long as it is alive. Raises `OSError`.

    Whoever holds what another process may be about to remove does so within a `turn`.
    """
    folder = home / FOLDER
    mine = str(folder / thing) + "~"
    if any(path.startswith(mine) and lease.owner == id(owner) for path, lease in _OURS.copy().items()):
        return
    folder.mkdir(parents=True, exist_ok=True)
    path, descriptor = _locked_file(mine)
    _OURS[path] = _Lease(descriptor, id(owner))
    weakref.finalize(owner, _let_go, path)


def _locked_file(beginning: str) -> tuple[str, int]:
    """A new file that is locked, and that bears its name still: another process may have come upon it before
    it was locked, and removed it as one that a killed process left; or holds it while it looks. Another name
    is taken then, so that a process that is stuck keeps nobody waiting.
    """
    while True:
        path = f"{beginning}{os.getpid()}~{secrets.token_hex(6)}"
        descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.fstat(descriptor).st_nlink:
                return path, descriptor
        except BlockingIOError:
            Path(path).unlink(missing_ok=True)
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)


def works_for(owner: object, there: Callable[[], bool]) -> None:
    """Say how to learn whether whom ``owner`` works for is there still: a closed tab leaves its leases behind
    until its memory is given back. ``there`` must not keep ``owner`` alive.
    """
    for path, lease in _OURS.copy().items():
        if lease.owner == id(owner):
            _OURS[path] = lease._replace(there=there)


def let_go(owner: object) -> None:
    """Give back all leases of ``owner`` now."""
    for path, lease in _OURS.copy().items():
        if lease.owner == id(owner):
            _let_go(path)


def _let_go(path: str) -> None:
    lease = _OURS.pop(path, None)
    if lease is not None:
        with contextlib.suppress(OSError):  # the folder may be gone, and the lease with it
            Path(path).unlink(missing_ok=True)
        os.close(lease.descriptor)


def holders(home: Path, thing: str, besides: object = None, there: bool = False) -> int:
    """How many users ``thing`` has, in this process and in others, not counting ``besides``. there: nor those
    of this process that work for somebody who has gone.
    """
    users = 0
    for path in map(str, (home / FOLDER).glob(f"{_escaped(thing)}~*~*")):
        lease = _OURS.get(path)
        if lease is None:
            users += _locked(path)
        elif lease.owner != id(besides):
            users += not there or lease.there()
    return users


def _escaped(thing: str) -> str:
    return "".join(f"[{letter}]" if letter in "*?[" else letter for letter in thing)


def _locked(path: str) -> bool:
    """Whether somebody holds the lease; what a process left that was killed is removed."""
    try:
        descriptor = os.open(path, os.O_RDWR)
    except FileNotFoundError:
        return False
    except PermissionError:  # another user's: theirs to say
        return True
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        Path(path).unlink(missing_ok=True)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


@contextlib.contextmanager
def turn(home: Path) -> Iterator[None]:
    """Let one process at a time look who uses what and act on it. Raises `OSError`, and `StoreError` where
    another keeps its turn for longer than `WAIT_SECONDS`.
    """
    (home / FOLDER).mkdir(parents=True, exist_ok=True)
    with contextlib.ExitStack() as stack:
        try:
            stack.enter_context(turns.turn(home / FOLDER / ".turn", WAIT_SECONDS))
        except TimeoutError as error:
            raise StoreError(
                f"Another process keeps the workspace {home} locked for more than {WAIT_SECONDS:g} seconds; "
                "stop it, then do this again."
            ) from error
        yield
