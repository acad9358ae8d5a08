"""A last row that is the total of those above it, seen before the data are loaded."""

from __future__ import annotations

import re

import numpy as np

from core.dataset import Dataset
from core.dataset.split import PARTS, Part
from core.loading.total_words import WORD

LEAST = 3  # rows above it that have a number
CLOSE = 1e-9  # of the sum of all sizes: how far it may be off, as numbers have an end


def totals_in(dataset: Dataset) -> dict[Part, str]:
    """What `total_in` says of the last row of each file: of train, and of serve where that is a second one; a
    table that is split has one last row, under "train".
    """
    if dataset.split is None or dataset.split.how != "file":
        return {"train": total_in(dataset)}
    return {part: total_in(dataset.only(dataset.part_mask(part))) for part in PARTS}


def total_in(dataset: Dataset) -> str:
    """What the last row calls itself, such as "Total", where half of its numbers or more are the sums of all
    above; "" where nothing says so. The profile looks closer, and at all rows.
    """
    if dataset.rows <= LEAST:
        return ""
    last, numbers, sums = "", 0, 0
    for column in dataset.columns:
        if column.stored == "string" and not last:
            text = dataset.table([column.name]).column(0)[dataset.rows - 1].as_py() or ""
            last = text if re.match(WORD, text) else ""
        elif column.stored in ("int64", "uint64", "double"):
            values = np.nan_to_num(
                dataset.frame([column.name])[column.name].to_numpy(np.float64, na_value=0.0)
            )
            above, here = values[:-1], values[-1]
            if here:
                numbers += 1
                near = abs(above.sum() - here) <= CLOSE * np.abs(above).sum()
                sums += bool(near and np.count_nonzero(above) >= LEAST)
    return last.strip() if last and sums and 2 * sums >= numbers else ""
