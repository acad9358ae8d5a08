"""All row evidence of one data set (labels, outliers, near duplicates, duplicates), beside cleanlab's Datalab
on the same file.

Both run in turns, each in fresh processes that have loaded their libraries and the data and have done the
same on a few rows before the clock starts; medians of the turns. 20,000 rows, 30 columns, 10 classes, one
label in twenty wrong.

python -m benchmarks.evidence FILE.parquet TARGET   one run of our side, as JSON
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.memory import peak
from benchmarks.peers import PYTHON
from benchmarks.profile import ROOT
from benchmarks.table import Row
from core.run import run
from core.workspace import load

ANALYSES = ("labels", "outliers", "nearduplicates", "duplicates")
ROWS, COLUMNS, CLASSES, WRONG = 20_000, 30, 10, 0.05
TURNS = 3
MOST = 40.0  # seconds
MANY, MEGABYTES = 500_000, 2_000.0
TIMES = 2.0  # as fast as the peer, at least
TARGET = "y"


def made(rows: int) -> pd.DataFrame:
    """Classes that overlap somewhat, and wrong labels among them."""
    from sklearn.datasets import make_classification

    x, y = make_classification(
        rows,
        COLUMNS,
        n_informative=12,
        n_classes=CLASSES,
        n_clusters_per_class=2,
        flip_y=WRONG,
        random_state=0,
    )
    return pd.DataFrame(x, columns=[f"x{at}" for at in range(COLUMNS)]).assign(
        **{TARGET: [f"class {code}" for code in y]}
    )


def measure(folder: Path | None, quick: bool) -> list[Row]:
    """Rows of the common table. Without the peer they fail, for then nothing has been compared."""
    rows = ROWS // 10 if quick else ROWS
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "made.parquet"
        made(rows).to_parquet(path, index=False)
        sides = [sys.executable, "-m", "benchmarks.evidence"], [PYTHON, ROOT / "benchmarks" / "datalab.py"]
        turns = [[_once(side, path) for side in sides if Path(side[0]).exists()] for _ in range(TURNS)]
    lines = []
    for number, limit in (("seconds", TIMES), ("cpu", 1.0)):
        ours = float(np.median([turn[0][number] for turn in turns]))
        peer = float(np.median([turn[1][number] for turn in turns])) if len(turns[0]) > 1 else float("nan")
        word = f"row evidence {rows:,} x {COLUMNS}, {CLASSES} classes, {number} (peer: Datalab)"
        lines.append(Row(word, ours, peer, peer / ours, f"ratio >= {limit:g}", peer >= limit * ours))
    seconds = lines[0].ours
    if quick:
        return lines  # the limit is that of all rows
    lines.append(Row("row evidence, s", seconds, MOST, MOST / seconds, f"<= {MOST:g}", seconds <= MOST))
    return [*lines, *_many()]


def _many() -> list[Row]:
    """Half a million rows: what they hold in memory above the imports, and how long they take."""
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "many.parquet"
        made(MANY).to_parquet(path, index=False)
        answer = _once([sys.executable, "-m", "benchmarks.evidence"], path)
    held = answer["megabytes"]
    word = f"row evidence {MANY:,} x {COLUMNS}"
    return [
        Row(f"{word}, MB", held, MEGABYTES, MEGABYTES / held, f"<= {MEGABYTES:g}", held <= MEGABYTES),
        Row(f"{word}, s", answer["seconds"], answer["seconds"], 1.0, "told", True),
    ]


def _once(side: list[Any], path: Path) -> dict[str, float]:
    done = subprocess.run(
        [*map(str, side), str(path), TARGET], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"{side[-1]} failed:\n{done.stderr[-2000:]}")
    answer: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return answer


def main() -> None:
    """Our side."""
    with tempfile.TemporaryDirectory() as home:
        os.environ["WINNOW_HOME"] = home
        before = peak()
        for few in (True, False):
            frame = pd.read_parquet(sys.argv[1])
            data = load(frame.head(1_000) if few else sys.argv[1], target=sys.argv[2], name="made.parquet")
            begun, cpu = time.perf_counter(), sum(os.times()[:4])
            results = {name: run(name, data) for name in ANALYSES}
        answer = {"seconds": time.perf_counter() - begun, "cpu": sum(os.times()[:4]) - cpu}
        answer["megabytes"] = peak() - before
        answer["found"] = results["labels"].summary["likely"]
    sys.stdout.write(json.dumps(answer) + "\n")


if __name__ == "__main__":
    main()
