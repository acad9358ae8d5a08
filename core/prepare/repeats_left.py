"""Which rows flagged as copies repeat nothing any more, or agree in their labels, by what was decided."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]


def repeat_nothing(group: NDArray[np.integer], flagged: Mask, dropped: Mask, kept: Mask) -> Mask:
    """Those of the ``flagged`` rows, all of one finding, that are the last left of their group, or the one to
    keep of what is left, as the one that was to be kept is dropped: the first that a person kept, else the
    first. All arrays have one value per row.

    group: of copies, negative for none.

    >>> group, again = np.array([0, 0, 0, -1]), np.array([False, True, True, False])
    >>> def left(*dropped, kept=()):
    ...     out, stay = (np.isin(range(4), rows) for rows in (dropped, kept))
    ...     return np.flatnonzero(repeat_nothing(group, again, out, stay)).tolist()
    >>> left(), left(1), left(0), left(0, kept=[2]), left(0, 1)
    ([], [], [1], [2], [2])
    """
    left = (group >= 0) & ~dropped
    size = int(group.max(initial=-1)) + 1

    def number(rows: Mask) -> NDArray[np.int64]:
        """Per group how many of these rows it has."""
        return np.bincount(group[rows], minlength=size)

    again = left & flagged
    bereft = (number(left & ~flagged) == 0) & (number((group >= 0) & ~flagged) > 0)
    rows = np.flatnonzero(again & (bereft | (number(left) == 1))[group])
    rows = rows[np.lexsort((rows, ~kept[rows], group[rows]))]
    result = np.zeros(group.size, bool)
    result[rows[np.unique(group[rows], return_index=True)[1]]] = True
    return result


def labels_agree(
    group: NDArray[np.integer], flagged: Mask, dropped: Mask, labels: NDArray[np.integer]
) -> Mask:
    """Those of the ``flagged`` rows, all of a finding that labels of copies disagree, of whose group the rows
    left have one label by now. All arrays have one value per row.

    group: of copies, negative for none. labels: as decided, negative for none; those of rows that the finding
    does not speak of are negative too.

    >>> group, all_four, labels = np.zeros(4, int), np.ones(4, bool), np.array([1, 1, 0, -1])
    >>> def over(*dropped, labels=labels):
    ...     return np.flatnonzero(labels_agree(group, all_four, np.isin(range(4), dropped), labels)).tolist()
    >>> over(), over(0), over(2), over(0, 1), over(labels=np.array([1, 1, 1, -1]))
    ([], [], [0, 1, 3], [2, 3], [0, 1, 2, 3])
    """
    size = int(group.max(initial=-1)) + 1
    seen = (group >= 0) & ~dropped & (labels >= 0)
    low, high = np.full(size, np.iinfo(np.int64).max), np.full(size, -1)
    np.minimum.at(low, group[seen], labels[seen])
    np.maximum.at(high, group[seen], labels[seen])
    rows = np.flatnonzero((group >= 0) & ~dropped & flagged)
    result = np.zeros(group.size, bool)
    result[rows[(low >= high)[group[rows]]]] = True
    return result
