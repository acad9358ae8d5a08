"""Numbers that repeat and stand apart from all others: likely codes for "missing".

A code betrays itself in one of three ways. It lies beyond a gap that the spacing of the values there does not
explain (-1, 99, 1e20), or piles up at an end with next to nothing near it, as no cap does. It is a 0 below
(or above) amounts that stop well short of 0: amounts of which some are truly 0 come close to it. Or it is a
spike: far more frequent than any value near it.
"""

from __future__ import annotations

import math
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.numerics.describe import commonest
from core.numerics.isolated import RISK, WIDER, Tail, isolated

Counts = NDArray[np.int64]
Kind = Literal["apart", "zero", "spike"]

CELLS = 3  # cells that make a pattern
FEW = 5  # different values that the rest needs, so that labels such as -1, 0, 1 are left in peace
LEAST = 20  # values that the rest needs
MANY = 10  # different values that the rest needs where the code is no usual one
SPIKE = 5  # times as frequent as the commonest of its neighbours, and
PEAK = 2  # of all other values
_CODES = 3  # different codes at one end
_ERRORS = 5  # gross errors at one end
_NEAR = 10  # different values on either side that are neighbours
_BESIDE = 3  # different values on either side that are beside a usual code, which is
_USUAL = 3  # times as frequent as the commonest of them
_TIMES = 10  # a spike has this many cells
_SPIKE_RISK = 1e-3  # chance of one spike in a column whose neighbours are equally frequent
_ZERO_RISK = 0.02  # chance that amounts which do come close to 0 seem to stop short of it, and
_ZERO_CAP = 0.01  # chance that what is cut off at 0 leaves such a gap
_HEAPS = 8.0  # times as far as the nearest amount may a heap lie that says that 0 is one, too
_NARROW = 2.0  # standard deviations by which their lower half is narrower
_NODES = 25  # to average over what the median of a sample may be
_NEXT = 6  # nearest amounts, between which there is no gap half as wide as that to 0
_STEPS = 5  # steps of the grid that lie between a 0 and the rest: counts that skip one or two are counts
_FOLLOWING = 2  # values inwards of a code that it is far more frequent than
_ENOUGH = 200  # different values at an end that say what is usual there
_APART = 0.5  # of the range of all others: how far a usual code lies from them
_PILED = 20  # cells that pile up at an end where no gap is needed, and
_AT_MOST = 0.25  # the share of all that they may be
_LIMITS = (32_767, 65_535, 2_147_483_647, 4_294_967_295, 9_223_372_036_854_775_807)


class Code(NamedTuple):
    """A number that likely stands for "missing".

    place: among the distinct values.
    kind: how it betrays itself.
    usual: whether people and programs use it as a code.
    """

    place: int
    kind: Kind
    usual: bool


def usual(value: float) -> bool:
    """Whether a number is a usual code for "missing": -1, repeated digits from 7 up, limits of integers and
    powers of ten out of reach.

    >>> [v for v in (-1, 0, 7, 9, 88, 98, 100, 999, -9999, 8888, 32767, -32768, 1e20, 99.9) if usual(v)]
    [-1, 9, 88, 98, 999, -9999, 8888, 32767, -32768, 1e+20, 99.9]
    """
    size = abs(value)
    if value == -1 or size in (9, 98, *_LIMITS) or size - 1 in _LIMITS:
        return True
    if size >= 1e18:
        return size >= 1e30 or math.log10(size).is_integer()
    digits = f"{size:.10g}".replace(".", "")
    repeated = size > 70 and len(set(digits)) == 1 and digits[0] in "789"
    return repeated or (len(digits) > 2 and set(digits[:-1]) == {"9"} and digits[-1] == "8")


def codes(distinct: NDArray[Any], counts: Counts) -> list[Code]:
    """The likely codes among numbers, by their place.

    distinct: different finite numbers, ascending; counts: how often each occurs.

    >>> values = np.append(0, np.arange(40, 90))
    >>> [int(values[code.place]) for code in codes(values, np.append(12, np.full(50, 6)))]
    [0]
    >>> codes(np.arange(50), np.append(300, np.full(49, 6)))
    []
    """
    if not counts.size or counts.max() < CELLS:
        return []
    if beside_scale := _beside_scale(distinct, counts):
        return beside_scale
    places = np.flatnonzero(~_errors(distinct, counts))
    at_ends = _at(places, _apart(distinct[places], counts[places]))
    within_ends = np.ones(distinct.size, bool)
    within_ends[[code.place for code in at_ends]] = False
    places = places[within_ends[places]]
    rest, times = distinct[places], counts[places]
    within = _at(places, [code for code in (_zero(rest, times), *_spikes(rest, times)) if code is not None])
    return sorted({code.place: code for code in reversed(at_ends + within)}.values())


