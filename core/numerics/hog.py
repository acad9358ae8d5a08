"""Histograms of oriented gradients: what a small picture is like by its edges (Dalal and Triggs 2005,
CVPR).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.numerics.picture_chunks import by_chunks

CELL, BINS, BLOCK = 8, 9, 2
_LUMA = np.array([0.299, 0.587, 0.114], np.float32)
_CUT = 0.2  # of the length of a block, above which no number counts for more


def hog(small: NDArray[np.uint8]) -> NDArray[np.float32]:
    """One row of 1,764 numbers per picture of 64 x 64 pixels: 7 x 7 blocks of 2 x 2 cells of 8 x 8 pixels, 9
    directions without sign, each block of unit length, cut at 0.2 and of unit length again.

    small: n x 64 x 64 x 3, RGB; may be a memory map.

    >>> across = np.zeros((1, 64, 64, 3), np.uint8)
    >>> across[:, :, 32:] = 255
    >>> found = hog(across).reshape(7, 7, 2, 2, 9)
    >>> found.shape, sorted({int(at) for at in np.argwhere(found > 0.1)[:, -1]})
    ((7, 7, 2, 2, 9), [0])
    """
    return by_chunks(small, _of, 1764)


def _of(pictures: NDArray[np.uint8]) -> NDArray[np.float32]:
    grey = pictures.astype(np.float32) @ _LUMA
    across, down = np.zeros_like(grey), np.zeros_like(grey)
    across[:, :, 1:-1] = grey[:, :, 2:] - grey[:, :, :-2]
    down[:, 1:-1] = grey[:, 2:] - grey[:, :-2]
    strength = np.sqrt(across * across + down * down)
    turn = np.arctan2(down, across) * np.float32(BINS / np.pi)
    turn += BINS * (turn < 0)  # a direction and its opposite are one
    low = turn.astype(np.int64)
    above = strength * (turn - low)
    side = grey.shape[1] // CELL
    cell = np.arange(grey.shape[1]) // CELL
    first = BINS * (cell[:, None] * side + cell + side * side * np.arange(len(grey))[:, None, None])
    votes = [
        np.bincount((first + which % BINS).ravel(), weight.ravel(), len(grey) * side * side * BINS)
        for which, weight in ((low, strength - above), (low + 1, above))
    ]
    return _blocks((votes[0] + votes[1]).astype(np.float32).reshape(len(grey), side, side, BINS))


def _blocks(cells: NDArray[np.float32]) -> NDArray[np.float32]:
    corners = [cells[:, i : i - 1 or None, j : j - 1 or None] for i in range(BLOCK) for j in range(BLOCK)]
    stacked = np.stack(corners, axis=3)
    shape = stacked.shape
    flat = stacked.reshape(*shape[:3], -1)
    flat = np.minimum(flat / (np.linalg.norm(flat, axis=-1, keepdims=True) + 1e-3), _CUT)
    flat = flat / (np.linalg.norm(flat, axis=-1, keepdims=True) + 1e-3)
    return np.asarray(flat.reshape(len(cells), -1), np.float32)
