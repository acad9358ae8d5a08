"""The rows that are flagged in the data shown, and those that wait in review: of the data as loaded those
that are flagged, whose label is doubted, or that were sent there. The sidebar and every page count with these
functions, and the report with the same ones of the core.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from components import as_decided, attention, results
from components.checks import names_of
from components.former_targets import about_target, decided_labels
from components.judged import DOUBTS, JudgedLabels, doubted_so_far, judged, look_before
from components.row_looks import behind, last_look
from components.server_looks import server_looks
from components.state import keep, session
from core.actions import ACTIONS
from core.catalog import detectors
from core.dataset import Dataset
from core.finding import TORN, Finding, of_copies
from core.outcomes import Outcome, not_known
from core.prepare import fixes
from core.prepare.levels import encoded
from core.prepare.repeats_left import labels_agree, repeat_nothing
from core.rowset import RowSet


def outcomes(dataset: Dataset, partly: bool = False) -> dict[str, Outcome] | None:
    """What came of the analyses whose findings are issues; None while they run. partly: the page is drawn
    again whenever one of them has ended.
    """
    return results.outcomes(dataset, *detectors(dataset), partly=partly)


def issues(dataset: Dataset, outcomes: dict[str, Outcome]) -> dict[str, tuple[Finding, str]]:
    """The findings that name rows or are of the issues page, worst first: key -> finding and its analysis."""
    own = results.on("clean/issues")
    return {
        key: (finding, by)
        for key, (finding, by) in results.findings_by_key(dataset, outcomes).items()
        if len(finding.rows) or by in own
    }


def flagged(dataset: Dataset) -> RowSet | None:
    """The rows that open findings ask to decide about; None where the analyses were not run yet, in this tab
    or elsewhere, or none of them could be.
    """
    outcomes = results.all_known(dataset, *detectors(dataset))
    return None if outcomes is None else flagged_by(dataset, outcomes)


def flagged_by(dataset: Dataset, outcomes: Mapping[str, Outcome]) -> RowSet | None:
    """The rows that the open findings of these outcomes ask to decide about; None where none has a result."""
    if not any(outcome.result_is_in for outcome in outcomes.values()):
        return None
    accepted = as_decided.accepted()
    listed = [finding for finding, _ in results.findings_by_key(dataset, outcomes).values()]
    key = ("flagged", *results.came_of(dataset, outcomes), tuple(sorted(accepted)))
    return keep(key, lambda: fixes.flagged(listed, accepted), newest=True)


def still_asked_by(dataset: Dataset, outcomes: Mapping[str, Outcome]) -> RowSet:
    """Those of the flagged rows that are decided, or about which there is still something to decide: of the
    data as loaded none that decisions resolved. That is a row that no check flags in the data as decided, as
    far as all that flagged it have looked there (`row_looks`), or that is flagged as a copy alone and repeats
    nothing any more.
    """

    def work() -> RowSet:
        accepted, listed = as_decided.accepted(), results.findings_by_key(dataset, outcomes)
        asking = {key: (f, by) for key, (f, by) in listed.items() if fixes.asks_for_rows(f)}
        left = flagged = flagged_by(dataset, outcomes) or RowSet()
        look = last_look(dataset) if dataset.changes is None else None
        if look is None or not look.of_now:
            again = [still_repeating(dataset, f, outcomes) for f, _ in asking.values()]
            left = fixes.flagged(again, accepted)
        if look is not None:
            unknown = [f for f, by in asking.values() if not look.looked_as_far(by, outcomes)]
            left = left & (look.flagged() | fixes.flagged(unknown, accepted))
        return left | (flagged & as_decided.settled(dataset).decided)

    key = (
        "still asked",
        *results.came_of(dataset, outcomes),
        results.turn(dataset),
        session().turn,
        server_looks().turn,
    )
    return keep(key, work, newest=True)


def still_repeating(dataset: Dataset, finding: Finding, outcomes: Mapping[str, Outcome]) -> Finding:
    """A finding of copies without the undecided rows that repeat nothing any more, as what they repeat was
    dropped, or whose labels agree by now; others as they are. Of data as decided that is known: they were
    looked at anew. finding: may name some of its rows only.
    """
    if not of_copies(finding) or dataset.changes is not None:
        return finding
    now, torn = as_decided.settled(dataset), finding.kin[:1] == (TORN,)
    dropped = now.dropped.mask(dataset.rows)
    if not dropped.any() and not (torn and session().review.decisions):
        return finding
    whole, name = results.findings_by_key(dataset, outcomes).get(finding.key, (finding, ""))
    group = _copy_groups(outcomes[name].result, name, finding.code) if name in outcomes else None
    if group is None or group.size != dataset.rows:
        return finding
    flagged = whole.rows.mask(dataset.rows)
    if torn:
        alone = labels_agree(group, flagged, dropped, _labels_to_compare(dataset, flagged))
    else:
        alone = repeat_nothing(group, flagged, dropped, now.by(ACTIONS["keep"]).mask(dataset.rows))
    rows = finding.rows - (RowSet.from_mask(alone) - now.decided)
    if rows == finding.rows:
        return finding
    each = finding.value == len(finding.rows)  # whether its value is how many rows it has
    return replace(finding, rows=rows, where="", value=float(len(rows)) if each else finding.value)


def _labels_to_compare(dataset: Dataset, flagged: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Per row of the data as loaded a number for its label as decided, of rows flagged or given another one;
    -1 for others, and for none.
    """
    target, every = dataset.roles.target or "", as_decided.settled()
    now = every.called(target)

    def work() -> NDArray[np.int64]:
        data, column = (dataset, target) if now is None else (as_decided.work().data, now)
        return encoded(data.table([column]).column(0))[0][: dataset.rows]

    codes = keep(("labels as decided", dataset.version, session().turn), work, newest=True)
    changed = RowSet() if now is None else every.changed(now)
    return np.where(flagged | changed.mask(every.status.size)[: dataset.rows], codes, -1)


