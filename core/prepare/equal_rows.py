"""Rows that are equal in some columns, by a hash of their content that is then checked value by value."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from core.dataset import Dataset
from core.numerics.grouping import Ids, Mask, first_equal
from core.numerics.rowhash import Hashes, hash_column, mix
from core.prepare.image_measures import PIXELS
from core.prepare.lacked import of_both
from core.rowset import RowSet
from core.workers import LocalThreads


def describing(dataset: Dataset, target: str = "") -> tuple[str, ...]:
    """The columns that say what a row is about: rows that are equal in these are one thing where it is
    asked whether their labels agree, or which rows are nearly so. Not the target (nor ``target``), the
    weight, what names a row, and the column that parts the rows; of pictures what they show, to the pixel.
    Leakage, which asks what both parts have, leaves out the time, the group and what one part lacks besides.
    """
    names = dict.fromkeys([*dataset.features, *shown_by(dataset)])
    return tuple(one for one in names if one not in (target, dataset.parting))


def naming(dataset: Dataset) -> tuple[str, ...]:
    """The columns that name a row rather than describe it."""
    return tuple(
        one
        for one in dataset.names
        if dataset[one].kind in ("identifier", "image") or one == dataset.roles.id
    )


def but_names(dataset: Dataset) -> tuple[str, ...]:
    """The columns in which rows repeat each other whatever names them: all others, and what pictures show."""
    named, shown = naming(dataset), shown_by(dataset)
    return tuple(one for one in dataset.names if one not in named or one in shown)


def equal_to_none(dataset: Dataset) -> RowSet:
    """Rows that repeat none: those that a step added, and those whose image cannot be read, which have
    nothing in common but that.
    """
    if dataset.pictures is None:
        return dataset.added
    lost = np.flatnonzero(~dataset.pictures.readable)
    return RowSet(np.union1d(dataset.added.ids, dataset.own_rows(RowSet(lost)).ids))


def across(dataset: Dataset, target: str = "") -> tuple[str, ...]:
    """The columns in which a row of train and one of serve are compared: those that describe both. Across a
    split times and groups differ, as what one part lacks does in every row.
    """
    apart = (dataset.roles.time, dataset.roles.group)
    return of_both(dataset, [one for one in describing(dataset, target) if one not in apart])[0]


def shown_by(dataset: Dataset) -> tuple[str, ...]:
    """The column that says what the pictures show, to the pixel: a feature of as many values as there are
    different pictures, and no identifier. Equal pictures are one thing, whatever other rows are near.
    """
    if dataset.pictures is None or PIXELS not in dataset.names or dataset.roles.id == PIXELS:
        return ()
    return (PIXELS,)


def equal_in(dataset: Dataset, columns: Sequence[str]) -> Callable[[Ids, Ids], Mask]:
    """The test of equality on the values of these columns, for pairs of rows; missing equals missing."""
    import pyarrow.compute as pc

    def same(rows: Ids, others: Ids) -> Mask:
        equal = np.ones(rows.size, bool)
        for one in columns:
            values = dataset.table([one]).column(0)
            a, b = values.take(rows), values.take(others)
            both = pc.if_else(
                pc.or_(a.is_null(), b.is_null()), pc.and_(a.is_null(), b.is_null()), pc.equal(a, b)
            )
            equal &= np.asarray(both.to_numpy(), dtype=bool)
        return equal

    return same


def hashed(dataset: Dataset, columns: Sequence[str]) -> Hashes:
    """A hash per row over these columns: equal rows have equal ones, in whatever order the columns stand."""
    hashes = np.zeros(dataset.rows, np.uint64)
    parts = [dataset.table([one]).column(0) for one in sorted(columns)]
    for part in LocalThreads().map(hash_column, parts):
        hashes = mix(hashes ^ part)
    return hashes


def first_of_equal(dataset: Dataset, columns: Sequence[str], among: NDArray[np.bool_]) -> Ids:
    """Per row the first row of ``among`` that equals it in these columns: itself where there is none before
    it, and for rows that are not of ``among``. int64 of length ``rows``.
    """
    rows = np.flatnonzero(among)
    same = equal_in(dataset, columns)
    first = first_equal(hashed(dataset, columns)[rows], lambda a, b: same(rows[a], rows[b]))
    answer = np.arange(dataset.rows)
    answer[rows] = rows[first]
    return answer
