"""Columns that determine another one (a functional dependency) in all but a few rows, which mostly hold an
error in one of the two.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.dataset import Dataset
from core.prepare.levels import RARE, encoded
from core.prepare.sampling import Ids, sampled
from core.progress import Progress
from core.rowset import RowSet

if TYPE_CHECKING:
    import pyarrow as pa

DISAGREE = 0.01  # share of the rows, at most, in which the dependency does not hold
LAMBDA = 0.95  # Goodman and Kruskal's lambda from which one column determines another
MIN_ROWS = 50  # in levels of five rows or more
MOSTLY = 0.5  # share of the rows, at least, that such levels hold: a key determines everything
COLUMNS = 100  # the first ones whose values repeat
_CLEAR = 0.8  # share of a level's rows that agree, from which those that do not are exceptions
_PERMUTATIONS = 19  # the largest lambda of these is the 95% noise floor
SAMPLE = 20_000  # rows on which every pair is tried
_EXAMPLES = 2
_LOOSE = 3  # a sample may show so many times the rows that disagree
_DENSE = 8  # cells of a table per row up to which they are all counted, empty ones too

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


class Dependency(NamedTuple):
    """One column that determines another one but for some rows.

    by, of: the column that determines, and the one that it determines.
    levels: of ``by`` that have five rows or more.
    n: rows of these in which both are known.
    exceptions: the rows that do not hold what at least four in five of their level hold.
    examples: of some exceptions the level, what most of its rows hold, and what this one holds.
    strength: Goodman and Kruskal's lambda: the share of the errors that ``by`` takes from a guess of ``of``.
    noise: what it is by chance (95%).
    """

    by: str
    of: str
    levels: int
    n: int
    exceptions: RowSet
    examples: tuple[tuple[str, str, str], ...]
    strength: float
    noise: float


class _Coded(NamedTuple):
    """Per row the place of its value among ``levels``, which ascend (-1: missing): nothing depends on which
    value comes first in the data.
    """

    places: Ints
    levels: pa.Array

    def text(self, place: int) -> str:
        return str(self.levels[place].as_py())


class _Table(NamedTuple):
    """The cells of a contingency table that are not empty: level of the one, of the other, rows."""

    by: Ints
    of: Ints
    counts: Ints

    @property
    def turned(self) -> _Table:
        return _Table(self.of, self.by, self.counts)


class _Holding(NamedTuple):
    """How far a dependency holds: which cells are in levels large enough, rows in them, rows that disagree
    with most of their level, lambda, and which cells hold clear exceptions.
    """

    inside: Bools
    n: int
    wrong: int
    strength: float
    odd: Bools


def determined(
    dataset: Dataset, names: Sequence[str], seed: int, progress: Progress
) -> tuple[Dependency, ...]:
    """The dependencies among ``names``, the strongest first; of a pair the stronger direction, and none whose
    exceptions are all exceptions to stronger ones. What may hold in a sample is looked at in all rows.
    """
    codes = {}
    rows = sampled(dataset, names, SAMPLE, seed, progress.part(0.0, 0.2))
    progress = progress.part(0.2, 1.0)
    for name in names:
        places = _coded(dataset, name, rows).places
        if _repeats(places):
            codes[name] = places
        if len(codes) == COLUMNS:
            break
    columns, found = list(codes), list[Dependency]()
    for done, one in enumerate(progress.each(columns, "Looking for dependencies")):
        for other in columns[done + 1 :]:
            if _may(codes[one], codes[other], whole=rows is None):
                found += _of_pair(dataset, one, other, seed)
    return _each_row_once(found)


def _coded(dataset: Dataset, name: str, rows: Ids | None = None) -> _Coded:
    import pyarrow.compute as pc

    values = dataset.table([name]).column(0)
    places, levels = encoded(values if rows is None else values.take(rows))
    ascending = pc.sort_indices(levels)
    order = np.full(len(levels) + 1, -1, np.int64)
    order[ascending.to_numpy()] = np.arange(len(levels))
    return _Coded(order[places], levels.take(ascending))


def _repeats(places: Ints) -> bool:
    """Whether a column has two values, and enough rows in which they repeat."""
    counts = np.bincount(places[places >= 0])
    return counts.size > 1 and int(counts[counts > 1].sum()) >= MIN_ROWS


def _may(one: Ints, other: Ints, *, whole: bool) -> bool:
    """Whether either column may determine the other; in a sample levels are smaller."""
    table, least, loose = _table(one, other), RARE if whole else 2, 1 if whole else _LOOSE
    return any(
        held.n >= MIN_ROWS
        and held.wrong <= loose * DISAGREE * held.n
        and 1 - held.strength <= loose * (1 - LAMBDA)
        for held in (_holds(table, least), _holds(table.turned, least))
    )


def _table(one: Ints, other: Ints) -> _Table:
    known = (one >= 0) & (other >= 0)
    one, other = one[known], other[known]
    if not one.size:
        return _Table(one, other, one)
    wide = int(other.max()) + 1
    keys = one * wide + other
    if (int(one.max()) + 1) * wide <= _DENSE * one.size:
        counts = np.bincount(keys)
        cells = np.flatnonzero(counts)
        counts = counts[cells]
    else:
        cells, counts = np.unique(keys, return_counts=True)
    return _Table(cells // wide, cells % wide, counts.astype(np.int64))


def _holds(table: _Table, least: int = RARE) -> _Holding:
    """How far the first column of a table determines the second one.

    least: rows of a level that is looked at.

    >>> by, of = np.repeat([0, 1], 50), np.repeat([0, 1], 50)
    >>> of[7] = 1
    >>> held = _holds(_table(by, of))
    >>> held.n, held.wrong, round(held.strength, 2), held.odd.tolist()
    (100, 1, 0.98, [False, True, False])
    >>> _holds(_table(np.arange(100), of)).n  # a key determines everything
    0
    """
    if not table.counts.size:
        return _Holding(np.zeros(0, bool), 0, 0, 0.0, np.zeros(0, bool))
    sizes = np.bincount(table.by, table.counts).astype(np.int64)
    most = np.zeros(sizes.size, np.int64)
    np.maximum.at(most, table.by, table.counts)
    large = sizes >= least
    inside = large[table.by]
    n = int(sizes[large].sum())
    wrong = n - int(most[large].sum())
    guess = np.bincount(table.of[inside], table.counts[inside]).max(initial=0)
    strength = 1 - wrong / (n - guess) if n > guess else 0.0
    clear = large & (most >= _CLEAR * sizes)
    odd = clear[table.by] & (table.counts < most[table.by])
    return _Holding(inside, n, wrong, float(strength), odd)


def _of_pair(dataset: Dataset, one: str, other: str, seed: int) -> list[Dependency]:
    """What holds between two columns in all rows: the stronger direction, or nothing."""
    left, right = _coded(dataset, one), _coded(dataset, other)
    table = _table(left.places, right.places)
    forth, back = _holds(table), _holds(table.turned)
    may = _passes(forth, table) and not _measured(dataset, one)
    may_back = _passes(back, table) and not _measured(dataset, other)
    if may_back and not (may and forth.strength >= back.strength):
        one, other, left, right, table, forth = other, one, right, left, table.turned, back
    elif not may:
        return []
    noise = _noise(table, forth.inside, seed)
    if forth.strength <= noise:
        return []
    wide = len(right.levels)
    known = (left.places >= 0) & (right.places >= 0)
    odd = np.isin(left.places * wide + right.places, (table.by * wide + table.of)[forth.odd])
    return [
        Dependency(
            by=one,
            of=other,
            levels=np.unique(table.by[forth.inside]).size,
            n=forth.n,
            exceptions=RowSet.from_mask(known & odd),
            examples=_examples(left, right, table, forth),
            strength=forth.strength,
            noise=noise,
        )
    ]


def _examples(left: _Coded, right: _Coded, table: _Table, held: _Holding) -> tuple[tuple[str, str, str], ...]:
    """Of the first cells of exceptions, in the order of their levels."""
    cells = np.flatnonzero(held.odd)
    told = []
    for cell in cells[np.lexsort((table.of[cells], table.by[cells]))][:_EXAMPLES].tolist():
        level = np.flatnonzero(table.by == table.by[cell])
        usual = level[table.counts[level].argmax()]
        told.append((left.text(table.by[cell]), right.text(table.of[usual]), right.text(table.of[cell])))
    return tuple(told)


def _measured(dataset: Dataset, name: str) -> bool:
    """Whether a column holds numbers with fractions: they are measured, and no code for anything."""
    import pyarrow as pa
    import pyarrow.compute as pc

    values = dataset.table([name]).column(0)
    if not pa.types.is_floating(values.type):
        return False
    return bool(pc.any(pc.not_equal(values, pc.floor(values))).as_py())


def _passes(held: _Holding, table: _Table) -> bool:
    enough = held.n >= max(MIN_ROWS, MOSTLY * int(table.counts.sum())) and held.strength >= LAMBDA
    return enough and held.wrong <= DISAGREE * held.n and bool(held.odd.any())


def _noise(table: _Table, inside: Bools, seed: int) -> float:
    """The largest lambda of permutations; the rows stand in the order of their levels, so that theirs in the
    data makes no difference to how many levels agree.
    """
    draw = np.random.default_rng(seed)
    counts = table.counts[inside]
    by, of = np.repeat(table.by[inside], counts), np.repeat(table.of[inside], counts)
    return max(_holds(_table(by, draw.permutation(of))).strength for _ in range(_PERMUTATIONS))


def _each_row_once(found: Sequence[Dependency]) -> tuple[Dependency, ...]:
    """The strongest first; of several by which the same rows are exceptions, that one."""
    told, rows = list[Dependency](), RowSet()
    for one in sorted(found, key=lambda one: (-one.strength, len(one.exceptions), one.by, one.of)):
        if len(one.exceptions - rows):
            told.append(one)
            rows |= one.exceptions
    return tuple(told)
