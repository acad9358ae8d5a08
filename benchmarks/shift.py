"""The column table of shift beside Evidently's DataDriftPreset on the same two parts, and how often each
calls a change where none is.

Evidently pins an older plotly and breaks with pandas 3, so it runs in the peers' environment (see
``benchmarks/peers.py``), in the script ``benchmarks/drift.py``. Each side is imported and warmed up on a few
rows before its CPU time is taken.
"""

from __future__ import annotations

import json
import subprocess
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.peers import PYTHON
from benchmarks.profile import ROOT
from benchmarks.table import Row

NUMBERS, LEVELS = 25, (3, 10, 50, 200, 2000)
NULLS, PEER_NULLS = 20, 2  # up to 1,000 rows the peer takes about 50 CPU seconds a pair


def part(rows: int, seed: int) -> pd.DataFrame:
    """25 numbers (normal, lognormal, whole) and 25 categories of 3 to 2,000 levels; the same distribution for
    every seed.
    """
    draw = np.random.default_rng(seed)
    made = (
        lambda: draw.normal(size=rows),
        lambda: draw.lognormal(0, 1, rows),
        lambda: draw.integers(0, 1000, rows).astype(float),
    )
    numbers = {f"n{i}": made[i % 3]() for i in range(NUMBERS)}
    words = {
        f"c{i}": np.char.add("level ", draw.integers(0, LEVELS[i % 5], rows).astype(str))
        for i in range(NUMBERS)
    }
    return pd.DataFrame(numbers | words)


def measure(folder: Path | None, quick: bool) -> list[Row]:
    """CPU seconds on 100,000 + 100,000 rows x 50, and false alarms per 1,000 columns of 1,000 + 1,000 rows
    without any change.
    """
    rows = 10_000 if quick else 100_000
    with tempfile.TemporaryDirectory() as place:
        pairs = [_written(Path(place), rows, 0)] + [
            _written(Path(place), 1000, 2 * i) for i in range(1, 3 if quick else NULLS + 1)
        ]
        ours, peer = [_ours(*pair) for pair in pairs], _peer(pairs[: 2 if quick else PEER_NULLS + 1])
    names = (
        f"shift {rows:,} x 50 against evidently, CPU s",
        "shift, columns of 1,000 said to have moved where none has, of 1,000 + 1,000 rows",
    )
    mine, other = ours[0][0], peer[0][0]
    calls = [
        1000 * sum(moved for _, moved in side[1:]) / (2 * NUMBERS * len(side[1:])) for side in (ours, peer)
    ]
    return [
        Row(names[0], mine, other, other / mine, "<= 5, ratio >= 10", mine <= 5 and other >= 10 * mine),
        Row(
            names[1],
            calls[0],
            calls[1],
            calls[1] / calls[0] if calls[0] else float("inf"),
            "<= 5",
            calls[0] <= 5,
        ),
    ]


def _written(place: Path, rows: int, seed: int) -> tuple[Path, Path]:
    paths = place / f"{rows}-{seed}-train.parquet", place / f"{rows}-{seed}-serve.parquet"
    for i, path in enumerate(paths):
        part(rows, 1000 + seed + i).to_parquet(path, index=False)
    return paths


def _ours(train: Path, serve: Path) -> tuple[float, int]:
    """CPU seconds, and columns whose status is moderate or severe."""
    from core.analyses.shift.analysis import ShiftSettings, shift
    from core.progress import SILENT
    from core.workspace import load

    dataset = load(train, serve=serve)
    shift(load(part(200, 0), serve=part(200, 1)), ShiftSettings(), SILENT)
    begun = time.process_time()
    result = shift(dataset, ShiftSettings(), SILENT)
    return time.process_time() - begun, sum(line.status in ("moderate", "severe") for line in result.lines)


def _peer(pairs: list[tuple[Path, Path]]) -> list[tuple[float, int]]:
    """The same of Evidently's defaults; nan where the peers are not installed, so that the comparison
    fails.
    """
    if not PYTHON.exists():
        return [(float("nan"), 0) for _ in pairs]
    command = [PYTHON, ROOT / "benchmarks" / "drift.py", *(path for pair in pairs for path in pair)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"The peer failed:\n{done.stderr[-2000:]}")
    return [(seconds, moved) for seconds, moved in json.loads(done.stdout.splitlines()[-1])]
