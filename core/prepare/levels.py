"""The levels of a column as codes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pyarrow as pa


def level_codes(values: pa.ChunkedArray) -> tuple[NDArray[np.int64], list[str]]:
    """Per row the number of its level, 0 for the most frequent one (ties by text), and the levels as text;
    missing is a level.
    """
    encoded = values.combine_chunks().dictionary_encode(null_encoding="encode")
    texts = ["missing" if level is None else str(level) for level in encoded.dictionary.to_pylist()]
    found = np.asarray(encoded.indices, dtype=np.int64)
    counts = np.bincount(found, minlength=len(texts))
    order = sorted(range(len(texts)), key=lambda level: (-counts[level], texts[level]))
    place = np.empty(len(texts), np.int64)
    place[order] = np.arange(len(texts))
    return place[found] if len(texts) else found, [texts[level] for level in order]


COMPARED = ("numeric", "category", "boolean", "datetime")
