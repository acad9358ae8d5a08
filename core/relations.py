"""The columns of a data set made ready to be compared with each other: ranks and bins of numbers, codes of levels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.dataset import Dataset
from core.numerics.association import Codes, Floats, level_codes
from core.numerics.relating import Groups, Numbers
from core.numerics.rowhash import keyed
from core.progress import SILENT, Progress
from core.rowkeys import row_hashes

if TYPE_CHECKING:
    import pyarrow as pa

COMPARED = ("numeric", "category", "boolean", "datetime")
Ids = NDArray[np.int64]


class Ready(NamedTuple):
    """Columns made ready: ``numbers`` and ``groups`` know them by their place in ``names``; ``left_out``: (column, reason)."""

    names: tuple[str, ...]
    numbers: Numbers
    groups: Groups
    left_out: tuple[tuple[str, str], ...]


def sampled(dataset: Dataset, names: Sequence[str], limit: int, seed: int, progress: Progress = SILENT) -> Ids | None:
    """At most ``limit`` row ids, ascending, or None for all rows; which ones depends on content and seed, never on the rows' order."""
    if dataset.rows <= limit:
        return None
    keys = keyed(row_hashes(dataset, names, progress), seed)
    return np.sort(np.argpartition(keys, limit)[:limit]).astype(np.int64)


def ready(dataset: Dataset, names: Sequence[str], rows: Ids | None, most: int, progress: Progress = SILENT) -> Ready:
    """Read and rank or code each column, over ``rows`` or all; a column of numbers with two distinct values counts as levels.

    ``most``: levels told apart per column.
    """
    numeric = sum(dataset[name].kind in ("numeric", "datetime") for name in names)
    made = Ready(tuple(names), Numbers(numeric, dataset.rows if rows is None else rows.size), {}, ())
    left_out = []
    for place, name in enumerate(progress.each(made.names, "Ranking columns")):
        values = dataset.table([name]).column(0)
        values = values if rows is None else values.take(rows)
        if dataset[name].kind in ("numeric", "datetime") and made.numbers.add(place, numbers(values)):
            continue
        codes, count, distinct = levels(values, most)
        if count >= 2:
            made.groups[place] = (codes, count)
        else:
            left_out.append((name, "has hardly a value that occurs five times" if distinct > 1 else "does not vary"))
    return made._replace(left_out=tuple(left_out))


def numbers(values: pa.ChunkedArray) -> Floats:
    """As float64, missing and infinite values as NaN, times as microseconds since the first."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_timestamp(values.type):
        values = values.cast(pa.int64())
        first = pc.min(values)
        values = pc.subtract(values, first) if first.is_valid else values
    floats = np.array(values.cast(pa.float64(), safe=False).to_numpy(), dtype=np.float64)
    floats[np.isinf(floats)] = np.nan
    return floats


def levels(values: pa.ChunkedArray, most: int) -> tuple[Codes, int, int]:
    """Codes (0: missing), the number of levels told apart, and of distinct values; see `level_codes`."""
    encoded = values.combine_chunks().dictionary_encode()
    found = np.asarray(encoded.indices.fill_null(-1), dtype=np.int64)
    codes, count = level_codes(found, [str(text) for text in encoded.dictionary.to_pylist()], most)
    return codes, count, len(encoded.dictionary)
