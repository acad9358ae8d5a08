"""Which numbers of a column are the sum, or the mean, of others, and not by chance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.rowset import RowSet

LEAST, LEAST_NAMED = 5, 3  # numbers other than 0 that a sum needs; where a word says what it is
RISK = 0.001  # chance of as many sums of rows that are set aside, were they rows as all others
_TRIED = 20  # numbers of other rows that are tried in the place of each, evenly spread over all of them
_SAMPLE = 1_000  # numbers that show how many decimals a column has
_DECIMALS = 12
HUGE = 1e200  # numbers beyond it count as none, as infinite ones do: their sums would overflow
TELLING = 100  # last decimals that a sum counts at least, if no word and no empty cell says what it is
_OFTEN = 0.05  # share of the other numbers as close to their mean, from which being close says nothing
_ROUNDED = 4  # decimals up to which the numbers of a column may have been rounded

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Matches:
    """The rows whose number is a sum of others, of these those that are the sum of all (whole), the rows
    whose number is the mean of all others, and of the rows set aside all that have a number (filled). Those
    that hold 0: as hardly another row does (zeros), or as is usual here (idle).
    """

    sums: RowSet
    whole: RowSet
    means: RowSet
    filled: RowSet
    zeros: RowSet
    idle: RowSet


def dominant_sum(numbers: Floats) -> int | None:
    """The place of the number that is the sum of all others (NaN: none), of which at least five are not 0,
    and larger than any of them; None where there is none.

    >>> dominant_sum(np.array([1.0, 2.0, 3.0, 1.5, 1.0, 8.5]))
    5
    """
    values = np.where(np.abs(numbers) < HUGE, numbers, 0.0)
    if np.count_nonzero(values) <= LEAST:
        return None
    size = np.abs(values)
    place = int(size.argmax())
    value = values[place : place + 1]
    near = _tolerance(value, float(size.sum()))
    exact = bool((np.abs(2 * value - values.sum()) <= near)[0])
    return place if exact and np.count_nonzero(size == size[place]) == 1 else None


def proofs(columns: Sequence[Floats], row: int) -> int:
    """In how many columns (each with the numbers of all rows, NaN: none) it tells something that the number
    of this row is the sum of all others: those of 100 last decimals or more, and of columns that are
    multiples of each other, but for rounding, one.

    >>> injured = np.array([100.0, 200.0, 150.0, 450.0])
    >>> proofs([injured, 2 * injured], 3), proofs([injured, np.array([3.0, 40.0, 60.0, 103.0])], 3)
    (1, 2)
    """
    kept: list[tuple[Floats, float]] = []
    for numbers in columns:
        values = np.where(np.abs(numbers) < HUGE, numbers, 0.0)
        unit = 10.0 ** -float(_decimals(values).max())
        size = abs(float(values[row]))
        if size < TELLING * unit:
            continue
        shares, near = values / values[row], 0.5 * unit / size + 1e-9
        if all(np.abs(shares - other).max() > near + room for other, room in kept):
            kept.append((shares, near))
    return len(kept)


def matches(numbers: Floats, aside: Bools, words: Bools, parts: Sequence[Bools]) -> Matches:
    """Which numbers of the rows that are set aside are sums or means of the others.

    A sum is one of all rows of its part that are not set aside, larger than any of them; or one of the rows
    between it and an earlier or a later row that is set aside, if more of these are sums than numbers of
    other rows are by chance. words: of the rows set aside those with a word of totals: their sums may be off
    by rounding. parts: the rows of each part.
    """
    numbers = np.where(np.abs(numbers) < HUGE, numbers, np.nan)
    sums, whole, means = (np.zeros(numbers.size, bool) for _ in range(3))
    for part in parts:
        own = np.flatnonzero(part)
        others = numbers[own][~aside[own] & np.isfinite(numbers[own])]
        places = np.flatnonzero(aside[own] & np.isfinite(numbers[own]) & (numbers[own] != 0))
        if not others.any() or not places.size:
            continue
        is_whole, is_mean = _of_all(numbers[own][places], others, words[own][places])
        whole[own[places]], means[own[places]] = is_whole, is_mean
        for order in (own, own[::-1]):
            sums[order] |= _of_blocks(numbers[order], aside[order], words[order])
    filled = aside & np.isfinite(numbers) & (numbers != 0)
    zero, rest = aside & (numbers == 0), numbers[~aside & np.isfinite(numbers)]
    rare = bool(rest.size) and np.count_nonzero(rest == 0) <= _OFTEN * rest.size
    return Matches(
        *map(RowSet.from_mask, (sums | whole, whole, means, filled, zero & rare, zero & (not rare)))
    )


def _of_all(values: Floats, others: Floats, words: Bools) -> tuple[Bools, Bools]:
    """Which values are the sum of all others and larger than any of them, and which are their mean, where few
    of the others are as close to it.
    """
    size, many = np.abs(others), np.count_nonzero(others)
    near = _tolerance(values, float(size.sum()))
    slack = near + words * _rounding(_rounded_to(others), np.array(many))
    enough = many >= np.where(words, LEAST_NAMED, LEAST)
    whole = (np.abs(values - others.sum()) <= slack) & enough & (np.abs(values) > size.max())
    mean, ascending = others.mean(), np.sort(others)
    close = np.searchsorted(ascending, mean + near, side="right") - np.searchsorted(ascending, mean - near)
    means = (np.abs(values - mean) <= near) & (many >= LEAST_NAMED) & (close <= _OFTEN * others.size)
    return np.asarray(whole, bool), np.asarray(means, bool)


def _of_blocks(numbers: Floats, aside: Bools, words: Bools) -> Bools:
    """Which numbers of rows set aside are the sum of the rows since an earlier such row, or since the first;
    none where chance may have made as many, by how often numbers of the other rows are in the same places.
    """
    from scipy.stats import binom

    base = np.where(aside | ~np.isfinite(numbers), 0.0, numbers)
    places = np.flatnonzero(aside & np.isfinite(numbers) & (numbers != 0))
    flags = np.zeros(numbers.size, bool)
    if places.size < 2:
        return flags
    blocks = _Blocks(base, aside, places, words[places])
    found = blocks.are_sums(numbers[places])
    if not found.any():
        return flags
    others = np.sort(base[base != 0])
    tried = others[np.linspace(0, others.size - 1, _TRIED).round().astype(np.int64)]
    by_chance = sum(int(blocks.are_sums(np.full(places.size, value)).sum()) for value in tried.tolist())
    chance = (by_chance + 1) / (_TRIED * places.size + 1)
    if binom.sf(found.sum() - 1, places.size, chance) < RISK:
        flags[places] = found
    return flags


class _Blocks:
    """The blocks of rows that end before each of some places and begin after an earlier row that is set
    aside, or at the first row: their sums, and how many numbers other than 0 they hold.
    """

    def __init__(self, base: Floats, aside: Bools, places: Ints, words: Bools) -> None:
        until, used = np.cumsum(base) - base, np.cumsum(base != 0) - (base != 0)
        self._begins = np.concatenate([[-1], np.flatnonzero(aside)])
        self._before, self._begun = (np.concatenate([[0], sums[self._begins[1:]]]) for sums in (until, used))
        self._order = np.argsort(self._before, kind="stable")
        self._places, self._until, self._used = places, until[places], used[places]
        self._previous = np.searchsorted(self._begins, places) - 1
        self._size, self._unit, self._words = float(np.abs(base).sum()), _rounded_to(base), words

    def are_sums(self, values: Floats) -> Bools:
        """Whether each value, at its place, is the sum of one of the blocks."""
        near, ascending = _tolerance(values, self._size), self._before[self._order]
        wanted, most = self._until - values, ascending.size - 1
        first = np.searchsorted(ascending, wanted - near).clip(0, most)
        last = (np.searchsorted(ascending, wanted + near, side="right") - 1).clip(0, most)
        found = [self._is(values, near, self._order[block]) for block in (first, last)]
        return found[0] | found[1] | self._is(values, near, self._previous)

    def _is(self, values: Floats, near: Floats, block: Ints) -> Bools:
        many = self._used - self._begun[block]
        slack = near + self._words * _rounding(self._unit, many.clip(0))
        close = np.abs(self._until - self._before[block] - values) <= slack
        return np.asarray(close & (many > 0) & (self._begins[block] < self._places), bool)


def _rounded_to(numbers: Floats) -> float:
    """The last decimal that the numbers may have been rounded to, 0 where they have too many decimals."""
    most = float(_decimals(numbers[numbers != 0][:_SAMPLE]).max(initial=0.0))
    return 10.0**-most if most <= _ROUNDED else 0.0


def _rounding(unit: float, many: Ints) -> Floats:
    """How far the sum of so many rounded numbers may be from the rounded sum: 3 sd of uniform errors."""
    return np.asarray(3 * unit * np.sqrt(many / 12))


def _tolerance(values: Floats, size: float) -> Floats:
    """How far a sum may be from each of these: half a unit of its last decimal, and the rounding of the
    machine.
    """
    return np.asarray(0.5 * 10.0 ** -_decimals(values) + 1e-9 * np.abs(values) + 1e-12 * size)


def _decimals(values: Floats) -> Floats:
    """How many decimals each number is written with, at most 12.

    >>> _decimals(np.array([1204.0, 12.25, 1e-7])).tolist()
    [0.0, 2.0, 7.0]
    """
    decimals = np.full(values.shape, float(_DECIMALS))
    for fewer in reversed(range(_DECIMALS)):
        decimals[np.abs(np.round(values, fewer) - values) <= 1e-15 * np.abs(values)] = fewer
    return decimals
