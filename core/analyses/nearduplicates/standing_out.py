"""Which candidates stand out as copies: those that are much nearer than the next nearest rows.

Where nothing is a copy, a row's nearest rows fall off like ordered exponential draws: k times the step from
the k-th to the next has one and the same exponential distribution for every k (Renyi 1953, "On the theory of
order statistics"). That holds of the bits of evidence, and of the logarithm of the distance, where the scale
is one over the intrinsic dimension (Levina and Bickel 2004, "Maximum likelihood estimation of intrinsic
dimension"). The scale is read off the steps further out, where no copies are: it grows where columns depend
on each other or hold few values.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.analyses.nearduplicates.by_chance import ByChance
from core.analyses.nearduplicates.candidates import CandidatePairs, ComparedColumns
from core.analyses.nearduplicates.columns import Ids
from core.analyses.nearduplicates.letters import Bits
from core.progress import SILENT, Progress
from core.workers import LocalThreads

MOST = 8  # copies of a row that are told from its other neighbours
_QUANTILES = (0.5, 0.9, 0.99, 0.999, 0.9999)
_ENOUGH = 20  # steps beyond a quantile that is believed
_OUTER = 16  # candidates whose steps are looked at
_POOL = 10_000  # rows whose steps are looked at: a random sample
_BIT = float(1.0 / np.log(2.0))  # the scale where columns are independent and the evidence is exact
_DIMENSIONS = 50.0  # no data have more
_NOTHING = 0.02  # bits apart that are as good as none
_TOLD = 0.7  # share of its columns, by their evidence, that a row must fill: gaps are all alike
_AT_ONCE = 2_000  # rows


@dataclass(frozen=True, eq=False)
class Copies:
    """Pairs of rows that stand out (places), ``first`` < ``second``, sorted by these. ``bits``: the evidence.
    ``floor``: the least that is asked for; NaN where chance could not be worked out.
    """

    first: Ids
    second: Ids
    bits: Bits
    floor: float


def copies(
    found: CandidatePairs, compared: ComparedColumns, false_alarms: float, progress: Progress = SILENT
) -> Copies:
    """The pairs that stand out, at a false discovery rate of ``false_alarms``.

    Rows stand in a random order that depends on their content alone.
    """
    n = len(found.bits)
    chance_pairs = ByChance.of(compared)
    least = float(chance_pairs.floor(false_alarms * n))
    by_bits = _scale(_bit_steps(found.bits[:, :_OUTER]), _BIT)
    sample = _losses(found, compared, np.arange(min(n, _POOL)), progress.part(0.0, 0.3))
    by_loss = _scale(_log_steps(np.sort(sample, axis=1)), 1.0 / _DIMENSIONS)
    if not np.isfinite(by_bits + by_loss):
        return Copies(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, np.float32), np.nan)
    rows = np.flatnonzero(found.bits[:, 0] >= least)
    many, chance = _standing_out(_bit_steps(found.bits[rows]), by_bits)
    apart = _losses(found, compared, rows, progress.part(0.3, 1.0))
    order = np.argsort(apart, axis=1, kind="stable")
    near, luck = _standing_out(_log_steps(np.take_along_axis(apart, order, axis=1)), by_loss)
    beyond = _discovered(2.0 * np.minimum(chance, luck), n, false_alarms)
    chosen = (np.arange(order.shape[1]) < many[:, None]) & (chance <= luck)[:, None]
    chosen |= (np.argsort(order, axis=1) < near[:, None]) & (luck < chance)[:, None]
    told = compared.filled() >= _TOLD
    chosen &= (found.bits[rows] >= least) & beyond[:, None] & told[rows, None] & told[found.index[rows]]
    at, place = np.nonzero(chosen)
    pairs = np.sort(np.stack([rows[at], found.index[rows[at], place].astype(np.int64)], axis=1), axis=1)
    pairs, first = np.unique(pairs, axis=0, return_index=True)
    bits = found.bits[rows[at], place][first]
    floor = chance_pairs.discovered(bits, false_alarms)
    pairs, bits = pairs[bits >= floor], bits[bits >= floor]
    return Copies(pairs[:, 0], pairs[:, 1], bits, floor)


def _losses(found: CandidatePairs, compared: ComparedColumns, rows: Ids, progress: Progress) -> Bits:
    """How far each candidate of some rows is apart: len(rows) x k, infinite where there is none."""
    index = found.index[rows]
    apart = np.full(index.shape, np.inf, np.float32)
    starts = range(0, rows.size, _AT_ONCE)

    def leaf(start: int) -> None:
        some = index[start : start + _AT_ONCE]
        at, place = np.nonzero(some >= 0)
        one = compared.at(rows[start + at])
        apart[start + at, place] = one.loss(compared.at(some[at, place]))

    work = LocalThreads().map(leaf, starts)
    for _ in zip(progress.each(starts, "Measuring what stands out"), work, strict=True):
        pass
    return apart


def _bit_steps(bits: Bits) -> NDArray[np.float64]:
    """k times the step from the k-th to the next, n x (k - 1); NaN where there is no next."""
    held = np.where(np.isneginf(bits), np.nan, np.maximum(bits, 0.0)).astype(np.float64)
    return np.asarray((held[:, :-1] - held[:, 1:]) * np.arange(1, held.shape[1]))


def _log_steps(apart: Bits) -> NDArray[np.float64]:
    """The same of the logarithms of distances, which ascend."""
    held = np.log(np.where(np.isposinf(apart), np.nan, apart).astype(np.float64).clip(0.0) + _NOTHING)
    return np.asarray((held[:, 1:] - held[:, :-1]) * np.arange(1, held.shape[1]))


def _scale(steps: NDArray[np.float64], least: float) -> float:
    """The scale of the steps where nothing is a copy; NaN where there are too few to tell.

    That of the exponential law through whichever quantile of the steps further out is farthest out.
    """
    pool = steps[:, MOST : _OUTER - 1]
    pool = pool[np.isfinite(pool)]
    scales = [
        float(np.quantile(pool, q)) / -np.log(1.0 - q) for q in _QUANTILES if pool.size * (1 - q) >= _ENOUGH
    ]
    return max([least, *scales]) if len(scales) > 1 else np.nan


def _standing_out(steps: NDArray[np.float64], scale: float) -> tuple[Ids, NDArray[np.float64]]:
    """Per row how many of its candidates are copies if any are, and how likely so wide a step is by chance:
    Bonferroni over the places of the step, of which the k-th has a share of one in 2 to the k.
    """
    first = np.nan_to_num(steps[:, :MOST], nan=0.0)
    if not first.size:
        return np.zeros(len(steps), np.int64), np.ones(len(steps))
    chance = 2.0 ** np.arange(1, first.shape[1] + 1) * np.exp(-first / scale)
    return chance.argmin(axis=1).astype(np.int64) + 1, chance.min(axis=1)


def _discovered(chance: NDArray[np.float64], tests: int, rate: float) -> NDArray[np.bool_]:
    """Which of these are discoveries at a false discovery rate (Benjamini and Hochberg 1995) among so many
    tests. Where nothing is a copy, ``rate`` is the chance of any.
    """
    ranked = np.sort(chance)
    good = np.flatnonzero(ranked <= rate * np.arange(1, ranked.size + 1) / tests)
    return np.asarray(chance <= (ranked[good[-1]] if good.size else -1.0), bool)
