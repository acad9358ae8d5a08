"""The table of the images of an export: where each came from, its label, its weight, its boxes and keypoints,
in the form that Hugging Face and Winnow read again.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from core.dataset import Dataset
from core.dataset.keypoints import KEYPOINTS, Skeleton
from core.dataset.pictures import PREFIX
from core.export.plan import WEIGHT
from core.export.side import PartWriter
from core.phrases import count, name, names
from core.settled import Settled

if TYPE_CHECKING:
    import pandas as pd

TABLE, TABLE_OF_OBJECTS = "metadata.csv", "metadata.jsonl"  # a cell of CSV holds no list
DECIMALS = 4  # of a pixel
ANNOTATED = ("coco", "voc", "yolo")  # layouts whose files say more of an object than is read


class ExportedImage(NamedTuple):
    """One image of the zip. row: its position in the source; source: its name there."""

    file_name: str
    label: str | None
    row: int
    source: str | None


@dataclass(frozen=True)
class ImageTable:
    """What the table says beside names, labels and rows.

    weights: source row -> its weight, and the name of their column; None where no row was weighted.
    objects: source row -> its boxes and keypoints; None where the data have none. relabelled: whether labels
    were changed. more: whether annotation files said more of the objects than is read. skeletons: what is
    said of keypoints, by class.
    """

    weights: tuple[str, dict[int, float]] | None
    objects: dict[int, dict[str, list[Any]]] | None
    relabelled: bool
    more: bool
    skeletons: dict[str, Skeleton]

    @classmethod
    def of(cls, dataset: Dataset, decided: Dataset, settled: Settled) -> ImageTable:
        """That of the data as decided."""
        more = dataset.source.options.get("layout") in ANNOTATED
        weights = _weights(dataset, decided, settled)
        assert dataset.pictures is not None
        skeletons = dataset.pictures.skeletons()
        return cls(weights, _objects(dataset), bool(len(settled.relabelled)), more, skeletons)

    @property
    def name(self) -> str:
        """What its file is called."""
        return TABLE if self.objects is None else TABLE_OF_OBJECTS

    def written(self, images: list[ExportedImage]) -> bytes:
        """The file. Labels are no column where no image has one."""
        labelled = any(image.label is not None for image in images)
        lines = [self._line(image, labelled) for image in images]
        if self.objects is not None:
            return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines).encode()
        out = io.StringIO()
        table = csv.writer(out, lineterminator="\n")
        head = [
            "file_name",
            *["label"] * labelled,
            "row",
            "source",
            *([self.weights[0]] if self.weights else []),
        ]
        table.writerows([head, *(["" if cell is None else cell for cell in line.values()] for line in lines)])
        return out.getvalue().encode()

    def beside(self) -> Iterator[tuple[str, bytes]]:
        """The file that says of each class how many keypoints it has, and what they are called where that is
        known; none where nothing is known of any.
        """
        if self.skeletons:
            yield KEYPOINTS, as_json(keypoints_said(self.skeletons, self._points()))

    def _points(self) -> dict[str, int]:
        """How many keypoints an object of each class has, at most."""
        many: dict[str, int] = {}
        for lists in (self.objects or {}).values():
            for label, points in zip(lists["category"], lists.get("keypoints", ()), strict=False):
                many[label] = max(many.get(label, 0), len(points) // 3)
        return many

    def _line(self, image: ExportedImage, labelled: bool) -> dict[str, Any]:
        line: dict[str, Any] = {"file_name": image.file_name}
        line |= {"label": image.label} if labelled else {}
        line |= {"row": image.row, "source": image.source}
        line |= {self.weights[0]: self.weights[1].get(image.row, 1.0)} if self.weights else {}
        return line | ({} if self.objects is None else {"objects": self.objects.get(image.row)})

    def notes(self, images: list[ExportedImage], archive: str) -> list[str]:
        """What a person should know of it."""
        told = []
        if self.objects is not None:
            own = [self.objects.get(image.row) or {"bbox": []} for image in images]
            boxes = count(sum(len(one["bbox"]) for one in own), "box", "boxes")
            told.append(
                f"{self.name} in {archive} has {boxes} of {count(len(images), 'image')}: "
                "bbox (x, y, width, height in pixels of the upright picture) and category, in 'objects'. The "
                "table of rows has no boxes."
            )
            if posed := sum(map(bool, chain.from_iterable(one.get("keypoints", ()) for one in own))):
                called = (
                    f"; {KEYPOINTS} has their number, and their names where known" if self.skeletons else ""
                )
                told.append(
                    f"Keypoints of {count(posed, 'object')} are there too (x, y, and 0: not there, "
                    f"1: hidden, 2: seen, of each){called}."
                )
            if self.more:
                told.append(
                    "Of annotation files boxes, classes and keypoints are read: what else they say of "
                    "objects, such as segmentation and attributes, is not in the export."
                )
            if self.relabelled:
                told.append(
                    "Boxes keep the class that they were marked with, also where a label was changed."
                )
        if self.weights:
            told.append(f"The weights are in {name(self.weights[0])} of {self.name} in {archive}, too.")
        return told


def of_image_table(side: PartWriter, cleaned: str) -> list[str]:
    """How the table of rows differs from the source's own. cleaned: what its file is called."""
    options, there = side.source.options, {column.name for column in side.columns}
    if not (column := options.get("image_column")):
        return []
    told = [f"{cleaned} is a table written anew: {name(column)} has names of images, which are in images.zip"]
    if classes := [one for one in options.get("class_columns", ()) if one in there]:
        told.append(f"classes in {names(classes)} are words, not numbers")
    measured = [one for one in side.dataset.names if one.startswith(PREFIX) and one not in there]
    if measured:
        told.append(f"{count(len(measured), 'column')} that Winnow measured of the images are not in it")
    return [f"{'; '.join(told)}."]


