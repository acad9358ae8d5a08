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
from core.phrases import count, percent, verb
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
    def likely(self) -> RowSet:
        """The rows of the source whose label is likely wrong."""
        return RowSet(self.rows[self.result.tier == 2])

    @property
    def sureness(self) -> float:
        """The mean probability of the likeliest class."""
        return float(self.evidence.probabilities.max(axis=1).mean())

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


class FormerLook(NamedTuple):
    """found: what Labels found then. changed: rows whose label decisions had changed."""

    found: JudgedLabels
    changed: RowSet


class LastLook(NamedTuple):
    """What Labels found last.

    past: the decisions of then. changed: rows whose label they changed. before: its look before that.
    """

    past: tuple[Decision, ...]
    found: JudgedLabels
    changed: RowSet = RowSet()
    before: FormerLook | None = None


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
        last: LastLook | None = session().chosen.get(_mark(loaded))
        changed = RowSet() if dataset.base is None else as_decided.relabelled()
        if last is None or last.found is found:
            last = LastLook(past, found, changed) if last is None else last._replace(past=past)
        else:
            last = LastLook(past, found, changed, FormerLook(last.found, last.changed))
        session().chosen[_mark(loaded)] = last
    return found


def since_then(dataset: Dataset) -> str:
    """That the labels were judged before the last decisions, and whether they are being judged again; ""
    where there is nothing to say.
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
    return ""


def look_before(dataset: Dataset) -> JudgedLabels | None:
    """What Labels had found at the look before that at the data as decided now; None where it did not look
    twice, or not at these.
    """
    loaded = dataset.base or dataset
    last: LastLook | None = session().chosen.get(_mark(loaded))
    now = guard.attempt(lambda: as_decided.decided(loaded))
    if last is None or last.before is None or not isinstance(now, Dataset) or now is loaded:
        return None
    return last.before.found if judged(loaded) is last.found is _of(now) else None


def likely_anew(dataset: Dataset) -> str:
    """How many of the labels called likely wrong were not before, and whether that is because the models
    learned from labels that were changed in between; "" where there is nothing to say.
    """
    last: LastLook | None = session().chosen.get(_mark(dataset.base or dataset))
    if last is None or last.before is None or last.found is not _of(dataset):
        return ""
    likely, before = last.found.likely, last.before
    number, surer = len(likely - before.found.likely), last.found.sureness > before.found.sureness
    if not number:
        return ""
    said = f"Of {count(len(likely), 'label')} likely wrong, {count(number)} {verb(number, 'was', 'were')} not"
    said = f"None of {count(number, 'label')} likely wrong was" if number == len(likely) > 1 else said
    said = f"{said} called so at the look before."
    other = len(last.changed - before.changed)
    if not other or not surer:
        return said
    now, then = (percent(sure) for sure in (last.found.sureness, before.found.sureness))
    return (
        f"{said} {count(other, 'label')} {verb(other, 'was', 'were')} changed in between. The models learned "
        f"from {verb(other, 'it', 'them')} and are surer now: {now} for the likeliest class on average, "
        f"{then} before. Where they had suggested the change, they agree with themselves: that does not show "
        "that other labels are wrong."
    )


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
