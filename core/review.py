"""What the person decided: an append-only log, undone by batch; the last word wins per row and dimension."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from core.actions import ACTIONS, FORMER, ON_COLUMNS, ON_FINDINGS, Action
from core.dataset import Dataset
from core.errors import RecipeError, SettingError
from core.rowset import RowSet

Op = Literal["missing", "equals", "below", "above", "contains"]
STATUS: tuple[str, ...] = ("open", "keep", "drop", "defer")


@dataclass(frozen=True)
class Where:
    """A predicate on one column, kept as such so that a recipe stays short and readable."""

    column: str
    op: Op
    value: str | float | None = None

    def __post_init__(self) -> None:
        if self.op not in get_args(Op):
            raise SettingError.unknown(self.op, get_args(Op))

    def rows(self, dataset: Dataset) -> RowSet:
        """The rows of ``dataset`` for which it holds; missing values only match ``missing``."""
        import pyarrow.compute as pc

        values = dataset.table([self.column]).column(0)
        try:
            hit = {
                "missing": lambda: pc.is_null(values, nan_is_null=True),
                "equals": lambda: pc.equal(pc.cast(values, "string"), str(self.value)),
                "contains": lambda: pc.match_substring(
                    pc.cast(values, "string"), str(self.value), ignore_case=True
                ),
                "below": lambda: pc.less(values, float(self.value or 0)),
                "above": lambda: pc.greater(values, float(self.value or 0)),
            }[self.op]()
        except (ValueError, TypeError, NotImplementedError) as error:
            raise SettingError(
                f"{self!s} makes no sense for a column of type {dataset[self.column].stored}."
            ) from error
        return RowSet.from_mask(np.asarray(pc.fill_null(hit, False).to_numpy(), dtype=bool))

    def __str__(self) -> str:
        return (
            f"{self.column} is missing" if self.op == "missing" else (f"{self.column} {self.op} {self.value}")
        )


@dataclass(frozen=True)
class Decision:
    """One thing said about some rows, about a column (omit: leave it out; include: take it in again) or about
    a finding.

    value: the new label (relabel, text as it is to be written) or the weight (weight, at least 0). column:
    the column that a relabel changes, in which blank makes the rows' cells missing, or that is left out.
    finding: key of the finding that led to it, "" if none; accept lets that finding stand without alarm,
    reopen takes this back. who, when: name and ISO time in UTC.
    """

    action: Action
    rows: RowSet | Where
    value: str | float | None = None
    why: str = ""
    finding: str = ""
    column: str = ""
    who: str = ""
    when: str = ""

    def __post_init__(self) -> None:
        if self.action not in ACTIONS:
            raise SettingError.unknown(self.action, ACTIONS)
        if self.action == "relabel" and (not isinstance(self.value, str) or not self.column):
            raise SettingError(
                "A relabel needs the new label and the column it goes into; choose a target first."
            )
        if self.action == "weight" and not (
            isinstance(self.value, (int, float)) and 0 <= self.value < float("inf")
        ):
            raise SettingError(f"A weight is a number of at least 0; got {self.value!r}.")
        if self.action in ("blank", *ON_COLUMNS) and not self.column:
            raise SettingError(f"Give the column to {self.action}.")
        if self.action in ON_FINDINGS and not self.finding:
            raise SettingError(f"Give the key of the finding to {self.action}.")

    def to_json(self) -> dict[str, Any]:
        """Plain JSON; rows as half-open ranges or as the predicate."""
        rows = (
            {"ranges": self.rows.to_json()} if isinstance(self.rows, RowSet) else {"where": vars(self.rows)}
        )
        said = {"value": self.value, "why": self.why, "finding": self.finding, "column": self.column}
        return {"action": self.action, **rows, **said, "who": self.who, "when": self.when}

    @classmethod
    def from_json(cls, plain: dict[str, Any]) -> Decision:
        """The decision that `to_json` wrote. Raises `RecipeError` when it is not one."""
        try:
            kept = {k: v for k, v in plain.items() if k not in ("ranges", "where")}
            kept["action"] = FORMER.get(kept["action"], kept["action"])
            rows = Where(**plain["where"]) if "where" in plain else RowSet.from_json(plain["ranges"])
            return cls(rows=rows, **kept)
        except (KeyError, TypeError, ValueError) as error:
            raise RecipeError(f"This is not a decision: {str(plain)[:80]} ({error}).") from error


Batch = tuple[Decision, ...]


@dataclass(frozen=True)
class Review:
    """All batches said so far, and those undone (last undone last), ready to be redone."""

    batches: tuple[Batch, ...] = ()
    undone: tuple[Batch, ...] = ()

    def say(self, *decisions: Decision) -> Review:
        """Add one batch. What was undone before can no longer be redone."""
        return Review((*self.batches, decisions)) if decisions else self

    def undo(self) -> Review:
        """Take back the last batch; nothing happens when there is none."""
        return Review(self.batches[:-1], (*self.undone, self.batches[-1])) if self.batches else self

    def redo(self) -> Review:
        """Say the last undone batch again; nothing happens when there is none."""
        return Review((*self.batches, self.undone[-1]), self.undone[:-1]) if self.undone else self

    @property
    def decisions(self) -> tuple[Decision, ...]:
        """All decisions in force, in the order in which they were said."""
        return tuple(decision for batch in self.batches for decision in batch)

    @property
    def accepted(self) -> dict[str, Decision]:
        """The findings that stand without alarm: key -> the decision that accepted it. The last word wins."""
        said = {d.finding: d for d in self.decisions if d.action in ON_FINDINGS}
        return {key: decision for key, decision in said.items() if decision.action == "accept"}

    @property
    def omitted(self) -> tuple[str, ...]:
        """The columns that are left out, in the order in which it was said."""
        return omitted(self.decisions)

    def settle(self, dataset: Dataset) -> Settled:
        """Where every row stands now."""
        return settle(self.decisions, dataset)


@dataclass(frozen=True, eq=False)
class Settled:
    """Where every row stands. ``status``: int8, index into `STATUS`. ``weight``: float64, NaN where none was
    given.

    ``labels``: per changed column, an int32 code per row into ``values`` (-1: unchanged).
    """

    status: NDArray[np.int8]
    weight: NDArray[np.float64]
    labels: dict[str, NDArray[np.int32]] = field(default_factory=dict)
    values: tuple[str | None, ...] = ()
    omitted: tuple[str, ...] = ()

    @property
    def dropped(self) -> RowSet:
        """The rows that are to go."""
        return RowSet.from_mask(self.status == STATUS.index("drop"))

    @property
    def deferred(self) -> RowSet:
        """The rows that wait in the queue."""
        return RowSet.from_mask(self.status == STATUS.index("defer"))

    def changed(self, column: str) -> RowSet:
        """The rows whose cell in ``column`` is replaced or made missing."""
        codes = self.labels.get(column)
        return RowSet() if codes is None else RowSet.from_mask(codes >= 0)

    @property
    def relabelled(self) -> RowSet:
        """The rows with a new value in any column."""
        return self._rows(lambda codes: (codes >= 0) & (codes != self._missing))

    @property
    def blanked(self) -> RowSet:
        """The rows with a cell made missing in any column."""
        return self._rows(lambda codes: codes == self._missing)

    @property
    def _missing(self) -> int:
        return self.values.index(None) if None in self.values else len(self.values)

    def _rows(self, hit: Callable[[NDArray[np.int32]], NDArray[np.bool_]]) -> RowSet:
        found = np.zeros(self.status.size, bool)
        for codes in self.labels.values():
            found |= hit(codes)
        return RowSet.from_mask(found)

    @property
    def weighted(self) -> RowSet:
        """The rows that were given a weight."""
        return RowSet.from_mask(~np.isnan(self.weight))

    @property
    def decided(self) -> RowSet:
        """The rows about which anything but "later" was said."""
        kept = RowSet.from_mask((self.status == 1) | (self.status == 2))
        return kept | self.relabelled | self.blanked | self.weighted

    def counts(self) -> dict[str, int]:
        """Rows before and after, and how many were kept on purpose, dropped, deferred, relabelled, weighted
        and decided about at all.

        Then cells made missing (blanked) and columns left out (omitted).
        """
        tally = np.bincount(self.status, minlength=len(STATUS))
        before, dropped = int(self.status.size), int(tally[2])
        told = {"kept": int(tally[1]), "dropped": dropped, "deferred": int(tally[3])}
        changed = {
            "relabelled": len(self.relabelled),
            "weighted": len(self.weighted),
            "decided": len(self.decided),
        }
        cells = sum(int((codes == self._missing).sum()) for codes in self.labels.values())
        return {
            "before": before,
            "after": before - dropped,
            **told,
            **changed,
            "blanked": cells,
            "omitted": len(self.omitted),
        }


def settle(decisions: Sequence[Decision], dataset: Dataset) -> Settled:
    """Apply the decisions in order: the last word wins per row, separately for keep/drop/defer, each column's
    cells and weight.
    """
    status, weight = np.zeros(dataset.rows, np.int8), np.full(dataset.rows, np.nan)
    labels: dict[str, NDArray[np.int32]] = {}
    values: dict[str | None, int] = {}
    for said in decisions:
        if said.action in ON_FINDINGS:
            continue
        ids = _ids(said, dataset)
        if said.action in ON_COLUMNS:
            continue
        if said.action in ("relabel", "blank"):
            code = values.setdefault(str(said.value) if said.action == "relabel" else None, len(values))
            if said.column not in labels:
                labels[said.column] = np.full(dataset.rows, -1, np.int32)
            labels[said.column][ids] = code
        elif said.action == "weight":
            weight[ids] = float(said.value or 0.0)
        else:
            status[ids] = STATUS.index(said.action)
    return Settled(status, weight, labels, tuple(values), omitted(decisions))


def omitted(decisions: Sequence[Decision]) -> tuple[str, ...]:
    """The columns that these decisions leave out: the last word wins per column."""
    said = {d.column: d.action for d in decisions if d.action in ON_COLUMNS}
    return tuple(column for column, action in said.items() if action == "omit")


def _ids(said: Decision, dataset: Dataset) -> NDArray[np.int64]:
    if said.column:
        dataset[said.column]
    ids = (said.rows if isinstance(said.rows, RowSet) else said.rows.rows(dataset)).ids
    if ids.size and ids[-1] >= dataset.rows:
        raise RecipeError(
            f"A decision speaks of row {ids[-1]}, but the data have rows 0 to {dataset.rows - 1}."
        )
    return ids


def signed(decision: Decision, who: str, when: str) -> Decision:
    """The decision with its author and time."""
    return replace(decision, who=who, when=when)
