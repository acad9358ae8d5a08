"""The rows that wait for a decision: flagged by findings, their label doubted, or sent to review. The sidebar
and every page count with these functions, and the report with the same ones of the core.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from components import as_decided, guard, results
from components.judged import judged
from components.state import keep, session
from core.catalog import detectors
from core.dataset import Dataset
from core.errors import CoreError
from core.finding import Finding
from core.outcomes import Outcome
from core.phrases import count, verb
from core.prepare import fixes
from core.rowset import RowSet

DOUBTS = ("wrong_labels", "doubtful_labels")  # findings of Labels that name rows to look at


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
    key = ("flagged", results.mark(dataset, *outcomes), tuple(sorted(accepted)))
    return keep(key, lambda: fixes.flagged(listed, accepted), newest=True)


def doubted(dataset: Dataset) -> RowSet:
    """The rows of the data as loaded whose label Labels doubts, where it has run, there or on the data as
    decided: they wait in review beside the flagged ones, and are not counted as flagged.
    """
    found, accepted, rows = judged(dataset), as_decided.accepted(), RowSet()
    for finding in () if found is None else found.findings:
        if finding.code in DOUBTS and finding.key not in accepted:
            rows = rows | finding.rows
    return rows


def for_label_alone(dataset: Dataset) -> str:
    """How many more rows than the flagged ones wait in review, which lists those of the data as loaded; ""
    where none does.
    """
    loaded = dataset.base or dataset
    more = len(doubted(loaded) - (flagged(loaded) or RowSet()) - as_decided.settled(loaded).decided)
    wait = "waits" if more == 1 else "wait"
    return (
        f"{count(more, 'row')} {wait} in review for {'its' if more == 1 else 'their'} label alone"
        if more
        else ""
    )


def in_review(dataset: Dataset) -> RowSet | None:
    """The rows that wait in review: of the data as loaded those flagged, those whose label is doubted, and
    those sent there, without a decision; None until these data were looked at.
    """
    loaded = dataset.base or dataset
    rows = flagged(loaded)
    if rows is None:
        return None
    settled = as_decided.settled(loaded)
    return ((rows | doubted(loaded)) - settled.decided) | settled.deferred


def at_review_door(dataset: Dataset) -> str:
    """How many rows wait in review, where that is another number than of those flagged here, and of which
    data they are, where decisions changed them; "" where nothing is to be said.
    """
    there, here = in_review(dataset), flagged(dataset)
    changed = dataset.base is not None
    if there is None:
        loaded = dataset.base or dataset
        more = len(doubted(loaded) - as_decided.settled(loaded).decided)
        wait = f"{count(more, 'row')} {verb(more, 'waits', 'wait')} in review for the label. " if more else ""
        return f"{wait}Review lists rows of the data as loaded." if changed else wait.rstrip()
    open_here = None if here is None else here - as_decided.settled(dataset).decided
    if not changed and open_here is not None and len(there) == len(open_here):
        return ""
    which = " of the data as loaded" if changed else ""
    return f"{count(len(there), 'row')}{which} {verb(len(there), 'waits', 'wait')} in review."


def flagged_in_words() -> str:
    """How many rows are flagged in the data that the pages show, and how many of these are decided; until
    these data were looked at, in those as loaded, and that is said; "" where neither were.
    """
    loaded, shown = session().dataset, guard.attempt(as_decided.in_view)
    for dataset in (shown, loaded):
        rows = flagged(dataset) if isinstance(dataset, Dataset) else None
        if rows is not None and isinstance(dataset, Dataset):
            words = f"{count(len(rows), 'row')} flagged{'' if dataset is shown else ' as loaded'}"
            settled = guard.attempt(partial(as_decided.settled, dataset))
            done = 0 if isinstance(settled, CoreError) else len(rows & settled.decided)
            return words + among_in_words(done, len(rows))
    return ""


def among_in_words(done: int, rows: int) -> str:
    """How many of so many rows are decided, behind their number; "" where none is: anything can be decided
    about, flagged or not.

    >>> among_in_words(0, 4), among_in_words(1, 4), among_in_words(4, 4), among_in_words(1, 1)
    ('', ', 1 of them decided', ', all decided', ', decided')
    """
    if not done:
        return ""
    if done < rows:
        return f", {count(done)} of them decided"
    return ", decided" if rows == 1 else ", all decided"
