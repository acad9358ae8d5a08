"""How much detail a picture shows: one of too little (a sign, a few lines, a shape of one colour) looks like
many others that have nothing to do with it.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

_SQUARE, _TONES, _COMMON = 8, 32, 3


class Shown(NamedTuple):
    """How much a picture shows, and limits of it. contrast: levels of standard deviation within its colours,
    so that a tint counts for nothing. squares: share of its squares of 8 x 8 that show something. rank: the
    effective rank of its levels (the squared sum of singular values over the sum of their squares): stripes
    have one, a cross 2.8 at most, pictures of things 3.4 and more. tones: share of its pixels beyond the
    three commonest of 32 tones.
    """

    contrast: float
    squares: float
    rank: float
    tones: float

    def reaches(self, limits: Shown) -> bool:
        """Whether it is as much as the limits in every way."""
        return all(own >= least for own, least in zip(self, limits, strict=True))


MUCH, SOME = Shown(25.0, 0.4, 3.0, 0.06), Shown(5.0, 0.1, 3.0, 0.06)


def shows_enough(picture: NDArray[np.uint8]) -> bool:
    """Whether it shows enough to be told from others that only look like it."""
    shows = how_much(picture)
    return shows.reaches(MUCH) or shows.reaches(SOME)


def how_much(picture: NDArray[np.uint8]) -> Shown:
    """What a picture of 64 x 64 x 3 shows.

    >>> steep = np.broadcast_to(np.arange(0, 256, 4, np.uint8)[:, None], (64, 64, 3))
    >>> round(how_much(steep).rank, 2), round(how_much(steep).tones, 2)
    (1.0, 0.91)
    """
    shown = picture.astype(np.float32)
    contrast, grey = float(centred(shown).std()), shown.mean(axis=2)
    size = (min(grey.shape) // _SQUARE) * _SQUARE
    squares = grey[:size, :size].reshape(size // _SQUARE, _SQUARE, -1, _SQUARE).std(axis=(1, 3))
    values = np.linalg.svd(grey - grey.mean(), compute_uv=False)
    rank = float(values.sum() ** 2 / max(float((values**2).sum()), 1e-9))
    tones = np.sort(np.bincount((grey * (_TONES / 256)).astype(int).ravel(), minlength=_TONES))
    rare = float(tones[:-_COMMON].sum()) / grey.size
    return Shown(contrast, float((squares > max(0.15 * contrast, 1e-3)).mean()), rank, rare)


def centred(picture: NDArray[np.float32]) -> NDArray[np.float32]:
    """Each colour less its mean."""
    return np.asarray(picture - picture.mean(axis=(0, 1)), np.float32)
