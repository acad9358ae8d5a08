"""The data as decided: a data set and what was decided about it, as another data set; and what became of the
findings.

The source stays as it is. Rows and cells that nothing changed are shared with it, so that what was worked out
of an unchanged column stays known (`core.dataset.Dataset.column_key`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from core.actions import coded
from core.changes import Cells, Changes
from core.dataset import Dataset
from core.finding import Finding
from core.phrases import count, name, quoted
from core.review import Decision, Review, Settled
from core.rowset import RowSet

if TYPE_CHECKING:
    import pyarrow as pa

SHOWN = 5  # classes named in a sentence


def as_decided(dataset: Dataset, review: Review, settled: Settled | None = None) -> Dataset:
    """The data set that an export would hold: without rows that are dropped and columns that are left out,
    with new labels and cells made missing in place. ``dataset`` itself where nothing changes it. Weights
    given are not laid over: no analysis weights rows, so that nothing would be seen of them.

    settled: what ``review`` comes to, where that is known. Its ``version`` names what changed, not how:
    whatever is undone gives the data set of before again. Raises as `Review.settle` does.
    """
    now = review.settle(dataset) if settled is None else settled
    dropped = np.isin(now.status, coded(exported=False))
    unread: list[Finding] = []
    cells = {column: _cells(dataset, column, now, unread) for column in now.labels}
    cells = {column: new for column, new in cells.items() if (new.codes >= 0).any()}
    changes = Changes(
        rows=dataset.rows,
        kept=np.flatnonzero(~dropped) if dropped.any() else None,
        cells={column: new for column, new in cells.items() if column not in now.omitted},
        omitted=tuple(column for column in now.omitted if column in dataset.names),
    )
    if not changes:
        return dataset
    columns = [
        replace(column, raw=False) if column.name in changes.cells else column
        for column in dataset.columns
        if column.name not in changes.omitted
    ]
    vacant = [role for role, column in dataset.roles.named().items() if column in changes.omitted]
    decided = replace(
        dataset,
        rows=dataset.rows if changes.kept is None else int(changes.kept.size),
        columns=tuple(columns),
        roles=replace(dataset.roles, **dict.fromkeys(vacant)),
        loading=tuple(filter(None, (_left(finding, changes, now) for finding in dataset.loading))),
        base=dataset,
        changes=changes,
        _held=type(dataset._held)(),
    )
    return replace(decided, loading=(*decided.loading, *unread, *_classes_gone(dataset, decided)))


def _left(finding: Finding, changes: Changes, settled: Settled) -> Finding | None:
    """What is left of a finding of the loading, which is not looked for anew: its rows that are not dropped,
    and whose cells in its columns are as they were. None where its rows, or its columns, are gone.
    """
    columns, rows = finding.columns, finding.rows
    if columns and set(columns) <= set(changes.omitted):
        return None
    for column in columns:
        rows = rows - settled.changed(column)
    own = changes.from_source(rows)
    return None if len(finding.rows) and not len(own) else replace(finding, rows=own)


def _cells(dataset: Dataset, column: str, settled: Settled, unread: list[Finding]) -> Cells:
    """The new cells of a column, of its own type; those that cannot be of that type are missing, and told."""
    import pyarrow as pa

    codes, kind = settled.labels[column], dataset.table([column]).schema.field(0).type
    values, failed = [], []
    for code, text in enumerate(settled.values):
        value, reads = _typed(text, kind)
        values.append(value)
        if not reads and (codes == code).any():
            failed.append(code)
    if failed:
        rows = RowSet.from_mask(np.isin(codes, failed))
        written = ", ".join(quoted(str(settled.values[code])) for code in failed[:SHOWN])
        unread.append(
            Finding(
                "unread_label",
                f"{count(len(rows), 'new value')} of {name(column)} cannot be read as {dataset[column].kind}",
                "warning",
                min(1.0, len(rows) / max(1, dataset.rows)),
                f"{written} does not fit a column that holds {kind}: the cells count as missing here, and an "
                "export refuses them.",
                "Undo the decision, or give a value of the column's kind.",
                rows=rows,
                columns=(column,),
                value=float(len(rows)),
                measure="cells",
            )
        )
    return Cells(codes, pa.array(values, kind))


def _typed(text: str | None, kind: pa.DataType) -> tuple[Any, bool]:
    """The value that a text is in a column of this type, and whether it can be one."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if text is None:
        return None, True
    try:
        return pc.cast(pa.scalar(text), kind).as_py(), True
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        return None, False


def _classes_gone(before: Dataset, after: Dataset) -> list[Finding]:
    """That decisions took all rows of a class of the target."""
    import pyarrow.compute as pc

    target = after.roles.target
    if target is None or before[target].kind not in ("category", "boolean", "text"):
        return []
    classes = [pc.drop_null(data.table([target]).column(0).unique()) for data in (before, after)]
    gone = sorted(map(str, set(classes[0].to_pylist()) - set(classes[1].to_pylist())))
    if not gone:
        return []
    told = ", ".join(map(quoted, gone[:SHOWN])) + (" …" if len(gone) > SHOWN else "")
    left = len(classes[1])
    return [
        Finding(
            "class_gone",
            f"{count(len(gone), 'class', 'classes')} of {name(target)} {'is' if len(gone) == 1 else 'are'} "
            f"gone: {told}",
            "critical" if left < 2 else "warning",
            1.0 if left < 2 else len(gone) / len(classes[0]),
            "The decisions took or relabelled every row of it, so that no model can learn it. "
            + (f"{count(left, 'class', 'classes')} left." if left != 1 else "Only one class is left."),
            "Undo the decision that took its last rows, unless that was meant.",
            columns=(target,),
            value=float(len(gone)),
            measure="classes",
        )
    ]


@dataclass(frozen=True)
class Resolved:
    """A finding of the data as loaded that is not one of the data as decided.

    finding: as it was; its rows are positions in the source.
    decisions: those that were taken because of it, or that touched its columns or rows, oldest first.
    """

    finding: Finding
    decisions: tuple[Decision, ...]


def resolved(before: Sequence[Finding], after: Sequence[Finding], review: Review) -> tuple[Resolved, ...]:
    """The findings of the data as loaded that are gone as decided, in their order.

    One that no decision touched fell below its limit, as fewer rows are left to show it: it has no decisions.
    """
    still = {finding.key for finding in after}
    return tuple(
        Resolved(finding, _causes(finding, review)) for finding in before if finding.key not in still
    )


def _causes(finding: Finding, review: Review) -> tuple[Decision, ...]:
    """Decisions taken because of it; else those about its columns; else those that drop rows of it."""
    changing = [decision for decision in review.decisions if decision.kind.changes]
    because = [decision for decision in changing if decision.finding == finding.key]
    about = [decision for decision in changing if decision.column and decision.column in finding.columns]
    dropping = [decision for decision in changing if not decision.kind.exported and _meet(decision, finding)]
    return tuple(because or about or dropping)


def _meet(decision: Decision, finding: Finding) -> bool:
    """Whether a decision names rows of a finding; a rule, or a finding without rows, may."""
    if not isinstance(decision.rows, RowSet) or not len(finding.rows):
        return True
    return len(decision.rows & finding.rows) > 0
