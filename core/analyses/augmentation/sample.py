"""Which images a pipeline is judged by: those that are read and have a label, in two halves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.analyses.augmentation.held_out import held_out
from core.analyses.augmentation.sources import giving
from core.dataset import Dataset
from core.phrases import count, name, verb
from core.prepare.image_measures import PIXELS, pixel_keys
from core.prepare.levels import encoded

FEW = 40  # images with a label below which nothing is judged
HELD = 1 / 2  # share of the images of a class that are held out
PER_CLASS = 5  # train images of a class below which it is left out
_UNSAID = "Whether labels survive was not checked"
NO_IMAGES = "The data have no images."
NO_LABEL = f"{_UNSAID}: choose the label to judge by."
NO_KEYS = f"{_UNSAID}: the column {name(PIXELS)}, by which images are parted in two halves, is gone."
FEW_IMAGES = f"{_UNSAID}: {{}} of train that variants can be made of {{}} a label; it takes {FEW} or more."
ONE_CLASS = f"{_UNSAID}: all images of train are of one class, {{}}; it takes two or more."
FEW_PER_CLASS = (
    f"{_UNSAID}: {{}} {PER_CLASS} images or more in the half that is compared with; it takes two such "
    "classes."
)


class JudgedImages(NamedTuple):
    """Train and held-out rows, the class of each row (-1: of none that counts), the names of the classes,
    those of classes that have too few train images to be judged, and why there are no rows, "" where there
    are.
    """

    train: NDArray[np.int64]
    held: NDArray[np.int64]
    codes: NDArray[np.int64]
    classes: tuple[str, ...]
    too_few: tuple[str, ...]
    why: str = ""


def judged_images(dataset: Dataset, there: NDArray[np.bool_], target: str, most: int) -> JudgedImages:
    """Half of the images of each class held out, copies on one side; in the order of the keys of their
    pixels. None where nothing can be judged.

    there: n, rows of train that give variants. target: the column of labels, or "". most: rows of
    either half.
    """

    def none(why: str) -> JudgedImages:
        empty = np.zeros(0, np.int64)
        return JudgedImages(empty, empty, np.full(dataset.rows, -1), (), (), why)

    if not target:
        return none(NO_LABEL)
    if PIXELS not in dataset.names:
        return none(NO_KEYS)
    raw, levels = encoded(dataset.table([target]).column(0))
    raw = np.where(there, raw, -1)
    keys = pixel_keys(dataset)
    rows = np.flatnonzero(raw >= 0)
    rows = rows[np.lexsort((rows, keys[rows]))]
    aside = held_out(raw[rows], keys[rows], HELD)
    train, held = rows[~aside][:most], rows[aside][:most]
    counts = np.bincount(raw[train], minlength=len(levels))
    order, few = (
        sorted(np.flatnonzero(some).tolist(), key=lambda one: str(levels[one]))
        for some in (counts >= PER_CLASS, (counts < PER_CLASS) & np.isin(np.arange(len(levels)), raw[rows]))
    )
    if rows.size < FEW:
        return none(FEW_IMAGES.format(count(int(rows.size), "image"), verb(int(rows.size), "has", "have")))
    if len(order) < 2:
        return none(_few_classes([str(levels[one]) for one in np.unique(raw[rows])], tuple(order), levels))
    place = np.full(len(levels), -1, np.int64)
    place[order] = np.arange(len(order))
    codes = np.where(raw >= 0, place[raw], -1)
    named, too_few = (tuple(str(levels[one]) for one in some) for some in (order, few))
    train, held = train[codes[train] >= 0], held[codes[held] >= 0]
    if train.size + held.size < FEW or not held.size:
        left = count(int(train.size + held.size), "image")
        return none(FEW_IMAGES.format(f"{left} of classes that are large enough", "remain"))
    return JudgedImages(train, held, codes, named, too_few)


def _few_classes(every: list[str], enough: tuple[int, ...], levels: Sequence[Any]) -> str:
    """That fewer than two classes can be judged, and which can."""
    if len(every) == 1:
        return ONE_CLASS.format(name(every[0]))
    few = (
        f"{name(str(levels[enough[0]]))} alone has" if enough else f"none of {count(len(every))} classes has"
    )
    return FEW_PER_CLASS.format(few)


def label_column(dataset: Dataset) -> str:
    """The column that says the class of an image: the target, else one called label; "" where neither is."""
    return dataset.roles.target or ("label" if "label" in dataset.names else "")


def shown_in_turn(dataset: Dataset) -> NDArray[np.int64]:
    """Positions in the source of the images to show variants of: those of train that give variants, one of
    each class, then the second of each, and so on; classes and images as they come.
    """
    target = label_column(dataset)
    own = dataset.source_ids(np.arange(dataset.rows, dtype=np.int64))
    rows = np.flatnonzero(giving(dataset) & ~dataset.part_mask("serve"))
    if target and rows.size:
        codes = encoded(dataset.table([target]).column(0))[0][rows]
        _, first, classes = np.unique(codes, return_index=True, return_inverse=True)
        order = np.argsort(classes, kind="stable")
        starts = np.concatenate([[0], np.cumsum(np.bincount(classes))[:-1]])
        turn = np.empty(rows.size, np.int64)
        turn[order] = np.arange(rows.size) - starts[classes[order]]
        rows = rows[np.lexsort((first[classes], turn))]
    return np.asarray(own[rows], np.int64)


def unlabelled(dataset: Dataset) -> int:
    """How many of these images have no label, where the data have labels: they are of no class to fill."""
    target = label_column(dataset)
    if not target:
        return 0
    codes = encoded(dataset.table([target]).column(0))[0]
    return int(((codes < 0) & giving(dataset) & ~dataset.part_mask("serve")).sum())
