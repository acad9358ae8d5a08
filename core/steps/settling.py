"""Where the decisions of a review leave a data set: followed in order, each on what the earlier ones left.

The last word wins per row, separately for its status, its weight and each column's cells. A decision that
cannot be followed, as its column was renamed or its filter does not fit, is passed over, and says so.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from core.actions import ACTIONS, statuses
from core.dataset import Dataset
from core.dataset.column import Column
from core.errors import ColumnError, InputError, RecipeError, SettingError
from core.filters import Filter
from core.loading.text import as_text
from core.phrases import count, name
from core.progress import SILENT, Progress
from core.review import Decision
from core.rowset import RowSet
from core.settled import Content, Effected, Settled
from core.steps.catalogue import kind_of
from core.steps.kind import NOTHING, Effect, Kind, Learned, State
from core.steps.overlay import check_written, contents_of, laid_over

if TYPE_CHECKING:
    import pyarrow as pa

LOG = logging.getLogger("winnow.steps")
LEARNED = 500  # things learned that are kept in memory
EFFECTS = 4  # effects of rules that are kept, for those that take long


def settle(decisions: Sequence[Decision], dataset: Dataset) -> Settled:
    """Follow the decisions in order. ``dataset`` is the data as loaded.

    Raises `RecipeError` for a row that the data have not. Everything else that does not fit the data is
    passed over (`Settled.passed`).
    """
    return Work.after(decisions, dataset).settled()


def state_after(decisions: Sequence[Decision], dataset: Dataset) -> State:
    """Where decisions leave the data for a rule that comes next, of every row of the source."""
    return Work.after(decisions, dataset).state(np.ones(dataset.rows, bool))


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
    seen: int = 0  # decisions so far

    @classmethod
    def after(cls, decisions: Sequence[Decision], dataset: Dataset, progress: Progress = SILENT) -> Work:
        """Follow the decisions from the data as loaded. Raises as `settle` does, and `Cancelled`."""
        work = cls(dataset)
        work.go_on(decisions, progress)
        return work

    def go_on(self, decisions: Sequence[Decision], progress: Progress = SILENT) -> None:
        """Follow more decisions; those that do not fit are passed over. Raises `Cancelled`."""
        for place, decision in enumerate(decisions, self.seen):
            progress.at((place - self.seen) / len(decisions), decision.kind.label)
            try:
                self.follow(place, decision)
            except InputError as error:
                self.passed[place] = str(error)
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
        for named in ("values", "out", "effects", "passed", "touched"):
            setattr(other, named, dict(getattr(self, named)))
        other.labels = {name: codes.copy() for name, codes in self.labels.items()}
        other.pending = {name: codes.copy() for name, codes in self.pending.items()}
        other.status, other.weight = self.status.copy(), self.weight.copy()
        return other

    def __post_init__(self) -> None:
        self.status = np.zeros(self.dataset.rows, np.int8)
        self.weight = np.full(self.dataset.rows, np.nan)
        self.train = self.dataset.part_mask("train")
        self._data: Dataset | None = self.dataset

    def settled(self) -> Settled:
        """Where every row stands now."""
        return Settled(
            self.status,
            self.weight,
            self.labels,
            tuple(self.values),
            tuple(self.out),
            self.pending if self.contents else None,
            self.contents,
            self.effects,
            self.passed,
            self.touched,
        )

    @property
    def data(self) -> Dataset:
        """The values as they are now, of every row of the source."""
        if self._data is None:
            self._data = laid_over(self.dataset, self.contents, self.pending, tuple(self.values))
        return self._data

    @property
    def kept(self) -> NDArray[np.bool_]:
        """Per row whether it is left."""
        return ~np.isin(self.status, [c for c, word in enumerate(statuses()) if not _exported(word)])

    def state(self, scope: NDArray[np.bool_]) -> State:
        """What a rule that comes next finds, held to some rows."""
        return State(self.data, self.kept, self.train, scope, omitted=tuple(self.out))

    def follow(self, place: int, decision: Decision) -> None:
        """Follow one decision. Raises `InputError` where it does not fit, having changed nothing."""
        kind = decision.kind
        if kind.on == "findings":
            return
        if decision.column:
            self._there(decision.column, kind.on)
        if kind.on == "columns":
            self._column(decision)
        elif kind.on in ("values", "table"):
            self._rule(place, decision)
        else:
            ids = self._rows(decision)
            self._mark(decision, ids)
            self.touched[place] = decision.rows if isinstance(decision.rows, RowSet) else RowSet(ids)

    def _there(self, column: str, on: str) -> None:
        names = [content.column.name for content in self.contents] or self.dataset.names
        if column not in names:
            raise ColumnError.missing(column, names)
        if on == "values" and column in self.out:
            raise ColumnError(f"Column {name(column)} was left out by an earlier step.")

    def _column(self, decision: Decision) -> None:
        if decision.kind.ends:
            self.out.pop(decision.column, None)
        else:
            self.out[decision.column] = None

    def _rows(self, decision: Decision) -> NDArray[np.int64]:
        rows = decision.rows if isinstance(decision.rows, RowSet) else self._filtered(decision.rows)
        if rows.stop > self.dataset.rows:
            raise RecipeError(
                f"A decision names row {rows.stop - 1}, but the data have rows 0 to {self.dataset.rows - 1}."
            )
        return rows.ids

    def _filtered(self, rule: Filter) -> RowSet:
        """The rows that a filter takes, by the values as they are now; those dropped are not looked at."""
        kept = self.state(np.ones(0, bool)).kept
        if kept.all():
            return rule.rows(self.data)
        left = laid_over(self.dataset, self.contents, self.pending, tuple(self.values), kept)
        return left.source_rows(rule.rows(left))

    def _mark(self, decision: Decision, ids: NDArray[np.int64]) -> None:
        """Set the status or the weight of rows, or their cells in a column."""
        kind = decision.kind
        if kind.status:
            self.status[ids] = statuses().index(decision.action)
        elif kind.needs == "weight":
            self.weight[ids] = float(decision.value or 0.0)
        else:
            value = str(decision.value) if kind.needs == "label" else None
            code = self.values.setdefault(value, len(self.values))
            for labels in (self.labels, self.pending):
                if decision.column not in labels:
                    labels[decision.column] = np.full(self.dataset.rows, -1, np.int32)
                labels[decision.column][ids] = code
            self._data = None

    def _rule(self, place: int, decision: Decision) -> None:
        kind = kind_of(decision.action)
        rows = decision.rows
        scope = np.ones(self.dataset.rows, bool)
        held = isinstance(rows, Filter) or len(rows) > 0
        if held:
            scope = np.zeros(self.dataset.rows, bool)
            scope[self._rows(decision)] = True
        state = replace(self.state(scope), held=held)
        settings = kind.checked(state, decision.column, decision.settings)
        learned = decision.learned or _learned(kind, state, decision.column, settings)
        effect = _effect(kind, state, decision.column, settings, learned, bool(decision.learned))
        self.effects[place] = self._take(state, decision.column, effect)._replace(
            learned=learned, action=decision.action, column=decision.column, settings=decision.settings
        )

    def _take(self, state: State, column: str, effect: Effect) -> Effected:
        """Take over what a rule made of the data."""
        before = state.data
        contents = {c.column.name: c for c in self.contents or contents_of(self.dataset)}
        changed = np.zeros(self.dataset.rows, bool)
        cells, added = 0, []
        behind = list(contents)
        for named, raw in effect.columns.items():
            values = canonical(raw, before.table([named]).column(0) if named in contents else None)
            if len(values) != self.dataset.rows:
                raise SettingError(f"The rule gives {len(values):,} values for {self.dataset.rows:,} rows.")
            if named in contents:
                if state.held:
                    values = _within(values, state.values(named), state.scope)
                differs = differing(before.table([named]).column(0), values) & state.kept
                differs &= state.scope
                cells, changed = cells + int(differs.sum()), changed | differs
            else:
                added.append(named)
                at = behind.index(column) + len(added) if column in behind else len(behind)
                behind.insert(at, named)
            contents[named] = _content(contents.get(named), named, values, effect)
            self.pending = {k: v for k, v in self.pending.items() if k != named}
        for named in (*effect.kinds, *effect.notes):
            if named not in effect.columns:
                contents[named] = contents[named]._replace(column=_read_anew(contents[named].column, effect))
        for gone in effect.removed:
            contents.pop(gone)
            behind.remove(gone)
            self.pending = {k: v for k, v in self.pending.items() if k != gone}
            self.labels = {k: v for k, v in self.labels.items() if k != gone}
        if effect.names:
            self._rename(contents, behind, effect)
        order = list(effect.order or behind)
        self.contents = tuple(contents[key] for key in order)
        self._data = None
        self.train = self.train if effect.train is None else self.train & effect.train
        dropped = np.zeros(self.dataset.rows, bool)
        if effect.dropped is not None:
            dropped = effect.dropped & state.kept
            self.status[dropped] = statuses().index("drop")
        return Effected(
            cells,
            RowSet.from_mask(changed | dropped),
            tuple(added),
            effect.removed,
            {},
            effect.note,
            effect.own_code,
        )

    def _rename(self, contents: dict[str, Content], order: list[str], effect: Effect) -> None:
        for old, new in effect.names.items():
            content = contents.pop(old)
            contents[new] = content._replace(column=replace(content.column, name=new))
            order[order.index(old)] = new
            for labels in (self.labels, self.pending):
                if old in labels:
                    labels[new] = labels.pop(old)
            if old in self.out:
                self.out = {effect.names.get(key, key): None for key in self.out}


def _exported(word: str) -> bool:
    return word not in ACTIONS or ACTIONS[word].exported


def _content(before: Content | None, named: str, values: pa.ChunkedArray, effect: Effect) -> Content:
    """The column with new values."""
    if before is None:
        return Content(Column(named, effect.kinds[named], str(values.type)), "", values)
    column = replace(
        _read_anew(before.column, effect),
        stored=str(values.type),
        null_tokens=(),
        ambiguous="",
    )
    return Content(column, before.source, values)


def _read_anew(column: Column, effect: Effect) -> Column:
    """The column with the kind and the note that the rule gives it."""
    return replace(
        column,
        kind=effect.kinds.get(column.name, column.kind),
        note=effect.notes.get(column.name, column.note),
        confidence=1.0 if column.name in effect.kinds else column.confidence,
    )


def canonical(values: pa.ChunkedArray | pa.Array, before: pa.ChunkedArray | None = None) -> pa.ChunkedArray:
    """Values of one of the types that a column can have (bool, int64, double, timestamp[us], string); NaN is
    missing. Raises `SettingError` for values that are infinite and were not so ``before``.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    kind = values.type
    if pa.types.is_dictionary(kind):
        values = values.cast(kind.value_type)
    elif pa.types.is_floating(kind):
        values = values.cast(pa.float64())
        values = pc.if_else(pc.is_nan(values), pa.scalar(None, pa.float64()), values)
        infinite = pc.is_inf(values)
        if before is not None and pa.types.is_floating(before.type):
            infinite = pc.and_not(infinite, pc.fill_null(pc.is_inf(before), False))
        if pc.any(infinite).as_py():
            raise SettingError(
                "The rule makes infinite values; choose another one, or clip the column first."
            )
    elif pa.types.is_integer(kind):
        try:
            values = values.cast(pa.int64())
        except pa.ArrowInvalid as error:
            raise SettingError(
                "The column holds whole numbers beyond 9,223,372,036,854,775,807, which rules do not take."
            ) from error
    elif pa.types.is_timestamp(kind) or pa.types.is_date(kind):
        values = values.cast(pa.timestamp("us"))
    if pa.types.is_large_string(values.type):
        values = values.cast(pa.string())
    return values if isinstance(values, pa.ChunkedArray) else pa.chunked_array([values])


