"""Where decisions leave the rows, cells and columns of a data set (`core.steps.settle` works it out)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.actions import ACTIONS, Action, coded, statuses
from core.added import Added
from core.dataset.column import Column
from core.rowset import RowSet

if TYPE_CHECKING:
    import pyarrow as pa


class Content(NamedTuple):
    """What a column holds after the steps.

    column: its name, kind and type now.
    source: the column of the source whose cells it holds where nothing changed them; "" for a new one.
    values: one per row of the source; None: the source's own.
    """

    column: Column
    source: str
    values: pa.ChunkedArray | None


class Effected(NamedTuple):
    """What a step did.

    cells: cells that hold something else than before it, those of new columns not counted.
    rows: rows of which a cell changed, or that it dropped.
    added, removed: names of columns.
    new: rows that it added.
    learned: what it learned from train, as plain JSON.
    note: what a person should know of it, in one sentence; "" for nothing.
    action, column, settings: the rule; column: by its name then, "" for the whole table.
    own_code: gives lines of code that only hold for the rows of this source (`core.steps.kind.Effect`).
    names: former name of each column that got another one -> that one.
    moved: whether the columns stand in another order.
    kinds: name of each column that was there and is of another kind now -> that kind.
    drawn: a name for the rows that it took, where it drops, parts or repeats rows.
    alike: rows named that were so already: the cell held that value, the row was dropped.
    """

    cells: int = 0
    rows: RowSet = RowSet()
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    new: RowSet = RowSet()
    learned: Mapping[str, Any] = {}
    note: str = ""
    own_code: Callable[[], list[str]] | None = None
    action: str = ""
    column: str = ""
    settings: Mapping[str, Any] = {}
    names: Mapping[str, str] = {}
    moved: bool = False
    kinds: Mapping[str, str] = {}
    drawn: str = ""
    alike: RowSet = RowSet()


@dataclass(frozen=True, eq=False)
class Settled:
    """Where every row stands.

    status: int8, a place in `core.actions.statuses`.
    weight: float64, NaN where none was given.
    worked_out: per row whether its weight was worked out, as those of a coreset are, and not given to it by a
        person; None: of no row.
    labels: per column with cells edited by hand, an int32 code per row into ``values`` (-1: unchanged).
    values: the new values; None: made missing.
    omitted: the columns left out.
    pending: of ``labels`` those that no later rule has rewritten, by the names of columns now; None: all.
    contents: every column in its order now, those left out among them; () where no step changed columns.
    effects: place of a rule among the decisions -> what it did.
    passed: place of a decision that could not be followed -> why, in one sentence.
    touched: place of a decision on rows or cells -> the rows that it took.
    altered: place of such a decision -> those of them that it left otherwise than they were: of another
        status or weight, or with another value in the cell.
    added: rows that steps added; the arrays go on with them behind the rows of the source.
    idle: places of decisions about a column that was left out, or taken in, already.
    filtered: places of the decisions on rows or cells that a filter names.
    """

    status: NDArray[np.int8]
    weight: NDArray[np.float64]
    labels: dict[str, NDArray[np.int32]] = field(default_factory=dict)
    values: tuple[str | None, ...] = ()
    omitted: tuple[str, ...] = ()
    pending: dict[str, NDArray[np.int32]] | None = None
    contents: tuple[Content, ...] = ()
    effects: Mapping[int, Effected] = field(default_factory=dict)
    passed: Mapping[int, str] = field(default_factory=dict)
    touched: Mapping[int, RowSet] = field(default_factory=dict)
    altered: Mapping[int, RowSet] = field(default_factory=dict)
    added: Added | None = None
    idle: frozenset[int] = frozenset()
    filtered: frozenset[int] = frozenset()
    worked_out: NDArray[np.bool_] | None = None

    @property
    def source_rows(self) -> int:
        """How many rows the source has."""
        return int(self.status.size) - (0 if self.added is None else len(self.added))

    @property
    def new(self) -> RowSet:
        """The rows that steps added, those dropped again among them."""
        return RowSet() if self.added is None else self.added.rows(self.source_rows)

    @property
    def kept(self) -> NDArray[np.bool_]:
        """Per row whether it is exported."""
        kept = ~np.isin(self.status, coded(exported=False))
        if self.added is not None:
            kept[self.source_rows :] &= self.added.there
        return kept

    @property
    def of_source(self) -> Settled:
        """Where the rows of the source stand, without those that were added."""
        if self.added is None:
            return self
        return self.among(np.arange(self.source_rows))

    @property
    def laid_over(self) -> dict[str, NDArray[np.int32]]:
        """The labels that stand on top of everything else, by the names of columns now."""
        return self.labels if self.pending is None else self.pending

    def called(self, source: str | None) -> str | None:
        """What a column of the source is called now; None where it is gone."""
        names = {content.source: content.column.name for content in self.contents if content.source}
        return names.get(source or "") if self.contents else source

    def among(self, rows: NDArray[np.int64]) -> Settled:
        """Where these rows stand, counted in their order."""
        labels = {column: codes[rows] for column, codes in self.labels.items()}
        worked_out = None if self.worked_out is None else self.worked_out[rows]
        return replace(
            self,
            status=self.status[rows],
            weight=self.weight[rows],
            worked_out=worked_out,
            labels=labels,
            added=None,
        )

    @cached_property
    def dropped(self) -> RowSet:
        """The rows that are not exported."""
        return self._at(coded(exported=False))

    @cached_property
    def deferred(self) -> RowSet:
        """The rows that wait in the queue."""
        return self._at(coded(settles=False))

    def _at(self, codes: tuple[int, ...]) -> RowSet:
        """The rows whose status is one of these."""
        wanted = np.zeros(self.status.size, bool)
        for code in codes:  # of few; looking each row up takes ten times as long
            wanted |= self.status == code
        return RowSet.from_mask(wanted)

    def by(self, action: Action) -> RowSet:
        """The rows whose status this action set, or that it gave a weight."""
        return self._at((statuses().index(action.word),)) if action.status else self.weighted

    def changed(self, column: str) -> RowSet:
        """The rows whose cell in ``column`` is replaced or made missing."""
        codes = self.labels.get(column)
        return RowSet() if codes is None else RowSet.from_mask(codes >= 0)

    @cached_property
    def relabelled(self) -> RowSet:
        """The rows with a new value in any column."""
        return self._rows(lambda codes: (codes >= 0) & (codes != self._missing))

    @cached_property
    def blanked(self) -> RowSet:
        """The rows with a cell made missing in any column."""
        return self._rows(lambda codes: codes == self._missing)

    @property
    def _missing(self) -> int:
        return self.values.index(None) if None in self.values else len(self.values)

    def _rows(self, hit: Callable[[NDArray[np.int32]], NDArray[np.bool_]]) -> RowSet:
        rows = np.zeros(self.status.size, bool)
        for codes in self.labels.values():
            rows |= hit(codes)
        return RowSet.from_mask(rows)

    @cached_property
    def weighted(self) -> RowSet:
        """The rows that were given a weight."""
        return RowSet.from_mask(~np.isnan(self.weight))

    @cached_property
    def weighted_by_hand(self) -> RowSet:
        """The rows that a person gave a weight: none that was worked out for many at once."""
        if self.worked_out is None:
            return self.weighted
        return RowSet.from_mask(~np.isnan(self.weight) & ~self.worked_out)

    @cached_property
    def decided(self) -> RowSet:
        """The rows about which a person decided anything but "later". A weight that was worked out, as those
        of a coreset are, decides about no row: whether its label is right, say, is as open as before.
        """
        return self._at(coded(settles=True)) | self.relabelled | self.blanked | self.weighted_by_hand

    def counts(self) -> dict[str, int]:
        """Rows before and after; the rules that were followed, decisions by a filter among them; then a
        number for each action that is counted: rows by status, rows relabelled and weighted, cells made
        missing, columns left out. Kept are those that stay as they are: a row with a value changed by hand
        counts by that alone.
        """
        at = np.bincount(self.status, minlength=len(statuses()))
        by_status = dict(zip(statuses(), at.tolist(), strict=True))
        by_status["keep"] = len(self.by(ACTIONS["keep"]) - self.relabelled - self.blanked)
        numbers = {
            ("cells", "label"): len(self.relabelled),
            ("cells", ""): sum(int((codes == self._missing).sum()) for codes in self.labels.values()),
            ("rows", "weight"): len(self.weighted),
            ("columns", ""): len(self.omitted),
            ("table", ""): len(self.new),
        }
        return {
            "before": self.source_rows,
            "after": int(self.kept.sum()),
            "rules": len(self.effects) + len(self.filtered),
            **{
                action.counted: by_status.get(action.word, numbers.get((action.on, action.needs), 0))
                for action in ACTIONS.values()
                if action.counted
            },
        }
