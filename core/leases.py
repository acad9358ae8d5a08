"""Who uses what in the workspace, known to all processes on this machine.

A user of a thing holds a lease: a file ``<home>/leases/<thing>~<process>~<number>`` that is locked (`flock`)
as long as an object that stands for the user is alive. The system lets go of the lock when the process ends,
be it by a kill, so that a lease is never believed for longer than it holds.
"""

from __future__ import annotations

import contextlib
import fcntl
import itertools
import os
import weakref
from collections.abc import Iterator
from pathlib import Path

FOLDER = "leases"
_NUMBERS = itertools.count()
# lease file -> its open descriptor and the id of its owner, of this process alone
_OURS: dict[Path, tuple[int, int]] = {}


def hold(home: Path, thing: str, owner: object) -> None:
    """Say that ``owner`` uses ``thing``, a plain file name, for as long as it is alive. Raises `OSError`."""
    mine = f"{thing}~{os.getpid()}~"
    if any(lease.name.startswith(mine) and whose == id(owner) for lease, (_, whose) in _OURS.items()):
        return
    lease = home / FOLDER / f"{mine}{next(_NUMBERS)}"
    lease.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(lease, os.O_CREAT | os.O_RDWR, 0o600)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    _OURS[lease] = (descriptor, id(owner))
    weakref.finalize(owner, _let_go, lease)


def let_go(owner: object) -> None:
    """Give back all leases of ``owner`` now."""
    for lease in [lease for lease, (_, whose) in _OURS.items() if whose == id(owner)]:
        _let_go(lease)


def _let_go(lease: Path) -> None:
    descriptor, _ = _OURS.pop(lease, (-1, 0))
    if descriptor >= 0:
        with contextlib.suppress(OSError):  # the folder may be gone, and the lease with it
            lease.unlink(missing_ok=True)
        os.close(descriptor)


def holders(home: Path, thing: str, besides: object = None) -> int:
    """How many users ``thing`` has, in this process and in others, not counting ``besides``."""
    found = 0
    for lease in list((home / FOLDER).glob(f"{_escaped(thing)}~*~*")):
        if lease in _OURS:
            found += _OURS[lease][1] != id(besides)
        elif _locked(lease):
            found += 1
    return found


def _escaped(thing: str) -> str:
    return "".join(f"[{letter}]" if letter in "*?[" else letter for letter in thing)


def _locked(lease: Path) -> bool:
    """Whether another process holds the lease; what a process left that was killed is removed."""
    try:
        descriptor = os.open(lease, os.O_RDWR)
    except FileNotFoundError:
        return False
    except PermissionError:  # another user's: theirs to say
        return True
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        lease.unlink(missing_ok=True)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


@contextlib.contextmanager
def turn(home: Path) -> Iterator[None]:
    """Let one process at a time look who uses what and act on it. Raises `OSError`."""
    (home / FOLDER).mkdir(parents=True, exist_ok=True)
    descriptor = os.open(home / FOLDER / ".turn", os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
