"""What loading measured of images, and what image quality holds it against: where it does, no other analysis
says it too.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.dataset import Dataset
from core.dataset.pictures import PREFIX
from core.prepare.levels import encoded

LEAST = 10  # images of a class
MOST = 50  # classes


def enough_images(classes: NDArray[np.int64]) -> NDArray[np.int64]:
    """The classes (codes; -1: unknown) with ten images or more; none where there are not 2 to 50 of these.

    >>> enough_images(np.repeat([0, 1, 2, -1], [10, 9, 30, 40])), enough_images(np.arange(99))
    (array([0, 2]), array([], dtype=int64))
    """
    enough = np.flatnonzero(np.bincount(classes[classes >= 0]) >= LEAST)
    return enough if 2 <= enough.size <= MOST else np.zeros(0, np.int64)


def judged_by_label(dataset: Dataset, target: str) -> bool:
    """Whether image quality says which measures predict this column: where it is the target, and has classes
    of enough images.
    """
    if not dataset.measured or not target or target != dataset.roles.target:
        return False
    return _judged(dataset, encoded(dataset.table([target]).column(0))[0])


def judged_by_part(dataset: Dataset) -> bool:
    """Whether image quality says which measures predict train and serve: where both have enough images."""
    if not dataset.measured or dataset.split is None:
        return False
    return _judged(dataset, dataset.part_mask("serve").astype(np.int64))


def _judged(dataset: Dataset, classes: NDArray[np.int64]) -> bool:
    width = dataset.table([PREFIX + "width"]).column(0)
    return enough_images(np.where(width.is_null().to_numpy(), -1, classes)).size > 0


def measure(dataset: Dataset, name: str) -> NDArray[np.float64]:
    """What loading measured of each row's image under this name; NaN where it did not, and all over where
    there is no column of it, or one that holds something else.
    """
    name = PREFIX + name
    if name not in dataset.names or dataset[name].stored not in ("int64", "double", "uint64"):
        return np.full(dataset.rows, np.nan)
    column = dataset.table([name]).column(0)
    return np.asarray(column.to_pandas().to_numpy(np.float64, na_value=np.nan))
