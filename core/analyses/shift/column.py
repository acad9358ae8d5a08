"""One column compared: what moved, how far, what chance would do, which rows are new."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from hashlib import blake2b
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.dataset import Column
from core.frozen import lock_fields
from core.numerics import two_sample as drift
from core.prepare.features import numbers
from core.rowset import RowSet

if TYPE_CHECKING:
    import pyarrow as pa

Mask = NDArray[np.bool_]
Counts = NDArray[np.int64]
FEW_VALUES = 20  # distinct numbers up to which each is a level of its own
MOST_LEVELS = 50  # levels up to which all are told apart
SHOWN = 10  # levels drawn, and new levels named
BINS = 30


@dataclass(frozen=True, eq=False)
class Bars:
    """Both parts' histogram: ``train`` and ``serve`` rows per bin. ``edges``: of numbers and times (seconds
    since 1970), one more than bins, else empty; ``words``: of levels."""

    train: Counts
    serve: Counts
    edges: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))
    words: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        lock_fields(self)


class Missing(NamedTuple):
    """Shares of missing values per part, the 95 % line of their difference by chance, and the p-value of "the
    same share".
    """

    train: float
    serve: float
    noise: float
    p: float


@dataclass(frozen=True, eq=False)
class ColumnShift:
    """One column of both parts.

    ``metric``: what ``value`` measures (`w1_iqr`, `tv`, `risk_difference`, `l_infinity`, `range`, or "" where
    nothing can be compared); ``noise``: its 95 % line by chance; ``p``: of the test, nan where there is none.
    ``psi`` with its own ``psi_noise`` (nan likewise). ``new``, ``gone``: levels of one part only with their
    rows; ``new_levels``: how many are new. ``new_share``: serve rows that hold one, beside ``new_noise``,
    which chance passes once in a thousand. ``outside``: share of serve values outside train's range ``span``,
    beside ``outside_noise`` (likewise). ``odd``: serve rows new or outside. ``shares``: of the commonest
    levels, (word, in train, in serve). ``tenths``: the 10th, 50th and 90th percentile of numbers, each
    (train, serve). ``n``: values there are, train and serve. ``note``: what else is to be said.
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
    gone: tuple[tuple[str, int], ...] = ()
    new_levels: int = 0
    new_share: float = 0.0
    new_noise: float = 1.0
    outside: float = 0.0
    outside_noise: float = 1.0
    span: tuple[float, float] = (float("nan"), float("nan"))
    odd: RowSet = field(default_factory=RowSet)
    shares: tuple[tuple[str, float, float], ...] = ()
    tenths: tuple[tuple[float, float], ...] = ()
    bars: Bars | None = None
    note: str = ""


def compare(column: Column, values: pa.ChunkedArray, serve: Mask, seed: int) -> ColumnShift:
    """Compare the values of one column (all rows) between the parts. Never raises for what the values are."""
    known = ~np.asarray(values.is_null())
    gaps = _missing(known, serve)
    sizes = int((known & ~serve).sum()), int((known & serve).sum())
    plain = ColumnShift(column.name, column.kind, sizes, gaps)
    if column.kind in ("identifier", "image"):
        return _noted(plain, f"an {column.kind} is not compared")
    if not min(sizes):
        empty = "either part" if not max(sizes) else "train" if not sizes[0] else "serve"
        return _noted(plain, f"no value in {empty}")
    if column.kind == "datetime":
        return _times(plain, numbers(column, values), serve, _first(values))
    if column.kind in ("numeric", "text"):
        floats = numbers(column, values)
        found = np.unique(floats[known & np.isfinite(floats)])
        if column.kind == "text" or found.size > FEW_VALUES:
            return _numbers(
                plain, floats, serve, seed, "" if column.kind == "numeric" else "by the length of the texts"
            )
    return _levels(plain, values, serve, seed)


def _noted(plain: ColumnShift, note: str) -> ColumnShift:
    return replace(plain, note=note)


