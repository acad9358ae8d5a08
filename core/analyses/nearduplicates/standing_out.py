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

from core.analyses.nearduplicates.candidates import Candidates, Comparison
from core.analyses.nearduplicates.columns import Ids
from core.analyses.nearduplicates.letters import Bits

MOST = 8  # copies of a row that are told from its other neighbours
_QUANTILES = (0.5, 0.9, 0.99, 0.999, 0.9999)
_ENOUGH = 20  # steps beyond a quantile that is believed
_POOL = 20_000  # rows whose steps are looked at: a random sample
_BIT = float(1.0 / np.log(2.0))  # the scale where columns are independent and the evidence is exact
_DIMENSIONS = 50.0  # no data have more
_NOTHING = 0.02  # bits apart that are as good as none
_SPARE = (
    3.0  # bits: one pair of rows in 16 tables has as much in common by chance, if columns are independent
)
_AT_ONCE = 20_000  # rows


@dataclass(frozen=True, eq=False)
class Copies:
    """Pairs of rows that stand out (places), ``first`` < ``second``, sorted by these. ``bits``: the evidence.
    ``floor``: what it is held against; NaN where it could not be worked out.
    """

    first: Ids
    second: Ids
    bits: Bits
    floor: float


def copies(found: Candidates, compared: Comparison, false_alarms: float) -> Copies:
    """The pairs that stand out, so that about ``false_alarms`` pairs do where nothing is a copy.

    Rows stand in a random order that depends on their content alone.
    """
    n = len(found.bits)
    least = 2.0 * np.log2(max(2, n)) - 1.0 + _SPARE
    by_bits = _floor(_bit_steps(found.bits), n, false_alarms / 2, _BIT)
    sample = np.arange(min(n, _POOL))
    by_loss = _floor(
        _log_steps(np.sort(_losses(found, compared, sample), axis=1)), n, false_alarms / 2, 1 / _DIMENSIONS
    )
    if not np.isfinite(by_bits + by_loss):
        return Copies(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0, np.float32), np.nan)
    rows = np.flatnonzero(found.bits[:, 0] >= least)
    many = _standing_out(_bit_steps(found.bits[rows]), by_bits)
    apart = _losses(found, compared, rows)
    order = np.argsort(apart, axis=1, kind="stable")
    near = _standing_out(_log_steps(np.take_along_axis(apart, order, axis=1)), by_loss)
    chosen = np.arange(order.shape[1]) < many[:, None]
    chosen |= np.argsort(order, axis=1) < near[:, None]
    chosen &= found.bits[rows] >= least
    at, place = np.nonzero(chosen)
    pairs = np.sort(np.stack([rows[at], found.index[rows[at], place].astype(np.int64)], axis=1), axis=1)
    pairs, first = np.unique(pairs, axis=0, return_index=True)
    return Copies(pairs[:, 0], pairs[:, 1], found.bits[rows[at], place][first], float(least))


def _losses(found: Candidates, compared: Comparison, rows: Ids) -> Bits:
    """How far each candidate of some rows is apart: len(rows) x k, infinite where there is none."""
    index = found.index[rows]
    apart = np.full(index.shape, np.inf, np.float32)
    for start in range(0, rows.size, _AT_ONCE):
        some = index[start : start + _AT_ONCE]
        at, place = np.nonzero(some >= 0)
        one = compared.at(rows[start + at])
        apart[start + at, place] = one.loss(compared.at(some[at, place]))
    return apart


def _bit_steps(bits: Bits) -> NDArray[np.float64]:
    """k times the step from the k-th to the next, n x (k - 1); NaN where there is no next."""
    held = np.where(np.isneginf(bits), np.nan, np.maximum(bits, 0.0)).astype(np.float64)
    return np.asarray((held[:, :-1] - held[:, 1:]) * np.arange(1, held.shape[1]))


def _log_steps(apart: Bits) -> NDArray[np.float64]:
    """The same of the logarithms of distances, which ascend."""
    held = np.log(np.where(np.isposinf(apart), np.nan, apart).astype(np.float64).clip(0.0) + _NOTHING)
    return np.asarray((held[:, 1:] - held[:, :-1]) * np.arange(1, held.shape[1]))


def _floor(steps: NDArray[np.float64], rows: int, false_alarms: float, least: float) -> float:
    """What a step stays under where nothing is a copy; NaN where there are too few to tell.

    The exponential law through whichever quantile of the steps further out is farthest out.
    """
    pool = steps[:, MOST:]
    pool = pool[np.isfinite(pool)]
    scales = [
        float(np.quantile(pool, q)) / -np.log(1.0 - q) for q in _QUANTILES if pool.size * (1 - q) >= _ENOUGH
    ]
    return max([least, *scales]) * float(np.log(MOST * rows / false_alarms)) if len(scales) > 1 else np.nan


def _standing_out(steps: NDArray[np.float64], floor: float) -> Ids:
    """Per row how many of its candidates stand out: the step farthest beyond the floor ends them."""
    beyond = np.where(np.nan_to_num(steps[:, :MOST], nan=-1.0) > floor, steps[:, :MOST], -1.0)
    if not beyond.size:
        return np.zeros(len(steps), np.int64)
    return np.where(beyond.max(axis=1) > 0, beyond.argmax(axis=1) + 1, 0).astype(np.int64)
