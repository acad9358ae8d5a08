"""Image by image: decoded, measured, kept; as columns of the table that is made of them."""

from __future__ import annotations

import hashlib
import io
import os
from collections import deque
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.dataset.column import Kind
from core.dataset.pictures import FACTS, MEASURES, PREFIX
from core.loading.images.archive import UNREADABLE, unreadable
from core.loading.images.decode import FLOAT_COLOUR, Decoded, ImageError, decode, depth_of, scaled
from core.loading.images.measures import SIDE, measures, shrunk, small_copy
from core.loading.images.packs import Packs
from core.progress import Progress

if TYPE_CHECKING:
    import pyarrow as pa

THUMB = 128  # pixels of the longer side of a thumbnail
QUALITY = 75  # of its JPEG
TEXTS = ("format", "mode", "sha256", "pixels")
COUNTS = ("width", "height", "bytes", "frames", "orientation", "jpeg_quality")
KINDS: dict[str, Kind] = {PREFIX + "sha256": "identifier", PREFIX + "pixels": "identifier"}
_WAITING = 32  # images decoded ahead
_GRID = 257  # quantiles of a float image that are kept to find the range of all
_THREADS = 4


class Picture(NamedTuple):
    """An image to take: what it is called, and how its bytes are read (None: it is not there)."""

    name: str
    read: Callable[[], bytes] | None


class _TakenPicture(NamedTuple):
    """What is made of one image that could be read."""

    decoded: Decoded
    measured: dict[str, float]
    thumb: bytes
    small: NDArray[np.uint8]


@dataclass
class PictureFacts:
    """What was found out about the pictures. rows: per row, its facts and measures; None where it could not
    be read. why: row -> reason. deep: mode -> rows, the lowest and the highest value that they were scaled
    from.
    """

    rows: list[dict[str, Any] | None]
    why: dict[int, str] = field(default_factory=dict)
    deep: dict[str, tuple[list[int], float, float]] = field(default_factory=dict)

    def columns(self) -> dict[str, pa.Array]:
        """The columns of facts and measures, by name."""
        import pyarrow as pa

        kinds = dict.fromkeys(TEXTS, pa.string()) | dict.fromkeys(COUNTS, pa.int64())
        arrays = {}
        for name in (*FACTS, *MEASURES):
            kind = kinds.get(name, pa.float64())
            arrays[PREFIX + name] = pa.array(
                [None if row is None else row.get(name) for row in self.rows], kind
            )
        return arrays


class Measured(NamedTuple):
    """Columns of facts and measures by name, the kinds of some, and those that say nothing here."""

    arrays: dict[str, pa.Array]
    kinds: dict[str, Kind]
    empty: frozenset[str]


def measured_columns(taken: PictureFacts, others: Collection[str] = ()) -> Measured:
    """What was measured, as columns that share no name with ``others``."""
    arrays, kinds, empty = {}, {}, set()
    for name, values in taken.columns().items():
        free = free_name(name, others)
        arrays[free] = values
        if name in KINDS:
            kinds[free] = KINDS[name]
        if _says_nothing(name, values):
            empty.add(free)
    return Measured(arrays, kinds, frozenset(empty))


def _says_nothing(name: str, values: pa.Array) -> bool:
    """Whether a measure applies to no image, or all images have one frame, or lie upright."""
    import pyarrow.compute as pc

    single = name in (PREFIX + "frames", PREFIX + "orientation")
    return values.null_count == len(values) or (single and pc.max(values).as_py() == 1)


def free_name(name: str, taken: Collection[str]) -> str:
    """The name of a column that no other one has.

    >>> free_name("size", {"image"}), free_name("image", {"image"})
    ('size', 'image.1')
    """
    free, turn = name, 0
    while free in taken:
        turn += 1
        free = f"{name}.{turn}"
    return free


def take(pictures: Sequence[Picture], folder: Path, progress: Progress) -> PictureFacts:
    """Decode, measure and keep all pictures, in their order, with the originals in packs in ``folder``."""
    taken = PictureFacts([None] * len(pictures))
    ranges: dict[str, list[tuple[int, NDArray[np.float64]]]] = {}
    with Packs(folder, len(pictures)) as packs:
        for row, content, made in _taken_pictures(pictures, packs, taken, progress.part(0.0, 0.95)):
            if isinstance(made, _Deep):
                ranges.setdefault(made.family, []).append((row, made.grid))
            else:
                _keep(row, content, made, packs, taken)
        for family, known in sorted(ranges.items()):
            low, high = _range(family, np.concatenate([grid for _, grid in known]))
            taken.deep[family] = ([row for row, _ in known], low, high)
            for row, _ in progress.part(0.95, 1.0).each(known, "Scaling deep images"):
                content = _bytes(pictures[row])
                _keep(row, content, _make(content, (low, high)), packs, taken)
    return taken