def _missing(known: Mask, serve: Mask) -> Missing:
    n, m = int((~serve).sum()), int(serve.sum())
    lost = np.array([int((~known & ~serve).sum()), int((~known & serve).sum())])
    if not n or not m:
        return Missing(
            lost[0] / n if n else float("nan"), lost[1] / m if m else float("nan"), float("nan"), float("nan")
        )
    if not lost.sum():
        return Missing(0.0, 0.0, 0.0, float("nan"))
    p = drift.table_p(np.array([lost[0], n - lost[0]]), np.array([lost[1], m - lost[1]]), 0)
    return Missing(lost[0] / n, lost[1] / m, drift.share_noise(float(lost.sum()) / (n + m), n, m), p)


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
    made = replace(
        plain,
        outside=outside,
        outside_noise=drift.outside_by_chance(train.size, other.size),
        span=(low, high),
        odd=RowSet.from_mask(beyond),
        tenths=tuple(
            (float(train[int(at * (train.size - 1))]), float(other[int(at * (other.size - 1))]))
            for at in (0.1, 0.5, 0.9)
        ),
        bars=_histogram(train, other),
        note=note,
    )
    if unit == 0.0:
        return replace(made, metric="w1_iqr", value=0.0, noise=0.0, p=1.0, psi=0.0, psi_noise=0.0)
    said = drift.apart(train / unit, other / unit, seed)
    edges = drift.quantile_edges(train, drift.bins_for(train.size, other.size))
    table = [_binned(part, edges, low, high) for part in (train, other)]
    psi, noise = float(drift.psi(*table)), drift.psi_noise(table[0], other.size, seed)
    return replace(
        made, metric="w1_iqr", value=said.distance, noise=said.noise, p=said.p, psi=psi, psi_noise=noise
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


def _histogram(train: NDArray[np.float64], other: NDArray[np.float64]) -> Bars:
    """Bins of equal width over the bulk of both; the ends hold what lies beyond."""
    low = min(float(np.quantile(part, 0.005)) for part in (train, other))
    high = max(float(np.quantile(part, 0.995)) for part in (train, other))
    if not np.isfinite(high - low) or high <= low:
        low, high = low - 0.5, low + 0.5
    edges = np.linspace(low, high, BINS + 1)
    counts = [np.histogram(np.clip(part, low, high), edges)[0].astype(np.int64) for part in (train, other)]
    return Bars(counts[0], counts[1], edges)


def _first(values: pa.ChunkedArray) -> float:
    """The column's first time, in seconds since 1970."""
    import pyarrow as pa
    import pyarrow.compute as pc

    found = pc.min(values.cast(pa.timestamp("us")).cast(pa.int64())).as_py()
    return float(found or 0) / 1e6


def _times(plain: ColumnShift, ticks: NDArray[np.float64], serve: Mask, first: float) -> ColumnShift:
    """Times are told by their range: any two periods differ."""
    train, other = np.sort(ticks[~np.isnan(ticks) & ~serve]), np.sort(ticks[~np.isnan(ticks) & serve])
    beyond = serve & ((ticks < train[0]) | (ticks > train[-1]))
    share = float(beyond.sum()) / other.size
    bars = _histogram(train, other)
    told = Bars(bars.train, bars.serve, bars.edges / 1e6 + first)
    note = "the periods do not overlap" if other[0] > train[-1] or other[-1] < train[0] else ""
    return replace(plain, metric="range", value=share, outside=share, bars=told, note=note)


def _levels(plain: ColumnShift, values: pa.ChunkedArray, serve: Mask, seed: int) -> ColumnShift:
    codes, words, counts = _coded(values, serve)
    n, m = (int(part.sum()) for part in counts)
    new, gone = (counts[0] == 0) & (counts[1] > 0), (counts[1] == 0) & (counts[0] > 0)
    table = counts
    if len(words) > MOST_LEVELS:
        table = np.hstack([counts[:, :MOST_LEVELS], counts[:, MOST_LEVELS:].sum(axis=1, keepdims=True)])
    tv_noise, gap_noise, psi_noise = drift.lines_by_lot(table[0], table[1], seed)
    metric = "l_infinity" if len(words) > MOST_LEVELS else "risk_difference" if len(words) == 2 else "tv"
    wide = metric == "l_infinity"
    return replace(
        plain,
        metric=metric,
        value=drift.largest_gap(*table) if wide else drift.total_variation(*table),
        noise=gap_noise if wide else tv_noise,
        p=drift.table_p(table[0], table[1], seed),
        psi=float(drift.psi(*table)),
        psi_noise=psi_noise,
        new=_named(words, counts[1], new),
        gone=_named(words, counts[0], gone),
        new_levels=int(new.sum()),
        new_share=float(counts[1][new].sum()) / m,
        new_noise=drift.new_by_chance(counts[0], counts[1], seed),
        odd=RowSet.from_mask(serve & (codes >= 0) & new[codes]),
        shares=tuple(
            (words[i], float(counts[0][i]) / n, float(counts[1][i]) / m)
            for i in range(min(len(words), SHOWN))
        ),
        bars=_top(words, counts),
    )


def _coded(values: pa.ChunkedArray, serve: Mask) -> tuple[NDArray[np.int64], list[str], Counts]:
    """Per row the place of its level, most frequent first (-1: missing); the levels; 2 x levels rows per
    part.

    Of many levels those of equal counts stand in the order of a hash: codes and times as text rise from train
    to serve, and in their own order a cut among them would part train from serve.
    """
    encoded = values.combine_chunks().dictionary_encode()
    texts = [str(level) for level in encoded.dictionary.to_pylist()]
    found = np.asarray(encoded.indices.fill_null(-1), dtype=np.int64)
    tally = np.stack(
        [np.bincount(found[(found >= 0) & part], minlength=len(texts)) for part in (~serve, serve)]
    )
    ties = (
        [blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest() for text in texts]
        if len(texts) > MOST_LEVELS
        else texts
    )
    order = sorted(range(len(texts)), key=lambda level: (-int(tally[:, level].sum()), ties[level]))
    place = np.full(len(texts) + 1, -1, np.int64)
    place[order] = np.arange(len(order))
    return place[found], [texts[level] for level in order], tally[:, order]


def _named(words: list[str], counts: Counts, which: Mask) -> tuple[tuple[str, int], ...]:
    return tuple((words[i], int(counts[i])) for i in np.flatnonzero(which)[:SHOWN].tolist())


def _top(words: list[str], counts: Counts) -> Bars:
    kept, rest = counts[:, :SHOWN], counts[:, SHOWN:]
    if not rest.size:
        return Bars(kept[0], kept[1], words=tuple(words))
    table = np.hstack([kept, rest.sum(axis=1, keepdims=True)])
    return Bars(table[0], table[1], words=(*words[:SHOWN], f"{len(words) - SHOWN:,} others"))
