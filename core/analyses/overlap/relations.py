"""Relations of two columns that changed: rank correlations within train and within serve. Each column by
itself may be as it was, and two of them yet be related in another way.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.analyses.overlap.margins import Margin, Part, matched, of_levels, of_numbers
from core.analyses.overlap.rank_correlation import (
    Change,
    RankCorrelation,
    changed,
    fisher_z,
    rank_correlation,
)
from core.dataset import Dataset
from core.numerics.correlation import correlations, rank
from core.numerics.multiple_tests import q_values
from core.prepare.features import numbers
from core.prepare.levels import level_codes
from core.prepare.train_serve import Ids
from core.progress import SILENT, Progress

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]
LEVEL = 0.005  # false discovery rate over all pairs
FLOOR = 0.01  # share of tables without a change that pass the noise floor
MOST = 60  # columns compared
MOST_CHANGED = 100  # pairs of which is asked whether the change follows from a column that shifted
FEWEST = 20  # rows of a part, known in both columns, that do not hold a column's commonest value
SMALL, LARGE = 0.3, 0.5  # Cohen's q from which a change counts, and from which it is large
LEAST_RHO = 0.1  # change of the correlation itself that counts: near 1, q grows without end
_MATCHED_ROWS = 3_000  # of either part, that are matched
_OTHERS = 5  # other columns that are matched one by one
_SHIFTED = 0.01  # p-value below which another column is
_HOLDS = 0.05  # p-value below which a change holds among matched rows
_EFFECTIVE = 10.0  # rows that matching by another column must leave
_END = 1.960  # standard errors to either end of the 95% interval
PARTS: tuple[Part, Part] = ("train", "serve")


class RelationChange(NamedTuple):
    """Two columns of numbers. train, serve: their rank correlation in either part. q: Cohen's q, the
    difference of Fisher's z; low, high: its 95% interval. noise: what the largest q of all pairs stays under
    in 99 of 100 tables where nothing changed. q_value: Benjamini-Hochberg over all pairs. rows: how many of
    train and of serve are known in both.
    """

    left: str
    right: str
    train: float
    serve: float
    q: float
    low: float
    high: float
    noise: float
    q_value: float
    rows: tuple[int, int]

    @property
    def large(self) -> bool:
        """Whether the change is large, and surely not below what counts."""
        return self.q >= LARGE and self.low >= SMALL


class Relations(NamedTuple):
    """changed: the pairs whose relation changed, the one that changed most first. pairs: how many were
    compared. largest: of all of these the one with the largest q, None without a pair. following: how many
    changed as far and as surely, but not among rows matched by the columns that shifted. beyond: columns of
    numbers that were too many.
    """

    changed: tuple[RelationChange, ...] = ()
    pairs: int = 0
    largest: RelationChange | None = None
    following: int = 0
    beyond: int = 0


class _InBothParts(NamedTuple):
    """A column of numbers in both parts."""

    name: str
    train: Floats
    serve: Floats

    @property
    def known(self) -> int:
        """How many are known, in the part where fewer are."""
        return min(int(np.isfinite(side).sum()) for side in (self.train, self.serve))


class _Pair(NamedTuple):
    """Two columns, by their places, over the rows where both are known."""

    left: int
    right: int
    train: RankCorrelation
    serve: RankCorrelation
    rows: tuple[int, int]

    @property
    def change(self) -> Change:
        """From train to serve."""
        return changed(self.train, self.serve)

    @property
    def counts(self) -> bool:
        """Whether the change is large enough to matter, be it noise or not."""
        far = abs(self.serve.rho - self.train.rho) >= LEAST_RHO
        return abs(self.change.difference) >= SMALL and far


def relations(
    dataset: Dataset, names: Sequence[str], train: Ids, serve: Ids, progress: Progress = SILENT
) -> Relations:
    """Compare each pair of the columns of numbers (and times) among ``names``, on these rows of either part;
    docs/methods/overlap.md.
    """
    columns: list[_InBothParts] = []
    others: list[Margin] = []
    rows = np.concatenate([train, serve])
    for name in progress.each([name for name in names if name in dataset.names], "Relations of columns"):
        values = dataset.table([name]).column(0).take(rows)
        if dataset[name].kind in ("numeric", "datetime"):
            column = numbers(dataset[name], values)
            columns.append(_InBothParts(name, column[: train.size], column[train.size :]))
        elif dataset[name].kind in ("category", "boolean"):
            codes = level_codes(values)[0]
            others.append(of_levels(codes[: train.size], codes[train.size :]))
    varying = [one for one in columns if _vary(one.train) and _vary(one.serve)]
    first = sorted(range(len(varying)), key=lambda at: -varying[at].known)[:MOST]
    return _compared([varying[at] for at in sorted(first)], others, len(varying) - len(first))


def _vary(values: Floats) -> bool:
    """Whether enough rows hold another value than the commonest."""
    _, often = np.unique(values[np.isfinite(values)], return_counts=True)
    return int(often.sum()) - int(often.max(initial=0)) >= FEWEST


def _compared(columns: list[_InBothParts], others: list[Margin], beyond: int) -> Relations:
    if len(columns) < 2:
        return Relations(beyond=beyond)
    left, right = np.triu_indices(len(columns), 1)
    quick = _quick(columns)[left, right]
    order = np.argsort(-quick, kind="stable")
    asked = max(1, int((quick >= 0.8 * SMALL).sum()))  # with missing values the quick ones are not exact
    pairs = [
        pair
        for at in order[:asked].tolist()
        if (pair := _pair(columns, int(left[at]), int(right[at]))) is not None
    ]
    if not pairs:
        return Relations(beyond=beyond)
    p = np.ones(left.size)
    p[: len(pairs)] = [pair.change.p if pair.counts else 1.0 for pair in pairs]
    q = q_values(p)[: len(pairs)].tolist()
    lines = [_line(columns, pair, value, left.size) for pair, value in zip(pairs, q, strict=True)]
    sure = [at for at, pair in enumerate(pairs) if pair.counts and q[at] < LEVEL]
    sure = sorted(sure, key=lambda at: -lines[at].q)[:MOST_CHANGED]
    margins = [of_numbers(one.train, one.serve) for one in columns] if sure else []
    held = [lines[at] for at in sure if _holds(columns, pairs[at], margins, others)]
    largest = max(lines, key=lambda line: line.q)
    return Relations(tuple(held), left.size, largest, len(sure) - len(held), beyond)


def _quick(columns: list[_InBothParts]) -> Floats:
    """Cohen's q of all pairs at once; 0 where one does not vary."""
    z = []
    for part in PARTS:
        ranked = [rank(getattr(one, part)) for one in columns]
        known = np.array([one.ranks > 0 for one in ranked])
        centred = np.array([one.ranks - (one.known + 1) / 2 for one in ranked]) * known
        rho = correlations(centred, known).r
        z.append(np.vectorize(fisher_z)(rho))
    return np.asarray(np.nan_to_num(np.abs(z[0] - z[1])), dtype=np.float64)