def _bytes(picture: Picture) -> bytes:
    assert picture.read is not None
    return picture.read()


class _Deep(NamedTuple):
    """An image of more than eight bits, before the range of all of its family is known: 257 of its
    quantiles.
    """

    family: str
    grid: NDArray[np.float64]


def _taken_pictures(
    pictures: Sequence[Picture], packs: Packs, taken: PictureFacts, progress: Progress
) -> Iterator[tuple[int, bytes, Any]]:
    """What is made of each picture that can be read, in order; bytes are read here, decoded on threads."""
    waiting: deque[tuple[int, bytes, Future[Any]]] = deque()
    with ThreadPoolExecutor(min(_THREADS, os.cpu_count() or 1)) as pool:
        for row, picture in enumerate(progress.each(pictures, "Reading images")):
            content = _content(row, picture, taken)
            if content is None:
                continue
            packs.original(row, content)
            waiting.append((row, content, pool.submit(_make, content, None)))
            if len(waiting) >= _WAITING:
                yield from _finished(waiting.popleft(), taken)
        while waiting:
            yield from _finished(waiting.popleft(), taken)


def _content(row: int, picture: Picture, taken: PictureFacts) -> bytes | None:
    if picture.read is None:
        taken.why[row] = "it is not there"
        return None
    try:
        return picture.read()
    except UNREADABLE as error:
        taken.why[row] = f"it cannot be read from the archive ({unreadable(error)})"
        return None


def _finished(item: tuple[int, bytes, Future[Any]], taken: PictureFacts) -> Iterator[tuple[int, bytes, Any]]:
    row, content, future = item
    try:
        yield row, content, future.result()
    except ImageError as error:
        taken.why[row] = str(error)


def _make(content: bytes, span: tuple[float, float] | None) -> _TakenPicture | _Deep:
    """Decode and measure. span: lowest and highest value of deep images. Raises `ImageError`."""
    decoded = decode(content)
    rgb = decoded.rgb
    if decoded.deep is not None:
        if span is None:
            finite = decoded.deep[np.isfinite(decoded.deep)]
            if not finite.size:
                raise ImageError("none of its values is a number")
            family = "colour" if decoded.deep.ndim == 3 else "integer"
            family = "float" if decoded.facts.mode in ("F", FLOAT_COLOUR) else family
            return _Deep(family, np.quantile(finite.astype(np.float64), np.linspace(0, 1, _GRID)))
        rgb = scaled(decoded.deep, *span)
    assert rgb is not None
    few = shrunk(rgb, SIDE)
    return _TakenPicture(decoded, measures(rgb, few), thumbnail(few), small_copy(rgb, few))


def _range(family: str, values: NDArray[np.float64]) -> tuple[float, float]:
    """What becomes black and white: of whole numbers 0 and the largest of their depth, of floats the 1st
    and the 99th percentile of the set.
    """
    if family != "float":
        return min(0.0, float(values.min())), depth_of(float(values.max()))
    low, high = np.quantile(values, [0.01, 0.99])
    return float(low), float(high)


def thumbnail(rgb: NDArray[np.uint8], side: int = THUMB) -> bytes:
    """A JPEG of at most ``side`` pixels along its longer side."""
    from PIL import Image

    out = io.BytesIO()
    Image.fromarray(shrunk(rgb, side)).save(out, "JPEG", quality=QUALITY)
    return out.getvalue()


def _keep(row: int, content: bytes, made: Any, packs: Packs, taken: PictureFacts) -> None:
    facts = made.decoded.facts
    packs.shown(row, made.thumb, made.small)
    measured = {name: None if np.isnan(value) else round(value, 6) for name, value in made.measured.items()}
    taken.rows[row] = {
        **{
            name: getattr(facts, name)
            for name in ("width", "height", "format", "mode", "frames", "orientation")
        },
        "jpeg_quality": facts.quality,
        "bytes": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
        "pixels": made.decoded.pixels,
        **measured,
    }
