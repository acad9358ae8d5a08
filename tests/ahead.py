"""Work that takes long and waits for nobody, begun with the tests: `mypy`, and the compiling of what lays out
maps.

The process that hands out the tests begins it, where all of them run side by side. It takes what the journeys
leave of the cores while they wait for a browser, and no test is kept waiting for what others could do.
"""

from __future__ import annotations

import atexit
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PLACE = "WINNOW_TESTS_AHEAD"  # the folder where the test processes find what came of it
MAPS = "from core.analyses.projection import layout; from core.progress import SILENT; layout.warm(SILENT)"
TYPES = [str(Path(sys.executable).parent / "mypy")]
PATIENCE = 250.0
FIRST = "gw0"  # what xdist calls the first test process
# Runs one command, then tells how it ended: its output and, once that is whole, its status.
RUN = """
import os, pathlib, subprocess, sys
place, *command = sys.argv[1:]
os.nice(10)
with open(place + ".out", "w") as out:
    status = subprocess.run(command, stdout=out, stderr=subprocess.STDOUT).returncode
pathlib.Path(place + ".part").write_text(str(status))
os.replace(place + ".part", place + ".status")
"""


def begin(config: pytest.Config) -> None:
    """Begin it, where this process hands out all tests to others."""
    everything = config.args_source is pytest.Config.ArgsSource.TESTPATHS
    if not everything or hasattr(config, "workerinput") or not config.getoption("numprocesses", None):
        return
    from core.places import compiled

    place = tempfile.mkdtemp(prefix="winnow-ahead-")
    os.environ[PLACE] = place
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(compiled())}
    for name, command in (("maps", [sys.executable, "-c", MAPS]), ("mypy", TYPES)):
        begun = subprocess.Popen(
            [sys.executable, "-c", RUN, f"{place}/{name}", *command],
            cwd=ROOT,
            env=environment,
            start_new_session=True,
        )
        atexit.register(_end, begun)
    atexit.register(shutil.rmtree, place, ignore_errors=True)


def turn(worker: str) -> None:
    """Wait until the first test process has collected the tests, and with that compiled them: the others read
    what it wrote, in a third of the time. Meanwhile the second core is not idle, as it does what was begun.
    """
    if worker in ("", FIRST) or PLACE not in os.environ:
        return
    collected, until = Path(os.environ[PLACE]) / "collected", time.monotonic() + PATIENCE
    while not collected.exists() and time.monotonic() < until:
        time.sleep(0.2)


def collected(worker: str) -> None:
    """To be called once a test process has collected the tests."""
    if worker == FIRST and PLACE in os.environ:
        (Path(os.environ[PLACE]) / "collected").touch()


def _end(begun: subprocess.Popen[bytes]) -> None:
    """The command too, where the tests end before it does."""
    if begun.poll() is None:
        os.killpg(begun.pid, 9)
        begun.wait()


def types() -> subprocess.CompletedProcess[str]:
    """What mypy says: as it was begun ahead, or of a run of its own."""
    if PLACE not in os.environ:
        return subprocess.run(TYPES, cwd=ROOT, capture_output=True, text=True, check=False)
    place, until = Path(os.environ[PLACE]), time.monotonic() + PATIENCE
    while not (place / "mypy.status").exists():
        assert time.monotonic() < until, "mypy did not end"
        time.sleep(0.2)
    status = int((place / "mypy.status").read_text())
    return subprocess.CompletedProcess(TYPES, status, (place / "mypy.out").read_text(), "")
