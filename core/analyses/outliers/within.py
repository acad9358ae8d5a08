"""Rows compared with those of their own class alone."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from core.analyses.outliers.cells import OddCells
from core.analyses.outliers.judging import Compared, Judged, judged
from core.analyses.outliers.reason import RowReasons
from core.analyses.outliers.result import FEW, OutlierResult
from core.dataset import Dataset
from core.errors import SettingError
from core.phrases import name
from core.prepare.classes import classes_of
from core.progress import Progress

Ids = NDArray[np.int64]


def classes_within(dataset: Dataset, column: str) -> tuple[Ids, ...]:
    """The rows of each class of a column that has enough of them to be compared with each other; () where no
    column is given. Raises `SettingError` where it is a number, or no class is that large.
    """
    if not column:
        return ()
    classes = classes_of(dataset, column)
    if classes is None:
        raise SettingError(
            f"Rows cannot be compared within the classes of {name(column)}: it is a number, not a class. "
            "Choose a column of classes."
        )
    rows = [np.flatnonzero(classes.codes == code).astype(np.int64) for code in range(len(classes.names))]
    large = tuple(each for each in rows if each.size >= FEW)
    if not large:
        raise SettingError(
            f"No class of {name(column)} has {FEW} rows, so rows cannot be compared within classes. "
            "Compare them with all rows."
        )
    return large


def judged_within(dataset: Dataset, classes: Sequence[Ids], what: Compared, progress: Progress) -> Judged:
    """Every row compared with those of its class; with all rows where no classes are given, or its own is
    too small.
    """
    if not classes:
        return judged(dataset, what, progress)
    inside = np.zeros(dataset.rows, bool)
    inside[np.concatenate(classes)] = True
    wanted: list[Ids | None] = [*([] if inside.all() else [None]), *classes]
    shared = what._replace(cells=what.cells / len(wanted))
    parts = [
        judged(dataset, shared._replace(rows=rows), progress.part(at / len(wanted), (at + 1) / len(wanted)))
        for at, rows in enumerate(wanted)
    ]
    return _placed(wanted, parts, inside)


def _placed(wanted: Sequence[Ids | None], parts: Sequence[Judged], inside: NDArray[np.bool_]) -> Judged:
    """What was said of parts of the rows, of all of them; what is said of a row among all (None) gives way
    to what its class says. inside: rows whose class was looked at.
    """
    every = np.arange(inside.size)
    evidence, top = (
        np.zeros(inside.size, np.float32),
        np.full((inside.size, parts[0].top.shape[1]), -1, np.int16),
    )
    apart = np.zeros(inside.size)
    ids, columns, times = [], [], []
    for rows, part in zip(wanted, parts, strict=True):
        at = every if rows is None else rows
        evidence[at], top[at], apart[at] = part.evidence, part.top, part.times
        kept = ~inside[part.cells.rows] if rows is None else np.ones(part.cells.rows.size, bool)
        ids.append(at[part.cells.rows][kept])
        columns.append(part.cells.columns[kept])
        times.append(part.cells.times[kept])
    order = np.argsort(np.concatenate(ids))
    cells = OddCells(*(np.concatenate(values)[order] for values in (ids, columns, times)))
    return Judged(evidence, top, cells, apart, min(part.reference for part in parts))


def reasons_of(dataset: Dataset, result: OutlierResult) -> RowReasons:
    """Words for the rows of a result, beside what is usual where they were compared. dataset: what it is
    about.
    """
    return RowReasons(dataset, result.names, classes_within(dataset, str(vars(result.settings)["within"])))
