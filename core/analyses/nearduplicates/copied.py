"""What an analysis of copies finds, whatever it compares: groups, how near, and the row to keep."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Copied:
    """Arrays hold one value per row of the data, in source order.

    group: the first row of the row's group, -1 for none. distance: to the nearest of its group, NaN for none.
    sure: whether that is near enough to be called a copy. excess: in a group, and not the one to keep.
    crop: a part cut out of another picture of its group. compared: rows compared. notes: what was left out
    or approximated. skipped: why nothing could be compared, or "". regular: columns in which copies differ
    as a rule, as the observations of one thing do.
    """

    group: NDArray[np.int64]
    distance: NDArray[np.float64]
    sure: NDArray[np.bool_]
    excess: NDArray[np.bool_]
    crop: NDArray[np.bool_]
    compared: int
    notes: tuple[str, ...] = ()
    skipped: str = ""
    regular: tuple[str, ...] = ()

    @classmethod
    def none(cls, rows: int, skipped: str) -> Copied:
        """No copies among so many rows, and why they were not compared."""
        no = np.zeros(rows, bool)
        return cls(np.full(rows, -1, np.int64), np.full(rows, np.nan), no, no, no, 0, skipped=skipped)
