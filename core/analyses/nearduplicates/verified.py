"""Pairs of pictures held against each other pixel by pixel, and only what both show in detail.

A description of low frequencies mostly says where a picture is white: of drawings in thin lines it calls the
same lines with another sign between them a copy, and without its signs a red and a green one. So the one is
turned onto the other, brought to its mean and contrast, and the difference, averaged over what is finer than
re-encoding and halving leave alone, must be small everywhere: beside a white ground and beside the contrast
that there is. What passes only after the colours of each were mapped onto the other's, both ways, is the same
drawing in other colours.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.analyses.nearduplicates.orientation import SIDE, likeness, turned
from core.progress import SILENT, Progress
from core.workers import one_blas_thread

Pictures = NDArray[np.uint8]
Ids = NDArray[np.int64]
Floats = NDArray[np.float32]
LEVELS = 48.0  # of 255, that an averaged difference may reach anywhere
CONTRAST = 1.1  # standard deviations of the pictures, that it may
_WINDOW = 5  # of these pixels, averaged over
_DETAIL = 2.0  # pixels of the picture with fewer, averaged over
_GAIN = 4.0  # of contrast that one may have over the other
_AT_ONCE = 256  # pairs


class Verified(NamedTuple):
    """Per pair, whether both show the ``same``, or the same but ``recoloured``."""

    same: NDArray[np.bool_]
    recoloured: NDArray[np.bool_]


def alike(
    small: Pictures,
    sources: Ids,
    sides: NDArray[np.float64],
    pairs: tuple[Ids, Ids],
    colours: NDArray[np.bool_],
    progress: Progress = SILENT,
) -> Verified:
    """What the two pictures of each pair are of each other. ``colours``: of which pairs it is asked whether
    they show the same in other colours.

    small: 64 x 64 x 3 each, RGB, may be a memory map. sources: of n pictures the places in it. sides: the
    shorter side of each in its own pixels, 0 where it is not known. pairs: places among the n.
    """
    first, second = pairs
    verified = Verified(np.zeros(first.size, bool), np.zeros(first.size, bool))
    for start in progress.each(range(0, first.size, _AT_ONCE), "Comparing pixels"):
        one, two = first[start : start + _AT_ONCE], second[start : start + _AT_ONCE]
        left = np.asarray(small[sources[one]], np.float32)
        right = _turned_onto(np.asarray(small[sources[two]], np.float32), left)
        windows = _windows(np.minimum(sides[one], sides[two]))
        with one_blas_thread():
            for at, pair in enumerate(zip(left, right, windows, strict=True), start):
                verified.same[at] = same(*pair)
                verified.recoloured[at] = colours[at] and not verified.same[at] and recoloured(*pair)
    return verified


def same(one: Floats, other: Floats, window: int = _WINDOW) -> bool:
    """Whether two pictures of one size (height x width x 3, levels) show the same where they lie on each
    other. window: odd, pixels that differences are averaged over.

    >>> lens = np.full((64, 64, 3), 255, np.float32)
    >>> lens[10:14, 10:50] = 0
    >>> signed = lens.copy()
    >>> signed[30:33, 25:35] = 0
    >>> same(lens, 0.8 * lens + 20), same(lens, signed)
    (True, False)
    """
    import cv2

    means, spreads = (one.mean(), other.mean()), (float(one.std()), float(other.std()))
    gain = float(np.sqrt(np.clip(spreads[1] / max(spreads[0], 1e-6), 1 / _GAIN, _GAIN)))
    apart = (other - means[1]) / gain - (one - means[0]) * gain
    most = float(np.abs(cv2.blur(apart, (window, window))).max())
    contrast = float(np.sqrt(spreads[0] * spreads[1]))
    return most <= LEVELS and most <= CONTRAST * contrast


def recoloured(one: Floats, other: Floats, window: int = _WINDOW) -> bool:
    """Whether two pictures are the same once the colours of each are mapped onto the other's: affine maps of
    red, green and blue by least squares, one each way, as a map may well make a sign vanish, but draw none.

    >>> red = np.full((64, 64, 3), 255, np.float32)
    >>> red[20:40, 20:40] = 200, 30, 30
    >>> green = np.where(red == 255, red, np.float32([40, 160, 40]))
    >>> signed = red.copy()
    >>> signed[28:33, 22:38] = 20
    >>> recoloured(red, green), recoloured(red, signed)
    (True, False)
    """
    return same(one, _in_colours_of(one, other), window) and same(other, _in_colours_of(other, one), window)


def _in_colours_of(one: Floats, other: Floats) -> Floats:
    """``other``, its colours mapped onto those of ``one`` where they lie on each other."""
    given = np.c_[other.reshape(-1, 3), np.ones(other[..., 0].size, np.float32)]
    mapped = given @ np.linalg.lstsq(given, one.reshape(-1, 3), rcond=None)[0]
    return np.asarray(mapped.reshape(one.shape), np.float32)


def _windows(sides: NDArray[np.float64]) -> list[int]:
    """Over how many pixels of the small copies differences are averaged, of pairs whose coarser picture has
    so many pixels: an odd number.

    >>> _windows(np.array([0.0, 200.0, 28.0, 14.0]))
    [5, 5, 5, 11]
    """
    wide = np.ceil(_DETAIL * SIDE / np.where(sides > 0, sides, SIDE))
    wide = np.clip(wide, _WINDOW, SIDE // 4).astype(int)
    return (wide + (wide % 2 == 0)).tolist()  # type: ignore[no-any-return]


def _turned_onto(pictures: Floats, others: Floats) -> Floats:
    """Each picture in that one of its eight flips and turns that is most like the other."""
    best = likeness(pictures, others).argmax(axis=0)
    return np.stack([turned(pictures[at : at + 1], int(way))[0] for at, way in enumerate(best)])
