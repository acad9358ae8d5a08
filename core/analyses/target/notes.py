"""What an answer about a target rests on: how many rows and columns each part of it uses, and why a part is
missing.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from core.analyses.target.labelled import CLASSES, Targeted
from core.analyses.target.settings import TargetSettings
from core.analyses.target.suggestions import TRIED_ROWS
from core.dataset import Dataset
from core.phrases import count, names
from core.prepare.levels import COMPARED

IMPORTANT = 30  # columns whose importance is worked out, the strongest first
# rows of the quick model; of a wide table fewer, so that it has at most so many cells
_FITTED, _FEWEST, _CELLS = 10_000, 2_000, 1_000_000


def fitted_rows(read: Targeted) -> int:
    """Rows that the quick model sees."""
    return min(int(read.rows.size), max(_FEWEST, min(_FITTED, _CELLS // len(read.names))))


def notes_of(dataset: Dataset, settings: TargetSettings, read: Targeted, obstacle: str) -> tuple[str, ...]:
    """What was sampled and left out. obstacle: why no model can be fitted, or ""."""
    notes = [*_of_rows(dataset, read)]
    if not obstacle:
        notes += _of_model(dataset, settings, read)
    notes += _of_columns(dataset, settings, read)
    if obstacle and (settings.model or settings.suggest):
        notes.append(f"No model was fitted and nothing suggested: {obstacle}.")
    return tuple(notes)


def _of_rows(dataset: Dataset, read: Targeted) -> Iterator[str]:
    is_known = ~np.asarray(dataset.table([read.name]).column(0).is_null())
    known = int((is_known & dataset.part_mask("train")).sum())
    if read.rows.size < known:
        yield f"From {read.rows.size:,} of {known:,} rows with a known target, chosen by their content."
    if known < dataset.parts["train"]:
        yield f"Left out: {count(dataset.parts['train'] - known, 'row')} without a target."
    if "serve" in dataset.parts:
        yield "Only the train part is used."


def _of_model(dataset: Dataset, settings: TargetSettings, read: Targeted) -> Iterator[str]:
    if settings.model and read.rows.size > fitted_rows(read):
        yield f"The quick model is fitted and judged on {fitted_rows(read):,} of these rows."
    if settings.suggest and read.rows.size > TRIED_ROWS:
        yield f"Suggestions rest on {TRIED_ROWS:,} rows."
    if settings.suggest and any(name in dataset.measured for name in read.names):
        yield "Nothing is suggested for what is measured of images: no model of images reads it."
    if settings.model and len(read.names) > IMPORTANT:
        yield f"Importance is given for the {IMPORTANT} columns that relate to the target most."
    if dataset.roles.time:
        yield "Folds are random, not by time: on later rows the model may do worse."


def _of_columns(dataset: Dataset, settings: TargetSettings, read: Targeted) -> Iterator[str]:
    measured = [one for one in read.names if one in dataset.measured]
    if measured:
        yield f"Measured of images as they were loaded, entered by nobody: {names(measured, 8)}."
    if len(read.classes) > CLASSES:
        yield f"The {CLASSES} most frequent classes are kept apart; the rest counts as one."
    barred = {dataset.roles.id, dataset.roles.weight, read.name}
    wanted = settings.columns or dataset.names
    left = [one for one in wanted if one not in read.names and one not in barred]
    empty = [one for one in left if dataset[one].kind in COMPARED]
    if empty:
        yield f"Not related, without a value in these rows: {names(empty, 8)}."
    unlike = [one for one in left if one not in empty]
    if unlike and not settings.columns:
        yield f"Not related, being identifiers, free text or images: {names(unlike, 8)}."
