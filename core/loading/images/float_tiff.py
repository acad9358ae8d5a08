"""TIFF images of floating-point numbers that Pillow does not read: in colour, and of 16 or 64 bits.

Plain ones alone: strips one behind the other, without compression or with Deflate, channels together (TIFF
6.0, sections 3 and 18 to 22). It is how arrays of NumPy are usually written.
"""

from __future__ import annotations

import io
import zlib
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

_WIDTH, _HEIGHT, _BITS, _COMPRESSION, _STARTS, _TURNED = 256, 257, 258, 259, 273, 274
_CHANNELS, _SIZES, _PLANES, _PREDICTOR, _FORM = 277, 279, 284, 317, 339
_KINDS = {16: "f2", 32: "f4", 64: "f8"}
_DEFLATE = (8, 32946)
_PAGES = 100_000  # that are counted


class FloatTiff(NamedTuple):
    """The first page: values, height x width or height x width x 3, as they lie; EXIF orientation; pages."""

    values: NDArray[np.float32]
    orientation: int
    pages: int


def float_tiff(content: bytes, check_size: Callable[[int, int], None]) -> FloatTiff | None:
    """The image; None where it is none of these, or its pixels do not lie within the file. check_size: is
    given width and height before a pixel is read, and raises where they are too many.
    """
    if content[:4] not in (b"II*\0", b"MM\0*"):
        return None
    tags, pages = _first_page(content)
    width, height, many = (int(tags.get(tag, 1)) for tag in (_WIDTH, _HEIGHT, _CHANNELS))
    kinds = {*_all(tags.get(_BITS, 1))}
    plain = many in (1, 3) and {*_all(tags.get(_FORM, 1))} == {3} and tags.get(_PREDICTOR, 1) == 1
    plain = plain and (many == 1 or tags.get(_PLANES, 1) == 1) and tags.get(_COMPRESSION, 1) in (1, *_DEFLATE)
    if not plain or len(kinds) != 1 or not kinds <= {*_KINDS} or _STARTS not in tags:
        return None
    kind = np.dtype(("<" if content[:2] == b"II" else ">") + _KINDS[kinds.pop()])
    if min(width, height) < 1:
        return None
    check_size(width, height)
    room = width * height * many * kind.itemsize
    held, left = bytearray(room), room
    for start, size in zip(_all(tags[_STARTS]), _all(tags.get(_SIZES, ())), strict=True):
        strip = content[start : start + size]
        if tags.get(_COMPRESSION, 1) != 1:
            strip = zlib.decompressobj().decompress(strip, max(1, left))
        strip = strip[:left]
        held[room - left : room - left + len(strip)] = strip
        left -= len(strip)
        if not left:
            break
    if left:
        return None
    values = np.frombuffer(held, kind)
    with np.errstate(over="ignore"):
        found = values.astype(np.float32).reshape((height, width, many) if many > 1 else (height, width))
    turned = tags.get(_TURNED, 1)
    return FloatTiff(found, turned if turned in range(1, 9) else 1, pages)


def turned(values: NDArray[np.float32], orientation: int) -> NDArray[np.float32]:
    """Values as they lie, upright by their EXIF orientation.

    >>> turned(np.float32([[1, 2], [3, 4]]), 6).tolist()
    [[3.0, 1.0], [4.0, 2.0]]
    """
    if orientation >= 5:
        values = values.swapaxes(0, 1)
    across, down = orientation in (2, 3, 6, 7), orientation in (3, 4, 7, 8)
    return np.ascontiguousarray(values[:: -1 if down else 1, :: -1 if across else 1])


def _first_page(content: bytes) -> tuple[Any, int]:
    """The tags of the first page, and how many pages there are."""
    from PIL.TiffImagePlugin import ImageFileDirectory_v2

    first, file, met = None, io.BytesIO(content), set[int]()
    directory = ImageFileDirectory_v2(content[:8])
    at = directory.next
    while at and at not in met and len(met) < _PAGES:
        met.add(at)
        file.seek(at)
        directory = ImageFileDirectory_v2(content[:8])
        directory.load(file)
        first = first if first is not None else directory
        at = directory.next
    return first if first is not None else {}, len(met)


def _all(given: Any) -> tuple[int, ...]:
    return tuple(map(int, given)) if isinstance(given, tuple) else (int(given),)
