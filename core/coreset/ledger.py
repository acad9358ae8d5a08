"""What was worked out of every row, kept so that an edit need not work it out again: 36 bytes a row."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.coreset.sketch import Sketch
from core.errors import InputError
from core.numerics.priority import uniforms
from core.prepare.pilot.pilot import SamplingKeys

Ints = NDArray[np.int64]
LEFT_OUT = -1  # stratum of a row without target or weight
REMOVED = -2  # of a row that is gone
COLUMNS = ("number", "stratum", "key", "score", "weight")


@dataclass(frozen=True, eq=False)
class Ledger:
    """Per row, ascending by ``number``: its stratum (int32; `LEFT_OUT`, `REMOVED`), key, score, and weight in
    units of `Pilot.unit`.
    """

    number: Ints
    stratum: NDArray[np.int32]
    key: NDArray[np.uint64]
    score: NDArray[np.float64]
    weight: Ints

    def __post_init__(self) -> None:
        for values in vars(self).values():  # ours alone: copies would double the memory
            values.flags.writeable = False

    @classmethod
    def of(cls, marked: SamplingKeys, number: Ints) -> Ledger:
        """Of the rows that were marked. number: of each of them, ascending, those left out counted."""
        stratum = np.full(number.size, LEFT_OUT, np.int32)
        key, score = np.zeros(number.size, np.uint64), np.zeros(number.size)
        weight = np.zeros(number.size, np.int64)
        stratum[marked.place], key[marked.place] = marked.stratum, marked.key
        score[marked.place], weight[marked.place] = marked.score, marked.weight
        return cls(number, stratum, key, score, weight)

    @classmethod
    def joined(cls, parts: list[Ledger]) -> Ledger:
        """Several, of rows in their order."""
        return cls(*(np.concatenate([getattr(part, name) for part in parts]) for name in COLUMNS))

    @property
    def unbroken(self) -> bool:
        """Whether no number is left out between the first and the last."""
        size = self.number.size
        return bool(size and self.number[-1] - self.number[0] == size - 1)

    @cached_property
    def complete(self) -> bool:
        """Whether no row is gone."""
        return bool(self.stratum.min(initial=0) != REMOVED)

    def places(self, numbers: Ints) -> Ints:
        """Where the rows of these numbers stand. Raises `InputError` where one is not there."""
        if not numbers.size:
            return np.zeros(0, np.int64)
        size = self.number.size
        if self.unbroken:
            places = numbers - self.number[0]
            lost = numbers[(places < 0) | (places >= size)]
        else:
            places = np.minimum(np.searchsorted(self.number, numbers), max(size - 1, 0)).astype(np.int64)
            lost = numbers[self.number[places] != numbers] if size else numbers
        if lost.size:
            raise InputError(f"The coreset knows no row {int(lost[0]):,}. Is it of other data?")
        return np.asarray(places, np.int64)

    def marks(self, places: Ints) -> SamplingKeys:
        """The rows at these places that can be drawn."""
        stratum = self.stratum[places]
        there = stratum >= 0
        if not there.all():
            places, stratum = places[there], stratum[there]
        return SamplingKeys(
            places, stratum.astype(np.int64), self.key[places], self.score[places], self.weight[places]
        )

    def moved(self, by: int) -> Ledger:
        """The same, every number larger by so much."""
        return Ledger(self.number + by, self.stratum, self.key, self.score, self.weight)

    def edited(self, gone: Ints, changed: Ints, marked: SamplingKeys | None) -> Ledger:
        """The same, the rows at the places ``gone`` removed, those at ``changed`` marked anew. Its
        columns are copied when one is first asked for.
        """
        return _Deferred(self.number, partial(self._edited, gone, changed, marked))

    def _edited(self, gone: Ints, changed: Ints, marked: SamplingKeys | None) -> Ledger:
        stratum = self.stratum.copy()
        stratum[gone] = REMOVED
        if marked is None:
            return Ledger(self.number, stratum, self.key, self.score, self.weight)
        fresh = Ledger.of(marked, self.number[changed])
        stratum[changed] = fresh.stratum
        columns = {}
        for name in ("key", "score", "weight"):
            values, new = getattr(self, name), getattr(fresh, name)
            if not np.array_equal(values[changed], new):
                values = values.copy()
                values[changed] = new
            columns[name] = values
        return Ledger(self.number, stratum, **columns)


class _Deferred(Ledger):
    """A ledger whose columns beside ``number`` are worked out when one is first asked for: who looks at the
    rows drawn after an edit asks for none, and to copy them takes as long as half of the edit itself.
    """

    def __init__(self, number: Ints, whole: Callable[[], Ledger]) -> None:
        vars(self).update(number=number, _whole=whole)

    def __getattr__(self, column: str) -> NDArray[Any]:
        if column not in COLUMNS:
            raise AttributeError(column)
        whole = vars(self).get("_whole")
        if whole is not None:
            vars(self).update(vars(whole()))
            vars(self).pop("_whole", None)  # and with it the ledger before the edit
        values: NDArray[Any] = vars(self)[column]
        return values

    def __reduce__(self) -> tuple[Any, ...]:
        return Ledger, tuple(getattr(self, column) for column in COLUMNS)


def removed(sketch: Sketch, before: Ledger, places: Ints) -> Sketch:
    """The sketch without the rows at these places, which ascend; its ``room`` shrinks by the units that
    go.
    """
    import pyarrow as pa

    marks = before.marks(places)
    totals = sketch.less(marks, int((before.stratum[places] == LEFT_OUT).sum()))
    place = _places(sketch, marks)
    met = place >= 0
    times = sketch.times - np.bincount(place[met], minlength=sketch.key.size)
    heft = sketch.heft.copy()
    np.subtract.at(heft, place[met], marks.weight[met])
    lost = int(np.bincount(sketch.group[times == 0], minlength=1).max(initial=0))
    row, gone = sketch.row.copy(), before.number[places]
    led = np.unique(place[met])
    led = led[times[led] > 0]
    led = led[np.append(gone, -1)[np.searchsorted(gone, row[led])] == row[led]]
    if led.size:
        row[led] = _first_rows(before, places, sketch.key[led])
    still = times > 0
    return replace(
        totals,
        room=sketch.room - lost,
        sure=max(0, sketch.sure - lost),
        stratum=sketch.stratum[still],
        key=sketch.key[still],
        score=sketch.score[still],
        row=row[still],
        times=times[still],
        heft=heft[still],
        content=sketch.content if still.all() else sketch.content.filter(pa.array(still)),
    )


def _first_rows(before: Ledger, places: Ints, keys: NDArray[np.uint64]) -> Ints:
    """Of each of these distinct keys the first row left that has it, once the rows at these places are
    gone.
    """
    order = np.argsort(keys)
    ranked = keys[order]
    at = np.minimum(np.searchsorted(ranked, before.key), ranked.size - 1)
    mine = (ranked[at] == before.key) & (before.stratum >= 0)
    mine[places] = False
    first = np.full(keys.size, np.iinfo(np.int64).max)
    np.minimum.at(first, order[at[mine]], before.number[mine])
    return first


def _places(sketch: Sketch, marks: SamplingKeys) -> Ints:
    """Per mark the place of its unit in the sketch, -1 where it is not there."""
    places = np.full(marks.key.size, -1)
    if not sketch.key.size:
        return places
    least = np.full(int(sketch.groups[-1]) + 1, np.inf)  # of each group the lowest priority of its units
    np.minimum.at(least, sketch.group, sketch.score / uniforms(sketch.key))
    high = np.flatnonzero(marks.score / uniforms(marks.key) >= least[sketch.groups[marks.stratum]])
    order = np.argsort(sketch.key, kind="stable")
    ranked = sketch.key[order]
    at = np.minimum(np.searchsorted(ranked, marks.key[high]), order.size - 1)
    met = ranked[at] == marks.key[high]
    places[high[met]] = order[at[met]]
    return places
