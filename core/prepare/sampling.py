"""Rows drawn by their content, so that which ones never depends on their order."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from core.dataset import Dataset
from core.numerics.rowhash import Hashes, hash_column, keyed, mix, row_keys
from core.progress import SILENT, Progress

Ids = NDArray[np.int64]
_FEW = 8  # values that occur more than once, looked for one by one


def sampled(
    dataset: Dataset, names: Sequence[str], limit: int, seed: int, progress: Progress = SILENT
) -> Ids | None:
    """At most ``limit`` row ids, ascending, or None for all rows; which ones depends on content and seed,
    never on the rows' order.

    Every row has the same chance to be drawn, whatever it holds; of rows that are equal in ``names`` each is
    drawn for itself.
    """
    if dataset.rows <= limit:
        return None
    keys = _keys(dataset, names, seed, progress)
    return np.sort(np.argpartition(keys, limit)[:limit]).astype(np.int64)


def _keys(dataset: Dataset, names: Sequence[str], seed: int, progress: Progress) -> Hashes:
    """A random-looking key per row, fixed by its content, the seed, and how many rows are equal to it.

    Each column is hashed only for the rows that those before it leave alike: one column of distinct numbers
    mostly settles it.
    """

    # texts are slow to hash, and floats hold the most distinct values
    def dear(name: str) -> tuple[bool, bool]:
        return dataset[name].stored == "string", dataset[name].stored != "double"

    hashes, alike = np.zeros(dataset.rows, np.uint64), np.arange(dataset.rows)
    for name in progress.each(sorted(names, key=dear), "Drawing rows"):
        if not alike.size:
            continue
        column = dataset.table([name]).column(0)
        if alike.size == dataset.rows:
            hashes = mix(hashes ^ hash_column(column))
        else:
            hashes[alike] = mix(hashes[alike] ^ hash_column(column.take(alike)))
        alike = alike[_repeated(hashes[alike])]
    keys = keyed(hashes, seed)
    keys[alike] = row_keys(hashes[alike], seed)
    return keys


def _repeated(hashes: Hashes) -> NDArray[np.bool_]:
    """Which values occur more than once. Mostly none does, or one alone (missing): sorting, which is fast,
    then says so.
    """
    ordered = np.sort(hashes)
    again = np.unique(ordered[1:][ordered[1:] == ordered[:-1]])
    if again.size <= _FEW:
        repeated = np.zeros(hashes.size, bool)
        for value in again:
            repeated |= hashes == value
        return repeated
    order = np.argsort(hashes)
    same = hashes[order[1:]] == hashes[order[:-1]]
    repeated = np.zeros(hashes.size, bool)
    repeated[order[1:]] = same
    repeated[order[:-1]] |= same
    return repeated
