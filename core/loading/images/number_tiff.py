"""TIFF images of numbers that Pillow does not read, or not always rightly: floats in colour and of 16 or 64
bits, and grey floats and whole numbers with a sign or of 32 bits, whose bytes it swaps where they are
compressed and the largest comes first.

In strips or tiles, channels together or each by itself, without or with a predictor (TIFF 6.0, sections 3,
14, 15 and 18 to 22; Adobe Photoshop TIFF Technical Note 3 for predictor 3). What is compressed otherwise than
with Deflate is unpacked by Pillow's libtiff.
"""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

_WIDTH, _HEIGHT, _BITS, _COMPRESSION, _STARTS, _TURNED = 256, 257, 258, 259, 273, 274
_CHANNELS, _ROWS, _SIZES, _PLANES, _PREDICTOR, _FORM = 277, 278, 279, 284, 317, 339
_TILE_WIDTH, _TILE_HEIGHT, _TILE_STARTS, _TILE_SIZES = 322, 323, 324, 325
_FLOATS = 3  # of the tag that says the form
_KINDS = {
    (_FLOATS, 16): "f2",
    (_FLOATS, 32): "f4",
    (_FLOATS, 64): "f8",
    (1, 32): "u4",
    (2, 16): "i2",
    (2, 32): "i4",
}  # by form and bits
_RAW, _DEFLATE = 1, (8, 32946)
COMPRESSIONS = {5: "LZW", 32773: "PackBits", 34925: "LZMA", 50000: "Zstandard"}  # by Pillow's libtiff
_DIFFERENCES, _BYTES = 2, 3  # predictors
_PAGES = 100_000  # that are counted
_OVER = 1_024  # pixels that a tile may be larger than its image


class NumberTiff(NamedTuple):
    """The first page: values, height x width or height x width x 3, as they lie; EXIF orientation; pages."""

    values: NDArray[np.float32]
    orientation: int
    pages: int


class NumberLayout(NamedTuple):
    """How the values of a first page lie. kind: of a number, in the order of the file. chunk: height and
    width of a strip or tile. tiled: whether it is a tile, which is whole at the borders, too. apart: whether
    each channel has chunks of its own. starts, sizes: of the chunks, in bytes.
    """

    width: int
    height: int
    channels: int
    kind: np.dtype[Any]
    compression: int
    predictor: int
    chunk: tuple[int, int]
    tiled: bool
    apart: bool
    starts: tuple[int, ...]
    sizes: tuple[int, ...]
    orientation: int
    pages: int


def number_layout(content: bytes) -> NumberLayout | None:
    """How the values of such an image lie in its file; None where it is none of these."""
    if content[:4] not in (b"II*\0", b"MM\0*"):
        return None
    tags, pages = _first_page(content)
    width, height, many = (int(tags.get(tag, 1)) for tag in (_WIDTH, _HEIGHT, _CHANNELS))
    kinds = {(form, bits) for form in _all(tags.get(_FORM, 1)) for bits in _all(tags.get(_BITS, 1))}
    kind, packed = kinds.pop() if len(kinds) == 1 else (0, 0), int(tags.get(_COMPRESSION, _RAW))
    known = kind in _KINDS and many in ((1, 3) if kind[0] == _FLOATS else (1,))
    known = known and packed in (_RAW, *_DEFLATE, *COMPRESSIONS)
    known = known and tags.get(_PREDICTOR, 1) in (1, _DIFFERENCES, _BYTES) and tags.get(_PLANES, 1) in (1, 2)
    tiled = _TILE_STARTS in tags
    starts, sizes = (_TILE_STARTS, _TILE_SIZES) if tiled else (_STARTS, _SIZES)
    if not known or not {starts, sizes} <= {*tags}:
        return None
    chunk = (min(height, int(tags.get(_ROWS, height))), width)
    if tiled:
        chunk = (int(tags[_TILE_HEIGHT]), int(tags[_TILE_WIDTH]))
    if min(width, height, *chunk) < 1:
        return None
    turn = tags.get(_TURNED, 1)
    return NumberLayout(
        width=width,
        height=height,
        channels=many,
        kind=np.dtype(("<" if content[:2] == b"II" else ">") + _KINDS[kind]),
        compression=packed,
        predictor=int(tags.get(_PREDICTOR, 1)),
        chunk=chunk,
        tiled=tiled,
        apart=many > 1 and tags.get(_PLANES, 1) == 2,
        starts=_all(tags[starts]),
        sizes=_all(tags[sizes]),
        orientation=turn if turn in range(1, 9) else 1,
        pages=pages,
    )


