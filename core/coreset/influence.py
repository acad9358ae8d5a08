"""What removing rows would do to a logistic fit, before anything is removed: one Newton step from the fit
with them (influence functions; Koh and Liang 2017).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.coreset.coreset import Coreset
from core.coreset.fitting import logistic_fit, slope_of
from core.coreset.parts import RowPart
from core.coreset.quality import curvature
from core.dataset import Dataset
from core.numerics.softmax import Softmax
from core.progress import SILENT, Progress

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Influence:
    """What is to be expected without some rows.

    rows: how many of them have a target. before, after: the fit with them and, expected, without. moved: the
    mean distance of the predicted probabilities over the rows of the coreset. column, change: the column
    whose coefficient is expected to change most, and by how much, in units of its spread.
    """

    rows: int
    before: Softmax
    after: Softmax
    moved: float
    column: str
    change: float


def influence(
    coreset: Coreset,
    dataset: Dataset,
    rows: NDArray[np.int64],
    ridge: float = 1.0,
    progress: Progress = SILENT,
) -> Influence:
    """Expected change of the fit when these rows (numbers of the source) go: H^-1 times the slope of their
    loss, H from the coreset. Only these rows are read. Raises `SettingError` where there are no classes.
    """
    before = logistic_fit(coreset, ridge, progress)
    pilot = coreset.pilot
    table = RowPart(dataset, coreset.leaves[0].first).contents(pilot.read, rows)
    target, known = pilot.targets(table)
    weight = pilot.weights(table)[known] * pilot.unit
    gone = pilot.encoder.encode(table).T[known]
    slope = slope_of(before, gone, target[known].astype(np.int64), weight.astype(np.float64)).slope
    matrix = coreset.matrix()
    bend = curvature(matrix, coreset.sample.weight, before, ridge)
    bend -= curvature(gone, weight.astype(np.float64), before, 0.0)
    step = np.linalg.lstsq(bend, slope.ravel(), rcond=1e-10)[0].reshape(slope.shape)
    after = Softmax(before.weights + step)
    apart = np.abs(after.probabilities(matrix) - before.probabilities(matrix)).sum(axis=1) / 2.0
    change = np.abs(step[:, :-1]).max(axis=0)
    at = int(change.argmax())
    share = coreset.sample.weight / coreset.sample.weight.sum()
    return Influence(
        int(known.sum()), before, after, float(share @ apart), pilot.encoder.labels[at], float(change[at])
    )
