"""What each detector says of rows that are compared with each other: all rows, or those of one class."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.analyses.outliers.cells import OddCells, far_groups, odd_cells
from core.analyses.outliers.detectors import REASONS, combined, forest_oddity, loneliness, put_back
from core.dataset import Dataset
from core.numerics.tails import tail_evidence
from core.prepare.features import Features, features, floats
from core.progress import Progress
from core.workers import at_once

Ids = NDArray[np.int64]


class Compared(NamedTuple):
    """Which rows are compared with each other, and by what.

    names: the columns. alone: those that one part lacks, of which single values are looked at. rows: ids,
    ascending; None for all of them. keys: uint64, one per row of the data: the order that the rows are worked
    on in. neighbours, trees, seed: the settings. cells: share of clean data in which a single value may be
    named.
    """

    names: tuple[str, ...]
    alone: tuple[str, ...]
    rows: Ids | None
    keys: NDArray[np.uint64]
    neighbours: int
    trees: int
    seed: int
    cells: float


class Judged(NamedTuple):
    """What the detectors say, one entry per row that was compared.

    evidence: of forest and distance together. top: int16, n x 3: the columns that set the row apart, see
    `Loneliness.reasons`, as places in `Compared.names`. cells: single values, their columns as places in
    these and, behind them, in `Compared.alone`, their rows as places among those compared. times: by how much
    a row lies farther from all others than they let expect; 0 where it does not. reference: how many rows
    each was compared with, in the largest class.
    """

    evidence: NDArray[np.float32]
    top: NDArray[np.int16]
    cells: OddCells
    times: NDArray[np.float64]
    reference: int


def judged(dataset: Dataset, what: Compared, progress: Progress) -> Judged:
    """Forest, distance and single values. The rows are worked on in the order of their content, so that
    results do not depend on that of the source.
    """
    encoded = features(dataset, what.names, progress.part(0.0, 0.05), what.rows)
    keys = what.keys if what.rows is None else what.keys[what.rows]
    if not encoded.names:  # a class whose rows are all equal
        nothing = np.zeros(keys.size, np.float32), np.full((keys.size, REASONS), -1, np.int16)
        return Judged(*nothing, odd_cells((), 0), np.zeros(keys.size), keys.size)
    order = np.argsort(keys)
    matrix = encoded.matrix[order]
    forest = forest_oddity(matrix, what.seed, what.trees, progress.part(0.05, 0.47), keys[order])
    lonely = loneliness(matrix, encoded.starts, what.neighbours, progress.part(0.47, 0.95))
    progress.at(0.95, "Looking at single values")
    of_forest, of_distance, cells, times = at_once(
        partial(tail_evidence, forest),
        partial(tail_evidence, lonely.oddity),
        partial(single_values, dataset, what),
        lambda: far_groups(np.exp(lonely.oddity), what.neighbours - 1, what.cells),
    )
    return Judged(
        evidence=put_back(combined(of_forest, of_distance).astype(np.float32), order),
        top=_among(put_back(lonely.reasons, order), encoded, what.names),
        cells=cells,
        times=put_back(times, order),
        reference=lonely.reference,
    )


def _among(top: NDArray[np.int16], encoded: Features, names: tuple[str, ...]) -> NDArray[np.int16]:
    """Places in ``encoded.names`` as places in ``names``; a class may have columns that do not vary in it."""
    if encoded.names == names:
        return top
    return np.array([*map(names.index, encoded.names), -1], np.int16)[top]


def single_values(dataset: Dataset, what: Compared) -> OddCells:
    """The single values of the columns of numbers and times that the profile looks at, too."""
    if dataset.vectors is not None and what.names == (dataset.vectors_name,):
        return odd_cells((), 0)
    names = (*what.names, *what.alone)
    chosen = [place for place, name in enumerate(names) if _is_number(dataset, name)]

    def values() -> Iterator[NDArray[np.float64]]:
        for place in chosen:
            column = floats(dataset.table([names[place]]).column(0))
            yield column if what.rows is None else column[what.rows]

    found = odd_cells(values(), len(chosen), what.cells)
    return found._replace(columns=np.array(chosen, np.int16)[found.columns])


def _is_number(dataset: Dataset, name: str) -> bool:
    column = dataset[name]
    is_time = column.kind == "datetime" and column.stored.startswith("timestamp")
    return is_time or (column.kind == "numeric" and column.stored in ("int64", "uint64", "double"))
