"""How fast all pairs of columns are compared, whether chance is told from relation, and whether planted
relations are found.
"""

from __future__ import annotations

import importlib.util
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.memory import peak
from benchmarks.table import Row
from core.analyses.association.analysis import association
from core.analyses.association.result import AssociationResult
from core.analyses.association.settings import AssociationSettings
from core.analyses.profile.analysis import ProfileSettings, profile
from core.dataset import Dataset
from core.progress import SILENT
from tests.make import dataset

SIZES = (20, 100, 300, 1000, 3000)


def mixed(rows: int) -> pd.DataFrame:
    """19 columns: 10 floats, 4 integers, 2 categories, an id, a boolean and a date."""
    draw = np.random.default_rng(0)
    floats = {
        f"float {i}": draw.lognormal(0, 1, rows) if i % 2 else draw.normal(size=rows) for i in range(10)
    }
    whole = {f"integer {i}": draw.integers(0, 10 ** (i + 1), rows) for i in range(4)}
    words = {
        "few": draw.choice(list("abcdef"), rows),
        "more": draw.choice([f"level {i}" for i in range(40)], rows),
    }
    rest = {"id": [f"u{i}" for i in range(rows)], "yes": draw.random(rows) < 0.3}
    when = pd.Timestamp("2020-01-01") + pd.to_timedelta(draw.integers(0, 10**8, rows), unit="s")
    return pd.DataFrame({**floats, **whole, **words, **rest, "when": when})


def wide(rows: int, columns: int, levels: bool) -> pd.DataFrame:
    draw = np.random.default_rng(1)
    return pd.DataFrame(
        {
            f"c{i}": draw.choice(list("abcdefgh"), rows) if levels and i % 2 else draw.normal(size=rows)
            for i in range(columns)
        }
    )


def noise(rows: int, seed: int) -> Dataset:
    """20 columns that have nothing to do with each other: skewed, counted, and levels of many sizes."""
    draw = np.random.default_rng([rows, seed])
    numbers = {
        f"number {i}": draw.lognormal(0, 1 + i % 3, rows) if i % 2 else draw.poisson(0.5 * (i + 1), rows)
        for i in range(10)
    }
    levels = {f"level {i}": draw.choice([f"v{j}" for j in range(i + 2)], rows) for i in range(10)}
    return dataset(pd.DataFrame({**numbers, **levels}), kinds={f"level {i}": "category" for i in range(10)})


def _clock(data: Dataset) -> tuple[float, AssociationResult]:
    data.table()
    begun = time.process_time()
    result = association(data, AssociationSettings(), SILENT)
    return time.process_time() - begun, result


def _together(data: Dataset) -> tuple[float, float]:
    """CPU seconds and seconds of the profile and the associations of one table."""
    begun, cpu = time.perf_counter(), time.process_time()
    profile(data, ProfileSettings(), SILENT)
    association(data, AssociationSettings(), SILENT)
    return time.process_time() - cpu, time.perf_counter() - begun


def _peer(frame: pd.DataFrame) -> float:
    """Seconds of skrub's TableReport, whose associations look at 3,000 rows; nan where skrub is not
    installed.
    """
    if importlib.util.find_spec("skrub") is None:
        return float("nan")
    import skrub

    skrub.TableReport(frame.head(200), verbose=0).html()
    begun = time.perf_counter()
    skrub.TableReport(frame, verbose=0).html()
    return time.perf_counter() - begun


def speed(quick: bool) -> list[Row]:
    part = 10 if quick else 1
    made = []
    _together(dataset(mixed(1000)))  # imports
    for name, frame, limit in (
        ("1M x 19", mixed(1_000_000 // part), 3.0),
        ("100,000 x 100 numbers", wide(100_000 // part, 100, levels=False), 4.0),
        ("100,000 x 100 half levels", wide(100_000 // part, 100, levels=True), 4.0),
    ):
        data = dataset(frame)
        data.table()
        cpu, seconds = _together(data)
        made.append(
            Row(f"profile + association {name}, CPU s", cpu, limit, cpu / limit, "ratio <= 1", cpu <= limit)
        )
        if len(frame.columns) < 100:
            peer = _peer(frame)
            made.append(
                Row(
                    f"the same against skrub's TableReport {name}, s",
                    seconds,
                    peer,
                    peer / seconds,
                    "ratio >= 5",
                    peer >= 5 * seconds,
                )
            )
    return [*made, *_widest(part)]


def _widest(part: int) -> list[Row]:
    """2,000 columns, a quarter of them levels: seconds and peak memory of the associations in a fresh
    process.
    """
    code = f"from benchmarks.association import widest; widest({part})"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=Path(__file__).parents[1],
        capture_output=True,
        text=True,
        check=True,
    )
    cpu, peak = map(float, done.stdout.split()[-2:])
    return [
        Row("association 2,000 x 10,000, CPU s", cpu, 60.0, cpu / 60, "ratio <= 1", cpu <= 60),
        Row("the same, peak MB", peak, 2_000.0, peak / 2_000, "ratio <= 1", peak <= 2_000),
    ]


def widest(part: int) -> None:
    """Write CPU seconds and peak MB to standard output."""
    draw, columns = np.random.default_rng(1), 2_000 // part
    frame = {
        f"c{i}": draw.normal(size=10_000) if i % 4 else draw.choice(list("abcdefgh"), 10_000)
        for i in range(columns)
    }
    seconds, _ = _clock(dataset(pd.DataFrame(frame)))
    sys.stdout.write(f"{seconds} {peak()}\n")


def calibration(quick: bool) -> list[Row]:
    """Noise tables with any pair at q < 0.01: at most as many as the rate allows (99.9% of a binomial of 1
    %).
    """
    from scipy.stats import binom

    seeds = 10 if quick else 100
    allowed = int(binom.ppf(0.999, seeds, 0.01))
    made = []
    for rows in SIZES:
        results = [association(noise(rows, seed), AssociationSettings(), SILENT) for seed in range(seeds)]
        alarms = sum(bool((result.pairs.q < 0.01).any()) for result in results)
        found = sum(len(result.findings) for result in results)
        ok = alarms <= allowed and not found
        made.append(
            Row(
                f"noise tables of {rows:,} rows alarming",
                alarms,
                seeds,
                alarms / seeds,
                f"<= {allowed}, no finding",
                ok,
            )
        )
        above = float(
            np.mean(np.concatenate([np.abs(result.pairs.value) > result.pairs.noise for result in results]))
        )
        made.append(
            Row(
                f"share of noise above the line, {rows:,} rows",
                above,
                0.05,
                above / 0.05,
                "<= 0.06",
                above <= 0.06,
            )
        )
    return made


def power() -> list[Row]:
    made = []
    for sigma in (1, 2, 3):
        x = np.random.default_rng(sigma).lognormal(0, sigma, 5000)
        data = dataset(pd.DataFrame({"x": x, "y": (x > np.median(x)).astype(int)}))
        value = float(association(data, AssociationSettings(), SILENT).pairs.value[0])
        made.append(
            Row(f"[x > median], lognormal sigma {sigma}", value, 0.95, value / 0.95, ">= 0.95", value >= 0.95)
        )
    return made


def measure(folder: Path | None, quick: bool) -> list[Row]:
    """All of it; real data are not needed."""
    return [*power(), *calibration(quick), *speed(quick)]
