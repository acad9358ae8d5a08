"""Rows of either part, drawn by their content, as points of two columns of numbers."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.dataset import Dataset
from core.prepare.features import first_time, floats
from core.prepare.train_serve import parts_of

Floats = NDArray[np.float64]
SHOWN = 500  # rows of either part


class PairPoints(NamedTuple):
    """``train``, ``serve``: rows where both are known, left and right value. ``rows``: how many there are of
    either part. ``times``: which of the two columns are times, in microseconds since 1970.
    """

    left: str
    right: str
    train: Floats
    serve: Floats
    rows: tuple[int, int]
    times: tuple[bool, bool]


def pair_points(dataset: Dataset, left: str, right: str, most: int = SHOWN) -> PairPoints:
    """At most ``most`` rows of either part."""
    sides = [dataset.table([name]).column(0) for name in (left, right)]
    values = np.column_stack([floats(side) + first_time(side) for side in sides])
    known = np.isfinite(values[:, 0]) & np.isfinite(values[:, 1])
    parts = parts_of(dataset, (left, right), seed=0)
    train, serve = (ids[known[ids]] for ids in (parts.train, parts.serve))
    return PairPoints(
        left=left,
        right=right,
        train=values[train[:most]],
        serve=values[serve[:most]],
        rows=(train.size, serve.size),
        times=(dataset[left].kind == "datetime", dataset[right].kind == "datetime"),
    )