def _at(places: NDArray[np.int64], codes_there: list[Code]) -> list[Code]:
    """Codes among the values at these places, by their place among all."""
    return [code._replace(place=int(places[code.place])) for code in codes_there]


def _errors(distinct: NDArray[Any], counts: Counts) -> NDArray[np.bool_]:
    """Which values are isolated and too rare for a code: gross errors, which would hide a code beside them
    (one 80 between values of about 5 and twelve 99). Repeated values near the ends count once, as they may
    be codes.
    """
    once, near_end = counts.copy(), _CODES + _ERRORS
    for end in (slice(None, near_end), slice(-near_end, None)):
        once[end] = np.where(counts[end] < CELLS, counts[end], 1)
    errors = np.zeros(distinct.size, bool)
    for gap in isolated(distinct, once, median_of(distinct, counts)):
        if gap is not None and gap.heavy and gap.values <= near_end:
            beyond = distinct >= gap.nearest if gap.nearest > gap.edge else distinct <= gap.nearest
            errors |= beyond & (counts < CELLS)
    return errors


def median_of(distinct: NDArray[Any], counts: Counts) -> float:
    """The median of values, given the different ones, ascending, and how often each occurs."""
    total = np.cumsum(counts)
    return float(distinct[int(np.searchsorted(total, int(total[-1]) // 2 + 1))])


def _apart(distinct: NDArray[Any], counts: Counts) -> list[Code]:
    """Repeated values beyond a gap at one end, and usual codes far outside of the range of all others."""
    at_ends = []
    for upper in (False, True):
        outer = min(_CODES, distinct.size - FEW)
        places = range(distinct.size - 1, distinct.size - 1 - outer, -1) if upper else range(outer)
        if any(counts[place] >= CELLS for place in places):
            at_ends += _apart_at(distinct, counts, list(places), upper)
    return at_ends


def _apart_at(distinct: NDArray[Any], counts: Counts, places: list[int], upper: bool) -> list[Code]:
    """places: those of the outermost values of one end, from the end inwards."""
    once, each = (_tail(distinct, counts, places, upper, single) for single in (True, False))
    at_end: list[Code] = []
    for at, place in enumerate(places):
        value, known = float(distinct[place]), usual(float(distinct[place]))
        rest = _inside(distinct, counts, at + 1, upper)
        if counts[place] < CELLS or value == 0 or rest is None:
            continue
        leads = _leads(int(counts[place]), rest[1][::-1] if upper else rest[1])
        gap = (_sure(once, at) or (known and _sure(each, at))) and once.wide(at)
        gap = gap or (leads and _alone(value, int(counts[place]), *rest))
        odd = gap and leads and len(at_end) == at and rest[0].size >= MANY
        negative = leads and value < 0 <= rest[0][0]
        if odd or (known and (gap or negative or far(value, rest[0]))):
            # beyond a code lie others, such as 99 beyond 98
            codes_beyond = [p for p in places[:at] if counts[p] >= CELLS and usual(float(distinct[p]))]
            at_end += [Code(p, "apart", True) for p in codes_beyond if p not in {one.place for one in at_end}]
            at_end.append(Code(place, "apart", known))
    return at_end


def _beside_scale(distinct: NDArray[Any], counts: Counts) -> list[Code]:
    """Usual codes beside a scale of a few whole numbers that count up from 0 or 1, too few to say what a gap
    is: 99 beside 1, 2, 3. They have two digits or more, or are -9; -1 and 9 may be answers, as -1, 0, 1 are.
    Numbers with a hole between them may be amounts, of which 99 is one.

    >>> _beside_scale(np.array([1, 2, 3, 99]), np.array([30, 20, 10, 3]))
    [Code(place=3, kind='apart', usual=True)]
    >>> _beside_scale(np.array([-1, 0, 1]), np.array([30, 20, 10]))
    []
    >>> _beside_scale(np.array([1, 5, 10, 99]), np.array([30, 20, 10, 3]))
    []
    """
    inside = (distinct >= 0) & (distinct < 10)
    scale, outside = distinct[inside], np.flatnonzero(~inside)
    if not 2 <= scale.size < FEW or not 0 < outside.size <= _CODES or (distinct % 1).any():
        return []
    if scale[0] > 1 or (np.diff(scale) != 1).any():
        return []
    wanted = [v == -9 or (abs(v) > 9 and usual(v)) for v in map(float, distinct[outside])]
    if not all(wanted):
        return []
    cells, rest = counts[outside], int(counts[inside].sum())
    if cells.min() < CELLS or rest < LEAST:
        return []
    if int(cells.sum()) > _AT_MOST * (rest + int(cells.sum())):
        return []
    return [Code(place, "apart", True) for place in outside.tolist()]


def _tail(distinct: NDArray[Any], counts: Counts, places: list[int], upper: bool, single: bool) -> Tail:
    """The gaps at one end. single: each code counts once, however often it occurs, as what it stands for has
    nothing to do with the others. Else all its cells count, as those of a cap do: below a cap the values go
    on as densely, and the next one is near.
    """
    end = slice(-2 * _ENOUGH, None) if upper else slice(0, 2 * _ENOUGH)
    times, most = np.array(counts[end]), _CODES + LEAST
    if single:
        once = [place for place in places if counts[place] >= CELLS]
        times[[place - (distinct.size if upper else 0) for place in once]] = 1
    else:
        most = int(counts[places].sum())
    side = Tail.upper if upper else Tail.lower
    return side(distinct[end], times, median_of(distinct, counts), most)


def _sure(tail: Tail, at: int) -> bool:
    """Whether chance alone leaves no such gap."""
    return bool(at < tail.p.size and tail.p[at] < RISK / _CODES)


def _alone(value: float, times: int, rest: NDArray[Any], counts: Counts) -> bool:
    """Whether a value at an end is ten times as frequent as all values together that lie within a quarter of
    the way from it to the median of the others, as no cap is: one at which a quarter of a column or less ends
    is at most three times as frequent, be the column uniform, normal, lognormal or Pareto.
    """
    median = median_of(rest, counts)
    reach = abs(median - value) / 4
    step = float(np.diff(rest[: 10 * _NEAR] if value < median else rest[-10 * _NEAR :]).min())
    if times < _PILED or times > _AT_MOST * (times + int(counts.sum())) or reach < _STEPS * step:
        return False
    first, last = np.searchsorted(rest, [value - reach, value + reach])
    return times >= _TIMES * int(counts[first:last].sum())


def _leads(times: int, following: Counts) -> bool:
    """Whether a value is far more frequent than each of those that follow it, by more than chance makes."""
    from scipy.special import pdtrc

    most = int(following[:_FOLLOWING].max())
    return times >= PEAK * most and float(pdtrc(times - 1, most)) < _SPIKE_RISK


def _inside(
    distinct: NDArray[Any], counts: Counts, outer: int, upper: bool
) -> tuple[NDArray[Any], Counts] | None:
    """The values inside of the ``outer`` ones at one end; None where they are too few to tell."""
    inside = slice(0, distinct.size - outer) if upper else slice(outer, None)
    rest, times = distinct[inside], counts[inside]
    return (rest, times) if rest.size >= FEW and times.sum() >= LEAST else None


def far(value: float, rest: NDArray[Any]) -> bool:
    """Whether a value lies further from all others (ascending) than half of their range."""
    low, high = float(rest[0]), float(rest[-1])
    return max(low - value, value - high) > _APART * (high - low)


def _zero(distinct: NDArray[Any], counts: Counts) -> Code | None:
    """0 below amounts that stop short of it (or above negative ones), see `_short_of_zero`; never below
    counts, which go on with 1, 2, 3.
    """
    if distinct.size <= MANY:
        return None
    if distinct[0] == 0:
        rest, times = distinct[1:].astype(np.float64), counts[1:]
        place = 0
    elif distinct[-1] == 0:
        rest, times = -distinct[-2::-1].astype(np.float64), counts[-2::-1]
        place = distinct.size - 1
    else:
        return None
    if counts[place] < CELLS or times.sum() < LEAST:
        return None
    step = float(np.diff(rest[: 10 * _NEAR]).min())
    if rest[0] < _STEPS * step or rest[0] < WIDER * np.diff(rest[:_NEXT]).max():
        return None
    nearest = 3 * _ENOUGH
    ends = np.append(0.0, rest[:nearest]), np.append(counts[place], times[:nearest])
    tail = Tail.lower(*ends, median_of(rest, times), int(counts[place]))
    if tail.p[0] >= _ZERO_CAP:
        return None
    if _rounded_to(rest, times, int(counts[place])):
        return None
    return Code(place, "zero", False) if _short_of_zero(rest, times, step) else None


def _rounded_to(amounts: NDArray[np.float64], counts: Counts, zeros: int) -> bool:
    """Whether an amount near 0 is as frequent as 0 and far more than those near it: then amounts are rounded
    to it, and to 0. Where amounts begin with a frequent one, they are cut off there.
    """
    near = int(counts[: max(1, np.searchsorted(amounts, _HEAPS * amounts[0]))].argmax())
    return bool(near and counts[near] >= zeros and _is_spike(counts, near))


def _short_of_zero(amounts: NDArray[np.float64], counts: Counts, step: float) -> bool:
    """Whether positive amounts keep away from 0, as amounts of which some are truly 0 do not.

    The most timid that are still taken for such are lognormal with a standard deviation of 1 and gamma with
    shape 2. None may lie as near to 0 (`_none_nearer`), nor the lower half be as wide: the mean of
    ``log(median / x)`` over it is 0.798 with a standard deviation of 0.603 for the one, 0.717 and 0.620 for
    the other (times 1.13 over samples, as their median varies).
    """
    total = np.cumsum(counts)
    n = int(total[-1])
    at = int(np.searchsorted(total, (n + 1) // 2))
    median, below = float(amounts[at]), (n + 1) // 2 - 1
    times = counts[: at + 1].astype(np.float64)
    times[-1] -= times.sum() - below
    width = float((np.log(median / amounts[: at + 1]) * times).sum()) / below
    narrow = all(
        width < mean - _NARROW * 1.13 * spread / math.sqrt(below)
        for mean, spread in ((0.798, 0.603), (0.717, 0.620))
    )
    return narrow and _none_nearer((float(amounts[0]) - step / 2) / median, n) < _ZERO_RISK


def _none_nearer(share: float, n: int) -> float:
    """The chance that none of n positive amounts lies below this share of their median.

    The larger of that for lognormal amounts (sd of the logarithms 1) and for gamma amounts (shape 2). The
    median of a sample lies at a share of the distribution that has a beta distribution around a half; given
    it, the n / 2 amounts below are independent draws from what lies below it.

    >>> round(_none_nearer(0.1, 50), 1), _none_nearer(0.5, 500) < 1e-9
    (0.6, True)
    """
    from scipy.special import betaincinv, gammainc, gammaincinv, ndtr, ndtri

    if share <= 0:
        return 1.0
    below = (n + 1) // 2 - 1
    at = betaincinv(below + 1, n - below, (np.arange(_NODES) + 0.5) / _NODES)
    nearer = ndtr(math.log(share) + ndtri(at)), gammainc(2, share * gammaincinv(2, at))
    return max(float(np.mean((1 - np.minimum(some / at, 1.0)) ** below)) for some in nearer)


def _spikes(distinct: NDArray[Any], counts: Counts) -> list[Code]:
    """Values that are far more frequent than those near them and than all others: at the ends only where the
    code is a usual one, as amounts may begin or end with a frequent value.
    """
    if distinct.size < 2 * MANY:
        return []
    leading = commonest(counts, _CODES + 1).tolist()
    spikes: list[Code] = []
    for rank, place in enumerate(leading[:_CODES]):
        value, times = float(distinct[place]), int(counts[place])
        if times < max(_TIMES, PEAK * int(counts[leading[rank + 1]])):
            continue
        inner = 0 < place < distinct.size - 1
        known = usual(value) and not (inner and times > _AT_MOST * int(counts.sum()))
        if not inner and not (known and abs(value) > 9):
            continue
        if _is_spike(counts, place):
            spikes.append(Code(int(place), "spike", known))
    return spikes or _usual_spikes(distinct, counts)


def _usual_spikes(distinct: NDArray[Any], counts: Counts) -> list[Code]:
    """The usual codes within that stand out from those beside them by twice as much as any other value does
    from those beside it: where amounts are rounded, many do.
    """
    from scipy.ndimage import maximum_filter1d

    beside = maximum_filter1d(counts, _BESIDE, mode="constant", origin=_BESIDE // 2)
    after = maximum_filter1d(counts, _BESIDE, mode="constant", origin=-(_BESIDE // 2))
    around = np.maximum(np.append(0, beside[:-1]), np.append(after[1:], 0))
    excess = np.maximum(counts - around, 0)
    first, second = commonest(excess, 2).tolist()
    value, times = float(distinct[first]), int(counts[first])
    inner = 0 < first < distinct.size - 1
    stands_out = excess[first] >= max(_TIMES, (_USUAL - 1) / _USUAL * times, PEAK * int(excess[second]))
    few = times <= _AT_MOST * int(counts.sum())  # of more it is what the column is about
    return [Code(int(first), "spike", True)] if inner and few and stands_out and usual(value) else []


def _is_spike(counts: Counts, place: int) -> bool:
    """Whether the values near a place are far less frequent, by more than chance makes."""
    from scipy.special import pdtrc

    near, times = neighbours(counts, place), int(counts[place])
    by_chance = float(pdtrc(times - 1, float(near.mean()))) * counts.size
    return times >= SPIKE * int(near.max()) and by_chance < _SPIKE_RISK


def neighbours(counts: Counts, place: int) -> Counts:
    """How often the ten values on either side occur."""
    return np.concatenate([counts[max(0, place - _NEAR) : place], counts[place + 1 : place + 1 + _NEAR]])
