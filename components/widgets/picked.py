"""The rows that are selected in a list."""

from __future__ import annotations

from dataclasses import dataclass, field

from core.filters import Filter
from core.rowset import RowSet


@dataclass(frozen=True)
class Picked:
    """rows: of the data set shown. rule: the filter that takes these and no others, where all that match it
    are selected: a decision then keeps the filter, which holds for other data too.
    """

    rows: RowSet = field(default_factory=RowSet)
    rule: Filter | None = None

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def scope(self) -> RowSet | Filter:
        """What a decision about them keeps."""
        return self.rows if self.rule is None else self.rule
