"""Functions in a process of their own: for work that may abort the interpreter, or that must be stopped at
once.

Not ``multiprocessing``: its spawn runs the parent's main script again, which under a web server is the page
being drawn. The child is ``python -c "import core.process; …"`` with the calls on its standard input; what
comes back is pickled by our own code, never taken from data. It ends when its input does, and when its
parent is gone.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import pickle
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

from core.errors import CoreError
from core.progress import SILENT, Progress

R = TypeVar("R")
CHECK_SECONDS = 0.1
LOOK_SECONDS = 2.0  # between looks whether the parent is there
_ROOT = Path(__file__).resolve().parent.parent


class Resident:
    """One child that stays, for work that takes long to get going: calls are done one after another, whoever
    makes them.

    A call that is stopped, or that the child does not survive, costs the next one a new child. idle_seconds:
    how long a child without work is kept. environment: what the child is told besides what this process
    knows.
    """

    def __init__(
        self, idle_seconds: float = 900.0, environment: Callable[[], Mapping[str, str]] = dict
    ) -> None:
        self._idle, self._environment = idle_seconds, environment
        self._turn = threading.Lock()
        self._child: _Child | None = None
        self._timer: threading.Timer | None = None

    @property
    def alive(self) -> bool:
        """Whether there is a child by now."""
        child = self._child
        return child is not None and child.alive

    def call(self, function: Callable[..., R], *args: Any, progress: Progress = SILENT) -> R:
        """``function(*args, progress)`` in the child; its reports reach ``progress``, and stopping kills the
        child. Waits its turn; that can be stopped too.

        function: importable by name. args and result: picklable. An exception of the function is raised here
        as it is; `CoreError` when the child died before it was done (out of memory, or an abort in native
        code).
        """
        with self._my_turn(progress):
            if self._child is None or not self._child.alive:
                self._child = _Child(self._environment())
            try:
                return self._child.call(function, args, progress)  # type: ignore[no-any-return]
            finally:
                if not self._child.ready:
                    self._child.end()
                    self._child = None

    def begin(self, function: Callable[[Progress], Any]) -> None:
        """Make the child, unless it is there, and have it do this first; nobody waits for it but the next
        call.
        """
        if not self.alive:
            threading.Thread(target=self.call, args=(function,), daemon=True).start()

    def end(self) -> None:
        """Let the child go once it is done; the next call makes a new one."""
        with self._turn:
            if self._child is not None:
                self._child.end()
                self._child = None

    @contextlib.contextmanager
    def _my_turn(self, progress: Progress) -> Iterator[None]:
        while not self._turn.acquire(timeout=CHECK_SECONDS):
            progress.at(0.0, "Waiting for other work of this kind")
        if self._timer is not None:
            self._timer.cancel()
        try:
            yield
        finally:
            self._timer = threading.Timer(self._idle, self.end)
            self._timer.daemon = True
            self._timer.start()
            self._turn.release()


class _Child:
    """A process that does the calls it is sent. ``ready``: it has answered the last one and may be sent
    another.
    """

    def __init__(self, environment: Mapping[str, str]) -> None:
        command = [sys.executable, "-c", "import core.process; core.process.serve()"]
        variables = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join([str(_ROOT), *filter(None, sys.path)]),
            **environment,
        }
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=variables
        )
        atexit.register(self._process.kill)  # at once, not when it next looks at its input
        self._messages: queue.SimpleQueue[Any] = queue.SimpleQueue()
        threading.Thread(target=self._listen, daemon=True).start()
        self.ready = True

    @property
    def alive(self) -> bool:
        """Whether it runs."""
        return self._process.poll() is None

    def call(self, function: Callable[..., Any], args: tuple[Any, ...], progress: Progress) -> Any:
        """Send one call and follow it to its end."""
        assert self._process.stdin is not None
        self.ready = False
        with contextlib.suppress(BrokenPipeError):  # a child that died at birth is told below
            pickle.dump((function, args), self._process.stdin, pickle.HIGHEST_PROTOCOL)
            self._process.stdin.flush()
        while True:
            progress.check()
            try:
                kind, what = self._messages.get(timeout=CHECK_SECONDS)
            except queue.Empty:
                continue
            if kind == "at":
                progress.at(*what)
                continue
            if kind == "show":
                progress.show(what)
                continue
            self.ready = kind in ("done", "error")
            if kind == "done":
                return what
            raise what if kind == "error" else self._silent()

    def _silent(self) -> CoreError:
        status = self._process.wait()
        how = f"was killed by signal {-status}" if status < 0 else f"ended with status {status}"
        return CoreError(
            f"The worker process {how} before it was done, mostly for want of memory. "
            "Try with fewer rows or columns."
        )

    def _listen(self) -> None:
        """Pass on what the child says until it falls silent."""
        assert self._process.stdout is not None
        with contextlib.suppress(EOFError, pickle.UnpicklingError, ValueError), self._process.stdout as heard:
            while True:
                self._messages.put(pickle.load(heard))
        self._messages.put(("silent", None))

    def end(self) -> None:
        """Kill it."""
        atexit.unregister(self._process.kill)
        self._process.kill()
        self._process.wait()
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.close()


class _Call(contextlib.AbstractContextManager["_Call"]):
    """One call in the child: whatever it raises is sent to the parent, which raises it."""

    def __init__(self, out: BinaryIO) -> None:
        self.out = out

    def tell(self, kind: str, what: Any) -> None:
        """Send one message, whole or not at all."""
        self.out.write(pickle.dumps((kind, what), pickle.HIGHEST_PROTOCOL))
        self.out.flush()

    def hear(self, fraction: float, note: str) -> None:
        """Pass on a report."""
        self.tell("at", (fraction, note))

    def show(self, partial: Any) -> None:
        """Pass on what there is so far."""
        self.tell("show", partial)

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> bool:
        if error is not None:
            self.tell("error", error)
        return True


def leave_with_parent() -> None:
    """End this process when its parent has ended, in whatever way and whoever else holds the pipe to it."""
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(LOOK_SECONDS)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def serve() -> None:
    """The child: do the calls that come on standard input until it ends, or until nobody listens, or until
    the parent has ended. Anything printed goes to standard error.
    """
    leave_with_parent()
    with contextlib.suppress(EOFError, BrokenPipeError), os.fdopen(os.dup(1), "wb") as out:
        os.dup2(2, 1)
        while True:
            function, args = pickle.load(sys.stdin.buffer)
            with _Call(out) as call:
                call.tell("done", function(*args, Progress(call.hear, viewer=call.show)))
