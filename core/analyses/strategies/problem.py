"""The rows of a data set as something to predict: typed columns, class codes, folds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.analyses.strategies import problem_notes as say
from core.analyses.strategies.encoders import Columns
from core.analyses.strategies.settings import CLASSES, FARTHEST, FOLDS, USED, StrategiesSettings
from core.analyses.strategies.trial import Problem
from core.dataset import Dataset
from core.errors import TargetError, TooSmallError
from core.numerics.rowhash import keyed, row_keys
from core.prepare.class_folds import class_folds, row_groups
from core.prepare.classes import Classes
from core.prepare.hashes import row_hashes
from core.progress import Progress

TWICE = 20_000  # rows up to which the folds are drawn twice where the number of repeats is left open
EVEN = 1.5  # rows of the largest class per row of the smallest, up to which there is nothing to rebalance
_DAY = 86_400_000_000.0  # microseconds
CELLS = 40_000_000  # numbers of all vectors compared: 160 MB


class Posed(NamedTuple):
    """A problem, the source rows in its order, the names of its classes (the most frequent first), what was
    left out, in sentences, and the columns that the target is predicted from; none where it is by vectors.
    """

    problem: Problem
    rows: NDArray[np.int64]
    classes: tuple[str, ...]
    notes: tuple[str, ...]
    columns: tuple[str, ...]


def posed(
    dataset: Dataset,
    target: str,
    classes: Classes,
    settings: StrategiesSettings,
    progress: Progress,
    vectors: bool = True,
) -> Posed:
    """Train rows with a known target, at most ``settings.sample``, chosen by content, in folds. vectors:
    whether those are read, where the target is predicted from them.

    They are predicted from the columns chosen; or else from the vectors of the data set; or else from all
    columns that fit but those measured of pictures, which say how a picture was made, not what it shows.

    Rows with equal features, or of one group, share a fold; classes are spread evenly. Classes of fewer
    groups than there are folds are left out and named. Raises `TooSmallError` where fewer than two classes
    remain, or no column.
    """
    by_vectors = dataset.vectors is not None and not settings.columns
    used, unused = _predicted_from(dataset, target, settings)
    unread = dataset.without_picture() if by_vectors else np.zeros(dataset.rows, bool)
    known = np.flatnonzero((classes.codes >= 0) & dataset.part_mask("train") & ~unread)
    features = row_hashes(dataset, used, progress)
    keys = row_keys(row_hashes(dataset, [*used, target], progress)[known], settings.seed)
    rows = known[np.argsort(keys, kind="stable")][: settings.sample]
    groups, codes = row_groups(dataset, features, rows), classes.codes[rows]
    looked_at = known.size, rows.size
    kept, rare, beyond = _kept(target, classes, groups, codes, looked_at)
    place = np.full(len(classes.names), -1, np.int64)
    place[kept] = np.arange(kept.size)
    stay = place[codes] >= 0
    rows, groups, codes = rows[stay], groups[stay], place[codes[stay]]
    if by_vectors:
        typed, values, far = _numbers_of(dataset, rows) if vectors else (Columns(), {}, [])
    else:
        typed, values, far = _columns(dataset, used, rows)
    problem = Problem(values, typed, codes, int(kept.size), _folds(groups, codes, settings))
    notes = [
        *say.rows_not_used(dataset, target, known.size, unread),
        *([say.MEASURED] if dataset.measured and not settings.columns and not by_vectors else []),
        *say.beyond_limits(beyond, far),
        *say.gaps(typed, values, problem.folds),
        *say.left_out(dataset, looked_at, rare, unused),
    ]
    names_of = tuple(classes.names[code] for code in kept)
    return Posed(problem, rows, names_of, tuple(notes), () if by_vectors else used)


def _predicted_from(
    dataset: Dataset, target: str, settings: StrategiesSettings
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The columns that the target is predicted from, or the name of the vectors in their place; and those of
    other kinds. Raises `TooSmallError` where there is nothing to predict from.
    """
    if dataset.vectors is not None and not settings.columns:
        return (dataset.vectors_name,), ()
    given = tuple(column for column in settings.columns or dataset.features if column != target)
    fit = tuple(column for column in given if dataset[column].kind in USED)
    barred = set() if settings.columns else set(dataset.measured)
    used = tuple(one for one in fit if one not in barred)
    if not used:
        raise TooSmallError(say.no_column(target, bool(fit)))
    return used, tuple(one for one in given if one not in fit)


