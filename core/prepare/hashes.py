"""A content hash per row of a data set."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from core.dataset import Dataset
from core.numerics.rowhash import hash_numbers, hash_rows, mix
from core.progress import SILENT, Progress
from core.workers import LocalThreads


def row_hashes(
    dataset: Dataset, columns: Sequence[str] | None = None, progress: Progress = SILENT
) -> NDArray[np.uint64]:
    """One 64-bit hash per row over ``columns`` (all by default), uint64 of length ``rows``, in source order.

    Among the columns may be the name of the vectors (`core.prepare.encoding.compared_by`).

    Rows with equal values have equal hashes; unequal rows differ but for a chance of n**2 / 2**65 that any
    two collide. Reads in batches: constant memory besides the result. Raises `ColumnError` for an unknown
    column.
    """
    given = list(dataset.names if columns is None else columns)
    names = [name for name in given if dataset.vectors is None or name != dataset.vectors_name]
    for name in names:
        dataset[name]
    made = np.zeros(dataset.rows, np.uint64)
    done = 0
    workers, batches = LocalThreads(), iter(dataset.batches(names) if names else ())
    while some := list(islice(batches, workers.threads)):
        for hashes in workers.map(hash_rows, some):
            made[done : done + hashes.size] = hashes
            done += hashes.size
        progress.at(done / dataset.rows, "Hashing rows")
    if len(names) < len(given):
        made = mix(made ^ hash_numbers(dataset.vector_rows(), progress))
    return made
