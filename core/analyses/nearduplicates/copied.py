"""What an analysis of copies finds, whatever it compares: groups, how near, and the row to keep."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ids = NDArray[np.int64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, eq=False, kw_only=True)
class Copied:
    """Arrays hold one value per row of the data, in source order.

    group: the first row of the row's group, -1 for none. distance: to the nearest of its group, NaN for none.
    sure_group: the first row of those of its group that it is surely a copy of, itself where of none.
    related: the same, of those that it is surely a copy or a part of. excess: in a group, and not the one to
    keep. repeated: surely a copy of another one, which is better kept. crop: a part cut out of another
    picture of its group, or a copy of one. compared: rows compared. notes: what was left out or approximated.
    skipped: why nothing could be compared, or "". regular: columns in which copies differ as a rule, as the
    observations of one thing do. turned: of a picture that is not to be kept the way in which it is turned
    beside the one that is, see `core.analyses.nearduplicates.orientation`; None of rows of a table.
    """

    group: Ids
    distance: NDArray[np.float64]
    sure_group: Ids
    related: Ids
    excess: Mask
    repeated: Mask
    crop: Mask
    compared: int
    notes: tuple[str, ...] = ()
    skipped: str = ""
    regular: tuple[str, ...] = ()
    turned: NDArray[np.int8] | None = None

    @property
    def kept(self) -> Ids:
        """Per row the one to keep instead: of its sure copies where it repeats one of these, of its whole
        group else; itself where it is to keep.
        """
        return kept(self.group, self.excess, self.sure_group, self.repeated)

    @classmethod
    def none(cls, rows: int, skipped: str) -> Copied:
        """No copies among so many rows, and why they were not compared."""
        own, no = np.arange(rows), np.zeros(rows, bool)
        return cls(
            group=np.full(rows, -1, np.int64),
            distance=np.full(rows, np.nan),
            sure_group=own,
            related=own,
            excess=no,
            repeated=no,
            crop=no,
            compared=0,
            skipped=skipped,
        )


def kept(group: Ids, excess: Mask, sure_group: Ids, repeated: Mask) -> Ids:
    """See `Copied.kept`.

    >>> group, sure_group = np.array([0, 0, 0, -1]), np.array([0, 0, 2, 3])
    >>> kept(group, np.array([1, 1, 0, 0]) > 0, sure_group, np.array([0, 1, 0, 0]) > 0).tolist()
    [2, 0, 2, 3]
    """
    best = np.arange(group.size)
    for one_of, again in ((group, excess), (sure_group, repeated)):
        heads = np.flatnonzero((one_of >= 0) & ~again)
        head = np.full(group.size, -1, np.int64)
        head[one_of[heads]] = heads
        best[again] = head[one_of[again]]
    return best


def linked(group: Ids, *links: tuple[Ids, Ids]) -> Ids:
    """Per row the first of those that links lead to inside its group, itself where none do.

    >>> linked(np.array([0, 0, 0, 0, -1]), (np.array([1, 3]), np.array([3, 4]))).tolist()
    [0, 1, 2, 1, 4]
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    one, other = (np.concatenate([link[end] for link in links]) for end in (0, 1))
    inside = (group[one] >= 0) & (group[one] == group[other])
    one, other = one[inside], other[inside]
    graph = coo_array((np.ones(one.size, bool), (one, other)), shape=(group.size, group.size))
    label = connected_components(graph, directed=False)[1]
    _, first, place = np.unique(label, return_index=True, return_inverse=True)
    return np.asarray(first[place], np.int64)


def repeated(group: Ids, best_first: Ids) -> Mask:
    """All of each group but the best one; rows of no group (below 0) are no such rows.

    >>> repeated(np.array([0, 0, 2, -1, -1]), np.array([4, 3, 2, 1, 0])).tolist()
    [True, False, False, False, False]
    """
    again = np.ones(group.size, bool)
    again[best_first[np.unique(group[best_first], return_index=True)[1]]] = False
    return np.asarray(again & (group >= 0))


def several(group: Ids) -> Mask:
    """Whether a row's group has another one.

    >>> several(np.array([0, 1, 0, -1, -1])).tolist()
    [True, False, True, False, False]
    """
    sizes = np.bincount(group[group >= 0], minlength=group.size)
    return np.asarray((group >= 0) & (sizes[group] > 1))
