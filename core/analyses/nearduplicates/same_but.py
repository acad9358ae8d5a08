"""Rows that are equal in all columns but the same few throughout: no copies that slipped, as these slip here
and there, but told of, as they lie near and are called nothing.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.analyses.nearduplicates.candidates import CandidatePairs, ComparedColumns
from core.numerics.grouping import chance_excess, pairs_one_apart
from core.numerics.rowhash import Hashes, mix
from core.phrases import count, names, verb

Mask = NDArray[np.bool_]
_NEAREST = 3  # candidates of each row whose differences are looked at
_SETS = 3  # sets of columns that are looked at, those in which most of them differ
_LEAST = 3  # rows that make a pattern
_FEW = 3  # columns that they differ in, at most
_THROUGHOUT = 0.7  # share of pairs that differ in each of the columns
_MOST = 0.5  # share of rows beyond which the others describe a kind of thing


class SameBut(NamedTuple):
    """``rows``: how many are equal to another one in all of the columns compared but ``columns``, in which
    these differ.
    """

    rows: int
    columns: tuple[str, ...]

    @property
    def note(self) -> str:
        """That they are there, and why they are not called copies."""
        them = "it" if len(self.columns) == 1 else "them"
        return (
            f"{count(self.rows, 'row')} {verb(self.rows, 'equals', 'equal')} another one in every column "
            f"compared but {names(self.columns, 6)}. They are not called copies: what they agree in is too "
            f"little evidence against {them}, and rows that differ in the same columns throughout are rather "
            "several observations of one thing."
        )


def same_but(
    near: CandidatePairs, compared: ComparedColumns, grouped: Mask, false_alarms: float
) -> SameBut | None:
    """The set of columns in which most rows differ from others that they equal in all the rest; None where
    chance may make as many, or the rest describes kinds of things. grouped: rows that are told of already.
    """
    sets = [one for one in _sets(near, compared) if 0 < one.sum() <= min(_FEW, one.size // 2)]
    found = [same for one in sets if (same := _equal_but(one, compared, grouped, false_alarms))]
    return max(found, key=lambda same: same.rows, default=None)


def _sets(near: CandidatePairs, compared: ComparedColumns) -> Iterator[Mask]:
    """In which columns rows differ from their likeliest copies: the commonest sets, of two columns in which
    they agree at least.
    """
    other = near.index[:, :_NEAREST].astype(np.int64)
    one = np.repeat(np.arange(len(other)), other.shape[1])[other.ravel() >= 0]
    other = other.ravel()[other.ravel() >= 0]
    marks = mix(np.arange(1, len(compared.columns) + 1, dtype=np.uint64))
    which, agree = np.zeros(one.size, np.uint64), np.zeros(one.size, np.int64)
    for column, mark in zip(compared.columns, marks, strict=True):
        equal = _agree(column.codes[one], column.codes[other])
        which[~equal] += mark
        agree += equal
    at = np.flatnonzero(agree >= 2)
    _, first, often = np.unique(which[at], return_index=True, return_counts=True)
    for place in np.argsort(-often, kind="stable")[: _SETS + 1]:
        if often[place] >= _LEAST:
            pair = one[at[first[place]]], other[at[first[place]]]
            yield np.array([not _agree(c.codes[pair[0]], c.codes[pair[1]]) for c in compared.columns], bool)


def _agree(one: NDArray[np.int32], other: NDArray[np.int32]) -> Mask:
    return np.asarray((one == other) & (one >= 0), bool)


def _equal_but(but: Mask, compared: ComparedColumns, grouped: Mask, false_alarms: float) -> SameBut | None:
    """Of rows that know all the other columns."""
    rest = [column for column, out in zip(compared.columns, but, strict=True) if not out]
    rows = np.flatnonzero(~grouped & np.all([column.codes >= 0 for column in rest], axis=0))
    parts = [mix(column.codes[rows].astype(np.uint64)) for column in rest]
    whole = np.zeros(rows.size, np.uint64)
    for place, part in enumerate(parts):
        whole += mix(part + np.uint64(place))
    order = np.argsort(whole, kind="stable")
    twice = np.flatnonzero(whole[order][1:] == whole[order][:-1])
    again = int(twice.size)
    if again < _LEAST or again > _MOST * rows.size:
        return None
    one, other = rows[order[twice]], rows[order[twice + 1]]
    apart = [column for column, out in zip(compared.columns, but, strict=True) if out]
    if any((column.codes[one] != column.codes[other]).mean() < _THROUGHOUT for column in apart):
        return None
    steps = {
        place: np.unique(column.rank[0][rows], return_inverse=True)[1].astype(np.uint64)
        for place, column in enumerate(rest)
        if column.rank is not None
    }
    if _by_chance(parts, again, len(apart)) > false_alarms or _coarse(parts, whole, steps):
        return None
    return SameBut(np.union1d(one, other).size, tuple(column.name for column in apart))


def _by_chance(parts: list[Hashes], again: int, apart: int) -> float:
    """How likely so many rows repeat in these columns by chance, in any choice of columns of this size
    (Bonferroni).
    """
    from scipy.stats import poisson

    choices = math.comb(len(parts) + apart, apart)
    return float(choices * poisson.sf(again - 1, chance_excess(parts, 0)))


def _coarse(parts: list[Hashes], whole: Hashes, steps: dict[int, Hashes]) -> bool:
    """Whether as many pairs of rows differ in one more column as in none: by a level, where it has few
    values, or by a step, where it holds numbers. Then equal ones are as near as kinds of things are, or as
    rounded numbers that follow from each other. steps: per column of numbers the places of the values in
    order.
    """
    pairs = _pairs_alike(whole, whole) - whole.size
    levels = pairs_one_apart(lambda: iter(parts), np.zeros(whole.size, np.uint64))
    if 2 * levels >= pairs:
        return True
    by_step = 0
    for place, step in steps.items():
        rest = whole - mix(parts[place] + np.uint64(place))
        by_step += 2 * _pairs_alike(rest + mix(step), rest + mix(step + np.uint64(1)))
    return by_step >= pairs


def _pairs_alike(one: Hashes, other: Hashes) -> int:
    """Pairs of a key of the one and an equal one of the other."""
    mine, theirs = (np.unique(keys, return_counts=True) for keys in (one, other))
    _, at, place = np.intersect1d(mine[0], theirs[0], assume_unique=True, return_indices=True)
    return int((mine[1][at] * theirs[1][place]).sum())
