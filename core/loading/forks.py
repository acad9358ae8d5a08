"""Readers by fork: one clean interpreter per process has the reader's code in memory and forks for each task.

Importing that code takes half a second; a fork takes some milliseconds. The interpreter never reads anything
from outside itself, has no environment but what a reader may know, and ends with its parent, or when idle.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import weakref
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any, TextIO

IDLE_SECONDS = 900.0
_ROOT = Path(__file__).resolve().parent.parent.parent


class Forked:
    """A process that reads one source, seen from its parent: what `subprocess.Popen` has of it."""

    def __init__(self, stdin: TextIO, stdout: TextIO, told: TextIO) -> None:
        self.stdin, self.stdout, self._told = stdin, stdout, told
        self.returncode: int | None = None
        self.pid = self._hear("pid")

    def poll(self) -> int | None:
        """How it ended; None while it runs."""
        return self._ended(0.0)

    def wait(self, timeout: float | None = None) -> int:
        """Wait until it has ended; raises `subprocess.TimeoutExpired`."""
        status = self._ended(timeout)
        if status is None:
            raise subprocess.TimeoutExpired("reader", timeout or 0.0)
        return status

    def close(self) -> None:
        """Let go of both ends."""
        self.stdin.close()
        self.stdout.close()

    def _ended(self, seconds: float | None) -> int | None:
        if self.returncode is None and select.select([self._told], [], [], seconds)[0]:
            self._hear("end")
        return self.returncode

    def _hear(self, wanted: str) -> int:
        """The number of the next line, which is its process id or how it ended."""
        kind, _, number = self._told.readline().partition(" ")
        if kind == "pid" == wanted:
            return int(number)
        self.returncode = int(number or -signal.SIGKILL)  # without a word: it and what forked it are gone
        self._told.close()
        return 0


class Forks:
    """The interpreter that forks, seen from its parent; started at the first call. Safe to share between
    threads.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._line: socket.socket | None = None
        self._owner = 0

    def start(self, folder: Path, environment: Mapping[str, str], complaints: IO[bytes]) -> Forked:
        """A new reader that works in ``folder``, with its complaints going to that file."""
        reader = self._fork(folder, environment, complaints)
        if not reader.pid:  # the interpreter went, idle, at that very moment
            reader.close()
            reader = self._fork(folder, environment, complaints)
        return reader

    def _fork(self, folder: Path, environment: Mapping[str, str], complaints: IO[bytes]) -> Forked:
        call = json.dumps({"folder": str(folder), "environment": dict(environment)}).encode()
        task, stdin = os.pipe()
        stdout, answer = os.pipe()
        told, status = os.pipe()
        ours = (
            os.fdopen(stdin, "w", encoding="utf-8"),
            os.fdopen(stdout, encoding="utf-8"),
            os.fdopen(told, encoding="ascii"),
        )
        try:
            self._send(call, [task, answer, complaints.fileno(), status], environment)
        finally:
            for end in (task, answer, status):
                os.close(end)
        return Forked(*ours)

    def _send(self, call: bytes, ends: list[int], environment: Mapping[str, str]) -> None:
        with self._lock:
            if self._line is not None and self._owner == os.getpid():
                with contextlib.suppress(OSError):  # it went when idle
                    socket.send_fds(self._line, [call], ends)
                    return
            self._line, self._owner = _interpreter(environment), os.getpid()
            weakref.finalize(self, self._line.close)
            socket.send_fds(self._line, [call], ends)


def _interpreter(environment: Mapping[str, str]) -> socket.socket:
    """Start the interpreter; the line to it."""
    here, there = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    code = f"from core.loading.forks import serve; serve({there.fileno()})"
    with there:
        process = subprocess.Popen(
            [sys.executable, "-P", "-c", code],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            cwd="/",
            env={**environment, "PYTHONPATH": str(_ROOT)},
            pass_fds=[there.fileno()],
            start_new_session=True,
        )
    threading.Thread(target=process.wait, name="winnow-forks", daemon=True).start()
    return here


def serve(line: int) -> None:
    """The interpreter: fork for each call that comes on the line, and tell how each fork ended."""
    from core.loading import child

    child.prepare()
    calls = socket.socket(fileno=line)
    running: dict[int, int] = {}
    forked = 0
    woken, wakes = os.pipe()
    os.set_blocking(wakes, False)
    signal.set_wakeup_fd(wakes)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    watched: list[Any] = [calls, woken]
    while ready := select.select(watched, [], [], None if running else IDLE_SECONDS)[0]:
        if woken in ready:
            os.read(woken, 1_024)
            _report(running)
        if calls in ready:
            call, given, _, _ = socket.recv_fds(calls, 65_536, 4)
            if not call:
                return
            pid = os.fork()
            if pid == 0:
                signal.set_wakeup_fd(-1)
                for end in (line, woken, wakes, *running.values()):
                    os.close(end)
                _become(json.loads(call), given)
                os._exit(child.main())
            for end in given[:3]:
                os.close(end)
            running[pid] = given[3]
            forked += 1
            if forked == 2:  # there will be more; a command that reads one file does not wait for it
                child.rehearse()


def _report(running: dict[int, int]) -> None:
    """Tell how each fork ended that is over."""
    for pid, told in list(running.items()):
        gone, status = os.waitpid(pid, os.WNOHANG)
        if gone:
            with contextlib.suppress(BrokenPipeError):  # the parent has stopped to listen
                os.write(told, f"end {os.waitstatus_to_exitcode(status)}\n".encode())
            os.close(told)
            del running[pid]


def _become(call: dict[str, Any], given: list[int]) -> None:
    """Make this fork what a process is that was started for one task alone."""
    os.setsid()
    for place, end in enumerate(given[:3]):
        os.dup2(end, place)
        os.close(end)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.chdir(call["folder"])
    os.environ.clear()
    os.environ.update(call["environment"])
    os.write(given[3], f"pid {os.getpid()}\n".encode())
