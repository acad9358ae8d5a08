"""What lies inside each region: rows without support, losses of a model, classes of the target."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.dataset import Dataset
from core.prepare.encoding import encoded
from core.prepare.features import floats
from core.prepare.levels import level_codes
from core.prepare.support import support
from core.prepare.train_serve import Parts, parts_of
from core.progress import SILENT, Progress

Ids = NDArray[np.int64]
Region = NDArray[np.int32]
Matrix = NDArray[np.float32]
Floats = NDArray[np.float64]
ROWS = 5_000  # rows per part that support and a quick model rest on
FEWEST = 10  # rows of a region below which nothing is said of it
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
    made = encoded(dataset, names, known, progress.part(0.6, 0.8), rows)
    if not made.names:
        return Inside(nothing, *given)
    told = support(made.matrix, few, train // 2, _NEIGHBOURS, _LEVEL, progress.part(0.8, 1.0))
    far = _means((told.p[few.serve] <= _LEVEL).astype(np.float64), region[rows[few.serve]], size)
    if not loss and dataset.roles.target:
        given = _quick(dataset, made.matrix.whole(), few, rows, region[rows], size, seed, progress)
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
    """Share of wrong classes, or mean absolute error in the target's unit, of trees that have not seen the
    row. ``rows``: ids of those of the matrix and of ``region``."""
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

    nothing = np.full(size, np.nan)
    target, classes = target_of(dataset)
    target = target[rows]
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


def target_of(dataset: Dataset) -> tuple[Floats, tuple[str, ...]]:
    """The target per row, nan where it is not known: numbers and (), or numbers of classes (the most frequent
    is 0) and their names.

    A target of at most ten distinct numbers counts as classes.
    """
    name = dataset.roles.target
    assert name is not None
    values = dataset.table([name]).column(0)
    if dataset[name].kind in ("numeric", "datetime") and len(values.unique()) > _CLASSES:
        return floats(values), ()
    codes, texts = level_codes(values)
    if dataset[name].stored == "double":
        texts = [text.removesuffix(".0") for text in texts]
    return np.where(np.asarray(values.is_null()), np.nan, codes.astype(np.float64)), tuple(texts)


def label_mixes(dataset: Dataset, region: Region, size: int) -> list[str]:
    """Per region the shares of the three commonest classes, or the mean target, in train and, where known, in
    serve; "" without target.
    """
    if dataset.roles.target is None:
        return [""] * size
    target, classes = target_of(dataset)
    serve, made = dataset.part_mask("serve"), []
    for part, rows in (("train", ~serve), ("serve", serve)):
        rows = rows & ~np.isnan(target)
        told = [_mix(target[rows], region[rows] == at, classes) for at in range(size)]
        made.append([f"{part}: {one}" if one else "" for one in told])
    return ["; ".join(filter(None, pair)) for pair in zip(*made, strict=True)]


def _mix(target: Floats, inner: NDArray[np.bool_], classes: tuple[str, ...]) -> str:
    found = target[inner]
    if not found.size:
        return ""
    if not classes:
        return f"mean {np.sort(found).mean():.4g}"
    counts = np.bincount(found.astype(np.int64), minlength=len(classes))
    top = np.argsort(-counts, kind="stable")[:3]
    return ", ".join(f"{classes[at]} {counts[at] / found.size:.0%}" for at in top if counts[at])
