"""The leaf of a coreset: of some rows the units that may be drawn, and exact totals; small and mergeable.

A unit is a row with its id, or all rows that are equal: these share a key, and so are drawn together, with a
weight for each. Nothing of the merge depends on how rows were parted, as the totals are whole numbers and a
unit that is left out of a part has ``room`` units before it there, and so in every union.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from core.errors import InputError
from core.frozen import lock_fields
from core.numerics.priority import falling, uniforms
from core.prepare.pilot.pilot import GRID, Pilot, SamplingKeys

if TYPE_CHECKING:
    import pyarrow as pa

Ints = NDArray[np.int64]
_HALF = 24


@dataclass(frozen=True, eq=False)
class Sketch:
    """Units stand by the group of their stratum, then by falling priority.

    groups: of each stratum (`Pilot.groups`). room: of each group the units of so many largest priorities are
        kept. sure: and those of so many largest scores, for rows that are taken with certainty. by_id:
        whether keys are those of ids.
    rows, weight, mass: per stratum the rows, their weight in units of `Pilot.unit`, the sum of their scores
        in units of 2**-20; whole numbers without bound.
    left_out: rows without a target or weight.
    stratum, key, score, row: per unit; ``row`` is the first of its rows. times, heft: its rows and their
        weight. content: one of its rows.
    """

    groups: Ints
    room: int
    sure: int
    by_id: bool
    rows: tuple[int, ...]
    weight: tuple[int, ...]
    mass: tuple[int, ...]
    left_out: int
    stratum: Ints
    key: NDArray[np.uint64]
    score: NDArray[np.float64]
    row: Ints
    times: Ints
    heft: Ints
    content: pa.Table

    def __post_init__(self) -> None:
        lock_fields(self)

    @classmethod
    def none(cls, pilot: Pilot, schema: pa.Schema, room: int, sure: int = 0) -> Sketch:
        """Of no rows."""
        zero, no = (0,) * pilot.strata, np.zeros(0, np.int64)
        keys, scores = np.zeros(0, np.uint64), np.zeros(0)
        return cls(
            groups=pilot.groups,
            room=room,
            sure=sure,
            by_id=bool(pilot.roles.id),
            rows=zero,
            weight=zero,
            mass=zero,
            left_out=0,
            stratum=no,
            key=keys,
            score=scores,
            row=no,
            times=no,
            heft=no,
            content=schema.empty_table(),
        )

    @property
    def group(self) -> Ints:
        """Of each unit; ascending."""
        return self.groups[self.stratum]

    def with_rows(self, table: pa.Table, marked: SamplingKeys, number: Ints) -> Sketch:
        """With more rows: a table, what the pilot said of them, and the number of each."""
        edge, high = self._edges()
        priority = marked.score / uniforms(marked.key)
        near = np.flatnonzero((priority >= edge[marked.stratum]) | (marked.score >= high[marked.stratum]))
        parts = _marked_units(marked, near, number)
        totals = self.plus(marked, table.num_rows - marked.place.size)
        if not near.size:
            return totals
        return _thinned(totals, _behind(self, parts), [self.content, table.take(marked.place[near])])

    def plus(self, marked: SamplingKeys, left_out: int) -> Sketch:
        """The totals with those of more rows; the units as they are."""
        more = _totals(marked, len(self.rows))
        rows, weight, mass = map(_added, (self.rows, self.weight, self.mass), more)
        return replace(self, rows=rows, weight=weight, mass=mass, left_out=self.left_out + left_out)

    def less(self, marked: SamplingKeys, left_out: int) -> Sketch:
        """The totals without those of some rows; the units as they are."""
        gone = _totals(marked, len(self.rows))
        rows, weight, mass = (
            tuple(a - b for a, b in zip(one, other, strict=True))
            for one, other in zip((self.rows, self.weight, self.mass), gone, strict=True)
        )
        return replace(self, rows=rows, weight=weight, mass=mass, left_out=self.left_out - left_out)

    def _edges(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Per stratum the priority, and the score, below which no unit can enter any more: those of its
        group.
        """
        groups = int(self.groups[-1]) + 1
        edge, high = np.zeros(groups), np.full(groups, 0.0 if self.sure else np.inf)
        starts = np.searchsorted(self.group, np.arange(groups + 1))
        for at in range(groups):
            mine = slice(starts[at], starts[at + 1])
            held = int(starts[at + 1] - starts[at])
            if held >= self.room:
                last = starts[at] + self.room - 1
                edge[at] = self.score[last] / uniforms(self.key[last : last + 1])[0]
            if self.sure and held >= self.sure:
                high[at] = np.partition(self.score[mine], held - self.sure)[held - self.sure]
        return edge[self.groups], high[self.groups]

    def merged(self, other: Sketch) -> Sketch:
        """Of the rows of both. Raises `InputError` where one id is in both, and so equal keys of unequal
        rows.
        """
        totals = replace(
            self,
            room=min(self.room, other.room),
            sure=min(self.sure, other.sure),
            rows=_added(self.rows, other.rows),
            weight=_added(self.weight, other.weight),
            mass=_added(self.mass, other.mass),
            left_out=self.left_out + other.left_out,
            by_id=self.by_id or other.by_id,
        )
        return _thinned(totals, _behind(self, list(_units(other))), [self.content, other.content])


