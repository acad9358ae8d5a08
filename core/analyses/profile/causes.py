"""Findings of a column whose cause lies outside of it: its role as the target, or another column."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from core.dataset import Dataset
from core.finding import Finding
from core.prepare.constant_target import constant_target
from core.prepare.lacked import rows_with
from core.prepare.structural import explained
from core.prepare.structural_finding import structural
from core.prepare.unlabelled import of_target as without_target
from core.progress import Progress

if TYPE_CHECKING:
    import pyarrow as pa

_PART = "\0part"  # no name of a column
_OF_VALUES = ("spike", "disguised_missing")  # about single values that many rows have
_ONE_VALUE = ("constant", "all_missing")  # what `constant_target` says of a target


def of_target(dataset: Dataset, findings: list[Finding]) -> list[Finding]:
    """The findings, where a target that does not vary is told as what it is: nothing can be predicted."""
    target = dataset.roles.target
    constant = constant_target(dataset, target) if target else None
    if constant is None:
        return findings
    implied = [f for f in findings if f.columns == constant.columns and f.code in _ONE_VALUE]
    return [*(f for f in findings if f not in implied), constant]


def excused(dataset: Dataset, findings: list[Finding], progress: Progress) -> list[Finding]:
    """The findings, where gaps that alarm but that another column explains are told as such, without ids
    that stand twice because their whole rows do: `duplicates` tells these.
    """
    findings = [one for one in findings if one.code != "repeated_ids" or not _only_copies(dataset, one)]
    alarming = [
        finding.columns[0] for finding in findings if finding.code == "missing" and finding.severity != "info"
    ]
    rules, within = explained(dataset, alarming, progress), rows_with(dataset, alarming)

    def with_cause(finding: Finding) -> Finding:
        rule = rules.get(finding.columns[0]) if finding.code == "missing" else None
        if rule is None:
            return finding
        having = within.get(finding.columns[0])
        rows = dataset.rows if having is None else int(having.sum())
        return structural(dataset[finding.columns[0]], rows, rule, finding.rows)

    def with_remedy(finding: Finding) -> Finding:
        told = _made_missing(dataset, with_cause(finding))
        return without_target(dataset, told) if finding.code == "missing" else told

    return [with_remedy(finding) for finding in findings if not _written(dataset, finding)]


def _written(dataset: Dataset, finding: Finding) -> bool:
    """Whether a spike, or a code for missing, or most of it, is what steps wrote: what fills gaps is no
    default of a sensor.
    """
    if finding.code not in _OF_VALUES or dataset.base is None or dataset.changes is None:
        return False
    [column] = finding.columns
    source = dataset.changes.sources.get(column, column)
    if source not in dataset.base.names:
        return True
    ids = dataset.source_rows(finding.rows).ids
    own = ids[ids < dataset.base.rows]
    now = dataset.table([column]).column(0).take(finding.rows.ids[ids < dataset.base.rows])
    was = dataset.base.table([source]).column(0).take(own)
    return 2 * _alike(was, now) < len(now)


def _alike(was: pa.ChunkedArray, now: pa.ChunkedArray) -> int:
    """How many values are as they were; of another type, how many there were."""
    import pyarrow.compute as pc

    if was.type != now.type:
        return len(was) - int(was.null_count)
    return int(pc.sum(pc.equal(was, now)).as_py() or 0)


def _only_copies(dataset: Dataset, finding: Finding) -> bool:
    """Whether every row that repeats an id repeats another row of its part in every column."""
    rows = finding.rows
    if not rows:
        return False
    frame = dataset.frame(rows=rows)
    parted = frame.assign(**{_PART: dataset.part_mask("serve")[rows.ids] if dataset.split else False})
    left = parted[~parted.duplicated()]
    return not left.duplicated([finding.columns[0], _PART]).any()


def _made_missing(dataset: Dataset, finding: Finding) -> Finding:
    """The finding, told as the doing of the steps where these made most of a column missing: they were not
    known before either, so that it is a warning and no more.
    """
    if finding.code != "missing" or dataset.base is None or dataset.changes is None:
        return finding
    column = finding.columns[0]
    source = dataset.changes.sources.get(column, column)
    if source not in dataset.base.names:
        return finding
    before = dataset.base.table([source]).column(0).is_null().to_numpy()
    now = dataset.table([column]).column(0).is_null().to_numpy()
    more = dataset.changes.rows - before.size  # rows that were added bring their gaps with them
    before = np.concatenate([before, np.ones(more, bool)])
    kept = dataset.changes.kept
    if column == dataset.roles.target and finding.part != "serve":
        now = now & dataset.part_mask("train")  # what is told of it is of train
    made = int((now & ~(before if kept is None else before[kept])).sum())
    if not made or int(now.sum()) - made > made:
        return finding
    return replace(
        finding,
        title=f"{finding.title}; steps made {made:,} of them missing",
        severity="warning" if finding.severity == "critical" else finding.severity,
        suggestion="Leave the column out, or fill it and mark what was missing; switch the step off if the "
        "values were meant.",
    )
