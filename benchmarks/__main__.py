"""``make bench`` (or ``python -m benchmarks [DATA]``): every measured claim, as ratios in one run.

DATA is a folder of real data sets (``tables/*.parquet``, ``adbench/*.npz``); without it those rows are left
out. ``--quick`` uses a tenth of the rows, to see that everything runs. Each says how long it took.
"""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import os
import platform
import subprocess
import sys
import time
from pathlib import Path

from benchmarks import peers
from benchmarks.table import Row, show

ALL = (
    "startup",
    "profile",
    "decided",
    "clusters",
    "steps",
    "quickness",
    "agreement",
    "peers",
    "loading",
    "encodings",
    "app",
    "crowd",
    "outliers",
    "association",
    "leakage",
    "alerts",
    "codes",
    "shift",
    "overlap",
    "oracles",
    "projection",
    "balance",
    "coresets",
    "cleaning",
    "journey",
    "labels",
    "evidence",
    "residuals",
    "nearduplicates",
    "images",
    "gallery",
    "review",
)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("data", nargs="?", type=Path, help="folder of real data sets")
    parser.add_argument("--quick", action="store_true", help="a tenth of the rows")
    parser.add_argument("--only", choices=ALL, action="append", help="one benchmark; may be repeated")
    parser.add_argument("--bare", action="store_true", help="rows alone, without what is said before them")
    given = parser.parse_args()
    if given.data is not None and not given.data.is_dir():
        parser.error(f"{given.data} is no folder")
    if given.bare:
        rows = [row for name in given.only or ALL for row in measured(name, given.data, given.quick)]
        show(rows)
        return 0 if all(row.ok for row in rows) else 1
    say(f"{platform.platform()}, Python {platform.python_version()}, {os.cpu_count()} cores")
    for line in missing(given.data):
        say(line)
    return 0 if all([passed(name, given.data, given.quick) for name in given.only or ALL]) else 1


def missing(folder: Path | None) -> list[str]:
    """What is not there, and which rows fail or are left out for it."""
    lines = [] if folder else ["No DATA: the rows on real data sets are left out."]
    absent = [name for name in ("skrub", "targetleak") if importlib.util.find_spec(name) is None]
    absent += [] if peers.PYTHON.exists() else [f"fg-data-profiling, evidently and cleanlab ({peers.PYTHON})"]
    if absent:
        lines.append(
            f"Peers not installed, their rows fail: {', '.join(absent)}. `make bench` installs them."
        )
    return lines


def passed(name: str, folder: Path | None, quick: bool) -> bool:
    """Whether all rows of one benchmark hold. It runs in a process of its own: what it loads or leaves behind
    is in nobody's way, and those after one that fails go on.
    """
    began = time.monotonic()
    say(f"\n{name} ...")
    options = [*([str(folder)] if folder else []), *(["--quick"] if quick else []), "--only", name, "--bare"]
    status = subprocess.call([sys.executable, "-m", "benchmarks", *options])
    say(f"{name}: {time.monotonic() - began:.0f} s")
    return status == 0


def measured(name: str, folder: Path | None, quick: bool) -> list[Row]:
    """The rows of one benchmark."""
    rows: list[Row] = importlib.import_module(f"benchmarks.{name}").measure(folder, quick)
    return rows


def say(line: str) -> None:
    """Write it at once, also into a pipe: a run takes long."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
