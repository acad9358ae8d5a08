"""What is said of the rows and columns that strategies are compared on, and of those that are left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.analyses.strategies.encoders import Columns
from core.analyses.strategies.settings import CLASSES, FARTHEST, FOLDS
from core.dataset import Dataset
from core.phrases import count, left_out_unread, name, names, verb

MEASURED = "Not used to predict: what is measured of the images. It says how they were made."


def no_column(target: str, measured: bool) -> str:
    """That there is nothing to predict from. measured: whether there is what was measured of images."""
    words = f"There is no column to predict {name(target)} from"
    if not measured:
        return f"{words}."
    return (
        f"{words} but what is measured of the images, which says how they were made, not what they show. "
        "Make vectors of the images on the Load page, or choose columns in the settings."
    )


def rows_not_used(dataset: Dataset, target: str, known: int, unread: NDArray[np.bool_]) -> list[str]:
    """Of how many train rows the target is not known, and how many have no picture that could be read.
    known: train rows with a target and, where it is by pictures that they are compared, one of those.
    """
    train = dataset.part_mask("train")
    unknown = int(np.count_nonzero(train & ~unread)) - known
    without = f"{name(target)} is not known in {count(unknown, 'train row')}"
    notes = [f"{without}, which {verb(unknown, 'is', 'are')} not used."] if unknown else []
    if lost := int(np.count_nonzero(unread & train)):
        notes.append(left_out_unread(lost))
    return notes


def beyond_limits(classes: int, columns: Sequence[str]) -> list[str]:
    """How many classes are more than are compared, and which columns hold numbers too far from 0."""
    notes = []
    if classes:
        notes.append(f"Only the {CLASSES} most frequent classes are compared: {classes:,} more left out.")
    if columns:
        notes.append(
            f"Numbers that are infinite, or beyond {FARTHEST:g}, count as missing in {names(columns)}."
        )
    return notes


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
        has, predicts = verb(len(nowhere), "has", "have"), verb(len(nowhere), "predicts", "predict")
        notes.append(f"{names(nowhere)} {has} no value in the rows used, and {predicts} nothing.")
    if trained:
        notes.append(
            f"All values of {names(trained)} lie in one fold: the models that are tested there do not know "
            "them."
        )
    if held:
        has = verb(len(held), "has", "have")
        notes.append(
            f"{names(held)} {has} no value in a whole held-out fold: what is scored there is scored without."
        )
    return notes


def _known(values: NDArray[Any]) -> NDArray[np.bool_]:
    """Where a value is: neither nan nor, of a text, empty."""
    if values.dtype != object:
        return np.asarray(np.isfinite(values), dtype=bool)
    return np.array([one == one and one != "" for one in values.tolist()], dtype=bool)


def left_out(
    dataset: Dataset, rows: tuple[int, int], rare: Sequence[str], unused: Sequence[str]
) -> list[str]:
    """How many rows were drawn, which classes are too rare, and which columns are not used. rows: known, and
    those drawn of them.
    """
    known, drawn = rows
    notes = []
    if drawn < known:
        notes.append(f"From {drawn:,} of {count(known, 'train row')} whose target is known.")
    if rare:
        classes, are = verb(len(rare), "Class", "Classes"), verb(len(rare), "is", "are")
        fewer = f"fewer than {FOLDS} different rows{_among(rows)}"
        notes.append(f"{classes} {names(rare)} {are} left out: {fewer}.")
    if unused:
        notes.append(f"Not used to predict, by their kind: {names(unused)}.")
    if dataset.roles.weight:
        notes.append(f"The weights in {name(dataset.roles.weight)} are not used: every row counts the same.")
    return notes


def _among(rows: tuple[int, int]) -> str:
    """Which rows were looked at, where those are not all that are known."""
    known, drawn = rows
    return f" among the {drawn:,} drawn of {known:,} (raise the setting sample)" if drawn < known else ""


def too_few(target: str, different: NDArray[np.int64], rows: tuple[int, int]) -> str:
    """That fewer than two classes have enough rows. different: rows of each class that differ. rows: known,
    and those drawn of them.
    """
    if np.count_nonzero(different) < 2:
        return f"{name(target)} has only one class{_among(rows)}; there is nothing to compare."
    second = count(int(np.sort(different)[-2]), "different row")
    return (
        f"Strategies are compared in {FOLDS} folds, for which every class needs {FOLDS} different rows; the "
        f"second class of {name(target)} has {second}{_among(rows)}."
    )
