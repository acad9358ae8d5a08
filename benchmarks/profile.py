"""How fast `profile` is, alone and with all associations, and how much memory it takes, beside skrub's
TableReport on the same table.

Each run is a fresh process with its packages imported and, where the table fits, its data in memory; of three
in turn the median counts.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.memory import peak
from benchmarks.table import Row, show

if TYPE_CHECKING:
    from collections.abc import Callable

    import pyarrow as pa

    from core.dataset import Dataset

ROOT = Path(__file__).parents[1]
MB = 1e6
ROUNDS = 3
MIXED = 19
WIDE = 20
MEMORY_LIMIT_MB = 2_000
MANY = ((100_000, 100, 4.0), (10_000, 2_000, 600.0))  # rows, columns, CPU seconds


def measure(folder: Path | None, quick: bool) -> list[Row]:
    """The rows of the table: time and memory on a million rows, time on many columns, memory on ten million
    rows.
    """
    share = 10 if quick else 1
    with tempfile.TemporaryDirectory() as place:
        path, large = Path(place) / "mixed.parquet", Path(place) / "large.parquet"
        size = write(path, 1_000_000 // share, MIXED) / MB
        ours, both, peer = _medians(("ours", "together", "skrub"), path)
        write(large, 10_000_000 // share, WIDE)
        most = child("together", large)
        made = [_many_columns(Path(place), rows // share, columns, limit) for rows, columns, limit in MANY]
    above, cpu = ours["above"] - size, both["cpu"]
    label = "profile and associations"
    return [
        _faster("profile 1M x 19 against skrub, s", ours["seconds"], peer["seconds"]),
        Row(
            "profile 1M x 19 against skrub, CPU s",
            ours["cpu"],
            peer["cpu"],
            peer["cpu"] / ours["cpu"],
            "no limit",
            True,
        ),
        Row(
            "profile 1M x 19, peak MB above the data, against it",
            above,
            size,
            above / size,
            "ratio <= 2",
            above <= 2 * size,
        ),
        Row(
            f"{label} 1M x 19, CPU s (peer: skrub)",
            cpu,
            peer["cpu"],
            peer["cpu"] / cpu,
            "ours <= 3",
            cpu <= 3,
        ),
        _faster(f"{label} 1M x 19 against skrub, s", both["seconds"], peer["seconds"], 5),
        *made,
        Row(
            f"{label} 10M x 20, peak MB above imports ({most['seconds']:.0f} s)",
            most["above"],
            MEMORY_LIMIT_MB,
            most["above"] / MEMORY_LIMIT_MB,
            "ratio <= 1",
            most["above"] <= MEMORY_LIMIT_MB,
        ),
    ]


def _many_columns(place: Path, rows: int, columns: int, limit: float) -> Row:
    path = place / f"{columns}.parquet"
    write(path, rows, columns)
    cpu = child("together", path)["cpu"]
    return Row(
        f"profile and associations {rows:,} x {columns:,}, CPU s",
        cpu,
        limit,
        cpu / limit,
        "ratio <= 1",
        cpu <= limit,
    )


def _faster(name: str, ours: float, peer: float, times: int = 4) -> Row:
    return Row(name, ours, peer, peer / ours, f"ratio >= {times}", peer >= times * ours)


def _medians(sides: tuple[str, ...], path: Path) -> list[dict[str, float]]:
    """What each side took, the median of `ROUNDS` runs taken in turn."""
    rounds = [[child(side, path) for side in sides] for _ in range(ROUNDS)]
    return [
        {key: float(np.median([one[key] for one in runs])) for key in runs[0]}
        for runs in zip(*rounds, strict=True)
    ]


def child(side: str, path: Path) -> dict[str, float]:
    """What one side ("ours", "together" with associations, "skrub") took in a fresh process: seconds, cpu,
    peak and above in MB.
    """
    command = [sys.executable, "-m", "benchmarks.profile", side, str(path)]
    done = subprocess.run(
        command,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "MPLBACKEND": "agg"},
    )
    if done.returncode:
        raise RuntimeError(f"{side} failed:\n{done.stderr}")
    told: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return told


def write(path: Path, rows: int, columns: int) -> int:
    """Write a canonical file in batches; gives the size of its data in memory, in bytes."""
    import pyarrow.parquet as pq

    from core.dataset import Dataset
    from core.dataset.column import Column
    from core.dataset.footer import META
    from core.dataset.source import Source

    draw = np.random.default_rng(0)
    ids = draw.permutation(rows)
    step = 131_072
    size = 0
    writer: Any = None
    for first in range(0, rows, step):
        batch = _batch(draw, ids[first : first + step], columns)
        if writer is None:
            kinds = {"string": "category", "bool": "boolean", "timestamp[us]": "datetime"}
            known = tuple(
                Column(f.name, kinds.get(str(f.type), "numeric"), str(f.type)) for f in batch.schema
            )  # type: ignore[arg-type]
            meta = Dataset(
                path, path.stem, rows, known, f"{rows}x{columns}", Source(path.name, "parquet")
            ).meta()
            writer = pq.ParquetWriter(path, batch.schema.with_metadata({META: meta}), compression="zstd")
        writer.write_table(batch)
        size += batch.nbytes
    writer.close()
    return size


def _batch(draw: np.random.Generator, ids: np.ndarray, columns: int) -> pa.Table:
    """Floats, 4 whole numbers, 2 short and 1 unique text, 1 flag and 1 time, with some values missing."""
    import pyarrow as pa

    n = ids.size
    made: dict[str, Any] = {
        f"float{i}": draw.lognormal(0, 1, n) if i % 2 else draw.normal(size=n) for i in range(columns - 9)
    }
    made["float0"] = pa.array(made["float0"], mask=draw.random(n) < 0.1)
    made |= {f"whole{i}": draw.integers(0, 10 ** (2 * i + 1), n) for i in range(4)}
    made |= {
        f"level{i}": pa.array(
            np.array([f"level {k}" for k in range(5 + 95 * i)])[draw.integers(0, 5 + 95 * i, n)]
        )
        for i in range(2)
    }
    made["id"] = pa.array([f"id-{number:08d}" for number in ids])
    made["flag"] = draw.random(n) < 0.3
    made["when"] = pa.array(draw.integers(1_500_000_000, 1_700_000_000, n) * 1_000_000, pa.timestamp("us"))
    return pa.table(made)


def _open(path: Path) -> Dataset:
    from core.dataset import Dataset

    dataset = Dataset.open(path)
    if dataset.fits_memory:
        dataset.table()  # held, as the peer's frame is
    return dataset


def _ours(path: Path) -> Any:
    from core.analyses.profile.analysis import ProfileSettings, profile
    from core.progress import SILENT

    return _imported(path, lambda dataset: profile(dataset, ProfileSettings(), SILENT))


def _together(path: Path) -> Any:
    from core.analyses.association.analysis import association
    from core.analyses.association.settings import AssociationSettings
    from core.analyses.profile.analysis import ProfileSettings, profile
    from core.progress import SILENT

    return _imported(
        path,
        lambda dataset: (
            profile(dataset, ProfileSettings(), SILENT),
            association(dataset, AssociationSettings(), SILENT),
        ),
    )


def _imported(path: Path, work: Callable[[Dataset], Any]) -> Callable[[], Any]:
    """The work on a file, after it was done on ten rows, as the peer's: that imports what it needs."""
    import scipy.special  # noqa: F401  which ten rows do not need

    with tempfile.TemporaryDirectory() as place:
        small = Path(place) / "small.parquet"
        write(small, 10, MIXED)
        work(_open(small))
    dataset = _open(path)
    return lambda: work(dataset)


def _skrub(path: Path) -> Any:
    import pandas as pd
    import skrub

    frame = pd.read_parquet(path)
    skrub.TableReport(frame.head(10), verbose=0).html()  # imports what it needs
    return lambda: skrub.TableReport(frame, verbose=0).html()


def _alone(side: str, path: Path) -> dict[str, float]:
    """One side in this process: seconds, CPU seconds, and peak memory in MB, over all and above that before
    the data.
    """
    import pandas  # noqa: F401
    import psutil
    import pyarrow.compute  # noqa: F401

    before = psutil.Process().memory_info().rss
    work = {"ours": _ours, "together": _together, "skrub": _skrub}[side](path)
    begun, cpu = time.perf_counter(), time.process_time()
    work()
    seconds, spent = time.perf_counter() - begun, time.process_time() - cpu
    most = peak() * 1e6
    return {"seconds": seconds, "cpu": spent, "peak": most / MB, "above": (most - before) / MB}


if __name__ == "__main__":
    if sys.argv[1:2] in (["ours"], ["together"], ["skrub"]):
        sys.stdout.write(json.dumps(_alone(sys.argv[1], Path(sys.argv[2]))) + "\n")
    else:
        show(measure(None, "--quick" in sys.argv))
