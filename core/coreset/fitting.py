"""Models fitted on a coreset: any of scikit-learn that takes sample weights, and for logistic losses a
correction by one pass over all rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.coreset.coreset import Coreset
from core.coreset.parts import RowPart, parts_of
from core.coreset.prior import PriorCorrected
from core.coreset.slopes import slope_of, slope_over
from core.dataset import Dataset
from core.errors import SettingError
from core.numerics.comoments import Comoments
from core.numerics.softmax import Softmax, penalised, softmax_regression
from core.prepare.pilot import Pilot
from core.progress import SILENT, Progress
from core.workers import LocalThreads, Workers

Floats = NDArray[np.float64]
_ROUNDING = 1e-12  # of a loss: what is less may be the order in which it was added up


def fit(coreset: Coreset, estimator: Any) -> Any:
    """The estimator (of scikit-learn, with ``sample_weight``), fitted on the rows of the coreset, their
    weights and the pilot's encoding. Classes are codes, by `Pilot.classes`.

    Of a coreset for trees a classifier with probabilities comes as `PriorCorrected`: fitted with the weights
    within classes, its probabilities corrected by those of the classes.
    """
    if not coreset.pilot.roles.target:
        return estimator.fit(coreset.matrix(), sample_weight=coreset.sample.weight)
    target = coreset.target()
    if coreset.pilot.classes:
        target = target.astype(np.int64)
    return suited(coreset, estimator).fit(coreset.matrix(), target, sample_weight=coreset.sample.weight)


def suited(coreset: Coreset, estimator: Any) -> Any:
    """The estimator as it is fitted on this coreset: `PriorCorrected` where the coreset is for trees, its
    target is of classes, and the estimator gives probabilities.
    """
    plain = coreset.pilot.kind != "trees" or not coreset.pilot.classes
    if plain or isinstance(estimator, PriorCorrected) or not hasattr(estimator, "predict_proba"):
        return estimator
    return PriorCorrected(estimator)


def logistic_fit(
    coreset: Coreset,
    ridge: float = 1.0,
    progress: Progress = SILENT,
    flat: float = 1e-9,
    start: Softmax | None = None,
) -> Softmax:
    """Logistic regression on the coreset; ``ridge`` counts as on all rows. flat, start: as in
    `softmax_regression`; the fit of the day before is a good start. Raises `SettingError` where there are no
    classes.
    """
    classes = _classes(coreset.pilot)
    target = coreset.target().astype(np.int64)
    weight = coreset.sample.weight
    return softmax_regression(
        coreset.matrix(), target, classes, weight, ridge, start=start, progress=progress, flat=flat
    )


def _classes(pilot: Pilot) -> int:
    if not pilot.classes:
        raise SettingError("Logistic regression needs a target of classes; this coreset has none.")
    return len(pilot.classes)


@dataclass(frozen=True)
class Corrected:
    """``model``: after the correction. ``before``, ``after``: the regularised loss over all rows of the
    coreset's own fit, and of ``model``.
    """

    model: Softmax
    before: float
    after: float


def corrected(
    coreset: Coreset,
    source: Dataset | Sequence[Dataset],
    model: Softmax | None = None,
    ridge: float = 1.0,
    progress: Progress = SILENT,
    workers: Workers | None = None,
) -> Corrected:
    """The coreset's fit, moved to where the slope over all rows says: the minimiser of L_C(b) - <grad L_C(b0)
    - grad L(b0), b>, L_C the loss on the coreset (Jordan, Lee and Yang 2019, "Communication-efficient
    distributed statistical inference").

    One pass for the slope, and one that checks that the loss fell; where it did not, the first fit stays.
    """
    first = model or logistic_fit(coreset, ridge, progress.part(0.0, 0.2))
    over_all = slope_over(coreset.pilot, source, first, progress.part(0.2, 0.6), workers)
    matrix, target, weight = coreset.matrix(), coreset.target().astype(np.int64), coreset.sample.weight
    tilt = slope_of(first, matrix, target, weight).slope - over_all.slope
    classes = _classes(coreset.pilot)
    moved = softmax_regression(
        matrix=matrix,
        classes=target,
        count=classes,
        weights=weight,
        ridge=ridge,
        tilt=tilt,
        start=first,
        progress=progress.part(0.6, 0.7),
    )
    before = penalised(first, over_all.loss, ridge)
    checked = slope_over(coreset.pilot, source, moved, progress.part(0.7, 1.0), workers)
    after = penalised(moved, checked.loss, ridge)
    better = before - after > _ROUNDING * before
    return Corrected(moved, before, after) if better else Corrected(first, before, before)


def _moments_of_part(part: RowPart, pilot: Pilot, progress: Progress) -> Comoments:
    width = len(pilot.encoder.labels) + bool(pilot.roles.target)
    total = Comoments(0.0, np.zeros(width), np.zeros((width, width)))
    for table, _ in part.tables(pilot.read):
        progress.check()
        target, known = pilot.targets(table)
        weight = (pilot.weights(table) * pilot.unit).astype(np.float64)
        place = np.flatnonzero(known & (weight > 0))
        some = table.take(place)
        columns = pilot.encoder.exact(some)
        if pilot.roles.target:
            columns = np.concatenate([columns, pilot.exact_target(some)[None, :]])
        total = total.merged(Comoments.of(np.ascontiguousarray(columns.T), weight[place]))
    return total


def moments(
    pilot: Pilot,
    source: Dataset | Sequence[Dataset],
    progress: Progress = SILENT,
    workers: Workers | None = None,
) -> Comoments:
    """Exact co-moments of the encoded columns, in units of their spread, the target last where there is one:
    what `core.numerics.comoments.least_squares`, ``principal`` and ``correlation`` need. No row is sampled.
    """
    datasets = (source,) if isinstance(source, Dataset) else tuple(source)
    workers = workers or LocalThreads()
    stop = progress if isinstance(workers, LocalThreads) else SILENT
    leaf = partial(_moments_of_part, pilot=pilot, progress=stop)
    return workers.tree(Comoments.merged, workers.map(leaf, parts_of(datasets, pilot.read)))
