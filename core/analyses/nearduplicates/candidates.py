"""The likeliest copies of each row, without comparing all pairs.

Sorted neighbourhood (Hernandez and Stolfo 1995, "The merge/purge problem for large databases") in many
passes: the rows are sorted by some columns in a drawn order, numbers along a space-filling curve, and each is
compared with the next few. Copies stand together in every pass whose first columns hold no slip.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.analyses.nearduplicates.columns import Codes, ComparedColumn, Ids, evidence, loss
from core.analyses.nearduplicates.letters import Bits
from core.numerics.rowhash import Hashes
from core.progress import Progress
from core.workers import LocalThreads

NEAREST = 32  # candidates kept of each row
PASSES, FEWER, MANY = 24, 16, 100_000  # passes, and beyond so many rows
_WINDOW = 3  # rows on either side that each is compared with
_TOGETHER = 6  # numbers that rows are sorted by in one pass
_CURVE = 12.0  # bits that they tell apart
_SPARE = 8.0  # bits beyond those that tell all rows apart, for what slips
_SWAPPED, _LEVELS = 0.1, 20  # share of values in common, and values, of columns that may be swapped
_SWAPS = 6  # pairs of columns looked at for it: those of the most evidence
_CROSSED = 3.0  # bits that a swap costs
_AT_ONCE = 8_192  # rows
_PASSES_AT_ONCE = 4
_SIGN = np.uint32(2**31)


@dataclass(frozen=True, eq=False)
class ComparedColumns:
    """What rows are compared by: columns, and the places of pairs of them that may have been swapped."""

    columns: tuple[ComparedColumn, ...]
    swaps: tuple[tuple[int, int], ...]

    @classmethod
    def of(cls, columns: list[ComparedColumn]) -> ComparedColumns:
        """With the pairs of columns of which enough values are those of the other, too."""
        worded = [
            at
            for at, column in enumerate(columns)
            if column.levels.signs is not None and column.levels.words.size >= _LEVELS
        ]
        words = {at: columns[at].levels.words for at in worded}
        swaps = [
            (columns[a].mean + columns[b].mean, a, b)
            for place, a in enumerate(worded)
            for b in worded[place + 1 :]
            if np.intersect1d(words[a], words[b]).size >= _SWAPPED * min(words[a].size, words[b].size)
        ]
        return cls(tuple(columns), tuple((a, b) for _, a, b in sorted(swaps)[-_SWAPS:]))

    def at(self, rows: object) -> ComparedColumns:
        """The same for some rows: ids, or a slice."""
        return ComparedColumns(tuple(column.at(rows) for column in self.columns), self.swaps)

    def bits(self, other: ComparedColumns) -> Bits:
        """The evidence that the rows of both, pair by pair, are copies."""
        total = np.zeros(self.columns[0].codes.size, np.float32)
        for one, two in zip(self.columns, other.columns, strict=True):
            total += evidence(one, two)
        for a, b in self.swaps:
            at, gain = _swapped(self.columns[a], self.columns[b], other.columns[a], other.columns[b])
            for place in (a, b) if at.size else ():
                gain -= evidence(self.columns[place].at(at), other.columns[place].at(at))
            total[at] += np.maximum(np.float32(0.0), gain)
        return total

    def loss(self, other: ComparedColumns) -> Bits:
        """How far apart the rows of both are, pair by pair, in bits; values that are swapped cost little."""
        total = np.zeros(self.columns[0].codes.size, np.float32)
        for one, two in zip(self.columns, other.columns, strict=True):
            total += loss(one, two)
        for a, b in self.swaps:
            at, _ = _swapped(self.columns[a], self.columns[b], other.columns[a], other.columns[b])
            for place in (a, b) if at.size else ():
                total[at] -= loss(self.columns[place].at(at), other.columns[place].at(at))
            total[at] += np.float32(_CROSSED)
        return total

    def filled(self) -> Bits:
        """The share of the columns, by the evidence that they usually hold, in which a row has a value."""
        every = [np.float32(column.mean) * (column.codes >= 0) for column in self.columns]
        whole = sum(column.mean for column in self.columns)
        return np.asarray(np.sum(every, axis=0, dtype=np.float32) / np.float32(whole), np.float32)

    def most(self) -> Bits:
        """The evidence that a row has in all of its values."""
        every = [column.bits for column in self.columns]
        return np.asarray(np.sum(every, axis=0, dtype=np.float32), np.float32)


def _swapped(a: ComparedColumn, b: ComparedColumn, c: ComparedColumn, d: ComparedColumn) -> tuple[Ids, Bits]:
    """The pairs of rows whose values of two columns are swapped, and the evidence in that. a, b: the columns
    of the first rows; c, d: of the others.
    """
    first = np.append(a.levels.words, np.uint64(0))
    second = np.append(b.levels.words, np.uint64(1))
    crossed = (first[a.codes] == second[d.codes]) & (second[b.codes] == first[c.codes])
    at = np.flatnonzero(crossed & (a.codes != c.codes))
    return at, np.minimum(a.bits[at], d.bits[at]) + np.minimum(b.bits[at], c.bits[at]) - np.float32(_CROSSED)


@dataclass(frozen=True, eq=False)
class CandidatePairs:
    """``index``: int32, n x k, the likeliest copies of each row, best first, -1 where there are fewer;
    ``bits``: float32, n x k, the evidence, -inf where there is none.
    """

    index: Codes
    bits: Bits


def candidates(compared: ComparedColumns, keys: Hashes, progress: Progress) -> CandidatePairs:
    """The candidates of each of n rows. keys: uint64, n: a hash of the row's content, which breaks ties."""
    n = keys.size
    held = np.zeros((n, min(NEAREST, max(1, n - 1))), np.uint64)
    random = np.random.default_rng(0)
    drawn = [_drawn(compared.columns, turn, random) for turn in range(PASSES if n <= MANY else FEWER)]
    groups = [drawn[first : first + _PASSES_AT_ONCE] for first in range(0, len(drawn), _PASSES_AT_ONCE)]
    parts = [slice(first, first + _AT_ONCE) for first in range(0, n, _AT_ONCE)]
    for group in progress.each(groups, "Comparing rows"):
        found = list(LocalThreads().map(functools.partial(_around, compared, keys, progress), group))
        for rows, best in zip(
            parts, LocalThreads().map(functools.partial(_best, [held, *found]), parts), strict=True
        ):
            held[rows] = best
    index, bits = np.empty(held.shape, np.int32), np.empty(held.shape, np.float32)
    for rows in parts:
        index[rows] = (held[rows] & np.uint64(2**32 - 1)).astype(np.int64) - 1
        bits[rows] = _unpacked(held[rows])
    return CandidatePairs(index, bits)


