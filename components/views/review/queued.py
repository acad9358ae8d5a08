"""The rows that wait for a decision, and the order in which to look at them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from components import as_decided, results, waiting
from components.former_targets import about_target
from components.judged import DOUBTS, JudgedLabels, judged
from components.row_looks import last_look
from components.server_looks import server_looks
from components.state import keep, session
from components.views.issues import outliers
from components.waiting import ReviewRows
from core.dataset import Dataset
from core.decision import Batch, Decision
from core.finding import OUTLYING, Finding, ranked
from core.outcomes import Outcome
from core.prepare import fixes
from core.prepare.verdicts import Verdicts, verdicts
from core.prepare.worklist import WorkItem, ordered
from core.review import Review
from core.rowset import RowSet

Ids = NDArray[np.int64]


class Queue(NamedTuple):
    """The rows to decide about.

    open: those without a decision, in the order in which to look at them.
    total: how many there are with those decided, and those that decisions about others resolved.
    asking: the findings that flag rows, worst first.
    rows: all of them, those decided among them.
    verdicts: which rows were confirmed and dismissed so far.
    there: the same rows by why they are there, as every page counts them.
    sent: the findings that flag no rows, of those that were sent here because of them.
    """

    open: Ids
    total: int
    asking: tuple[Finding, ...]
    rows: RowSet
    verdicts: Verdicts
    there: ReviewRows
    sent: tuple[Finding, ...] = ()

    @property
    def reasons(self) -> tuple[Finding, ...]:
        """All findings that bring rows here, those that flag them first."""
        return (*self.asking, *self.sent)

    @property
    def decided(self) -> int:
        """How many of them are decided."""
        return self.total - int(self.open.size) - len(self.there.resolved)

    @property
    def at(self) -> int:
        """The place of the row in focus."""
        return min(session().chosen.get("queue", 0), self.open.size - 1)

    @property
    def row(self) -> int:
        """The row in focus."""
        return int(self.open[self.at])

    def cause(self) -> Finding | None:
        """The worst finding that names the row in focus."""
        return next((finding for finding in self.asking if self.row in finding.rows), None)


def queue_of(dataset: Dataset, outcomes: dict[str, Outcome]) -> Queue:
    """The rows to decide about, as things stand."""
    doubted = judged(dataset)
    mark = ("queue", results.turn(dataset), session().turn, server_looks().turn)
    return keep(mark, lambda: _lined_up(dataset, outcomes, doubted), newest=True)


def _lined_up(dataset: Dataset, outcomes: dict[str, Outcome], doubted: JudgedLabels | None) -> Queue:
    """Rows sent here first, then those flagged, the most to be gained first: what was confirmed and dismissed
    so far counts (`core.prepare.worklist`).
    """
    listed = [finding for finding, _ in results.findings_by_key(dataset, outcomes).values()]
    listed += [] if doubted is None else doubted.findings
    asking = tuple(
        finding
        for finding in ranked(listed)
        if (fixes.asks_for_rows(finding) or finding.code in DOUBTS)
        and len(finding.rows)
        and finding.key not in as_decided.accepted()
    )
    looked_at = _one_by_one(session().review)
    of_now = zip(looked_at, about_target(looked_at, dataset), strict=True)
    found = verdicts([decision for decision, now in of_now if now], dataset)
    there = waiting.in_review(dataset)
    asking = _still(dataset, asking, outcomes, there)
    lines = [WorkItem(finding, _by_doubt(dataset, finding, outcomes)) for finding in asking]
    order = ordered(lines, found, there.first)
    left = order[there.open.mask(dataset.rows)[order]]
    sent = _sent_for([one for one in ranked(listed) if one.key not in {asks.key for asks in asking}])
    return Queue(left, len(there.every), asking, RowSet(order), found, there, sent)


def _sent_for(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """These findings with those of their rows that decisions in force sent here because of them."""
    touched, sent = as_decided.settled().touched, dict[str, RowSet]()
    for place, decision in enumerate(session().review.decisions):
        if decision.action == "defer" and decision.finding:
            named = decision.rows if isinstance(decision.rows, RowSet) else RowSet()
            sent[decision.finding] = sent.get(decision.finding, RowSet()) | touched.get(place, named)
    both = ((one, one.rows & sent[one.key]) for one in findings if one.key in sent)
    return tuple(replace(one, rows=rows, where="") for one, rows in both if rows)


def _still(
    dataset: Dataset, asking: tuple[Finding, ...], outcomes: dict[str, Outcome], there: ReviewRows
) -> tuple[Finding, ...]:
    """The findings without undecided rows that their own check no longer flags in the data as decided, so
    that none is a reason for a row that waits for another; of rows that none of their checks flags any more,
    but another one does, all of them stay the reason.
    """
    look, listed = last_look(dataset), results.findings_by_key(dataset, outcomes)
    if look is None:
        return asking
    decided = as_decided.settled(dataset).decided | there.first
    left, covered = [], RowSet()
    for finding in asking:
        by = listed[finding.key][1] if finding.key in listed else None
        rows = finding.rows
        if by is not None and look.looked_as_far(by, outcomes):
            rows = rows & (look.flagged(by) | decided)
        left.append(rows)
        covered = covered | rows
    rest = there.open - covered
    return tuple(
        replace(finding, rows=rows | (finding.rows & rest), where="") if rows != finding.rows else finding
        for finding, rows in zip(asking, left, strict=True)
    )


def _one_by_one(review: Review) -> list[Decision]:
    """The decisions in force that were taken about the same rows at a time."""
    return [
        decision
        for place, batch in enumerate(review.batches)
        if same_rows(batch) is not None and place not in review.off
        for decision in batch
    ]


def same_rows(batch: Batch) -> RowSet | None:
    """The rows that every decision of a step is about; None where they are about several, or a filter."""
    first = batch[0].rows
    return first if isinstance(first, RowSet) and all(one.rows == first for one in batch) else None


def _by_doubt(dataset: Dataset, finding: Finding, outcomes: dict[str, Outcome]) -> Ids:
    """The rows of a finding, the most doubtful first where its detector has a score for each."""
    ids: Ids = finding.rows.ids
    odd = outcomes["outliers"].result if OUTLYING in finding.kin else None
    if odd is not None:
        return ids[np.argsort(-outliers.scores(dataset, odd)[ids], kind="stable")]  # type: ignore[arg-type]
    doubted = judged(dataset) if finding.code in DOUBTS else None
    if doubted is not None:
        in_order = doubted.in_order[doubted.in_order < dataset.rows]
        return np.asarray(in_order[finding.rows.mask(dataset.rows)[in_order]])
    return ids
