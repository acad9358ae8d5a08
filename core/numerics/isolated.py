"""Values that lie apart from all others: a gap near an end of a column, against the spacing of the values
there.

Let x1 >= x2 >= ... be the values from one end inwards. If the tail thins out exponentially, the spacings
times their place, ``i * (x[i] - x[i+1])``, are independent and exponential with one mean, the scale of the
tail (Renyi 1953, "On the theory of order statistics", Acta Math. Hung. 4); lighter tails, such as those of
a normal or a Poisson distribution, have smaller ones further out. So a gap beyond which k values lie, times
k, over the mean of the twenty next spacings inwards follows Fisher's F with 2 and 40 degrees of freedom at
most: ``P(ratio > r) = (1 + r / 20) ** -20``. The same on the logarithms of the distances from the median
judges tails that fall as a power of the distance (Pareto; Hill 1975, Annals of Statistics 3): a gap that
stands out there, too, is an error in any of them.

Equal values are spread evenly over the step of the grid that they lie on, or a rounded column would seem to
be made of gaps. Only the values near the ends are looked at, so the cost hardly depends on the number of
values.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]

LEAST = 100  # values below which the spacing at an end tells little
DISTINCT = 10  # different values below which numbers are grades or flags
MANY = 5  # values beyond a gap above which they are a group: a note, unless the gap is huge
RISK = 0.005  # chance of a false gap at one end of a clean column, over all places of the gap together
WINDOW = 20  # spacings inwards that say what is usual there
SHARE = 0.01  # share of the values that may lie beyond a gap; above it they are a group of their own
GROUP = 0.05  # share of the values that may lie beyond a gap that is
HUGE = 5.0  # times as wide as the middle of them, which is all but that share at either end
FEW = 3  # so many may in any case
SCALES = 3.0  # a gap is as wide as this many scales of the tail: a smaller one is not worth a word
WIDER = 2.0  # and wider than this many times every gap next to it inwards
FAR = 0.5  # of the way from the median to the gap: one that reaches less far is a note
REACH = 0.1  # of the way from the median to it, at least: a gap that reaches less far is not worth a word
_CELLS = 3  # different values that the next spacings come from, at least


class Gap(NamedTuple):
    """A gap near one end of a column, and the values beyond it.

    distinct: how many different values lie beyond it.
    values: how many values.
    nearest: the value beyond the gap and next to it.
    edge: the value on the other side.
    ratio: its width times ``values``, over the scale of the tail.
    limit: what the ratio stays below in all but a share `RISK` of clean ends.
    noise: what it stays below at 95 of 100 gaps.
    heavy: whether it stands out, and is as wide, even for a tail as heavy as a power law's.
    reach: its width over the distance of ``edge`` from the median: how far out, as a column goes.
    group: whether it is so wide that even many values beyond it are errors.
    """

    distinct: int
    values: int
    nearest: float
    edge: float
    ratio: float
    limit: float
    noise: float
    heavy: bool
    reach: float
    group: bool = False

    @property
    def loud(self) -> bool:
        """Whether what lies beyond is an error: neither a heavy tail nor a group of its own explains it."""
        return self.heavy and (self.group or self.values <= MANY) and self.reach >= FAR


def isolated(
    distinct: NDArray[Any], counts: Counts, median: float, risk: float = RISK
) -> tuple[Gap | None, Gap | None]:
    """The gaps beyond which isolated values lie at the lower and at the upper end; None where there is none.

    distinct: different finite numbers, ascending (m). counts: how often each occurs (m). median: of all
    values.
    risk: chance of a false alarm at one end of a clean column. At most 1% of the values (three in any case)
    count as isolated, and up to 5% beyond a gap five times as wide as the middle nine tenths of all; of
    several gaps the innermost is given. A gap of less than a tenth of the way from the median to it is passed
    over, however sure: 2,400 beside 2,359 is not far out.

    >>> values = np.append(np.arange(100), 900)
    >>> low, high = isolated(values, np.ones(101, int), 50.0)
    >>> low, (high.values, high.nearest, high.edge, high.heavy)
    (None, (1, 900.0, 99.0, True))
    """
    if distinct.size < 2:
        return None, None
    most = max(FEW, int(SHARE * int(counts.sum())))
    groups = _groups(counts, distinct, min(most, MANY))
    low, high = (
        side(distinct, counts, median, beyond).group(risk) if beyond else None
        for side, beyond in zip((Tail.lower, Tail.upper), groups, strict=True)
    )
    low = low or Tail.lower(distinct, counts, median, most).innermost(risk)
    high = high or Tail.upper(distinct, counts, median, most).innermost(risk)
    return low and low._replace(nearest=-low.nearest, edge=-low.edge), high


def _groups(counts: Counts, distinct: NDArray[Any], few: int) -> tuple[int, int]:
    """How many values lie beyond the innermost gap at the lower and at the upper end that is five times as
    wide as the middle nine tenths of the values; 0 where there is none with more than a ``few`` beyond.
    """
    total = np.cumsum(counts)
    n = int(total[-1])
    first = int(np.searchsorted(total, GROUP * n, side="right"))  # of the middle
    last = int(np.searchsorted(total, n - GROUP * n))
    if last - first < DISTINCT:
        return 0, 0
    least = HUGE * (float(distinct[last]) - float(distinct[first]))
    below = np.flatnonzero(np.diff(distinct[: first + 1].astype(np.float64)) > least)
    above = np.flatnonzero(np.diff(distinct[last:].astype(np.float64)) > least)
    beyond = int(total[below[-1]]) if below.size else 0, n - int(total[last + above[0]]) if above.size else 0
    return beyond[0] if beyond[0] > few else 0, beyond[1] if beyond[1] > few else 0


def ratio_at(risk: float) -> float:
    """The ratio that a gap of a clean column exceeds with this probability.

    >>> round(ratio_at(0.05), 2), round((1 + ratio_at(0.05) / 20) ** -20, 3)
    (3.23, 0.05)
    """
    return float(WINDOW * (risk ** (-1 / WINDOW) - 1))


def shared(risk: float, places: int) -> Floats:
    """The risk shared out among the places from the end inwards: it favours few isolated values.

    >>> shared(0.005, 3).round(5).tolist(), bool(shared(1.0, 10_000).sum() < 1)
    ([0.00304, 0.00076, 0.00034], True)
    """
    return np.asarray(risk * 6 / (math.pi * np.arange(1, places + 1)) ** 2, dtype=np.float64)


@dataclass(frozen=True, eq=False)
class Tail:
    """One end of a column, from its end inwards: the gap behind each of its different values (g gaps).

    values: the different values, descending (g + 1 or more).
    beyond: how many values lie beyond each gap (g).
    ratio: width times ``beyond`` over the scale of the tail there (g); nan where there are too few values to
        tell.
    p: how likely such a ratio is by chance where the tail is exponential or lighter (g).
    stop: place of the last value of the window behind each gap (g).
    median: of all values.
    spread: all the values, the equal ones spread over their grid.
    """

    values: Floats
    beyond: Counts
    ratio: Floats
    p: Floats
    stop: Counts
    median: float
    spread: Spread

    @classmethod
    def upper(cls, distinct: NDArray[Any], counts: Counts, median: float, most: int) -> Tail:
        """The upper end of a column (as for `isolated`). most: values that may lie beyond a gap."""
        enough = -most - 3 * WINDOW
        return cls._of(distinct[:enough:-1].astype(np.float64), counts[:enough:-1], median, most)

    @classmethod
    def lower(cls, distinct: NDArray[Any], counts: Counts, median: float, most: int) -> Tail:
        """The lower end, as the upper one of the negated values."""
        enough = most + 3 * WINDOW - 1
        return cls._of(-distinct[:enough].astype(np.float64), counts[:enough], -median, most)

    @classmethod
    def _of(cls, values: Floats, counts: Counts, median: float, most: int) -> Tail:
        total = np.cumsum(counts)
        times = counts.astype(np.float64)
        looked_at = max(0, min(int(np.searchsorted(total, most, side="right")), values.size - 2))
        at = np.arange(looked_at)
        stop = np.maximum(np.searchsorted(total, total[:looked_at] + WINDOW + 1), at + _CELLS)
        stop = np.minimum(stop, values.size - 1)
        half = _step(values) / 2 * (1 - 1 / times)
        spread = Spread(values + half, values - half, times, total)
        return cls(values, total[:looked_at], *spread.ratios(stop), stop, median, spread)

    @cached_property
    def of_logs(self) -> tuple[Floats, Floats]:
        """``ratio`` and ``p`` on logarithms of the distance from the median, for a tail that falls as a power
        of it (g, g). Few ends are asked for them.
        """
        return self.spread.logs(self.median).ratios(self.stop)

    def innermost(self, risk: float) -> Gap | None:
        """The innermost gap that stands out and reaches far enough, if any does; the risk is shared out among
        the places.
        """
        risks = shared(risk, self.p.size)
        sure = np.flatnonzero(self.p < risks).tolist()
        stands_out = [at for at in sure if self.wide(at) and self.reach(at) >= REACH]
        if not stands_out:
            return None
        inner = stands_out[-1]
        heavy = any(self.heavy(at, float(risks[at])) for at in stands_out)
        return self._gap(inner, float(risks[inner]))._replace(heavy=heavy)

    def _gap(self, at: int, risk: float) -> Gap:
        """A gap that stands out even from a power law."""
        return Gap(
            distinct=at + 1,
            values=int(self.beyond[at]),
            nearest=float(self.values[at]),
            edge=float(self.values[at + 1]),
            ratio=float(self.ratio[at]),
            limit=ratio_at(risk),
            noise=ratio_at(0.05),
            heavy=True,
            reach=self.reach(at),
        )

    def group(self, risk: float) -> Gap | None:
        """The gap beyond which all but the window lies, if it stands out even from a power law."""
        at = self.p.size - 1
        least = float(shared(risk, at + 1)[at]) if at >= 0 else 0.0
        sure = at >= 0 and self.of_logs[1][at] < least
        return self._gap(at, least)._replace(group=True) if sure else None

    def reach(self, at: int) -> float:
        """The width of the gap over the distance of the median from it; infinite where that is nothing."""
        outer, edge = float(self.values[at]), float(self.values[at + 1])
        return (outer - edge) / (edge - self.median) if edge > self.median else math.inf

    def heavy(self, at: int, risk: float) -> bool:
        """Whether the gap stands out from a tail that falls as a power of the distance, too."""
        ratio, p = self.of_logs
        return bool(p[at] < risk and ratio[at] > SCALES * self.beyond[at])

    def wide(self, at: int) -> bool:
        """Whether the gap is wide enough to be worth a word: beside the scale of the tail, beside each gap
        next to it inwards, and beside those outwards, which may be twice as wide; of one that stands out even
        from a power law the logarithms may be compared outwards, as errors may be of any size (80 and 500
        beside 5).
        """
        values = self.values[: int(self.stop[at]) + 1]
        widths = -np.diff(values)
        if self.ratio[at] <= SCALES * self.beyond[at] or widths[at] <= WIDER * widths[at + 1 :].max(
            initial=0.0
        ):
            return False
        if widths[at] > widths[:at].max(initial=0.0) / WIDER:
            return True
        if values[at + 1] <= self.median or not self.heavy(at, float(shared(RISK, at + 1)[at])):
            return False
        logs = -np.diff(np.log(values[: at + 2] - self.median))
        return bool(logs[at] > logs[:at].max(initial=0.0) / WIDER)


class Spread(NamedTuple):
    """The different values of a tail, descending, those that are equal spread over the step of their grid.

    upper, lower: where each begins and ends. times: how often it occurs. total: how many values are as far
    out.
    """

    upper: Floats
    lower: Floats
    times: Floats
    total: Counts

    def ratios(self, stop: Counts) -> tuple[Floats, Floats]:
        """Per gap its width times the values beyond it, over the mean spacing of its window (times place),
        and the probability of such a ratio.
        """
        at = np.arange(stop.size)
        spaced = self.total[:-1] * (self.lower[:-1] - self.upper[1:])
        within = (self.upper - self.lower) * (2 * self.total - self.times) / 2
        summed = np.concatenate([[0.0], np.cumsum(spaced + within[1:])])  # from the end to each value
        spacings = self.total[stop] - self.total[at] - 1
        inside = summed[stop] - summed[at] - spaced[at]
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            mean = np.maximum(inside, 0.0) / spacings
            ratio = np.where(mean > 0, spaced[at] / mean, np.inf)
            freedom = np.minimum(spacings, WINDOW)
            p = (1 + ratio / freedom) ** -freedom
        enough = (spacings >= WINDOW / 2) & (stop - at >= _CELLS)
        return np.where(enough, ratio, np.nan), np.where(enough, p, 1.0)

    def logs(self, centre: float) -> Spread:
        """The same on logarithms of the distance from the centre; what lies below it is put beside it."""
        least = max(float(self.upper[0] - centre) * 1e-12, float(np.finfo(float).tiny))
        return self._replace(
            upper=np.log(np.maximum(self.upper - centre, least)),
            lower=np.log(np.maximum(self.lower - centre, least)),
        )


def _step(descending: Floats) -> float:
    """The step of the grid that values lie on: their least distance, nearly 0 where there is no grid."""
    return float((descending[:-1] - descending[1:]).min(initial=0.0 if descending.size < 2 else np.inf))
