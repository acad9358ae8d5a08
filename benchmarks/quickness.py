"""How long a person waits where it was felt most: five inputs and a page, each against the seconds it may
take on two quiet cores.
"""

from __future__ import annotations

import asyncio
import itertools
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.crowd import PATIENCE, prepare
from benchmarks.startup import server
from benchmarks.steps import _written
from benchmarks.table import Row
from benchmarks.visitor import Visitor
from core.dataset import Dataset
from core.run import run
from core.workspace import load

FLIGHTS = Path("sample_data/flights")
LOOK = 10.0  # seconds for which the profile is looked at before the overlap page is opened


def measure(folder: Path | None, quick: bool) -> list[Row]:
    """The rows of the table; the second number is the limit. Each is taken once, nothing remembered."""
    share = 10 if quick else 1
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        wide = load(_wide(place, 5_000 // share)).with_roles(target="y")
        report = ("audit", _few(place, 6_000 // share), "--target", "late", "--html", place / "report.html")
        both = (FLIGHTS / "train.csv", "--serve", FLIGHTS / "serve.csv", "--time", "time_hour")
        large, flat = load(_written(place, 2_000_000 // share)), load(_plain(place, 15_000 // share))
        return [
            _row(f"missingness of {_size(wide)}, s", lambda: run("missingness", wide), 15.0),
            _row(f"report of {6_000 // share:,} flights, s", lambda: _told(*report), 15.0),
            _row(
                "audit of flights, train and serve, s",
                lambda: _told("audit", *both, "--target", "late"),
                30.0,
            ),
            _row(f"outliers of {_size(large)}, s", lambda: run("outliers", large), 30.0),
            _row(f"t-SNE of {_size(flat)}, s", lambda: run("projection", flat, {"method": "tsne"}), 20.0),
            _against(
                "overlap page of the smallest pair, s" if quick else "overlap page of flights, s",
                _page(place / "home", "weather" if quick else "flights"),
                15.0,
            ),
        ]


def _page(home: Path, sample: str) -> float:
    """Seconds until the overlap page of a sample has settled, on a server that has just begun, for a visitor
    who looked at its profile before.
    """
    [name] = prepare(home, [sample])

    async def visited(address: str) -> float:
        async with Visitor(address) as visitor:
            await visitor.visit(name, "profile", PATIENCE)
            await asyncio.sleep(LOOK)
            seen = await visitor.visit(name, "overlap", PATIENCE)
            return PATIENCE if seen.seconds is None or seen.error else seen.seconds

    with server(home) as (address, _, _):
        return asyncio.run(visited(address))


def _row(name: str, work: Callable[[], object], limit: float) -> Row:
    begun = time.perf_counter()
    work()
    return _against(name, time.perf_counter() - begun, limit)


def _against(name: str, seconds: float, limit: float) -> Row:
    return Row(name, seconds, limit, limit / seconds, f"ours <= {limit:g}", seconds <= limit)


def _told(*words: str | Path) -> None:
    """The command, as a person gives it, in a process of its own."""
    command = [sys.executable, "-m", "core", *map(str, words), "--json"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def _size(data: Dataset) -> str:
    return f"{data.rows:,} x {len(data.columns)}"


def _few(folder: Path, rows: int) -> Path:
    """The first flights as they stand in the file."""
    path = folder / "flights.csv"
    with (FLIGHTS / "train.csv").open(encoding="utf-8") as lines:
        path.write_text("".join(itertools.islice(lines, rows + 1)), encoding="utf-8")
    return path


def _wide(folder: Path, rows: int) -> Path:
    """300 numbers, every second with a tenth missing at random, and a class that goes with none."""
    rng = np.random.default_rng(3)
    frame = pd.DataFrame({f"c{at}": rng.normal(size=rows) for at in range(300)})
    for at in range(0, 300, 2):
        frame.loc[rng.random(rows) < 0.1, f"c{at}"] = None
    path = folder / "wide.parquet"
    frame.assign(y=rng.choice(["a", "b", "c"], rows)).to_parquet(path)
    return path


def _plain(folder: Path, rows: int) -> Path:
    rng = np.random.default_rng(4)
    path = folder / "plain.parquet"
    pd.DataFrame({f"x{at}": rng.normal(size=rows) for at in range(20)}).to_parquet(path)
    return path
