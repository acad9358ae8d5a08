"""The rows of train and serve, each part in a random order of its own that is fixed by the rows' content; and
copies across them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.dataset import Dataset
from core.frozen import lock_fields
from core.numerics.rowhash import row_keys
from core.prepare.hashes import row_hashes
from core.progress import SILENT, Progress

Ids = NDArray[np.int64]
FEWEST = 20  # rows that each part must have
_CERTAIN = 4.0  # standard errors above what train repeats within itself


@dataclass(frozen=True, eq=False)
class TrainServe:
    """``train``, ``serve``: row ids in keyed order, so that the first m of each are a random sample.
    ``hashes``: per row of the data, over the columns compared. ``copies``: ids of serve rows equal to a train
    row. ``repeated``: share of train rows equal to another one, which is the share of copies to expect.
    ``limit``: share of copies that is still chance."""

    train: Ids
    serve: Ids
    hashes: NDArray[np.uint64]
    copies: Ids
    repeated: float
    limit: float

    def __post_init__(self) -> None:
        lock_fields(self)

    @property
    def copied(self) -> bool:
        """Whether more serve rows are copies than rows repeat within train anyway."""
        return self.copies.size > self.limit * self.serve.size

    @property
    def asked(self) -> Ids:
        """The serve rows that tests ask; without copies where there are too many of them."""
        if self.copied and self.serve.size - self.copies.size >= FEWEST:
            return self.serve[~np.isin(self.serve, self.copies)]
        return self.serve

    def sample(self, most: int) -> tuple[Ids, Ids]:
        """Equally many train rows and serve rows that are asked, at most ``most`` each."""
        serve = self.asked
        size = min(most, self.train.size, serve.size)
        return self.train[:size], serve[:size]

    def train_halves(self, most: int) -> tuple[Ids, Ids]:
        """Two samples of train rows without a row in common, at most ``most`` each."""
        size = min(most, self.train.size // 2)
        return self.train[: 2 * size : 2], self.train[1 : 2 * size : 2]


def parts_of(dataset: Dataset, names: Sequence[str], seed: int, progress: Progress = SILENT) -> TrainServe:
    """Both parts of ``dataset``, keyed over the columns ``names``."""
    hashes = row_hashes(dataset, names, progress)
    serve = dataset.part_mask("serve")
    order = []
    # keyed apart: equal rows of both parts must not be drawn together
    for which, mask in enumerate((~serve, serve)):
        rows = np.flatnonzero(mask).astype(np.int64)
        order.append(rows[np.argsort(row_keys(hashes[rows], 2 * seed + which), kind="stable")])
    copies = np.flatnonzero(serve & np.isin(hashes, hashes[~serve])).astype(np.int64)
    _, place, often = np.unique(hashes[~serve], return_inverse=True, return_counts=True)
    again = int((often[place] > 1).sum())
    train, other = order[0].size, order[1].size
    share = (again + 3.0) / (train + 3.0)  # not 0, however few rows were seen
    limit = share + _CERTAIN * np.sqrt(share * (1.0 - share) * (1.0 / max(1, train) + 1.0 / max(1, other)))
    return TrainServe(order[0], order[1], hashes, copies, again / max(1, train), min(1.0, float(limit)))


def interleaved(first: Ids, second: Ids) -> tuple[Ids, NDArray[np.bool_]]:
    """The rows of two equally large samples in turn, and which of them are of the second: no tie can favour a
    part.

    >>> [part.tolist() for part in interleaved(np.array([1, 2]), np.array([8, 9]))]
    [[1, 8, 2, 9], [False, True, False, True]]
    """
    rows = np.stack([first, second], axis=1).ravel()
    return rows, np.arange(rows.size) % 2 == 1
