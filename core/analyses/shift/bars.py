"""The histogram of one column in both parts."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from core.frozen import lock_fields

Counts = NDArray[np.int64]
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


def histogram(train: NDArray[np.float64], other: NDArray[np.float64]) -> Bars:
    """Bins of equal width over the bulk of both; the ends hold what lies beyond."""
    low = min(float(np.quantile(part, 0.005)) for part in (train, other))
    high = max(float(np.quantile(part, 0.995)) for part in (train, other))
    if not np.isfinite(high - low) or high <= low:
        low, high = low - 0.5, low + 0.5
    edges = np.linspace(low, high, BINS + 1)
    counts = [np.histogram(np.clip(part, low, high), edges)[0].astype(np.int64) for part in (train, other)]
    return Bars(counts[0], counts[1], edges)


def top_levels(words: list[str], counts: Counts) -> Bars:
    """The commonest levels, all others as one; numbers in their own order where all are shown. ``counts``:
    2 x levels, the commonest first.
    """
    kept, rest = counts[:, :SHOWN], counts[:, SHOWN:]
    if not rest.size:
        order = _ordered(words)
        return Bars(kept[0, order], kept[1, order], words=tuple(words[at] for at in order))
    table = np.hstack([kept, rest.sum(axis=1, keepdims=True)])
    return Bars(table[0], table[1], words=(*words[:SHOWN], f"{len(words) - SHOWN:,} others"))


def _ordered(words: list[str]) -> list[int]:
    """The places of the levels, by size where they are numbers.

    >>> _ordered(["7", "1", "10"]), _ordered(["b", "a"])
    ([1, 0, 2], [0, 1])
    """
    try:
        sizes = [float(word) for word in words]
    except ValueError:
        return list(range(len(words)))
    return sorted(range(len(words)), key=sizes.__getitem__)
