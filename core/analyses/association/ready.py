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
from core.numerics.association import Codes, level_codes
from core.numerics.rowhash import Hashes, hash_column, keyed, mix, row_keys
from core.prepare.features import floats
from core.progress import SILENT, Progress
from core.workers import LocalThreads

if TYPE_CHECKING:
    import pyarrow as pa

COMPARED = ("numeric", "category", "boolean", "datetime")
Ids = NDArray[np.int64]
_RARE = 5  # rows of a level below which it is not looked at alone
_GREAT_MANY = 500_000  # rows from which a part of them tells whether any two are alike


class Ready(NamedTuple):
    """Columns made ready: ``numbers`` and ``groups`` know them by their place in ``names``; ``left_out``:
    (column, reason). ``ticks``: those of one value and gaps, whose two levels are "there" and "missing"."""

    names: tuple[str, ...]
    numbers: Numbers
    groups: Groups
    left_out: tuple[tuple[str, str], ...]
    ticks: tuple[str, ...] = ()


class _Levels(NamedTuple):
    """A column of levels: codes (0: missing), how many are told apart, distinct values, and whether it is a
    tick.
    """

    codes: Codes
    told_apart: int
    distinct: int
    tick: bool


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
    """Which values occur more than once; none, where none does among the eighth of a great many that are
    smallest.

    Equal values are in that eighth together or not at all, so that a handful of repeats is passed over at
    most: these few rows are then drawn together.
    """
    if hashes.size > _GREAT_MANY:
        few = np.sort(hashes[hashes < np.uint64(2**61)])
        if (few[1:] != few[:-1]).all():
            return np.zeros(hashes.size, bool)
    order = np.argsort(hashes)
    same = hashes[order[1:]] == hashes[order[:-1]]
    made = np.zeros(hashes.size, bool)
    made[order[1:]] = same
    made[order[:-1]] |= same
    return made


def ready(
    dataset: Dataset, names: Sequence[str], rows: Ids | None, most: int, progress: Progress = SILENT
) -> Ready:
    """Read and rank or code each column, over ``rows`` or all; a column of numbers with two distinct values
    counts as levels, and so does one of one value and gaps (see `is_tick`).

    ``most``: levels told apart per column.
    """
    numeric = sum(dataset[name].kind in ("numeric", "datetime") for name in names)
    made = Ready(tuple(names), Numbers(numeric, dataset.rows if rows is None else rows.size), {}, ())
    left_out, ticks = [], []

    def leaf(name: str) -> NumberColumn | _Levels:
        values = dataset.table([name]).column(0)
        values = values if rows is None else values.take(rows)
        column = number_column(floats(values)) if dataset[name].kind in ("numeric", "datetime") else None
        return _levels(values, most) if column is None else column

    for place, column in enumerate(LocalThreads().map(leaf, made.names)):
        progress.at(place / len(names), "Ranking columns")
        if isinstance(column, NumberColumn):
            made.numbers.add(place, column)
            continue
        if column.tick:
            ticks.append(names[place])
        if column.told_apart >= 2:
            made.groups[place] = (column.codes, column.told_apart)
        else:
            left_out.append(
                (
                    names[place],
                    ("has hardly a value that occurs five times") if column.distinct > 1 else "does not vary",
                )
            )
    return made._replace(left_out=tuple(left_out), ticks=tuple(ticks))


def _levels(values: pa.ChunkedArray, most: int) -> _Levels:
    codes, count, distinct = levels(values, most)
    if distinct == 1 and is_tick(values):
        return _Levels(
            np.asarray(values.is_null().to_numpy(), dtype=np.uint8) + np.uint8(1), 2, distinct, True
        )
    return _Levels(codes, count, distinct, False)


def is_tick(values: pa.ChunkedArray) -> bool:
    """Whether a column holds one value and gaps, at least five of each: a tick where something is so, whose
    gaps are its other value.
    """
    import pyarrow.compute as pc

    if min(values.null_count, len(values) - values.null_count) < _RARE:
        return False
    return bool(pc.count_distinct(values, mode="only_valid").as_py() == 1)


def levels(values: pa.ChunkedArray, most: int) -> tuple[Codes, int, int]:
    """Codes (0: missing), the number of levels told apart, and of distinct values; see `level_codes`."""
    encoded = values.combine_chunks().dictionary_encode()
    found = np.asarray(encoded.indices.fill_null(-1), dtype=np.int64)
    codes, count = level_codes(found, encoded.dictionary, most)
    return codes, count, len(encoded.dictionary)
