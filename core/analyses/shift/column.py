"""One column compared: how far it shifted, its noise floors and tests, which rows hold new values."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from hashlib import blake2b
from math import inf, nan
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.analyses.shift.bars import SHOWN, Bars, histogram, top_levels
from core.dataset.column import Column
from core.dataset.split import Part
from core.numerics import two_sample
from core.numerics.parting import parting
from core.phrases import count, limit_among, moment, number_among
from core.prepare.features import first_time, numbers
from core.prepare.levels import encoded
from core.prepare.separating import is_time
from core.rowset import RowSet

if TYPE_CHECKING:
    import pyarrow as pa

Mask = NDArray[np.bool_]
Counts = NDArray[np.int64]
FEW_VALUES = 20  # distinct numbers up to which each is a level of its own
MOST_LEVELS = 50  # levels up to which each counts by itself


class Missing(NamedTuple):
    """Shares of missing values in train and serve, the noise floor (95%) of their difference, and the
    p-value of "the same share"; nan where a part has no rows, or does not have the column.
    """

    train: float
    serve: float
    noise: float
    p: float


@dataclass(frozen=True, eq=False)
class ColumnShift:
    """One column of both parts.

    name, kind: of the column.
    n: values there are, in train and in serve.
    missing: shares of missing values, see `Missing`.
    metric: what ``value`` measures: `w1_iqr`, `tv`, `risk_difference`, `l_infinity`, `range`, or "" where
        nothing can be compared.
    value, noise: the effect size and its noise floor (95%).
    p: of the test; nan where there is none.
    psi, psi_noise: population stability index and its noise floor (95%); nan where there is none.
    new, vanished: levels that only serve, or only train, holds, each with its rows; at most ten.
    new_count: how many levels are new.
    new_share, new_noise: share of serve rows with a new level, and its noise floor (99.9%).
    span: least and largest value of train: of times in seconds since 1970, of texts in characters.
    serve_span: the same of serve.
    outside, outside_noise: share of serve values outside ``span``, and its noise floor (99.9%).
    unseen: serve rows with a new level, or outside ``span``.
    shares: of the commonest levels: (level, share of train, share of serve).
    alike: per end of ``span`` of numbers the least and the largest limit outside of which the same rows of
        serve lie.
    percentiles: the 10th, 50th and 90th of numbers, of texts in characters, each (train, serve).
    bars: both histograms.
    time: whether it holds points in time (`is_time`).
    lacked: the part that does not have the column, or "".
    note: what else is to be said.
    """

    name: str
    kind: str
    n: tuple[int, int]
    missing: Missing
    metric: str = ""
    value: float = float("nan")
    noise: float = float("nan")
    p: float = float("nan")
    psi: float = float("nan")
    psi_noise: float = float("nan")
    new: tuple[tuple[str, int], ...] = ()
    vanished: tuple[tuple[str, int], ...] = ()
    new_count: int = 0
    new_share: float = 0.0
    new_noise: float = 1.0
    span: tuple[float, float] = (float("nan"), float("nan"))
    serve_span: tuple[float, float] = (float("nan"), float("nan"))
    alike: tuple[tuple[float, float], tuple[float, float]] = ((-inf, inf), (-inf, inf))
    outside: float = 0.0
    outside_noise: float = 1.0
    unseen: RowSet = field(default_factory=RowSet)
    shares: tuple[tuple[str, float, float], ...] = ()
    percentiles: tuple[tuple[float, float], ...] = ()
    bars: Bars | None = None
    time: bool = False
    lacked: Part | str = ""
    note: str = ""

    @property
    def follows(self) -> bool:
        """Whether the values of serve begin where those of train end, or later."""
        return self.kind in ("numeric", "datetime") and self.serve_span[0] >= self.span[1]

    @property
    def disjoint(self) -> bool:
        """Whether no value is in both parts, though values repeat: more than chance would part."""
        return self.new_share == 1.0 > self.new_noise

    def shown(self, value: float) -> str:
        """A value on the scale of ``span`` and ``percentiles`` as a person writes it: a number, a date, or a
        number of characters. Whole numbers that may be years carry no thousands mark.
        """
        if self.kind == "datetime":
            return moment(value * 1e6)
        if self.kind == "text":
            return count(round(value), "character")
        return number_among(value, *self.span)

    @property
    def train_range(self) -> str:
        """The range of train as printed; of serve the same rows lie outside of it."""
        if self.kind != "numeric":
            return " to ".join(map(self.shown, self.span))
        ends = zip(self.span, self.alike, strict=True)
        return " to ".join(limit_among(end, *alike, *self.span) for end, alike in ends)


def compare(
    column: Column, values: pa.ChunkedArray, serve: Mask, seed: int, lacked: Part | str = ""
) -> ColumnShift:
    """Compare the values of one column (all rows) between the parts. Never raises for what the values are.
    lacked: the part that does not have the column: nothing is missing there.
    """
    known = ~np.asarray(values.is_null())
    missing = _missing(known, serve)
    if lacked:
        there = missing.train if lacked == "serve" else missing.serve
        missing = Missing(*((there, nan) if lacked == "serve" else (nan, there)), nan, nan)
    sizes = int((known & ~serve).sum()), int((known & serve).sum())
    plain = ColumnShift(column.name, column.kind, sizes, missing, lacked=lacked)
    if column.kind in ("identifier", "image"):
        return _noted(plain, f"an {column.kind} is not compared")
    if lacked:
        return _noted(plain, f"not in {lacked}")
    if not min(sizes):
        empty = [part for part, size in zip(("train", "serve"), sizes, strict=True) if not size]
        return _noted(plain, f"no value in {' and '.join(empty)}")
    if column.kind == "datetime":
        ticks = numbers(column, values)
        return _times(replace(plain, time=is_time(column, ticks)), ticks, serve, first_time(values))
    if column.kind in ("numeric", "text"):
        floats = numbers(column, values)
        plain = replace(plain, time=is_time(column, floats))
        distinct = np.unique(floats[known & np.isfinite(floats)])
        note = "" if column.kind == "numeric" else "by the length of the texts"
        if column.kind == "text" or distinct.size > FEW_VALUES:
            return _numbers(plain, floats, serve, seed, note)
        plain = _spanned(plain, floats, serve)
    return _levels(plain, values, serve, seed)


def _spanned(plain: ColumnShift, floats: NDArray[np.float64], serve: Mask) -> ColumnShift:
    """With the spans of both parts, where both have a finite value."""
    parts = [floats[np.isfinite(floats) & part] for part in (~serve, serve)]
    if not all(part.size for part in parts):
        return plain
    train, other = ((float(part.min()), float(part.max())) for part in parts)
    return replace(plain, span=train, serve_span=other)


def _noted(plain: ColumnShift, note: str) -> ColumnShift:
    return replace(plain, note=note)


def _missing(known: Mask, serve: Mask) -> Missing:
    n, m = int((~serve).sum()), int(serve.sum())
    gaps = np.array([int((~known & ~serve).sum()), int((~known & serve).sum())])
    if not n or not m:
        return Missing(
            gaps[0] / n if n else float("nan"), gaps[1] / m if m else float("nan"), float("nan"), float("nan")
        )
    if not gaps.sum():
        return Missing(0.0, 0.0, 0.0, float("nan"))
    p = two_sample.table_p(np.array([gaps[0], n - gaps[0]]), np.array([gaps[1], m - gaps[1]]), 0)
    return Missing(gaps[0] / n, gaps[1] / m, two_sample.share_noise(float(gaps.sum()) / (n + m), n, m), p)


def _numbers(
    plain: ColumnShift, floats: NDArray[np.float64], serve: Mask, seed: int, note: str
) -> ColumnShift:
    there = np.isfinite(floats)
    train, other = np.sort(floats[there & ~serve]), np.sort(floats[there & serve])
    if not train.size or not other.size:
        return _noted(plain, "no finite value in one part")
    unit = _unit(train, other)
    low, high = float(train[0]), float(train[-1])
    beyond = there & serve & ((floats < low) | (floats > high))
    outside = float(beyond.sum()) / other.size
    ranged = replace(
        plain,
        outside=outside,
        outside_noise=two_sample.outside_noise(train.size, other.size),
        span=(low, high),
        alike=(parting(other, low, above=False), parting(other, high, above=True)),
        serve_span=(float(other[0]), float(other[-1])),
        unseen=RowSet.from_mask(beyond),
        percentiles=tuple(
            (float(train[int(at * (train.size - 1))]), float(other[int(at * (other.size - 1))]))
            for at in (0.1, 0.5, 0.9)
        ),
        bars=histogram(train, other),
        note=note,
    )
    if unit == 0.0:
        return replace(ranged, metric="w1_iqr", value=0.0, noise=0.0, p=1.0, psi=0.0, psi_noise=0.0)
    compared = two_sample.compare_numbers(train / unit, other / unit, seed)
    edges = two_sample.quantile_edges(train, two_sample.bins_for(train.size, other.size))
    table = [_binned(part, edges, low, high) for part in (train, other)]
    psi, noise = float(two_sample.psi(*table)), two_sample.psi_noise(table[0], other.size, seed)
    return replace(
        ranged,
        metric="w1_iqr",
        value=compared.distance,
        noise=compared.noise,
        p=compared.p,
        psi=psi,
        psi_noise=noise,
    )


def _unit(train: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    """Train's interquartile range; where it is 0 the standard deviation, or the range, of both parts."""
    quarter, rest = np.quantile(train, [0.25, 0.75])
    both = np.concatenate([train, other])
    largest = float(np.abs(both).max())
    with np.errstate(over="ignore"):
        spread = float((both / largest).std()) * largest if largest else 0.0
        return float(rest - quarter) or spread or float(both.max() - both.min())


