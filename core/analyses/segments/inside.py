"""What lies inside each region: unsupported rows, losses of a model, classes of the target."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.analyses.segments.settings import SegmentsSettings
from core.dataset import Dataset
from core.phrases import moment, number, percent, quoted
from core.prepare.encoding import encoded
from core.prepare.features import first_time, floats
from core.prepare.levels import level_codes
from core.prepare.support import support
from core.prepare.train_serve import TrainServe, parts_of
from core.progress import SILENT, Progress
from core.workers import openmp_threads

Ids = NDArray[np.int64]
Region = NDArray[np.int32]
Matrix = NDArray[np.float32]
Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]
ROWS = 5_000  # rows of train and of serve that support and a quick model rest on
FEWEST = 10  # rows of a region below which it has no mean
_DAY = 86_400e6  # microseconds
_LEVEL = 0.01
_NEIGHBOURS = 10
_CLASSES = 10
_LEVELS = 3  # classes of a region that are named, or one more where that is all


class RowRegions(NamedTuple):
    """``region``: per row the number of its region. ``size``: how many regions there are."""

    region: Region
    size: int

    def of(self, rows: Ids | Mask) -> RowRegions:
        """Those of some rows."""
        return RowRegions(self.region[rows], self.size)

    @property
    def unknown(self) -> Floats:
        """nan per region."""
        return np.full(self.size, np.nan)

    def means(self, values: Floats) -> Floats:
        """Mean of the known values (one per row) per region, added up in order of size; nan for fewer than
        ten.
        """
        known = np.flatnonzero(~np.isnan(values))
        known = known[np.lexsort((values[known], self.region[known]))]
        counts = np.bincount(self.region[known], minlength=self.size)
        sums = np.bincount(self.region[known], weights=values[known], minlength=self.size)
        return np.where(counts >= FEWEST, sums / np.maximum(1, counts), np.nan)


class Inside(NamedTuple):
    """Per region: ``unsupported``: share of its serve rows, ``train`` and ``serve``: mean losses of both
    parts; nan where not known.
    """

    unsupported: Floats
    train: Floats
    serve: Floats


class _RegionSample(NamedTuple):
    """Some rows of both parts: ``parts``, as positions among them; their vectors; their regions."""

    parts: TrainServe
    matrix: Matrix
    where: RowRegions


def look_inside(
    dataset: Dataset,
    where: RowRegions,
    names: Sequence[str],
    settings: SegmentsSettings,
    progress: Progress = SILENT,
) -> Inside:
    """Support and losses, by region, from the columns ``names``.

    The losses are those of the column that the settings name; without one, the errors of a quick model,
    fitted on half the train rows of a sample and judged on the others, if there is a target. Both rest on a
    sample, but for a column of losses, which is read whole.
    """
    loss = settings.loss
    losses = _given(dataset, where, loss) if loss else (where.unknown, where.unknown)
    rows, parts = _sampled(parts_of(dataset, names, settings.seed, progress.part(0.0, 0.6)))
    half = parts.train.size // 2
    known = np.zeros(dataset.rows, bool)
    known[rows[:half]] = True
    vectors = encoded(dataset, names, known, progress.part(0.6, 0.8), rows)
    if not vectors.names:
        return Inside(where.unknown, *losses)
    judged = support(vectors.matrix, parts, half, _NEIGHBOURS, _LEVEL, progress.part(0.8, 1.0))
    far = (judged.p[parts.serve] <= _LEVEL).astype(np.float64)
    unsupported = where.of(rows[parts.serve]).means(far)
    if not loss and dataset.roles.target:
        sample = _RegionSample(parts, vectors.matrix.whole(), where.of(rows))
        losses = _quick(sample, target_of(dataset).of(rows), settings.seed, progress)
    progress.at(1.0, "Looking inside the regions")
    return Inside(unsupported, *losses)


def _sampled(parts: TrainServe) -> tuple[Ids, TrainServe]:
    """Ids of at most so many rows of each part, in keyed order, and both parts as positions among them."""
    rows = np.concatenate([parts.train[:ROWS], parts.serve[:ROWS]])
    train = min(ROWS, parts.train.size)
    within = replace(
        parts,
        train=np.arange(train),
        serve=np.arange(train, rows.size),
        hashes=parts.hashes[rows],
        copies=parts.copies[:0],
    )
    return rows, within


def _given(dataset: Dataset, where: RowRegions, loss: str) -> tuple[Floats, Floats]:
    values, serve = floats(dataset.table([loss]).column(0)), dataset.part_mask("serve")
    return where.of(~serve).means(values[~serve]), where.of(serve).means(values[serve])


def _quick(sample: _RegionSample, target: Target, seed: int, progress: Progress) -> tuple[Floats, Floats]:
    """Share of wrong classes, or mean absolute error in the target's unit (of times in days), of trees that
    have not seen the row. ``target``: of the rows of the sample.
    """
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

    matrix, where, unknown = sample.matrix, sample.where, sample.where.unknown
    values = target.values if target.first is None else target.values / _DAY
    train, serve = (rows[~np.isnan(values[rows])] for rows in (sample.parts.train, sample.parts.serve))
    halves = train[::2], train[1::2]
    if train.size < 10 * FEWEST or any(np.unique(values[half]).size < 2 for half in halves):
        return unknown, unknown
    model = HistGradientBoostingClassifier if target.classes else HistGradientBoostingRegressor
    fitted = []
    for half in halves:
        progress.check()
        trees = model(
            max_iter=40, max_leaf_nodes=15, l2_regularization=1.0, early_stopping=False, random_state=seed
        )
        with openmp_threads(1):  # so few rows: threads wait for each other longer than they work
            fitted.append(trees.fit(matrix[half], values[half]))

    def lost(which: int, rows: Ids) -> Floats:
        guess = fitted[which].predict(matrix[rows])
        wrong = guess != values[rows] if target.classes else np.abs(guess - values[rows])
        return np.asarray(wrong, dtype=np.float64)

    held_out = np.concatenate([lost(1, halves[0]), lost(0, halves[1])])
    own = where.of(np.concatenate(halves)).means(held_out)
    if not serve.size:
        return own, unknown
    return own, where.of(serve).means((lost(0, serve) + lost(1, serve)) / 2.0)


class Target(NamedTuple):
    """The target per row, nan where it is not known.

    values: numbers; or codes of ``classes``, the most frequent first.
    classes: their names; () for numbers and times.
    first: of times, what ``values`` count from, both in microseconds; None for all others.
    """

    values: Floats
    classes: tuple[str, ...]
    first: int | None = None

    def of(self, rows: Ids) -> Target:
        """That of some rows."""
        return self._replace(values=self.values[rows])

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


def label_mixes(dataset: Dataset, where: RowRegions) -> list[str]:
    """Per region the shares of the classes that are commonest in either part, and of the others together, or
    the mean target, in train and, where known, in serve; "" without target.
    """
    if dataset.roles.target is None:
        return [""] * where.size
    target = target_of(dataset)
    serve, known, mixes = dataset.part_mask("serve"), ~np.isnan(target.values), []
    for at in range(where.size):
        here = known & (where.region == at)
        parts = {"train": target.values[here & ~serve], "serve": target.values[here & serve]}
        if target.classes:
            mixes.append(
                _class_mix({part: some for part, some in parts.items() if some.size}, target.classes)
            )
        else:
            means = (f"{part}: mean {target.mean(some)}" for part, some in parts.items() if some.size)
            mixes.append("; ".join(means))
    return mixes


def _class_mix(parts: Mapping[str, Floats], classes: Sequence[str]) -> str:
    """The shares of the same classes in each part: those commonest in either, and the others together.

    >>> values = {"train": np.repeat([0.0, 1, 2, 3, 4], [50, 30, 15, 5, 0])}
    >>> _class_mix(values, "abcde")
    "train: 'a' 50%, 'b' 30%, 'c' 15%, 'd' 5%"
    >>> _class_mix(values | {"serve": np.repeat([0.0, 4, 3, 2], [10, 80, 6, 4])}, "abcde")
    "train: 'e' 0%, 'a' 50%, 'b' 30%, others 20%; serve: 'e' 80%, 'a' 10%, 'b' 0%, others 10%"
    """
    counts = {
        part: np.bincount(some.astype(np.int64), minlength=len(classes)) for part, some in parts.items()
    }
    shares = {part: n / n.sum() for part, n in counts.items()}
    most = np.max([*shares.values()], axis=0) if shares else np.zeros(0)
    there = int((most > 0).sum())
    top = np.argsort(-most, kind="stable")[: there if there <= _LEVELS + 1 else _LEVELS]
    told = []
    for part, share in shares.items():
        each = [f"{quoted(classes[at])} {percent(share[at])}" for at in top]
        others = [f"others {percent(1.0 - share[top].sum())}"] if there > top.size else []
        told.append(f"{part}: {', '.join([*each, *others])}")
    return "; ".join(told)