def _copy_groups(result: Any, name: str, code: str) -> NDArray[np.integer] | None:
    """The group of copies of every row, that a finding of this analysis rests on; None where of no other."""
    if name == "duplicates":
        group: NDArray[np.integer] | None = result.groups(code)
        return group
    return np.asarray(result.group) if name == "nearduplicates" else None


class ReviewRows(NamedTuple):
    """The rows that the review lists, of the data as loaded: the one definition behind every number of rows
    that wait there.

    every: flagged, their label doubted by any look of Labels, or sent there: those decided or resolved since
        are among them, so that their number does not fall while decisions come.
    open: those of them that wait: without a decision, or sent there by the last one.
    resolved: those that do not wait, though nobody decided about them: no check flags them any more, and
        Labels does not doubt their label, since other decisions.
    flagged, alone, sent: of those open the ones that findings flag; that are there for their label alone; and
        that are there only as they were sent.
    first: those ever sent there, which stand first.
    still: whether checks of rows have not run on the data as loaded, or were stopped. What those flagged
        when they last ran, such as before another target was chosen, counts until they have.
    not_made: those that failed there, or had too few rows or values to look at, by the names of their tabs.
    behind: whether a step changed the data since checks of rows ran on those as decided: what it resolved is
        not known, and waits.
    """

    every: RowSet
    open: RowSet
    resolved: RowSet
    flagged: RowSet
    alone: RowSet
    sent: RowSet
    first: RowSet
    still: bool
    not_made: tuple[str, ...]
    behind: bool = False

    @property
    def complete(self) -> bool:
        """Whether all checks of rows did their work on the data as loaded, or do not apply."""
        return not self.still and not self.not_made


def in_review(dataset: Dataset) -> ReviewRows:
    """The rows that the review lists, as far as they are known."""
    loaded = dataset.base or dataset
    outcomes, found = results.so_far(loaded, *detectors(loaded)), judged(loaded)
    key = ("in review", results.turn(loaded), session().turn, server_looks().turn)
    return keep(key, lambda: _in_review(loaded, outcomes, found), newest=True)


def in_review_before(dataset: Dataset) -> ReviewRows | None:
    """The same by what Labels said at its look before the last one; None where there was none."""
    loaded = dataset.base or dataset
    outcomes, before = results.so_far(loaded, *detectors(loaded)), look_before(loaded)
    if before is None:
        return None
    key = ("in review before", results.turn(loaded), session().turn, server_looks().turn)
    return keep(key, lambda: _in_review(loaded, outcomes, before), newest=True)


def _in_review(loaded: Dataset, outcomes: Mapping[str, Outcome], found: JudgedLabels | None) -> ReviewRows:
    """With these labels doubted."""
    earlier = attention.rows_not_again(loaded, *detectors(loaded))
    asked = still_asked_by(loaded, outcomes) | earlier
    flagged = (flagged_by(loaded, outcomes) or RowSet()) | earlier
    doubted = RowSet() if found is None else found.doubted
    now = as_decided.settled(loaded)
    first = now.deferred | _sent(loaded)
    every = flagged | doubted | doubted_so_far(loaded) | first
    standing = asked | doubted | first
    there = (standing - now.decided) | now.deferred | (doubted - asked - decided_labels(loaded))
    alone = (there & doubted) - asked
    return ReviewRows(
        every,
        open=there,
        resolved=every - standing - now.decided,
        flagged=there & asked,
        alone=alone,
        sent=there - asked - alone,
        first=first,
        still=len(outcomes) < len(detectors(loaded)),
        not_made=names_of(one.analysis for one in not_known(outcomes.values())),
        behind=behind(loaded),
    )


def _sent(loaded: Dataset) -> RowSet:
    """The rows that were ever sent to review, or decided about for their label in the target, by decisions in
    force: they count as decided once they are, though nothing names them any more.
    """
    touched, decisions = as_decided.settled().touched, session().review.decisions
    sent = np.zeros(loaded.rows, bool)
    for place, (decision, now) in enumerate(zip(decisions, about_target(decisions, loaded), strict=True)):
        by_label = now and decision.finding.partition(":")[0] in DOUBTS
        if decision.action == "defer" or (by_label and decision.kind.on in ("rows", "cells")):
            here = decision.rows if isinstance(decision.rows, RowSet) else RowSet()
            rows = touched.get(place, here).ids
            sent[rows[rows < loaded.rows]] = True
    return RowSet.from_mask(sent)
