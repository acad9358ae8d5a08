"""Where the decisions of a review leave a data set: followed in order, each on what the earlier ones left.

The last word wins per row, separately for its status, its weight and each column's cells. A decision that
cannot be followed, as its column was renamed or its filter does not fit, is passed over, and says so.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from core.actions import coded, statuses
from core.added import MOST, Added
from core.dataset import Dataset
from core.decision import Decision
from core.errors import ColumnError, InputError, RecipeError, SettingError
from core.filters import Filter
from core.phrases import name
from core.progress import SILENT, Progress
from core.rowset import RowSet
from core.settled import Content, Effected, Settled
from core.steps import became, behind, remembered
from core.steps.became import Became
from core.steps.beneath import Beneath
from core.steps.catalogue import kind_of
from core.steps.kind import Effect, NewRows, State
from core.steps.overlay import check_written, contents_of, laid_over
from core.steps.taking import ColumnContents
from core.workers import imports_done

LOG = logging.getLogger("winnow.steps")


def settle(decisions: Sequence[Decision], dataset: Dataset) -> Settled:
    """Follow the decisions in order. ``dataset`` is the data as loaded.

    Raises `RecipeError` for a row that the data have not. Everything else that does not fit the data is
    passed over (`Settled.passed`).
    """
    imports_done()
    return Work.after(decisions, dataset).settled()


def state_after(decisions: Sequence[Decision], dataset: Dataset) -> State:
    """Where decisions leave the data for a rule that comes next, of every row of the source."""
    return Work.after(decisions, dataset).state()


def check_cells(dataset: Dataset, past: Sequence[Decision], steps: Sequence[Decision]) -> None:
    """Raise `SettingError` where one of the steps writes into cells what can be no value of their column, as
    the data are once ``past`` and the steps before it are followed.
    """
    if not any(step.kind.needs == "label" for step in steps):
        return
    work = Work.after(past, dataset)
    for step in steps:
        if step.kind.needs == "label" and step.column in work.data.names:
            check_written(work.data, step.column, str(step.value))
        work.go_on((step,))


@dataclass(eq=False)
class Work:
    """What the decisions made so far; see `Settled` for what the fields hold."""

    dataset: Dataset
    contents: tuple[Content, ...] = ()
    labels: dict[str, NDArray[np.int32]] = field(default_factory=dict)
    pending: dict[str, NDArray[np.int32]] = field(default_factory=dict)
    values: dict[str | None, int] = field(default_factory=dict)
    out: dict[str, None] = field(default_factory=dict)
    effects: dict[int, Effected] = field(default_factory=dict)
    passed: dict[int, str] = field(default_factory=dict)
    touched: dict[int, RowSet] = field(default_factory=dict)
    altered: dict[int, RowSet] = field(default_factory=dict)
    added: Added | None = None
    idle: dict[int, None] = field(default_factory=dict)
    filtered: dict[int, None] = field(default_factory=dict)
    parted: tuple[str, ...] = ()  # columns that part train
    became: Became = field(default_factory=dict)
    seen: int = 0  # decisions so far
    beneath: Beneath | None = None  # what cells edited by hand hold without that

    @classmethod
    def after(cls, decisions: Sequence[Decision], dataset: Dataset, progress: Progress = SILENT) -> Work:
        """Follow the decisions from the data as loaded. Raises as `settle` does, and `Cancelled`."""
        work = cls(dataset)
        work.go_on(decisions, progress)
        return work

    def go_on(self, decisions: Sequence[Decision], progress: Progress = SILENT) -> None:
        """Follow more decisions; those that do not fit are passed over. Raises `Cancelled`."""
        for place, decision in enumerate(decisions, self.seen):
            done = (place - self.seen) / len(decisions)
            progress.at(done, decision.kind.label)
            try:
                self.follow(place, decision, progress.part(done, done + 1 / len(decisions)))
            except InputError as error:
                way = became.hint(self.became, error.lacks)
                self.passed[place] = f"There is no column {name(error.lacks)}. {way}" if way else str(error)
            except (LookupError, TypeError, ValueError, ArithmeticError, NotImplementedError) as error:
                LOG.exception("Step %s (%s) could not be followed", place, decision.action)
                self.passed[place] = (
                    f"This step cannot be followed on these data ({type(error).__name__}: {error}). Switch "
                    "it off or change it; the log has the details."
                )
        self.seen += len(decisions)

    def copy(self) -> Work:
        """The same, to go on with while this one stays as it is."""
        other = copy(self)
        for named in ("values", "out", "effects", "passed", "touched", "altered", "idle", "filtered"):
            setattr(other, named, dict(getattr(self, named)))
        other.labels = {name: codes.copy() for name, codes in self.labels.items()}
        other.pending = {name: codes.copy() for name, codes in self.pending.items()}
        for named in ("status", "weight", "worked_out"):
            setattr(other, named, getattr(self, named).copy())
        return other

    def __post_init__(self) -> None:
        self.status = np.zeros(self.rows, np.int8)
        self.weight = np.full(self.rows, np.nan)
        self.worked_out = np.zeros(self.rows, bool)
        self.train = self.dataset.part_mask("train")
        self._data: Dataset | None = self.dataset

    def settled(self) -> Settled:
        """Where every row stands now."""
        return Settled(
            status=self.status,
            weight=self.weight,
            worked_out=self.worked_out,
            labels=self.labels,
            values=tuple(self.values),
            omitted=tuple(self.out),
            pending=self.pending if self.contents else None,
            contents=self.contents,
            effects=self.effects,
            passed=self.passed,
            touched=self.touched,
            altered=self.altered,
            added=self.added,
            idle=frozenset(self.idle),
            filtered=frozenset(self.filtered),
        )

    @property
    def rows(self) -> int:
        """How many rows there are: those of the source, and those added behind them."""
        return self.dataset.rows + (0 if self.added is None else len(self.added))

    @property
    def marks(self) -> tuple[str, ...]:
        """The columns that mark rows that were added; () where none were."""
        return () if self.added is None else self.added.marks

    @property
    def data(self) -> Dataset:
        """The values as they are now, of every row of the source."""
        if self._data is None:
            self._data = self.laid(None)
        return self._data

    def laid(self, kept: NDArray[np.bool_] | None) -> Dataset:
        """The values as they are now, of the rows ``kept``; None: of every row of the source."""
        values = tuple(self.values)
        return laid_over(self.dataset, self.contents, self.pending, values, kept, added=self.added)

    @property
    def kept(self) -> NDArray[np.bool_]:
        """Per row whether it is left."""
        return self.there & ~np.isin(self.status, coded(exported=False))

    @property
    def there(self) -> NDArray[np.bool_]:
        """Per number whether there is such a row, dropped or not."""
        there = np.ones(self.rows, bool)
        if self.added is not None:
            there[self.dataset.rows :] = self.added.there
        return there

    def state(self, scope: NDArray[np.bool_] | None = None, progress: Progress = SILENT) -> State:
        """What a rule that comes next finds, held to some rows or to none."""
        whole = np.ones(self.rows, bool) if scope is None else scope
        held, out = scope is not None, tuple(self.out)
        return State(
            data=self.data,
            kept=self.kept,
            train=self.train,
            scope=whole,
            held=held,
            omitted=out,
            marks=self.marks,
            parted=self.parted,
            progress=progress,
        )

    def follow(self, place: int, decision: Decision, progress: Progress = SILENT) -> None:
        """Follow one decision. Raises `InputError` where it does not fit, and `Cancelled`, having changed
        nothing.
        """
        kind = decision.kind
        if kind.on == "findings":
            return
        if decision.column:
            self._there(decision.column, decision)
        if kind.on == "columns":
            self._column(place, decision)
        elif kind.on in ("values", "table"):
            self._rule(place, decision, progress)
        else:
            ids = self._rows(decision, place)
            self.altered[place] = RowSet(ids[self._mark(decision, ids)])
            self.touched[place] = RowSet(ids)
            if isinstance(decision.rows, Filter):
                self.filtered[place] = None

    def _there(self, column: str, decision: Decision) -> None:
        """Raise `InputError` where a decision cannot be about this column."""
        names = [content.column.name for content in self.contents] or self.dataset.names
        if column not in names:
            raise ColumnError.missing(column, names)
        if decision.kind.on == "values" and column in self.out:
            raise ColumnError(f"Column {name(column)} was left out by an earlier step.")
        if decision.action in ("rename", "move", "include"):
            return
        if column in self.marks:
            raise ColumnError(f"{name(column)} marks the rows that were added, and stays as it is.")
        if column in self.parted and decision.action != "omit":
            raise ColumnError(
                f"{name(column)} says which rows are learned from, as an earlier step parted them; change "
                "that step instead."
            )

    def _column(self, place: int, decision: Decision) -> None:
        if (decision.column in self.out) is not bool(decision.kind.ends):
            self.idle[place] = None
        if decision.kind.ends:
            self.out.pop(decision.column, None)
        else:
            self.out[decision.column] = None

    def _rows(self, decision: Decision, place: int) -> NDArray[np.int64]:
        """The rows of a decision. Those that no step adds any more are left out, and it says so."""
        if not isinstance(decision.rows, RowSet):
            return self._filtered(decision.rows).ids
        if decision.rows.stop > self.dataset.rows + MOST:
            raise RecipeError(
                f"A decision names row {decision.rows.stop - 1}, but the data have rows 0 to {self.rows - 1}."
            )
        ids = decision.rows.ids
        there = ids < self.rows
        if self.added is not None:
            there[there] &= self.there[ids[there]]
        if there.all():
            return ids
        lost = ids[~there]
        more = f" and {lost.size - 1:,} more" if lost.size > 1 else ""
        why = (
            f"A decision names row {lost[0]}{more}, but the data have rows 0 to {self.dataset.rows - 1}, and "
            "no step that is followed adds such a row."
        )
        if not there.any():
            raise SettingError(why)
        self.passed[place] = why
        return ids[there]

    def _filtered(self, rule: Filter) -> RowSet:
        """The rows that a filter takes, by the values as they are now; those dropped are not looked at."""
        kept = self.kept
        if kept.all():
            return rule.rows(self.data)
        left = self.laid(kept)
        return left.source_rows(rule.rows(left))

    def _mark(self, decision: Decision, ids: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Set the status or the weight of rows, or their cells in a column; gives per row whether that is
        another than before.
        """
        kind = decision.kind
        if kind.status:
            was, now = self.status[ids], statuses().index(decision.action)
            self.status[ids] = now
            return np.asarray(was != now)
        if kind.needs == "weight":
            before, weight = self.weight[ids], float(decision.value or 0.0)
            self.weight[ids], self.worked_out[ids] = weight, decision.worked_out
            return np.asarray(before != weight)
        value = str(decision.value) if kind.needs == "label" else None
        differs = self._other_cells(decision.column, ids, value)
        code = self.values.setdefault(value, len(self.values))
        for labels in (self.labels, self.pending):
            if decision.column not in labels:
                labels[decision.column] = np.full(self.rows, -1, np.int32)
            labels[decision.column][ids] = code
        self._data = None
        return differs

    def _other_cells(self, column: str, ids: NDArray[np.int64], text: str | None) -> NDArray[np.bool_]:
        """Per row whether its cell would hold another value with this text written into it."""
        if self.beneath is None:
            self.beneath = Beneath(laid_over(self.dataset, self.contents, {}, (), added=self.added))
        codes = self.pending[column][ids] if column in self.pending else np.full(ids.size, -1, np.int32)
        return self.beneath.differing(column, ids, codes, tuple(self.values), text)

    def _rule(self, place: int, decision: Decision, progress: Progress) -> None:
        kind = kind_of(decision.action)
        scope = None
        if decision.of_some_rows:
            scope = np.zeros(self.rows, bool)
            scope[self._rows(decision, place)] = True
        state = self.state(scope, progress)
        settings = kind.checked(state, decision.column, decision.settings)
        learned = decision.learned or remembered.learned(kind, state, decision.column, settings)
        effect = remembered.effect(kind, state, decision.column, settings, learned, bool(decision.learned))
        anew = effect.anew(self.contents or contents_of(self.dataset))
        self.effects[place] = self._take(state, decision.column, effect)._replace(
            learned=learned,
            action=decision.action,
            column=decision.column,
            settings=decision.settings,
            **anew,
        )

    def _take(self, state: State, column: str, effect: Effect) -> Effected:
        """Take over what a rule made of the data."""
        first = 0 if effect.new is None else behind.first_of(effect.new, self.added)
        columns = ColumnContents.of(self.contents or contents_of(self.dataset), state, column)
        columns.take(effect)
        self.contents = columns.in_order
        gone = {*effect.columns, *effect.removed}
        self.pending = {named: codes for named, codes in self.pending.items() if named not in gone}
        self.labels = {named: codes for named, codes in self.labels.items() if named not in effect.removed}
        self._rename(effect.names)
        self.beneath = None
        self.became = became.after(self.became, effect.names, effect.removed)
        self._data = None
        if effect.train is not None:
            self.train, self.parted = self.train & effect.train, (*self.parted, *effect.columns)
        dropped = np.zeros(self.rows, bool)
        if effect.dropped is not None:
            dropped = effect.dropped & state.kept
            self.status[dropped] = statuses().index("drop")
        marked, new = self.marks, RowSet() if effect.new is None else self._add(effect.new, first)
        return Effected(
            cells=columns.cells,
            rows=RowSet.from_mask(columns.changed | dropped),
            added=(*columns.added, *(self.marks if not marked else ())),
            removed=effect.removed,
            new=new,
            learned={},
            note=effect.note,
            own_code=effect.own_code
            if effect.new is None
            else partial(effect.new.code, self.dataset.rows + first),
            drawn=effect.drawn(state.kept),
        )

    def _rename(self, names: Mapping[str, str]) -> None:
        for old, new in names.items():
            for labels in (self.labels, self.pending):
                if old in labels:
                    labels[new] = labels.pop(old)
        if names:
            self.out = {names.get(key, key): None for key in self.out}
            self.parted = tuple(names.get(key, key) for key in self.parted)
        if self.added is not None:
            self.added = replace(self.added, marks=tuple(names.get(key, key) for key in self.marks))

    def _add(self, new: NewRows, first: int) -> RowSet:
        """Set new rows behind the others; gives their numbers. first: as `behind.first_of` gives it."""
        rows, source = self.rows, self.dataset.rows
        if not self.marks:
            self.contents = behind.marked(self.contents, new.marks, rows)
        self.added = behind.added(self.dataset, self.contents, self.added, new, first)
        self.contents = behind.with_rows(self.contents, self.marks, new, source + first, self.rows)
        more = self.rows - rows
        self.status = np.concatenate([self.status, np.zeros(more, np.int8)])
        self.weight = np.concatenate([self.weight, np.full(more, np.nan)])
        self.worked_out = np.concatenate([self.worked_out, np.zeros(more, bool)])
        if new.like is not None:  # a row that is repeated takes its weight along
            there = source + first + np.arange(len(new))
            self.weight[there], self.worked_out[there] = self.weight[new.like], self.worked_out[new.like]
        self.train = np.concatenate([self.train, np.ones(more, bool)])
        for labels in (self.labels, self.pending):
            for column, codes in labels.items():
                labels[column] = np.concatenate([codes, np.full(more, -1, np.int32)])
        self._data = self.beneath = None
        return RowSet(np.arange(source + first, source + first + len(new)))
