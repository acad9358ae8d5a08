"""What the person decided: an append-only log, undone by batch; the last word wins per row and dimension.

What can be decided, and what it does, stands in the table of `core.actions`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from core.actions import ACTIONS, FORMER, Action
from core.errors import InputError, RecipeError, SettingError
from core.filters import Filter
from core.finding import key_in_words
from core.phrases import count, digits, names, quoted
from core.rowset import RowSet
from core.rule_words import rule_in_words


@dataclass(frozen=True)
class Decision:
    """One decision about some rows, their cells in a column, a column, or a finding.

    action: one of `ACTIONS`.
    rows: the rows, or the filter that names them; none where a column or a finding is decided about.
    value: the new label, as it is to be written, or the weight (at least 0), where the action needs one.
    why: the reason, "" if none was given.
    finding: key of the finding that led to it or that is decided about, "" if none.
    column: the column whose cells change, or that is decided about.
    who, when: name and ISO time in UTC.
    settings: of a rule (`core.steps`), as plain JSON. Its ``rows`` are those whose cells it may change; an
        empty set means all.
    learned: what a rule learned from train, as plain JSON; empty where it is to be learned from the data.
    """

    action: str
    rows: RowSet | Filter
    value: str | float | None = None
    why: str = ""
    finding: str = ""
    column: str = ""
    who: str = ""
    when: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict)
    learned: Mapping[str, Any] = field(default_factory=dict)

    @property
    def worked_out(self) -> bool:
        """Whether it is one of the weights that were worked out for many rows at once, as those of a coreset
        are: nobody looked at its rows for it.
        """
        return self.kind.needs == "weight" and self.settings.get("worked_out") is True

    @property
    def of_coreset(self) -> bool:
        """Whether it is one of the weights that came with a coreset that was kept."""
        return self.kind.needs == "weight" and self.settings.get("coreset") is True

    @property
    def of_some_rows(self) -> bool:
        """Whether rows are named that it is about, even if a filter takes none of them."""
        return isinstance(self.rows, Filter) or len(self.rows) > 0

    def __hash__(self) -> int:
        return hash((self.action, self.rows, self.value, self.finding, self.column, str(self.settings)))

    def __post_init__(self) -> None:
        if self.action not in ACTIONS:
            raise SettingError.unknown(self.action, ACTIONS)
        kind = self.kind
        if kind.needs == "label" and (not isinstance(self.value, str) or not self.column):
            raise SettingError(
                f"A {self.action} needs the new label and the column it goes into; choose a target first."
            )
        if kind.needs == "weight" and not (
            isinstance(self.value, (int, float)) and 0 <= self.value < float("inf")
        ):
            raise SettingError(f"A weight is a number of at least 0; got {self.value!r}.")
        if kind.on in ("cells", "columns", "values") and not self.column:
            raise SettingError(f"Give the column to {self.action}.")
        if kind.on == "findings" and not self.finding:
            raise SettingError(f"Give the key of the finding to {self.action}.")
        if isinstance(self.rows, Filter) and not self.rows.by_data_alone:
            raise SettingError(
                "A decision keeps a filter that the data alone can answer; 'flagged by' and 'score' need "
                "findings. Decide about the rows that it takes now."
            )

    @property
    def kind(self) -> Action:
        """What the table says of its action."""
        return ACTIONS[self.action]

    def to_json(self) -> dict[str, Any]:
        """Plain JSON; rows as half-open ranges, or as the text of the filter."""
        kept = "ranges" if isinstance(self.rows, RowSet) else "filter"
        rows = {kept: self.rows.to_json()}
        given = {"value": self.value, "why": self.why, "finding": self.finding, "column": self.column}
        rule = {"settings": dict(self.settings)} if self.settings else {}
        rule |= {"learned": dict(self.learned)} if self.learned else {}
        return {"action": self.action, **rows, **given, **rule, "who": self.who, "when": self.when}

    @classmethod
    def from_json(cls, plain: dict[str, Any]) -> Decision:
        """The decision that `to_json` wrote. Raises `RecipeError` when it is not one.

        In recipes of format 1, ``where`` stands for ``filter``: one condition, as column, op and value.
        """
        try:
            fields = {k: v for k, v in plain.items() if k not in ("ranges", "filter", "where")}
            fields["action"] = FORMER.get(fields["action"], fields["action"])
            if not all(isinstance(fields.get(name, {}), dict) for name in ("settings", "learned")):
                raise TypeError("its settings must be an object")
            chosen = plain.get("filter", plain.get("where"))
            rows = RowSet.from_json(plain["ranges"]) if chosen is None else Filter.from_json(chosen)
            return cls(rows=rows, **fields)
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError, InputError) as error:
            raise RecipeError(f"This is not a decision: {str(plain)[:80]} ({error})") from error


Batch = tuple[Decision, ...]


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

        >>> review = Review().say(Decision("drop", RowSet([1]))).say(Decision("drop", RowSet([2])))
        >>> review.steps_in_words, review.switch(0, on=False).steps_in_words
        ('2 steps', '1 step, 1 switched off')
        """
        return amount(len(self.changing) - self.steps_off, 0, self.steps_off)

    @property
    def amount(self) -> str:
        """How many steps stand, and how many batches that only say something, in words; "" for none.

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
    def decisions(self) -> tuple[Decision, ...]:
        """All decisions in force, in the order in which they are followed."""
        return tuple(
            decision for step in self.order if step not in self.off for decision in self.batches[step]
        )

    def in_words(self, act: Act) -> str:
        """What an act did, in a few words.

        >>> review = Review().say(Decision("drop", RowSet([1, 2])))
        >>> review.in_words(Switch(0, on=False)), review.in_words(BatchMove(0, None))
        ('Switched off: dropped 2 rows', 'Moved: dropped 2 rows')
        >>> review.in_words(Edit(0, (Decision("drop", RowSet([3])),)))
        'Changed: dropped 1 row'
        """
        if isinstance(act, tuple):
            return in_words(act)
        words = in_words(act.batch if isinstance(act, Edit) else self.batches[act.step])
        done = "Moved" if isinstance(act, BatchMove) else "Changed"
        if isinstance(act, Switch):
            done = f"Switched {'on' if act.on else 'off'}"
        return f"{done}: {words[:1].lower()}{words[1:]}"

    @property
    def accepted(self) -> dict[str, Decision]:
        """The findings that stand without alarm, by their keys then: key -> the decision that accepted it.
        The last word wins. By the names that columns have now: `core.acceptance.accepted`.
        """
        latest = {d.finding: d for d in self.decisions if d.kind.on == "findings"}
        return {key: decision for key, decision in latest.items() if decision.action == "accept"}


def renamed_key(key: str, names: Mapping[str, str]) -> str:
    """The key of a finding (`core.finding.Finding.key`) whose columns have other names. names: of all
    columns, those that stay the same too, as a name may hold a colon: the longest that fits counts.

    >>> renamed_key("missing:a", {"a": "age"}), renamed_key("correlated:b:a", {"a": "age", "b": "b"})
    ('missing:age', 'correlated:b:age')
    >>> renamed_key("missing:t:utc", {"t:utc": "t:utc", "utc": "q"})
    'missing:t:utc'
    """
    code, *parts = key.split(":")
    told = [code]
    while parts:
        fits = [end for end in range(len(parts), 0, -1) if ":".join(parts[:end]) in names]
        end = fits[0] if fits else 1
        named = ":".join(parts[:end])
        told.append(names.get(named, named))
        parts = parts[end:]
    return ":".join(told)


def signed(decision: Decision, who: str, when: str) -> Decision:
    """The decision with its author and time."""
    return replace(decision, who=who, when=when)


def is_step(batch: Batch) -> bool:
    """Whether a batch is a step that a page counts and lists: it may change the data."""
    return any(decision.kind.step for decision in batch)


def amount(steps: int, others: int, off: int = 0) -> str:
    """So many steps, and so many other batches, which change no data, in words; "" for none of either. off:
    how many steps are switched off beside them.

    >>> amount(2, 0), amount(2, 1), amount(0, 3), amount(0, 0)
    ('2 steps', '2 steps and 1 other decision', '3 decisions', '')
    >>> amount(4, 0, 1), amount(0, 2, 1)
    ('4 steps, 1 switched off', '0 steps, 1 switched off, and 2 other decisions')
    """
    if off:
        told = f"{count(steps, 'step')}, {count(off)} switched off"
        return f"{told}, and {count(others, 'other decision')}" if others else told
    if not others:
        return count(steps, "step") if steps else ""
    if not steps:
        return count(others, "decision")
    return f"{count(steps, 'step')} and {count(others, 'other decision')}"


def in_words(batch: Batch) -> str:
    """What a batch did, in a few words, the first decision of a kind standing for the others of it.

    >>> in_words((Decision("drop", RowSet([1, 2])),)), in_words((Decision("omit", RowSet(), column="x"),))
    ('Dropped 2 rows', "Left out 'x'")
    >>> in_words((Decision("relabel", RowSet([4]), "Oslo", column="town"),))
    "Set 'town' of row 4 to 'Oslo'"
    >>> in_words((Decision("blank", Filter.parse("age < 0"), column="age"),))
    "Made cells missing: 'age' where 'age' is below 0"
    >>> in_words((Decision("accept", RowSet(), finding="missing:age"),))
    "Accepted missing: 'age'"
    >>> in_words((Decision("fill", RowSet(), column="age", settings={"how": "median"}),))
    "Filled the missing values of 'age' with the median"
    >>> weights = (Decision("weight", RowSet([90 + weight]), weight) for weight in (2, 9))
    >>> in_words((Decision("drop", RowSet(range(90))), *weights))
    'Dropped 90 rows; weighted 2 rows: 2 to 9'
    """
    kinds = {one.action: [other for other in batch if other.action == one.action] for one in batch}
    first, *others = map(_of_a_kind, kinds.values())
    return "; ".join([first, *(words[:1].lower() + words[1:] for words in others)])


def _of_a_kind(alike: Sequence[Decision]) -> str:
    """The same of decisions of one kind."""
    first = alike[0]
    kind = first.kind
    more = f" and {len(alike) - 1:,} more" if len(alike) > 1 else ""
    columns = names(list(dict.fromkeys(decision.column for decision in alike if decision.column)))
    if kind.on == "columns":
        return kind.done.format(columns)
    if kind.rule:
        return rule_in_words(kind.word, kind.done, columns or "the table", first.settings) + _condition(first)
    if kind.on == "findings":
        return kind.done.format(key_in_words(first.finding) + more)
    detail = ""
    if kind.needs == "label" and len(alike) == 1 and isinstance(first.rows, RowSet) and len(first.rows) == 1:
        return f"Set {columns} of row {first.rows.stop - 1} to {_value(first.value)}"
    if kind.on == "cells":
        detail = f": {columns}" + (f" → {_value(first.value)}{more}" if kind.needs else "")
    elif kind.needs:
        values = sorted({float(decision.value or 0) for decision in alike})
        detail = f": {digits(values[0])}" + (f" to {digits(values[-1])}" if len(values) > 1 else "")
    return kind.done.format(_amount(alike)) + detail + _condition(first)


def _amount(alike: Sequence[Decision]) -> str:
    """How many rows or cells the decisions name; only the noun where a condition names them."""
    noun = "cell" if alike[0].kind.on == "cells" and not alike[0].kind.needs else "row"
    numbers = [len(decision.rows) for decision in alike if isinstance(decision.rows, RowSet)]
    return count(sum(numbers), noun) if len(numbers) == len(alike) else noun + "s"


def _condition(decision: Decision) -> str:
    if decision.kind.rule and isinstance(decision.rows, RowSet) and len(decision.rows):
        return f" in {count(len(decision.rows), 'row')}"
    return f" where {decision.rows.words}" if isinstance(decision.rows, Filter) else ""


def _value(value: str | float | None) -> str:
    if isinstance(value, str):
        return quoted(value)
    return digits(value) if isinstance(value, float) else str(value)
