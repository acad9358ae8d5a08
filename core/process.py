"""A function in a process of its own: for work that may abort the interpreter, or that must be stopped at once.

Not ``multiprocessing``: its spawn runs the parent's main script again, which under a web server is the page being drawn.
The child is ``python -c "import core.process; …"`` with the call on its standard input; what comes back is pickled by our own
code, never taken from data.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import queue
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

from core.errors import CoreError
from core.progress import SILENT, Progress

R = TypeVar("R")
CHECK_SECONDS = 0.1
_ROOT = Path(__file__).resolve().parent.parent


def run_process(function: Callable[..., R], *args: Any, progress: Progress = SILENT) -> R:
    """``function(*args, progress)`` in a child process; its reports reach ``progress``, and stopping kills the child.

    function: importable by name. args and result: picklable. An exception of the function is raised here as it is;
    `CoreError` when the child died before it was done (out of memory, or an abort in native code).
    """
    command = [sys.executable, "-c", "import core.process; core.process.serve()"]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(_ROOT), *filter(None, sys.path)])}
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment) as child:
        assert child.stdin is not None and child.stdout is not None
        messages: queue.SimpleQueue[Any] = queue.SimpleQueue()
        threading.Thread(target=_listen, args=(child.stdout, messages), daemon=True).start()
        try:
            with contextlib.suppress(BrokenPipeError):  # a child that died at birth is told below
                pickle.dump((function, args), child.stdin)
                child.stdin.close()
            return _follow(child, messages, progress)  # type: ignore[no-any-return]
        finally:
            child.kill()


def _follow(child: subprocess.Popen[bytes], messages: queue.SimpleQueue[Any], progress: Progress) -> Any:
    while True:
        progress.check()
        try:
            said, what = messages.get(timeout=CHECK_SECONDS)
        except queue.Empty:
            continue
        if said == "at":
            progress.at(*what)
        elif said == "done":
            return what
        elif said == "error":
            raise what
        else:
            status = child.wait()
            how = f"was killed by signal {-status}" if status < 0 else f"ended with status {status}"
            raise CoreError(f"The worker process {how} before it was done, mostly for want of memory. Try with fewer rows or columns.")


def _listen(stream: BinaryIO, messages: queue.SimpleQueue[Any]) -> None:
    """Pass on what the child says until it falls silent."""
    with contextlib.suppress(EOFError, pickle.UnpicklingError, ValueError):
        while True:
            messages.put(pickle.load(stream))
    messages.put(("silent", None))


class _Call(contextlib.AbstractContextManager["_Call"]):
    """The call in the child: whatever it raises is sent to the parent, which raises it."""

    def __init__(self, out: BinaryIO) -> None:
        self.out = out

    def tell(self, said: str, what: Any) -> None:
        """Send one message."""
        self.out.write(pickle.dumps((said, what)))
        self.out.flush()

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> bool:
        if error is not None:
            self.tell("error", error)
        return True


def serve() -> None:
    """The child: do the one call that comes on standard input. Anything printed goes to standard error."""
    with os.fdopen(os.dup(1), "wb") as out:
        os.dup2(2, 1)
        with _Call(out) as call:
            function, args = pickle.load(sys.stdin.buffer)
            call.tell("done", function(*args, Progress(lambda fraction, note: call.tell("at", (fraction, note)))))
