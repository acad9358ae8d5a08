"""Which images are held out, class by class and all copies of one together."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.numerics.rowhash import mix


def held_out(
    codes: NDArray[np.int64], keys: NDArray[np.uint64], share: float, turn: int = 0
) -> NDArray[np.bool_]:
    """About a share of the images of each class, others in each turn, whatever the order: one picture and its
    copies at least, and never all; none of a class of one picture.

    codes: classes, one per image. keys: of the pixels; images of one key lie on one side, and count as of one
    class, the first of theirs.

    >>> keys = mix(np.arange(16, dtype=np.uint64))
    >>> held_out(np.repeat([0, 1], [12, 4]), keys, 0.5).reshape(4, 4).sum(axis=1)[3]
    np.int64(2)
    """
    order = mix(keys ^ mix(np.full(keys.size, turn + 1, np.uint64)))
    _, picture = np.unique(keys, return_inverse=True)
    first = np.full(keys.size, codes.max(initial=0), codes.dtype)
    np.minimum.at(first, picture, codes)
    groups, held = first[picture], np.zeros(keys.size, np.bool_)
    for one in np.unique(groups):
        among = order[groups == one]
        pictures, copies = np.unique(among, return_counts=True)
        if pictures.size > 1:
            last = np.abs(np.cumsum(copies)[:-1] - share * among.size).argmin()
            held[groups == one] = among <= pictures[last]
    return held
