"""What the person decided: an append-only log, undone by batch; the last word wins per row and dimension."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from core.decision import Batch, Decision, Decisions, is_step
from core.decision_words import amount, in_words
from core.errors import SettingError
from core.rowset import RowSet


@dataclass(frozen=True)
class Switch:
    """One batch switched off, or on again, wherever it stands. step: its place among `Review.batches`."""

    step: int
    on: bool


@dataclass(frozen=True)
class Edit:
    """One batch replaced by another, in its place. step: its place among `Review.batches`. last: whether it
    is followed last of all from then on.
    """

    step: int
    batch: Batch
    last: bool = False


@dataclass(frozen=True)
class BatchMove:
    """One batch followed elsewhere: right before another, or last of all (None). step, before: places among
    `Review.batches`.
    """

    step: int
    before: int | None


Act = Batch | Switch | Edit | BatchMove
UNKNOWN = "That step of the history is undone or unknown; choose one that stands."


@dataclass(frozen=True)
class Review:
    """All that was done so far, and what was undone of it (last undone last), ready to be redone. What is
    done is a batch of decisions, or the switching, editing or moving of one.
    """

    acts: tuple[Act, ...] = ()
    undone: tuple[Act, ...] = ()

    def say(self, *decisions: Decision) -> Review:
        """Add one batch. What was undone before can no longer be redone."""
        return Review((*self.acts, decisions)) if decisions else self

    def switch(self, step: int, on: bool) -> Review:
        """Switch one batch off, or on again; the others stay as they are. Nothing happens where it is so
        already.

        Raises `SettingError` where there is no such batch.

        >>> from core.rowset import RowSet
        >>> review = Review().say(Decision("drop", RowSet([1]))).say(Decision("drop", RowSet([2])))
        >>> [decision.rows for decision in review.switch(0, on=False).decisions]
        [RowSet(1 rows: 2)]
        >>> review.switch(0, on=False).undo() == Review(review.acts, (Switch(0, on=False),))
        True
        """
        self._standing(step)
        return self if (step not in self.off) is on else Review((*self.acts, Switch(step, on)))

    def edit(self, step: int, *batch: Decision, last: bool = False) -> Review:
        """Replace one batch by another, in its place; last: and follow it last of all. Nothing happens where
        it is so already.

        Raises `SettingError` where there is no such batch, or nothing to put in its place.

        >>> from core.rowset import RowSet
        >>> review = Review().say(Decision("drop", RowSet([1]))).say(Decision("drop", RowSet([2])))
        >>> [decision.rows for decision in review.edit(0, Decision("drop", RowSet([7]))).decisions]
        [RowSet(1 rows: 7), RowSet(1 rows: 2)]
        >>> [d.rows for d in review.edit(0, Decision("drop", RowSet([7])), last=True).decisions]
        [RowSet(1 rows: 2), RowSet(1 rows: 7)]
        """
        self._standing(step)
        if not batch:
            raise SettingError("A step cannot be made empty; switch it off, or undo it.")
        last = last and self.order[-1] != step
        same = self.batches[step] == batch and not last
        return self if same else Review((*self.acts, Edit(step, batch, last)))

    def move(self, step: int, before: int | None) -> Review:
        """Follow one batch right before another one, or last of all (None). Nothing happens where it is so
        already.

        Raises `SettingError` where there is no such batch.

        >>> from core.rowset import RowSet
        >>> review = Review().say(Decision("drop", RowSet([1]))).say(Decision("drop", RowSet([2])))
        >>> review.move(1, before=0).order, review.move(0, before=None).order
        ((1, 0), (1, 0))
        """
        self._standing(step)
        if before is not None:
            self._standing(before)
        moved = Review((*self.acts, BatchMove(step, before)))
        return self if moved.order == self.order else moved

    def _standing(self, step: int) -> None:
        """Raise `SettingError` where there is no batch at this place."""
        if not 0 <= step < len(self.batches):
            raise SettingError(UNKNOWN)

    def undo(self) -> Review:
        """Take back the last act; nothing happens when there is none."""
        return Review(self.acts[:-1], (*self.undone, self.acts[-1])) if self.acts else self

    def undo_to(self, step: int) -> Review:
        """Take back every act after the batch at this place; -1 takes back all. Raises `SettingError` where
        there is no such batch.
        """
        if step >= len(self.batches):
            raise SettingError(UNKNOWN)
        places = [place for place, act in enumerate(self.acts) if isinstance(act, tuple)]
        stay = places[step] + 1 if step >= 0 else 0
        return Review(self.acts[:stay], (*self.undone, *reversed(self.acts[stay:])))

    def redo(self) -> Review:
        """Do the last undone act again; nothing happens when there is none."""
        return Review((*self.acts, self.undone[-1]), self.undone[:-1]) if self.undone else self

    @cached_property
    def batches(self) -> tuple[Batch, ...]:
        """The batches in the order in which they were said, as last edited, those switched off among them.
        A batch keeps its place here, wherever it is moved.
        """
        batches: list[Batch] = []
        for act in self.acts:
            if isinstance(act, tuple):
                batches.append(act)
            elif isinstance(act, Edit):
                batches[act.step] = act.batch
        return tuple(batches)

    @cached_property
    def order(self) -> tuple[int, ...]:
        """The places among the batches, in the order in which they are followed."""
        order: list[int] = []
        for act in self.acts:
            if isinstance(act, tuple):
                order.append(len(order))
            elif isinstance(act, BatchMove) and act.step != act.before:
                order.remove(act.step)
                order.insert(len(order) if act.before is None else order.index(act.before), act.step)
            elif isinstance(act, Edit) and act.last:
                order.remove(act.step)
                order.append(act.step)
        return tuple(order)

    @cached_property
    def off(self) -> frozenset[int]:
        """The places among the batches of those that are switched off."""
        latest = {act.step: act.on for act in self.acts if isinstance(act, Switch)}
        return frozenset(step for step, on in latest.items() if not on)

    @cached_property
    def changing(self) -> tuple[int, ...]:
        """The places of the batches that may change the data and not only say something about them, in the
        order in which they are followed: the steps that a page counts and lists. Those that are switched off
        are among them.

        >>> from core.rowset import RowSet
        >>> Review().say(Decision("keep", RowSet([1]))).say(Decision("drop", RowSet([2]))).changing
        (1,)
        """
        return tuple(step for step in self.order if is_step(self.batches[step]))

    @property
    def steps_off(self) -> int:
        """How many of the steps are switched off."""
        return len(self.off.intersection(self.changing))

    @property
    def steps_in_words(self) -> str:
        """How many steps there are, and how many more are switched off: the count of every page; "" for none.

        >>> from core.rowset import RowSet
        >>> review = Review().say(Decision("drop", RowSet([1]))).say(Decision("drop", RowSet([2])))
        >>> review.steps_in_words, review.switch(0, on=False).steps_in_words
        ('2 steps', '1 step, 1 switched off')
        """
        return amount(len(self.changing) - self.steps_off, 0, self.steps_off)

    @property
    def amount(self) -> str:
        """How many steps stand, and how many batches that only say something, in words; "" for none.

        >>> from core.rowset import RowSet
        >>> Review().say(Decision("keep", RowSet([1]))).say(Decision("drop", RowSet([2]))).amount
        '1 step and 1 other decision'
        """
        others = len(self.batches) - len(self.changing)
        return amount(len(self.changing) - self.steps_off, others, self.steps_off)

    @property
    def edited(self) -> frozenset[int]:
        """The places among the batches of those that are not as they were said."""
        return frozenset(act.step for act in self.acts if isinstance(act, Edit))

    @cached_property
    def steps(self) -> tuple[int, ...]:
        """For each of the `decisions` the place of its batch."""
        return tuple(step for step in self.order if step not in self.off for _ in self.batches[step])

    @cached_property
    def decisions(self) -> Decisions:
        """All decisions in force, in the order in which they are followed."""
        return Decisions(
            decision for step in self.order if step not in self.off for decision in self.batches[step]
        )

    def in_words(self, act: Act) -> str:
        """What an act did, in a few words.

        >>> from core.rowset import RowSet
        >>> review = Review().say(Decision("drop", RowSet([1, 2])))
        >>> review.in_words(Switch(0, on=False)), review.in_words(BatchMove(0, None))
        ('Switched off: dropped 2 rows (1 and 2)', 'Moved: dropped 2 rows (1 and 2)')
        >>> review.in_words(Edit(0, (Decision("drop", RowSet([3])),)))
        'Changed: dropped row 3'
        """
        if isinstance(act, tuple):
            return in_words(act, named=True)
        words = in_words(act.batch if isinstance(act, Edit) else self.batches[act.step], named=True)
        done = "Moved" if isinstance(act, BatchMove) else "Changed"
        if isinstance(act, Switch):
            done = f"Switched {'on' if act.on else 'off'}"
        return f"{done}: {words[:1].lower()}{words[1:]}"

    @property
    def by_hand(self) -> RowSet:
        """The rows that decisions in force keep or relabel by their places, whatever later ones made of them.

        >>> keep, drop = Decision("keep", RowSet([1, 9])), Decision("drop", RowSet([1, 2]))
        >>> Review().say(keep, Decision("relabel", RowSet([4]), "a", column="y"), drop).by_hand.ids.tolist()
        [1, 4, 9]
        """
        rows = RowSet()
        for one in self.decisions:
            if one.action in ("keep", "relabel") and isinstance(one.rows, RowSet):
                rows = rows | one.rows
        return rows

    @property
    def accepted(self) -> dict[str, Decision]:
        """The findings that stand without alarm, by their keys then: key -> the decision that accepted it.
        The last word wins. By the names that columns have now: `core.acceptance.accepted`.
        """
        latest = {d.finding: d for d in self.decisions if d.kind.on == "findings"}
        return {key: decision for key, decision in latest.items() if decision.action == "accept"}