def of_marks(
    empty: Sketch, marked: SamplingKeys, number: Ints, left_out: int, fetch: Callable[[Ints], pa.Table]
) -> Sketch:
    """The sketch of rows that were marked before: no row is scored, and only the contents of those that are
    kept are fetched, by their numbers.
    """
    totals = empty.plus(marked, left_out)
    near = _candidates(marked, empty)
    parts = _marked_units(marked, near, number)
    return _thinned(totals, parts, fetch)


def _marked_units(marked: SamplingKeys, near: Ints, number: Ints) -> list[NDArray[Any]]:
    """The columns of a sketch for some of the rows marked. near: their places; number: of every row."""
    return [
        marked.stratum[near],
        marked.key[near],
        marked.score[near],
        number[marked.place[near]],
        np.ones(near.size, np.int64),
        marked.weight[near],
    ]


def _candidates(marked: SamplingKeys, empty: Sketch) -> Ints:
    """The rows that may be among the units kept: the largest of each group, equal ones counted once."""
    near = np.zeros(marked.key.size, bool)
    measures = ((marked.score / uniforms(marked.key), empty.room), (marked.score, empty.sure))
    group = empty.groups[marked.stratum]
    for at in range(int(empty.groups[-1]) + 1):
        mine = np.flatnonzero(group == at)
        for measure, most in measures:
            order = np.lexsort((marked.key[mine], -measure[mine])) if most else np.zeros(0, np.int64)
            keys = marked.key[mine[order]]
            new = np.ones(keys.size, bool)
            new[1:] = keys[1:] != keys[:-1]
            near[mine[order[np.cumsum(new) <= most]]] = True
    return np.flatnonzero(near)


def _units(sketch: Sketch) -> tuple[NDArray[Any], ...]:
    return (sketch.stratum, sketch.key, sketch.score, sketch.row, sketch.times, sketch.heft)


def _behind(sketch: Sketch, parts: list[NDArray[Any]]) -> list[NDArray[Any]]:
    return [np.concatenate(both) for both in zip(_units(sketch), parts, strict=True)]


def _totals(marked: SamplingKeys, strata: int) -> tuple[tuple[int, ...], ...]:
    """Rows, weight and mass per stratum."""
    rows = np.bincount(marked.stratum, minlength=strata)
    mass = (marked.score / GRID).astype(np.int64)
    return tuple(rows.tolist()), *(_sums(marked.stratum, values, strata) for values in (marked.weight, mass))


def _added(one: tuple[int, ...], other: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(a + b for a, b in zip(one, other, strict=True))


def _sums(stratum: Ints, values: Ints, strata: int) -> tuple[int, ...]:
    """Exact sums per stratum of whole numbers from 0 below 2**62, as Python's own."""
    high, low = values >> _HALF, values & ((1 << _HALF) - 1)
    # a float64 holds every whole number below 2**53: 2**29 rows of 24 bits
    tops = np.zeros(strata, np.int64)
    rest = np.bincount(stratum, low, minlength=strata).astype(np.int64)
    if high.any():
        np.add.at(tops, stratum, high)
    return tuple((int(a) << _HALF) + int(b) for a, b in zip(tops, rest, strict=True))


def _thinned(
    totals: Sketch, parts: list[NDArray[Any]], content: list[pa.Table] | Callable[[Ints], pa.Table]
) -> Sketch:
    """Equal units joined, then those of the largest priorities kept in each group. content: of the units,
    or what gives that of rows by their numbers.
    """
    import pyarrow as pa

    order, times, heft = _joined(totals.by_id, parts)
    stratum, key, score, row = (values[order] for values in parts[:4])
    ranked = falling(totals.groups[stratum], score / uniforms(key), key)
    order, times, heft = order[ranked], times[ranked], heft[ranked]
    stratum, key, score, row = stratum[ranked], key[ranked], score[ranked], row[ranked]
    group = totals.groups[stratum]
    kept = _rank(group) < totals.room
    if totals.sure:
        important = np.lexsort((key, -score, group))
        kept[important[_rank(group[important]) < totals.sure]] = True
    order, row = order[kept], row[kept]
    table = content(row) if callable(content) else pa.concat_tables(content).combine_chunks().take(order)
    return replace(
        totals,
        stratum=stratum[kept],
        key=key[kept],
        score=score[kept],
        row=row,
        times=times[kept],
        heft=heft[kept],
        content=table.combine_chunks(),
    )


def _joined(by_id: bool, parts: list[NDArray[Any]]) -> tuple[Ints, Ints, Ints]:
    """The place of the first row of each unit, the number of its rows and their weight. Raises `InputError`
    where an id is there twice.
    """
    stratum, key, _, row, times, heft = parts
    ranked = np.sort(key)
    if not (ranked[1:] == ranked[:-1]).any():
        return np.arange(key.size), times, heft
    order = np.lexsort((row, key, stratum))
    stratum, key = stratum[order], key[order]
    first = np.ones(key.size, bool)
    first[1:] = (key[1:] != key[:-1]) | (stratum[1:] != stratum[:-1])
    starts = np.flatnonzero(first)
    if starts.size == key.size:
        return order, times[order], heft[order]
    if by_id:
        twice = int(row[order[np.flatnonzero(~first)[0]]])
        raise InputError(
            f"An id occurs twice, in row {twice:,} and in another: rows that are drawn by id need each id "
            "once. Clear the id role, or drop the repeats."
        )
    return order[starts], np.add.reduceat(times[order], starts), np.add.reduceat(heft[order], starts)


def _rank(group: Ints) -> Ints:
    """The place of each unit in its group; groups ascend."""
    return np.asarray(np.arange(group.size) - np.searchsorted(group, group, side="left"))
