"""Long work: taken on, watched, stopped, and never left running for nobody."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from core.errors import BusyError, Cancelled, CoreError, SettingError
from core.jobs import Job, Jobs
from core.process import Resident
from core.progress import Progress
from tests.core import work

SECONDS = 20.0


class Gate:
    """Work that goes on until it is let through."""

    def __init__(self) -> None:
        self.begun, self.open = threading.Event(), threading.Event()

    def __call__(self, progress: Progress) -> str:
        self.begun.set()
        while not self.open.wait(0.01):
            progress.at(0.5, "half")
        return "through"


def ended(job: Job) -> Job:
    assert job.wait(SECONDS)
    return job


def test_a_job_tells_where_it_stands_and_keeps_its_result() -> None:
    gate, jobs = Gate(), Jobs(1, 1)
    job = jobs.start("ada", "outliers", gate)
    assert gate.begun.wait(SECONDS) and job.state == "running" and jobs.of("ada") is job
    while job.fraction < 0.5:
        job.wait(0.01)
    assert job.note == "half" and job.active
    gate.open.set()
    assert (ended(job).state, job.result, job.fraction, job.error) == ("done", "through", 1.0, None)
    assert job.seconds == job.seconds > 0


def test_stopping_a_running_and_a_waiting_job() -> None:
    first, second = Gate(), Gate()
    jobs = Jobs(1, 5)
    running, waiting = jobs.start("ada", "a", first), jobs.start("bob", "b", second)
    assert waiting.state == "waiting" and jobs.ahead(waiting) == 0
    waiting.stop()
    assert waiting.state == "stopped" and not waiting.active, "at once, though no thread is free"
    running.stop()
    assert ended(running).state == "stopped" and ended(waiting).state == "stopped"
    assert not second.begun.is_set() and running.error is None


def test_a_second_job_of_an_owner_is_refused_unless_it_is_the_same() -> None:
    gate, jobs = Gate(), Jobs(2, 5)
    job = jobs.start("ada", "outliers", gate, key="v1")
    assert jobs.start("ada", "outliers", gate, key="v1") is job
    for name, key in (("outliers", "v2"), ("profile", "v1")):
        with pytest.raises(BusyError, match="outliers is still under way"):
            jobs.start("ada", name, gate, key=key)
    job.stop()
    ended(job)
    assert ended(jobs.start("ada", "profile", lambda progress: 1)).result == 1


def test_the_queue_is_bounded_and_served_in_order() -> None:
    gate, order, jobs = Gate(), [], Jobs(1, 2)
    jobs.start("a", "first", gate)
    waiting = [jobs.start(owner, owner, lambda progress, owner=owner: order.append(owner)) for owner in "bc"]
    assert jobs.ahead(waiting[1]) == 1
    with pytest.raises(BusyError, match="WINNOW_QUEUE"):
        jobs.start("d", "d", gate)
    gate.open.set()
    assert [ended(job).state for job in waiting] == ["done", "done"] and order == ["b", "c"]
    assert jobs.of("d") is None


def test_jobs_of_an_owner_that_left_are_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.jobs.ALIVE_SECONDS", 0.05)
    here = {"ada", "bob"}
    gate, jobs = Gate(), Jobs(1, 5, alive=here.__contains__)
    running = jobs.start("ada", "a", gate)
    assert gate.begun.wait(SECONDS)
    here.discard("ada")
    assert ended(running).state == "stopped"
    here.discard("bob")
    late = jobs.start("bob", "b", gate)
    assert ended(late).state == "stopped"


def test_starting_one_sweeps_the_waiting_jobs_of_those_who_left() -> None:
    here = {"ada", "bob", "eve"}
    gate, jobs = Gate(), Jobs(1, 1, alive=here.__contains__)
    running, waiting = jobs.start("ada", "a", gate), jobs.start("bob", "b", gate)
    here.discard("bob")
    third = jobs.start("eve", "e", lambda progress: 3)
    assert ended(waiting).state == "stopped" and jobs.of("bob") is None
    gate.open.set()
    assert ended(third).result == 3 and ended(running).state == "done"


def test_a_core_error_is_kept_as_it_is_and_a_bug_with_its_trace(caplog: pytest.LogCaptureFixture) -> None:
    def broken(progress: Progress) -> None:
        raise ZeroDivisionError("a bug")

    jobs = Jobs(1, 1)
    said = ended(jobs.start("ada", "a", work.refuse))
    assert said.state == "failed" and isinstance(said.error, SettingError) and said.trace == ""
    with caplog.at_level(logging.ERROR, "winnow.jobs"):
        bug = ended(jobs.start("ada", "b", broken))
    assert bug.state == "failed" and isinstance(bug.error, ZeroDivisionError) and "in broken" in bug.trace
    assert bug.id in caplog.text and "in broken" in caplog.text
    assert ended(jobs.start("ada", "c", lambda progress: 1)).result == 1, "the worker lives on"


def test_clear_stops_and_forgets() -> None:
    gate, jobs = Gate(), Jobs(1, 1)
    job = jobs.start("ada", "a", gate)
    jobs.clear("ada")
    assert ended(job).state == "stopped" and jobs.of("ada") is None


def test_threads_do_not_hold_up_the_end_of_the_program() -> None:
    gate = Gate()
    job = Jobs(1, 1).start("ada", "a", gate)
    assert gate.begun.wait(SECONDS)
    assert all(thread.daemon for thread in threading.enumerate() if thread.name == f"winnow-job-{job.id}")
    gate.open.set()


@pytest.fixture
def child() -> Iterator[Resident]:
    resident = Resident()
    yield resident
    resident.end()


def test_a_process_reports_and_answers(child: Resident) -> None:
    heard: list[tuple[float, str]] = []
    assert child.call(work.add, 2, 3, progress=Progress(lambda *said: heard.append(said))) == 5
    assert heard == [(0.5, "half")]


def test_an_error_in_the_process_comes_back_as_it_is(child: Resident) -> None:
    with pytest.raises(SettingError, match="No such thing"):
        child.call(work.refuse)


@pytest.mark.parametrize(("function", "how"), [(work.abort, "signal 6"), (work.leave, "status 7")])
def test_a_process_that_dies_is_told(child: Resident, function, how: str) -> None:
    with pytest.raises(CoreError, match=how):
        child.call(function)


def test_stopping_kills_the_process(child: Resident, tmp_path: Path) -> None:
    asked = threading.Event()
    progress = Progress(lambda fraction, note: asked.set() if note == "asleep" else None, asked.is_set)
    with pytest.raises(Cancelled):
        child.call(work.sleep, str(tmp_path / "pid"), progress=progress)
    assert not psutil.pid_exists(int((tmp_path / "pid").read_text()))
