"""One image of whatever mode as RGB of eight bits, upright, on white; and what its file says of itself.

What Pillow does by itself is wrong in some places: transparent pixels become black, 16-bit and float images
are clipped to white, truncated files pass ``verify()``. Each is dealt with here (Pillow's ``Image.convert``
and ``ImageFile`` documentation; measured in tests).
"""

from __future__ import annotations

import hashlib
import io
import sys
import warnings
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from numpy.typing import NDArray

from core.limits import IMAGE_MP
from core.loading.images.holes import hole
from core.loading.images.number_tiff import COMPRESSIONS, number_layout, number_tiff, turned
from core.loading.sniff import looks_like
from core.phrases import count

if TYPE_CHECKING:
    from PIL.Image import Image

FORMATS = ("PNG", "JPEG", "WEBP", "BMP", "GIF", "TIFF")
_READ = ("a PNG image", "a JPEG image", "a GIF image", "a TIFF image")  # looks of files that can be read
DEEP = ("I;16", "I;16B", "I;16L", "I;16N", "I", "F")  # modes of more than eight bits
_NUMBERS = (("TIFF", "F"), ("TIFF", "I"))  # formats and modes that are read by `number_tiff`, if it can
DEEP_COLOUR = "RGB;16"  # what is said of colour that has more, and does not use the range of 16
FLOAT_COLOUR = "RGB;F"  # of colour in floating-point numbers
HIGH = 64  # the upper half of a value in colour that does use it
_OPAQUE = ("RGB", "L")  # modes without transparency, where the file names no transparent colour
WHOLE = 2_000_000  # pixels up to which a JPEG is decoded in full, and not at a half or a quarter
DRAFT = 1_024  # pixels that each side has at least where it is not
_DEPTHS = (255, 1_023, 4_095, 16_383, 65_535)  # largest values of 8, 10, 12, 14 and 16 bits
_COMPRESSED = {
    1: "uncompressed",
    **dict.fromkeys((8, 32946), "Deflate compression"),
    **{code: f"{name} compression" for code, name in {**COMPRESSIONS, 7: "JPEG", 34887: "LERC"}.items()},
}  # TIFFs, by the tag
_FORMS = {1: "whole numbers", 2: "whole numbers with a sign", 3: "floating-point numbers"}  # of a TIFF
# quantisation of luminance at quality 50, in zigzag order (ITU-T T.81, table K.1)
_LUMINANCE = (
    *(
        16,
        11,
        12,
        14,
        12,
        10,
        16,
        14,
        13,
        14,
        18,
        17,
        16,
        19,
        24,
        40,
        26,
        24,
        22,
        22,
        24,
        49,
        35,
        37,
        29,
        40,
        58,
        51,
    ),
    *(
        61,
        60,
        57,
        51,
        56,
        55,
        64,
        72,
        92,
        78,
        64,
        68,
        87,
        69,
        55,
        56,
        80,
        109,
        81,
        87,
        95,
        98,
        103,
        104,
        103,
        62,
    ),
    *(77, 113, 121, 112, 100, 120, 92, 101, 103, 99),
)


class ImageError(Exception):
    """An image cannot be read; the message says why, in a few words."""


@dataclass(frozen=True)
class Facts:
    """What a file says of its image. width, height: upright. orientation: the EXIF tag, 1 where there is
    none. mode: as Pillow has it, `DEEP_COLOUR` or `FLOAT_COLOUR`. quality: of a JPEG, 1 to 100, from its
    quantisation tables; None for others.
    """

    width: int
    height: int
    format: str
    mode: str
    frames: int
    orientation: int
    quality: int | None


@dataclass(frozen=True)
class Decoded:
    """An image that was read. ``rgb``: height x width x 3, uint8, upright, on white (of a large JPEG at a
    half or a quarter of its size). ``pixels``: 32 hex digits of SHA-256 of mode, size and pixels. ``deep``:
    the values of an image of more than eight bits, float32, height x width, in colour height x width x 3;
    what they look like is known once the range of all such images is (`scaled`). ``rgb`` is then None, but
    for colours that use the range of 16 bits.
    """

    facts: Facts
    rgb: NDArray[np.uint8] | None
    pixels: str
    deep: NDArray[np.float32] | None = None


def decode(content: bytes) -> Decoded:
    """Read the first frame of an image. Raises `ImageError`."""
    if not content:
        raise ImageError("it is empty")
    from PIL import Image, UnidentifiedImageError

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of metadata that is odd, and of sizes, which are checked here
            with Image.open(io.BytesIO(content), formats=FORMATS) as image:
                if image.format == "JPEG" and (lost := hole(content)):
                    raise ImageError(f"it is damaged ({lost:,} bytes in a row of its picture are zeros)")
                numbers = _numbers(content) if (image.format, image.mode) in _NUMBERS else None
                if numbers is not None:
                    return numbers
                low = _low_bytes(content, image)
                return _read(image, low)
    except UnidentifiedImageError:
        numbers = _numbers(content)
        if numbers is None:
            raise ImageError(_other(content)) from None
        return numbers
    except ImageError:
        raise
    except MemoryError:
        raise
    except Image.DecompressionBombError:
        raise ImageError(f"it has more than {IMAGE_MP.value:,} megapixels") from None
    except Exception as error:  # noqa: BLE001 - Pillow raises whatever its decoders do on damaged files
        raise ImageError(f"it is damaged or incomplete ({_first(error)})") from error


