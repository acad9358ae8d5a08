"""The slope of a logistic loss over all rows: by a pass over them, or as kept since they were scored."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.coreset.coreset import Coreset, Leaf
from core.coreset.parts import RowPart, parts_of, types_of
from core.dataset import Dataset
from core.errors import InputError
from core.numerics.softmax import Softmax
from core.phrases import quoted
from core.prepare.pilot import Pilot
from core.progress import SILENT, Progress
from core.workers import LocalThreads, Workers

if TYPE_CHECKING:
    import pyarrow as pa

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
_AT_ONCE = 65_536  # rows


class Slope(NamedTuple):
    """Of a model over some rows: the total loss, and its slope in the weights, c x (p + 1)."""

    loss: float
    slope: Floats


def slope_of(model: Softmax, matrix: Floats, classes: NDArray[np.int64], weight: Floats) -> Slope:
    """Total loss and slope of weighted rows, without the ridge."""
    lost = model.residuals(matrix, classes) * weight[:, None]
    slope = np.concatenate([lost.T @ matrix, lost.sum(axis=0)[:, None]], axis=1)
    return Slope(float(weight @ model.losses(matrix, classes)), slope)


def _slope_of_part(part: RowPart, pilot: Pilot, model: Softmax, progress: Progress) -> Slope:
    """The leaf of one part."""
    total = Slope(0.0, np.zeros(model.weights.shape))
    for matrix, target, weight in _encoded(part, pilot, progress):
        total = _added(total, slope_of(model, matrix, target.astype(np.int64), weight))
    return total


def _encoded(part: RowPart, pilot: Pilot, progress: Progress) -> Iterator[tuple[Floats, Floats, Floats]]:
    """The rows that can be drawn, as numbers, with target and weight, batch by batch."""
    for table, _ in part.tables(pilot.read):
        progress.check()
        yield _numbers(table, pilot)


def _numbers(table: pa.Table, pilot: Pilot) -> tuple[Floats, Floats, Floats]:
    """The rows of a table that can be drawn, as numbers, with target and weight."""
    target, known = pilot.targets(table)
    weight = (pilot.weights(table) * pilot.unit).astype(np.float64)
    place = np.flatnonzero(known & (weight > 0))
    return pilot.encoder.encode(table.take(place)).T, target[place], weight[place]


def _added(one: Slope, other: Slope) -> Slope:
    return Slope(one.loss + other.loss, one.slope + other.slope)


def slope_over(
    pilot: Pilot,
    source: Dataset | Sequence[Dataset],
    model: Softmax,
    progress: Progress = SILENT,
    workers: Workers | None = None,
) -> Slope:
    """Total loss and slope over all rows: one pass, a sum over parts."""
    datasets = (source,) if isinstance(source, Dataset) else tuple(source)
    workers = workers or LocalThreads()
    stop = progress if isinstance(workers, LocalThreads) else SILENT
    leaf = partial(_slope_of_part, pilot=pilot, model=model, progress=stop)
    return workers.tree(_added, workers.map(leaf, parts_of(datasets, pilot.read)))


def slope_at_pilot(
    coreset: Coreset, source: Dataset | Sequence[Dataset] = (), progress: Progress = SILENT
) -> Floats:
    """The slope of the loss of all rows of the coreset under its logistic pilot, c x (p + 1), without the
    ridge. Only rows that were edited since they were scored are read, as they were and as they are, and all
    of a part where more than half of them were.

    source: the data as decided that the coreset was brought to; need not be given where nothing was edited.
    Raises `InputError` where it is needed and is not there.
    """
    datasets = (source,) if isinstance(source, Dataset) else tuple(source)
    known = {dataset.fingerprint: dataset for dataset in datasets}
    assert coreset.pilot.model is not None
    total = np.zeros(coreset.pilot.model.weights.shape)
    for leaf in coreset.leaves:
        total += _of_leaf(leaf, coreset.pilot, known.get(leaf.fingerprint), progress)
    return total


def _of_leaf(leaf: Leaf, pilot: Pilot, dataset: Dataset | None, progress: Progress) -> Floats:
    if leaf.slope is not None and not leaf.rescored:
        return leaf.slope
    if dataset is None:
        raise InputError(
            f"Rows of {quoted(leaf.name)} were decided about since their loss was added up: give the data as "
            "decided, to read these rows from."
        )
    part = RowPart(dataset, leaf.first, types_of(leaf.sketch.content.schema))
    if leaf.ledger is None:
        assert pilot.model is not None
        return _slope_of_part(part, pilot, pilot.model, progress).slope
    there = leaf.ledger.number[leaf.ledger.stratum >= 0]
    if leaf.slope is None or 2 * len(leaf.rescored) > there.size:
        return _slope_of_rows(part, pilot, there, progress)
    before = RowPart(dataset.base or dataset, leaf.first, part.types)
    now = np.intersect1d(leaf.rescored.ids, there, assume_unique=True)
    come = _slope_of_rows(part, pilot, now, progress)
    return leaf.slope + come - _slope_of_rows(before, pilot, leaf.rescored.ids, progress)


def _slope_of_rows(part: RowPart, pilot: Pilot, rows: Ints, progress: Progress) -> Floats:
    """Of single rows of a part, by their numbers, under the pilot's own model."""
    model = pilot.model
    assert model is not None
    total = np.zeros(model.weights.shape)
    for start in range(0, rows.size, _AT_ONCE):
        progress.check()
        some = part.contents(pilot.read, rows[start : start + _AT_ONCE])
        matrix, target, weight = _numbers(some, pilot)
        total += slope_of(model, matrix, target.astype(np.int64), weight).slope
    return total