def _binned(part: NDArray[np.float64], edges: NDArray[np.float64], low: float, high: float) -> Counts:
    """Rows per bin: below train's range, its bins, above."""
    cuts = np.unique(np.concatenate([[low], edges, [np.nextafter(high, np.inf)]]))
    place = np.searchsorted(cuts, part, side="right")
    return np.bincount(place, minlength=cuts.size + 1)


def _times(plain: ColumnShift, ticks: NDArray[np.float64], serve: Mask, first: int) -> ColumnShift:
    """Times are compared by their range: any two periods differ. ``ticks``: microseconds since ``first``."""
    train, other = np.sort(ticks[~np.isnan(ticks) & ~serve]), np.sort(ticks[~np.isnan(ticks) & serve])
    beyond = serve & ((ticks < train[0]) | (ticks > train[-1]))
    share = float(beyond.sum()) / other.size
    bars = histogram(train, other)
    return replace(
        plain,
        metric="range",
        value=share,
        outside=share,
        span=((float(train[0]) + first) / 1e6, (float(train[-1]) + first) / 1e6),
        serve_span=((float(other[0]) + first) / 1e6, (float(other[-1]) + first) / 1e6),
        unseen=RowSet.from_mask(beyond),
        bars=Bars(bars.train, bars.serve, (bars.edges + first) / 1e6),
        note="the periods do not overlap" if other[0] > train[-1] or other[-1] < train[0] else "",
    )


