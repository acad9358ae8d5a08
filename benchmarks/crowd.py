"""Many people at once: how long a page takes that was looked at before, and what is left in memory when all
have gone.

One server holds the samples; every page of every sample is opened once before. Then so many visitors walk
over the pages, each from another place, and look at each page for two seconds, for a fixed time. They run
beside the server on the same machine, in a process of their own.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import psutil

from benchmarks.startup import ROOT, server
from benchmarks.table import Row
from benchmarks.visitor import Visit, Visitor

PAGES = (
    "profile",
    "balance",
    "overlap",
    "augment",
    "prepare",
    "issues",
    "labels",
    "coreset",
    "review",
    "export",
)
LIMITS = {20: (0.7, 6.0), 50: (5.0, 12.0)}  # visitors -> seconds that half of the visits, and 95 %, may take
WALK, QUICK_WALK = 30.0, 10.0  # seconds in which visits begin
LOOK = 2.0  # seconds for which a visitor looks at a page
PATIENCE = 60.0  # seconds after which a visit counts as one that never settles
WARMING = 300.0  # seconds in which samples are opened before; those that are not by then are left out
REST = 120.0  # seconds that are waited at most for what goes on beside the pages then
KEPT_MB = 100.0  # that may be left when all have gone
EXPIRY = 170.0  # seconds until Streamlit has let go of a tab that went away, and the server has tidied up
MB = 1_000_000


class Walk(NamedTuple):
    """What visitors saw, and what memory the server held at most meanwhile, bytes."""

    visits: list[Visit]
    peak: int


def measure(folder: Path | None, quick: bool) -> list[Row]:
    with tempfile.TemporaryDirectory() as place:
        home = Path(place)
        names = prepare(home, ("planes", "weather") if quick else None)
        with server(home) as (address, process, _):
            warm = _warm(address, names)
            _at_rest(process.pid)
            rows = []
            memory = psutil.Process(process.pid).memory_info
            before = memory().rss
            for visitors in LIMITS:
                walk = walked(address, process.pid, warm, visitors, QUICK_WALK if quick else WALK)
                rows += _rows(visitors, walk)
            left = _settled_memory(process.pid, before, 20.0 if quick else EXPIRY)
            more = (left - before) / MB
            rows.append(
                Row("MB left when all have gone", left / MB, before / MB, more, "100 MB more", more < KEPT_MB)
            )
            return rows


def prepare(home: Path, only: Sequence[str] | None = None) -> list[str]:
    """Read the samples into a workspace; the names of their folders there."""
    os.environ["WINNOW_HOME"] = str(home)
    from components.open_data import all_samples
    from core import workspace

    names = []
    for sample in all_samples():
        if only is None or sample.folder.name in only:
            serve = sample.folder / sample.files["serve"] if "serve" in sample.files else None
            train = sample.folder / sample.files["train"]
            dataset = workspace.load(train, name=sample.title, serve=serve, **sample.roles)
            names.append(dataset.path.parent.name)
    return names


def _warm(address: str, names: Sequence[str]) -> list[str]:
    """The data sets all of whose pages could be opened in time, once each."""
    return asyncio.run(_warming(address, names))


def _at_rest(pid: int) -> None:
    """Wait until the server has done what was begun, also for those who left."""
    server, until, still = psutil.Process(pid), time.monotonic() + REST, 0
    while still < 3 and time.monotonic() < until:
        still = still + 1 if server.cpu_percent(1.0) < 5.0 else 0


async def _warming(address: str, names: Sequence[str]) -> list[str]:
    until, ready = time.monotonic() + WARMING, []
    for name in names:
        async with Visitor(address) as visitor:
            for page in PAGES:
                seen = await visitor.visit(name, page, max(until - time.monotonic(), 0.0))
                if seen.seconds is None:
                    return ready
        ready.append(name)
    return ready


def walked(address: str, pid: int, names: Sequence[str], visitors: int, seconds: float) -> Walk:
    """Let visitors walk, in a process of their own."""
    command = [sys.executable, "-m", "benchmarks.crowd", address, str(visitors), str(seconds), *names]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as walking:
        peak = 0
        assert walking.stdout is not None
        while walking.poll() is None:
            peak = max(peak, psutil.Process(pid).memory_info().rss)
            time.sleep(0.5)
        return Walk([Visit(*fields) for fields in json.loads(walking.stdout.read())], peak)


async def _walk(address: str, visitors: int, seconds: float, names: Sequence[str]) -> list[Visit]:
    until = time.monotonic() + seconds
    places = [(name, page) for name in names for page in PAGES]

    async def one(number: int) -> list[Visit]:
        first, visits = number * len(places) // visitors, []
        async with Visitor(address) as visitor:
            while time.monotonic() < until:
                name, page = places[(first + len(visits)) % len(places)]
                visits.append(await visitor.visit(name, page, PATIENCE))
                await asyncio.sleep(LOOK)
        return visits

    return [visit for walk in await asyncio.gather(*map(one, range(visitors))) for visit in walk]


def _rows(visitors: int, walk: Walk) -> list[Row]:
    taken = [PATIENCE if visit.seconds is None else visit.seconds for visit in walk.visits]
    lost = sum(visit.seconds is None or bool(visit.error) for visit in walk.visits)
    who = f"{visitors} at once, {len(taken)} visits"
    rows = [
        Row(f"{who}: p{share}, s", value, limit, value / limit, f"< {limit:g} s", value < limit)
        for share, limit in zip((50, 95), LIMITS[visitors], strict=True)
        for value in [float(np.percentile(taken, share))]
    ]
    rows.append(Row(f"{who}: never settled", lost, 0, 0, "none", lost == 0))
    return [*rows, Row(f"{who}: server at most, MB", walk.peak / MB, 0, 0, "reported", True)]


def _settled_memory(pid: int, before: int, patience: float) -> int:
    """What the server holds once it has let go of its visitors, bytes; asked until it is little enough."""
    until = time.monotonic() + patience
    while True:
        held = psutil.Process(pid).memory_info().rss
        if held - before < KEPT_MB * MB or time.monotonic() > until:
            return int(held)
        time.sleep(1)


if __name__ == "__main__":
    visits = asyncio.run(_walk(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), sys.argv[4:]))
    json.dump(visits, sys.stdout)