def _numbers(content: bytes) -> Decoded | None:
    """A TIFF of numbers that Pillow does not read, or not rightly; None where it is none. Raises `ImageError`
    where it has too many pixels, or is damaged.
    """
    try:
        layout = number_layout(content)
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001 - as Pillow, on damaged files
        return None
    if layout is None:
        return None
    try:
        found = number_tiff(content, layout, _check_size)
    except (MemoryError, ImageError):
        raise
    except Exception as error:  # noqa: BLE001
        raise ImageError(f"it is damaged or incomplete ({_first(error)})") from error
    values = turned(found.values, found.orientation)
    height, width = values.shape[:2]
    grey = "F" if layout.kind.kind == "f" else "I"
    mode = FLOAT_COLOUR if values.ndim == 3 else grey
    facts = Facts(width, height, "TIFF", mode, found.pages, found.orientation, None)
    return Decoded(facts, None, _digest(mode, facts, values), values)


def _first(error: BaseException) -> str:
    return (str(error).splitlines() or [""])[0][:80] or type(error).__name__


def _other(content: bytes) -> str:
    """What the bytes of a file look like that is no image that can be read."""
    like = looks_like(content)
    if like == "a TIFF image" and (kind := _tiff_kind(content)):
        return (
            f"it is a TIFF image of a kind that is not read ({kind}); write it with 8 or 16 bits a channel, "
            "or as floats in grey or in three colours, without compression or with Deflate or LZW"
        )
    if like in _READ:
        return f"it is damaged: it begins like {like} and is none"
    return f"it looks like {like}" if like else "it is no image that can be read"


def _tiff_kind(content: bytes) -> str:
    """What the values of a TIFF are, where its directory is whole and its pixels lie within the file; else
    "".
    """
    from PIL.TiffImagePlugin import ImageFileDirectory_v2

    try:
        tags = ImageFileDirectory_v2(content[:8])
        file = io.BytesIO(content)
        file.seek(tags.next)
        tags.load(file)
        many, bits, form = tags.get(277, 1), tags.get(258, (1,))[0], tags.get(339, (1,))[0]
        packed = tags.get(259, 1)
        starts, sizes = tags.get(273) or tags.get(324, ()), tags.get(279) or tags.get(325, ())
        ends = [start + size for start, size in zip(starts, sizes, strict=False)]
    except Exception:  # noqa: BLE001 - Pillow raises whatever damaged files make it
        return ""
    if not ends or max(ends) > len(content) or 256 not in tags or 257 not in tags:
        return ""
    values = _FORMS.get(form, "values of an unknown kind")
    how = _COMPRESSED.get(packed, f"compression {packed}")
    return f"{values} of {bits} bits, {count(many, 'channel')}, {how}"


def _low_bytes(content: bytes, image: Image) -> NDArray[np.uint8] | None:
    """The lower half of each value of a picture in colour of 16 bits, of which Pillow gives the upper half
    alone: read as if the order of its bytes were the other one. None for others.
    """
    from PIL import Image as pillow

    tiles = []
    for tile in cast("Any", image).tile:
        given = tile.args if isinstance(tile.args, tuple) else (tile.args,)
        kind = given[0] if given and isinstance(given[0], str) else ""
        if kind[:-1] not in ("RGB;16", "RGBA;16", "RGBX;16"):
            return None
        native = "L" if sys.byteorder == "little" else "B"
        order = native if kind[-1] == "N" else kind[-1]
        other = kind[:-1] + ("B" if order == "L" else "L")
        args = (other, *given[1:]) if isinstance(tile.args, tuple) else other
        tiles.append(tile._replace(args=args))
    width, height = image.size
    if not tiles or width * height > IMAGE_MP.value * 1_000_000:
        return None
    with pillow.open(io.BytesIO(content), formats=FORMATS) as again:
        cast("Any", again).tile = tiles
        again.load()
        return np.asarray(_upright(again, _orientation(again)))


def _check_size(width: int, height: int) -> None:
    """Raise `ImageError` where an image has more pixels than is allowed."""
    if width * height > IMAGE_MP.value * 1_000_000:
        raise ImageError(
            f"it has {width:,} x {height:,} pixels; "
            f"the limit is {IMAGE_MP.value:,} megapixels ({IMAGE_MP.env})"
        )


