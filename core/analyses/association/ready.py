"""The columns of a data set made ready to be compared with each other: ranks and bins of numbers, codes of
levels.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.analyses.association.relate import Groups, NumberColumn, Numbers, number_column
from core.dataset import Dataset
from core.numerics.association import Codes
from core.prepare.features import floats
from core.prepare.lacked import rows_with
from core.prepare.levels import RARE, encoded, frequent_levels
from core.prepare.sampling import Ids
from core.progress import SILENT, Progress
from core.workers import LocalThreads

if TYPE_CHECKING:
    import pyarrow as pa


class Ready(NamedTuple):
    """Columns made ready.

    names: the columns.
    numbers, groups: those of numbers and of levels, known by their place in ``names``.
    left_out: (column, reason).
    ticks: those of one value and gaps, whose two levels are "there" and "missing".
    gaps: how many values of each of ``names`` are missing, in all rows of the parts that have it.
    """

    names: tuple[str, ...]
    numbers: Numbers
    groups: Groups
    left_out: tuple[tuple[str, str], ...]
    ticks: tuple[str, ...] = ()
    gaps: tuple[int, ...] = ()


class _Levels(NamedTuple):
    """A column of levels: codes (0: missing), how many are kept apart, distinct values, and whether it is a
    tick.
    """

    codes: Codes
    kept_apart: int
    distinct: int
    tick: bool


def ready(
    dataset: Dataset, names: Sequence[str], rows: Ids | None, most: int, progress: Progress = SILENT
) -> Ready:
    """Read and rank or code each column, over ``rows`` or all; a column of numbers with two distinct values
    counts as levels, and so does one of one value and gaps (see `is_tick`). Cells of a column that a part
    lacks are no gaps there.

    ``most``: levels kept apart per column.
    """
    numeric = sum(dataset[name].kind in ("numeric", "datetime") for name in names)
    columns = Ready(tuple(names), Numbers(numeric, dataset.rows if rows is None else rows.size), {}, ())
    left_out, ticks, gaps = [], [], []
    within = rows_with(dataset, names)

    def leaf(name: str) -> tuple[NumberColumn | _Levels, int]:
        values = dataset.table([name]).column(0)
        having = within.get(name)
        missing = values.null_count - (0 if having is None else int((~having).sum()))
        if rows is not None:
            values, having = values.take(rows), None if having is None else having[rows]
        column = number_column(floats(values)) if dataset[name].kind in ("numeric", "datetime") else None
        return _levels(values, most, having) if column is None else column, missing

    for place, (column, missing) in enumerate(LocalThreads().map(leaf, columns.names)):
        progress.at(place / len(names), "Ranking columns")
        gaps.append(missing)
        if isinstance(column, NumberColumn):
            columns.numbers.add(place, column)
            continue
        if column.tick:
            ticks.append(names[place])
        if column.kept_apart >= 2:
            columns.groups[place] = (column.codes, column.kept_apart)
        else:
            left_out.append(
                (
                    names[place],
                    "has hardly a value that occurs five times" if column.distinct > 1 else "does not vary",
                )
            )
    return columns._replace(left_out=tuple(left_out), ticks=tuple(ticks), gaps=tuple(gaps))


def _levels(values: pa.ChunkedArray, most: int, having: NDArray[np.bool_] | None) -> _Levels:
    """having: the rows of the parts that have the column; None for all."""
    codes, count, distinct = levels(values, most)
    if distinct == 1 and is_tick(values, having):
        ticks = np.asarray(values.is_null().to_numpy(), dtype=np.uint8) + np.uint8(1)
        return _Levels(ticks if having is None else ticks * having, 2, distinct, True)
    return _Levels(codes, count, distinct, False)


def is_tick(values: pa.ChunkedArray, having: NDArray[np.bool_] | None = None) -> bool:
    """Whether a column holds one value and gaps, at least five of each: a tick where something is so, whose
    gaps are its other value. having: the rows of the parts that have the column; None for all.
    """
    import pyarrow.compute as pc

    values = values if having is None else values.filter(having)
    if min(values.null_count, len(values) - values.null_count) < RARE:
        return False
    return bool(pc.count_distinct(values, mode="only_valid").as_py() == 1)


def levels(values: pa.ChunkedArray, most: int) -> tuple[Codes, int, int]:
    """Codes (0: missing), the number of levels kept apart, and of distinct values; see `frequent_levels`."""
    places, distinct = encoded(values)
    codes, count = frequent_levels(places, distinct, most)
    return codes, count, len(distinct)
