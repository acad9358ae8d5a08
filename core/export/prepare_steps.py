"""The steps of a review as lines of ``prepare.py``'s function ``clean``, in order, each on what the earlier
ones left.

``frame`` holds the rows that are left, and those that were dropped but are kept again by a later step:
``about["out"]`` marks these, so that rules change their cells as those of others, and nothing else looks at
them.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from core.dataset import Dataset
from core.decision import Decision
from core.decision_words import in_words
from core.export.filter_code import filter_code
from core.filters import Filter
from core.phrases import count, verb
from core.rowset import RowSet
from core.settled import Settled
from core.steps import kind_of, numbers_of
from core.steps.overlay import typed
from core.steps.settling import Work

WEIGHT = "sample_weight"
PLACE = 'about["place"].to_numpy()'


@dataclass
class StepLines:
    """What `step_lines` gives. lines: of the function; notes: what to say at the top of the script; helpers:
    functions that the lines call.
    """

    lines: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    helpers: list[Callable[..., Any] | str] = field(default_factory=list)


def step_lines(
    dataset: Dataset, decisions: Sequence[Decision], settled: Settled, batches: Sequence[int] = ()
) -> StepLines:
    """The steps as lines. ``dataset`` is the data as loaded, ``settled`` where they are left, ``batches`` as
    `core.steps.numbers_of` takes them.
    """
    work, made = Work(dataset), StepLines()
    single, unsure, steps = set[int](), set[str](), numbers_of(decisions, batches)
    for number, decision in enumerate(decisions):
        needed: list[str] = []
        if decision.kind.on != "findings":
            at = steps[number]
            if at and isinstance(decision.rows, RowSet) and len(decision.rows):
                single.add(at)
            made.lines.append(f"# {f'{at}. ' if at else ''}{_comment(decision)}")
            # if only in part, it is told too
            followed = number in settled.touched or number in settled.effects
            if number in settled.passed and not followed:
                made.lines.append(f"#    passed over: {one_line(settled.passed[number])}")
            else:
                back = _taken_back(decisions, settled, number)
                step = _ScriptStep(work, decision, settled, number, back)
                lines = step.rule() if decision.kind.rule else step.mark()
                needed = sorted(one for one in unsure if any(repr(one) in line for line in lines))
                made.lines += _where_there(lines, needed, at) if needed and at else lines
                if decision.kind.rule:
                    made.helpers += kind_of(decision.action).helpers
        names = set(work.data.names)
        work.go_on([decision])
        if needed or decision.action == "split":
            unsure |= set(work.data.names) - names
    made.lines += _ending(dataset, settled)
    if single:
        every = {*filter(None, steps.values())}
        are = verb(len(single), "is a decision", "are decisions")
        made.notes.append(f"{len(single)} of {count(len(every), 'step')} {are} on single rows.")
    return made


def _where_there(lines: list[str], columns: list[str], number: int) -> list[str]:
    """A step on columns that a split makes, which new rows may be too few for: passed over without them."""
    told = f"Step {number} is passed over: the split before it made no column {columns[0]!r}."
    return [
        f"if set({columns!r}) <= set(frame):",
        *(f"    {line}" for line in lines),
        "else:",
        f"    warnings.warn({told!r}, stacklevel=2)",
    ]


def _taken_back(decisions: Sequence[Decision], settled: Settled, number: int) -> RowSet:
    """The rows that decisions on single rows after this one keep, though they may have been dropped."""
    rows = RowSet()
    for place, later in enumerate(decisions[number + 1 :], number + 1):
        if later.kind.status and later.kind.exported and place in settled.touched:
            rows = rows | (later.rows if isinstance(later.rows, RowSet) else RowSet())
    return rows


@dataclass
class _ScriptStep:
    """One decision. work: the data as the earlier ones left them; back: rows that later ones keep."""

    work: Work
    decision: Decision
    settled: Settled
    number: int
    back: RowSet

    @property
    def out(self) -> bool:
        """Whether there are dropped rows that this step or a later one keeps."""
        return bool((~self.work.kept[(self.back | self._kept).ids]).any())

    @property
    def _kept(self) -> RowSet:
        kind, rows = self.decision.kind, self.decision.rows
        return rows if kind.status and kind.exported and isinstance(rows, RowSet) else RowSet()

    def rows(self) -> tuple[str, str]:
        """What must hold for the rows of the decision to be known, and the rows: "" for all."""
        rows = self.decision.rows
        if isinstance(rows, Filter):
            code = filter_code(rows, self.work.data)
            return "", f"of_left(frame, about, lambda frame, about: {code})" if self.out else code
        if len(rows):
            return "if rows:", f"within({PLACE}, {rows.to_json()!r})"
        return "", ""

    def rule(self) -> list[str]:
        """A rule."""
        decision, effected = self.decision, self.settled.effects[self.number]
        kind = kind_of(decision.action)
        condition, rows = self.rows()
        lines = ["old_names = list(frame)"]
        code = kind.code(decision.column, kind.settings.of(decision.settings), effected.learned)
        if rows:
            lines += [f"chosen = {rows}", "old_frame = frame.copy()"]
        elif any("chosen" in line for line in code):
            lines.append('chosen = ~about["out"].to_numpy(bool)')
        waiting = decision.kind.on == "table" and len(self._dropped() & self.back)
        lines += (["old_frame = frame"] if waiting else []) + code
        if effected.own_code is not None:
            lines += ["if rows:", f"    place = {PLACE}"]
            lines += [f"    {line}" for line in effected.own_code()]
        if waiting:
            lines.append(
                f"frame = waiting(old_frame, frame, about, within({PLACE}, {self.back.to_json()!r}))"
            )
        if decision.kind.on == "table":
            lines += [
                "about = about.loc[frame.index].reset_index(drop=True)",
                "frame = frame.reset_index(drop=True)",
            ]
        lines.append("frame = usual(frame)")
        if rows and not len(effected.new):
            lines.append("frame = only(old_frame, frame, chosen)")
        lines.append(f"frame = in_place(frame, old_names, {decision.column!r})")
        return [condition, *(f"    {line}" for line in lines)] if condition else lines

    def _dropped(self) -> RowSet:
        """The rows that the step drops."""
        if not self.decision.kind.rule:
            return self.settled.touched.get(self.number, RowSet())
        return self.settled.effects[self.number].rows

    def mark(self) -> list[str]:
        """A decision on rows, cells or a column."""
        kind, column = self.decision.kind, self.decision.column
        condition, rows = self.rows()
        if kind.on == "columns" or not rows:
            return []
        lines = [f"chosen = {rows}"]
        if kind.status and kind.exported:
            if not self.out or not condition:
                return []
            lines.append('about.loc[chosen, "out"] = False')
        elif kind.status:
            back = self._dropped() & self.back
            if len(back):
                lines.append(f"back = within({PLACE}, {back.to_json()!r})  # kept by a later step")
                lines.append('about.loc[chosen & back, "out"] = True')
            lines.append(f"frame, about = left(frame, about, ~chosen{' | back' if len(back) else ''})")
        elif kind.needs == "weight":
            lines.append(f'about.loc[chosen, "weight"] = {float(self.decision.value or 0.0)!r}')
        else:
            text = str(self.decision.value) if kind.needs == "label" else None
            lines.append(f"frame.loc[chosen, {column!r}] = {_cell(self.work.data, column, text)}")
        return [condition, *(f"    {line}" for line in lines)] if condition else lines


def _comment(decision: Decision) -> str:
    why = f" ({decision.why})" if decision.why else ""
    return one_line(in_words((decision,), named=True) + why)


def one_line(text: str) -> str:
    """Text from the data for a comment: no letter in it can end the line or the file."""
    plain = "".join(letter if letter.isprintable() else " " for letter in text)
    return " ".join(plain.split())[:300]


def _cell(data: Dataset, column: str, text: str | None) -> str:
    """The new value of a cell as a literal of the column's type; missing where it can be none."""
    value = typed(data, data[column], text, data.table([column]).schema.field(0).type)
    if isinstance(value, datetime.datetime):
        return f"pd.Timestamp({value.isoformat(' ')!r})"
    if isinstance(value, float):
        return f"float({str(value)!r})"
    return repr(value)


def _ending(dataset: Dataset, settled: Settled) -> Iterator[str]:
    """Columns left out, and the weights that were given."""
    if not np.isnan(settled.weight).all():
        role = settled.called(dataset.roles.weight)
        if role and role not in settled.omitted:
            yield f'frame[{role!r}] = about["weight"].where(about["weight"].notna(), frame[{role!r}])'
        else:
            yield f'frame[{WEIGHT!r}] = about["weight"].fillna(1.0)'
    gone = sorted(settled.omitted)
    if gone:
        yield f'frame = frame.drop(columns={gone!r}, errors="ignore")'
    target = settled.called(dataset.roles.target)
    if target:
        yield "if unlabelled:"
        yield f'    frame = frame.drop(columns={target!r}, errors="ignore")'
