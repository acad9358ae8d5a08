"""Long work beside a page: started, watched, stopped; one job per owner, a bounded queue, nobody's work for
nobody.

The threads are daemons, so that a server that is told to stop stops. Work that may abort the process belongs
in a child process (`core.process.Resident`), called from within a job.
"""

from __future__ import annotations

import logging
import threading
import time
import traceback
import uuid
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Literal

from core.errors import BusyError, Cancelled, CoreError
from core.limits import QUEUE, WORKERS
from core.phrases import whole_percent
from core.progress import Progress
from core.workers import import_models

State = Literal["waiting", "running", "done", "failed", "stopped"]
Work = Callable[[Progress], Any]
ALIVE_SECONDS = 2.0
LOG = logging.getLogger("winnow.jobs")


@dataclass(eq=False)
class Job:
    """One piece of long work. Read it from any thread; only its own thread changes it, but for `stop`.

    fraction: 0 to 1. shown: what it showed last of what there is so far. result: what the work gave, once
    ``done``. error: why it ``failed``: a `CoreError` as it was raised, or anything else, which is a bug; then
    ``trace`` is its traceback and ``id`` the name under which the log has it.
    """

    owner: str
    name: str
    key: str
    work: Work = field(repr=False)
    alive: Callable[[str], bool] = field(repr=False)
    id: str = field(default_factory=lambda: uuid.uuid4().hex[:8])
    state: State = "waiting"
    fraction: float = 0.0
    note: str = ""
    shown: Any = field(default=None, repr=False)
    result: Any = field(default=None, repr=False)
    error: BaseException | None = None
    trace: str = field(default="", repr=False)
    _began: float = field(default_factory=time.monotonic, repr=False)
    _ended: float | None = field(default=None, repr=False)
    _stop: threading.Event = field(default_factory=threading.Event, repr=False)
    _over: threading.Event = field(default_factory=threading.Event, repr=False)
    _asked: float = field(default=0.0, repr=False)

    @property
    def active(self) -> bool:
        """Whether it still waits or runs."""
        return self.state in ("waiting", "running")

    @property
    def stopping(self) -> bool:
        """Whether it was asked to stop and has not ended yet."""
        return self.active and self._stop.is_set()

    @property
    def seconds(self) -> float:
        """Time since it was started, or that it took."""
        return (self._ended or time.monotonic()) - self._began

    def stop(self) -> None:
        """Ask it to stop; it does at its next report. A waiting job never begins."""
        self._stop.set()
        if self.state == "waiting":
            self.state = "stopped"  # should its thread have begun just now, it ends there as stopped too

    def wait(self, seconds: float | None = None) -> bool:
        """Block until it has ended, at most ``seconds``; whether it has."""
        return self._over.wait(seconds)

    def run(self) -> None:
        """Do the work in the calling thread and keep how it ended."""
        with _Ending(self):
            progress = Progress(self._hear, self._unwanted, self._show)
            progress.check()
            self.state = "running"
            self.result = self.work(progress)
            self.fraction = 1.0

    def _hear(self, fraction: float, note: str) -> None:
        self.fraction, self.note = fraction, note or self.note

    def _show(self, partial: Any) -> None:
        self.shown = partial

    def _unwanted(self) -> bool:
        """Whether it is to stop; every two seconds at most it is asked whether anybody still waits for it."""
        now = time.monotonic()
        if not self._stop.is_set() and now - self._asked >= ALIVE_SECONDS:
            self._asked = now
            if not self.alive(self.owner):
                self.stop()
        return self._stop.is_set()


class _Ending:
    """Keeps how the work ended. Every exception becomes the job's error, and a bug goes to the log: none is
    lost in a thread.
    """

    def __init__(self, job: Job) -> None:
        self.job = job

    def __enter__(self) -> None:
        pass

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        job = self.job
        if error is None:
            job.state = "done"
        elif isinstance(error, Cancelled):
            job.state = "stopped"
        else:
            job.state, job.error = "failed", error
            if not isinstance(error, CoreError):
                job.trace = "".join(traceback.format_exception(error))
                LOG.error("Job %s (%s) failed.\n%s", job.id, job.name, job.trace)
        job._ended = time.monotonic()
        job._over.set()
        return True


class Jobs:
    """Runs jobs on at most ``workers`` threads; at most ``queue`` wait (by default ``WINNOW_WORKERS`` and
    ``WINNOW_QUEUE``).

    alive: whether an owner (a session) is still there. Jobs of owners that are gone are stopped.
    """

    def __init__(
        self,
        workers: int | None = None,
        queue: int | None = None,
        alive: Callable[[str], bool] = lambda owner: True,
    ) -> None:
        self._workers = workers or WORKERS.value
        self._queue = QUEUE.value if queue is None else queue
        self._alive = alive
        self._lock = threading.Lock()
        self._waiting: deque[Job] = deque()
        self._running: list[Job] = []
        self._last: dict[str, Job] = {}

    def start(self, owner: str, name: str, work: Work, key: str = "") -> Job:
        """Take on ``work`` for ``owner``; ``key`` tells apart calls of one name (data version, settings).

        A job of the same name and key that is still active is given back. Raises `BusyError` when the owner
        has another one under way, or when too many wait.
        """
        with self._lock:
            self._sweep()
            before = self._last.get(owner)
            if before is not None and before.active and not before.stopping:
                if (before.name, before.key) == (name, key):
                    return before
                raise BusyError(
                    f"{before.name} is still under way ({whole_percent(before.fraction)}). "
                    "Stop it, or wait until it is done."
                )
            job = Job(owner, name, key, work, self._alive)
            if len(self._running) < self._workers:
                self._launch(job)
            elif len(self._waiting) < self._queue:
                self._waiting.append(job)
            else:
                raise BusyError(
                    f"{len(self._waiting)} jobs wait already. Try again in a minute, or raise {QUEUE.env}."
                )
            self._last[owner] = job
            return job

    def of(self, owner: str) -> Job | None:
        """The owner's last job, whatever its state."""
        with self._lock:
            return self._last.get(owner)

    def ahead(self, job: Job) -> int:
        """How many jobs wait before this one."""
        with self._lock:
            return self._waiting.index(job) if job in self._waiting else 0

    def clear(self, owner: str) -> None:
        """Stop the owner's job and forget it and its result."""
        with self._lock:
            job = self._last.pop(owner, None)
            if job is not None:
                job.stop()

    def _sweep(self) -> None:
        """Stop the jobs of owners that are gone, and let go of their results."""
        for owner in [owner for owner in self._last if not self._alive(owner)]:
            self._last.pop(owner).stop()
        for job in [job for job in self._waiting if job._stop.is_set()]:
            self._waiting.remove(job)
            job.run()  # does nothing but end as stopped

    def _launch(self, job: Job) -> None:
        self._running.append(job)
        threading.Thread(target=self._work, args=(job,), name=f"winnow-job-{job.id}", daemon=True).start()

    def _work(self, job: Job) -> None:
        """The life of one thread: its job, then whatever waits."""
        following: Job | None = job
        import_models()  # other jobs, and the pages themselves, may import them at the same time
        while following is not None:
            following.run()
            with self._lock:
                self._running.remove(following)
                following = self._waiting.popleft() if self._waiting else None
                if following is not None:
                    self._running.append(following)
