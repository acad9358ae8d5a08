"""Which images a pipeline is judged by: those that are read and have a label, in two halves."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.dataset import Dataset
from core.prepare.image_measures import PIXELS, pixel_keys
from core.prepare.levels import encoded

FEW = 40  # images with a label below which nothing is judged
PER_CLASS = 5  # train images of a class below which it is left out


class JudgedImages(NamedTuple):
    """Train and held-out rows, the class of each row (-1: of none that counts), the names of the classes, and
    those of classes that have too few train images to be judged.
    """

    train: NDArray[np.int64]
    held: NDArray[np.int64]
    codes: NDArray[np.int64]
    classes: tuple[str, ...]
    too_few: tuple[str, ...]


def judged_images(dataset: Dataset, there: NDArray[np.bool_], target: str, most: int) -> JudgedImages:
    """Rows by the keys of their pixels, so that copies lie on one side; none where nothing can be judged.

    there: n, rows of train whose picture can be read. target: the column of labels, or "". most: rows of
    either half.
    """
    nothing = JudgedImages(np.zeros(0, np.int64), np.zeros(0, np.int64), np.full(dataset.rows, -1), (), ())
    if not target or PIXELS not in dataset.names:
        return nothing
    raw, levels = encoded(dataset.table([target]).column(0))
    raw = np.where(there, raw, -1)
    keys = pixel_keys(dataset)
    rows = np.flatnonzero(raw >= 0)
    rows = rows[np.lexsort((rows, keys[rows]))]
    aside = (keys[rows] >> np.uint64(16)) % np.uint64(2) == 0
    train, held = rows[~aside][:most], rows[aside][:most]
    counts = np.bincount(raw[train], minlength=len(levels))
    order, few = (
        sorted(np.flatnonzero(some).tolist(), key=lambda one: str(levels[one]))
        for some in (counts >= PER_CLASS, (counts < PER_CLASS) & np.isin(np.arange(len(levels)), raw[rows]))
    )
    if len(order) < 2:
        return nothing
    place = np.full(len(levels), -1, np.int64)
    place[order] = np.arange(len(order))
    codes = np.where(raw >= 0, place[raw], -1)
    named, too_few = (tuple(str(levels[one]) for one in some) for some in (order, few))
    train, held = train[codes[train] >= 0], held[codes[held] >= 0]
    enough = train.size + held.size >= FEW and held.size
    return JudgedImages(train, held, codes, named, too_few) if enough else nothing


def label_column(dataset: Dataset) -> str:
    """The column that says the class of an image: the target, else one called label; "" where neither is."""
    return dataset.roles.target or ("label" if "label" in dataset.names else "")


def shown_in_turn(dataset: Dataset) -> NDArray[np.int64]:
    """Positions in the source of the images to show variants of: those of train that can be read, one of each
    class, then the second of each, and so on; classes and images as they come.
    """
    pictures, target = dataset.pictures, label_column(dataset)
    assert pictures is not None
    own = dataset.source_ids(np.arange(dataset.rows, dtype=np.int64))
    rows = np.flatnonzero(pictures.readable_at(own) & ~dataset.part_mask("serve"))
    if target and rows.size:
        codes = encoded(dataset.table([target]).column(0))[0][rows]
        _, first, classes = np.unique(codes, return_index=True, return_inverse=True)
        order = np.argsort(classes, kind="stable")
        starts = np.concatenate([[0], np.cumsum(np.bincount(classes))[:-1]])
        turn = np.empty(rows.size, np.int64)
        turn[order] = np.arange(rows.size) - starts[classes[order]]
        rows = rows[np.lexsort((first[classes], turn))]
    return np.asarray(own[rows], np.int64)