def differing(before: pa.ChunkedArray, after: pa.ChunkedArray) -> NDArray[np.bool_]:
    """Per row whether the value is another; where the type is another, whether there is a value at all."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if before.type != after.type:
        either_number = pa.types.is_integer(after.type) or pa.types.is_floating(after.type)
        if not (pa.types.is_integer(before.type) and either_number):
            either = pc.or_(pc.is_valid(before), pc.is_valid(after))
            return np.asarray(either.to_numpy(), dtype=bool)
        before = before.cast(after.type, safe=False)
    other = pc.fill_null(pc.not_equal(before, after), False).to_numpy()
    gaps = pc.xor(pc.is_valid(before), pc.is_valid(after)).to_numpy()
    return np.asarray(other | gaps, dtype=bool)


def _within(new: pa.ChunkedArray, old: pa.ChunkedArray, scope: NDArray[np.bool_]) -> pa.ChunkedArray:
    """The new values in scope, the old ones elsewhere. Raises `SettingError` where one column cannot hold
    both.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    if new.type != old.type:
        wider = pa.types.is_integer(old.type) and not pa.types.is_boolean(new.type)
        try:
            if pa.types.is_string(new.type):
                old = pc.if_else(old.is_valid(), as_text(old), None)
            elif wider and not pa.types.is_timestamp(new.type):
                old = old.cast(new.type)  # whole numbers that a float cannot hold are refused
            else:
                raise pa.ArrowInvalid("what a date or a yes is does not follow from a number")
        except pa.ArrowInvalid as error:
            raise SettingError(
                f"The rule gives {new.type} where the other rows hold {old.type}; apply it to all rows."
            ) from error
    return pc.if_else(pa.array(scope), new, old)


