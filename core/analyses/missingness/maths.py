"""Where values are missing: patterns, what is missing together, and whether other columns predict what is
missing.

Terms: Rubin 1976. A column is missing completely at random (MCAR) if nothing predicts which of its values are
missing; whether other columns do is tested here; whether the missing values themselves do cannot be known
from the data.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.numerics.auc import area_under_curve, auc_error
from core.numerics.folds import FOLDS
from core.numerics.rowhash import mix
from core.workers import one_thread

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]

WIDE = 60  # columns up to which a model of what is missing takes all
TAKEN = 30  # that it takes of more
_STILL = 1e-3  # spread up to which a sign of a column is taken as the same everywhere
_BINS, _RANKS = 63, 31  # of equal numbers of values, that it tells apart; in a table of more columns
_BITS = 63
# folds share training rows, so that their errors add up: 1.21 to 1.44 measured on noise, 120 to 1,500 rows
_FOLDS_AGREE = 1.4


@dataclass(frozen=True)
class Pattern:
    """Columns that are missing together: their places (none for complete rows), and the number of such
    rows.
    """

    columns: tuple[int, ...]
    rows: int


def signatures(mask: Mask) -> NDArray[np.uint64]:
    """One number per row that says which columns are missing: rows with the same gaps share it (Zobrist 1970:
    xor of a word per column).

    >>> marks = signatures(np.array([[True, False], [False, True], [True, False]]))
    >>> bool(marks[0] == marks[2]), bool(marks[0] == marks[1])
    (True, False)
    """
    words = mix(np.arange(1, mask.shape[1] + 1, dtype=np.uint64))
    marks = np.zeros(mask.shape[0], np.uint64)
    for column, word in enumerate(words):
        marks ^= np.where(mask[:, column], word, np.uint64(0))
    return marks


def order_keys(mask: Mask, columns: Ints) -> NDArray[np.uint64]:
    """One number per row whose order puts rows with the same gaps in the first 63 ``columns`` together, those
    with most first.
    """
    keys = np.zeros(mask.shape[0], np.uint64)
    for place, column in enumerate(columns[:_BITS]):
        keys |= np.where(mask[:, column], np.uint64(0), np.uint64(1) << np.uint64(_BITS - 1 - place))
    return keys


def binned(masks: Iterable[Mask], bins: Ints, count: int, width: int) -> Floats:
    """Share of missing values per bin of rows and column, float64 of ``count`` x ``width``. ``bins``: the bin
    of each row of all masks.
    """
    total, done = np.zeros((count, width)), 0
    for mask in masks:
        places = bins[done : done + mask.shape[0]]
        done += mask.shape[0]
        for column in range(width):
            total[:, column] += np.bincount(places[mask[:, column]], minlength=count)
    return np.asarray(total / np.maximum(np.bincount(bins, minlength=count), 1)[:, None], dtype=np.float64)


def top_patterns(marks: NDArray[np.uint64], most: int) -> tuple[NDArray[np.int8], Ints, int]:
    """Which of the ``most`` (127 or fewer) largest groups of equal signatures each row is in, -1 for none;
    their sizes, largest first; and the number of all groups.

    >>> [made.tolist() for made in top_patterns(np.array([7, 5, 7, 9, 5, 7], np.uint64), 2)[:2]]
    [[0, 1, 0, -1, 1, 0], [3, 2]]
    """
    codes, distinct = grouped(marks)
    counts = np.bincount(codes, minlength=distinct.size)
    order = np.lexsort((distinct, -counts))[:most]
    place = np.full(distinct.size, -1, np.int8)
    place[order] = np.arange(order.size)
    return place[codes], counts[order].astype(np.int64), int(distinct.size)


def grouped(values: NDArray[np.uint64]) -> tuple[Ints, NDArray[np.uint64]]:
    """Per value the number of its group, and the value of each group; without sorting, as there are few
    groups of very many.
    """
    import pandas as pd

    codes, distinct = pd.factorize(values)
    return np.asarray(codes, dtype=np.int64), np.asarray(distinct, dtype=np.uint64)


def places(keys: NDArray[np.uint64]) -> Ints:
    """The place of each key in their ascending order; equal ones keep their order.

    >>> places(np.array([7, 5, 7, 5], np.uint64)).tolist()
    [2, 0, 3, 1]
    """
    codes, distinct = grouped(keys)
    # whole numbers of up to 16 bits are sorted by digits
    rank = np.empty(distinct.size, np.min_scalar_type(distinct.size))
    rank[np.argsort(distinct)] = np.arange(distinct.size)
    place = np.empty(keys.size, np.int64)
    place[np.argsort(rank[codes], kind="stable")] = np.arange(keys.size)
    return place


def nullity_phi(both: Floats, rows: Ints, having: Mask) -> Floats:
    """Correlation of "is missing" between columns, from the number of rows in which two are missing together
    (parts x columns x columns; diagonal: each alone), the rows of each part, and which part has which column
    (parts x columns). A pair is compared in the parts that have both.

    NaN where a column is never or always missing, and where no part has both.

    >>> there = np.array([[True, True]])
    >>> nullity_phi(np.array([[[5.0, 5.0], [5.0, 5.0]]]), np.array([10]), there).round(6).tolist()
    [[1.0, 1.0], [1.0, 1.0]]
    """
    pairs = having[:, :, None] & having[:, None, :]
    n = (pairs * rows[:, None, None]).sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        together = (pairs * both).sum(axis=0) / n
        share = (pairs * np.diagonal(both, axis1=1, axis2=2)[:, :, None]).sum(axis=0) / n
        spread = np.sqrt(share * (1.0 - share))
        return np.asarray((together - share * share.T) / (spread * spread.T), dtype=np.float64)


@dataclass(frozen=True)
class GapModel:
    """How well other columns predict which values are missing.

    auc: out of fold.
    low, high: its 95% interval.
    noise: its noise floor (95%).
    p: chance of such an AUC without any relation, one-sided.
    n: rows judged.
    """

    auc: float
    low: float
    high: float
    noise: float
    p: float
    n: int = 0


def gap_model(matrix: NDArray[np.float32], missing: Mask, folds: Ints, seed: int) -> GapModel | None:
    """How well a small gradient-boosted model of the columns of ``matrix`` (NaN allowed) predicts ``missing``
    on rows it has not seen.

    AUC is taken within each fold and averaged, which removes the pull of fold against fold; interval: Hanley
    and McNeil 1982; noise: the rank-sum variance, widened as the folds are not independent. None where a fold
    has too few rows of either sort. Of more than 60 columns, which must be `ranked`, each model takes the 30
    that predict most in its training rows.
    """
    from scipy.special import ndtr

    counts = np.array(
        [[np.count_nonzero(missing[folds == f] == state) for state in (True, False)] for f in range(FOLDS)],
        dtype=np.float64,
    )
    if counts.min() < 2.0 or not matrix.shape[1]:
        return None
    areas = _areas(matrix, missing, folds, seed)
    weight = counts.prod(axis=1)
    auc = float((areas * weight).sum() / weight.sum())
    yes, no = float(missing.sum()), float((~missing).sum())
    spread = _FOLDS_AGREE * float(
        np.sqrt(((weight / weight.sum()) ** 2 * (counts.sum(1) + 1.0) / (12.0 * weight)).sum())
    )
    error = float(auc_error(np.array([max(auc, 1.0 - auc)]), np.array([yes]), np.array([no]))[0])
    return GapModel(
        auc,
        max(0.0, auc - 1.96 * error),
        min(1.0, auc + 1.96 * error),
        0.5 + 1.96 * spread,
        float(ndtr((0.5 - auc) / spread)),
        missing.size,
    )


def _areas(matrix: NDArray[np.float32], missing: Mask, folds: Ints, seed: int) -> Floats:
    """Per fold the AUC of a model of the other folds; 0.5 where no column is worth taking."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    areas = np.full(FOLDS, 0.5)
    model = HistGradientBoostingClassifier(
        max_iter=25,
        learning_rate=0.2,
        max_leaf_nodes=8,
        max_bins=_BINS,
        l2_regularization=1.0,  # without it steps grow without bound in leaves of few of the rarer sort
        early_stopping=False,
        random_state=seed,
    )
    taken = _screened(matrix, missing, folds)
    # so little work is slower on several threads, much slower where others work too
    with one_thread():
        for fold, columns in enumerate(taken):
            here, chosen = folds == fold, matrix[:, columns]
            if columns.size:
                model.fit(chosen[~here], missing[~here])
                areas[fold] = area_under_curve(model.predict_proba(chosen[here])[:, 1], missing[here])
    return areas


