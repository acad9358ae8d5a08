"""What Labels found last, of the data as loaded or as decided, by the rows of the source: what the review
lists, which is of the data as loaded.

A decision makes other data of those as decided, which Labels has not judged yet: what it found before stays
until it has, so that the rows that wait do not change with each decision. An undo gives back data of before,
and what Labels found in those.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from components import as_decided, guard, results
from components.state import keep, session
from core.catalog import apply_to
from core.dataset import Dataset
from core.finding import Finding
from core.phrases import count
from core.review import Decision
from core.rowset import RowSet

if TYPE_CHECKING:
    from core.analyses.labels.result import LabelResult
    from core.prepare.evidence import ClassEvidence

NAME = "labels"
DOUBTS = ("wrong_labels", "doubtful_labels")  # findings of Labels that name rows to look at
Ids = NDArray[np.int64]


class JudgedLabels(NamedTuple):
    """result: of Labels. rows: the place in the source of each row judged, ascending. findings: with their
    rows as places in the source; rows that steps added are left out.
    """

    result: LabelResult
    rows: Ids
    findings: tuple[Finding, ...]

    @property
    def evidence(self) -> ClassEvidence:
        """What the models say of each row judged."""
        assert self.result.evidence is not None
        return self.result.evidence

    def place(self, row: int) -> int | None:
        """The place among the rows judged of a row of the source; None where it was not judged."""
        at = int(np.searchsorted(self.rows, row))
        return at if at < self.rows.size and self.rows[at] == row else None

    @property
    def in_order(self) -> Ids:
        """The rows of the source, the most doubtful first."""
        return self.rows[self.result.order]

    @property
    def doubted(self) -> RowSet:
        """The rows of the source whose label it doubts, but for findings that were accepted."""
        accepted, rows = as_decided.accepted(), RowSet()
        for finding in self.findings:
            if finding.code in DOUBTS and finding.key not in accepted:
                rows = rows | finding.rows
        return rows


class LastLook(NamedTuple):
    """What Labels found last.

    past: the decisions of then. joined, left: rows whose label it doubts since then, and no longer doubts,
    beside what it had found before; of those without a decision.
    """

    past: tuple[Decision, ...]
    found: JudgedLabels
    joined: RowSet = RowSet()
    left: RowSet = RowSet()


def judged(dataset: Dataset) -> JudgedLabels | None:
    """What is known of the labels of the data as loaded: what Labels found in those as decided now, else what
    it found last in this tab, while all decisions of then stand, else as loaded. None where it has not looked
    with the settings chosen; nothing is worked out.
    """
    loaded = dataset.base or dataset
    if not loaded.roles.target:
        return None
    now = guard.attempt(lambda: as_decided.decided(loaded))
    found = remember(now) if isinstance(now, Dataset) else None
    return found or _last(loaded) or _of(loaded)


def remember(dataset: Dataset) -> JudgedLabels | None:
    """Keep what Labels found in these data, which the page shows, as what it found last."""
    found = _of(dataset)
    if found is not None:
        loaded = dataset.base or dataset
        past = () if dataset.base is None else tuple(session().review.decisions)
        before: LastLook | None = session().chosen.get(_mark(loaded))
        joined, left = (RowSet(), RowSet()) if before is None else before[2:]
        if before is not None and before.found is not found:
            open_rows, was, now = as_decided.settled(loaded), before.found.doubted, found.doubted
            joined, left = now - was - open_rows.decided, was - now - open_rows.decided
        session().chosen[_mark(loaded)] = LastLook(past, found, joined, left)
    return found


def since_then(dataset: Dataset) -> str:
    """That the labels were judged before the last decisions, and whether they are being judged again; or how
    many rows joined and left those doubted when they were; "" where there is nothing to say.
    """
    loaded = dataset.base or dataset
    last: LastLook | None = session().chosen.get(_mark(loaded))
    now = guard.attempt(lambda: as_decided.decided(loaded))
    if last is None or judged(loaded) is not last.found or not isinstance(now, Dataset):
        return ""
    if results.under_way(now, NAME):
        return "Labels is looking at the data as decided now: rows may join the queue or leave it."
    if _of(now) is None:
        return (
            "Labels has not looked again since your last decisions: when it does, rows may join the queue or "
            "leave it."
        )
    moved = [
        f"{count(len(rows), 'row')} {word}"
        for rows, word in ((last.joined, "joined the queue"), (last.left, "left it"))
        if rows
    ]
    if not moved or now is loaded:
        return ""
    return f"Labels looked again at the data as decided: {' and '.join(moved)}."


def _last(loaded: Dataset) -> JudgedLabels | None:
    """What Labels found last; None where a decision of then was taken back: those data are no more."""
    last: LastLook | None = session().chosen.get(_mark(loaded))
    if last is None or tuple(session().review.decisions[: len(last.past)]) != last.past:
        return None
    return last.found


def _mark(loaded: Dataset) -> tuple[Any, ...]:
    return ("judged", *results.mark(loaded, NAME))


def _of(dataset: Dataset) -> JudgedLabels | None:
    outcome = results.worked_out(dataset, NAME) if dataset.roles.target else None
    result: Any = None if outcome is None else outcome.result
    if result is None or result.evidence is None:
        return None
    return keep(("judged", *results.mark(dataset, NAME), id(result)), lambda: _by_source(dataset, result))


def _by_source(dataset: Dataset, result: LabelResult) -> JudgedLabels:
    loaded = dataset.base or dataset

    def told(finding: Finding) -> Finding:
        rows = dataset.source_rows(finding.rows).ids
        return replace(finding, rows=RowSet(rows[rows < loaded.rows]))

    assert result.evidence is not None
    rows = dataset.source_ids(result.evidence.rows)
    return JudgedLabels(result, np.asarray(rows, np.int64), tuple(map(told, result.findings)))


def not_looked(dataset: Dataset) -> str:
    """Why Labels has listed no rows of these data as loaded though it might: it has not looked at them, nor
    at them as decided, or failed; "" where it has looked, or they have no classes to judge.
    """
    now = guard.attempt(lambda: as_decided.decided(dataset))
    if judged(dataset) is not None or not isinstance(now, Dataset) or NAME not in apply_to(now):
        return ""
    outcome = results.worked_out(now, NAME)
    if outcome is None:
        return "Labels has not looked at these data: rows whose label is likely wrong may follow."
    if outcome.status.state == "failed":
        return f"Labels could not be checked: {outcome.status.reason}"
    return ""