def _folds(
    groups: NDArray[np.uint64], codes: NDArray[np.int64], settings: StrategiesSettings
) -> NDArray[np.int8]:
    """The fold of each row, repeats x n; drawn twice where the repeats are left open and the rows are few."""
    repeats = settings.repeats or (2 if codes.size <= TWICE and not even(codes) else 1)
    return np.stack(
        [class_folds(keyed(groups, settings.seed * 1000 + at), codes, FOLDS) for at in range(repeats)]
    )


def within_memory(dataset: Dataset, settings: StrategiesSettings) -> StrategiesSettings:
    """The settings with as few rows as the vectors that are compared allow."""
    if dataset.vectors is None or settings.columns:
        return settings
    most = max(200, CELLS // dataset.vectors.width)
    return replace(settings, sample=min(settings.sample, most))


def even(target: NDArray[np.int64]) -> bool:
    """Whether the classes are so even that there is nothing to rebalance."""
    return _are_even(np.bincount(target))


def about_even(rows: NDArray[np.int64]) -> bool:
    """The same before strategies are compared, of classes with so many rows each, the most frequent first:
    of those that have enough to be compared.

    >>> about_even(np.array([90, 60])), about_even(np.array([91, 60])), about_even(np.array([90, 60, 1]))
    (True, False, True)
    """
    compared = rows[rows >= FOLDS][:CLASSES]
    return compared.size > 1 and _are_even(compared)


def _are_even(rows: NDArray[np.int64]) -> bool:
    return bool(rows.max() <= EVEN * rows.min())


def _kept(
    target: str,
    classes: Classes,
    groups: NDArray[np.uint64],
    codes: NDArray[np.int64],
    rows: tuple[int, int],
) -> tuple[NDArray[np.int64], list[str], int]:
    """The classes that are compared, the names of those in train with too few rows for it, and how many more
    there are than are compared. rows: known, and those drawn of them.
    """
    k = len(classes.names)
    pairs = np.unique(np.stack([codes.astype(np.uint64), groups]), axis=1)[0].astype(np.int64)
    different = np.bincount(pairs, minlength=k)
    enough = np.flatnonzero(different >= FOLDS)
    if enough.size < 2:
        raise TargetError(say.too_few(target, different, rows))
    rare = np.flatnonzero((different > 0) & (different < FOLDS))
    return enough[:CLASSES], [classes.names[code] for code in rare], max(0, enough.size - CLASSES)


def _columns(
    dataset: Dataset, names: Sequence[str], rows: NDArray[np.int64]
) -> tuple[Columns, dict[str, NDArray[Any]], list[str]]:
    """The columns by what is done with them, their values, and those with numbers that count as missing, as
    they are infinite or too far from 0.
    """
    import pyarrow as pa

    sorts: dict[str, list[str]] = {field: [] for field in Columns._fields}
    values: dict[str, NDArray[Any]] = {}
    far: list[str] = []
    for column in names:
        raw = dataset.table([column]).column(0).take(rows)
        kind = dataset[column].kind
        if kind in ("numeric", "datetime", "boolean"):
            exact = raw.cast(pa.int64()) if kind == "datetime" else raw  # microseconds since 1970
            numbers = np.array(exact.cast(pa.float64(), safe=False).to_numpy(), dtype=np.float64)
            beyond = np.abs(numbers) > FARTHEST
            far += [column] * bool(beyond.any())
            numbers = np.where(beyond, np.nan, numbers)
            values[column] = numbers / _DAY if kind == "datetime" else numbers
            sorts["numbers"].append(column)
            continue
        texts = np.array(raw.cast(pa.string()).to_pylist(), dtype=object)
        values[column] = np.where(texts == None, "" if kind == "text" else np.nan, texts)  # noqa: E711
        sorts["texts" if kind == "text" else "levels"].append(column)
    return Columns(*(tuple(sorts[field]) for field in Columns._fields)), values, far


def _numbers_of(
    dataset: Dataset, rows: NDArray[np.int64]
) -> tuple[Columns, dict[str, NDArray[Any]], list[str]]:
    """The vectors of the rows, a column for each of their numbers."""
    vectors = dataset.vector_rows()[rows].T
    numbered = tuple(f"number {at + 1}" for at in range(len(vectors)))
    return Columns(vectors=numbered), dict(zip(numbered, vectors, strict=True)), []
