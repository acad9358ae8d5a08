"""Work for the tests to run in a process of its own."""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path

from core.errors import SettingError
from core.progress import Progress


def add(a: int, b: int, progress: Progress) -> int:
    print("not part of the answer")
    progress.at(0.5, "half")
    return a + b


def refuse(progress: Progress) -> None:
    raise SettingError("No such thing.")


def abort(progress: Progress) -> None:
    os.kill(os.getpid(), signal.SIGABRT)


def leave(progress: Progress) -> None:
    sys.stdout.flush()
    os._exit(7)


def sleep(path: str, progress: Progress) -> None:
    Path(path).write_text(str(os.getpid()))
    progress.at(0.1, "asleep")
    time.sleep(600)


def pid(progress: Progress) -> int:
    return os.getpid()
