"""What there is to say about a column of numbers, read off its values in ascending order.

One sort answers nearly everything exactly (quantiles, distinct values, how often each occurs, extremes,
histogram), costs about as much as one approximate sketch, and makes every result independent of the order of
the rows, to the last bit.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.frozen import lock_fields

Numbers = NDArray[Any]  # int64 or float64
Floats = NDArray[np.float64]
Counts = NDArray[np.int64]

SHARES = (0.0, 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 1.0)
_MOST = float(np.finfo(np.float64).max)
_BLOCK = 65_536  # values worked on at once: fits the processor's cache, and bounds the memory
_HOUR = 3_600_000_000
_MINUTE, _DAY = _HOUR // 60, 24 * _HOUR
_STEPS = (
    1_000,
    1_000_000,
    5_000_000,
    15_000_000,
    _MINUTE,
    5 * _MINUTE,
    15 * _MINUTE,
    _HOUR,
    6 * _HOUR,
    _DAY,
    7 * _DAY,
)
_MONDAY = 4 * _DAY  # 1970-01-05: weeks begin on it, and so does every shorter step
_YEAR_0 = 12 * 1970  # months before 1970, so that decades and centuries begin where people expect them
_MONTHS = (1, 3, 6, 12, 24, 60, 120, 600, 1_200, 2_400, 12_000)


@dataclass(frozen=True)
class Moments:
    """Mean, sample standard deviation (divisor n - 1), skewness and excess kurtosis; NaN where there are too
    few values.
    """

    mean: float = math.nan
    std: float = math.nan
    skewness: float = math.nan
    kurtosis: float = math.nan


@dataclass(frozen=True, eq=False)
class Histogram:
    """Counts between ``edges`` (float64, one more than ``counts``); each bin holds its left edge, the last
    its right edge too.

    ``below`` and ``above`` count the values beyond the edges: far tails are counted there instead of
    squeezing all others into one bin.
    """

    edges: Floats
    counts: Counts
    below: int = 0
    above: int = 0

    def __post_init__(self) -> None:
        lock_fields(self)

    @property
    def total(self) -> int:
        """Number of values counted, those beyond the edges included."""
        return int(self.counts.sum()) + self.below + self.above


def quantiles(ascending: Numbers, shares: tuple[float, ...] = SHARES) -> Floats:
    """Exact quantiles of sorted values, float64, linear between neighbours (Hyndman and Fan 1996, type 7:
    numpy's default).

    >>> quantiles(np.array([1, 2, 4]), (0.0, 0.5, 0.75)).tolist()
    [1.0, 2.0, 3.0]
    """
    if not ascending.size:
        return np.full(len(shares), np.nan)
    place = (ascending.size - 1) * np.asarray(shares)
    low = np.floor(place).astype(np.int64)
    a = ascending[low].astype(np.float64)
    b = ascending[np.minimum(low + 1, ascending.size - 1)].astype(np.float64)
    part = place - low
    with np.errstate(over="ignore"):
        step = b - a
    return np.asarray(
        np.where(np.isfinite(step), a + np.where(part > 0, step, 0.0) * part, a * (1 - part) + b * part)
    )


def moments(ascending: Numbers) -> Moments:
    """Mean, standard deviation, skewness g1 and excess kurtosis g2 (as `scipy.stats.skew` and `kurtosis` by
    default).

    Two passes over blocks (Chan, Golub and LeVeque 1983), scaled by a power of two so that no square
    overflows.

    >>> moments(np.array([1.0, 2.0, 3.0, 10.0]))
    Moments(mean=4.0, std=4.08248290463863, skewness=1.0182337649086284, kurtosis=-0.7696000000000001)
    """
    n = ascending.size
    if not n:
        return Moments()
    unit = math.ldexp(1.0, math.frexp(max(abs(float(ascending[0])), abs(float(ascending[-1]))))[1] - 1) or 1.0
    mean = math.fsum(float(block.sum()) for block in _blocks(ascending, unit)) / n
    mean += math.fsum(float((block - mean).sum()) for block in _blocks(ascending, unit)) / n
    if n == 1 or ascending[0] == ascending[-1]:
        return Moments(float(ascending[0]), 0.0 if n > 1 else math.nan)
    sums = np.array([_powers(block - mean) for block in _blocks(ascending, unit)])
    m2, m3, m4 = (math.fsum(column) / n for column in sums.T)
    std = math.sqrt(m2 * n / (n - 1)) * unit
    if m2 <= (np.finfo(float).eps * mean) ** 2:  # nothing left but rounding, as scipy judges it
        return Moments(mean * unit, std)
    return Moments(mean * unit, std, m3 / m2**1.5, m4 / m2**2 - 3.0)


def _blocks(values: Numbers, unit: float) -> Any:
    return (values[i : i + _BLOCK] / unit for i in range(0, values.size, _BLOCK))


def _powers(deviation: Floats) -> tuple[float, float, float]:
    square = deviation * deviation
    return float(square.sum()), float((square * deviation).sum()), float((square * square).sum())


def runs(ascending: Numbers) -> tuple[Numbers, Counts]:
    """The distinct values, ascending, and how often each occurs.

    >>> [found.tolist() for found in runs(np.array([1, 1, 5]))]
    [[1, 5], [2, 1]]
    """
    if not ascending.size:
        return ascending, np.zeros(0, np.int64)
    new = np.ones(ascending.size, bool)
    np.not_equal(ascending[1:], ascending[:-1], out=new[1:])
    if new.all():
        return ascending, np.broadcast_to(np.int64(1), ascending.size)  # takes no memory
    starts = np.flatnonzero(new)
    counts = np.empty_like(starts)
    np.subtract(starts[1:], starts[:-1], out=counts[:-1])
    counts[-1] = ascending.size - starts[-1]
    return ascending[starts], counts


def commonest(counts: Counts, most: int) -> Counts:
    """Places of the ``most`` largest counts, largest first; of equal ones the first.

    >>> commonest(np.array([1, 3, 1, 3]), 3).tolist()
    [1, 3, 0]
    """
    if not counts.size or counts.max() == 1:
        return np.arange(min(most, counts.size))
    if counts.size > most:
        least = _count_of_place(counts, most)
        above = np.flatnonzero(counts > least)
        places = np.concatenate([above, np.flatnonzero(counts == least)[: most - above.size]])
    else:
        places = np.arange(counts.size)
    return np.asarray(places[np.lexsort((places, -counts[places]))], dtype=np.int64)


def _count_of_place(counts: Counts, place: int) -> int:
    """The ``place``-th largest count: counts that are small beside their number are counted in turn, others
    partitioned.
    """
    if counts.max() > counts.size:
        return int(np.partition(counts, counts.size - place)[counts.size - place])
    at_least = np.cumsum(np.bincount(counts)[::-1])[::-1]
    return int(np.flatnonzero(at_least >= place)[-1])


def histogram(ascending: Numbers, most: int = 50) -> Histogram | None:
    """At most ``most`` bins between round edges; None without values. Whole numbers get whole edges.

    >>> made = histogram(np.array([1, 2, 2, 4]))
    >>> made.edges.tolist(), made.counts.tolist()
    ([0.5, 1.5, 2.5, 3.5, 4.5], [1, 2, 0, 1])
    """
    if not ascending.size:
        return None
    low, high = _window(ascending)
    whole = np.issubdtype(ascending.dtype, np.integer)
    if whole and high - low < most and max(-low, high) < 2**52:  # halves are exact up to there
        edges = np.arange(low, high + 2) - 0.5
    else:
        edges = _round_edges(float(low), float(high), _bins(ascending, float(low), float(high), most), whole)
    return _counted(ascending, edges, edges)


def time_histogram(ascending: Counts, most: int = 50) -> Histogram | None:
    """As `histogram` for microseconds since 1970 (int64): edges at whole seconds, hours, days, months or
    years, given in seconds.
    """
    if not ascending.size:
        return None
    low, high = (int(value) for value in _window(ascending))
    step = next((step for step in _STEPS if (high - _MONDAY) // step - (low - _MONDAY) // step < most), None)
    if step is not None:
        edges = np.arange((low - _MONDAY) // step, (high - _MONDAY) // step + 2) * step + _MONDAY
    else:
        first, last = (
            int(np.datetime64(value, "us").astype("datetime64[M]").astype(np.int64)) + _YEAR_0
            for value in (low, high)
        )
        months = next((m for m in _MONTHS if last // m - first // m < most), last - first + 1)
        bounds = np.arange(first // months, last // months + 2) * months - _YEAR_0
        edges = bounds.astype("datetime64[M]").astype("datetime64[us]").astype(np.int64)
    return _counted(ascending, edges, edges / 1e6)


def _counted(ascending: Numbers, edges: NDArray[Any], shown: Floats) -> Histogram:
    """The sorted values counted between ``edges``; ``shown`` are the edges to report."""
    left, right = edges, edges[-1]
    # or numpy would copy all values to floats
    if np.issubdtype(ascending.dtype, np.integer) and np.abs(edges).max() < 2**53:
        left, right = np.ceil(edges).astype(np.int64), np.int64(np.floor(edges[-1]))
    places = np.searchsorted(ascending, left, side="left")
    places[-1] = np.searchsorted(ascending, right, side="right")
    return Histogram(shown, np.diff(places), int(places[0]), int(ascending.size - places[-1]))


def _window(ascending: Numbers) -> tuple[Any, Any]:
    """From where to where to draw: all but what lies further out than the middle 98% are wide."""
    last = ascending.size - 1
    first, low, high, end = (ascending[place].item() for place in (0, last // 100, last - last // 100, last))
    width = high - low
    if not 0 < width < math.inf:
        return first, end
    left = np.searchsorted(ascending, max(low - width, first))
    right = np.searchsorted(ascending, min(high + width, end), side="right") - 1
    return ascending[left].item(), ascending[right].item()


def _bins(ascending: Numbers, low: float, high: float, most: int) -> int:
    """How many bins at most suit ``low`` to ``high``: half as many again as Freedman and Diaconis (1981) ask
    for, at least 5.
    """
    quarter = quantiles(ascending, (0.25, 0.75))
    width = 2.0 * (float(quarter[1]) - float(quarter[0])) / ascending.size ** (1 / 3)  # may be infinite
    wanted = 1.5 * (high / width - low / width) if width > 0 else math.inf
    return int(min(most, max(5.0, wanted)))


def _round_edges(low: float, high: float, bins: int, whole: bool) -> Floats:
    """Edges at multiples of 1, 2 or 5 times a power of ten that hold ``low`` to ``high`` in at most ``bins``
    bins.
    """
    if low == high:
        half = max(0.5, 2 * float(np.spacing(min(abs(low), _MOST / 2))))
        return np.clip([low - half, high + half], -_MOST, _MOST)
    width = high / bins - low / bins
    if not 1e-290 < width < 1e290:
        return np.array([low, high])
    for exponent in itertools.count(max(math.floor(math.log10(width)), 0 if whole else -300)):
        for digit in (1, 2, 5):
            step = digit * 10.0**exponent
            first, last = (
                math.floor(low / step),
                math.floor(high / step) + 1 if whole else math.ceil(high / step),
            )
            if last - first <= bins:
                places = np.arange(first, last + 1, dtype=np.float64) * digit
                # dividing: 0.3 exactly
                edges = places * 10.0**exponent if exponent >= 0 else places / 10.0**-exponent
                edges[0], edges[-1] = min(edges[0], low), max(edges[-1], high)
                return edges if (np.diff(edges) > 0).all() else np.array([low, high])
    raise AssertionError("a step that holds everything is always reached")


def share_at_least(hits: int, n: int, deviations: float = 3.0) -> float:
    """Lower bound on a share of which ``hits`` of ``n`` were seen (Wilson 1927, score interval, one-sided at
    3 sd: 0.1% risk).

    >>> round(share_at_least(95, 100), 3), round(share_at_least(81, 81), 3)
    (0.84, 0.9)
    """
    if not n:
        return 0.0
    share, z = hits / n, deviations**2 / n
    return (share + z / 2 - math.sqrt(z * (share * (1 - share) + z / 4))) / (1 + z)