def _weights(dataset: Dataset, decided: Dataset, settled: Settled) -> tuple[str, dict[int, float]] | None:
    """The weights as decided, by source row; those not decided are of the column with that role, else 1."""
    if not len(settled.weighted):
        return None
    role = settled.called(dataset.roles.weight)
    own: dict[int, float] = {}
    if role is not None and role in decided.names:
        cells = decided.table([role]).column(0).to_pylist()
        rows = decided.source_ids(np.arange(decided.rows, dtype=np.int64)).tolist()
        own = {row: cell for row, cell in zip(rows, cells, strict=True) if cell is not None}
    else:
        role = WEIGHT
    given = settled.weight[: dataset.rows]
    own.update({int(row): float(given[row]) for row in np.flatnonzero(~np.isnan(given))})
    return role, own


def _objects(dataset: Dataset) -> dict[int, dict[str, list[Any]]] | None:
    """The boxes by source row: an image that is known to have no object has empty lists."""
    assert dataset.pictures is not None
    boxes = dataset.pictures.boxes()
    if boxes.empty:
        return None
    objects = {row: _lists(boxes.iloc[:0]) for row in without_objects(dataset)}
    for row, places in boxes.groupby("row").indices.items():
        objects[int(str(row))] = _lists(boxes.iloc[places])
    if not any(map(len, boxes["keypoints"])):
        for lists in objects.values():
            del lists["keypoints"]
    return objects


def without_objects(dataset: Dataset) -> list[int]:
    """The rows of data as loaded whose number of objects is 0, and not missing."""
    if "objects" not in dataset.names:
        return []
    cells = dataset.table(["objects"]).column(0).to_pylist()
    return [row for row, cell in enumerate(cells) if cell == 0]


def _lists(boxes: pd.DataFrame) -> dict[str, list[Any]]:
    corners = boxes[["x", "y", "width", "height"]].to_numpy(float)
    return as_objects(boxes["class"], corners, boxes["crowd"], boxes["keypoints"])


def as_objects(
    classes: Iterable[str],
    boxes: Iterable[Iterable[float]],
    crowds: Iterable[bool],
    points: Iterable[Iterable[float]],
) -> dict[str, list[Any]]:
    """The objects of one image as a cell of the table: boxes (x, y, width, height) in pixels, and x, y and
    how each is seen of keypoints, in a row.
    """
    return {
        "bbox": [_rounded(box) for box in boxes],
        "category": list(classes),
        "iscrowd": [int(crowd) for crowd in crowds],
        "keypoints": [_rounded(one) for one in points],
    }


def keypoints_said(skeletons: Mapping[str, Skeleton], many: Mapping[str, int]) -> list[dict[str, Any]]:
    """What `KEYPOINTS` says of each class. many: how many keypoints an object of it has."""
    return [
        one.as_coco(name) | {"points": len(one.names) or many.get(name, 0)}
        for name, one in sorted(skeletons.items())
    ]


def as_json(said: list[dict[str, Any]]) -> bytes:
    """The content of `KEYPOINTS`."""
    return json.dumps(said, ensure_ascii=False, indent=1).encode()


def _rounded(numbers: Iterable[float]) -> list[float]:
    """To `DECIMALS`, without the noise of shares that became pixels.

    >>> _rounded([108.99999999999999, -1e-17, 7.25])
    [109.0, 0.0, 7.25]
    """
    return [round(float(one), DECIMALS) + 0.0 for one in numbers]
