"""The levels of a column as codes."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pyarrow as pa

COMPARED = ("numeric", "category", "boolean", "datetime")  # kinds that are compared with each other
RARE = 5  # rows of a level below which it is not looked at alone


def encoded(values: pa.ChunkedArray) -> tuple[NDArray[np.int64], pa.Array]:
    """Per row the place of its value among the distinct ones (-1: missing), and those, in order of
    appearance.
    """
    coded = values.combine_chunks().dictionary_encode()
    return np.asarray(coded.indices.fill_null(-1), dtype=np.int64), coded.dictionary


def level_codes(values: pa.ChunkedArray) -> tuple[NDArray[np.int64], list[str]]:
    """Per row the number of its level, 0 for the most frequent one (ties by text), and the levels as text;
    missing is a level, see `missing_label`.
    """
    codes, levels = encoded(values)
    texts = [str(level) for level in levels.to_pylist()]
    if codes.size and int(codes.min()) < 0:
        codes, texts = np.where(codes < 0, len(texts), codes), [*texts, missing_label(texts)]
    counts = np.bincount(codes, minlength=len(texts))
    order = sorted(range(len(texts)), key=lambda level: (-counts[level], texts[level]))
    place = np.empty(len(texts), np.int64)
    place[order] = np.arange(len(texts))
    return place[codes] if len(texts) else codes, [texts[level] for level in order]


def missing_label(levels: Collection[str]) -> str:
    """What rows without a value are called beside these levels: a text that is none of them.

    >>> missing_label(["yes", "no"]), missing_label(["missing", "(missing)"])
    ('missing', '((missing))')
    """
    label = "missing"
    while label in levels:
        label = f"({label})"
    return label


def frequent_levels(
    places: NDArray[np.integer[Any]], names: Sequence[Any], most: int
) -> tuple[NDArray[np.unsignedinteger[Any]], int]:
    """Codes 1 to k of a column whose n values are places in ``names`` (-1: missing; the names tell ties
    apart, as text), and k.

    Levels of fewer than five rows, and those beyond the ``most`` most frequent, count as one, so that no
    measure hangs on a handful of rows. Ties at the border fall on the same side, and the codes follow count
    and name: nothing depends on the order of the rows.

    >>> frequent_levels(np.array([0] * 6 + [1] * 5 + [2, 3, -1]), ["a", "b", "c", "d"], 10)[0].tolist()
    [2, 2, 2, 2, 2, 2, 1, 1, 1, 1, 1, 3, 3, 0]
    """
    counts = np.bincount(places[places >= 0], minlength=len(names))
    border = RARE - 1
    if counts.size > most:
        border = max(border, int(np.partition(counts, -most - 1)[-most - 1]))
    kept = sorted(
        np.flatnonzero(counts > border).tolist(), key=lambda level: (counts[level], str(names[level]))
    )
    place = np.zeros(len(names) + 1, np.min_scalar_type(len(kept) + 1))
    place[:-1][(counts > 0) & (counts <= border)] = len(kept) + 1
    place[kept] = np.arange(1, len(kept) + 1)
    codes: NDArray[np.unsignedinteger[Any]] = place[places]
    return codes, len(kept) + int((place == len(kept) + 1).any())
