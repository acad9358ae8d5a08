"""What a 200 MB upload costs the server, seen through the browser; and how fast files become data sets."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import psutil

from benchmarks.startup import ROOT, server
from benchmarks.table import Row

MB = 1_000_000


def mixed(rows: int, seed: int = 0) -> pd.DataFrame:
    """Numbers, words, a date and an id: ten columns."""
    draw = np.random.default_rng(seed)
    numbers = {f"x{i}": draw.normal(size=rows).round(6) for i in range(5)}
    words = {
        "city": draw.choice(["Oslo", "Rome", "Lima", "Pune"], rows),
        "note": draw.choice(["fine", "late; call back", 'said "no"'], rows),
    }
    when = pd.Timestamp("2024-01-01") + pd.to_timedelta(draw.integers(0, 10**7, rows), unit="s")
    return pd.DataFrame(
        {"id": np.arange(rows), **numbers, "count": draw.poisson(4, rows), **words, "when": when}
    )


def write_csv(path: Path, size: int) -> int:
    """A CSV of about ``size`` bytes; its exact size."""
    piece = mixed(100_000)
    piece.to_csv(path, index=False)
    once = path.stat().st_size
    for _ in range(max(0, round(size / once) - 1)):
        piece.to_csv(path, index=False, header=False, mode="a")
    return path.stat().st_size


def peak_while(pid: int, work: Callable[[], None]) -> tuple[int, int, int]:
    """Resident bytes of a process before, at most during, and after ``work`` (its children, which do the
    reading, not counted).
    """
    process, over, seen = psutil.Process(pid), threading.Event(), [0]

    def watch() -> None:
        while not over.is_set():
            seen[0] = max(seen[0], process.memory_info().rss)
            time.sleep(0.02)

    before = process.memory_info().rss
    thread = threading.Thread(target=watch)
    thread.start()
    try:
        work()
    finally:
        over.set()
        thread.join()
    time.sleep(3)
    return before, seen[0], process.memory_info().rss


def upload(folder: Path, size: int) -> list[Row]:
    """Upload through the page and open the data set; the server's memory against the size of the file."""
    from playwright.sync_api import sync_playwright

    from tests.browser import installed

    path = folder / "large.csv"
    exact, chromium = write_csv(path, size), installed()
    with server(folder / "home") as (address, process, _), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page()
        page.set_default_timeout(240_000)
        page.goto(f"{address}/load")
        chooser = page.locator("input[type=file]").first
        chooser.wait_for(state="attached")

        def send() -> None:
            chooser.set_input_files(str(path))
            page.get_by_role("button", name="Go").wait_for()

        def open_it() -> None:
            page.get_by_role("button", name="Go").click()
            page.wait_for_url("**/profile**")

        before, sending, kept = peak_while(process.pid, send)
        _, opening, _ = peak_while(process.pid, open_it)
        browser.close()
    grown, left = (max(sending, opening) - before) / exact, (kept - before) / exact
    label = f"{exact / MB:.0f} MB upload: "
    return [
        Row(
            label + ("peak server memory until it is open, times its size"),
            max(sending, opening) / MB,
            exact / MB,
            grown,
            "<= 4",
            grown <= 4,
        ),
        Row(
            label + ("server memory kept once it is on disk, times its size"),
            kept / MB,
            exact / MB,
            left,
            "<= 0.5",
            left <= 0.5,
        ),
    ]


def read(folder: Path, size: int) -> Row:
    """Seconds to a data set against ``pandas.read_csv`` and ``to_parquet`` of the same file, each in a fresh
    process.
    """
    path = folder / "read.csv"
    exact = write_csv(path, size)
    ours = f"from core.workspace import load; load({str(path)!r})"
    peer = f"import pandas; pandas.read_csv({str(path)!r}).to_parquet({str(folder / 'peer.parquet')!r})"
    a, b = _seconds(ours, folder), _seconds(peer, folder)
    return Row(
        f"{exact / MB:.0f} MB CSV to a data set, s (peer: pandas to Parquet)", a, b, a / b, "no limit", True
    )


def _seconds(code: str, folder: Path) -> float:
    begun = time.perf_counter()
    subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        check=True,
        env={**os.environ, "WINNOW_HOME": str(folder / "home2")},
    )
    return time.perf_counter() - begun


def measure(folder: Path | None, quick: bool) -> list[Row]:
    size = (20 if quick else 200) * MB
    with tempfile.TemporaryDirectory() as place:
        return [*upload(Path(place), size), read(Path(place), size)]
