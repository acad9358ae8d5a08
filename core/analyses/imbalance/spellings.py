"""Classes that are no classes of their own but other ways to write the word of one, such as "oslo " for
"Oslo".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from core.analyses.imbalance.measures import Counts
from core.dataset import Dataset
from core.prepare.classes import Classes
from core.prepare.spelling import judged, merged_levels


def spelled(dataset: Dataset, target: str, classes: Sequence[str], rows: Counts) -> dict[str, str]:
    """Each class that is likely another way to write the word of one, and that word, as the profile says it
    of any column; none where they differ by case alone and chance makes as many such pairs.

    rows: of each class.
    """
    import pyarrow as pa

    if dataset[target].stored != "string":
        return {}
    merged = merged_levels(pa.array(classes, pa.string()), np.asarray(rows, np.int64))
    return merged if merged and judged(classes, merged)[1] else {}


def as_one(classes: Classes, spellings: Mapping[str, str], train: NDArray[np.bool_]) -> Classes:
    """The classes with each of the spellings counted as its word, the most frequent in train first.

    >>> classes = Classes(np.array([0, 0, 1, 1, 2, -1]), ("no", "Yes", "yes "))
    >>> one = as_one(classes, {"yes ": "Yes"}, np.ones(6, bool))
    >>> one.names, one.codes.tolist()
    (('Yes', 'no'), [1, 1, 0, 0, 0, -1])
    """
    words = [spellings.get(one, one) for one in classes.names]
    names = sorted(set(words))
    place = np.array([*(names.index(word) for word in words), -1])
    codes = place[classes.codes]
    counts = np.bincount(codes[train & (codes >= 0)], minlength=len(names))
    order = sorted(range(len(names)), key=lambda one: (-counts[one], names[one]))
    rank = np.full(len(names) + 1, -1, np.int64)
    rank[order] = np.arange(len(names))
    return Classes(rank[codes], tuple(names[one] for one in order), classes.numbers)
