"""How much evidence some pair of rows has by chance, where no rows are copies.

The bits of a column of numbers are -log2 of the share of rows that are as near: by chance they are
exponential. Those of several columns add, and their sum reaches further than any column alone; so its
distribution is made of those of the columns, one after the other. Numbers that depend on each other are near
together: with R the correlations of their normal scores, pairs of rows that are near in all of them are
1 / sqrt(det R) times as frequent as if they were independent, the ratio of the densities at 0 of their
differences. Words are taken to depend on nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.analyses.nearduplicates.candidates import ComparedColumns
from core.analyses.nearduplicates.columns import SLIP, ComparedColumn, evidence
from core.analyses.nearduplicates.letters import Bits

Floats = NDArray[np.float64]
_STEP = 0.25  # bits: the grid of the distribution
_SAMPLE = 20_000  # rows whose dependence, and pairs whose likeness, is looked at


@dataclass(frozen=True, eq=False)
class ByChance:
    """How many ``pairs`` of rows have so many bits, or more, by chance: from ``least`` bits on, in steps of a
    quarter.
    """

    pairs: Floats
    least: float

    @classmethod
    def of(cls, compared: ComparedColumns) -> ByChance:
        """Of the columns compared. Rows stand in a random order."""
        rows = compared.columns[0].size
        shares: Floats = np.ones(1)
        for column in compared.columns:
            own = _of_words(column) if column.rank is None else _of_numbers(column)
            shares = np.asarray(np.convolve(shares, own), np.float64)
        pairs = np.cumsum(shares[::-1])[::-1] * (rows * (rows - 1) / 2)
        return cls(pairs, dependence(compared.columns) - len(compared.columns) * SLIP)

    def floor(self, expected: float | Floats) -> Floats:
        """The bits that no more than so many pairs have."""
        return np.asarray(self.least + np.searchsorted(-self.pairs, -np.asarray(expected)) * _STEP)

    def discovered(self, bits: Bits, rate: float) -> float:
        """The bits from which on no more than ``rate`` of the pairs with these have them by chance (Benjamini
        and Hochberg 1995); infinite where that is so of none.
        """
        floors = self.floor(np.asarray(rate * np.arange(1, bits.size + 1), np.float64))
        good = np.flatnonzero(np.sort(bits)[::-1] >= floors)
        return float(floors[good[-1]]) if good.size else np.inf


def _of_numbers(column: ComparedColumn) -> Floats:
    """Shares of pairs by their bits, from -`SLIP` on, of a column of numbers: exponential, up to the most."""
    most = int(np.ceil((float(column.bits.max()) + SLIP) / _STEP))
    beyond = 2.0 ** -np.maximum(np.arange(most + 1) * _STEP - SLIP, 0.0)
    return np.append(beyond[:-1] - beyond[1:], beyond[-1])


def _of_words(column: ComparedColumn) -> Floats:
    """The same of a column of words: those that agree by the shares of the words, others by random pairs."""
    counts = np.bincount(column.codes[column.codes >= 0], minlength=column.levels.bits.size)
    agree = (counts / column.size) ** 2
    one, other = np.random.default_rng(0).integers(0, column.size, (2, _SAMPLE))
    differ = (column.codes[one] != column.codes[other]) | (column.codes[one] < 0)
    apart = evidence(column.at(one[differ]), column.at(other[differ]))
    each = np.full(apart.size, (1.0 - agree.sum()) / max(1, apart.size))
    bits = np.concatenate([column.levels.bits, apart]).astype(np.float64)
    places = np.ceil((bits + SLIP) / _STEP).astype(np.int64).clip(0)
    return np.asarray(np.bincount(places, np.concatenate([agree, each])), np.float64)


def dependence(columns: Sequence[ComparedColumn]) -> float:
    """Bits that a pair near in all columns of numbers has because these depend on each other:
    -log2(det R) / 2, column by column what those before say of it, and never more than it has itself.
    """
    ordered = [column.at(slice(0, _SAMPLE)) for column in columns if _ordered(column)]
    told: Floats = np.empty((columns[0].codes[:_SAMPLE].size, len(ordered)), order="F")
    bits, held = 0.0, 0
    for column in ordered:
        score, before = _scores(column), told[:, :held]
        rest = score - before @ (before.T @ score / score.size)
        own = float(rest.var())
        bits += min(column.mean, -0.5 * float(np.log2(max(own, 1e-12))))
        if own > 1e-9:
            told[:, held] = rest / np.sqrt(own)
            held += 1
    return bits


def _ordered(column: ComparedColumn) -> bool:
    return column.rank is not None


def _scores(column: ComparedColumn) -> Floats:
    """Normal scores of the ranks, of mean 0 and variance 1; 0 for missing values."""
    from scipy.special import ndtri

    assert column.rank is not None
    edge = 0.5 / column.size
    middle = column.rank.mean(axis=0) / max(1, int(column.rank.max()))
    score = np.where(column.codes < 0, 0.0, ndtri(np.clip(middle, edge, 1 - edge)))
    return np.asarray((score - score.mean()) / (score.std() or 1.0), np.float64)