def _levels(plain: ColumnShift, values: pa.ChunkedArray, serve: Mask, seed: int) -> ColumnShift:
    codes, words, counts = _coded(values, serve)
    n, m = (int(part.sum()) for part in counts)
    new, vanished = (counts[0] == 0) & (counts[1] > 0), (counts[1] == 0) & (counts[0] > 0)
    table = counts
    if len(words) > MOST_LEVELS:
        table = np.hstack([counts[:, :MOST_LEVELS], counts[:, MOST_LEVELS:].sum(axis=1, keepdims=True)])
    tv_noise, gap_noise, psi_noise = two_sample.level_noise(table[0], table[1], seed)
    wide = len(words) > MOST_LEVELS
    narrow = "risk_difference" if len(words) == 2 else "tv"
    return replace(
        plain,
        metric="l_infinity" if wide else narrow,
        value=two_sample.largest_gap(*table) if wide else two_sample.total_variation(*table),
        noise=gap_noise if wide else tv_noise,
        p=two_sample.table_p(table[0], table[1], seed),
        psi=float(two_sample.psi(*table)),
        psi_noise=psi_noise,
        new=_named(words, counts[1], new),
        vanished=_named(words, counts[0], vanished),
        new_count=int(new.sum()),
        new_share=float(counts[1][new].sum()) / m,
        new_noise=two_sample.new_noise(counts[0], counts[1], seed),
        unseen=RowSet.from_mask(serve & (codes >= 0) & new[codes]),
        shares=tuple(
            (words[i], float(counts[0][i]) / n, float(counts[1][i]) / m)
            for i in range(min(len(words), SHOWN))
        ),
        bars=top_levels(words, counts),
    )


def _coded(values: pa.ChunkedArray, serve: Mask) -> tuple[NDArray[np.int64], list[str], Counts]:
    """Per row the place of its level, most frequent first (-1: missing); the levels; 2 x levels rows per
    part.

    Of many levels those of equal counts stand in the order of a hash: codes and times as text rise from train
    to serve, and in their own order a cut among them would part train from serve.
    """
    codes, levels = encoded(values)
    texts = [str(level) for level in levels.to_pylist()]
    tally = np.stack(
        [np.bincount(codes[(codes >= 0) & part], minlength=len(texts)) for part in (~serve, serve)]
    )
    ties = (
        [blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest() for text in texts]
        if len(texts) > MOST_LEVELS
        else texts
    )
    order = sorted(range(len(texts)), key=lambda level: (-int(tally[:, level].sum()), ties[level]))
    place = np.full(len(texts) + 1, -1, np.int64)
    place[order] = np.arange(len(order))
    return place[codes], [texts[level] for level in order], tally[:, order]


def _named(words: list[str], counts: Counts, which: Mask) -> tuple[tuple[str, int], ...]:
    return tuple((words[i], int(counts[i])) for i in np.flatnonzero(which)[:SHOWN].tolist())
