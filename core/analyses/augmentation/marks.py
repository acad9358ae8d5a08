"""The objects that are marked in a picture, to be moved along with it: boxes and their keypoints."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.dataset import Dataset
from core.dataset.keypoints import Skeleton
from core.export.pictures_table import as_objects, keypoints_said, without_objects

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Marks:
    """Objects in one picture, n of them, in its pixels. classes: what each is. boxes: n x 4 (x, y, width,
    height). points: of each its keypoints, k x 3 (x, y, and 0: not there, 1: hidden, 2: seen); k may be 0.
    skeletons: by class, where something is said of its keypoints. crowds: whether each is a crowd.
    """

    classes: tuple[str, ...]
    boxes: Floats
    points: tuple[Floats, ...]
    skeletons: dict[str, Skeleton]
    crowds: tuple[bool, ...]

    def scaled(self, across: float, down: float) -> Marks:
        """On a picture so many times as wide and as tall."""
        by = np.array([across, down, 1.0])
        boxes = self.boxes * np.array([across, down, across, down])
        return replace(self, boxes=boxes, points=tuple(one * by for one in self.points))

    def moved(
        self,
        places: Iterable[int],
        boxes: Floats,
        points: Iterable[Floats],
        mirrored: bool,
        size: tuple[int, int],
    ) -> Marks:
        """Those at ``places`` that are left in a variant of ``size`` (height, width), with their ``boxes``
        there, and the ``points`` of all. A point out of the picture is not there; in a mirror image left and
        right are exchanged, where that is known.
        """
        left = list(places)
        placed = list(points)
        return Marks(
            tuple(self.classes[at] for at in left),
            boxes,
            tuple(self._settled(self.classes[at], placed[at], mirrored, size) for at in left),
            self.skeletons,
            tuple(self.crowds[at] for at in left),
        )

    def _settled(self, name: str, points: Floats, mirrored: bool, size: tuple[int, int]) -> Floats:
        tall, wide = size
        x, y, seen = points.T
        there = (seen > 0) & (x >= 0) & (y >= 0) & (x <= wide) & (y <= tall)
        if not there.any():
            return points[:0]
        settled = np.where(there[:, None], points, 0.0)
        twins = self.skeletons.get(name, Skeleton()).twins
        return settled[list(twins)] if mirrored and len(twins) == len(settled) else settled

    def as_objects(self) -> dict[str, list[Any]]:
        """As a cell of the table of exported images."""
        return as_objects(self.classes, self.boxes.tolist(), self.crowds, map(np.ravel, self.points))

    def lines(self) -> list[Floats]:
        """The lines that join keypoints, each m x 2, where both ends are there."""
        return [
            points[list(pair), :2]
            for name, points in zip(self.classes, self.points, strict=True)
            for pair in self.skeletons.get(name, Skeleton()).lines
            if max(pair) < len(points) and points[list(pair), 2].min() > 0
        ]


def marks_of(dataset: Dataset, rows: Collection[int]) -> dict[int, Marks]:
    """The objects of each of these rows of the source, in pixels of the upright picture: none of an image
    that is known to have none. Rows of which nothing is known are left out.
    """
    assert dataset.pictures is not None
    every, skeletons = dataset.pictures.boxes(), dataset.pictures.skeletons()
    if every.empty:
        return {}
    nothing = Marks((), np.zeros((0, 4)), (), skeletons, ())
    found = dict.fromkeys({*rows}.intersection(without_objects(dataset.base or dataset)), nothing)
    every = every[every["row"].isin(list(rows))]
    for row, places in every.groupby("row").indices.items():
        mine = every.iloc[places]
        found[int(str(row))] = Marks(
            tuple(mine["class"].tolist()),
            mine[["x", "y", "width", "height"]].to_numpy(np.float64),
            tuple(np.asarray(one, np.float64).reshape(-1, 3) for one in mine["keypoints"]),
            skeletons,
            tuple(mine["crowd"].astype(bool).tolist()),
        )
    return found


def keypoints_in(marks: Mapping[int, Marks]) -> list[dict[str, Any]]:
    """What is said of the keypoints of each class, as an export says it; [] where nothing is."""
    many: dict[str, int] = {}
    for one in marks.values():
        for name, points in zip(one.classes, one.points, strict=True):
            many[name] = max(many.get(name, 0), len(points))
    return keypoints_said(next((one.skeletons for one in marks.values()), {}), many)


def without_sides(marks: Iterable[Marks]) -> list[str]:
    """The classes with keypoints of which none is known to be left or right of another."""
    found = {
        name: one.skeletons.get(name, Skeleton()).sided
        for one in marks
        for name, points in zip(one.classes, one.points, strict=True)
        if len(points)
    }
    return sorted(name for name, sided in found.items() if not sided)
