"""Writers of a file take turns, each waiting for the one before, but not for ever."""

from __future__ import annotations

import contextlib
import fcntl
import os
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path


@contextlib.contextmanager
def turn(path: Path, seconds: float) -> Iterator[None]:
    """Hold the lock of the file ``path``, which is made where it is not there. Raises `TimeoutError` where
    another holds it for longer than ``seconds``, and `OSError` where it cannot be made or locked.
    """
    lock = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        _wait(lock, seconds)
    except OSError:
        os.close(lock)
        raise
    try:
        yield
    finally:
        os.close(lock)


def _wait(lock: int, seconds: float) -> None:
    """Wait in the system's own queue, in which nobody starves as one would who tries anew after each sleep.
    The thread that waits is left behind after ``seconds``, and closes the file once its turn has come.
    """
    got: Future[None] = Future()

    def waiting() -> None:
        failed: OSError | None = None
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
        except OSError as error:
            failed = error
        wanted = got.set_running_or_notify_cancel()
        if failed is not None or not wanted:
            os.close(lock)
        if wanted and failed is not None:
            got.set_exception(failed)
        elif wanted:
            got.set_result(None)

    threading.Thread(target=waiting, daemon=True, name="turn").start()
    try:
        got.result(seconds)
    except TimeoutError:
        if got.cancel():
            raise
        got.result()  # it came just now
