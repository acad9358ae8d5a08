"""The target as classes: codes per row, and the names of the classes, the most frequent in train first."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.dataset import Dataset
from core.phrases import digits
from core.prepare.features import floats
from core.prepare.levels import encoded

FEW = 20  # distinct whole numbers, at most, that are classes
EACH = 5  # rows per distinct number, at least


def holds_numbers(dataset: Dataset, target: str) -> bool:
    """Whether a target is a number, not a class: of a numeric column that holds other than whole values, or
    more than `FEW` distinct ones. The one definition of whether Labels or Residuals judges it.
    """
    if dataset[target].kind != "numeric":
        return False
    key = (dataset.version, target)
    return dataset.shared.latest("targets of numbers", key, lambda: _many_or_broken(dataset, target))


def _many_or_broken(dataset: Dataset, target: str) -> bool:
    """Read batch by batch, no further than it takes to tell."""
    import pyarrow as pa

    known = np.zeros(0)
    for batch in dataset.batches([target]):
        values = floats(pa.chunked_array([batch.column(0)]))
        known = np.union1d(known, values[~np.isnan(values)])
        if known.size > FEW or bool((known != np.round(known)).any()):
            return True
    return False


class Classes(NamedTuple):
    """codes: of each row of the data set, -1 where the target is not known. names: of the classes, those most
    frequent in train first (ties by name). numbers: whether they are whole numbers.
    """

    codes: NDArray[np.int64]
    names: tuple[str, ...]
    numbers: bool = False


def classes_of(dataset: Dataset, target: str) -> Classes | None:
    """The classes of a target; None where it is a number: one of other than whole values, of more than
    `FEW` distinct ones, or of fewer than `EACH` rows for each.
    """
    import pyarrow as pa

    column = dataset.table([target]).column(0)
    numeric = dataset[target].kind in ("numeric", "datetime")
    if numeric:
        values = floats(column)
        known = np.unique(values[np.isfinite(values)])
        whole = known.size <= FEW and bool((known == np.round(known)).all())
        if not whole or np.isfinite(values).sum() < EACH * known.size:
            return None
        column = pa.chunked_array([pa.array(values, mask=~np.isfinite(values))])
    codes, levels = encoded(column)
    texts = [digits(one) if numeric else str(one) for one in levels.to_pylist()]
    train = codes[dataset.part_mask("train")]
    counts = np.bincount(train[train >= 0], minlength=len(texts))
    order = sorted(range(len(texts)), key=lambda level: (-counts[level], texts[level]))
    place = np.full(len(texts) + 1, -1, np.int64)
    place[order] = np.arange(len(texts))
    return Classes(place[codes], tuple(texts[level] for level in order), numeric)
