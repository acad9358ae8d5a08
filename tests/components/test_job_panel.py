"""Long work on a page, looked at by two runs of the script at once, as after a double click."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest

from components import job_panel
from components.state import RunningJob, Session
from core.errors import LoadError
from core.jobs import Jobs


def test_two_runs_of_the_script_collect_the_same_job() -> None:
    go = threading.Event()
    job = Jobs(1, 1).start("tab", "Reading", lambda progress: go.wait(20) and "data")
    now = Session(job=RunningJob(job, "Reading", ("opening-1",)))
    with ThreadPoolExecutor(2) as runs:
        both = [runs.submit(job_panel._over, now, now.job) for _ in range(2)]
        go.set()
        assert [run.result() for run in both] == [True, True]
    assert now.job is None and now.outcomes == {"Reading": (("opening-1",), "data")}


def test_a_run_that_comes_late_leaves_the_next_job_and_its_outcome_alone() -> None:
    jobs, go = Jobs(2, 1), threading.Event()
    first = RunningJob(jobs.start("tab", "Reading", lambda progress: 1), "Reading", ("opening-1",))
    first.job.wait(20)
    second = RunningJob(
        jobs.start("tab", "Reading", lambda progress: go.wait(20), "2"), "Reading", ("opening-2",)
    )
    now = Session(job=second)
    assert job_panel._over(now, first) and now.job is second and now.outcomes == {}
    go.set()
    assert job_panel._over(now, second) and now.job is None
    assert now.outcomes == {"Reading": (("opening-2",), True)}
    assert job_panel._over(now, first) and now.outcomes == {"Reading": (("opening-2",), True)}


def test_a_job_begins_with_nothing_shown_whatever_the_one_before_it_showed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Else its panel would draw the page once more, though it has shown nothing yet."""
    now, go, runner = Session(drawn="shift"), threading.Event(), Jobs(1, 1)
    monkeypatch.setattr(job_panel, "session", lambda: now)
    monkeypatch.setattr(job_panel, "jobs", lambda: runner)
    monkeypatch.setattr(job_panel, "PATIENCE", 0.01)
    monkeypatch.setattr(job_panel, "_watch", lambda partly: None)
    assert job_panel.outcome("Reading", ("v",), lambda progress: go.wait(20)) is None
    assert now.job is not None and now.drawn is None and now.job.job.shown is None
    go.set()


@pytest.mark.parametrize("partly", [True, False])
def test_the_page_is_redrawn_when_the_job_shows_more_where_it_shows_that(
    monkeypatch: pytest.MonkeyPatch, partly: bool
) -> None:
    redraws: list[None] = []
    job = SimpleNamespace(
        active=True,
        stopping=False,
        stop=print,
        seconds=1.0,
        shown="first",
        fraction=0.1,
        note="",
        name="",
        state="",
    )
    now = SimpleNamespace(job=SimpleNamespace(job=job, key=("k",)), drawn=None)
    monkeypatch.setattr(job_panel, "session", lambda: now)
    monkeypatch.setattr(job_panel.st, "rerun", lambda: redraws.append(None))
    job_panel._watch.__wrapped__(partly)
    assert len(redraws) == partly and now.drawn == "first"
    assert job_panel.shown(("k",)) == "first" and job_panel.shown(("other",)) is None
    job.active = False
    redraws.clear()
    job_panel._watch.__wrapped__(partly)
    assert len(redraws) == 1


@pytest.mark.parametrize(
    ("state", "note", "stopping", "told"),
    [
        ("running", "", False, "Reading the file"),
        ("running", "Writing", False, "Reading the file: writing"),
        ("running", "Reading the file", False, "Reading the file"),
        ("waiting", "", False, "Reading the file: waiting for a free place"),
        ("running", "Writing", True, "Reading the file: stopping"),
    ],
)
def test_the_panel_names_the_work_and_what_it_does_now(
    state: str, note: str, stopping: bool, told: str
) -> None:
    """Two panels one after the other said "Writing" and "Column 11 of 14", and nobody knew of what."""
    job = SimpleNamespace(name="Reading the file", note=note, state=state, stopping=stopping)
    assert job_panel._told(job) == told


def test_what_a_job_came_to() -> None:
    def refused(progress: object) -> None:
        raise LoadError("It is empty.")

    jobs = Jobs(1, 1)
    job = jobs.start("tab", "Reading", refused)
    job.wait(20)
    assert isinstance(job_panel._result(job), LoadError)
    bug = jobs.start("tab", "Dividing", lambda progress: 1 / 0)
    bug.wait(20)
    assert job_panel._result(bug) is bug and "ZeroDivisionError" in bug.trace


def test_what_only_has_to_be_collected_needs_no_job(monkeypatch: pytest.MonkeyPatch) -> None:
    now, asked = Session(), []

    def never() -> Jobs:
        raise AssertionError("a job was started")

    monkeypatch.setattr(job_panel, "session", lambda: now)
    monkeypatch.setattr(job_panel, "jobs", never)

    def work(progress: object) -> str:
        asked.append(progress)
        return "known"

    for _ in range(2):
        assert job_panel.outcome("Looking", ("v",), work, ready=lambda: True) == "known"
    assert len(asked) == 1 and now.outcomes == {"Looking": (("v",), "known")} and now.job is None

    def gone(progress: object) -> str:
        raise LoadError("It is gone.")

    shown: list[object] = []
    monkeypatch.setattr(job_panel.guard, "show", shown.append)
    monkeypatch.setattr(job_panel.st, "button", lambda *args, **look: shown.append(args[0]))
    assert job_panel.outcome("Opening", ("v",), gone, ready=lambda: True) is None
    assert [str(one) for one in shown] == ["It is gone.", "Try again"]
    with pytest.raises(AssertionError, match="a job was started"):
        job_panel.outcome("Looking", ("other",), work, ready=lambda: False)