def _pair(columns: list[_InBothParts], left: int, right: int) -> _Pair | None:
    """None where too few rows are known in both."""
    sides = []
    for part in PARTS:
        x, y = (getattr(columns[at], part) for at in (left, right))
        both = np.isfinite(x) & np.isfinite(y)
        x, y = x[both], y[both]
        if not (_vary(x) and _vary(y)):
            return None
        sides.append((rank_correlation(x, y), x.size))
    (train, n), (serve, m) = sides
    return _Pair(left, right, train, serve, (n, m))


def _line(columns: list[_InBothParts], pair: _Pair, q_value: float, pairs: int) -> RelationChange:
    from scipy.special import ndtri

    change = pair.change
    q = abs(change.difference)
    return RelationChange(
        left=columns[pair.left].name,
        right=columns[pair.right].name,
        train=pair.train.rho,
        serve=pair.serve.rho,
        q=q,
        low=max(0.0, q - _END * change.error),
        high=q + _END * change.error,
        noise=-float(ndtri(FLOOR / (2.0 * pairs))) * change.error,
        q_value=q_value,
        rows=pair.rows,
    )


def _holds(columns: list[_InBothParts], pair: _Pair, margins: list[Margin], others: list[Margin]) -> bool:
    """Whether the relation changed among rows that are matched, too: by either column, by both, and by each
    other column that shifted besides. What no longer holds then follows from the column that shifted, as a
    correlation does where serve has a part of train's range.
    """
    own = [margins[pair.left], margins[pair.right]]
    rest = [one for at, one in enumerate(margins) if at not in (pair.left, pair.right)]
    by_p = sorted([(one.p, at) for at, one in enumerate([*rest, *others])])
    besides = [[*rest, *others][at] for p, at in by_p[:_OTHERS] if p < _SHIFTED]
    sets = [[own[0]], [own[1]], own]
    known = [_known(columns, pair, part) for part in PARTS]
    for at, by in enumerate([*sets, *([*own, one] for one in besides)]):
        for matching in _matched(columns, pair, by, known):
            if at >= len(sets) and matching[0] < _EFFECTIVE:
                continue  # unlike the pair's own columns, it need not have to do with it
            if not _same(pair.change, matching[1]):
                return False
    return True


def _known(columns: list[_InBothParts], pair: _Pair, part: Part) -> Mask:
    """The first rows of a part where both are known."""
    x, y = (getattr(columns[at], part) for at in (pair.left, pair.right))
    both = np.isfinite(x) & np.isfinite(y)
    return np.asarray(both & (np.cumsum(both) <= _MATCHED_ROWS))


def _matched(
    columns: list[_InBothParts], pair: _Pair, by: Sequence[Margin], known: Sequence[Mask]
) -> Iterator[tuple[float, Change]]:
    """Train made like serve, then serve like train: the rows that it leaves, and the change among them."""
    here = [one.at(known[0], known[1]) for one in by]
    values = [
        [getattr(columns[at], part)[mask] for at in (pair.left, pair.right)]
        for part, mask in zip(PARTS, known, strict=True)
    ]
    plain = [rank_correlation(*both) for both in values]
    for at, part in enumerate(PARTS):
        weights = matched(here, part)
        kept = weights > 0
        if not kept.any():
            yield 0.0, Change(0.0, float("inf"))
            continue
        x, y = (side[kept] for side in values[at])
        weighted = rank_correlation(x, y, weights[kept])
        sides = (weighted, plain[1]) if at == 0 else (plain[0], weighted)
        yield weighted.rows, changed(*sides)


def _same(before: Change, now: Change) -> bool:
    """Whether a change is in the same direction, counts, and is beyond the noise."""
    onward = now.difference * np.sign(before.difference)
    return bool(onward >= SMALL and now.p < _HOLDS)
