"""The vectors of rows (embeddings) as a few columns of numbers, for what reads rows batch by batch: their
main directions, learned once from the data as loaded.

A row has the same numbers, to the last bit, in whatever batch it comes and whatever was decided about others,
as a coreset that follows decisions needs. The columns are named by the vectors' digest: they are never taken
for those of other vectors.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.dataset import Dataset
from core.frozen import lock_fields
from core.numerics.exact_product import coarse, exact_product, on_grid
from core.numerics.rowhash import hash_numbers, row_keys
from core.numerics.support import main_axes
from core.phrases import count, percent
from core.workers import one_blas_thread

Floats = NDArray[np.float64]
Matrix = NDArray[np.float32]
MOST = 50  # directions, as many as overlap looks at
FITTED_ON = 10_000  # rows that they are learned from
_AT_ONCE = 4_096  # rows
_DIGITS = 8  # of the digest, in the names
_RANK = 1e-9  # of the largest variance: directions of less are rounding


@dataclass(frozen=True, eq=False)
class Directions:
    """``names``: of the k columns. ``centre``: p. ``scale``: the root of the mean variance of the p numbers,
    one for all, so that large directions stay large. ``axes``: k x p, coarse. ``share``: of the variance of
    the vectors that lies along them.
    """

    names: tuple[str, ...]
    centre: Floats
    scale: float
    axes: Floats
    share: float

    def __post_init__(self) -> None:
        lock_fields(self)

    @property
    def nbytes(self) -> int:
        """Size in memory, in bytes."""
        return self.axes.nbytes + self.centre.nbytes

    def of(self, vectors: Matrix) -> Floats:
        """The columns of some vectors, n x p: k x n."""
        made = np.empty((len(self.axes), len(vectors)))
        for start in range(0, len(vectors), _AT_ONCE):
            some = vectors[start : start + _AT_ONCE].astype(np.float64)
            some -= self.centre
            some /= self.scale
            made[:, start : start + _AT_ONCE] = exact_product(self.axes, on_grid(some.T.copy()))
        return made


def directions(dataset: Dataset) -> Directions | None:
    """Those of the data set's vectors, remembered with the data as loaded; None where it has none, or they do
    not vary. Raises `LoadError` where they are gone.
    """
    vectors, base = dataset.vectors, dataset.base or dataset
    if vectors is None:
        return None
    own = base.vectors is not None and base.vectors.sha256 == vectors.sha256
    given = base.vector_rows() if own else vectors.mapped()
    return dataset.shared.once(("directions", vectors.sha256), lambda: _learned(given, vectors.sha256))


def _learned(vectors: Matrix, digest: str) -> Directions | None:
    keys = row_keys(hash_numbers(vectors), 0)
    rows = np.argsort(keys, kind="stable")[:FITTED_ON]
    sample = np.asarray(vectors[rows], np.float64)
    centre = sample.mean(axis=0) if rows.size else np.zeros(vectors.shape[1])
    scale = float(np.sqrt(sample.var(axis=0).mean())) if rows.size > 1 else 0.0
    if not scale > 0.0:
        return None
    placed = on_grid((sample - centre) / scale)
    with one_blas_thread():
        found = main_axes(placed.astype(np.float32), min(MOST, vectors.shape[1]))
    axes = found.axes.T.astype(np.float64)
    spread = exact_product(coarse(axes), placed.T.copy()).var(axis=1)
    order = np.argsort(-spread, kind="stable")
    kept = order[spread[order] > _RANK * spread[order[0]]]
    axes = axes[kept]
    ends = axes[np.arange(len(axes)), np.abs(axes).argmax(axis=1)]
    axes = coarse(axes * np.where(ends < 0, -1.0, 1.0)[:, None])
    names = tuple(direction_name(digest, at + 1) for at in range(len(axes)))
    return Directions(names, centre, scale, axes, min(1.0, found.share))


def direction_name(digest: str, number: int) -> str:
    """What a column is called.

    >>> direction_name("3f2a9c1b77", 7)
    'vectors 3f2a9c1b, direction 7'
    """
    return f"vectors {digest[:_DIGITS]}, direction {number}"


def are_directions(names: Sequence[str]) -> bool:
    """Whether any of these columns is one of vectors.

    >>> are_directions(["age"]), are_directions(["vectors 3f2a9c1b, direction 7"])
    (False, True)
    """
    return any(name.startswith("vectors ") and ", direction " in name for name in names)


def directions_note(dataset: Dataset, columns: Sequence[str] = ()) -> tuple[str, ...]:
    """That importance comes from vectors, where no columns were chosen and there are some."""
    along = None if columns else directions(dataset)
    if along is None or dataset.vectors is None:
        return ()
    of = "pictures" if dataset.vectors.of_pictures else "rows"
    some = f"{count(len(along.names), 'main direction')} ({percent(along.share)} of their variance)"
    return (f"Worked out from the vectors of the {of} on their {some}.",)
