"""Each column against the target: how strong the relation is, and the target over its bins."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from core.analyses.target.labelled import Targeted, bins_of
from core.dataset import Dataset
from core.frozen import lock_fields
from core.numerics.association import Codes, Floats
from core.numerics.binning import BinnedEffect, class_effect, mean_interval, number_effect, wilson
from core.numerics.correlation import rank
from core.numerics.multiple_tests import q_values
from core.progress import Progress


@dataclass(frozen=True, eq=False)
class Relation:
    """One column against the target.

    column, kind: its name and kind.
    effect: how strong the relation is, with its noise floor.
    q: false discovery rate over all columns.
    labels: of its bins or levels (b), "missing" last if there are any.
    rows: b counts.
    value, low, high: b x k rates of the k classes, or means (k = 1), with 95% intervals; of two classes the
        rarer one's rate alone.
    """

    column: str
    kind: str
    effect: BinnedEffect
    q: float
    labels: tuple[str, ...]
    rows: Floats
    value: Floats
    low: Floats
    high: Floats

    def __post_init__(self) -> None:
        lock_fields(self)


def relations_of(dataset: Dataset, read: Targeted, bins: int, progress: Progress) -> tuple[Relation, ...]:
    """Every column against the target, the strongest first."""
    relations = []
    ranks = None if read.classes else rank(read.target).ranks
    for j, name in enumerate(progress.each(read.names, "Relating columns to the target")):
        codes, labels = bins_of(read, j, bins)
        if ranks is None:
            effect = class_effect(codes, len(labels), read.target + np.int32(1), len(read.classes))
            shown = _rates(codes, len(labels), read.target, len(read.classes))
        else:
            effect = number_effect(codes, len(labels), ranks)
            shown = _means(codes, len(labels), read.target)
        relations.append(Relation(name, dataset[name].kind, effect, 1.0, labels, *shown))
    q = q_values(np.array([one.effect.p for one in relations]))
    relations = [replace(one, q=float(value)) for one, value in zip(relations, q, strict=True)]
    return tuple(sorted(relations, key=lambda one: (-one.effect.value, one.q, one.column)))


def overall(read: Targeted) -> Floats:
    """The rate of each class shown, or the mean, over all rows."""
    if not read.classes:
        largest = float(np.abs(read.target).max()) or 1.0
        return np.array([(read.target / largest).mean() * largest])  # a sum of huge numbers overflows
    rates = np.bincount(read.target, minlength=len(read.classes)) / read.target.size
    return rates if len(read.classes) > 2 else rates[1:]


def _means(codes: Codes, bins: int, values: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    """Rows per bin, and the mean of the target per bin with its t interval."""
    rows = np.bincount(codes, minlength=bins + 1)[1:].astype(np.float64)
    mean, low, high = mean_interval(codes, values, bins)
    return rows, mean[:, None], low[:, None], high[:, None]


def _rates(codes: Codes, bins: int, classes: Codes, count: int) -> tuple[Floats, Floats, Floats, Floats]:
    """Rows per bin, and per bin the rate of each class with Wilson's interval: of the second class alone,
    where there are two.
    """
    table = (
        np.bincount(codes * count + classes, minlength=(bins + 1) * count)
        .reshape(-1, count)[1:]
        .astype(np.float64)
    )
    rows = table.sum(axis=1)
    hits = table[:, 1:2] if count == 2 else table
    low, high = wilson(hits, rows[:, None])
    return rows, hits / rows[:, None], low, high