def _read(image: Image, low: NDArray[np.uint8] | None = None) -> Decoded:
    width, height = image.size
    _check_size(width, height)
    mode, form = image.mode, str(image.format)
    quality = _jpeg_quality(image)
    if form == "JPEG" and width * height > WHOLE:
        image.draft(None, (DRAFT, DRAFT))
    image.seek(0)
    image.load()
    orientation = _orientation(image)
    turned = orientation >= 5
    frames = int(getattr(image, "n_frames", 1))
    facts = Facts(
        height if turned else width, width if turned else height, form, mode, frames, orientation, quality
    )
    upright = _upright(image, orientation)
    if mode in DEEP:
        values = np.asarray(upright, dtype=np.float32)
        return Decoded(facts, None, _digest(mode, facts, np.ascontiguousarray(values)), values)
    if low is not None and "transparency" not in image.info:
        high = np.asarray(upright)
        whole = high.astype(np.float32) * 256 + low
        if high.shape == low.shape and (whole.shape[2] == 3 or whole[..., 3].min() == whole[..., 3].max()):
            values = np.ascontiguousarray(whole[..., :3])
            pixels = _digest("RGB;16", facts, values)
            if high[..., :3].max() >= HIGH:
                return Decoded(facts, high[..., :3], pixels, values)
            return Decoded(replace(facts, mode=DEEP_COLOUR), None, pixels, values)
    if upright.mode in _OPAQUE and "transparency" not in image.info:
        rgb = np.asarray(upright if upright.mode == "RGB" else upright.convert("RGB"))
        return Decoded(facts, rgb, _digest("RGBA", facts, _with_alpha(rgb)))
    clear = np.asarray(upright.convert("RGBA"))
    return Decoded(facts, on_white(clear), _digest("RGBA", facts, clear))


def drafted(width: int, height: int, form: str) -> tuple[int, int]:
    """The size at which `decode` gives an image of this size and format: a large JPEG at a half, a quarter or
    an eighth, as Pillow's ``draft`` has it.

    >>> drafted(4000, 3000, "JPEG"), drafted(4000, 3000, "PNG"), drafted(8193, 6000, "JPEG")
    ((2000, 1500), (4000, 3000), (2049, 1500))
    """
    if form != "JPEG" or width * height <= WHOLE:
        return width, height
    times = min(width, height) // DRAFT
    by = next((one for one in (8, 4, 2) if times >= one), 1)
    return -(-width // by), -(-height // by)


def _digest(mode: str, facts: Facts, values: NDArray[Any]) -> str:
    digest = hashlib.sha256(f"{mode} {facts.width} {facts.height} ".encode())
    digest.update(values.data)
    return digest.hexdigest()[:32]


def _with_alpha(rgb: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """As Pillow converts to RGBA, in a third of the time."""
    import cv2

    return np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2RGBA), np.uint8)


def on_white(rgba: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Pixels with transparency laid on white.

    >>> on_white(np.uint8([[[200, 0, 0, 0], [200, 0, 0, 255], [0, 0, 0, 51]]])).tolist()
    [[[255, 255, 255], [200, 0, 0], [204, 204, 204]]]
    """
    alpha = rgba[..., 3:]
    if alpha.min(initial=255) == 255:
        return np.ascontiguousarray(rgba[..., :3])
    share = alpha.astype(np.uint16)
    laid = (rgba[..., :3] * share + 255 * (255 - share) + 127) // 255
    return laid.astype(np.uint8)


def _upright(image: Image, orientation: int) -> Image:
    from PIL import ImageOps

    return image if orientation == 1 else ImageOps.exif_transpose(image)


def _orientation(image: Image) -> int:
    given = image.getexif().get(0x0112, 1)
    return given if isinstance(given, int) and 1 <= given <= 8 else 1


def _jpeg_quality(image: Image) -> int | None:
    """Quality of a JPEG on the scale of the Independent JPEG Group: the one whose luminance table is
    nearest.
    """
    tables = getattr(image, "quantization", None)
    if not tables or len(next(iter(tables.values()))) != 64:
        return None
    table = np.asarray(tables[min(tables)], np.float64)
    return int(np.abs(_known_tables() - np.sort(table)).sum(axis=1).argmin()) + 1


@cache
def _known_tables() -> NDArray[np.float64]:
    """The sorted table of each quality, 1 to 100."""
    scales = np.array([50 / q if q < 50 else 2 - q / 50 for q in range(1, 101)])
    known = np.clip(np.floor(scales[:, None] * np.asarray(_LUMINANCE) + 0.5), 1, 255)
    return np.asarray(np.sort(known, axis=1))


def depth_of(highest: float) -> float:
    """The largest value that images of this mode can hold, from the largest that was met in a set of them.

    >>> [depth_of(value) for value in (900, 1023, 1024, 4000, 40_000, 70_000)]
    [1023.0, 1023.0, 4095.0, 4095.0, 65535.0, 70000.0]
    """
    return next((float(depth) for depth in _DEPTHS if depth >= highest), float(highest))


def scaled(deep: NDArray[np.float32], low: float, high: float) -> NDArray[np.uint8]:
    """Values between ``low`` and ``high`` as eight bits; grey three times.

    >>> scaled(np.float32([[0, 512, 1023, 2000]]), 0, 1023)[0, :, 0].tolist()
    [0, 128, 255, 255]
    """
    share = (np.nan_to_num(deep, nan=low, posinf=high, neginf=low) - low) / max(high - low, 1e-12)
    grey = np.rint(255 * np.clip(share, 0, 1)).astype(np.uint8)
    return grey if grey.ndim == 3 else np.repeat(grey[..., None], 3, axis=2)
