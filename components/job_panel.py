"""Long work on a page: start it, watch it, stop it, collect what came of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import streamlit as st

from components import guard
from components.server import jobs
from components.state import RunningJob, Session, session
from components.stopped import stopped
from components.streamlit_internals import session_id
from components.text import plain, tag
from core.errors import Cancelled, CoreError
from core.phrases import within
from core.progress import SILENT, Progress

if TYPE_CHECKING:
    from core.jobs import Job

PATIENCE = 0.7  # seconds that work may take before a progress bar is worth showing
ENDING = 0.3  # seconds to wait for work that was told to stop, so that the answer to the click is its end


def outcome(
    label: str,
    key: tuple[Any, ...],
    work: Callable[[Progress], Any],
    ready: Callable[[], bool] = lambda: False,
    partly: bool = False,
    stays: bool = False,
) -> Any | None:
    """What came of ``work``; None while it runs or after it failed, with a panel on the page that says so.

    key: names the work; its first part names the data. Other work of this tab on the same data is awaited, on
    other data stopped. ready: whether the work only has to collect what is known, for which no job is needed.
    partly: whether the page has a use for what there is so far, also of other work that has a part of the key
    in common, and is drawn again whenever that is more. stays: whether it stays stopped once the person
    stopped it, also where the page is loaded anew; its key names all that it rests on.
    """
    now = session()
    if label in now.outcomes and now.outcomes[label][0] == key:
        return _result_or_reason(label, now.outcomes[label][1])
    if now.job is None and ready():
        now.outcomes[label] = (key, guard.attempt(lambda: work(SILENT)))
        return _result_or_reason(label, now.outcomes[label][1])
    mine = now.job is not None and (now.job.label, now.job.key) == (label, key)
    if stays and not mine and stopped().holds(label, key):
        now.outcomes[label] = (key, Cancelled())
        return _result_or_reason(label, now.outcomes[label][1])
    running = now.job
    if running is not None and (running.label, running.key) != (label, key):
        if running.job.active and running.key[0] != key[0]:
            running.job.stop()
        elif not _over(now, running, partly and not set(key[1:]).isdisjoint(running.key[1:])):
            return None
        running = None
    if running is None:
        started = guard.attempt(lambda: jobs().start(session_id() or "alone", label, work, str(key)))
        if isinstance(started, CoreError):
            guard.show(started)
            st.button("Try again", key=f"again-{tag(label)}", icon=":material/refresh:")
            return None
        now.job, now.drawn = RunningJob(started, label, key, stays), None
        running = now.job
    return _result_or_reason(label, _result(running.job)) if _over(now, running, partly) else None


def in_its_place(key: tuple[Any, ...], label: str) -> None:
    """Where the panel of this work stood on the page, which has ended since: a box of the same size that says
    so, until it is closed or the page is left. So what stands below stays where it is.
    """
    now = session()
    if now.stood is None or now.stood != (now.place.page, key):
        return
    with st.container(border=True, horizontal=True, vertical_alignment="center", key="job-ended"):
        st.progress(1.0, text=plain(f"{label}: done", 400))
        st.button(
            "Close", icon=":material/close:", key="close-job", on_click=setattr, args=(now, "stood", None)
        )


def begin_page() -> None:
    """No panel stands on the page yet, nor one of another page."""
    now = session()
    now.watched = False
    if now.stood is not None and now.stood[0] != now.place.page:
        now.stood = None


def shown(key: tuple[Any, ...]) -> Any | None:
    """What the work of this key, which is under way, has shown so far; None where that is nothing."""
    running = session().job
    return running.job.shown if running is not None and running.key == key else None


def _over(now: Session, running: RunningJob, partly: bool = False) -> bool:
    """Wait a moment for the job; file what came of it, or draw the panel and say no.

    A second click lets another run of the script begin while this one still waits, and that one may have
    filed the same job, or begun another.
    """
    running.job.wait(max(0.0, PATIENCE - running.job.seconds))
    if running.job.active:
        if not now.watched:  # one panel a page, whoever waits for the job
            now.watched, now.stood = True, (now.place.page, running.key)
            _watch(partly)
        return False
    if now.job is running:
        what = _result(running.job)
        if running.stays and not isinstance(what, Cancelled):
            stopped().forget(running.label, running.key)
        now.outcomes[running.label] = (running.key, what)
        now.job = None
    return True


def _result(job: Job) -> Any:
    """What a job that is over came to: its result, the error that a person can mend, or itself for a bug."""
    if job.state == "done":
        return job.result
    if job.error is None:
        return Cancelled()
    return job if job.trace else job.error


def _result_or_reason(label: str, what: Any) -> Any | None:
    """The result; or None and a word on why there is none."""
    trace = getattr(what, "trace", None)
    if trace is None and not isinstance(what, CoreError):
        return what
    if isinstance(what, CoreError):
        guard.show(what)
    else:
        guard.bug(what.error, known=what.id)
    words = "Start again" if isinstance(what, Cancelled) else "Try again"
    key = f"again-{tag(label)}"
    st.button(words, key=key, icon=":material/refresh:", on_click=again, args=(label,))
    return None


def again(label: str) -> None:
    """Forget what the work of this label came to, or that it was stopped, so that it begins again."""
    key, _ = session().outcomes.pop(label, ((), None))
    stopped().forget(label, key)


def _stop(running: RunningJob) -> None:
    running.job.stop()
    if running.stays:
        stopped().note(running.label, running.key)


@st.fragment(run_every=0.8)
def _watch(partly: bool) -> None:
    """Looks at the job now and then; redraws the whole page once it is over, or shows more (``partly``)."""
    running = session().job
    if running is not None and running.job.stopping:
        running.job.wait(ENDING)
    now = session()
    drawn, now.drawn = now.drawn, None if running is None else running.job.shown
    if running is None or not running.job.active or (partly and running.job.shown is not drawn):
        st.rerun()
    else:
        job = running.job
        with st.container(border=True, horizontal=True, vertical_alignment="center"):
            st.progress(job.fraction, text=f"{plain(_told(job), 400)} · {job.seconds:.0f} s")
            st.button(
                "Stop",
                icon=":material/stop_circle:",
                key="stop-job",
                on_click=_stop,
                args=(running,),
                disabled=job.stopping,
            )


def _told(job: Job) -> str:
    """What the work is, and what it does now."""
    now = "waiting for a free place" if job.state == "waiting" else job.note
    now = "stopping" if job.stopping else now
    return f"{job.name}: {within(now)}" if now and now != job.name else job.name
