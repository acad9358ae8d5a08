"""The columns while what a rule made of them is taken over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from core.changes import differing
from core.dataset.column import Column
from core.errors import SettingError
from core.settled import Content
from core.steps.cells import canonical, within
from core.steps.kind import Effect, State

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(eq=False)
class ColumnContents:
    """The columns by their names, in order.

    state: what the rule found. column: the rule's own, behind which new ones are set; "" for the whole table.
    cells: how many of those that are left hold something else. changed: per row whether one of its does.
    added: the new columns.
    """

    contents: dict[str, Content]
    order: list[str]
    state: State
    column: str
    changed: NDArray[np.bool_]
    cells: int = 0
    added: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, contents: Sequence[Content], state: State, column: str) -> ColumnContents:
        """The columns as the rule found them."""
        named = {content.column.name: content for content in contents}
        return cls(named, list(named), state, column, np.zeros(state.kept.size, bool))

    @property
    def in_order(self) -> tuple[Content, ...]:
        """The columns as they are now."""
        return tuple(self.contents[name] for name in self.order)

    def take(self, effect: Effect) -> None:
        """Take over what a rule made. Raises `SettingError` for values that no column can have."""
        for name, values in effect.columns.items():
            before = self.state.values(name) if name in self.contents else None
            self._write(name, canonical(values, before), effect)
        for name in (*effect.kinds, *effect.notes):
            if name not in effect.columns:
                content = self.contents[name]
                self.contents[name] = content._replace(column=_read_anew(content.column, effect))
        for name in effect.removed:
            self.contents.pop(name)
            self.order.remove(name)
        for old, new in effect.names.items():
            content = self.contents.pop(old)
            self.contents[new] = content._replace(column=replace(content.column, name=new))
            self.order[self.order.index(old)] = new
        self.order = list(effect.order or self.order)

    def _write(self, name: str, values: pa.ChunkedArray, effect: Effect) -> None:
        """Give a column new values; set it behind the rule's own where it is new."""
        state = self.state
        if len(values) != state.kept.size:
            raise SettingError(f"The rule gives {len(values):,} values for {state.kept.size:,} rows.")
        if name not in self.contents:
            self.added.append(name)
            known = self.column in self.order
            at = self.order.index(self.column) + len(self.added) if known else len(self.order)
            self.order.insert(at, name)
        else:
            if state.held:
                values = within(values, state.values(name), state.scope)
            differs = differing(state.values(name), values) & state.kept & state.scope
            self.cells, self.changed = self.cells + int(differs.sum()), self.changed | differs
        self.contents[name] = _content(self.contents.get(name), name, values, effect)


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
        layouts=effect.layouts.get(column.name, column.layouts),
        confidence=1.0 if column.name in effect.kinds else column.confidence,
    )
