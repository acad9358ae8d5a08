"""The rows of a data set as something to predict: typed columns, class codes, folds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.analyses.strategies.encoders import Columns
from core.analyses.strategies.settings import USED, StrategiesSettings
from core.analyses.strategies.trial import Problem
from core.dataset import Dataset
from core.errors import TooSmallError
from core.numerics.rowhash import keyed, row_keys
from core.phrases import count, name, names
from core.prepare.class_folds import class_folds, row_groups
from core.prepare.classes import Classes
from core.prepare.features import floats
from core.prepare.hashes import row_hashes
from core.progress import Progress

FOLDS = 5
CLASSES = 200
TWICE = 20_000  # rows up to which the folds are drawn twice where the number of repeats is left open
EVEN = 1.5  # rows of the largest class per row of the smallest, up to which there is nothing to rebalance
_DAY = 86_400_000_000.0  # microseconds


class Posed(NamedTuple):
    """A problem, the source rows in its order, the names of its classes (the most frequent first), and what
    was left out, in sentences.
    """

    problem: Problem
    rows: NDArray[np.int64]
    classes: tuple[str, ...]
    notes: tuple[str, ...]


def posed(
    dataset: Dataset, target: str, classes: Classes, settings: StrategiesSettings, progress: Progress
) -> Posed:
    """Train rows with a known target, at most ``settings.sample``, chosen by content, in folds.

    Rows with equal features, or of one group, share a fold; classes are spread evenly. Classes of fewer
    groups than there are folds are left out and named. Raises `TooSmallError` where fewer than two classes
    remain, or no column.
    """
    given = tuple(column for column in settings.columns or dataset.features if column != target)
    used = tuple(column for column in given if dataset[column].kind in USED)
    if not used:
        raise TooSmallError(f"There is no column to predict {name(target)} from.")
    known = np.flatnonzero((classes.codes >= 0) & dataset.part_mask("train"))
    features = row_hashes(dataset, used, progress)
    keys = row_keys(row_hashes(dataset, [*used, target], progress)[known], settings.seed)
    rows = known[np.argsort(keys, kind="stable")][: settings.sample]
    groups, codes = row_groups(dataset, features, rows), classes.codes[rows]
    kept, rare, beyond = _kept(target, classes, groups, codes)
    place = np.full(len(classes.names), -1, np.int64)
    place[kept] = np.arange(kept.size)
    stay = place[codes] >= 0
    rows, groups, codes = rows[stay], groups[stay], place[codes[stay]]
    twice = rows.size <= TWICE and not even(codes)
    repeats = settings.repeats or (2 if twice else 1)
    folds = [class_folds(keyed(groups, settings.seed * 1000 + at), codes, FOLDS) for at in range(repeats)]
    typed, values = _columns(dataset, used, rows)
    problem = Problem(values, typed, codes, int(kept.size), np.stack(folds))
    notes = _notes(dataset, (len(known), len(rows)), rare, [one for one in given if one not in used])
    if beyond:
        notes = (
            f"Only the {CLASSES} most frequent classes are compared: {beyond:,} more are left out.",
            *notes,
        )
    return Posed(problem, rows, tuple(classes.names[code] for code in kept), notes)


def even(target: NDArray[np.int64]) -> bool:
    """Whether the classes are so even that there is nothing to rebalance."""
    counts = np.bincount(target)
    return bool(counts.max() <= EVEN * counts.min())


def _kept(
    target: str, classes: Classes, groups: NDArray[np.uint64], codes: NDArray[np.int64]
) -> tuple[NDArray[np.int64], list[str], int]:
    """The classes that are compared, the names of those in train with too few rows for it, and how many more
    there are than are compared.
    """
    k = len(classes.names)
    pairs = np.unique(np.stack([codes.astype(np.uint64), groups]), axis=1)[0].astype(np.int64)
    different = np.bincount(pairs, minlength=k)
    enough = np.flatnonzero(different >= FOLDS)
    if enough.size < 2:
        raise TooSmallError(_too_few(target, classes, different))
    rare = np.flatnonzero((different > 0) & (different < FOLDS))
    return enough[:CLASSES], [classes.names[code] for code in rare], max(0, enough.size - CLASSES)


def _columns(
    dataset: Dataset, names: Sequence[str], rows: NDArray[np.int64]
) -> tuple[Columns, dict[str, NDArray[Any]]]:
    """The columns by what is done with them, and their values. Infinite numbers count as missing."""
    import pyarrow as pa

    sorts: dict[str, list[str]] = {field: [] for field in Columns._fields}
    values: dict[str, NDArray[Any]] = {}
    for column in names:
        raw = dataset.table([column]).column(0).take(rows)
        kind = dataset[column].kind
        if kind in ("numeric", "datetime", "boolean"):
            numbers = floats(raw.cast(pa.float64()) if kind == "boolean" else raw)
            numbers = np.where(np.isfinite(numbers), numbers, np.nan)
            values[column] = numbers / _DAY if kind == "datetime" else numbers
            sorts["numbers"].append(column)
            continue
        texts = np.array(raw.cast(pa.string()).to_pylist(), dtype=object)
        values[column] = np.where(texts == None, "" if kind == "text" else np.nan, texts)  # noqa: E711
        sorts["texts" if kind == "text" else "levels"].append(column)
    return Columns(*(tuple(sorts[field]) for field in Columns._fields)), values


def _notes(
    dataset: Dataset, rows: tuple[int, int], rare: Sequence[str], unused: Sequence[str]
) -> tuple[str, ...]:
    """What was left out."""
    known, used = rows
    notes = []
    if used < known and not rare:
        notes.append(f"From {used:,} of {count(known, 'train row')} whose target is known.")
    if rare:
        verb = "is" if len(rare) == 1 else "are"
        named = f"{names(rare)} {verb} left out: fewer than {FOLDS} different rows."
        notes.append(f"{'Class' if len(rare) == 1 else 'Classes'} {named}")
    if unused:
        notes.append(f"Not used to predict, by their kind: {names(unused)}.")
    if dataset.roles.weight:
        notes.append(f"The weights in {name(dataset.roles.weight)} are not used: every row counts the same.")
    return tuple(notes)


def _too_few(target: str, classes: Classes, different: NDArray[np.int64]) -> str:
    if np.count_nonzero(different) < 2:
        return f"{name(target)} has only one class in the train rows; there is nothing to compare."
    second = count(int(np.sort(different)[-2]), "different row")
    return (
        f"Strategies are compared in {FOLDS} folds, for which every class needs {FOLDS} different rows; the "
        f"second class of {name(target)} has {second}."
    )