def _learned(kind: Kind, state: State, column: str, settings: Any) -> Learned:
    """What a rule learns; once for the same settings, columns and rows."""
    if kind.learn is None:
        return NOTHING
    learn = kind.learn
    return state.data.shared.latest(
        "learned", _key(kind, state, column, settings), lambda: learn(state, column, settings), LEARNED
    )


def _effect(kind: Kind, state: State, column: str, settings: Any, learned: Learned, brought: bool) -> Effect:
    """What a rule makes of the data. brought: whether what it learned came from a recipe, which may have been
    edited. Raises `SettingError` where that cannot be read.
    """
    key = (_key(kind, state, column, settings), json.dumps(dict(learned), sort_keys=True, default=str))
    try:
        return state.data.shared.latest(
            "effects", key, lambda: kind.apply(state, column, settings, learned), EFFECTS
        )
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        if not brought:
            raise
        raise SettingError(
            f"What this step learned cannot be read ({type(error).__name__}: {error}); learn it anew "
            "(--refit), or take the step again."
        ) from error


def _key(kind: Kind, state: State, column: str, settings: Any) -> tuple[Any, ...]:
    """What the work of a rule hangs on: its settings, the columns that it reads, the rows, the roles, and the
    names and kinds of all columns, as a new column must not take a name, nor an order leave one out.
    """
    read = [name for name in (column, *kind.reads(state, column, settings)) if name]
    masks = [np.packbits(mask).tobytes() for mask in (state.kept, state.train, state.scope)]
    rows = hashlib.blake2b(b"".join(masks), digest_size=8).hexdigest()
    columns = [state.data.column_key(name) for name in read] or [state.data.version, *sorted(state.omitted)]
    frame = tuple((one.name, one.kind, one.stored) for one in state.data.columns)
    roles = tuple(sorted(state.data.roles.named().items()))
    given = json.dumps(settings.to_json(), default=str)
    return (kind.word, given, column, *columns, rows, roles, frame, state.omitted)


def described(effected: Effected) -> str:
    """What a rule did, in a few words.

    >>> described(Effected(cells=3)), described(Effected(rows=RowSet([1, 2]))), described(Effected())
    ('3 cells', '2 rows', 'nothing changed')
    """
    parts = [
        count(effected.cells, "cell") if effected.cells else "",
        count(len(effected.rows), "row") if len(effected.rows) and not effected.cells else "",
        f"{count(len(effected.added), 'new column')}" if effected.added else "",
        f"{count(len(effected.removed), 'column')} taken out" if effected.removed else "",
    ]
    return ", ".join(filter(None, parts)) or "nothing changed"
