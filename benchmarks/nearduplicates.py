"""Near duplicates of rows: precision and recall, false alarms, and speed.

python -m benchmarks.nearduplicates DATA   also measures the febrl sets; DATA holds
``tables/febrl_*.parquet``, whose ``rec_id`` gives the truth and is hidden
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.outliers import CLEAN
from benchmarks.table import Row
from core.analyses.nearduplicates.analysis import (
    NearDuplicateResult,
    NearDuplicateSettings,
    nearduplicates,
)
from core.loading import load
from core.progress import SILENT
from tests.core.analyses.nearduplicates.people import SLIPS, people, planted

WANTED = 0.95
LARGEST = 3.0  # times its true size that a group may be
NOISES = ((5, 0.001), (20, 0.01), (50, 0.1))  # columns, and standard deviations of the noise on copies
FAMILIES: dict[str, Callable[[np.random.Generator, int], pd.DataFrame]] = {
    **{name: draw for name, draw in CLEAN.items() if name != "normal, 1 columns"},
    "rounded, 5 columns": lambda rng, n: _table(rng.normal(size=(n, 5)).round(1)),
    "rounded, 50 columns": lambda rng, n: _table(rng.normal(size=(n, 50)).round(1)),
    "Student t, 3 degrees, 50 columns": lambda rng, n: _table(rng.standard_t(3, (n, 50))),
    "lognormal, 50 columns": lambda rng, n: _table(rng.lognormal(size=(n, 50))),
    "categories, 50 columns": lambda rng, n: _table(rng.choice(list("abcdefgh"), (n, 50))),
    "people, 7 columns": lambda rng, n: people(n, int(rng.integers(1000))),
}


def _table(values: Any) -> pd.DataFrame:
    return pd.DataFrame(np.asarray(values), columns=[f"c{i}" for i in range(np.shape(values)[1])])


def ours(frame: pd.DataFrame) -> tuple[NearDuplicateResult, float]:
    """The result, and how many seconds it took."""
    with tempfile.TemporaryDirectory() as folder:
        data = load(frame, into=Path(folder), name="benchmark")
        start = time.perf_counter()
        return nearduplicates(data, NearDuplicateSettings(), SILENT), time.perf_counter() - start


def pairs(group: Any) -> set[tuple[int, int]]:
    """All pairs of rows of one group; -1 is none."""
    places = pd.Series(np.arange(len(group))).groupby(np.asarray(group)).apply(list)
    return {pair for name, rows in places.items() if name != -1 for pair in combinations(rows, 2)}


def quality(found: set[tuple[int, int]], true: set[tuple[int, int]]) -> dict[str, float]:
    """Precision, recall and F1 of pairs."""
    right = len(found & true)
    return {
        "precision": right / max(1, len(found)),
        "recall": right / max(1, len(true)),
        "F1": 2 * right / max(1, len(found) + len(true)),
    }


def febrl(folder: Path, number: int) -> dict[str, float]:
    """Of one febrl set, without ``rec_id``; ``largest``: how many times its true size a group is at most."""
    table = pd.read_parquet(folder / "tables" / f"febrl_dataset{number}.parquet")
    truth = table["rec_id"].str.extract(r"rec-(\d+)-")[0].astype(int).to_numpy()
    result, seconds = ours(table.drop(columns="rec_id"))
    sizes = pd.Series(truth).value_counts()
    inside = pd.DataFrame({"group": result.group, "size": sizes[truth].to_numpy()})
    by_group = inside[inside["group"] >= 0].groupby("group")["size"].agg(["size", "max"])
    largest = float((by_group["size"] / by_group["max"]).max())
    return quality(pairs(result.group), pairs(truth)) | {"largest": largest, "seconds": seconds}


def noise(rows: int, width: int, share: float, copies: int = 50, seed: int = 0) -> dict[str, float]:
    """Copies of rows of a normal table with noise of ``share`` standard deviations on every number."""
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(rows, width))
    again = values[:copies] + share * rng.normal(size=(copies, width))
    found = pairs(ours(_table(np.concatenate([values, again])))[0].group)
    return quality(found, {(at, rows + at) for at in range(copies)})


def slips(slip: str, rows: int, copies: int = 50, seed: int = 0) -> dict[str, float]:
    """Copies of made-up people with one kind of slip."""
    found = pairs(ours(planted(people(rows, seed), slip, copies, seed))[0].group)
    return quality(found, {(at, rows + at) for at in range(copies)})


def false_alarms(rows: int, seeds: int) -> dict[str, int]:
    """Groups found in tables without copies, by family, over so many seeds."""
    return {
        name: sum(
            ours(draw(np.random.default_rng(seed), rows))[0].summary["groups"]  # type: ignore[misc]
            for seed in range(seeds)
        )
        for name, draw in FAMILIES.items()
    }


def speed(rows: int) -> float:
    """Seconds for rows x 30: 18 numbers, 2 whole numbers, 8 categories, 2 texts of two words."""
    rng = np.random.default_rng(0)
    words = np.array(["".join(rng.choice(list("abcdefghijklmnopqrstuvwxyz"), 7)) for _ in range(3000)])
    table = pd.DataFrame(rng.normal(size=(rows, 18)), columns=[f"n{i}" for i in range(18)])
    for i in range(2):
        table[f"i{i}"] = rng.integers(0, 500, rows)
        first, second = words[rng.integers(0, 3000, (2, rows))]
        table[f"t{i}"] = [f"{one} {two}" for one, two in zip(first, second, strict=True)]
    for i in range(8):
        table[f"c{i}"] = rng.choice(words[: 10 + 5 * i], rows)
    return ours(table)[1]


def measure(folder: Path | None, quick: bool) -> list[Row]:
    """The rows of the common table."""
    rows = []
    if folder is not None:
        for number in (1, 2):
            got = febrl(folder, number)
            f1, most = got["F1"], got["largest"]
            name = f"near duplicates: F1, febrl {number}"
            rows.append(Row(name, f1, WANTED, f1 / WANTED, "F1 >= .95", f1 >= WANTED))
            name = f"near duplicates: largest group to its true size, febrl {number}"
            rows.append(Row(name, most, LARGEST, LARGEST / most, "<= 3", most <= LARGEST))
    for width, share in NOISES:
        got = noise(500 if quick else 2_000, width, share)
        least = min(got["precision"], got["recall"])
        name = f"near duplicates: precision and recall of pairs, {width} columns, noise {share} sd"
        rows.append(Row(name, least, 1.0, least, "1", least == 1.0))
    alarms = sum(false_alarms(200, 1 if quick else 5).values())
    rows.append(Row("near duplicates: groups in clean tables", alarms, 0, 1.0, "none", alarms == 0))
    seconds = speed(2_000 if quick else 20_000)
    rows.append(
        Row("near duplicates: seconds, 20,000 x 30", seconds, 10, 10 / seconds, "<= 10", seconds <= 10)
    )
    return rows


def main() -> None:
    say = sys.stdout.write
    if len(sys.argv) > 1:
        for number in (1, 2):
            say(f"febrl {number}: {febrl(Path(sys.argv[1]), number)}\n")
    for rows in (300, 2000, 20_000):
        for slip in SLIPS:
            say(f"people, {rows:,} rows, 50 copies, {slip}: {slips(slip, rows)}\n")
        for width, share in ((5, 0.01), (5, 0.001), (20, 0.01), (20, 0.1), (50, 0.1)):
            say(f"normal, {rows:,} x {width}, 50 copies, noise {share} sd: {noise(rows, width, share)}\n")
    for rows, seeds in ((200, 20), (2000, 5), (20_000, 1)):
        found = false_alarms(rows, seeds)
        say(f"Groups in clean tables of {rows:,} rows, {seeds} seeds: {sum(found.values())} {found}\n")
    for rows in (20_000, 500_000):
        say(f"{rows:,} x 30: {speed(rows):.1f} s\n")


if __name__ == "__main__":
    main()
