"""``make bench`` (or ``python -m benchmarks [DATA]``): every measured claim, as ratios in one run.

DATA is a folder of real data sets (``tables/*.parquet``, ``adbench/*.npz``); without it those rows are left
out. ``--quick`` uses a tenth of the rows, to see that everything runs.
"""

from __future__ import annotations

import argparse
import importlib
import os
import platform
import sys
from pathlib import Path

from benchmarks.table import show

ALL = (
    "startup",
    "profile",
    "decided",
    "clusters",
    "steps",
    "agreement",
    "peers",
    "loading",
    "encodings",
    "app",
    "outliers",
    "association",
    "leakage",
    "alerts",
    "codes",
    "shift",
    "overlap",
    "oracles",
    "projection",
)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("data", nargs="?", type=Path, help="folder of real data sets")
    parser.add_argument("--quick", action="store_true", help="a tenth of the rows")
    parser.add_argument("--only", choices=ALL, action="append", help="one benchmark; may be repeated")
    given = parser.parse_args()
    sys.stdout.write(f"{platform.platform()}, Python {platform.python_version()}, {os.cpu_count()} cores\n")
    rows = []
    for name in given.only or ALL:
        made = importlib.import_module(f"benchmarks.{name}").measure(given.data, given.quick)
        show(made)
        rows += made
    return 0 if all(row.ok for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
