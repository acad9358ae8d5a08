"""The data as decided: a data set and what was decided about it, as another data set; and what is left of a
finding there.

The source stays as it is. Rows and cells that nothing changed are shared with it, so that what was worked out
of an unchanged column stays known (`core.dataset.Dataset.column_key`).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from core.changes import Changes
from core.dataset import Dataset
from core.dataset.column import held
from core.finding import Finding
from core.phrases import count, name, quoted
from core.review import Review
from core.rowset import RowSet
from core.settled import Settled
from core.steps import laid_over, settle

if TYPE_CHECKING:
    import pyarrow as pa

SHOWN = 5  # classes named in a sentence


def as_decided(dataset: Dataset, review: Review, settled: Settled | None = None) -> Dataset:
    """The data set that an export would hold: without rows that are dropped and columns that are left out,
    with new labels and cells made missing in place. ``dataset`` itself where nothing changes it. Weights
    given are not laid over: no analysis weights rows, so that nothing would be seen of them.

    settled: what ``review`` comes to, where that is known. Its ``version`` names what changed, not how:
    whatever is undone gives the data set of before again. Raises as `core.steps.settle` does.
    """
    now = settle(review.decisions, dataset) if settled is None else settled
    laid = laid_over(dataset, now.contents, now.laid_over, now.values, now.kept, now.omitted, now.added)
    if laid is dataset or laid.changes is None:
        return dataset
    changes = laid.changes
    told = (
        *filter(None, (_left(finding, changes, now) for finding in dataset.loading)),
        *filter(None, (_unread(laid, column) for column in changes.cells)),
        *_classes_gone(dataset, laid),
    )
    return replace(laid, loading=told)


def _left(finding: Finding, changes: Changes, settled: Settled) -> Finding | None:
    """What is left of a finding of the loading, which is not looked for anew: its rows that are not dropped,
    and whose cells in its columns are as they were. None where its rows, or its columns, are gone.
    """
    left = left_of(finding, settled)
    if left is None:
        return None
    rows = left.rows
    for column in filter(None, map(settled.called, finding.columns)):
        rows = rows - settled.changed(column)
    own = changes.from_source(rows)
    if len(own) == len(finding.rows):
        return replace(left, rows=own)
    return replace(left, rows=own, title=f"{left.title} ({len(own):,} left)") if len(own) else None


def left_of(finding: Finding, settled: Settled, sources: Mapping[str, str] | None = None) -> Finding | None:
    """A finding of the data as loaded that was not looked for again: by the names that its columns have now,
    with its rows that are left, counted in the source. None where all its columns are gone or left out, all
    its rows dropped, or all of its missing cells filled, or of its codes made missing: whatever else is
    found, this is not.

    settled: of the data set as loaded, whole. sources: of a finding that was looked for after some steps the
    name of each column then -> that in the source, "" for a new one; its rows are counted in the source.
    """
    now = [_now(column, settled, sources or {}) for column in finding.columns]
    if now and all(column is None or column in settled.omitted for column in now):
        return None
    rows = finding.rows & RowSet.from_mask(settled.kept) if len(finding.rows) else finding.rows
    if finding.gaps or finding.empties:
        rows = _cells_left(rows, [column for column in now if column is not None], settled, finding.gaps)
    if len(finding.rows) and not len(rows):
        return None
    named = _called(finding, [new or old for old, new in zip(finding.columns, now, strict=True)])
    return replace(named, rows=rows, extent=finding.extent & RowSet.from_mask(settled.kept))


def _cells_left(rows: RowSet, columns: Sequence[str], settled: Settled, gaps: bool) -> RowSet:
    """Those of the rows of which a cell in these columns, by their names now, is missing still (``gaps``), or
    was never made missing: what such a cell was filled with is no code.
    """
    left = RowSet()
    for column in columns:
        there = rows if gaps else rows - _emptied(column, settled)
        values = next((one.values for one in settled.contents if one.column.name == column), None)
        if values is not None:
            empty = RowSet.from_mask(np.asarray(values.is_null()))
            there = there & empty if gaps else there - empty
        codes = settled.laid_over.get(column)
        if codes is not None:
            written = [value is None for value in settled.values]
            by_hand = RowSet.from_mask(codes >= 0)
            emptied = RowSet.from_mask(np.isin(codes, np.flatnonzero(written)))
            there = (there - by_hand) | (rows & (emptied if gaps else by_hand - emptied))
        left = left | there
    return left


def _emptied(column: str, settled: Settled) -> RowSet:
    """The rows whose cell in this column a step made missing that writes nothing for some values."""
    rows = RowSet()
    for effect in settled.effects.values():
        named = effect.column == column or effect.column == _before(column, settled)
        if named and effect.action == "map" and None in effect.settings.get("pairs", {}).values():
            rows = rows | effect.rows
    return rows


def _before(column: str, settled: Settled) -> str:
    """What a column was called in the source; "" for a new one."""
    return next((one.source for one in settled.contents if one.column.name == column), "")


def _now(column: str, settled: Settled, sources: Mapping[str, str]) -> str | None:
    """What a column is called now; None where it is gone. A new one that got another name is gone."""
    if source := sources.get(column, column):
        return settled.called(source)
    return column if column in {content.column.name for content in settled.contents} else None


def _called(finding: Finding, now: Sequence[str]) -> Finding:
    """The finding about its columns by the names that steps gave them."""
    if finding.columns == tuple(now):
        return finding
    words = {name(old): name(new) for old, new in zip(finding.columns, now, strict=True)}
    either = "|".join(map(re.escape, words))
    title = re.sub(either, lambda match: words[match[0]], finding.title, count=len(words))
    return replace(finding, title=title, columns=tuple(now))


def _unread(decided: Dataset, column: str) -> Finding | None:
    """That new values of a column are none of its kind, and so missing."""
    assert decided.changes is not None
    cells = decided.changes.cells[column]
    unread = cells.unread
    rows = decided.own_rows(RowSet.from_mask(np.isin(cells.codes, list(unread))))
    if not len(rows):
        return None
    written = ", ".join(map(quoted, list(unread.values())[:SHOWN])) + (" …" if len(unread) > SHOWN else "")
    return Finding(
        "unread_label",
        f"{count(len(rows), 'new value')} of {name(column)} cannot be read as {decided[column].kind}",
        "warning",
        min(1.0, len(rows) / max(1, decided.rows)),
        f"{written} does not fit a column that holds {held(cells.values.type)}. The cells count as missing "
        "here; an export to text writes them as they stand, others refuse them.",
        "Undo the decision, or give a value of the column's kind.",
        rows=rows,
        columns=(column,),
        value=float(len(rows)),
        measure="cells",
    )


def _classes_gone(before: Dataset, after: Dataset) -> list[Finding]:
    """That decisions took all rows of a class of the target from train, where it had two or more."""
    target, old = after.roles.target, before.roles.target
    classes = ("category", "boolean", "text")
    if target is None or old is None or not {before[old].kind, after[target].kind} <= set(classes):
        return []
    counts, gone, left = _followed_classes(before, after, old, target)
    if not gone:
        return []
    told = ", ".join(map(quoted, gone[:SHOWN])) + (" …" if len(gone) > SHOWN else "")
    return [
        Finding(
            "class_gone",
            f"{count(len(gone), 'class', 'classes')} of {name(target)} {'is' if len(gone) == 1 else 'are'} "
            f"gone: {told}",
            "critical" if left < 2 else "warning",
            1.0 if left < 2 else len(gone) / counts,
            "The decisions took or relabelled every row of it, so that no model can learn it. "
            + (f"{count(left, 'class', 'classes')} left." if left != 1 else "Only one class is left."),
            "Undo the decision that took its last rows, unless that was meant.",
            columns=(target,),
            value=float(len(gone)),
            measure="classes",
        )
    ]


def _followed_classes(before: Dataset, after: Dataset, old: str, target: str) -> tuple[int, list[str], int]:
    """How many classes train had, which of two or more rows are gone, and how many there are now."""
    import pyarrow as pa
    import pyarrow.compute as pc

    was = before.table([old]).column(0).combine_chunks()
    now = after.table([target]).column(0).filter(pa.array(after.part_mask("train"))).combine_chunks()
    counted = pc.value_counts(was.filter(pa.array(before.part_mask("train"))).drop_null()).to_pylist()
    counts = {one["values"]: one["counts"] for one in counted}
    there = {str(level) for level in pc.unique(now.drop_null()).to_pylist()}
    # a class lives on under its own name, or under one that is no class of before
    living = {level for level in counts if str(level) in there} | _renamed(after, was, now, counts)
    gone = sorted(str(level) for level, rows in counts.items() if rows > 1 and level not in living)
    return len(counts), gone, len(there)


def _renamed(after: Dataset, was: pa.Array, now: pa.Array, classes: Collection[Any]) -> set[Any]:
    """The classes of before of which rows of train have a class now that was none.

    was: the target as loaded. now: as decided, of the rows of train.
    """
    import pyarrow as pa

    assert after.changes is not None and after.roles.target is not None
    if after.roles.target not in {*after.changes.cells, *after.changes.written}:
        return set()
    rows = after.source_rows(RowSet.from_mask(after.part_mask("train"))).ids
    known = rows < len(was)  # added rows are of no class of before
    pairs = {"was": was.take(pa.array(rows[known])), "now": now.filter(pa.array(known))}
    met = pa.table(pairs).group_by(["was", "now"]).aggregate([]).to_pylist()
    before = {str(level) for level in classes}
    return {one["was"] for one in met if one["now"] is not None and str(one["now"]) not in before}
