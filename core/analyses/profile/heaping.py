"""Whether numbers were rounded: are multiples of 5, 10, 50, 100 … of their unit more frequent than the
spacing makes them?
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Counts = NDArray[np.int64]
EXTRA = 0.2  # share of the values, beyond what the spacing gives, from which rounding is worth a word
_NEARLY_ALL = 0.95  # share of multiples from which they are the unit itself
_PLACES = 3  # decimals that are looked at
_MANY = 50_000  # distinct values above which the middle ones decide whether to look at all
_TRIED = 64  # distinct values that decide whether the others are worth a look
_STEPS = tuple(digit * 10**power for power in range(7) for digit in (5, 10))


class Heaped(NamedTuple):
    """``share`` of the ``n`` values that are judged, without zeros and the commonest multiple, are multiples
    of ``base``, where even spacing gives ``expected`` (``noise``: with 4 sd of chance); ``plain``: that of
    all finite values, and ``commonest`` the multiple left out.
    """

    base: float
    share: float
    expected: float
    noise: float
    n: int
    plain: float
    commonest: float

    @property
    def limit(self) -> float:
        """The share from which it is worth a word."""
        return self.expected + EXTRA


def heaped(distinct: NDArray[Any], counts: Counts) -> Heaped | None:
    """The multiple at which the values heap most; None where they do not heap, or are no multiples of 1, 0.1,
    0.01 or 0.001.

    distinct: different numbers, ascending; counts: how often each occurs. Zeros are left out (they may mean
    nothing at all), and so is each base's commonest multiple (a default value is no rounding). What even
    spacing gives is told from the grid that the values lie on: of the multiples of 4, every fifth is a
    multiple of 10. The middle nine tenths must span ten multiples, or the shape of the distribution could
    pass for heaps (it shifts the share by about 1 / (2 * 10), a tenth of what is asked for).

    >>> ages = np.arange(20, 80)
    >>> heaped(ages, np.where(ages % 5 == 0, 40, 10)).base, heaped(ages, np.full(60, 10))
    (5.0, None)
    """
    grid = _grid(distinct)
    if grid is None:
        return None
    whole, unit = grid
    if whole.size > _MANY and not _promising(whole, counts[_finite(distinct)]):
        return None
    keep = np.flatnonzero(whole)
    counts_of_all = counts[_finite(distinct)]
    whole, counts = whole[keep], counts_of_all[keep]
    every, n = int(counts_of_all.sum()), int(counts.sum())
    if whole.size < 10 or not n:
        return None
    total = np.cumsum(counts)
    low, high = whole[np.searchsorted(total, 0.05 * n)], whole[np.searchsorted(total, 0.95 * n)]
    heaps: list[Heaped] = []
    zeros = every - n
    step = _common_step(whole)
    for base in _STEPS:
        on = whole % base == 0
        whole, counts = whole[on], counts[on]  # a multiple of the next base is one of this base, too
        held = int(counts.sum())
        if whole.size < 5 or high - low < 10 * base:
            break
        if held >= _NEARLY_ALL * n:  # the unit itself, and a few slips
            n, step, heaps = held, _common_step(whole), []
            continue
        heap = _heap(whole, counts, (base, step, unit), n, (held + zeros) / every)
        if heap is not None:
            heaps.append(heap)
    return max(heaps, key=lambda one: (one.share - one.expected, one.base), default=None)


def _promising(whole: Counts, counts: Counts) -> bool:
    """Whether among the middle values multiples of 5, which all other bases are, are more frequent than by
    spacing (a fifth).
    """
    middle = slice(whole.size // 2 - _MANY // 4, whole.size // 2 + _MANY // 4)
    return bool(
        counts[middle][whole[middle] % _STEPS[0] == 0].sum() > (0.2 + EXTRA / 4) * counts[middle].sum()
    )


def _heap(whole: Counts, counts: Counts, grid: tuple[int, int, float], n: int, plain: float) -> Heaped | None:
    """Whether these multiples, ascending, with their counts, are more than spacing gives. grid: base, step
    and unit. plain: the share of multiples among all values.
    """
    base, step, unit = grid
    expected = math.gcd(step, base) / base
    most = int(counts.argmax())
    rest = n - int(counts[most])
    if not rest:
        return None
    share = (int(counts.sum()) - int(counts[most])) / rest
    noise = expected + 4 * math.sqrt(expected * (1 - expected) / rest)
    commonest = _in_units(int(whole[most]), unit)
    heap = Heaped(_in_units(base, unit), share, expected, noise, rest, plain, commonest)
    return heap if share > max(heap.limit, noise) else None


def _in_units(times: int, unit: float) -> float:
    """So many units, as a number without the dust of a product of decimals.

    >>> _in_units(3, 1.0), _in_units(3, 0.1)
    (3.0, 0.3)
    """
    return times * unit if unit >= 1 else times / round(1 / unit)


def _grid(distinct: NDArray[Any]) -> tuple[Counts, float] | None:
    """The finite values as whole numbers of a decimal unit, and the unit; None where three decimals do not
    tell them exactly.
    """
    if distinct.dtype != np.float64:
        return distinct.astype(np.int64, copy=False), 1.0
    finite = distinct[_finite(distinct)]
    if not finite.size or max(-finite[0], finite[-1]) > 1e12:
        return None
    some = finite[:: max(1, finite.size // _TRIED)]
    for place in range(_PLACES + 1):
        if _fits(some, place) and _fits(finite, place):
            return np.round(finite * 10**place).astype(np.int64), 10.0**-place
    return None


def _finite(ascending: NDArray[Any]) -> slice:
    if ascending.dtype != np.float64:
        return slice(None)
    return slice(
        int(np.searchsorted(ascending, -np.inf, side="right")), int(np.searchsorted(ascending, np.inf))
    )


def _fits(values: NDArray[np.float64], place: int) -> bool:
    return bool((np.round(values, place) == values).all())


def _common_step(whole: Counts) -> int:
    """The step of the grid that all values lie on."""
    gaps = np.diff(whole)
    first = int(np.gcd.reduce(gaps[:1_000]))
    return first if first == 1 else int(np.gcd.reduce(gaps))
