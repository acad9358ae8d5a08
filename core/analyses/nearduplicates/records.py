"""Rows of a table that are copies of each other, with slips: typing errors, swapped fields, noise."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.analyses.nearduplicates.candidates import FEWER, MANY, PASSES, ComparedColumns, candidates
from core.analyses.nearduplicates.columns import Ids, columns_of, evidence
from core.analyses.nearduplicates.copied import Copied, linked, repeated
from core.analyses.nearduplicates.grouping import groups
from core.analyses.nearduplicates.same_but import same_but
from core.analyses.nearduplicates.standing_out import Copies, copies
from core.dataset import Dataset
from core.errors import TooSmallError
from core.phrases import count
from core.prepare.equal_rows import describing, first_of_equal
from core.prepare.hashes import row_hashes
from core.progress import Progress

SURE = 0.5  # share of its evidence that a copy has lost at most
_REPEATED = 0.99  # share of values that differ, up to which an identifier tells copies
_DIFFERS, _WEIGHT = 0.3, 0.25  # share of pairs that agree in a regular column, and evidence in all of these
_KINDS = 2  # rows for each different one, beyond which columns describe kinds of things
NEEDED = 30  # different rows, for others to hold nearness against
FEW = f"Fewer than {NEEDED} different rows: there is nothing to hold nearness against."
UNSETTLED = "What agrees by chance does not show in so few rows: there is nothing to hold nearness against."
KINDS = "More than half of the rows repeat others: the columns describe kinds of things, which may be alike."
NARROW = "Near duplicates need two columns that vary, besides target, identifiers and weight."
WINDOW = "Rows are compared with those next to them in {passes} sorted orders, not with all."


def copied_records(dataset: Dataset, target: str, false_alarms: float, progress: Progress) -> Copied:
    """The copies among the rows that differ; rows equal to one of them are in its group.

    Rows that a step added are compared with none. The columns are all but ``target``, the id, the weight, the
    one that parts the data, images, and identifiers without repeats. Raises `TooSmallError` where the rows
    are too few to tell copies from what agrees by chance.
    """
    names = _compared(dataset, target)
    free = [name for name in names if dataset[name].kind != "identifier"]
    among = ~dataset.added.mask(dataset.rows)
    progress.at(0.0, "Looking for equal rows")
    first = first_of_equal(dataset, free, among) if free else np.zeros(dataset.rows, np.int64)
    rows = np.flatnonzero(among & (first == np.arange(dataset.rows)))
    if among.sum() > _KINDS * max(NEEDED, rows.size):
        return Copied.none(dataset.rows, KINDS)
    if not free or len(names) < 2:
        return Copied.none(dataset.rows, NARROW)
    if rows.size < NEEDED:
        raise TooSmallError(FEW)
    keys = row_hashes(dataset, names)[rows]
    order = np.argsort(keys, kind="stable")
    rows, keys = rows[order], keys[order]
    compared = ComparedColumns.of(columns_of(dataset, names, rows))
    if len(compared.columns) < 2:
        return Copied.none(dataset.rows, NARROW)
    near = candidates(compared, keys, progress.part(0.1, 0.7))
    found = copies(near, compared, false_alarms, progress.part(0.7, 0.9))
    if np.isnan(found.floor):
        raise TooSmallError(UNSETTLED)
    local = groups(found, compared, rows.size, progress)
    copied = _copied(dataset, local, compared, rows, first, _regular(found, compared))
    apart = None if copied.regular else same_but(near, compared, copied.group[rows] >= 0, false_alarms)
    progress.at(1.0, "Done")
    return copied if apart is None else replace(copied, notes=(apart.note, *copied.notes))


def _compared(dataset: Dataset, target: str) -> list[str]:
    described = describing(dataset, target)
    barred = {target, dataset.roles.target, dataset.roles.id, dataset.roles.weight, dataset.parting}
    return [
        column.name
        for column in dataset.columns
        if column.name in described
        or (column.kind == "identifier" and column.name not in barred and _repeats(dataset, column.name))
    ]


def _repeats(dataset: Dataset, name: str) -> bool:
    values = dataset.table([name]).column(0)
    return len(values.unique()) <= _REPEATED * len(values)


def _regular(found: Copies, compared: ComparedColumns) -> tuple[str, ...]:
    """The columns in which most pairs differ, where they hold much of the evidence: several observations of
    one thing agree in what describes it and differ in the rest, and copies in nothing as a rule.
    """
    if not found.first.size:
        return ()
    one, other = compared.at(found.first), compared.at(found.second)
    regular = []
    for a, b in zip(one.columns, other.columns, strict=True):
        both = (a.codes >= 0) & (b.codes >= 0)
        agree = evidence(a, b) > 0.25 * np.minimum(a.bits, b.bits)
        if both.sum() >= 3 and agree[both].mean() < _DIFFERS:
            regular.append(a)
    whole = sum(column.mean for column in compared.columns)
    return tuple(c.name for c in regular) if sum(c.mean for c in regular) > _WEIGHT * whole else ()


def _copied(
    dataset: Dataset,
    local: list[list[int]],
    compared: ComparedColumns,
    rows: Ids,
    first: Ids,
    regular: tuple[str, ...],
) -> Copied:
    """Groups of places as what is known of each row of the data."""
    distance = np.full(dataset.rows, np.nan)
    keep = np.zeros(dataset.rows, bool)
    serve = dataset.part_mask("serve")
    at = np.array([place for members in local for place in members], np.int64)
    number = np.repeat(np.arange(len(local)), [len(members) for members in local])
    known = _within(local, compared, at.size)
    lacking = np.sum([column.codes[at] < 0 for column in compared.columns], axis=0)
    best = np.lexsort((rows[at], lacking, known.whole, ~serve[rows[at]], number))  # copies go from train
    heads = best[np.concatenate([[True], number[best][1:] != number[best][:-1]])] if at.size else best
    keep[rows[at[heads]]] = True
    distance[rows[at]] = known.nearest
    group, equal = _with_equal(dataset, rows[at], number, first)
    distance[equal] = 0.0
    distance[first[equal]] = 0.0
    one, other = (rows[at[end]] for end in known.sure)
    sure_group = np.arange(group.size) if regular else linked(group, (one, other), (equal, first[equal]))
    rank = np.full(group.size, at.size)
    rank[rows[at[best]]] = np.arange(at.size)
    return Copied(
        group=group,
        distance=distance,
        sure_group=sure_group,
        related=sure_group,
        excess=(group >= 0) & ~keep,
        repeated=repeated(sure_group, np.lexsort((rank, ~keep))),
        crop=np.zeros(group.size, bool),
        compared=rows.size,
        notes=_notes(dataset, rows.size),
        regular=regular,
    )


def _with_equal(dataset: Dataset, rows: Ids, number: Ids, first: Ids) -> tuple[Ids, Ids]:
    """Per row of the data the first row of its group, -1 for none; and the rows that are in one as they equal
    one of ``rows``, whose groups have these numbers. Rows that a step added are in none.
    """
    place = np.full(dataset.rows, -1, np.int64)
    place[rows] = number
    same = (place[first] >= 0) & ~dataset.added.mask(dataset.rows)
    equal = np.flatnonzero(same & (first != np.arange(dataset.rows)))
    place[equal] = place[first[equal]]
    inside = np.flatnonzero(place >= 0)
    _, lowest, group = np.unique(place[inside], return_index=True, return_inverse=True)
    place[inside] = inside[lowest[group]]
    return place, equal


class _WithinGroups(NamedTuple):
    """Of rows in groups, group by group. ``nearest``: the share of its evidence that each has lost to the
    nearest other one; ``whole``: how far it is from all others together, in bits; ``sure``: both ends of each
    pair that has lost at most `SURE`, as places among these rows.
    """

    nearest: NDArray[np.float64]
    whole: NDArray[np.float64]
    sure: tuple[Ids, Ids]


def _within(local: list[list[int]], compared: ComparedColumns, size: int) -> _WithinGroups:
    nearest, whole = np.full(size, np.inf), np.zeros(size)
    starts = np.cumsum([0, *(len(members) for members in local)])
    pairs = np.array(
        [
            (start + own, start + other, members[own], members[other])
            for start, members in zip(starts.tolist(), local, strict=False)
            for own in range(len(members))
            for other in range(len(members))
            if own != other
        ],
        np.int64,
    ).reshape(-1, 4)
    if not len(pairs):
        return _WithinGroups(nearest, whole, (pairs[:, 0], pairs[:, 1]))
    left, right = compared.at(pairs[:, 2]), compared.at(pairs[:, 3])
    full = np.minimum(left.most(), right.most())
    lost = np.clip(1.0 - left.bits(right) / np.maximum(full, 1e-9), 0.0, 1.0)
    np.minimum.at(nearest, pairs[:, 0], lost)
    np.add.at(whole, pairs[:, 0], left.loss(right))
    sure = pairs[lost <= SURE]
    return _WithinGroups(nearest, whole, (sure[:, 0], sure[:, 1]))


def _notes(dataset: Dataset, rows: int) -> tuple[str, ...]:
    added = len(dataset.added)
    return (
        WINDOW.format(passes=PASSES if rows <= MANY else FEWER),
        *((f"{count(added, 'added row')} not compared: a step added them.",) if added else ()),
    )
