"""Pictures that are a part of another one: cut out of it, whatever size they were given then.

Which may be is asked first (`crop_candidates`), then whether they are (`cut_out`). What
shows too little (`detail`) is a part of none: one cross is a part of every larger one.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.analyses.nearduplicates.copies import CopyPairs
from core.analyses.nearduplicates.crop_candidates import crop_candidates
from core.analyses.nearduplicates.cut_out import part_of
from core.analyses.nearduplicates.detail import shows_enough
from core.progress import SILENT, Progress

Ids = NDArray[np.int64]
MOST = 10_000  # pictures, as all are held against all
LEAST_SIDE = 40  # pixels of its own: smaller ones are too alike


class CropPairs(NamedTuple):
    """``part``: places of pictures that are a part, ``whole``: of what; at most one for each."""

    part: Ids
    whole: Ids


NO_CROPS = CropPairs(np.zeros(0, np.int64), np.zeros(0, np.int64))


def with_crops(group: Ids, near: CopyPairs, cut: CropPairs) -> tuple[Ids, CropPairs]:
    """Groups of copies (a number per picture, -1 for none) joined by those of which one is a part of the
    other; and the parts, without those that are surely copies of their wholes, or wholes of these.

    >>> near = CopyPairs(np.array([0]), np.array([1]), np.array([0.1]), np.ones(1, bool), np.ones(1, bool))
    >>> group, cut = with_crops(
    ...     np.array([0, 0, -1, -1, -1]), near, CropPairs(np.array([0, 2, 3]), np.array([1, 1, 4]))
    ... )
    >>> group.tolist(), cut.part.tolist()
    ([0, 0, 0, 3, 3], [2, 3])
    """
    joined, kept = group.copy(), np.zeros(cut.part.size, bool)
    sure = near.within(group)
    told = set(zip(sure.first[sure.sure].tolist(), sure.second[sure.sure].tolist(), strict=True))
    for at, (one, other) in enumerate(zip(cut.part.tolist(), cut.whole.tolist(), strict=True)):
        if (min(one, other), max(one, other)) in told:
            continue
        kept[at] = True
        told.add((min(one, other), max(one, other)))
        members = [end for end in (one, other) if joined[end] < 0]
        members += np.flatnonzero((joined >= 0) & np.isin(joined, joined[[one, other]])).tolist()
        joined[members] = min(members)
    return joined, CropPairs(cut.part[kept], cut.whole[kept])


def crops(
    small: NDArray[np.uint8], sources: Ids, sides: NDArray[np.float64], progress: Progress = SILENT
) -> CropPairs:
    """The pictures that are a part of another, of `LEAST_SIDE` pixels and more, if they are `MOST` at most.

    small: 64 x 64 x 3 each, RGB, may be a memory map. sources: of n pictures the places in it. sides: the
    shorter side of each in its own pixels.
    """
    rows = np.flatnonzero(sides >= LEAST_SIDE)
    if not 2 <= rows.size <= MOST:
        return NO_CROPS
    shown = np.asarray(small[sources[rows]])
    rows, shown = _with_detail(rows, shown)
    some = crop_candidates(shown, progress.part(0.0, 0.5))
    best: dict[int, tuple[float, int]] = {}
    for one, other, window in progress.part(0.5, 1.0).each(some, "Looking for crops"):
        apart = part_of(shown[one], shown[other], window)
        if apart is not None:
            best[one] = min(best.get(one, (2.0, 0)), (apart, other))
    found = [(one, other) for one, (_, other) in best.items()]
    pairs = np.array(found, np.int64).reshape(-1, 2)
    return CropPairs(rows[pairs[:, 0]], rows[pairs[:, 1]])


def _with_detail(rows: Ids, shown: NDArray[np.uint8]) -> tuple[Ids, NDArray[np.uint8]]:
    """The pictures that show enough."""
    kept = np.array([shows_enough(one) for one in shown], bool)
    return rows[kept], shown[kept]
