"""Combinations of two categories that are all but absent, though each of the two is common."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

Codes = NDArray[np.integer[Any]]
_RATIO = 0.03  # as much rarer than independence of the two columns would have it
_SHARE = 0.005  # a combination in more rows than that is a habit, not a slip
_COLUMNS = 20  # 190 pairs


@dataclass(frozen=True, eq=False)
class RarePairs:
    """Rows with an almost absent combination, each with its rarest one: ``rows`` (ascending), ``columns`` (n
    x 2 positions in the list given), ``observed`` and ``expected`` rows with that combination."""

    rows: NDArray[np.int64]
    columns: NDArray[np.int16]
    observed: NDArray[np.int64]
    expected: NDArray[np.float64]


def rare_pairs(codes: Sequence[Codes], doubt: float) -> RarePairs:
    """Rows whose values in two columns hardly ever meet. ``codes``: per column a level number per row, -1
    where a row is not to be compared in it, as its part lacks the column.

    A combination counts when it is seen at most 3% as often as n * p_a * p_b, in at most 0.5% of the rows,
    and when so low a Poisson count has a chance below exp(-doubt) over all combinations together
    (Bonferroni). Of more than 20 columns the 20 with the most even levels are looked at: they have the most
    to say about each other.
    """
    chosen = sorted(
        sorted(range(len(codes)), key=lambda i: (float((_shares(codes[i]) ** 2).sum()), i))[:_COLUMNS]
    )
    tested = sum(_shares(codes[a]).size * _shares(codes[b]).size for a, b in combinations(chosen, 2))
    hits = [
        hit
        for a, b in combinations(chosen, 2)
        if (hit := _pair(codes, a, b, doubt + np.log(tested))) is not None
    ]
    if not hits:
        return RarePairs(
            np.zeros(0, np.int64), np.zeros((0, 2), np.int16), np.zeros(0, np.int64), np.zeros(0)
        )
    rows, columns, observed, expected = (np.concatenate(parts) for parts in zip(*hits, strict=True))
    order = np.lexsort((columns[:, 1], columns[:, 0], observed / expected, rows))
    best = order[np.flatnonzero(np.diff(rows[order], prepend=-1))]
    return RarePairs(rows[best], columns[best], observed[best], expected[best])


def _shares(codes: Codes) -> NDArray[np.float64]:
    known = codes[codes >= 0] if codes.size and codes.min() < 0 else codes
    return np.asarray(np.bincount(known) / max(1, known.size))


def _pair(codes: Sequence[Codes], a: int, b: int, doubt: float) -> tuple[NDArray[Any], ...] | None:
    from scipy.stats import poisson

    one, other = codes[a], codes[b]
    both = np.flatnonzero((one >= 0) & (other >= 0))
    if both.size < one.size:
        one, other = one[both], other[both]
    rows = both.size
    p, q = _shares(one), _shares(other)
    cell = one.astype(np.int64) * q.size + other
    observed = np.bincount(cell, minlength=p.size * q.size)
    expected = rows * np.outer(p, q).ravel()
    rare = (observed > 0) & (observed <= _RATIO * expected) & (observed <= _SHARE * rows)
    rare[rare] = poisson.logcdf(observed[rare], expected[rare]) < -doubt
    if not rare.any():
        return None
    hits = np.flatnonzero(rare[cell])
    pair = np.tile(np.array([a, b], np.int16), (hits.size, 1))
    return both[hits], pair, observed[cell[hits]], expected[cell[hits]]