def number_tiff(content: bytes, layout: NumberLayout, check_size: Callable[[int, int], None]) -> NumberTiff:
    """The image. check_size: is given width and height before a pixel is read, and raises where they are too
    many. Raises `ValueError`, `zlib.error` or what Pillow raises where its pixels are not whole.
    """
    check_size(layout.width, layout.height)
    tall, wide = layout.chunk
    if max(wide - layout.width, tall - layout.height) > _OVER:
        raise ValueError("its tiles are larger than the image")
    down, across = -(-layout.height // tall), -(-layout.width // wide)
    planes, each = (layout.channels, 1) if layout.apart else (1, layout.channels)
    if len(layout.starts) < down * across * planes or len(layout.sizes) < down * across * planes:
        raise ValueError("strips or tiles are missing")
    found = np.empty((layout.height, layout.width, layout.channels), np.float32)
    for place in range(down * across * planes):
        plane, at = divmod(place, down * across)
        top, left = at // across * tall, at % across * wide
        rows = tall if layout.tiled else min(tall, layout.height - top)
        start = layout.starts[place]
        values = _chunk(content[start : start + layout.sizes[place]], layout, (rows, wide, each))
        own = found[top : top + rows, left : left + wide, plane : plane + each]
        with np.errstate(over="ignore"):
            own[...] = values[: own.shape[0], : own.shape[1]]
    values = found if layout.channels > 1 else found[..., 0]
    return NumberTiff(values, layout.orientation, layout.pages)


def _chunk(packed: bytes, layout: NumberLayout, shape: tuple[int, int, int]) -> NDArray[Any]:
    """The numbers of a strip or tile, height x width x channels."""
    rows, wide, each = shape
    across, size = wide * each, layout.kind.itemsize
    raw = _unpacked(packed, layout.compression, rows, across * size)
    if len(raw) < rows * across * size:
        raise ValueError("its pixels end before the image does")
    held = np.frombuffer(raw, np.uint8, rows * across * size)
    if layout.predictor == _BYTES:  # all first bytes of a row, then all second ones, each less the one before
        summed = held.reshape(rows, -1, each).cumsum(axis=1, dtype=np.uint8)
        largest_first = summed.reshape(rows, size, across).swapaxes(1, 2)
        return np.ascontiguousarray(largest_first).view(layout.kind.newbyteorder(">")).reshape(shape)
    if layout.predictor == _DIFFERENCES:
        whole = held.view(np.dtype(f"{layout.kind.byteorder}u{size}")).reshape(shape)
        summed = whole.cumsum(axis=1, dtype=np.dtype(f"u{size}"))
        return summed.view(layout.kind.newbyteorder("="))
    return held.view(layout.kind).reshape(shape)


def _unpacked(packed: bytes, compression: int, rows: int, across: int) -> bytes:
    """The bytes of a strip or tile of so many rows of so many bytes; no more of them."""
    if compression == _RAW:
        return packed
    if compression in _DEFLATE:
        return zlib.decompressobj().decompress(packed, rows * across + 1)  # and so to its checksum
    from PIL import Image

    # the same bytes as a grey image of eight bits in one strip, which libtiff unpacks
    tags = {_WIDTH: across, _HEIGHT: rows, _BITS: 8, _COMPRESSION: compression, 262: 1, _STARTS: 8}
    tags |= {_CHANNELS: 1, _ROWS: rows, _SIZES: len(packed)}
    room = packed + bytes(len(packed) % 2)
    head = b"II*\0" + struct.pack("<I", 8 + len(room)) + room + struct.pack("<H", len(tags))
    body = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in sorted(tags.items()))
    with Image.open(io.BytesIO(head + body + bytes(4)), formats=("TIFF",)) as grey:
        return grey.tobytes()


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
