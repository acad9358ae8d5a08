"""The child process that stays."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from core.errors import Cancelled, CoreError, SettingError
from core.process import Resident
from core.progress import Progress
from tests.core import work

ROOT = Path(__file__).parents[3]


def gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


def test_calls_share_one_child_until_it_is_let_go() -> None:
    resident = Resident()
    first = resident.call(work.pid)
    assert resident.call(work.pid) == first != os.getpid()
    with pytest.raises(SettingError, match="No such thing"):
        resident.call(work.refuse)
    assert resident.call(work.pid) == first, "an error of the work does not cost the child"
    resident.end()
    assert resident.call(work.pid) != first
    resident.end()


def test_a_child_that_dies_is_told_and_replaced() -> None:
    resident = Resident()
    first = resident.call(work.pid)
    with pytest.raises(CoreError, match="killed by signal 6"):
        resident.call(work.abort)
    assert resident.call(work.pid) != first
    resident.end()


def test_stopping_kills_the_work_and_the_next_call_goes_on(tmp_path: Path) -> None:
    resident = Resident()
    place = tmp_path / "pid"
    with pytest.raises(Cancelled):
        resident.call(
            work.sleep, str(place), progress=Progress(stop=lambda: place.exists() and place.read_text() != "")
        )
    assert gone(int(place.read_text()))
    assert resident.call(work.add, 1, 2) == 3
    resident.end()


BUSY = "from core.process import Resident; from tests.core import work; Resident().call(work.sleep, {!r})"


def test_the_child_ends_with_a_parent_that_is_killed_while_it_works(tmp_path: Path) -> None:
    """It looks at its input only between two calls."""
    place = tmp_path / "pid"
    parent = subprocess.Popen([sys.executable, "-c", BUSY.format(str(place))], cwd=ROOT)
    while not place.exists() or not place.read_text():
        time.sleep(0.02)
    child = int(place.read_text())
    parent.kill()
    parent.wait(20)
    until = time.monotonic() + 20
    while not gone(child) and time.monotonic() < until:
        time.sleep(0.05)
    assert gone(child)


def test_callers_take_turns_and_may_give_up_waiting(tmp_path: Path) -> None:
    resident, place, stop = Resident(), tmp_path / "pid", threading.Event()
    ended: list[str] = []

    def busy() -> None:
        with pytest.raises(Cancelled):
            resident.call(work.sleep, str(place), progress=Progress(stop=stop.is_set))
        ended.append("busy")

    thread = threading.Thread(target=busy)
    thread.start()
    while not place.exists():
        time.sleep(0.02)
    begun, heard = time.monotonic(), []
    with pytest.raises(Cancelled):
        resident.call(
            work.pid,
            progress=Progress(lambda *said: heard.append(said), lambda: time.monotonic() > begun + 0.5),
        )
    assert heard[0] == (0.0, "Waiting for other work of this kind")
    stop.set()
    thread.join(20)
    assert ended == ["busy"]
    assert resident.call(work.add, 2, 2) == 4
    resident.end()


def test_an_idle_child_is_let_go() -> None:
    resident = Resident(idle_seconds=0.2)
    first = resident.call(work.pid)
    limit = time.monotonic() + 20
    while not gone(first) and time.monotonic() < limit:
        time.sleep(0.05)
    assert gone(first)
    resident.end()
