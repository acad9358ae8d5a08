"""What Labels found last, of the data as loaded or as decided, by the rows of the source: what the review
lists, which is of the data as loaded.

A decision makes other data of those as decided, which Labels has not judged yet: what it found before stays
until it has, so that the rows that wait do not change with each decision. An undo gives back data of before,
and what Labels found in those. What counts are the decisions of now, and not the way to them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from components import as_decided, guard, results
from components.server_looks import ServerLook, server_looks
from components.state import keep, session
from core.catalog import apply_to
from core.dataset import Dataset
from core.decision import Decision
from core.finding import Finding
from core.outcomes import not_known
from core.phrases import count, percent, verb
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


@dataclass(frozen=True, eq=False)
class LabelLook(ServerLook):
    """found: what Labels found then. changed: rows whose label the decisions of then had changed."""

    found: JudgedLabels
    changed: RowSet = RowSet()

    @property
    def nbytes(self) -> int:
        """That of the result."""
        return self.found.result.nbytes


def judged(dataset: Dataset) -> JudgedLabels | None:
    """What is known of the labels of the data as loaded: what Labels found in those as decided now, else what
    it found after the most of the decisions, from the first on, be that as loaded. None where it has not
    looked with the settings chosen; nothing is worked out. The same in all sessions, whatever was done and
    undone in between.
    """
    loaded = dataset.base or dataset
    if not loaded.roles.target:
        return None
    now = guard.attempt(lambda: as_decided.decided(loaded))
    if isinstance(now, Dataset):
        remember(now)
    if not _looks(loaded):
        remember(loaded)
    looks = _looks(loaded)
    return looks[-1].found if looks else None


def doubted_so_far(loaded: Dataset) -> RowSet:
    """The rows whose label any look doubted of which all decisions stand, and were taken first: those that
    Labels does not look at any more, as they were dropped, are among them.
    """
    rows = RowSet()
    for look in _looks(loaded) if loaded.roles.target else ():
        rows = rows | look.found.doubted
    return rows


def remember(dataset: Dataset) -> JudgedLabels | None:
    """Keep what Labels found in these data, which may be as loaded or as decided now, for the time after the
    next decision.
    """
    found, loaded = _of(dataset), dataset.base or dataset
    if found is None:
        return None
    now = guard.attempt(lambda: as_decided.decided(loaded))
    if dataset is loaded:
        _note(loaded, found, after=())
    if isinstance(now, Dataset) and dataset.version == now.version:
        _note(loaded, found, after=session().review.decisions)
    return found


def _note(loaded: Dataset, found: JudgedLabels, after: tuple[Decision, ...]) -> None:
    """Keep it as what was found after these decisions, unless it was found before the last of them, too."""
    past = [look for look in _looks(loaded) if look.before(after)]
    if not past or past[-1].found.result is not found.result:
        changed = as_decided.relabelled() if after else RowSet()
        server_looks().put(_key(loaded), LabelLook(after, found, changed))


def _looks(loaded: Dataset) -> list[LabelLook]:
    """The looks of Labels of which all decisions stand, and were taken first; after most of them last."""
    key, looks = _key(loaded), server_looks()
    return keep(
        ("looks of labels", *key, looks.turn, session().turn),
        lambda: looks.after(key, session().review.decisions, LabelLook),
        newest=True,
    )


def _look_now(loaded: Dataset) -> tuple[LabelLook, LabelLook | None] | None:
    """The look at the data as decided now, where they are others than as loaded, and the one before it that
    found anything else; None where Labels has not looked at them.
    """
    now = guard.attempt(lambda: as_decided.decided(loaded))
    if not isinstance(now, Dataset) or now is loaded or (found := remember(now)) is None:
        return None
    looks = _looks(loaded)
    others = [one for one in looks if one.found.result is not found.result]
    return looks[-1], others[-1] if others else None


def since_then(dataset: Dataset) -> str:
    """That the labels were judged before the last decisions, and whether they are being judged again; ""
    where there is nothing to say.
    """
    loaded = dataset.base or dataset
    now = guard.attempt(lambda: as_decided.decided(loaded))
    if judged(loaded) is None or not isinstance(now, Dataset):
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
    looked = _look_now(dataset.base or dataset)
    return None if looked is None or looked[1] is None else looked[1].found


def likely_anew(dataset: Dataset) -> str:
    """How many of the labels called likely wrong were not before, and whether that is because the models
    learned from labels that were changed in between; "" where there is nothing to say.
    """
    looked = None if dataset.base is None else _look_now(dataset.base)
    if looked is None or looked[1] is None:
        return ""
    last, before = looked
    likely = last.found.likely
    number, surer = len(likely - before.found.likely), last.found.sureness > before.found.sureness
    if not number:
        return ""
    said = f"Of {count(len(likely), 'label')} likely wrong, {count(number)} {verb(number, 'was', 'were')} not"
    said = f"None of {count(number, 'label')} likely wrong was" if number == len(likely) > 1 else said
    said = f"{said} so in the previous run of Labels."
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


def _key(loaded: Dataset) -> tuple[Any, ...]:
    return (loaded.fingerprint, *results.mark(loaded, NAME))


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
    if not_known([outcome]):
        return f"Labels could not be checked: {outcome.status.reason}"
    return ""
