"""Pictures as vectors of numbers by which they are compared: edges, layout and colour, without any model.

Histograms of oriented gradients (Dalal and Triggs 2005), mean levels on a grid of 8 x 8, and a histogram of
hue, saturation and value (Swain and Ballard 1991, "Color indexing"), each on its main directions and of one
length: edges 1, the others half of that. In a set of grey pictures the colours say nothing and are left out.

Sums are taken on a grid that makes them exact (`core.numerics.exact_product`), and the directions are found
from pictures in the order of their content: nothing depends on the order of the rows.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from functools import cache
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from core.numerics.exact_product import coarse, exact_product, on_grid
from core.numerics.hog import hog
from core.numerics.picture_chunks import chunks
from core.progress import SILENT, Progress
from core.workers import LocalThreads, one_blas_thread

R = TypeVar("R")
Pictures = NDArray[np.uint8]
Floats = NDArray[np.float64]
EDGES, OTHERS = 96, 32  # directions of the edges, and of layout and colours each
WEIGHT = 0.5  # length of layout and colours where that of the edges is 1
FITTED_ON = 2_000  # pictures that directions are found from
_GRID = 8
_HUES, _SHADES = 12, 4
_GREY = 8  # levels between the channels of a pixel, up to which it has no colour
_COLOURED = 0.01  # share of a picture's pixels with colour, from which it is no grey one
_SOME = 0.05  # share of pictures with colour, from which a set is no grey one
UNREAD = 1.5  # of a picture that cannot be read: farther from any other one than those are from each other
_RANK = 1e-5  # of the largest variance: directions of less are rounding


def picture_vectors(
    small: Pictures, readable: NDArray[np.bool_], progress: Progress = SILENT
) -> NDArray[np.float32]:
    """One row per picture: 128 numbers at most in a set of grey pictures, else 160; one more where some
    cannot be read, which says so.

    small: n x 64 x 64 x 3, RGB; may be a memory map. readable: n.

    >>> draw = np.random.default_rng(0).integers(0, 256, (9, 64, 64, 3)).astype(np.uint8)
    >>> found = picture_vectors(draw, np.ones(9, bool))
    >>> back = picture_vectors(draw[::-1], np.ones(9, bool))[::-1]
    >>> found.shape, bool((found == back).all())
    ((9, 24), True)
    """
    rows = np.flatnonzero(readable)
    keys = np.array([_key(small[row]) for row in rows.tolist()], "S16")
    fit = rows[np.argsort(keys, kind="stable")][:FITTED_ON]
    blocks: list[tuple[Callable[[Pictures], Floats], int, float]] = [
        (_edges, EDGES, 1.0),
        (layout, OTHERS, WEIGHT),
    ]
    if _has_colour(small[fit]):
        blocks.append((colours, OTHERS, WEIGHT))
    made = []
    for place, (describe, most, weight) in enumerate(blocks):
        part = progress.part(place / len(blocks), (place + 1) / len(blocks))
        made.append(weight * _directions(describe, small, rows, fit, most, part))
    whole = np.zeros((len(small), sum(one.shape[1] for one in made)), np.float32)
    whole[rows] = np.concatenate(made, axis=1)
    if rows.size == len(small):
        return whole
    unread = np.where(readable, 0.0, UNREAD).astype(np.float32)
    return np.concatenate([whole, unread[:, None]], axis=1)


def _key(picture: Pictures) -> bytes:
    return hashlib.blake2b(np.ascontiguousarray(picture).tobytes(), digest_size=8).hexdigest().encode()


def _has_colour(pictures: Pictures) -> bool:
    spread = pictures.max(axis=3).astype(np.int16) - pictures.min(axis=3) >= _GREY
    coloured = spread.mean(axis=(1, 2)) >= _COLOURED
    return bool(coloured.size and coloured.mean() >= _SOME)


def _directions(
    describe: Callable[[Pictures], Floats],
    small: Pictures,
    rows: NDArray[np.int64],
    fit: NDArray[np.int64],
    most: int,
    progress: Progress,
) -> Floats:
    """The descriptions of ``rows`` on the main directions of those of ``fit``, each of length 1; zeros for
    one that lies in the middle.
    """
    if not rows.size:
        return np.zeros((0, 0))
    share = fit.size / rows.size
    known = np.concatenate(
        _each(lambda at: describe(small[fit[at]]), chunks(fit.size), progress.part(0.0, share))
    )
    middle = on_grid(known.mean(axis=0))
    axes = coarse(_main_axes(known - middle, min(most, fit.size - 1)))
    made = np.empty((rows.size, len(axes)))
    made[np.searchsorted(rows, fit)] = exact_product(axes, (known - middle).T).T
    others = np.flatnonzero(~np.isin(rows, fit))

    def place(at: slice) -> None:
        made[others[at]] = exact_product(axes, (describe(small[rows[others[at]]]) - middle).T).T

    _each(place, chunks(others.size), progress.part(share, 1.0))
    length = np.linalg.norm(made, axis=1, keepdims=True)
    return np.asarray(np.divide(made, length, out=np.zeros_like(made), where=length > 1e-6))


def _each(work: Callable[[slice], R], parts: Sequence[slice], progress: Progress) -> list[R]:
    """What the work gives for each part, on threads."""
    given = LocalThreads().map(work, parts)
    return [next(given) for _ in progress.each(parts, "Describing pictures")]


def _main_axes(centred: Floats, most: int) -> Floats:
    """Main directions, k x p, the first first; k is ``most`` or the rank, and none for one row alone."""
    from scipy.linalg import eigh

    rows, width = centred.shape
    if most < 1:
        return np.zeros((0, width))
    tall = rows >= width
    with one_blas_thread():
        square = centred.T @ centred if tall else centred @ centred.T
        size = len(square)
        values, found = eigh(square, subset_by_index=[max(0, size - most), size - 1])
        kept = values > _RANK * max(float(values[-1]), 1e-9)
        axes = found[:, kept][:, ::-1].T
        axes = axes if tall else axes @ centred
    length = np.linalg.norm(axes, axis=1, keepdims=True)
    axes = axes / np.where(length > 0, length, 1.0)
    ends = axes[np.arange(len(axes)), np.abs(axes).argmax(axis=1)] if len(axes) else np.zeros(0)
    return np.asarray(axes * np.where(ends < 0, -1.0, 1.0)[:, None])


def _edges(pictures: Pictures) -> Floats:
    return on_grid(hog(pictures).astype(np.float64))


def layout(pictures: Pictures) -> Floats:
    """Mean level of each channel in each of 8 x 8 squares, 0 to 1: n x 192.

    >>> picture = np.zeros((1, 64, 64, 3), np.uint8)
    >>> picture[:, :8, :8] = 255
    >>> layout(picture)[0, :4].tolist()
    [1.0, 1.0, 1.0, 0.0]
    """
    side = pictures.shape[1] // _GRID
    sums = pictures.reshape(-1, _GRID, side, _GRID, side, 3).sum(axis=(2, 4), dtype=np.int64)
    return on_grid(sums.reshape(len(pictures), _GRID * _GRID * 3) / (255.0 * side * side))


def colours(pictures: Pictures) -> Floats:
    """Roots of the shares of pixels in 12 hues x 4 saturations x 4 values: n x 192.

    >>> red = np.zeros((1, 64, 64, 3), np.uint8)
    >>> red[..., 0] = 255
    >>> np.flatnonzero(colours(red)[0]).tolist(), float(colours(red).max())
    ([15], 1.0)
    """
    width = _HUES * _SHADES * _SHADES
    five = pictures >> 3  # bits of a channel: a table of 32,768 colours
    index = (five[..., 0].astype(np.int64) << 10) | (five[..., 1].astype(np.int64) << 5) | five[..., 2]
    codes = _table()[index].reshape(len(pictures), -1)
    codes += width * np.arange(len(pictures))[:, None]
    counts = np.bincount(codes.ravel(), minlength=width * len(pictures)).reshape(-1, width)
    return on_grid(np.sqrt(counts / max(1, codes.shape[1])))


@cache
def _table() -> NDArray[np.int64]:
    """The bin of each colour of five bits a channel."""
    levels = np.arange(32)
    red, green, blue = (channel.ravel() for channel in np.meshgrid(levels, levels, levels, indexing="ij"))
    most = np.maximum(np.maximum(red, green), blue)
    spread = most - np.minimum(np.minimum(red, green), blue)
    over = np.maximum(spread, 1)
    turn = np.where(
        most == red,
        ((green - blue) / over) % 6,
        np.where(most == green, (blue - red) / over + 2, (red - green) / over + 4),
    )
    hue = np.where(spread == 0, 0, np.minimum((turn * (_HUES / 6)).astype(np.int64), _HUES - 1))
    saturation = np.minimum(spread * _SHADES // np.maximum(most, 1), _SHADES - 1)
    return np.asarray((hue * _SHADES + saturation) * _SHADES + most * _SHADES // 32, np.int64)
