"""The log of decisions about one data set: its events, and what they amount to.

An act is a batch of decisions, or what was done to an earlier one: switched off or on, edited, moved. Undo
and redo are events of their own. `core.workspace.store` keeps the events on disk.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import reduce
from operator import or_
from typing import Any

from core.decision import Batch, Decision
from core.errors import SettingError
from core.review import UNKNOWN, Act, BatchMove, Edit, Review, Switch
from core.rowset import RowSet


@dataclass(frozen=True)
class LogEntry:
    """One batch in the history. ``rows``: how many rows its decisions name, None where a filter names them.
    ``off``: whether it is switched off. ``batch``: as last edited, where it stands.
    """

    event: int
    when: str
    who: str
    action: str
    rows: int | None
    why: str
    undone: bool
    batch: Batch
    off: bool = False


@dataclass(frozen=True)
class Switched:
    """A batch, by its event, switched off or on again."""

    event: int
    on: bool


@dataclass(frozen=True)
class Edited:
    """A batch, by its event, replaced by another. last: whether it is followed last of all from then on."""

    event: int
    batch: Batch
    last: bool = False


@dataclass(frozen=True)
class MovedBatch:
    """A batch, by its event, followed right before that of another event, or last (None)."""

    event: int
    before: int | None


@dataclass
class Log:
    """The events of one data set and user, folded: which acts stand, and which can be redone (last undone
    last).
    """

    last: int = 0
    acts: dict[int, Batch | Switched | Edited | MovedBatch] = field(default_factory=dict)
    force: list[int] = field(default_factory=list)
    undone: list[int] = field(default_factory=list)

    def add(self, event: int, action: str, batch: str | None) -> None:
        """Fold in the next event."""
        if action == "say":
            act = self.acts[event] = _act(json.loads(batch or "[]"))
            if not isinstance(act, tuple) and act.event not in self.force:
                raise ValueError(f"no step {act.event}")
            self.force.append(event)
            self.undone.clear()
        elif action == "undo":
            self.undone.append(self.force.pop())
        elif action == "redo":
            self.force.append(self.undone.pop())
        else:
            raise ValueError(f"unknown action {action!r}")
        self.last = event

    def steps(self) -> dict[int, int]:
        """The batches that stand or can be redone -> their places among those of the review."""
        events = (*self.force, *reversed(self.undone))
        said = [event for event in events if isinstance(self.acts[event], tuple)]
        return {event: place for place, event in enumerate(said)}

    def review(self) -> Review:
        """The review that these events amount to."""
        step = self.steps()

        def act(event: int) -> Act:
            done = self.acts[event]
            if isinstance(done, tuple):
                return done
            if isinstance(done, Edited):
                return Edit(step[done.event], done.batch, done.last)
            if isinstance(done, MovedBatch):
                return BatchMove(step[done.event], None if done.before is None else step[done.before])
            return Switch(step[done.event], done.on)

        return Review(tuple(map(act, self.force)), tuple(map(act, self.undone)))

    def edits(self) -> dict[int, Batch]:
        """The batches in force that were edited, as they are now."""
        done = [act for act in map(self.acts.get, self.force) if isinstance(act, Edited)]
        return {act.event: act.batch for act in done}

    def standing(self, *events: int) -> None:
        """Raise `SettingError` where one of these is no batch in force."""
        for event in events:
            if event not in self.force or not isinstance(self.acts[event], tuple):
                raise SettingError(UNKNOWN)

    def off(self) -> set[int]:
        """The batches in force that are switched off."""
        switches = [done for done in map(self.acts.get, self.force) if isinstance(done, Switched)]
        return {event for event, on in {done.event: done.on for done in switches}.items() if not on}

    def entries(self) -> tuple[LogEntry, ...]:
        """Every batch ever said, oldest first, those undone among them."""
        standing, off, edits = set(self.force), self.off(), self.edits()
        said = [(event, edits.get(event, act)) for event, act in self.acts.items() if isinstance(act, tuple)]
        return tuple(entry_of(event, act, event not in standing, event in off) for event, act in said)

    def copy(self) -> Log:
        """The same log, to which other events may be added."""
        return Log(self.last, dict(self.acts), list(self.force), list(self.undone))


def _act(plain: Any) -> Batch | Switched | Edited | MovedBatch:
    """An act as it is kept: decisions as a list, anything else as an object. Raises `KeyError`, `TypeError`
    or another for what is none.
    """
    if not isinstance(plain, dict):
        return tuple(Decision.from_json(decision) for decision in plain)
    if "edit" in plain:
        batch = tuple(map(Decision.from_json, plain["batch"]))
        return Edited(int(plain["edit"]), batch, bool(plain.get("last", False)))
    if "move" in plain:
        before = plain["before"]
        return MovedBatch(int(plain["move"]), None if before is None else int(before))
    return Switched(int(plain["switch"]), bool(plain["on"]))


def entry_of(event: int, batch: Batch, undone: bool, off: bool = False) -> LogEntry:
    """A batch as the history lists it.

    >>> blank = [Decision("blank", RowSet([1, 2]), column=column) for column in "ab"]
    >>> entry_of(1, tuple(blank), undone=False).rows
    2
    """
    actions = dict.fromkeys(d.action for d in batch)
    named = list(dict.fromkeys(d.rows for d in batch))
    sets = [rows for rows in named if isinstance(rows, RowSet)]
    total = len(reduce(or_, sets)) if len(sets) == len(named) else None
    why = "; ".join(dict.fromkeys(d.why for d in batch if d.why))
    return LogEntry(
        event=event,
        when=batch[0].when,
        who=batch[0].who,
        action=", ".join(actions),
        rows=total,
        why=why,
        undone=undone,
        batch=batch,
        off=off,
    )
