"""Objects that a table of images marks in a column of its own, as Hugging Face has them: ``objects`` with the
lists ``bbox`` (x, y, width, height in pixels, from the upper left corner) and ``category``, and perhaps
``keypoints`` (x, y and how it is seen of each, as COCO has them).
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from core.dataset.keypoints import Skeleton
from core.loading.images.boxes import Box
from core.loading.images.keypoints import points_of
from core.loading.images.layouts.arranged import Arranged, nearest, only
from core.phrases import name, with_commas

if TYPE_CHECKING:
    import pyarrow as pa

COLUMN, BOX, CLASS, CROWD = "objects", "bbox", ("category", "categories", "label"), "iscrowd"
POINTS = "keypoints"
LABEL, CLASSES, NONE = "label", "classes", "no object"


def with_objects(order: Arranged) -> Arranged:
    """Images with the boxes that the column ``objects`` of their table marks; as they are where there is no
    such column, or a cell of it holds anything else.
    """
    if order.boxes is not None or COLUMN not in order.columns:
        return order
    cells = order.columns[COLUMN].to_pylist()
    boxes = [boxes_in(cell) for cell in cells]
    if any(own is None and cell is not None for own, cell in zip(boxes, cells, strict=True)):
        return order
    if not any(own is not None for own in boxes):
        return order
    said = f"; objects are marked in its column '{COLUMN}'"
    known = columns_of(boxes, order.columns)
    if len(known) > 1 and [] in boxes:
        said += f", {name(NONE)} where none is"
    columns = {**known, **_others(order.columns)}
    named = [_named(own or [], order, row) for row, own in enumerate(boxes)]
    return replace(order, sentence=order.sentence + said, boxes=named, columns=columns)


def _named(boxes: list[Box], order: Arranged, row: int) -> list[Box]:
    """The boxes of a row, with what the file nearest above its image says of their keypoints."""
    if not order.skeletons or not any(box.points for box in boxes):
        return boxes
    member = order.members[row]
    said = nearest(order.skeletons, order.names[row] if member is None else member.name)
    return [replace(box, skeleton=only(one.get(box.name, Skeleton()) for one in said)) for box in boxes]


def _others(columns: dict[str, pa.Array]) -> dict[str, pa.Array]:
    return {name: values for name, values in columns.items() if name != COLUMN}


def columns_of(boxes: Sequence[Sequence[Box] | None], own: Collection[str] = ()) -> dict[str, pa.Array]:
    """What is known of images by their objects: how many, and their classes where no column has them, which
    are `NONE` where an image is known to have none. boxes: per image; None where nothing is known. own: the
    columns that the images have already.
    """
    import pyarrow as pa

    found = [None if marked is None else sorted({box.name for box in marked}) for marked in boxes]
    counts = [None if marked is None else len(marked) for marked in boxes]
    columns = {COLUMN: pa.array(counts, pa.int64())}
    called = LABEL if all(names is None or len(names) <= 1 for names in found) else CLASSES
    if called not in own:
        written = "".join if called == LABEL else with_commas  # one class as it is, several as a list
        said = [None if names is None else written(names) or NONE for names in found]
        columns[called] = pa.array(said, pa.string())
    return columns


def boxes_in(cell: Any) -> list[Box] | None:
    """The boxes of a cell, be it JSON, an object of lists or a list of objects; None where it holds none.

    >>> boxes_in('{"bbox": [[1, 2, 3, 4]], "category": ["cat"]}')
    [Box(name='cat', x=1.0, y=2.0, width=3.0, height=4.0, crowd=False, share=False, size=None, points=())]
    >>> boxes_in([{"bbox": [1, 2, 3, 4], "category": 7}])[0].name, boxes_in("3"), boxes_in('{"bbox": []}')
    ('7', None, [])
    """
    if isinstance(cell, str):
        try:
            cell = json.loads(cell)
        except (ValueError, RecursionError):
            return None
    if isinstance(cell, list) and cell and all(isinstance(one, dict) and BOX in one for one in cell):
        cell = {key: [one.get(key) for one in cell] for key in {key for one in cell for key in one}}
    if not isinstance(cell, dict) or not isinstance(cell.get(BOX), list):
        return None
    corners: list[Any] = cell[BOX]
    named: list[Any] = next((cell[key] for key in CLASS if isinstance(cell.get(key), list)), [])
    crowds: list[Any] = cell[CROWD] if isinstance(cell.get(CROWD), list) else [False] * len(corners)
    named = named or ["object"] * len(corners)
    points: list[Any] = cell[POINTS] if isinstance(cell.get(POINTS), list) else [None] * len(corners)
    if not len(corners) == len(named) == len(crowds) == len(points) or not all(map(_four, corners)):
        return None
    boxes = [
        Box(
            "object" if called is None else str(called),
            float(x),
            float(y),
            float(wide),
            float(tall),
            bool(crowd),
        )
        for (x, y, wide, tall), called, crowd in zip(corners, named, crowds, strict=True)
    ]
    return [replace(box, points=points_of(own)) for box, own in zip(boxes, points, strict=True)]


def _four(corners: Any) -> bool:
    """Whether they are the four finite numbers of a box."""
    return (
        isinstance(corners, list)
        and len(corners) == 4
        and all(
            isinstance(one, int | float) and not isinstance(one, bool) and abs(one) < 1e9 for one in corners
        )
    )
