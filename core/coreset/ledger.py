"""What was worked out of every row, kept so that an edit need not work it out again: 36 bytes a row."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from core.coreset.sketch import Sketch
from core.errors import InputError
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

    def places(self, numbers: Ints) -> Ints:
        """Where the rows of these numbers stand. Raises `InputError` where one is not there."""
        if not numbers.size:
            return np.zeros(0, np.int64)
        places = np.minimum(np.searchsorted(self.number, numbers), max(self.number.size - 1, 0))
        lost = numbers[self.number[places] != numbers] if self.number.size else numbers
        if lost.size:
            raise InputError(f"The coreset knows no row {int(lost[0]):,}. Is it of other data?")
        return places.astype(np.int64)

    def marks(self, places: Ints) -> SamplingKeys:
        """The rows at these places that can be drawn."""
        there = places[self.stratum[places] >= 0]
        stratum = self.stratum[there].astype(np.int64)
        return SamplingKeys(there, stratum, self.key[there], self.score[there], self.weight[there])

    def without(self, places: Ints) -> Ledger:
        """The same, these rows gone."""
        stratum = self.stratum.copy()
        stratum[places] = REMOVED
        return replace(self, stratum=stratum)

    def with_marks(self, places: Ints, marked: SamplingKeys) -> Ledger:
        """The same, the rows at these places marked anew."""
        fresh = Ledger.of(marked, self.number[places])
        columns = []
        for name in COLUMNS[1:]:
            values = getattr(self, name).copy()
            values[places] = getattr(fresh, name)
            columns.append(values)
        return Ledger(self.number, *columns)


def removed(sketch: Sketch, before: Ledger, places: Ints) -> tuple[Sketch, Ledger]:
    """Sketch and ledger without the rows at these places; its ``room`` shrinks by the units that go."""
    marks, after = before.marks(places), before.without(places)
    totals = sketch.less(marks, int((before.stratum[places] == LEFT_OUT).sum()))
    place = _places(sketch, marks)
    met = place >= 0
    times = sketch.times - np.bincount(place[met], minlength=sketch.key.size)
    heft = sketch.heft.copy()
    np.subtract.at(heft, place[met], marks.weight[met])
    lost = int(np.bincount(sketch.stratum[times == 0], minlength=1).max(initial=0))
    row = sketch.row.copy()
    for at in np.flatnonzero((times > 0) & np.isin(row, before.number[places])).tolist():
        row[at] = after.number[(after.key == sketch.key[at]) & (after.stratum >= 0)].min()
    still = np.flatnonzero(times > 0)
    whole = still.size == times.size
    kept = replace(
        totals,
        room=sketch.room - lost,
        sure=max(0, sketch.sure - lost),
        stratum=sketch.stratum[still],
        key=sketch.key[still],
        score=sketch.score[still],
        row=row[still],
        times=times[still],
        heft=heft[still],
        content=sketch.content if whole else sketch.content.take(still),
    )
    return kept, after


def _places(sketch: Sketch, marks: SamplingKeys) -> Ints:
    """Per mark the place of its unit in the sketch, -1 where it is not there."""
    if not sketch.key.size:
        return np.full(marks.key.size, -1)
    order = np.argsort(sketch.key, kind="stable")
    at = np.minimum(np.searchsorted(sketch.key[order], marks.key), order.size - 1)
    return np.where(sketch.key[order[at]] == marks.key, order[at], -1)
