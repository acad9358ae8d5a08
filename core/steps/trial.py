"""A step beside what was there before it: which cells, columns and rows it changed. Columns that nothing
changed are not read.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from core.changes import differing
from core.dataset import Dataset
from core.decision import Decision
from core.progress import SILENT, Progress
from core.rowset import RowSet
from core.settled import Content
from core.steps.overlay import contents_of
from core.steps.settling import Work

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True, eq=False)
class StepTrial:
    """Where things stood before a step, and after it; rows are positions in the source.

    first, last: the places of its decisions, as `Settled.effects` counts them, the last one not among them.
    sample_of: how many rows were left, where it was tried on a sample of them; 0: on all. Rows are then
        counted in the sample (`numbers`).
    """

    before: Work
    after: Work
    first: int
    last: int
    sample_of: int = 0

    def numbers(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """The positions in the source of these rows."""
        return self.before.dataset.source_ids(rows)

    @cached_property
    def former(self) -> dict[str, str]:
        """Name of each column that was there already -> its name before."""
        there, new = self._there, _by_name(self.after)
        old = {name: one for name, one in _by_name(self.before).items() if name not in self.before.out}
        same = self._followed(old)
        gone = [name for name in old if name not in same.values()]
        for name in [name for name in new if name not in same]:
            as_it_was = [other for other in gone if _same(old[other], new[name])]
            if as_it_was:
                same[name] = as_it_was[0]
                gone.remove(as_it_was[0])
        return {name: same[name] for name in there if name in same}

    def _followed(self, names: Iterable[str]) -> dict[str, str]:
        """Name after the step -> name before, of the columns that were there and still are, by what each of
        the decisions renamed and took out.
        """
        same = {name: name for name in names}
        for place in range(self.first, self.last):
            effect = self.after.effects.get(place)
            if effect is not None:
                left = {name: was for name, was in same.items() if name not in effect.removed}
                same = {effect.names.get(name, name): was for name, was in left.items()}
        return same

    @cached_property
    def added(self) -> tuple[str, ...]:
        """The new columns."""
        return tuple(name for name in self._there if name not in self.former)

    @cached_property
    def removed(self) -> tuple[str, ...]:
        """The columns that are gone, those left out among them."""
        left = {self.former[name] for name in self._there if name in self.former}
        past = [name for name in _by_name(self.before) if name not in self.before.out]
        return tuple(name for name in past if name not in left)

    @cached_property
    def renamed(self) -> dict[str, str]:
        """Name now -> name before, where it is another."""
        return {name: old for name, old in self.former.items() if name != old}

    @property
    def _there(self) -> list[str]:
        return [name for name in _by_name(self.after) if name not in self.after.out]

    @cached_property
    def cells(self) -> dict[str, NDArray[np.bool_]]:
        """Column, by its name now -> per row whether its cell is another; rows dropped before, or by it, are
        not looked at. Only columns with such a cell.
        """
        rows, changed, kept = self.before.rows, {}, self._kept & self.after.kept
        for name, old in self.former.items():
            if self._may_differ(name, old):
                now = self._values(self.after, name).slice(0, rows)
                differs = self._longer(differing(self._values(self.before, old), now)) & kept
                if differs.any():
                    changed[name] = differs
        return changed

    def _longer(self, mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Per row after the step, where there may be more: false for those."""
        more = self.after.rows - mask.size
        return np.concatenate([mask, np.zeros(more, bool)]) if more else mask

    @cached_property
    def _kept(self) -> NDArray[np.bool_]:
        """Per row whether it was left before."""
        return self._longer(self.before.kept)

    @cached_property
    def new(self) -> NDArray[np.bool_]:
        """Per row whether the step added it, and it is left."""
        return self.after.kept & ~self._longer(self.before.there)

    def _may_differ(self, name: str, old: str) -> bool:
        before, after = _by_name(self.before)[old], _by_name(self.after)[name]
        if before.source != after.source:
            return True
        if before.values is not after.values and not (self.new.any() and _begins(after, before)):
            return True
        one, other = self.before.pending.get(old), self.after.pending.get(name)
        same = one is other or (
            one is not None and other is not None and np.array_equal(one, other[: one.size])
        )
        return not same

    @staticmethod
    def _values(work: Work, name: str) -> pa.ChunkedArray:
        return work.data.table([name]).column(0)

    @cached_property
    def dropped(self) -> NDArray[np.bool_]:
        """Per row whether the step dropped it."""
        return self._kept & ~self.after.kept

    @cached_property
    def brought_back(self) -> NDArray[np.bool_]:
        """Per row whether it had been dropped and is there again."""
        return self.after.kept & ~self._kept & ~self.new

    @cached_property
    def weighted(self) -> NDArray[np.bool_]:
        """Per row whether it is left and has another weight than before."""
        return self._weighed & self.after.kept

    @cached_property
    def _weighed(self) -> NDArray[np.bool_]:
        more = np.full(self.after.rows - self.before.rows, np.nan)
        before = np.concatenate([self.before.weight, more])
        return np.asarray(before.view(np.int64) != self.after.weight.view(np.int64))

    @cached_property
    def rows(self) -> RowSet:
        """The rows of which a cell, the status or the weight is another."""
        rows, past, now = self.before.rows, self.before, self.after
        touched = self._longer(past.status != now.status[:rows]) | self._weighed | self.new
        for differs in self.cells.values():
            touched |= differs
        return RowSet.from_mask(touched)

    @cached_property
    def data_rows(self) -> RowSet:
        """Those of them in which the data differ: dropped, brought back or added, of another weight, or with
        another cell; not those only marked as kept or for review.
        """
        touched = self.dropped | self.brought_back | self.new | self._weighed
        for differs in self.cells.values():
            touched = touched | differs
        return RowSet.from_mask(touched)

    @property
    def changed_cells(self) -> int:
        """How many cells hold something else; those of new columns are not counted."""
        return sum(int(differs.sum()) for differs in self.cells.values())

    @property
    def made_missing(self) -> int:
        """How many of those cells hold nothing now."""
        import pyarrow.compute as pc

        empty = {name: np.asarray(pc.is_null(self._values(self.after, name))) for name in self.cells}
        return sum(int((differs & empty[name]).sum()) for name, differs in self.cells.items())

    @property
    def relabelled(self) -> RowSet:
        """The rows left in which a cell is another by hand, and no later rule rewrote it."""
        after, settled = self.after, self.after.settled()
        cleared = settled.values.index(None) if None in settled.values else len(settled.values)
        rows = np.zeros(after.rows, bool)
        for name, codes in settled.laid_over.items():
            if name in self.cells:
                rows |= self.cells[name] & (codes >= 0) & (codes != cleared)
        return RowSet.from_mask(rows)

    @property
    def idle(self) -> bool:
        """Whether it was followed and left everything as it was: cells, rows and weights, and the columns,
        their names, kinds and order.
        """
        return not self.passed and not len(self.rows) and _heads(self.before) == _heads(self.after)

    @property
    def notes(self) -> tuple[str, ...]:
        """What a person should know of it, in sentences."""
        effects = [self.after.effects.get(place) for place in range(self.first, self.last)]
        return tuple(dict.fromkeys(effect.note for effect in effects if effect is not None and effect.note))

    @property
    def passed(self) -> tuple[str, ...]:
        """Why decisions of it could not be followed, in sentences."""
        whys = [self.after.passed.get(place, "") for place in range(self.first, self.last)]
        return tuple(dict.fromkeys(filter(None, whys)))


