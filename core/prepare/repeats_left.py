"""Which rows flagged as copies repeat nothing any more, once the rows that they repeat are dropped."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]


def repeat_nothing(group: NDArray[np.integer], flagged: Mask, dropped: Mask, kept: Mask, torn: bool) -> Mask:
    """Those of the ``flagged`` rows, all of one finding, that are the last left of their group, or the one to
    keep of what is left, as the one that was to be kept is dropped: the first that a person kept, else the
    first. All arrays have one value per row.

    group: of copies, negative for none. torn: whether the finding is that labels of copies disagree, and not
    that all but one of a group are too many: then that is over where one row of these is left.

    >>> group, again = np.array([0, 0, 0, -1]), np.array([False, True, True, False])
    >>> def left(*dropped, kept=(), torn=False):
    ...     gone, stay = (np.isin(range(4), rows) for rows in (dropped, kept))
    ...     return np.flatnonzero(repeat_nothing(group, again, gone, stay, torn)).tolist()
    >>> left(), left(1), left(0), left(0, kept=[2]), left(0, 1)
    ([], [], [1], [2], [2])
    >>> left(0, torn=True), left(1, torn=True)
    ([], [2])
    """
    left = (group >= 0) & ~dropped
    size = int(group.max(initial=-1)) + 1

    def number(rows: Mask) -> NDArray[np.int64]:
        """Per group how many of these rows it has."""
        return np.bincount(group[rows], minlength=size)

    again = left & flagged
    if torn:
        return np.asarray(again & (number(again) == 1)[group], bool)
    bereft = (number(left & ~flagged) == 0) & (number((group >= 0) & ~flagged) > 0)
    rows = np.flatnonzero(again & (bereft | (number(left) == 1))[group])
    rows = rows[np.lexsort((rows, ~kept[rows], group[rows]))]
    result = np.zeros(group.size, bool)
    result[rows[np.unique(group[rows], return_index=True)[1]]] = True
    return result
