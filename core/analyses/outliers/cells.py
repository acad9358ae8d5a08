"""Values that lie farther out than all others explain: a height of 57 among 148 to 197.

One such value moves a row but little among many columns, and no distance between rows finds it. A value is
one where the gap before it is not explained by the spacing of the values next to it (the measure of isolated
values, `core.numerics.isolated`) and where it lies farther out than the tails of the table reach
(`tail_shape`). Where its tail is certainly heavier than a normal one, the gap must stand out even from a tail
that falls as a power of the distance.

The same measure on the distance to the k-th neighbour finds rows, and groups of rows, far from all others.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.analyses.outliers.tail_shape import TailShape, ranks, tail_shape, together
from core.numerics.describe import runs
from core.numerics.isolated import DISTINCT, LEAST, MANY, Gap, Tail, isolated
from core.numerics.number_codes import codes, median_of

Floats = NDArray[np.float64]
Ids = NDArray[np.int64]
TABLES = 0.005  # share of clean tables in which a value is named, were the tails known: 0.01 as they are not
_GAP_RISK = 0.15  # of a gap at one end: the shape of the tails does the rest
_ERRORS = 0.7  # standard errors by which the limit lies beyond what the shape says
_HEAVY = 3.0  # standard errors by which a tail is heavier than a normal one, for certain


class OddCells(NamedTuple):
    """Odd values, by row: ``rows`` (ascending; one entry per row, its oddest value), ``columns`` (places
    among those given), ``times``: the distance from the median over the largest that is expected."""

    rows: Ids
    columns: NDArray[np.int16]
    times: Floats


class _End(NamedTuple):
    """One end of a column: which column; the rows beyond its gap and how far they lie from its median; how
    far those must lie whose gap stands out from a power law (infinite: none does); the shape of the tail.
    """

    column: int
    rows: Ids
    distances: Floats
    heavy: float
    shape: TailShape | None


def odd_cells(columns: Iterable[Floats], width: int, tables: float = TABLES) -> OddCells:
    """The single values that stand out of ``width`` columns of numbers (NaN: missing), in any order.

    tables: share of clean tables in which one is named, shared out among the ends of all columns.
    """
    risk = tables / max(1, 2 * width)
    ends = [end for place, values in enumerate(columns) for end in _ends(values, place, risk)]
    shapes = iter(together([end.shape for end in ends if end.shape is not None]))
    found = [_beyond(end, None if end.shape is None else next(shapes), risk, MANY) for end in ends]
    rows = np.concatenate([one[0] for one in found] or [np.zeros(0, np.int64)])
    times = np.concatenate([one[1] for one in found] or [np.zeros(0)])
    column = np.repeat([end.column for end in ends], [one[0].size for one in found]).astype(np.int16)
    order = np.lexsort((column, -times, rows))
    first = order[np.flatnonzero(np.diff(rows[order], prepend=-1))]
    return OddCells(rows[first], column[first], times[first])


def far_groups(distances: Floats, most: int, tables: float = TABLES) -> Floats:
    """How many times as far each row lies from its k-th neighbour as the others let expect, where it lies
    beyond a gap with at most ``most`` rows (a twentieth of all) behind it, and that far; 0 for others.

    A group of rows alike is found though they are each other's neighbours: behind the gap they may be many.
    tables: share of clean tables in which a row is named.
    """
    times = np.zeros(distances.size)
    ascending = np.sort(distances)
    distinct, counts = runs(ascending)
    if ascending.size < LEAST or distinct.size < min(LEAST, ascending.size // 2):
        return times  # of columns of few levels, distances lie on a lattice, and gaps mean nothing
    median, most = median_of(distinct, counts), min(most, distances.size // 20)
    tail = Tail.upper(distinct, counts, median, most)
    end = _end(distances, ascending, 1, tail.innermost(_GAP_RISK), tail.innermost(tables), median)
    shapes = together([] if end.shape is None else [end.shape])
    rows, beyond = _beyond(end, next(iter(shapes), None), tables, most)
    times[rows] = beyond
    return times


def _beyond(end: _End, shape: TailShape | None, risk: float, most: int) -> tuple[Ids, Floats]:
    """The rows of one end that lie beyond what its tail reaches, and how many times as far; none where they
    are more than ``most``.
    """
    limit = 0.0 if shape is None else shape.limit(risk / shape.n, _ERRORS)
    if shape is None or shape.is_heavy(_HEAVY):
        limit = max(limit, end.heavy)
    out = end.distances > limit
    if not limit or out.sum() > most:
        out = np.zeros(out.size, bool)
    return end.rows[out], end.distances[out] / limit if limit else end.distances[out]


def _ends(values: Floats, column: int, risk: float) -> Iterator[_End]:
    """Both ends of a column; none where it has too few values, or too few different ones."""
    known = np.flatnonzero(~np.isnan(values))
    ascending = np.sort(values[known])
    distinct, counts = runs(ascending)
    coded = [code.place for code in codes(distinct, counts) if code.kind != "spike"]
    if coded:
        left = ~np.isin(ascending, distinct[coded])
        known = known[~np.isin(values[known], distinct[coded])]
        ascending = ascending[left]
        distinct, counts = np.delete(distinct, coded), np.delete(counts, coded)
    if ascending.size < LEAST or distinct.size < DISTINCT:
        return
    median = median_of(distinct, counts)
    both = zip(
        (-1, 1),
        isolated(distinct, counts, median, _GAP_RISK),
        isolated(distinct, counts, median, risk),
        strict=True,
    )
    for side, gap, strict in both:
        end = _end(values[known], ascending, side, gap, strict, median)
        yield end._replace(column=column, rows=known[end.rows])


def _end(
    values: Floats, ascending: Floats, side: int, gap: Gap | None, strict: Gap | None, median: float
) -> _End:
    """One end of a column of numbers: -1 the lower, 1 the upper. gap, strict: the gap there, at the risk of a
    look and at that of a verdict.
    """
    away = side * (ascending[::-side] - median)
    beyond = 0 if gap is None else gap.values
    shape = tail_shape(away[beyond:][ranks(away.size - beyond) - 1], away.size - beyond)
    outer = side * (values - median)
    rows = np.flatnonzero(outer >= side * (gap.nearest - median)) if gap else np.zeros(0, np.int64)
    return _End(0, rows, outer[rows], _power(strict, side, median), shape)


def _power(gap: Gap | None, side: int, median: float) -> float:
    """The distance beyond which lie the values that stand out even from a power law; infinite for none."""
    if gap is None or not gap.heavy:
        return np.inf
    return float(np.nextafter(side * (gap.nearest - median), 0.0))
