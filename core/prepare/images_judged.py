"""What loading measured of images, and what image quality holds it against: where it does, no other analysis
says it too.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.dataset import Dataset
from core.dataset.pictures import PREFIX
from core.prepare.levels import encoded

TECHNICAL = (
    *("format", "mode", "jpeg_quality", "width", "height", "aspect", "orientation", "frames", "frame"),
    *("edge_width", "reblur", "blocks", "bytes_per_pixel", "bytes"),
)  # of several that predict equally well the first is named first
CONTENT = ("brightness", "contrast", "darkest", "brightest", "colour")
COLUMNS = {name: PREFIX + name for name in (*TECHNICAL, *CONTENT)} | {
    "aspect": PREFIX + "width",
    "bytes_per_pixel": PREFIX + "bytes",
}  # property that is held against label and part -> the column that it is made of
LEAST = 10  # images of a class
MOST = 50  # classes


def enough_images(classes: NDArray[np.int64]) -> NDArray[np.int64]:
    """The classes (codes; -1: unknown) with ten images or more; none where there are not 2 to 50 of these.

    >>> enough_images(np.repeat([0, 1, 2, -1], [10, 9, 30, 40])), enough_images(np.arange(99))
    (array([0, 2]), array([], dtype=int64))
    """
    enough = np.flatnonzero(np.bincount(classes[classes >= 0]) >= LEAST)
    return enough if 2 <= enough.size <= MOST else np.zeros(0, np.int64)


def judged_by_label(dataset: Dataset, target: str) -> tuple[str, ...]:
    """The columns measured of images of which image quality says whether they predict this one: none where it
    is not the target, or has no classes of enough images; and none that it makes no property of.
    """
    if not dataset.measured or not target or target != dataset.roles.target:
        return ()
    return _judged(dataset, encoded(dataset.table([target]).column(0))[0])


def judged_by_part(dataset: Dataset) -> tuple[str, ...]:
    """Those of which image quality says whether they predict train and serve: none where one has too few
    images.
    """
    if not dataset.measured or dataset.split is None:
        return ()
    return _judged(dataset, dataset.part_mask("serve").astype(np.int64))


def _judged(dataset: Dataset, classes: NDArray[np.int64]) -> tuple[str, ...]:
    known = np.isfinite(measure(dataset, "width"))
    if not enough_images(np.where(known, classes, -1)).size:
        return ()
    every = set(COLUMNS.values())
    return tuple(name for name in dataset.measured if name in every)


def measure(dataset: Dataset, name: str) -> NDArray[np.float64]:
    """What loading measured of each row's image under this name; NaN where it did not, and all over where
    there is no column of it, or one that holds something else.
    """
    name = PREFIX + name
    if name not in dataset.names or dataset[name].stored not in ("int64", "double", "uint64"):
        return np.full(dataset.rows, np.nan)
    column = dataset.table([name]).column(0)
    return np.asarray(column.to_pandas().to_numpy(np.float64, na_value=np.nan))
