"""A target guessed from the levels of one column, judged on rows that the guess was not learned from: target
encoding out of fold (Micci-Barreca 2001 with the usual cross-fitting). Codes are small integers from 0.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.numerics.folds import FOLDS

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
MOST_BINS = 32
_PRIOR_ROWS = 1.0  # rows of the overall mean that each level's mean is shrunk by


def lone_together(codes: Ints) -> Ints:
    """The codes with all levels of a single row made one level: alone they say nothing about any other
    row.
    """
    counts = np.bincount(codes)
    merged = np.where(counts[codes] > 1, codes, counts.size)
    return np.asarray(np.unique(merged, return_inverse=True)[1], dtype=np.int64)


def best_share(sizes: Ints) -> float:
    """The largest share of the variance of n ranks that groups of these sizes can explain: that of
    consecutive blocks.

    >>> best_share(np.array([50, 50]))  # doctest: +ELLIPSIS
    0.750...
    """
    total = float(sizes.sum())
    return (
        1.0 - float((sizes.astype(np.float64) ** 3 - sizes).sum()) / (total**3 - total) if total > 1 else 0.0
    )


def level_auc(cells: Ints, positive: NDArray[np.bool_]) -> float:
    """Mean over folds of the AUC of the positive share that each row's level has outside the fold. ``cells``:
    level * FOLDS + fold.
    """
    levels = int(cells.max()) // FOLDS + 1
    shape = (levels, FOLDS)
    count = np.bincount(cells, minlength=levels * FOLDS).reshape(shape).astype(np.float64)
    hits = np.bincount(cells[positive], minlength=levels * FOLDS).reshape(shape).astype(np.float64)
    out_count = count.sum(1, keepdims=True) - count
    out_hits = hits.sum(1, keepdims=True) - hits
    base = out_hits.sum(0) / np.maximum(out_count.sum(0), 1.0)
    share = (out_hits + _PRIOR_ROWS * base) / (out_count + _PRIOR_ROWS)
    distinct, dense = np.unique(share, return_inverse=True)
    keys = (np.arange(FOLDS) * distinct.size + dense.reshape(shape)).ravel()
    size = FOLDS * distinct.size
    good = np.bincount(keys, weights=hits.ravel(), minlength=size).reshape(FOLDS, -1)
    bad = np.bincount(keys, weights=(count - hits).ravel(), minlength=size).reshape(FOLDS, -1)
    below = np.cumsum(bad, axis=1) - bad
    pairs = good.sum(1) * bad.sum(1)
    return float((good * (below + bad / 2.0)).sum() / pairs.sum()) if pairs.sum() else 0.5


def level_share(cells: Ints, target: Floats) -> float:
    """Share of the target's variance that the levels' means outside the fold explain, inside it; 0 at
    least.
    """
    levels = int(cells.max()) // FOLDS + 1
    shape = (levels, FOLDS)
    count, total, square = (
        np.bincount(cells, weights=weights, minlength=levels * FOLDS).reshape(shape)
        for weights in (None, target, target**2)
    )
    out_count = count.sum(1, keepdims=True) - count
    out_total = total.sum(1, keepdims=True) - total
    base = out_total.sum(0) / np.maximum(out_count.sum(0), 1)
    guess = (out_total + _PRIOR_ROWS * base) / (out_count + _PRIOR_ROWS)
    error = float((square - 2.0 * guess * total + guess**2 * count).sum())
    blind = float((square - 2.0 * base * total + base**2 * count).sum())
    return max(0.0, 1.0 - error / blind) if blind > 0.0 else 0.0


def bins(values: Floats, most: int = MOST_BINS) -> Ints:
    """Equal-mass bin of each value, at least 20 rows to a bin; a value that fills a whole bin gets one of its
    own.

    >>> bins(np.array([0.0] * 50 + list(range(1, 51))), most=4).tolist()[48:52]
    [0, 0, 1, 1]
    """
    wanted = int(np.clip(values.size // 20, 2, most))
    cuts = np.quantile(values, np.arange(1, wanted) / wanted, method="inverted_cdf")
    edges, times = np.unique(cuts, return_counts=True)
    place = np.searchsorted(edges, values, side="left")
    spikes = np.append(times > 1, False)
    on_spike = spikes[place] & (values == np.append(edges, np.nan)[place])
    return np.asarray(np.unique(2 * place + on_spike, return_inverse=True)[1], dtype=np.int64)
