"""The numbers of the overlap for 10,000 + 10,000 rows of 50 columns: all numbers, and half of them categories
of up to 2,000 levels.

There is no peer that gives them all. The libraries are imported, and warmed up on a few rows, before the
clock is started.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.shift import part
from benchmarks.table import Row

LIMIT = 10.0  # seconds


def measure(folder: Path | None, quick: bool) -> list[Row]:
    """Seconds by the clock, of one run each."""
    rows = 1_000 if quick else 10_000
    _seconds(part, 100)
    kinds = ("50 numbers", _numbers), ("25 numbers and 25 categories", part)
    taken = [(f"overlap {rows:,} + {rows:,}, {told}, s", _seconds(make, rows)) for told, make in kinds]
    return [Row(name, ours, LIMIT, ours / LIMIT, "ratio <= 1", ours <= LIMIT) for name, ours in taken]


def _numbers(rows: int, seed: int) -> pd.DataFrame:
    return pd.DataFrame(
        np.random.default_rng(seed).normal(size=(rows, 50)), columns=[f"n{i}" for i in range(50)]
    )


def _seconds(make: Callable[[int, int], pd.DataFrame], rows: int) -> float:
    from core.analyses.overlap.analysis import overlap
    from core.analyses.overlap.settings import OverlapSettings
    from core.loading import load
    from core.progress import SILENT

    with tempfile.TemporaryDirectory() as place:
        data = load(make(rows, 0), serve=make(rows, 1), into=Path(place))
        data.table()
        begun = time.perf_counter()
        overlap(data, OverlapSettings(), SILENT)
        return time.perf_counter() - begun
