"""Regions in which two samples differ, as boxes over coded columns: a shallow tree that asks short
questions.
"""

from __future__ import annotations

import heapq
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.numerics.two_sample import table_p

Codes = NDArray[np.int32]
Mask = NDArray[np.bool_]
Floats = NDArray[np.float64]
Box = dict[int, Mask]
COLUMNS = 3  # columns that one rule may name
TOGETHER = 3  # levels that one question may name
_SURE = 0.05  # chance that a node without any difference is split
_AHEAD = 40_000_000  # cells counted when looking two questions ahead
_FEWEST = 10  # rows of a region, whatever its share


class RegionLimits(NamedTuple):
    """``smallest``: least mean of the shares of both samples that lie in a region. ``most``: regions at
    most.
    """

    smallest: float = 0.02
    most: int = 12


USUAL = RegionLimits()


class _Split(NamedTuple):
    gain: float
    column: int
    left: Mask


def boxes(codes: Codes, named: Codes, width: int, serve: Mask, limits: RegionLimits = USUAL) -> list[Box]:
    """The regions, as boxes that part all rows: per column asked about, which of the ``width`` codes are
    inside.

    codes: rows x p, 0 for missing. named: per column 0 if 1, 2, … are bins in order, else the number of
    levels (codes from 1 on) that a question may name; codes beyond stand for all further levels. serve: which
    rows are of the second sample. Grown best first by the likelihood ratio of the two shares (G, Wilks 1938);
    a question is asked only if it beats the best of as many by chance (Bonferroni). Its counts are too good
    to be true: test them on rows not given here. No region differs: one box without a question.
    """
    grower = _Grower(codes, named, width, serve, limits)
    start: Box = {}
    done: list[tuple[NDArray[np.int64], Box]] = []
    queue: list[tuple[float, int, NDArray[np.int64], Box, _Split]] = []
    count = 0

    def put(rows: NDArray[np.int64], box: Box) -> None:
        nonlocal count
        split = grower.best(rows, box)
        if split is None:
            done.append((rows, box))
            return
        count += 1
        heapq.heappush(queue, (-split.gain, count, rows, box, split))

    put(np.arange(len(codes)), start)
    while queue and len(done) + len(queue) < limits.most:
        _, _, rows, box, split = heapq.heappop(queue)
        inside = split.left[codes[rows, split.column]]
        for keep, part in ((split.left, rows[inside]), (~split.left, rows[~inside])):
            known = box.get(split.column, np.ones(keep.size, bool))
            put(part, {**box, split.column: known & keep})
    return [box for _, box in done] + [entry[3] for entry in sorted(queue, key=lambda entry: entry[1])]


def inside(box: Box, codes: dict[int, Codes], rows: int) -> Mask:
    """Which of ``rows`` rows lie in the box; ``codes``: by column, as in `boxes`."""
    hit = np.ones(rows, bool)
    for column, allowed in box.items():
        hit &= allowed[codes[column]]
    return hit


def likelihood_gain(train: Any, serve: Any, all_train: float, all_serve: float) -> Floats:
    """G of the two-by-two tables (inside, outside) x (train, serve): twice the log-likelihood ratio,
    chi-squared with 1 degree of freedom.

    >>> float(likelihood_gain(10, 30, 50, 50).round(3)), float(likelihood_gain(10, 10, 50, 50).round(3))
    (17.261, 0.0)
    """
    train, serve = np.asarray(train, np.float64), np.asarray(serve, np.float64)
    out = _f(train) + _f(serve) + _f(all_train - train) + _f(all_serve - serve) - _f(train + serve)
    out += _f(np.float64(all_train + all_serve)) - _f(all_train + all_serve - train - serve)
    gain: Floats = np.maximum(0.0, 2.0 * (out - _f(np.float64(all_train)) - _f(np.float64(all_serve))))
    return gain


def _f(values: Any) -> Any:
    return values * np.log(np.maximum(values, 1.0))


def _threshold(asked: int) -> float:
    """The gain that the best of so many questions reaches by chance in one of twenty cases, at most."""
    from scipy.special import chdtri

    return float(chdtri(1, _SURE / max(1, asked)))


