"""A short description of a picture that no flip and no quarter turn changes, and little of what re-encoding
does.

The low frequencies of the cosine transform of luma and chroma, without their signs: a flip changes signs
only (Zauner 2010, "Implementation and benchmarking of perceptual image hash functions", describes the
transform for hashes). A transposition swaps the frequencies (u, v) and (v, u), so that their sum and their
absolute difference stay.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from core.numerics.picture_chunks import by_chunks

Floats = NDArray[np.float64]
LUMA, CHROMA = 10, 5  # frequencies along each axis
WIDTH = LUMA**2 + 2 * CHROMA**2 - 3
_HALF = 32
_FLAT = 1.0  # length of the coefficients below which there is nothing to describe
# luma and both chromas of Rec. 601 (JPEG File Interchange Format 1.02)
_YCC = np.array([[0.299, 0.587, 0.114], [-0.168736, -0.331264, 0.5], [0.5, -0.418688, -0.081312]], np.float32)


def descriptors(small: NDArray[np.uint8]) -> NDArray[np.float32]:
    """One row of `WIDTH` numbers of unit length per picture; zeros for one that is plain.

    small: n x 64 x 64 x 3, RGB; may be a memory map, read 256 pictures at a time.

    >>> picture = np.random.default_rng(0).integers(0, 256, (1, 64, 64, 3)).astype(np.uint8)
    >>> turned = [picture, picture[:, ::-1], picture[:, :, ::-1], picture.transpose(0, 2, 1, 3)]
    >>> found = [descriptors(np.ascontiguousarray(one)) for one in turned]
    >>> all(np.allclose(one, found[0], atol=1e-3) for one in found), found[0].shape
    (True, (1, 147))
    """
    return by_chunks(small, _described, WIDTH)


def _described(pictures: NDArray[np.uint8]) -> NDArray[np.float32]:
    halves = pictures.reshape(len(pictures), _HALF, 2, _HALF, 2, 3).mean(axis=(2, 4), dtype=np.float32)
    planes = halves @ _YCC.T
    numbers = np.concatenate(
        [_frequencies(planes[..., at], most) for at, most in enumerate((LUMA, CHROMA, CHROMA))], axis=1
    )
    flat = np.linalg.norm(numbers, axis=1, keepdims=True) < _FLAT
    rooted = np.sqrt(numbers)
    length = np.linalg.norm(rooted, axis=1, keepdims=True)
    unit: NDArray[np.float64] = np.where(flat, 0.0, rooted / np.maximum(length, 1e-12))
    return np.asarray(unit, np.float32)


def _frequencies(plane: NDArray[np.float32], most: int) -> NDArray[np.float32]:
    """What stays of the lowest frequencies when a picture is flipped or turned, without the mean."""
    cosines = _cosines()[:most].astype(np.float32)
    found = np.abs(np.einsum("ua,nab,vb->nuv", cosines, plane, cosines, optimize=True))
    found[:, 0, 0] = 0.0
    upper = np.triu_indices(most, 1)
    one, other = found[:, upper[0], upper[1]], found[:, upper[1], upper[0]]
    diagonal = found[:, np.arange(1, most), np.arange(1, most)]
    both = [(one + other) / np.sqrt(2), np.abs(one - other) / np.sqrt(2), diagonal]
    return np.asarray(np.concatenate(both, axis=1), np.float32)


@cache
def _cosines() -> Floats:
    """The orthonormal cosine transform (DCT-II) of 32 numbers, as a matrix.

    >>> bool(np.allclose(_cosines() @ _cosines().T, np.eye(32)))
    True
    """
    at, frequency = np.arange(_HALF), np.arange(_HALF)[:, None]
    matrix = np.sqrt(2 / _HALF) * np.cos(np.pi * (2 * at + 1) * frequency / (2 * _HALF))
    matrix[0] /= np.sqrt(2)
    return np.asarray(matrix)
