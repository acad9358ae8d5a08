"""A target over the bins or levels of a column: rates and means with intervals, and the strength of the
relation.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.numerics.association import Chance, Codes, Floats, contingency, cramers_v, links, table_chance

_Z = 1.959964


def wilson(hits: Floats, n: Floats) -> tuple[Floats, Floats]:
    """95% interval of a share (Wilson 1927, JASA 22).

    >>> [round(float(end[0]), 4) for end in wilson(np.array([10.0]), np.array([100.0]))]
    [0.0552, 0.1744]
    """
    share, extra = hits / n, _Z * _Z / n
    middle = (share + extra / 2) / (1 + extra)
    half = _Z / (1 + extra) * np.sqrt(share * (1 - share) / n + extra / (4 * n))
    return np.clip(middle - half, 0.0, 1.0), np.clip(middle + half, 0.0, 1.0)


def mean_interval(codes: Codes, values: Floats, bins: int) -> tuple[Floats, Floats, Floats]:
    """Mean per bin (codes 1 to ``bins``) and its 95% t interval; no interval (nan) for fewer than two
    values.
    """
    from scipy.special import stdtrit

    n = np.bincount(codes, minlength=bins + 1)[1:].astype(np.float64)
    largest = float(np.abs(values).max(initial=0.0))
    scale = largest if largest > 1e100 else 1.0  # squares of such numbers overflow
    values = values / scale
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = np.bincount(codes, weights=values, minlength=bins + 1)[1:] / n
        around = np.bincount(codes, weights=(values - np.append(0.0, mean)[codes]) ** 2, minlength=bins + 1)[
            1:
        ]
        half = np.where(n > 1, stdtrit(np.maximum(n - 1, 1), 0.975) * np.sqrt(around / (n - 1) / n), np.nan)
    return mean * scale, (mean - half) * scale, (mean + half) * scale


class BinnedEffect(NamedTuple):
    """``value``: strength, 0 to 1, freed of its bias. ``noise``: what it stays under with 95% probability by
    chance. ``p``, ``n``.
    """

    value: float
    noise: float
    p: float
    n: int


def class_effect(codes: Codes, bins: int, classes: Codes, count: int) -> BinnedEffect:
    """Bias-corrected Cramer's V between bins and classes (both coded from 1)."""
    linked = links(contingency(codes, classes[None], (bins, count)))
    if not np.isfinite(linked.phi2[0]):
        return BinnedEffect(0.0, 0.0, 1.0, int(linked.n[0]))
    chance = table_chance(linked)
    value, noise = (
        cramers_v(phi2, linked.n, linked.rows, linked.columns)[0] for phi2 in (linked.phi2, chance.line())
    )
    return BinnedEffect(float(value), float(noise), float(chance.p(linked.phi2)[0]), int(linked.n[0]))


def number_effect(codes: Codes, bins: int, ranks: Floats) -> BinnedEffect:
    """Correlation ratio of the target's ranks over the bins (root of epsilon-squared; Kruskal and Wallis 1952
    for the test).
    """
    n = np.bincount(codes, minlength=bins + 1)[1:].astype(np.float64)
    total, k = float(n.sum()), int((n > 0).sum())
    centred = ranks - ranks.mean() if ranks.size else ranks
    spread = float(centred @ centred)
    if k < 2 or total <= k + 1 or spread == 0:
        return BinnedEffect(0.0, 0.0, 1.0, int(total))
    sums = np.bincount(codes, weights=centred, minlength=bins + 1)[1:]
    share = float((sums[n > 0] ** 2 / n[n > 0]).sum()) / spread
    mean = (k - 1) / (total - 1)
    variance = 2 * (k - 1) * (total - k) / ((total - 1) ** 2 * (total + 1))
    one = np.ones(1)
    chance = Chance.of(one * mean, one * variance, one, one * 0.0, n[n > 0].min(keepdims=True) < 2)

    def freed(eta2: float) -> float:
        return float(np.sqrt(max(0.0, 1 - (1 - eta2) * (total - 1) / (total - k))))

    return BinnedEffect(
        freed(share), freed(float(chance.line()[0])), float(chance.p(one * share)[0]), int(total)
    )


def quantile_edges(values: Floats, bins: int) -> Floats:
    """The inner edges of at most ``bins`` equal-mass bins of the known values; equal values are never parted.

    A value belongs to the bin whose number is that of the edges below it.

    >>> quantile_edges(np.array([1.0, 2.0, 3.0, 4.0, np.nan]), 2).tolist()
    [2.0]
    """
    known = np.sort(values[~np.isnan(values)])
    if not known.size:
        return np.zeros(0)
    places = np.ceil(np.arange(1, bins) * known.size / bins).astype(int) - 1
    edges: Floats = np.unique(known[np.clip(places, 0, known.size - 1)])
    return np.asarray(edges[edges < known[-1]])


def binned(values: Floats, edges: Floats) -> NDArray[np.int32]:
    """Codes from 1 of the bins between the edges (a value on an edge belongs to the bin below it); NaN has
    the code 0.
    """
    return np.where(np.isnan(values), 0, np.searchsorted(edges, values, side="left") + 1).astype(np.int32)
