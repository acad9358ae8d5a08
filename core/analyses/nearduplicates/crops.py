"""Pictures that are a part of another one: cut out of it, whatever size they were given then.

Which may be: the mean levels of a picture on a grid of 8 x 8 are held against those of windows of all others.
Which are: the window is moved and stretched until it lies on the picture (enhanced correlation coefficient:
Evangelidis and Psarakis 2008, IEEE TPAMI 30), and must then show the same everywhere. What shows less (much
of it is plain, pale or dark) must show it more exactly. What shows too little (a sign, a few lines, a shape
of one colour) is a part of none: one cross is a part of every larger one.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.analyses.nearduplicates.copies import CopyPairs
from core.progress import SILENT, Progress
from core.workers import LocalThreads, one_blas_thread

Floats = NDArray[np.float32]
Ids = NDArray[np.int64]
MOST = 10_000  # pictures, as all are held against all
LEAST_SIDE = 40  # pixels of its own: smaller ones are too alike
_SIDE, _GRID, _COARSE = 64, 8, 4
_SHARES = (0.93, 0.86, 0.79, 0.72)  # of a picture's sides that a window has
_SEVERAL = 3  # pictures that each may be a part of, looked at closer
_LIKE = 0.5  # correlation of the grids from which that is worth the time
_LEVELS, _ROUNDED = 20.0, 2.0  # most that two may differ anywhere; what rounding may make of it
_SQUARE, _TONES, _COMMON = 8, 32, 3
_SOFTER = 1.0  # pixels of blur before two are compared: thin lines come out otherwise in another size
_WINDOW, _EDGE = 5, 4  # pixels that differences are averaged over; left out at the edges
_SKEW, _NARROWEST, _WIDEST, _BEYOND = 0.04, 0.6, 1.02, 2.0
_WHOLE = 0.985  # from this share of both sides it is no part but the whole
_AT_ONCE = 512


class Window(NamedTuple):
    """A part of a picture, as shares of its sides: how much, from above, from the left."""

    share: float
    top: float
    left: float


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


class _Same(NamedTuple):
    """What two must have in common to be the same. apart: most that they may differ anywhere, of their
    contrast; pale: least contrast of what they share.
    """

    correlation: float
    apart: float
    pale: float


_MUCH, _SOME = Shown(25.0, 0.4, 3.0, 0.06), Shown(5.0, 0.1, 3.0, 0.06)
_NEARLY, _EXACTLY = _Same(0.97, 0.35, 12.5), _Same(0.99, 0.15, 3.0)


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
    rows, shown = _telling(rows, shown)
    some = _candidates(shown, progress.part(0.0, 0.5))
    best: dict[int, tuple[float, int]] = {}
    for one, other, window in progress.part(0.5, 1.0).each(some, "Looking for crops"):
        apart = part_of(shown[one], shown[other], window)
        if apart is not None:
            best[one] = min(best.get(one, (2.0, 0)), (apart, other))
    found = [(one, other) for one, (_, other) in best.items()]
    pairs = np.array(found, np.int64).reshape(-1, 2)
    return CropPairs(rows[pairs[:, 0]], rows[pairs[:, 1]])


def _telling(rows: Ids, shown: NDArray[np.uint8]) -> tuple[Ids, NDArray[np.uint8]]:
    """The pictures that show enough."""
    kept = np.array([tells(one) for one in shown], bool)
    return rows[kept], shown[kept]


def tells(picture: NDArray[np.uint8]) -> bool:
    """Whether it shows enough to be told from others that only look like it."""
    shows = how_much(picture)
    return shows.reaches(_MUCH) or shows.reaches(_SOME)


def how_much(picture: NDArray[np.uint8]) -> Shown:
    """What a picture of 64 x 64 x 3 shows.

    >>> steep = np.broadcast_to(np.arange(0, 256, 4, np.uint8)[:, None], (64, 64, 3))
    >>> round(how_much(steep).rank, 2), round(how_much(steep).tones, 2)
    (1.0, 0.91)
    """
    shown = picture.astype(np.float32)
    contrast, grey = float(_centred(shown).std()), shown.mean(axis=2)
    size = (min(grey.shape) // _SQUARE) * _SQUARE
    squares = grey[:size, :size].reshape(size // _SQUARE, _SQUARE, -1, _SQUARE).std(axis=(1, 3))
    values = np.linalg.svd(grey - grey.mean(), compute_uv=False)
    rank = float(values.sum() ** 2 / max(float((values**2).sum()), 1e-9))
    tones = np.sort(np.bincount((grey * (_TONES / 256)).astype(int).ravel(), minlength=_TONES))
    rare = float(tones[:-_COMMON].sum()) / grey.size
    return Shown(contrast, float((squares > max(0.15 * contrast, 1e-3)).mean()), rank, rare)


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
    edges = (start + share * np.arange(cells + 1) / cells) * _SIDE
    pixel = np.arange(_SIDE)
    covered = np.minimum(edges[1:, None], pixel + 1) - np.maximum(edges[:-1, None], pixel)
    covered = np.maximum(covered, 0.0)
    return np.asarray(covered / covered.sum(axis=1, keepdims=True), np.float32)


def _candidates(shown: NDArray[np.uint8], progress: Progress) -> list[tuple[int, int, Window]]:
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


def _grids(shown: NDArray[np.uint8], windows: list[Window]) -> list[Floats]:
    """`_grids_of` of so many pictures at once that few are held as numbers."""
    starts = range(0, len(shown), _AT_ONCE)
    parts = LocalThreads().map(lambda at: _grids_of(shown[at : at + _AT_ONCE], windows), starts)
    return [np.concatenate(some) for some in zip(*parts, strict=True)]


def part_of(part: NDArray[np.uint8], whole: NDArray[np.uint8], window: Window) -> float | None:
    """How far a picture is from being a part of another, about this window of it (one less the correlation);
    None where it is none. Both are 64 x 64 x 3, RGB, whatever shape they had.
    """
    import cv2

    warp = _aligned(part, whole, window)
    if warp is None or not _is_cut(warp):
        return None
    how = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    moved = cv2.warpAffine(whole, warp, (_SIDE, _SIDE), flags=how, borderMode=cv2.BORDER_REPLICATE)
    asked = _NEARLY if all(how_much(one).reaches(_MUCH) for one in (part, whole)) else _EXACTLY
    return _apart(_softer(part), _softer(moved), asked)


def _softer(picture: NDArray[np.uint8]) -> Floats:
    """A little blurred, without its edges."""
    import cv2

    soft = cv2.GaussianBlur(picture.astype(np.float32), (0, 0), _SOFTER)
    return np.asarray(soft[_EDGE:-_EDGE, _EDGE:-_EDGE], np.float32)


def _aligned(part: NDArray[np.uint8], whole: NDArray[np.uint8], start: Window) -> NDArray[Any] | None:
    """The affine map from the part's pixels to the whole's, beginning with a window; None where none fits."""
    import cv2

    offset = start.share / 2 - 0.5
    warp = np.array(
        [[start.share, 0, start.left * _SIDE + offset], [0, start.share, start.top * _SIDE + offset]],
        np.float32,
    )
    grey = [cv2.cvtColor(one, cv2.COLOR_RGB2GRAY).astype(np.float32) for one in (part, whole)]
    stop = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, 30, 1e-4)
    try:
        _, found = cv2.findTransformECC(grey[0], grey[1], warp, cv2.MOTION_AFFINE, stop, None, 3)
    except cv2.error:  # it did not converge: these are not alike
        return None
    return np.asarray(found)


def _is_cut(warp: NDArray[Any]) -> bool:
    """Whether a map is one of a window inside: upright, not much smaller or larger, and not the whole."""
    wide, tall = float(warp[0, 0]), float(warp[1, 1])
    left, top = float(warp[0, 2]) + 0.5 - wide / 2, float(warp[1, 2]) + 0.5 - tall / 2
    beyond = max(-left, -top, left + _SIDE * wide - _SIDE, top + _SIDE * tall - _SIDE)
    upright = max(abs(float(warp[0, 1])), abs(float(warp[1, 0]))) <= _SKEW
    sized = all(_NARROWEST <= one <= _WIDEST for one in (wide, tall))
    return upright and sized and min(wide, tall) <= _WHOLE and beyond <= _BEYOND


def _apart(one: Floats, other: Floats, asked: _Same) -> float | None:
    """One less the correlation of two pictures that lie on each other; None where they differ somewhere."""
    import cv2

    centred = _centred(one), _centred(other)
    spreads = float(centred[0].std()), float(centred[1].std())
    contrast = float(np.sqrt(spreads[0] * spreads[1]))
    if min(spreads) < asked.pale:
        return None
    correlation = float((centred[0] * centred[1]).mean()) / (spreads[0] * spreads[1])
    gain = float(np.sqrt(np.clip(spreads[1] / spreads[0], 0.25, 4.0)))
    most = float(np.abs(cv2.blur(centred[1] / gain - centred[0] * gain, (_WINDOW, _WINDOW))).max())
    same = correlation >= asked.correlation and most <= min(_LEVELS, max(_ROUNDED, asked.apart * contrast))
    return 1.0 - correlation if same else None


def _centred(picture: Floats) -> Floats:
    """Each colour less its mean."""
    return np.asarray(picture - picture.mean(axis=(0, 1)), np.float32)
