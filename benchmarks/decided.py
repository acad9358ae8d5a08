"""What a decision costs until its effect is seen: the data as decided, and their profile, against the profile
of the data as loaded.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import numpy as np

from benchmarks.profile import MIXED, write
from benchmarks.table import Row
from core.dataset import Dataset
from core.decided import as_decided
from core.decision import Decision
from core.review import Review
from core.rowset import RowSet
from core.run import MEMO, run
from core.workspace import load

RUNS = 3


def measure(folder: Path | None, quick: bool) -> list[Row]:
    """The rows of the table; the middle of three runs each."""
    rows = 100_000 if quick else 1_000_000
    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / "mixed.parquet"
        write(path, rows, MIXED)
        data = load(path)
    column = next(c.name for c in data.columns if c.stored == "double")
    fixes = [Decision("blank", RowSet(range(at, rows, 1_000)), column=column) for at in range(RUNS)]
    drops = [Decision("drop", RowSet(range(at, rows, 7))) for at in range(RUNS)]
    whole = _middle([_seconds(data) for _ in range(RUNS)])
    run("profile", data)
    made = []
    for label, decisions, limit in (
        ("a fix of one column", fixes, 2.0),
        ("one row of seven dropped", drops, 0.5),
    ):
        seconds = _middle([_seconds(data, decision) for decision in decisions])
        made.append(
            Row(
                f"profile {rows:,} x {len(data.columns)} after {label}, against as loaded, s",
                seconds,
                whole,
                whole / seconds,
                f"ratio >= {limit:g}" + (", ours <= 1" if limit > 1 else ""),
                whole / seconds >= limit and (seconds <= 1 or limit < 1),
            )
        )
    return made


def _seconds(data: Dataset, *decisions: Decision) -> float:
    """Time to the profile: of the data as loaded, with nothing known of them, or as decided."""
    if not decisions:
        MEMO.forget(data.fingerprint)
        data.shared.clear()
        data.table()  # both find the columns read
    begun = time.perf_counter()
    run("profile", as_decided(data, Review().say(*decisions)))
    return time.perf_counter() - begun


def _middle(times: list[float]) -> float:
    return float(np.median(times))