def trial(before: Work, decisions: Sequence[Decision], progress: Progress = SILENT) -> StepTrial:
    """Follow the decisions of one step on what earlier ones left; ``before`` stays as it is. Raises as
    `core.steps.settle` does, and `Cancelled`.
    """
    after = before.copy()
    after.go_on(decisions, progress)
    return StepTrial(before, after, before.seen, after.seen)


def idle_places(past: Sequence[Decision], steps: Sequence[Decision], dataset: Dataset) -> tuple[int, ...]:
    """The places of those steps that change nothing, one after the other behind ``past``; what is said of
    findings is none of them. Raises as `core.steps.settle` does.
    """
    idle, work = [], Work.after(past, dataset)
    for place, step in enumerate(steps):
        one = trial(work, (step,))
        work = one.after
        if one.idle and step.kind.on != "findings":
            idle.append(place)
    return tuple(idle)


def whole(after: Work) -> StepTrial:
    """All that decisions did to the data as loaded, as one step."""
    return StepTrial(Work(after.dataset), after, 0, after.seen)


def counts(whole: StepTrial) -> dict[str, int]:
    """`core.settled.Settled.counts`, with cells counted by what became of them, be it by hand or by a rule:
    ``changed``: cells of the rows that are left that hold something else than in the data as loaded;
    ``blanked``: those of them that hold nothing; ``relabelled``: the rows left in which one of them was given
    its value by hand; ``weighted``: the rows left that have a weight; ``columns_added``: those that
    steps made and that are left (``added`` are rows).
    """
    settled = whole.after.settled()
    rows = {
        "relabelled": len(whole.relabelled),
        "weighted": int(whole.weighted.sum()),
    }
    cells = {"blanked": whole.made_missing, "changed": whole.changed_cells}
    return settled.counts() | rows | cells | {"columns_added": len(whole.added)}


def _by_name(work: Work) -> dict[str, Content]:
    return {content.column.name: content for content in work.contents or contents_of(work.dataset)}


def _heads(work: Work) -> list[tuple[str, str]]:
    """Name and kind of each column that is not left out, in their order."""
    columns = [content.column for content in work.contents or contents_of(work.dataset)]
    return [(column.name, column.kind) for column in columns if column.name not in work.out]


def _begins(longer: Content, content: Content) -> bool:
    """Whether a column only went on behind its last row."""
    if longer.values is None or content.values is None:
        return False
    return bool(longer.values.slice(0, len(content.values)).equals(content.values))


def _same(one: Content, other: Content) -> bool:
    """Whether two columns are one under two names."""
    if one.values is None and other.values is None:
        return one.source == other.source
    return one.values is other.values or _begins(other, one)
