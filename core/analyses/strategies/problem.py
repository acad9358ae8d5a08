"""The rows of a data set as something to predict: typed columns, class codes, folds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.analyses.strategies.encoders import Columns
from core.analyses.strategies.settings import USED, StrategiesSettings
from core.analyses.strategies.trial import Problem
from core.dataset import Dataset
from core.errors import TargetError, TooSmallError
from core.numerics.rowhash import keyed, row_keys
from core.phrases import count, left_out_unread, name, names, verb
from core.prepare.class_folds import class_folds, row_groups
from core.prepare.classes import Classes
from core.prepare.hashes import row_hashes
from core.progress import Progress

FOLDS = 5
CLASSES = 200
TWICE = 20_000  # rows up to which the folds are drawn twice where the number of repeats is left open
EVEN = 1.5  # rows of the largest class per row of the smallest, up to which there is nothing to rebalance
_DAY = 86_400_000_000.0  # microseconds
CELLS = 40_000_000  # numbers of all vectors compared: 160 MB
FARTHEST = 1e100  # numbers farther from 0 count as missing: their squares could not be added up


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
    barred = set() if settings.columns else set(dataset.measured)
    given = tuple(column for column in settings.columns or dataset.features if column != target)
    fit = tuple(column for column in given if dataset[column].kind in USED)
    used = (dataset.vectors_name,) if by_vectors else tuple(one for one in fit if one not in barred)
    if not used:
        raise TooSmallError(_no_column(target, bool(fit)))
    unread = dataset.without_picture() if by_vectors else np.zeros(dataset.rows, bool)
    known = np.flatnonzero((classes.codes >= 0) & dataset.part_mask("train") & ~unread)
    features = row_hashes(dataset, used, progress)
    keys = row_keys(row_hashes(dataset, [*used, target], progress)[known], settings.seed)
    rows = known[np.argsort(keys, kind="stable")][: settings.sample]
    groups, codes = row_groups(dataset, features, rows), classes.codes[rows]
    drawn = rows.size
    kept, rare, beyond = _kept(target, classes, groups, codes, (len(known), drawn))
    place = np.full(len(classes.names), -1, np.int64)
    place[kept] = np.arange(kept.size)
    stay = place[codes] >= 0
    rows, groups, codes = rows[stay], groups[stay], place[codes[stay]]
    twice = rows.size <= TWICE and not even(codes)
    repeats = settings.repeats or (2 if twice else 1)
    folds = [class_folds(keyed(groups, settings.seed * 1000 + at), codes, FOLDS) for at in range(repeats)]
    if by_vectors:
        typed, values, far = _numbers_of(dataset, rows) if vectors else (Columns(), {}, [])
    else:
        typed, values, far = _columns(dataset, used, rows)
    problem = Problem(values, typed, codes, int(kept.size), np.stack(folds))
    train = int(np.count_nonzero(dataset.part_mask("train") & ~unread))
    unknown = train - len(known)
    without = f"{name(target)} is not known in {count(unknown, 'train row')}"
    notes = [f"{without}, which {verb(unknown, 'is', 'are')} not used."] if unknown else []
    if lost := int(np.count_nonzero(unread & dataset.part_mask("train"))):
        notes.append(left_out_unread(lost))
    if barred and not by_vectors:
        notes.append("Not used to predict: what is measured of the images. It says how they were made.")
    if beyond:
        notes.append(f"Only the {CLASSES} most frequent classes are compared: {beyond:,} more left out.")
    if far:
        notes.append(f"Numbers that are infinite, or beyond {FARTHEST:g}, count as missing in {names(far)}.")
    notes += gaps(typed, values, problem.folds)
    unused = [] if by_vectors else [one for one in given if one not in fit]
    notes += _notes(dataset, (len(known), drawn), rare, unused)
    names_of = tuple(classes.names[code] for code in kept)
    return Posed(problem, rows, names_of, tuple(notes), () if by_vectors else used)


def _no_column(target: str, measured: bool) -> str:
    """That there is nothing to predict from. measured: whether there is what was measured of images."""
    words = f"There is no column to predict {name(target)} from"
    if not measured:
        return f"{words}."
    return (
        f"{words} but what is measured of the images, which says how they were made, not what they show. "
        "Make vectors of the images on the Load page, or choose columns in the settings."
    )


def gaps(columns: Columns, values: Mapping[str, NDArray[Any]], folds: NDArray[np.int8]) -> list[str]:
    """Which columns are missing in a whole fold, or in all rows trained on for one. folds: repeats x n."""
    nowhere, trained, held = [], [], []
    for column in columns.numbers + columns.levels + columns.texts:
        known = _known(values[column])
        per_fold = np.stack([np.bincount(one, weights=known, minlength=FOLDS) for one in folds])
        if not known.any():
            nowhere.append(column)
        elif (per_fold.sum(axis=1, keepdims=True) == per_fold).any():
            trained.append(column)
        elif not per_fold.all():
            held.append(column)
    notes = []
    if nowhere:
        notes.append(
            f"{names(nowhere)} {_has(nowhere)} no value in the rows used, and {_so(nowhere)} nothing."
        )
    if trained:
        notes.append(
            f"All values of {names(trained)} lie in one fold: the models that are tested there do not know "
            "them."
        )
    if held:
        notes.append(
            f"{names(held)} {_has(held)} no value in a whole held-out fold: what is scored there is scored "
            "without."
        )
    return notes


def _known(values: NDArray[Any]) -> NDArray[np.bool_]:
    """Where a value is: neither nan nor, of a text, empty."""
    if values.dtype != object:
        return np.asarray(np.isfinite(values), dtype=bool)
    return np.array([one == one and one != "" for one in values.tolist()], dtype=bool)


def _has(columns: Sequence[str]) -> str:
    return "has" if len(columns) == 1 else "have"


def _so(columns: Sequence[str]) -> str:
    return "predicts" if len(columns) == 1 else "predict"


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
        raise TargetError(_too_few(target, different, rows))
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


def _notes(dataset: Dataset, rows: tuple[int, int], rare: Sequence[str], unused: Sequence[str]) -> list[str]:
    """What was left out. rows: known, and those drawn of them."""
    known, drawn = rows
    notes = []
    if drawn < known:
        notes.append(f"From {drawn:,} of {count(known, 'train row')} whose target is known.")
    if rare:
        verb = "is" if len(rare) == 1 else "are"
        named = f"{names(rare)} {verb} left out: fewer than {FOLDS} different rows{_among(rows)}."
        notes.append(f"{'Class' if len(rare) == 1 else 'Classes'} {named}")
    if unused:
        notes.append(f"Not used to predict, by their kind: {names(unused)}.")
    if dataset.roles.weight:
        notes.append(f"The weights in {name(dataset.roles.weight)} are not used: every row counts the same.")
    return notes


def _among(rows: tuple[int, int]) -> str:
    """Which rows were looked at, where those are not all that are known."""
    known, drawn = rows
    return f" among the {drawn:,} drawn of {known:,} (raise the setting sample)" if drawn < known else ""


def _too_few(target: str, different: NDArray[np.int64], rows: tuple[int, int]) -> str:
    if np.count_nonzero(different) < 2:
        return f"{name(target)} has only one class{_among(rows)}; there is nothing to compare."
    second = count(int(np.sort(different)[-2]), "different row")
    return (
        f"Strategies are compared in {FOLDS} folds, for which every class needs {FOLDS} different rows; the "
        f"second class of {name(target)} has {second}{_among(rows)}."
    )
