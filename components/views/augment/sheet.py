"""Pictures beside each other: images with their variants, and one operation from weak to strong. All tabs of
one server share them: they are worked out and written once.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from operator import attrgetter
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core.dataset import Dataset

if TYPE_CHECKING:
    from core.analyses.augmentation.marks import Marks
    from core.analyses.augmentation.settings import AugmentationSettings

Pixels = NDArray[np.uint8]
VARIANTS = 6  # of each image
TILE, GAP = 128, 6  # pixels
AMOUNTS = 5  # pictures of a strip
WIDE = 420  # pixels of a strip on the page
MARK = (230, 159, 0)  # of a box; Okabe and Ito's orange
POINT = (86, 180, 233)  # of a keypoint; their sky blue
DOT = 2  # pixels from its middle to its edge
KEPT = 60  # pictures of each sort


class Thumb(NamedTuple):
    """A thumbnail, and at which share of the size that the export takes it is drawn."""

    content: bytes
    share: float


def thumb_of(dataset: Dataset, row: int) -> Thumb:
    """That of a row of the source."""
    from core.analyses.augmentation.reducing import ReducedVariants

    assert dataset.pictures is not None
    content = dataset.pictures.thumb(row)
    return Thumb(content, ReducedVariants(dataset, [], 0).share(pixels(content), row))


@st.cache_data(max_entries=KEPT, show_spinner=False, hash_funcs={Dataset: attrgetter("version")})
def sheet_png(dataset: Dataset, rows: NDArray[np.int64], settings: AugmentationSettings, first: int) -> bytes:
    """`contact_sheet`, as a PNG file."""
    return _png(contact_sheet(dataset, rows, settings, first))


@st.cache_data(max_entries=KEPT, show_spinner=False, hash_funcs={Dataset: attrgetter("version")})
def pair_png(dataset: Dataset, row: int, settings: AugmentationSettings) -> bytes:
    """The image in a row of the source and its first variant, as they were judged, as a PNG file."""
    from core.analyses.augmentation.reducing import ReducedVariants

    assert dataset.pictures is not None
    picture = dataset.pictures.small()[row]
    made = ReducedVariants(dataset, settings.pipeline, settings.seed)(picture, row)
    return _png(_side_by_side([[_enlarged(picture), _enlarged(made)]], 2))


@st.cache_data(max_entries=KEPT, show_spinner=False)
def strip_png(thumb: Thumb, step: Mapping[str, Any]) -> bytes:
    """`strip` of a thumbnail, as a PNG file, as wide as the page shows it: Streamlit would make it smaller
    and write it again each time it is shown.
    """
    from PIL import Image

    made = Image.fromarray(strip(pixels(thumb.content), step, thumb.share))
    tall = made.height * WIDE // made.width
    return _png(np.asarray(made.resize((WIDE, tall), Image.Resampling.BILINEAR)))


def _png(picture: Pixels) -> bytes:
    from PIL import Image

    out = io.BytesIO()
    Image.fromarray(picture).save(out, "PNG", compress_level=1)
    return out.getvalue()


def contact_sheet(
    dataset: Dataset, rows: NDArray[np.int64], settings: AugmentationSettings, first: int
) -> Pixels:
    """Rows of one image and its variants ``first``, ``first`` + 1 and so on: height x width x 4, what lies
    between them transparent. Small images are enlarged pixel by pixel, as many times as the tile holds them.
    Numbers in pixels are those of the export, drawn smaller. Boxes and keypoints are drawn, moved along.
    """
    from core.analyses.augmentation.pipeline import variant_with_marks
    from core.analyses.augmentation.reducing import ReducedVariants

    shown, reduced = dataset.pictures, ReducedVariants(dataset, settings.pipeline, settings.seed)
    assert shown is not None
    marked = _marked(dataset, rows)
    lines = []
    for row in rows.tolist():
        picture, numbers = pixels(shown.thumb(row)), range(first, first + VARIANTS)
        if row not in marked:
            made = [reduced(picture, row, one) for one in numbers]
            lines.append([_enlarged(one) for one in (picture, *made)])
            continue
        pipeline = reduced.pipeline(picture, row)
        marks = marked[row].scaled(picture.shape[1], picture.shape[0])
        moved = [variant_with_marks(pipeline, picture, marks, settings.seed, row, one) for one in numbers]
        lines.append([_drawn(one, where) for one, where in ((picture, marks), *moved)])
    return _side_by_side(lines, VARIANTS + 1)


def strip(picture: Pixels, step: Mapping[str, Any], share: float = 1.0) -> Pixels:
    """One operation on one picture, its numbers from the lower end of their ranges to the upper: height x
    width x 4. share: of the size that the export takes.
    """
    from core.analyses.augmentation.operations import OPERATIONS
    from core.analyses.augmentation.pipeline import built, checked, variant
    from core.analyses.augmentation.reducing import reduced

    numbers, made = OPERATIONS[step["op"]].numbers, []
    for way in np.linspace(0, 1, AMOUNTS if numbers else 1):
        fixed: dict[str, Any] = {"op": step["op"]}
        for name, number in numbers.items():
            given = step.get(name, number.usual)
            low, high = given if isinstance(given, (list, tuple)) else (given, given)
            at = low + (high - low) * float(way)
            fixed[name] = [round(at), round(at)] if number.whole else [at, at]
        made.append(_enlarged(variant(built(reduced(checked([fixed]), share)), picture, 0, 0, 0)))
    return _side_by_side([made], AMOUNTS)


def pixels(thumb: bytes) -> Pixels:
    """A thumbnail, which we wrote ourselves, as height x width x 3."""
    from PIL import Image

    return np.asarray(Image.open(io.BytesIO(thumb)).convert("RGB"))


def _marked(dataset: Dataset, rows: NDArray[np.int64]) -> dict[int, Marks]:
    """What is marked in the pictures of the rows, as shares of them."""
    from core.analyses.augmentation.marks import marks_of

    base = dataset.base or dataset
    if not {"image_width", "image_height"} <= set(base.names):
        return {}
    found = {}
    for row, marks in marks_of(dataset, rows.tolist()).items():
        wide, tall = base.frame(["image_width", "image_height"]).iloc[row].to_numpy(np.float64)
        found[row] = marks.scaled(1 / wide, 1 / tall)
    return found


def _enlarged(picture: Pixels) -> Pixels:
    times = max(1, TILE // max(picture.shape[:2]))
    return picture.repeat(times, axis=0).repeat(times, axis=1)


def _drawn(picture: Pixels, marks: Marks) -> Pixels:
    """The picture, enlarged, with a line of two pixels around each box, a dot on each keypoint and lines
    between those that are joined.
    """
    from PIL import Image, ImageDraw

    times = max(1, TILE // max(picture.shape[:2]))
    made = _enlarged(picture).copy()
    tall, wide = made.shape[:2]
    for left, top, across, down in (marks.boxes * times).tolist():
        x, y = max(0, round(left)), max(0, round(top))
        right, bottom = min(wide, round(left + across)), min(tall, round(top + down))
        for part in (
            made[y:bottom, x : x + 2],
            made[y:bottom, max(x, right - 2) : right],
            made[y : y + 2, x:right],
            made[max(y, bottom - 2) : bottom, x:right],
        ):
            part[:] = MARK
    image = Image.fromarray(made)
    draw = ImageDraw.Draw(image)
    for line in marks.lines():
        draw.line([tuple(end) for end in (line * times).tolist()], POINT)
    for x, y, seen in (one for points in marks.points for one in points.tolist()):
        if seen:
            draw.circle((x * times, y * times), DOT, POINT)
    return np.asarray(image)


def _side_by_side(lines: Sequence[Sequence[Pixels]], across: int) -> Pixels:
    """Each picture in the middle of its place; all places are as tall as the tallest of them needs."""
    side = TILE + GAP
    high = min(TILE, max((one.shape[0] for line in lines for one in line), default=TILE))
    sheet = np.zeros((max(1, len(lines)) * (high + GAP), across * side, 4), np.uint8)
    for down, line in enumerate(lines):
        for place, one in enumerate(line):
            tall, wide = (min(TILE, length) for length in one.shape[:2])
            top, left = down * (high + GAP) + (high - tall) // 2, place * side + (TILE - wide) // 2
            sheet[top : top + tall, left : left + wide, :3] = one[:tall, :wide]
            sheet[top : top + tall, left : left + wide, 3] = 255
    return sheet
