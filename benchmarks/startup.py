"""How soon the engine and the server are there."""

from __future__ import annotations

import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.table import Row

ROOT = Path(__file__).parents[1]


@contextmanager
def server(home: Path) -> Iterator[tuple[str, subprocess.Popen[bytes], float]]:
    """The app on a free port: its address, its process, and the seconds until it was healthy."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        sys.executable,
        "-m",
        "streamlit",
        "run",
        "app.py",
        "--server.port",
        str(port),
        "--server.headless",
        "true",
    ]
    begun = time.perf_counter()
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env={**os.environ, "WINNOW_HOME": str(home), "WINNOW_OPEN": ""},
        stdout=subprocess.DEVNULL,
    )
    try:
        while not _healthy(port):
            time.sleep(0.02)
        yield f"http://127.0.0.1:{port}", process, time.perf_counter() - begun
    finally:
        process.terminate()
        process.wait(20)


def _healthy(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=1) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return False


def _import_seconds(code: str) -> float:
    begun = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)
    return time.perf_counter() - begun


def measure(folder: Path | None, quick: bool) -> list[Row]:
    pairs = [
        (_import_seconds("import pandas, core, core.run, core.catalog"), _import_seconds("import pandas"))
        for _ in range(3 if quick else 7)
    ]
    ours, peer = (statistics.median(values) for values in zip(*pairs[1:], strict=True))
    extra = ours - peer
    healthy = []
    for _ in range(2 if quick else 4):
        with tempfile.TemporaryDirectory() as home, server(Path(home)) as (_, _, seconds):
            healthy.append(seconds)
    second = statistics.median(healthy[1:])
    return [
        Row("import core beyond pandas, s", ours, peer, extra, "extra < 0.7", extra < 0.7),
        Row("server healthy, s", second, 3.0, second / 3.0, "< 3 s", second < 3.0),
    ]
