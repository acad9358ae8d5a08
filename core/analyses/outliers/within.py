"""Rows compared with those of their own class alone."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from core.analyses.outliers.cells import OddCells
from core.analyses.outliers.judging import Compared, Judged, judged, single_values
from core.analyses.outliers.reason import RowReasons
from core.analyses.outliers.result import FEW, OutlierResult
from core.dataset import Dataset
from core.errors import SettingError
from core.numerics.isolated import LEAST
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
    shared = what._replace(cells=what.cells / (len(wanted) + 1))
    parts = [
        judged(dataset, shared._replace(rows=rows), progress.part(at / len(wanted), (at + 1) / len(wanted)))
        for at, rows in enumerate(wanted)
    ]
    return _placed(wanted, parts, dataset.rows)._replace(
        cells=_cells(classes, parts[-len(classes) :], single_values(dataset, shared), dataset.rows)
    )


def _placed(wanted: Sequence[Ids | None], parts: Sequence[Judged], rows: int) -> Judged:
    """What was said of parts of the rows, of all of them; what is said of a row among all (None) gives way
    to what its class says.
    """
    evidence, apart = np.zeros(rows, np.float32), np.zeros(rows)
    top = np.full((rows, parts[0].top.shape[1]), -1, np.int16)
    for ids, part in zip(wanted, parts, strict=True):
        at = slice(None) if ids is None else ids
        evidence[at], top[at], apart[at] = part.evidence, part.top, part.times
    largest = max(parts, key=lambda part: part.evidence.size)
    return largest._replace(evidence=evidence, top=top, times=apart)


def _cells(classes: Sequence[Ids], parts: Sequence[Judged], among_all: OddCells, rows: int) -> OddCells:
    """The single values of each class; those among all rows where there is no class, or it is too small to
    have any of its own.
    """
    others = np.ones(rows, bool)
    for ids in classes:
        others[ids] = ids.size < LEAST
    kept = others[among_all.rows]
    found = [OddCells(*(values[kept] for values in among_all))]
    found += [
        part.cells._replace(rows=ids[part.cells.rows]) for ids, part in zip(classes, parts, strict=True)
    ]
    rows_of, columns, times = (np.concatenate(values) for values in zip(*found, strict=True))
    order = np.argsort(rows_of)
    return OddCells(rows_of[order], columns[order], times[order])


def reasons_of(dataset: Dataset, result: OutlierResult) -> RowReasons:
    """Words for the rows of a result, beside what is usual where they were compared. dataset: what it is
    about.
    """
    return RowReasons(dataset, result.names, classes_within(dataset, str(vars(result.settings)["within"])))