class _Grower:
    """Looks for the best question at a node."""

    def __init__(self, codes: Codes, named: Codes, width: int, serve: Mask, limits: RegionLimits) -> None:
        self.codes, self.width = codes, width
        self.flat = codes + np.arange(codes.shape[1], dtype=np.int32) * width
        self.ordered, self.serve, self.limits = named == 0, serve, limits
        self.columns = codes.shape[1]
        self.named = named
        self.sizes = max(1, int((~serve).sum())), max(1, int(serve.sum()))

    def counts(self, rows: NDArray[np.int64]) -> tuple[Floats, Floats]:
        """Train and serve rows per column and code."""
        size, counts = self.columns * self.width, []
        for part in (rows[~self.serve[rows]], rows[self.serve[rows]]):
            cells = np.bincount(self.flat[part].ravel(), minlength=size)
            counts.append(cells.reshape(self.columns, self.width).astype(np.float64))
        return counts[0], counts[1]

    def best(self, rows: NDArray[np.int64], box: Box) -> _Split | None:
        """The question that parts train from serve best, None if none is better than chance."""
        top, asked = self._best(rows, box)
        if top.gain < _threshold(asked):
            return None if box else self._ahead(rows)
        return top

    def _best(self, rows: NDArray[np.int64], box: Box) -> tuple[_Split, int]:
        """The best question, chance or not, and how many were asked."""
        train, serve = self.counts(rows)
        allowed = np.ones((self.columns, 1), bool)
        if len(box) == COLUMNS:
            allowed[:] = False
            allowed[list(box)] = True
        asked, top = self._sets_possible(train + serve, allowed[:, 0]), _Split(0.0, -1, np.zeros(0, bool))
        for left, inner_train, inner_serve, which in (*self._cuts(train, serve), *self._sets(train, serve)):
            gain = self._gain(inner_train, inner_serve, train, serve)
            gain[~np.broadcast_to(allowed & which, gain.shape)] = -1.0
            asked += int((gain[self.ordered] >= 0).sum())
            at = np.unravel_index(int(gain.argmax()), gain.shape)
            if gain[at] > top.gain:
                top = _Split(float(gain[at]), int(at[0]), left(int(at[0]), int(at[1])))
        return top, asked

    def _sets_possible(self, counts: Floats, allowed: Mask) -> int:
        """Of how many sets of one to three levels those tried are the best."""
        levels = (
            ((counts > 0) & (np.arange(self.width) <= self.named[:, None]))[~self.ordered & allowed]
            .sum(axis=1)
            .astype(np.int64)
        )
        return int((levels + levels * (levels - 1) // 2 + levels * (levels - 1) * (levels - 2) // 6).sum())

    def _ahead(self, rows: NDArray[np.int64]) -> _Split | None:
        """Two columns may tell the samples apart where none does alone: the halving of one column after which
        others tell most.
        """
        if self.columns < 2:
            return None
        step = max(1, -(-rows.size * self.columns**2 // _AHEAD))
        if step > 1:
            few = _Grower(
                self.codes[rows[::step]], self.named, self.width, self.serve[rows[::step]], self.limits
            )
            return few._ahead(np.arange(len(few.codes)))
        train, serve = self.counts(rows)
        asked, top = 0, _Split(0.0, -1, np.zeros(0, bool))
        for column in range(self.columns):
            left = self._half(train[column] + serve[column], column)
            inner = left[self.codes[rows, column]]
            gain = 0.0
            for side in (rows[inner], rows[~inner]):
                split, some = self._best(side, {})
                gain, asked = max(gain, split.gain), asked + some
            if gain > top.gain:
                top = _Split(gain, column, left)
        return top if top.gain >= _threshold(asked) else None

    def _half(self, counts: Floats, column: int) -> Mask:
        """About half the rows: the lower bins, or the commonest level."""
        codes = np.arange(self.width)
        if self.ordered[column]:
            middle = int(np.searchsorted(np.cumsum(counts[1:]), counts[1:].sum() / 2.0)) + 1
            return np.asarray((codes > 0) & (codes <= middle))
        return np.asarray(
            codes == 1 + int(counts[1 : self.named[column] + 1].argmax())
            if self.named[column]
            else codes == 0
        )

    def _gain(self, inner_train: Floats, inner_serve: Floats, train: Floats, serve: Floats) -> Floats:
        """Gain of each question, -1 where a side would be too small."""
        t, s = float(train[0].sum()), float(serve[0].sum())
        gain = likelihood_gain(inner_train, inner_serve, t, s)
        for one, other in ((inner_train, inner_serve), (t - inner_train, s - inner_serve)):
            share = (one / self.sizes[0] + other / self.sizes[1]) / 2.0
            gain[(share < self.limits.smallest) | (one + other < _FEWEST)] = -1.0
        return gain

    def _cuts(self, train: Floats, serve: Floats) -> Any:
        """Up to a value or beyond; missing ones on the one side (from code 0 on) or on the other (from code 1
        on).
        """
        for first in (0, 1):
            inner = [np.cumsum(part[:, first:], axis=1) for part in (train, serve)]

            def left(column: int, at: int, first: int = first) -> Mask:
                codes = np.arange(self.width)
                return (codes >= first) & (codes <= at + first)

            yield left, inner[0], inner[1], self.ordered[:, None]

    def _sets(self, train: Floats, serve: Floats) -> Any:
        """Up to three levels, those with the least or the largest share of serve, against all others."""
        named = (train + serve > 0) & (np.arange(self.width) <= self.named[:, None])
        odds = np.log(serve / self.sizes[1] + 1.0 / self.sizes[1]) - np.log(
            train / self.sizes[0] + 1.0 / self.sizes[0]
        )
        for sign in (1.0, -1.0):
            order = np.argsort(np.where(named, sign * odds, np.inf), axis=1, kind="stable")[:, :TOGETHER]
            inner = [np.cumsum(np.take_along_axis(part, order, axis=1), axis=1) for part in (train, serve)]
            real = np.take_along_axis(named, order, axis=1)

            def left(column: int, at: int, order: NDArray[np.int64] = order) -> Mask:
                mask = np.zeros(self.width, bool)
                mask[order[column, : at + 1]] = True
                return mask

            yield left, inner[0], inner[1], ~self.ordered[:, None] & real


class ShareRatio(NamedTuple):
    """``value``: share of serve over share of train, infinite where train has none. ``low``, ``high``: its
    95% interval. ``chance``: its noise floor: the ratio stays below it, and above one over it, in 95% of
    cases without a difference. ``p``: see `table_p`."""

    value: float
    low: float
    high: float
    chance: float
    p: float


def share_ratio(train: int, serve: int, all_train: int, all_serve: int) -> ShareRatio:
    """How much more of serve than of train lies in a region: the ratio of the two shares. Its interval is by
    Katz and others (1978) with half a row added to each count (Walter 1975), open at the end where a count is
    zero. Without a row of either part the ratio is 1.

    >>> made = share_ratio(100, 300, 1000, 1000)
    >>> round(made.value, 2), round(made.low, 2), round(made.high, 2), made.p < 1e-9
    (3.0, 2.43, 3.68, True)
    >>> round(share_ratio(2, 30, 32, 31).value, 2)
    15.48
    >>> share_ratio(0, 10, 1000, 1000)[:3:2], share_ratio(10, 0, 1000, 1000)[:2]
    ((inf, inf), (0.0, 0.0))
    """
    counts, sizes = np.array([train, serve]) + 0.5, np.array([all_train, all_serve]) + 0.5
    middle = float(np.log(counts[1] / sizes[1]) - np.log(counts[0] / sizes[0]))
    half = 1.96 * float(np.sqrt(max(0.0, (1.0 / counts - 1.0 / sizes).sum())))
    even = (counts.sum() / sizes.sum()) * sizes
    chance = 1.96 * float(np.sqrt(max(0.0, (1.0 / even - 1.0 / sizes).sum())))
    low, high = (float(np.exp(end)) for end in (middle - half, middle + half))
    p = table_p(np.array([train, all_train - train]), np.array([serve, all_serve - serve]), 0)
    none = np.inf if serve else 1.0
    value = (serve / all_serve) / (train / all_train) if train else none
    return ShareRatio(value, low if serve else 0.0, high if train else np.inf, float(np.exp(chance)), p)
