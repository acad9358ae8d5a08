"""Columns whose values are missing in the same rows."""

from __future__ import annotations

import numpy as np

from core.dataset import Dataset
from core.numerics.nullity import missing_together
from core.prepare.lacked import rows_with
from core.progress import Progress
from core.rowset import RowSet


def absent_together(
    dataset: Dataset, progress: Progress
) -> tuple[tuple[tuple[str, ...], float, RowSet], ...]:
    """Sets of columns missing together: names, least phi, and the rows that lack all of them. Over all
    rows that have the columns: where a part lacks one, it has no gaps. What is measured of images is missing
    where an image cannot be read, or a measure does not apply to it, which is no finding.
    """
    gaps = {}
    having = rows_with(dataset, dataset.names)
    for name in progress.each(dataset.names, "Comparing missing values"):
        if name in dataset.measured:
            continue
        column = dataset.table([name]).column(0)
        if column.null_count:
            gaps[name] = np.asarray(column.is_null())
    everywhere = np.ones(dataset.rows, bool)
    gappy, masks = list(gaps), list(gaps.values())
    known = [having.get(name, everywhere) for name in gappy]
    return tuple(
        (
            tuple(gappy[j] for j in one.columns),
            one.phi,
            RowSet.from_mask(np.logical_and.reduce([masks[j] & known[j] for j in one.columns])),
        )
        for one in missing_together(masks, known=known)
    )
