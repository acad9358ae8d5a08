"""How far numbers and times shifted between the parts, and which of serve lie outside the range of train."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from core.analyses.shift.bars import Bars, histogram
from core.analyses.shift.column import ColumnShift
from core.numerics import two_sample
from core.numerics.describe import quantiles
from core.numerics.parting import parting
from core.rowset import RowSet

Mask = NDArray[np.bool_]
Floats = NDArray[np.float64]


def compare_numbers(plain: ColumnShift, floats: Floats, serve: Mask, seed: int, note: str) -> ColumnShift:
    """Numbers by the 1-Wasserstein distance in interquartile ranges of train. floats: of all rows."""
    there = np.isfinite(floats)
    train, other = np.sort(floats[there & ~serve]), np.sort(floats[there & serve])
    if not train.size or not other.size:
        return replace(plain, note="no finite value in one part")
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
            zip(*(quantiles(part, (0.1, 0.5, 0.9)).tolist() for part in (train, other)), strict=True)
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


def _unit(train: Floats, other: Floats) -> float:
    """Train's interquartile range; where it is 0 the standard deviation, or the range, of both parts."""
    quarter, rest = np.quantile(train, [0.25, 0.75])
    both = np.concatenate([train, other])
    largest = float(np.abs(both).max())
    with np.errstate(over="ignore"):
        spread = float((both / largest).std()) * largest if largest else 0.0
        return float(rest - quarter) or spread or float(both.max() - both.min())


def _binned(part: Floats, edges: Floats, low: float, high: float) -> NDArray[np.int64]:
    """Rows per bin: below train's range, its bins, above."""
    cuts = np.unique(np.concatenate([[low], edges, [np.nextafter(high, np.inf)]]))
    place = np.searchsorted(cuts, part, side="right")
    return np.bincount(place, minlength=cuts.size + 1)


def compare_times(plain: ColumnShift, ticks: Floats, serve: Mask, first: int) -> ColumnShift:
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
