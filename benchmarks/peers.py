"""The profile with all associations, in CPU seconds per row, beside the default report of fg-data-profiling.

That package (once ydata-profiling) needs pandas below 3, so ``make bench`` gives it an environment of its
own, ``.venv/peers``. Its report does not get through a million rows, so it is given the first 20,000 of the
same table and both are compared per row.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.profile import MIXED, ROOT, child, write
from benchmarks.table import Row

PYTHON = Path(sys.prefix) / "peers" / "bin" / "python"
PEER_ROWS = 20_000


def told(*arguments: str | Path) -> Any:
    """What ``benchmarks/beside.py`` answers; None where the peers are not installed."""
    if not PYTHON.exists():
        return None
    command = [PYTHON, ROOT / "benchmarks" / "beside.py", *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"The peer failed:\n{done.stderr[-2000:]}")
    return json.loads(done.stdout.splitlines()[-1])


def alerts_of(paths: Sequence[Path]) -> list[list[list[Any]]] | None:
    """Per file the peer's alerts ``[type, column, number of duplicates]``."""
    answer: list[list[list[Any]]] | None = told("alerts", *paths)
    return answer


def measure(folder: Path | None, quick: bool) -> list[Row]:
    """One row: microseconds of CPU time per row. Without the peer it fails, for then nothing has been
    compared.
    """
    import pyarrow.parquet as pq

    rows = 100_000 if quick else 1_000_000
    with tempfile.TemporaryDirectory() as place:
        path, few = Path(place) / "mixed.parquet", Path(place) / "few.csv"
        write(path, rows, MIXED)
        pq.read_table(path).slice(0, PEER_ROWS // 10 if quick else PEER_ROWS).to_pandas().to_csv(
            few, index=False
        )
        ours, peer = child("together", path), told("speed", few)
    mine = 1e6 * ours["cpu"] / rows
    other = 1e6 * peer["cpu"] / peer["rows"] if peer else float("nan")
    name = f"profile and associations {rows:,} x 19, CPU microseconds per row (peer: fg-data-profiling)"
    return [Row(name, mine, other, other / mine, "ratio >= 50", bool(other >= 50 * mine))]
