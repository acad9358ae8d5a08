"""The data as decided: a data set and what was decided about it, as another data set; and what became of the
findings.

The source stays as it is. Rows and cells that nothing changed are shared with it, so that what was worked out
of an unchanged column stays known (`core.dataset.Dataset.column_key`).
"""

from __future__ import annotations

import re
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
    cells = {column: _cells(dataset, column, now) for column in now.labels if column not in now.omitted}
    cells = {column: new for column, new in cells.items() if (new.codes >= 0).any()}
    changes = Changes(
        rows=dataset.rows,
        kept=np.flatnonzero(~dropped) if dropped.any() else None,
        cells=cells,
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
    unread = [_unread(decided, column) for column in cells]
    told = (*decided.loading, *filter(None, unread), *_classes_gone(dataset, decided))
    return replace(decided, loading=told)


def _left(finding: Finding, changes: Changes, settled: Settled) -> Finding | None:
    """What is left of a finding of the loading, which is not looked for anew: its rows that are not dropped,
    and whose cells in its columns are as they were. None where its rows, or its columns, are gone.
    """
    columns, rows = finding.columns, finding.rows
    if columns and set(columns) <= set(changes.omitted):
        return None
    for column in changes.cells:
        if column in columns:
            rows = rows - settled.changed(column)
    own = changes.from_source(rows)
    if len(own) == len(finding.rows):
        return replace(finding, rows=own)
    return replace(finding, rows=own, title=f"{finding.title} ({len(own):,} left)") if len(own) else None


def _cells(dataset: Dataset, column: str, settled: Settled) -> Cells:
    """The new cells of a column, of its own type; those that cannot be of that type are missing. Only values
    that are used, in an order that does not depend on when they were given.
    """
    import pyarrow as pa

    codes = settled.labels[column]
    kind = dataset.table([column]).schema.field(0).type
    used = np.unique(codes[codes >= 0]).tolist()
    used.sort(key=lambda code: (settled.values[code] is None, settled.values[code] or ""))
    place = np.full(len(settled.values) + 1, -1, np.int32)  # its last is that of -1
    place[used] = np.arange(len(used))
    texts = [settled.values[code] for code in used]
    values = [_typed(dataset, column, text, kind) for text in texts]
    unread = {at: text for at, text in enumerate(texts) if text is not None and values[at] is None}
    return Cells(place[codes], pa.array(values, kind), unread)


def _typed(dataset: Dataset, column: str, text: str | None, kind: pa.DataType) -> Any:
    """The value that a text is in a column of this type, as the source writes such values; None where it can
    be none.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    if text is None:
        return None
    comma = dataset.source.options.get("decimal") == "," and pa.types.is_floating(kind)
    bare = text.replace(",", ".") if comma else text
    if pa.types.is_timestamp(kind):
        bare = _iso(bare.strip(), dataset[column].note)
    try:
        return pc.cast(pa.scalar(bare), kind).as_py()
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        return None


def _iso(text: str, note: str) -> str:
    """A day as ISO has it, where the column was read with the day or the month first.

    >>> _iso("13/4/2024", "Read as day/month/year."), _iso("4/13/2024 9:30", "Read as month/day/year.")
    ('2024-04-13', '2024-04-13 9:30')
    >>> _iso("2024-04-13", "Read as day/month/year.")
    '2024-04-13'
    """
    parts = re.fullmatch(r"(\d{1,2})[./-](\d{1,2})[./-](\d{4})(.*)", text, re.DOTALL)
    if parts is None:
        return text
    month_first = "month" in note and note.find("month") < note.find("day")
    day, month = (parts[2], parts[1]) if month_first else (parts[1], parts[2])
    return f"{parts[3]}-{int(month):02d}-{int(day):02d}{parts[4]}"


def _unread(decided: Dataset, column: str) -> Finding | None:
    """That new values of a column are none of its kind, and so missing."""
    assert decided.changes is not None
    codes, values, unread = decided.changes.cells[column]
    rows = decided.own_rows(RowSet.from_mask(np.isin(codes, list(unread))))
    if not len(rows):
        return None
    written = ", ".join(map(quoted, list(unread.values())[:SHOWN]))
    return Finding(
        "unread_label",
        f"{count(len(rows), 'new value')} of {name(column)} cannot be read as {decided[column].kind}",
        "warning",
        min(1.0, len(rows) / max(1, decided.rows)),
        f"{written} does not fit a column that holds {values.type}. The cells count as missing here; an "
        "export to text writes them as they stand, others refuse them.",
        "Undo the decision, or give a value of the column's kind.",
        rows=rows,
        columns=(column,),
        value=float(len(rows)),
        measure="cells",
    )


def _classes_gone(before: Dataset, after: Dataset) -> list[Finding]:
    """That decisions took all rows of a class of the target from train, where it had two or more."""
    import pyarrow as pa
    import pyarrow.compute as pc

    target = after.roles.target
    if target is None or before[target].kind not in ("category", "boolean", "text"):
        return []
    counts = []
    for data in (before, after):
        train = data.table([target]).column(0).filter(pa.array(data.part_mask("train")))
        counted = pc.value_counts(pc.drop_null(train).combine_chunks()).to_pylist()
        counts.append({one["values"]: one["counts"] for one in counted})
    gone = sorted(str(level) for level, rows in counts[0].items() if rows > 1 and level not in counts[1])
    if not gone:
        return []
    told = ", ".join(map(quoted, gone[:SHOWN])) + (" …" if len(gone) > SHOWN else "")
    left = len(counts[1])
    return [
        Finding(
            "class_gone",
            f"{count(len(gone), 'class', 'classes')} of {name(target)} {'is' if len(gone) == 1 else 'are'} "
            f"gone: {told}",
            "critical" if left < 2 else "warning",
            1.0 if left < 2 else len(gone) / len(counts[0]),
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
