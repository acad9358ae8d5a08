"""Runs the child that reads what comes from outside, and watches over it."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from core import errors
from core.errors import CoreError, LoadError
from core.limits import READ_MEMORY_MB, READ_SECONDS, read_seconds
from core.loading.file_parts import bytes_of
from core.loading.forks import Forked, Forks
from core.processor import DISABLED, ENABLED
from core.progress import Progress

if TYPE_CHECKING:
    from typing import TypeAlias

    Process: TypeAlias = subprocess.Popen[str] | Forked

FORKS = Forks()
_KEPT = (
    *("PATH", "LANG", "SYSTEMROOT"),
    *("ARROW_DEFAULT_MEMORY_POOL", "OMP_WAIT_POLICY", "OPENBLAS_NUM_THREADS"),
)  # of the environment
PULSE = 0.1  # seconds between two looks at the child
_ROOT = Path(__file__).resolve().parent.parent.parent


def run_child(task: dict[str, Any], folder: Path, progress: Progress) -> dict[str, Any]:
    """Have a child process do the task in its own ``folder``; its answer. Key ``more_seconds``: how long it
    may take beyond what its sources may.

    Raises `LoadError` when the source cannot be read, or the child dies or goes over a limit; `Cancelled`
    when asked to stop.
    """
    names = ", ".join(source["name"] for source in task["sources"])
    paths = [source["path"] for source in task["sources"] if "path" in source]  # pictures of a set have none
    size = sum(bytes_of(Path(path)) for path in paths)
    task = {**task, "seconds": read_seconds(size) + task.get("more_seconds", 0)}
    with (folder / "stderr.txt").open("wb") as complaints:
        process = _start(folder, complaints)
        try:
            answer = _watch(process, task, names, progress)
        finally:
            _end(process)
    if answer is None:
        raise _death(process.wait(), names, folder)
    if "result" in answer:
        return dict(answer["result"])
    raise _error(answer, names)


def _start(folder: Path, complaints: IO[bytes]) -> Process:
    """The child, before it has its task. macOS does not let a process fork that has loaded its libraries."""
    if sys.platform != "darwin":
        return FORKS.start(folder, _environment(folder), complaints)
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "core.loading.child"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=complaints,
        cwd=folder,
        env=_environment(folder),
        start_new_session=True,
        text=True,
        encoding="utf-8",
    )


def _environment(folder: Path) -> dict[str, str]:
    """Only what the child needs: no proxies, no credentials, its own place for temporary files. Which
    instructions and how many threads its libraries take is as here.
    """
    kept = {
        key: value
        for key, value in os.environ.items()
        if key.startswith(("WINNOW_", "LC_")) or key in (*_KEPT, DISABLED, ENABLED)
    }
    return kept | {"TMPDIR": str(folder), "HOME": str(folder), "PYTHONPATH": str(_ROOT), "PYTHONUTF8": "1"}


def _watch(process: Process, task: dict[str, Any], names: str, progress: Progress) -> dict[str, Any] | None:
    """Hand over the task and listen until the answer comes; None when the child ended without one."""
    assert process.stdin is not None and process.stdout is not None
    heard: queue.SimpleQueue[str | None] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(process.stdout, heard), daemon=True).start()
    try:
        process.stdin.write(json.dumps(task) + "\n")
        process.stdin.flush()
    except BrokenPipeError:
        return None
    started = time.monotonic()
    while True:
        progress.check()
        _within_limits(process, started, task["seconds"], names)
        try:
            line = heard.get(timeout=PULSE)
        except queue.Empty:
            continue
        if line is None:
            process.wait()
            return None
        message: dict[str, Any] = json.loads(line)
        if "progress" not in message:
            return message
        progress.at(*message["progress"])


def _listen(stream: IO[str], heard: queue.SimpleQueue[str | None]) -> None:
    """Hear the child to its end. Closed here alone: nobody may close what another thread still reads."""
    with stream:
        for line in stream:
            heard.put(line)
    heard.put(None)


def _within_limits(process: Process, started: float, seconds: int, names: str) -> None:
    """Raise `LoadError` when the child has used up its time or memory."""
    import psutil

    if time.monotonic() - started > seconds:
        raise LoadError(
            f"Reading {names} took longer than {seconds:,} seconds and was stopped. "
            f"Use a smaller file, or raise {READ_SECONDS.env}."
        )
    try:
        used = psutil.Process(process.pid).memory_info().rss
    except psutil.NoSuchProcess:
        return
    if used > READ_MEMORY_MB.value * 1_000_000:
        raise _memory(names)


def _memory(names: str) -> LoadError:
    return LoadError(
        f"Reading {names} needs more than {READ_MEMORY_MB.value:,} MB of memory and was stopped. "
        f"Use a smaller file, or raise {READ_MEMORY_MB.env}."
    )


def _end(process: Process) -> None:
    """Kill the child and all it started, if it still runs, and wait for it."""
    if process.poll() is None:
        try:
            process.wait(timeout=PULSE)
        except subprocess.TimeoutExpired:
            with contextlib.suppress(ProcessLookupError):  # it has ended by itself meanwhile
                os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    if process.stdin is not None:
        process.stdin.close()


def _error(answer: dict[str, Any], names: str) -> Exception:
    """The error that the child told of."""
    if answer["error"] == "MemoryError":
        return _memory(names)
    kind = getattr(errors, answer["error"], None)
    if isinstance(kind, type) and issubclass(kind, CoreError):
        return kind(answer["message"])
    return RuntimeError(f"The reader failed:\n{answer['message']}")


def _death(status: int, names: str, folder: Path) -> Exception:
    """The error for a child that ended without an answer."""
    if status in (-signal.SIGKILL, -signal.SIGABRT):
        return _memory(names)
    if status == -signal.SIGXCPU:
        return LoadError(
            f"Reading {names} used too much processor time and was stopped. "
            f"Use a smaller file, or raise {READ_SECONDS.env}."
        )
    if status == -signal.SIGXFSZ:
        return LoadError(
            f"Reading {names} would take more disk space than allowed. "
            "Use a smaller file, or raise WINNOW_WORKSPACE_MB."
        )
    if status < 0:
        return LoadError(
            f"The process that read {names} crashed ({signal.Signals(-status).name}). The file is "
            "probably damaged; write it again."
        )
    last = (folder / "stderr.txt").read_text("utf-8", "replace")[-2000:]
    if "MemoryError" in last or "Cannot allocate memory" in last or "bad_alloc" in last:
        return _memory(names)
    return RuntimeError(f"The reader ended with status {status}:\n{last}")
