"""Cleaning samples: how many planted wrong labels stand among the rows that are looked at first.

After the protocols that coreset services publish (600 labels moved within three pairs of classes that are
easily taken for each other, 990 rows looked at; 80 of a rare class hidden in the common one, 1,000 looked
at), on other data. The peer is what they claim on theirs: 199 of 600, 46 of 80.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmarks.labels import sets
from benchmarks.table import Row
from core.run import run
from core.workspace import load

PAIRS = ((4, 9), (3, 5), (2, 7))
MOVED, VIEWED = 200, 990  # of each pair; of all rows
ROWS, WIDTH, RARE, HIDDEN, SEEN = 20_000, 20, 400, 80, 1_000


def measure(folder: Path | None, quick: bool) -> list[Row]:
    """The rows of the table; medians."""
    seeds = 1 if quick else 5
    rows = [] if folder is None else list(_pairs(folder, seeds))
    return [*rows, *_hidden(seeds)]


def _first(frame: pd.DataFrame, labels: NDArray[Any], most: int, seed: int) -> NDArray[np.int64]:
    """The rows that are to be looked at first."""
    data = load(frame.assign(y=[f"c{one}" for one in labels]), target="y")
    result: Any = run("importance", data, {"size": most, "seed": seed})
    table = result.rows()
    order = np.lexsort((table["row"], -table["doubt"].to_numpy()))
    return np.asarray(table["row"].to_numpy()[order][:most], np.int64)


def _pairs(folder: Path, seeds: int) -> Iterator[Row]:
    frame, labels = sets(folder)["mnist_5k"]()
    found = []
    for seed in range(seeds):
        draw, given = np.random.default_rng(seed), labels.copy()
        for one, other in PAIRS:
            moved = draw.choice(np.flatnonzero(np.isin(labels, (one, other))), MOVED, replace=False)
            given[moved] = one + other - labels[moved]
        first = _first(frame, given, VIEWED, seed)
        found.append(int((given[first] != labels[first]).sum()))
    yield _row(f"mnist_5k, three pairs: of {3 * MOVED} moved, in {VIEWED} looks", found, 199, 450)


def _hidden(seeds: int) -> Iterator[Row]:
    found = []
    for seed in range(seeds):
        draw = np.random.default_rng(seed)
        rare = np.arange(ROWS) < RARE
        matrix = draw.normal(size=(ROWS, WIDTH))
        matrix[rare] += 2.0 * draw.choice([-1.0, 1.0], WIDTH) / np.sqrt(WIDTH / 4)
        given = rare.copy()
        given[draw.choice(RARE, HIDDEN, replace=False)] = False
        order = draw.permutation(ROWS)
        frame = pd.DataFrame(matrix[order], columns=[f"x{at}" for at in range(WIDTH)])
        first = _first(frame, given[order].astype(int), SEEN, seed)
        found.append(int((given[order] != rare[order])[first].sum()))
    told = f"rare class, {HIDDEN} of {RARE} hidden among {ROWS:,}, in {SEEN:,} looks"
    yield _row(told, found, 46, 60)


def _row(name: str, found: list[int], claimed: int, asked: int) -> Row:
    share = float(np.median(found))
    return Row(name, share, float(claimed), share / claimed, f">= {asked}", share >= asked)
