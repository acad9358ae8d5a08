"""Columns that hold the same values in the same rows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.dataset import Dataset
from core.numerics.grouping import chance_equal_columns


@dataclass(frozen=True)
class EqualColumns:
    """Columns with the same values in the same rows.

    kept: the one to keep, which is the target where it is among them, then any other column with a role.
    copies: the others.
    chance: how likely it is that two columns with these value counts agree, over all pairs of columns
        (Bonferroni; at most 1).
    """

    kept: str
    copies: tuple[str, ...]
    chance: float


def columns_of_equal_content(
    dataset: Dataset, by_content: dict[int, list[str]], target: str
) -> tuple[EqualColumns, ...]:
    """Columns of equal content hash, checked value by value; a column that holds one value only is
    ``constant`` and no repeat, and of what is measured of pictures two may agree.
    """
    import pyarrow.compute as pc

    roles = dataset.roles
    pairs = len(dataset.names) * (len(dataset.names) - 1) / 2
    groups = []
    ours = set(dataset.measured)
    for candidates in by_content.values():
        candidates = [column for column in candidates if column not in ours]
        if len(candidates) < 2:
            continue
        first = dataset.table(candidates[:1]).column(0)
        equal = [column for column in candidates if dataset.table([column]).column(0).equals(first)]
        counts = pc.value_counts(first).field("counts").to_numpy().astype(np.int64)
        if len(equal) > 1 and counts.size > 1:
            wanted = (target, roles.target, roles.id, roles.time, roles.group, roles.weight, *equal)
            kept = next(column for column in wanted if column in equal)
            copies = tuple(column for column in equal if column != kept)
            groups.append(EqualColumns(kept, copies, min(1.0, pairs * chance_equal_columns(counts))))
    return tuple(groups)
