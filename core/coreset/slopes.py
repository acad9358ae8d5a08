"""The slope of a logistic loss over all rows: by a pass over them, or as kept since they were scored."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial, reduce
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.coreset.coreset import Coreset, Leaf
from core.coreset.decided_rows import rows_there, touched
from core.coreset.parts import RowPart, parts_of, types_of
from core.dataset import Dataset
from core.errors import InputError
from core.numerics.softmax import Softmax
from core.phrases import quoted
from core.prepare.pilot import Pilot
from core.prepare.pilot.pilot import Slope
from core.progress import SILENT, Progress
from core.workers import LocalThreads, Workers

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
_AT_ONCE = 65_536  # rows


class LossSlope(NamedTuple):
    """Of a model over some rows: the total loss, and its slope in the weights, c x (p + 1)."""

    loss: float
    slope: Floats


def slope_of(model: Softmax, matrix: Floats, classes: NDArray[np.int64], weight: Floats) -> LossSlope:
    """Total loss and slope of weighted rows, without the ridge."""
    lost = model.residuals(matrix, classes) * weight[:, None]
    slope = np.concatenate([lost.T @ matrix, lost.sum(axis=0)[:, None]], axis=1)
    return LossSlope(float(weight @ model.losses(matrix, classes)), slope)


def _slope_of_part(part: RowPart, pilot: Pilot, model: Softmax, progress: Progress) -> LossSlope:
    """The leaf of one part."""
    total = LossSlope(0.0, np.zeros(model.weights.shape))
    for matrix, target, weight in _encoded(part, pilot, progress):
        total = _added(total, slope_of(model, matrix, target.astype(np.int64), weight))
    return total


def _encoded(part: RowPart, pilot: Pilot, progress: Progress) -> Iterator[tuple[Floats, Floats, Floats]]:
    """The rows that can be drawn, as numbers, with target and weight, batch by batch."""
    for table, _ in part.tables(pilot.read):
        progress.check()
        target, known = pilot.targets(table)
        weight = (pilot.weights(table) * pilot.unit).astype(np.float64)
        place = np.flatnonzero(known & (weight > 0))
        yield pilot.encoder.encode(table.take(place)).T, target[place], weight[place]


def _added(one: LossSlope, other: LossSlope) -> LossSlope:
    return LossSlope(one.loss + other.loss, one.slope + other.slope)


def slope_over(
    pilot: Pilot,
    source: Dataset | Sequence[Dataset],
    model: Softmax,
    progress: Progress = SILENT,
    workers: Workers | None = None,
) -> LossSlope:
    """Total loss and slope over all rows: one pass, a sum over parts."""
    datasets = (source,) if isinstance(source, Dataset) else tuple(source)
    workers = workers or LocalThreads()
    stop = progress if isinstance(workers, LocalThreads) else SILENT
    leaf = partial(_slope_of_part, pilot=pilot, model=model, progress=stop)
    return workers.tree(_added, workers.map(leaf, parts_of(datasets, pilot.read)))


def with_slope(
    coreset: Coreset, source: Dataset | Sequence[Dataset] = (), progress: Progress = SILENT
) -> Coreset:
    """The same, the slope of each part known; of rows edited since they were scored it is worked out again.

    source: the data as decided that it was brought to; need not be given where nothing was edited. Raises
    `InputError` where it is needed.
    """
    datasets = (source,) if isinstance(source, Dataset) else tuple(source)
    known = {dataset.fingerprint: dataset for dataset in datasets}
    leaves = (
        leaf
        if leaf.slope is not None
        else replace(leaf, slope=_slope_now(leaf, coreset.pilot, known.get(leaf.fingerprint), progress))
        for leaf in coreset.leaves
    )
    return replace(coreset, leaves=tuple(leaves))


def _slope_now(leaf: Leaf, pilot: Pilot, dataset: Dataset | None, progress: Progress) -> Slope:
    """The slope of the loss of all rows of a part as they are. Only those that were edited since all were
    scored are read, as they were and as they are; where more than half of them were, those that are left.
    """
    if dataset is None:
        raise InputError(
            f"Rows of {quoted(leaf.name)} were decided about since they were scored: give the data as "
            "decided, to read these rows from."
        )
    _refuse_others(leaf, pilot, dataset)
    part = RowPart(dataset, leaf.first, types_of(leaf.sketch.content.schema))
    if leaf.ledger is None:
        return reduce(_plus, (pilot.slope(table) for table, _ in part.tables(pilot.read)))
    there, edited = leaf.ledger.number[leaf.ledger.stratum >= 0], leaf.since.ids
    if leaf.scored is None or 2 * edited.size > there.size:
        return _of_rows(part, pilot, there, progress)
    come = _of_rows(part, pilot, np.intersect1d(edited, there, assume_unique=True), progress)
    gone = _of_rows(replace(part, dataset=dataset.base or dataset), pilot, edited, progress)
    return tuple(a + b - c for a, b, c in zip(leaf.scored, come, gone, strict=True))


def _refuse_others(leaf: Leaf, pilot: Pilot, dataset: Dataset) -> None:
    """Raises `InputError` where other cells of these rows were decided about than of those of the part."""
    there = rows_there(dataset, leaf.numbers, pilot)
    mine = there
    if leaf.ledger is not None:
        mine = np.zeros(leaf.numbers, bool)
        mine[leaf.ledger.number[leaf.ledger.stratum >= 0] - leaf.first] = True
    own, theirs = leaf.touched.ids - leaf.first, touched(dataset, pilot)
    if (mine & ~there).any() or not np.array_equal(own[mine[own]], theirs[mine[theirs]]):
        raise InputError(
            f"{quoted(dataset.name)} holds other decisions than those that the coreset was brought to: "
            "update the coreset first."
        )


def _plus(one: Slope, other: Slope) -> Slope:
    return tuple(a + b for a, b in zip(one, other, strict=True))


def _of_rows(part: RowPart, pilot: Pilot, rows: Ints, progress: Progress) -> Slope:
    """Of single rows of a part, by their numbers."""
    slopes = []
    for start in range(0, max(1, rows.size), _AT_ONCE):
        progress.check()
        slopes.append(pilot.slope(part.contents(pilot.read, rows[start : start + _AT_ONCE])))
    return reduce(_plus, slopes)
