"""False alarms of shift and overlap: pairs of one distribution, as often as the time allows.

    python -m benchmarks.calibration [--splits N] [--seconds S]

Prints the tables of docs/methods/shift.md and docs/methods/overlap.md: how many of N pairs each test rejects
at 5%, pass the noise floor, and raise a finding. A setting of overlap that would take longer than S seconds
of its own ends early and says at how many pairs. No peer stands beside them.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Callable
from functools import partial

import numpy as np
import pandas as pd

from core.analyses.overlap.analysis import overlap
from core.analyses.overlap.result import OverlapResult
from core.analyses.overlap.settings import OverlapSettings
from core.analyses.shift.analysis import ShiftResult, ShiftSettings, shift
from core.progress import SILENT
from tests.make import dataset

Draw = np.random.Generator
SIZES = (100, 1_000, 20_000)
TEST = 0.05
CODES = (
    "parts_differ",
    "unsupported",
    "low_coverage",
    "low_effective_size",
    "gives_away",
    "relation_changed",
)
SETTINGS = (  # rows a part, columns, on a grid
    (100, 2, False),
    (100, 10, False),
    (100, 200, False),
    (100, 2, True),
    (100, 10, True),
    (1_000, 2, False),
    (1_000, 10, False),
    (1_000, 200, False),
    (20_000, 2, False),
    (20_000, 10, False),
    (20_000, 200, False),
)


def columns(rows: int, draw: Draw) -> pd.DataFrame:
    """A column of each kind that a shift can be in."""
    level: Callable[[int], object] = "level {}".format
    zipf = np.minimum(draw.zipf(1.5, rows), 10**9)
    return pd.DataFrame(
        {
            "normal": draw.normal(size=rows),
            "lognormal (1.5)": draw.lognormal(0, 1.5, rows),
            "rounded to whole numbers": draw.normal(50, 10, rows).round(),
            "Poisson(3), as levels": draw.poisson(3, rows),
            "2 levels": draw.choice(["a", "b"], rows),
            "10 levels": [level(k) for k in draw.integers(0, 10, rows).tolist()],
            "200 levels": [level(k) for k in draw.integers(0, 200, rows).tolist()],
            "Zipf(1.5) levels": [level(k) for k in zipf.tolist()],
            "a flag of 2%": draw.random(rows) < 0.02,
            "missing, 10%": np.where(draw.random(rows) < 0.1, np.nan, draw.normal(size=rows)),
        }
    )


def cloud(rows: int, width: int, grid: bool, draw: Draw) -> pd.DataFrame:
    """Columns of normal numbers, rounded to whole ones on a grid."""
    values = draw.normal(size=(rows, width))
    return pd.DataFrame(values.round() if grid else values, columns=[f"c{i}" for i in range(width)])


def shift_table(splits: int) -> list[str]:
    """Per kind of column: pairs with p below 5%, and above the noise floor, by size."""
    rejected: Counter[tuple[str, int]] = Counter()
    beyond: Counter[tuple[str, int]] = Counter()
    alarms: Counter[tuple[str, int]] = Counter()
    kinds: list[str] = []
    for size in SIZES:
        for seed in range(splits):
            draw = np.random.default_rng([size, seed])
            result: ShiftResult = shift(
                dataset(columns(size, draw), serve=columns(size, draw)), ShiftSettings(), SILENT
            )
            kinds = [one.name for one in result.columns]
            for line in result.lines:
                gaps = line.shift.name.startswith("missing")
                if gaps == (line.metric == "missing"):
                    rejected[line.shift.name, size] += bool(line.p < TEST)
                    beyond[line.shift.name, size] += bool(line.value > line.noise)
            alarms["", size] += any(finding.severity != "info" for finding in result.findings)
            for code in {finding.code for finding in result.findings}:
                alarms[code, size] += 1
    lines = [f"shift, {splits} pairs; rows in each part {SIZES}"]
    for kind in kinds:
        lines.append(
            f"  {kind}: p < 0.05 {[rejected[kind, size] for size in SIZES]}, above the noise floor "
            f"{[beyond[kind, size] for size in SIZES]}"
        )
    lines += [f"  {code or 'any warning'} at {size}: {times}" for (code, size), times in alarms.items()]
    return lines


def overlap_line(rows: int, width: int, grid: bool, splits: int, seconds: float) -> str:
    """Pairs at which the tests reject, and at which each finding is raised, in per cent."""
    begun, counts, done = time.process_time(), Counter[str](), 0
    draws = partial(cloud, rows, width, grid)
    for seed in range(splits):
        draw = np.random.default_rng([rows, width, grid, seed])
        data = dataset(draws(draw), serve=draws(draw))
        result: OverlapResult = overlap(data, OverlapSettings(seed=seed), SILENT)
        done += 1
        if result.case is not None:
            counts["AUC p < 0.05"] += result.case.domain.p < TEST
            counts["coverage of serve p < 0.05"] += result.case.coverage.p < TEST
        counts.update({finding.code for finding in result.findings})
        if time.process_time() - begun > seconds:
            break
    names = ("AUC p < 0.05", "coverage of serve p < 0.05", *CODES)
    shares = ", ".join(f"{name} {100 * counts[name] / done:.1f}%" for name in names)
    where = " on a grid" if grid else ""
    return f"overlap, {rows:,} rows a part, {width} columns{where}, {done} pairs: {shares}"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--splits", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=600.0, help="CPU time of one setting of overlap")
    given = parser.parse_args()
    for line in shift_table(given.splits):
        sys.stdout.write(line + "\n")
    for setting in SETTINGS:
        sys.stdout.write(overlap_line(*setting, given.splits, given.seconds) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
