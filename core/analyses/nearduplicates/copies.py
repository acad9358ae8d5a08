"""Which pictures are copies of which, and the groups that they form."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from core.numerics.neighbours import neighbours
from core.progress import Progress

Ids = NDArray[np.int64]
Floats = NDArray[np.float64]
NEAREST = 10
_AT_ONCE = 4_096  # pairs of which the descriptions are held at once
_SPAN = 2.0  # a group's pictures are at most so many times the limit apart


@dataclass(frozen=True, eq=False)
class CopyPairs:
    """Pairs of copies, nearest first: ``first`` < ``second``, how far apart, whether that is below the sure
    limit, and whether it stands out from how near others are.
    """

    first: Ids
    second: Ids
    distance: Floats
    sure: NDArray[np.bool_]
    stands_out: NDArray[np.bool_]

    def verified(self, same: NDArray[np.bool_], recoloured: NDArray[np.bool_]) -> CopyPairs:
        """Those that show the same, and as possible ones those that do in other colours."""
        return replace(self, sure=self.sure & same)._only(same | recoloured)

    def within(self, group: Ids) -> CopyPairs:
        """Those inside one group each; -1 is none."""
        return self._only((group[self.first] >= 0) & (group[self.first] == group[self.second]))

    def of(self, rows: Ids) -> CopyPairs:
        """Of the rows that stand at their places."""
        return replace(self, first=rows[self.first], second=rows[self.second])

    def _only(self, kept: NDArray[np.bool_]) -> CopyPairs:
        return CopyPairs(
            self.first[kept], self.second[kept], self.distance[kept], self.sure[kept], self.stands_out[kept]
        )


def pairs(described: NDArray[np.float32], sure: float, possible: float, progress: Progress) -> CopyPairs:
    """Pictures no more than ``sure`` apart; or no more than ``possible``, and no more than half as far as
    the tenth nearest picture of both is, which adapts to sets of things that all look alike.

    described: n x p, of unit length, in an order that does not depend on the source's.
    """
    found = neighbours(described, NEAREST, len(described), progress)
    if not found.index.size:
        return _sorted(np.zeros((0, 2), np.int64), np.zeros(0), np.zeros(0, bool), sure)
    tenth = found.distance[:, -1] if found.index.shape[1] == NEAREST else np.zeros(len(described))
    rows = np.repeat(np.arange(len(described)), found.index.shape[1])
    others = found.index.ravel().astype(np.int64)
    pair = np.unique(np.minimum(rows, others) * len(described) + np.maximum(rows, others))
    both = np.stack(np.divmod(pair, len(described)), axis=1)
    distance = _apart(described, both)
    usual = np.minimum(tenth[both[:, 0]], tenth[both[:, 1]])
    stands_out = distance <= 0.5 * usual
    near = (distance <= sure) | ((distance <= possible) & stands_out)
    return _sorted(both[near], distance[near], stands_out[near], sure)


def _apart(described: NDArray[np.float32], both: Ids) -> Floats:
    """How far the pictures of each pair are apart, in double precision."""
    distance = np.empty(len(both))
    for first in range(0, len(both), _AT_ONCE):
        one, other = both[first : first + _AT_ONCE].T
        gap = described[one].astype(np.float64) - described[other]
        distance[first : first + _AT_ONCE] = np.sqrt(np.einsum("ij,ij->i", gap, gap))
    return distance


def _sorted(both: Ids, distance: Floats, stands_out: NDArray[np.bool_], sure: float) -> CopyPairs:
    order = np.lexsort((both[:, 1], both[:, 0], distance))
    far = distance[order]
    return CopyPairs(both[order, 0], both[order, 1], far, far <= sure, stands_out[order])


def groups(found: CopyPairs, described: NDArray[np.float32], sure: float, possible: float) -> Ids:
    """The group of each picture, -1 for none: pairs join, nearest first, where all of both groups stay
    within twice their limit, so that no chain of small steps makes one group of everything.
    """
    group = np.full(len(described), -1, np.int64)
    members: dict[int, list[int]] = {}
    for one, other, certain in zip(
        found.first.tolist(), found.second.tolist(), found.sure.tolist(), strict=True
    ):
        mine, theirs = ([at] if group[at] < 0 else members[int(group[at])] for at in (one, other))
        if group[one] >= 0 and group[one] == group[other]:
            continue
        apart = described[mine][:, None].astype(np.float64) - described[theirs][None]
        if np.linalg.norm(apart, axis=2).max() > _SPAN * (sure if certain else min(possible, _SPAN * sure)):
            continue
        joined = [*mine, *theirs]
        for at in (one, other):
            members.pop(int(group[at]), None)
        name = min(joined)
        members[name] = joined
        group[joined] = name
    return group
