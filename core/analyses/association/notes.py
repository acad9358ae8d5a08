"""What the associations rest on: how many rows and pairs, and which columns, were compared."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import numpy as np

from core.analyses.association.dependence import XI_PAIRS, XI_ROWS
from core.analyses.association.determined import COLUMNS
from core.analyses.association.ready import Ready
from core.analyses.association.strongest import StrongestPairs
from core.dataset import Dataset
from core.phrases import count, names

VIF_COLUMNS = 500  # of numbers, the first ones, that get a VIF
XI = f"Xi is computed on at most {XI_ROWS:,} rows, for at most {XI_PAIRS:,} pairs of numbers."
_LISTED = 8  # columns that a note names


def how_many(rows: int, used: int, pairs: StrongestPairs, numeric: int) -> list[str]:
    """How many rows and pairs were looked at, and columns for VIF, where not all. used: of the ``rows``.
    numeric: columns of numbers that were compared and that are not measured of images.
    """
    notes = []
    if used < rows:
        off = 1.96 * np.sqrt((1 - used / rows) / used)
        notes.append(
            f"From {used:,} of {count(rows, 'row')}, chosen by their content: rank correlations are "
            f"within {off:.4f} of those over all rows, 19 times in 20; noise floors and q-values are those "
            "of the rows used. Missing values are compared over all rows."
        )
    if pairs.tested > pairs.left.size:
        notes.append(
            f"The {pairs.left.size:,} strongest of {count(pairs.tested, 'pair')} are shown; q counts "
            "all of them."
        )
    if numeric > VIF_COLUMNS:
        notes.append(f"VIF is computed for the first {VIF_COLUMNS} numeric columns.")
    return notes


def of_dependencies(columns: int) -> list[str]:
    """Among which columns rows that break a dependency are looked for, where not all. columns: how many could
    have some.
    """
    if columns <= COLUMNS:
        return []
    return [
        f"Rows that break a functional dependency are looked for among the first {COLUMNS} columns whose "
        "values repeat."
    ]


def of_images(dataset: Dataset, compared: Sequence[str], apart: Mapping[str, Collection[str]]) -> list[str]:
    """What is not said of columns that are measured of images, as Issues says it. apart: of each column whose
    classes are compared there, by which of them.
    """
    notes = []
    measured = [name for name in compared if name in dataset.measured]
    if measured:
        notes.append(
            f"Measured of images as they were loaded, entered by nobody: {names(measured, _LISTED)}. The map "
            "shows how they are associated; that two of them are is no finding here, and none has a VIF: "
            "Issues judges images by them."
        )
    judged = [name for name in measured if any(name in ours for ours in apart.values())]
    if judged:
        notes.append(
            f"That what is measured of images is associated with {names(list(apart))} is no finding here "
            f"either: Issues says which measures predict {'it' if len(apart) == 1 else 'each'}."
        )
    return notes


def which_columns(dataset: Dataset, columns: Ready, chosen: bool) -> list[str]:
    """Which columns were compared by their gaps alone, and which not at all, and why. chosen: whether those
    to compare were.
    """
    notes = []
    if columns.ticks:
        notes.append(
            "Compared by whether there is a value, as they hold one value and gaps: "
            f"{names(columns.ticks, _LISTED)}."
        )
    unlike = [name for name in dataset.names if name not in columns.names]
    if unlike and not chosen:
        notes.append(
            f"Not compared, being identifiers, free text, images or weights: {names(unlike, _LISTED)}."
        )
    for reason in sorted({reason for _, reason in columns.left_out}):
        alike = [name for name, why in columns.left_out if why == reason]
        notes.append(f"Not compared, as each {reason}: {names(alike, _LISTED)}.")
    return notes
