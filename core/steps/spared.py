"""Rows that were kept by hand stay when a rule drops repeats: the step keeps them again, behind the rule.

What a step decided later wins over what was decided before it, in every replay; so the step itself says what
it leaves, and the recipes of before mean what they meant.
"""

from __future__ import annotations

from collections.abc import Sequence

from core.actions import statuses
from core.decision import Batch, Decision
from core.rowset import RowSet
from core.steps.settling import Work
from core.steps.trial import trial

_RULE = "drop_repeats"
WHY = "It was kept before."


def spared(before: Work, batch: Sequence[Decision]) -> Batch:
    """The decisions of a step that comes next, and behind them that those rows stay that a person kept and
    that its rules drop as repeats; not those that another decision of the step drops. Raises as
    `core.steps.settle` does.
    """
    if not _drops_repeats(batch):
        return tuple(batch)
    lost = _lost(before, batch)
    return (*batch, Decision("keep", lost, why=WHY)) if lost else tuple(batch)


def unspared(batch: Sequence[Decision]) -> tuple[Batch, RowSet]:
    """A step without what `spared` set behind it, and the rows that it spared."""
    last = batch[-1]
    if (last.action, last.why) == ("keep", WHY) and isinstance(last.rows, RowSet) and _drops_repeats(batch):
        return tuple(batch[:-1]), last.rows
    return tuple(batch), RowSet()


def _drops_repeats(batch: Sequence[Decision]) -> bool:
    return any(one.action == _RULE for one in batch)


def _lost(before: Work, batch: Sequence[Decision]) -> RowSet:
    """The rows kept by hand that the step drops as repeats, and by nothing else."""
    work, lost = before, RowSet()
    for one in batch:
        kept = RowSet.from_mask(work.kept & (work.status == statuses().index("keep")))
        step = trial(work, (one,))
        work = step.after
        if one.action == _RULE:
            lost |= kept & RowSet.from_mask(~work.kept)
        elif one.kind.status:
            lost -= work.touched.get(step.first, RowSet())
    return lost
