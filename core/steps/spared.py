"""Rows that were kept by hand stay when a rule drops repeats: the step keeps them again, behind the rule.

What a step decided later wins over what was decided before it, in every replay; so the step itself says what
it leaves, and the recipes of before mean what they meant.
"""

from __future__ import annotations

from collections.abc import Sequence

from core.actions import statuses
from core.review import Batch, Decision
from core.rowset import RowSet
from core.steps.settling import Work
from core.steps.trial import trial

_RULE = "drop_repeats"
WHY = "It was kept before."


def spared(before: Work, batch: Sequence[Decision]) -> Batch:
    """The decisions of a step that comes next, and behind them that those rows stay that a person kept and
    that its rules drop as repeats. Raises as `core.steps.settle` does.
    """
    if not any(one.action == _RULE for one in batch):
        return tuple(batch)
    kept = before.status == statuses().index("keep")
    if not kept.any():
        return tuple(batch)
    lost = RowSet.from_mask(kept & ~trial(before, batch).after.kept[: kept.size])
    return (*batch, Decision("keep", lost, why=WHY)) if lost else tuple(batch)


def unspared(batch: Sequence[Decision]) -> tuple[Batch, RowSet]:
    """A step without what `spared` set behind it, and the rows that it spared."""
    first, last = batch[0], batch[-1]
    if first.action == _RULE and last.action == "keep" and isinstance(last.rows, RowSet):
        return tuple(batch[:-1]), last.rows
    return tuple(batch), RowSet()
