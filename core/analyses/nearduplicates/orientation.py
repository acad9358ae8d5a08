"""How a picture is turned beside another one that shows the same: one of eight flips and quarter turns."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Ids = NDArray[np.int64]
SIDE = 64  # of a small copy
WORDS = (
    "",
    "mirrored top to bottom",
    "mirrored",
    "turned by 180°",
    "mirrored and turned by 90°",
    "turned by 90° to the left",
    "turned by 90° to the right",
    "mirrored and turned by 90°",
)  # by way
MIRRORED = (1, 2, 4, 7)
_PLAINEST = np.array([0, 2, 3, 6, 5, 1, 7, 4])  # the first of those that fit as well is named
_AS_WELL = 2.0  # times what is left of the difference at best
_NOISE = 0.002  # of the squared contrast, that no re-encoding leaves alone
_TINY = 16
_AT_ONCE = 256  # pairs


def turned(pictures: Floats, way: int) -> Floats:
    """Pictures, n x side x side x 3, one way: bit 0 upside down, bit 1 left to right, bit 2 transposed
    before.

    >>> turned(np.arange(4, dtype=np.float32).reshape(1, 2, 2, 1), 6)[0, ..., 0].tolist()
    [[2.0, 0.0], [3.0, 1.0]]
    """
    laid = pictures.transpose(0, 2, 1, 3) if way & 4 else pictures
    return laid[:, :: -1 if way & 1 else 1, :: -1 if way & 2 else 1]


def likeness(pictures: Floats, others: Floats) -> NDArray[Any]:
    """Per way (8) and pair, the correlation of the pixels of the one picture, turned so, with those of the
    other, at 16 x 16 pixels; 0 with a plain one.
    """
    step = SIDE // _TINY
    tiny, there = (
        some.reshape(-1, _TINY, step, _TINY, step, 3).mean(axis=(2, 4)) for some in (pictures, others)
    )
    tiny, there = (some - some.mean(axis=(1, 2, 3), keepdims=True) for some in (tiny, there))
    size = np.sqrt((tiny**2).sum(axis=(1, 2, 3)) * (there**2).sum(axis=(1, 2, 3)))
    return np.stack(
        [(turned(tiny, way) * there).sum(axis=(1, 2, 3)) / np.maximum(size, 1e-6) for way in range(8)]
    )


def ways(small: NDArray[np.uint8], kept: Ids, copies: Ids) -> NDArray[np.int8]:
    """By which way the picture of each copy comes of the one that is kept: the plainest of those that leave
    hardly more of the difference than the best does, so that one that looks the same turned is not turned.

    small: 64 x 64 x 3 each, may be a memory map. kept, copies: places in it.
    """
    found = [np.zeros(0, np.int8)]
    for start in range(0, kept.size, _AT_ONCE):
        pair = (np.asarray(small[some[start : start + _AT_ONCE]], np.float32) for some in (kept, copies))
        apart = 1 - likeness(*pair)[_PLAINEST]
        fits = apart <= _AS_WELL * apart.min(axis=0) + _NOISE
        found.append(_PLAINEST[fits.argmax(axis=0)].astype(np.int8))
    return np.concatenate(found)
