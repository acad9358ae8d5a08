"""Which pictures may be a part of which: the mean levels of each on a grid of 8 x 8 are held against those of
windows of all others.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.progress import Progress
from core.workers import LocalThreads, one_blas_thread

Floats = NDArray[np.float32]
SIDE = 64  # pixels of the copies that are compared
_GRID, _COARSE = 8, 4
_SHARES = (0.93, 0.86, 0.79, 0.72)  # of a picture's sides that a window has
_SEVERAL = 3  # pictures that each may be a part of, looked at closer
_LIKE = 0.5  # correlation of the grids from which that is worth the time
_AT_ONCE = 512


class Window(NamedTuple):
    """A part of a picture, as shares of its sides: how much, from above, from the left."""

    share: float
    top: float
    left: float


def crop_candidates(shown: NDArray[np.uint8], progress: Progress) -> list[tuple[int, int, Window]]:
    """Pairs of which the first may be a part of the second, and where: for each the few most like it."""
    n = len(shown)
    several = min(_SEVERAL, n - 1)
    if several < 1:
        return []
    windows, made = _windows(), []
    with one_blas_thread():
        own, *grids = _grids(shown, [Window(1.0, 0.0, 0.0), *windows])
        for start in progress.each(range(0, n, _AT_ONCE), "Comparing parts"):
            some = own[start : start + _AT_ONCE]
            best = np.full((len(some), n), -2.0, np.float32)
            for grid in grids:
                np.maximum(best, some @ grid.T, out=best)
            best[np.arange(len(some)), start + np.arange(len(some))] = -2.0
            top = np.argpartition(-best, several - 1, axis=1)[:, :several]
            at, place = np.nonzero(np.take_along_axis(best, top, axis=1) >= _LIKE)
            others = top[at, place]
            where = np.stack([(grid[others] * some[at]).sum(axis=1) for grid in grids]).argmax(axis=0)
            pairs = zip((start + at).tolist(), others.tolist(), where.tolist(), strict=True)
            made += [(one, other, windows[window]) for one, other, window in pairs]
    return made


def _windows() -> list[Window]:
    """Those that pictures are held against.

    >>> len(_windows())
    31
    """
    made = []
    for share in _SHARES:
        steps = np.linspace(0.0, 1.0 - share, 2 if share > 0.9 else 3).tolist()
        made += [Window(share, top, left) for top in steps for left in steps]
    return made


def _grids(shown: NDArray[np.uint8], windows: list[Window]) -> list[Floats]:
    """`_grids_of` of so many pictures at once that few are held as numbers."""
    starts = range(0, len(shown), _AT_ONCE)
    parts = LocalThreads().map(lambda at: _grids_of(shown[at : at + _AT_ONCE], windows), starts)
    return [np.concatenate(some) for some in zip(*parts, strict=True)]


def _grids_of(pictures: NDArray[np.uint8], windows: list[Window]) -> list[Floats]:
    """Mean levels in each window, n x 96: of luma on 8 x 8, of both differences of colour on 4 x 4; centred,
    of about unit length, less for what is nearly plain. Means down a picture are taken once for all windows
    that begin as far from above.
    """
    shown = pictures.astype(np.float32)
    luma = shown.mean(axis=3)
    planes = [(luma, _GRID), (shown[..., 0] - luma, _COARSE), (shown[..., 2] - luma, _COARSE)]
    grids: dict[Window, Floats] = {}
    for share, top in dict.fromkeys((window.share, window.top) for window in windows):
        down = [(np.matmul(_means(share, top, cells), plane), cells) for plane, cells in planes]
        for window in windows:
            if window[:2] == (share, top):
                made = [np.matmul(one, _means(share, window.left, cells).T) for one, cells in down]
                grids[window] = _as_one(made)
    return [grids[window] for window in windows]


def _as_one(made: list[Floats]) -> Floats:
    """Luma, without its mean, and colours as one row per picture."""
    luma, *colours = made
    parts = [luma - luma.mean(axis=(1, 2), keepdims=True), *colours]
    flat = np.concatenate([one.reshape(len(one), -1) for one in parts], axis=1)
    return np.asarray(flat / (np.linalg.norm(flat, axis=1, keepdims=True) + 20.0), np.float32)


def _means(share: float, start: float, cells: int) -> Floats:
    """cells x 64: the mean over each of so many equal pieces of a part of 64 pixels."""
    edges = (start + share * np.arange(cells + 1) / cells) * SIDE
    pixel = np.arange(SIDE)
    covered = np.minimum(edges[1:, None], pixel + 1) - np.maximum(edges[:-1, None], pixel)
    covered = np.maximum(covered, 0.0)
    return np.asarray(covered / covered.sum(axis=1, keepdims=True), np.float32)
