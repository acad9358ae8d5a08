"""What lies inside each region: unsupported rows, losses of a model, classes of the target."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.dataset import Dataset
from core.phrases import moment, number
from core.prepare.encoding import encoded
from core.prepare.features import first_time, floats
from core.prepare.levels import level_codes
from core.prepare.support import support
from core.prepare.train_serve import Parts, parts_of
from core.progress import SILENT, Progress

Ids = NDArray[np.int64]
Region = NDArray[np.int32]
Matrix = NDArray[np.float32]
Floats = NDArray[np.float64]
ROWS = 5_000  # rows of train and of serve that support and a quick model rest on
FEWEST = 10  # rows of a region below which it has no mean
_DAY = 86_400e6  # microseconds
_LEVEL = 0.01
_NEIGHBOURS = 10
_CLASSES = 10


class Inside(NamedTuple):
    """Per region: ``unsupported``: share of its serve rows, ``train`` and ``serve``: mean losses of both
    parts; nan where not known.
    """

    unsupported: Floats
    train: Floats
    serve: Floats


def look_inside(
    dataset: Dataset,
    region: Region,
    size: int,
    names: Sequence[str],
    loss: str,
    seed: int,
    progress: Progress = SILENT,
) -> Inside:
    """Support and losses, by region (numbers 0 to ``size`` - 1 per row), from the columns ``names``.

    loss: column of a model's losses; "" for the error of a quick one, fitted on half the train rows of a
    sample and judged on the others, if there is a target. Both rest on a sample, but for a column of losses,
    which is read whole.
    """
    nothing = np.full(size, np.nan)
    given = _given(dataset, region, size, loss) if loss else (nothing, nothing)
    parts = parts_of(dataset, names, seed, progress.part(0.0, 0.6))
    rows = np.concatenate([parts.train[:ROWS], parts.serve[:ROWS]])
    train = min(ROWS, parts.train.size)
    few = replace(
        parts,
        train=np.arange(train),
        serve=np.arange(train, rows.size),
        hashes=parts.hashes[rows],
        copies=parts.copies[:0],
    )
    known = np.zeros(dataset.rows, bool)
    known[rows[: train // 2]] = True
    sample = encoded(dataset, names, known, progress.part(0.6, 0.8), rows)
    if not sample.names:
        return Inside(nothing, *given)
    found = support(sample.matrix, few, train // 2, _NEIGHBOURS, _LEVEL, progress.part(0.8, 1.0))
    far = _means((found.p[few.serve] <= _LEVEL).astype(np.float64), region[rows[few.serve]], size)
    if not loss and dataset.roles.target:
        given = _quick(dataset, sample.matrix.whole(), few, rows, region[rows], size, seed, progress)
    progress.at(1.0, "Looking inside the regions")
    return Inside(far, *given)


def _means(values: Floats, region: Region, size: int) -> Floats:
    """Mean of the known values per region, added up in order of size; nan for fewer than ten."""
    known = np.flatnonzero(~np.isnan(values))
    known = known[np.lexsort((values[known], region[known]))]
    counts = np.bincount(region[known], minlength=size)
    sums = np.bincount(region[known], weights=values[known], minlength=size)
    return np.where(counts >= FEWEST, sums / np.maximum(1, counts), np.nan)


def _given(dataset: Dataset, region: Region, size: int, loss: str) -> tuple[Floats, Floats]:
    values, serve = floats(dataset.table([loss]).column(0)), dataset.part_mask("serve")
    return _means(values[~serve], region[~serve], size), _means(values[serve], region[serve], size)


def _quick(
    dataset: Dataset,
    matrix: Matrix,
    parts: Parts,
    rows: Ids,
    region: Region,
    size: int,
    seed: int,
    progress: Progress,
) -> tuple[Floats, Floats]:
    """Share of wrong classes, or mean absolute error in the target's unit (of times in days), of trees that
    have not seen the row. ``rows``: ids of those of the matrix and of ``region``."""
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

    nothing = np.full(size, np.nan)
    known = target_of(dataset)
    target, classes = known.values[rows], known.classes
    if known.first is not None:
        target = target / _DAY
    train, serve = (some[~np.isnan(target[some])] for some in (parts.train, parts.serve))
    halves = train[::2], train[1::2]
    if train.size < 10 * FEWEST or any(np.unique(target[half]).size < 2 for half in halves):
        return nothing, nothing
    model = HistGradientBoostingClassifier if classes else HistGradientBoostingRegressor
    fitted = []
    for half in halves:
        progress.check()
        fitted.append(
            model(max_iter=40, max_leaf_nodes=15, early_stopping=False, random_state=seed).fit(
                matrix[half], target[half]
            )
        )

    def lost(which: int, rows: Ids) -> Floats:
        guess = fitted[which].predict(matrix[rows])
        return np.asarray(
            guess != target[rows] if classes else np.abs(guess - target[rows]), dtype=np.float64
        )

    own = _means(
        np.concatenate([lost(1, halves[0]), lost(0, halves[1])]), region[np.concatenate(halves)], size
    )
    if not serve.size:
        return own, nothing
    return own, _means((lost(0, serve) + lost(1, serve)) / 2.0, region[serve], size)


class Target(NamedTuple):
    """The target per row, nan where it is not known.

    values: numbers; or codes of ``classes``, the most frequent first.
    classes: their names; () for numbers and times.
    first: of times, what ``values`` count from, both in microseconds; None for all others.
    """

    values: Floats
    classes: tuple[str, ...]
    first: int | None = None

    def mean(self, values: Floats) -> str:
        """The mean of some values, in the target's own unit."""
        middle = float(np.sort(values).mean())
        return number(middle) if self.first is None else moment(middle + self.first)


def target_of(dataset: Dataset) -> Target:
    """The target. At most ten distinct numbers or times count as classes."""
    name = dataset.roles.target
    assert name is not None
    values = dataset.table([name]).column(0)
    if dataset[name].kind in ("numeric", "datetime") and len(values.unique()) > _CLASSES:
        first = first_time(values) if dataset[name].kind == "datetime" else None
        return Target(floats(values), (), first)
    codes, texts = level_codes(values)
    if dataset[name].stored == "double":
        texts = [text.removesuffix(".0") for text in texts]
    known = np.where(np.asarray(values.is_null()), np.nan, codes.astype(np.float64))
    return Target(known, tuple(texts))


def label_mixes(dataset: Dataset, region: Region, size: int) -> list[str]:
    """Per region the shares of the three commonest classes, or the mean target, in train and, where known, in
    serve; "" without target.
    """
    if dataset.roles.target is None:
        return [""] * size
    target = target_of(dataset)
    serve, mixes = dataset.part_mask("serve"), []
    for part, rows in (("train", ~serve), ("serve", serve)):
        rows = rows & ~np.isnan(target.values)
        values = [target.values[rows & (region == at)] for at in range(size)]
        mixes.append([f"{part}: {_mix(some, target)}" if some.size else "" for some in values])
    return ["; ".join(filter(None, pair)) for pair in zip(*mixes, strict=True)]


def _mix(values: Floats, target: Target) -> str:
    if not target.classes:
        return f"mean {target.mean(values)}"
    counts = np.bincount(values.astype(np.int64), minlength=len(target.classes))
    top = np.argsort(-counts, kind="stable")[:3]
    return ", ".join(f"{target.classes[at]} {counts[at] / values.size:.0%}" for at in top if counts[at])