def ranked(matrix: NDArray[np.float32]) -> NDArray[np.float32]:
    """Each value as the rank of its bin, -0.5 to 0.5, of up to 31 bins of equal numbers of values in its
    column; NaN where it is missing. A model of so many bins learns the same from them as from the values.

    >>> column = np.array([[3.0], [np.nan], [9.0], [3.0]], dtype=np.float32)
    >>> ranked(column).astype(float).ravel().round(3).tolist()
    [-0.167, nan, 0.333, -0.167]
    """
    made = np.full(matrix.shape, np.nan, np.float32)
    for column, ranks in zip(matrix.T, made.T, strict=True):
        known = ~np.isnan(column)
        values = np.sort(column[known])
        edges = np.unique(values[np.arange(1, _RANKS) * values.size // _RANKS]) if values.size else values
        bins = np.searchsorted(edges, column[known], side="right")
        counts = np.bincount(bins)
        ranks[known] = ((np.cumsum(counts) - counts / 2.0) / max(values.size, 1) - 0.5)[bins]
    return made


def _screened(matrix: NDArray[np.float32], missing: Mask, folds: Ints) -> list[Ints]:
    """Per fold the columns that have values in the other folds; of more than 60 the 30 of which a sign (see
    `_signs`) goes with ``missing`` most there.
    """
    inside = (folds == np.arange(FOLDS)[:, None]).astype(np.float32)

    def outside(weights: NDArray[np.float32], values: NDArray[np.float32]) -> Floats:
        sums = (weights @ values).astype(np.float64)
        return np.asarray(sums.sum(axis=0) - sums, dtype=np.float64)

    rows = outside(inside, np.ones((folds.size, 1), np.float32))
    known = outside(inside, (~np.isnan(matrix)).astype(np.float32)) > 0
    if matrix.shape[1] <= WIDE:
        return [np.flatnonzero(usable) for usable in known]
    signs, hits = _signs(matrix), missing.astype(np.float32)
    mean, square = outside(inside, signs) / rows, outside(inside, signs * signs) / rows
    aim = outside(inside * hits, signs) / rows - mean * outside(inside, hits[:, None]) / rows
    spread = np.sqrt(np.maximum(square - mean * mean, 0.0))
    linked = np.where(spread > _STILL, np.abs(aim) / np.maximum(spread, _STILL), 0.0)
    strength = np.where(known, linked.reshape(FOLDS, 3, -1).max(axis=1), -1.0)
    order = np.argsort(-strength, axis=1, kind="stable")
    return [np.sort(best[usable[best]][:TAKEN]) for best, usable in zip(order, known, strict=True)]


def _signs(ranks: NDArray[np.float32]) -> NDArray[np.float32]:
    """Per value its rank around 0, its distance from the middle rank, and whether it is missing: three blocks
    as wide as ``ranks``.
    """
    absent = np.isnan(ranks)
    bent = np.where(absent, np.float32(0.0), np.abs(ranks) - np.float32(0.25))
    return np.hstack([np.nan_to_num(ranks), bent, absent.astype(np.float32)])


def moved(before: Floats, after: Floats) -> float:
    """The largest distance between two distribution functions (Kolmogorov and Smirnov), 0 to 1.

    >>> moved(np.array([1.0, 2.0]), np.array([1.0, 2.0, 2.0, 2.0]))
    0.25
    """
    grid = np.unique(np.concatenate([before, after]))
    left = np.searchsorted(np.sort(before), grid, side="right") / max(before.size, 1)
    right = np.searchsorted(np.sort(after), grid, side="right") / max(after.size, 1)
    return float(np.abs(left - right).max(initial=0.0))
