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


def compiled_in_pynndescent(progress: Progress) -> list[str]:
    """Lay out a map, then name the functions of pynndescent that numba has compiled."""
    from core.analyses.projection import layout

    layout.warm(progress)
    modules = [module for name, module in sys.modules.items() if name.partition(".")[0] == "pynndescent"]
    assert modules
    return [
        f"{module.__name__}.{name}"
        for module in modules
        for name, value in vars(module).items()
        if getattr(value, "signatures", None)
    ]
