"""When rows are equal: by 64-bit hashes of their content first, then value by value. Rows of two parts are
not, nor are those that a step added or whose image cannot be read.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from core.dataset import Dataset
from core.numerics.grouping import Ids, Mask
from core.numerics.rowhash import Hashes, hash_column, mix
from core.prepare.equal_rows import equal_in, equal_to_none
from core.progress import Progress


def hashed(
    dataset: Dataset, wanted: Sequence[Sequence[str]], progress: Progress
) -> tuple[list[Hashes], dict[int, list[str]]]:
    """Row keys for each set of columns (part included), and the columns by the hash of their whole
    content.
    """
    start, place = apart_from_others(dataset), mix(np.arange(dataset.rows, dtype=np.uint64))
    keys = [start.copy() for _ in wanted]
    content: dict[int, list[str]] = {}
    for one in progress.each(dataset.names, "Hashing columns"):
        values = hash_column(dataset.table([one]).column(0))
        content.setdefault(int(mix(values ^ place).sum()), []).append(one)
        keys = [
            mix(key ^ values) if one in compared else key for key, compared in zip(keys, wanted, strict=True)
        ]
    return keys, content


def apart_from_others(dataset: Dataset) -> Hashes:
    """A hash per row of its part, and of its place where it equals no other."""
    start = mix(dataset.part_mask("serve").astype(np.uint64))
    apart = equal_to_none(dataset).ids
    start[apart] ^= mix(np.arange(dataset.rows, dtype=np.uint64))[apart]
    return start


def within_parts(dataset: Dataset) -> tuple[Mask, ...]:
    """The rows of each part that are compared with each other."""
    own = ~equal_to_none(dataset).mask(dataset.rows)
    serve = dataset.part_mask("serve")
    return (~serve & own, serve & own)


def equality(dataset: Dataset, columns: Sequence[str]) -> Callable[[Ids, Ids], Mask]:
    """The test of equality on values; missing equals missing."""
    serve, equal = dataset.part_mask("serve"), equal_in(dataset, columns)
    own = ~equal_to_none(dataset).mask(dataset.rows)

    def same(rows: Ids, others: Ids) -> Mask:
        alike = equal(rows, others) & (serve[rows] == serve[others]) & own[rows] & own[others]
        return np.asarray(alike, dtype=bool)

    return same
