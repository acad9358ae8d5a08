"""Priority sampling by keys: a weighted sample of fixed size that is the same however the rows are parted.

Each unit has a size s and a number u in (0, 1) that its key fixes; its priority is s / u. The units of the k
largest priorities are the sample, tau is the (k + 1)-th, and a unit of size s was drawn with probability
min(1, s / tau) (Duffield, Lund and Thorup 2007, "Priority sampling for estimation of arbitrary subset sums").
The union of two samples holds the sample of the union, so that any tree of merges gives the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Hashes = NDArray[np.uint64]
Ints = NDArray[np.int64]


def uniforms(keys: Hashes) -> Floats:
    """A number in (0, 1) for each key: its first 53 bits.

    >>> uniforms(np.array([0, 2**63, 2**64 - 1], np.uint64)).tolist()
    [5.551115123125783e-17, 0.5, 0.9999999999999999]
    """
    return np.minimum(((keys >> np.uint64(11)).astype(np.float64) + 0.5) * 2.0**-53, 1.0 - 2.0**-53)


def falling(groups: Ints, priority: Floats, keys: Hashes) -> Ints:
    """The order of units by group, then by falling priority; their keys settle ties.

    >>> falling(np.array([1, 0, 0]), np.array([3.0, 1.0, 2.0]), np.array([7, 8, 9], np.uint64)).tolist()
    [2, 1, 0]
    >>> falling(np.array([1, 0, 0]), np.array([3.0, 2.0, 2.0]), np.array([7, 9, 8], np.uint64)).tolist()
    [2, 1, 0]
    """
    # at once where units stand so but for a few, as in a sketch
    order = np.argsort(-priority, kind="stable")
    order = order[np.argsort(groups[order], kind="stable")]
    group, ranked = groups[order], priority[order]
    if ((ranked[1:] == ranked[:-1]) & (group[1:] == group[:-1])).any():
        order = np.lexsort((keys, -priority, groups))
    return order.astype(np.int64, copy=False)


class PrioritySample(NamedTuple):
    """``chosen``: places of the units drawn, by falling priority. ``tau``: the priority of the first one
    that was not; 0 where all are drawn.
    """

    chosen: Ints
    tau: float


def draw(sizes: Floats, keys: Hashes, most: int) -> PrioritySample:
    """The ``most`` units of the largest priorities. sizes: n, above 0. keys: n, distinct; they settle ties.

    >>> draw(np.array([1.0, 1.0, 8.0]), np.array([2**62, 2**63, 2**63], np.uint64), 2).chosen.tolist()
    [2, 0]
    """
    priority = sizes / uniforms(keys)
    order = falling(np.zeros(keys.size, np.int64), priority, keys)
    tau = float(priority[order[most]]) if order.size > most else 0.0
    return PrioritySample(order[:most].astype(np.int64), tau)


def chances(sizes: Floats, tau: float) -> Floats:
    """The probability with which each unit was drawn: min(1, s / tau)."""
    return np.minimum(1.0, sizes / tau) if tau > 0.0 else np.ones(sizes.size)


def allocated(size: int, shares: Sequence[float], most: Sequence[int], least: int = 50) -> list[int]:
    """How many of ``size`` units each stratum gets: ``least`` (fewer where there is no room for that), the
    rest in proportion to its share, none more than ``most``.

    Shares that are the strata's sums of sizes make the variance of the total smallest (Neyman 1934).

    >>> allocated(100, [9.0, 1.0, 0.0], [1000, 1000, 3], least=10)
    [80, 17, 3]
    """
    strata = len(shares)
    floor = min(least, size // (2 * strata)) if strata > 1 else 0
    floor = max(floor, 1 if size >= strata else 0)
    given = [min(floor, limit) for limit in most]
    left = min(size, sum(most)) - sum(given)
    while left > 0:
        roomy = [at for at in range(strata) if given[at] < most[at]]
        weigh = sum(shares[at] for at in roomy)
        want = [left * (shares[at] / weigh if weigh > 0 else 1 / len(roomy)) for at in roomy]
        more = [min(int(part), most[at] - given[at]) for part, at in zip(want, roomy, strict=True)]
        if not any(more):  # less than one each: the largest fractions first
            for _, at in sorted(zip([-part for part in want], roomy, strict=True))[:left]:
                given[at] += 1
            return given
        for at, one in zip(roomy, more, strict=True):
            given[at] += one
        left -= sum(more)
    return given


def effective_size(weights: Floats) -> float:
    """Kish's effective sample size: (sum w)**2 / sum w**2 (Kish 1965, section 11.7).

    >>> effective_size(np.array([1.0, 1.0, 1.0])), effective_size(np.array([1.0, 0.0]))
    (3.0, 1.0)
    """
    squares = float((weights**2).sum())
    return float(weights.sum()) ** 2 / squares if squares else 0.0