def _around(compared: ComparedColumns, keys: Hashes, progress: Progress, drawn: _Drawn) -> NDArray[np.uint64]:
    """Each row's candidates in one pass, packed: evidence above, place + 1 below, n x 2 windows."""
    order = _sorted(compared.columns, drawn, keys)
    n = order.size
    found = np.zeros((n, 2 * _WINDOW), np.uint64)
    for start in range(0, n, _AT_ONCE):
        progress.check()
        held = order[start : start + _AT_ONCE + _WINDOW]  # those below are compared with, too
        some = compared.at(held)
        for step in range(1, min(_WINDOW, held.size - 1) + 1):
            pairs = min(_AT_ONCE, held.size - step)
            one, other = held[:pairs], held[step : step + pairs]
            bits = _packed(some.at(slice(0, pairs)).bits(some.at(slice(step, step + pairs))))
            found[one, step - 1] = bits | (other + 1).astype(np.uint64)
            found[other, _WINDOW + step - 1] = bits | (one + 1).astype(np.uint64)
    return found


def _packed(bits: Bits) -> NDArray[np.uint64]:
    """Numbers in the upper half of a word, so that words are ordered as they are."""
    whole = (bits + np.float32(0.0)).view(np.uint32)
    whole = np.where(whole & _SIGN, ~whole, whole | _SIGN)
    return np.asarray(whole.astype(np.uint64) << np.uint64(32), np.uint64)


def _unpacked(held: NDArray[np.uint64]) -> Bits:
    whole = (held >> np.uint64(32)).astype(np.uint32)
    bits = np.where(whole & _SIGN, whole & ~_SIGN, ~whole).view(np.float32)
    return np.where(held == 0, np.float32(-np.inf), bits)


def _best(found: list[NDArray[np.uint64]], rows: slice) -> NDArray[np.uint64]:
    """The best of all that was found of some rows, each once, best first: as many as the first one holds."""
    every = np.sort(np.concatenate([one[rows] for one in found], axis=1), axis=1)
    every[:, 1:][every[:, 1:] == every[:, :-1]] = 0
    return np.ascontiguousarray(np.sort(every, axis=1)[:, ::-1][:, : found[0].shape[1]])


class _Drawn(NamedTuple):
    """What is drawn for one pass. order: of the columns. shifts: of the space-filling curve."""

    order: Ids
    shifts: NDArray[np.float64]


def _drawn(columns: tuple[ComparedColumn, ...], turn: int, random: np.random.Generator) -> _Drawn:
    """Each column comes first in its turn."""
    weight = np.array([column.mean for column in columns])
    drawn = np.argsort(random.exponential(size=weight.size) / np.maximum(weight, 0.1))
    lead = int(np.argsort(-weight, kind="stable")[turn % weight.size])
    return _Drawn(np.concatenate([[lead], drawn[drawn != lead]]), random.random(_TOGETHER))


def _sorted(columns: tuple[ComparedColumn, ...], drawn: _Drawn, keys: Hashes) -> Ids:
    """The rows sorted by columns in a drawn order; the numbers among them together, along a space-filling
    curve.
    """
    weight = np.array([column.mean for column in columns])
    numbers = [at for at in drawn.order.tolist() if columns[at].rank is not None][:_TOGETHER]
    parts: list[NDArray[np.int64]] = []
    total = 0.0
    for at in drawn.order.tolist():
        if columns[at].rank is None:
            parts.append(columns[at].codes.astype(np.int64))
            total += float(weight[at])
        elif numbers:
            parts.append(_curve([columns[number] for number in numbers], drawn.shifts))
            total, numbers = total + _CURVE, []
        if total > np.log2(keys.size) + _SPARE:
            break
    return np.asarray(np.lexsort([keys, *parts[::-1]]), np.int64)


def _curve(columns: list[ComparedColumn], shifts: NDArray[np.float64]) -> NDArray[np.int64]:
    """The place of each row on the curve of Morton (1966) through the ranks of some columns, moved by a drawn
    part of the range: rows that are near in all of them are near on most such curves (Liao, Lopez and
    Leutenegger 2001, "High dimensional similarity search with space filling curves").
    """
    each = min(20, 60 // len(columns))
    key = np.zeros(columns[0].codes.size, np.int64)
    for place, column in enumerate(columns):
        assert column.rank is not None
        rank = column.rank.sum(axis=0) / (2.0 * max(1, column.size))
        bins = np.where(column.codes < 0, 0, (rank + shifts[place]) * 2.0 ** (each - 1)).astype(np.int64)
        for bit in range(each):
            key |= ((bins >> bit) & 1) << (bit * len(columns) + place)
    return key
