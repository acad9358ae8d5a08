"""What waits for a decision: the findings that are issues, and the rows they flag. The badge, the issues page
and the review count with these functions, and the report with the same ones of the core.
"""

from __future__ import annotations

from components import decisions, guard, results
from components.state import keep, session
from core.catalog import detectors
from core.dataset import Dataset
from core.finding import Finding
from core.phrases import count
from core.prepare import fixes
from core.report import Outcome
from core.rowset import RowSet


def outcomes(dataset: Dataset) -> dict[str, Outcome] | None:
    """What came of the analyses whose findings are issues; None while they run."""
    return results.outcomes(dataset, *detectors())


def issues(dataset: Dataset, outcomes: dict[str, Outcome]) -> dict[str, tuple[Finding, str]]:
    """The findings that name rows or are of the issues page, worst first: key -> finding and its analysis."""
    own = results.on("clean/issues")
    return {
        key: (finding, by)
        for key, (finding, by) in results.findings_by_key(dataset, outcomes).items()
        if len(finding.rows) or by in own
    }


def flagged(dataset: Dataset) -> RowSet | None:
    """The rows that open findings ask to decide about; None where the analyses were not run yet, or none of
    them could be.
    """
    outcomes = results.ready(dataset, *detectors())
    if outcomes is None or not any(outcome.result_is_in for outcome in outcomes.values()):
        return None
    accepted = decisions.accepted()
    listed = [finding for finding, _ in results.findings_by_key(dataset, outcomes).values()]
    key = ("flagged", results.mark(dataset, *detectors()), tuple(sorted(accepted)))
    return keep(key, lambda: fixes.flagged(listed, accepted), newest=True)


def flagged_in_words() -> str:
    """How many rows are flagged in the data that the pages show; until these were looked at, in the data as
    loaded, and that is said; "" where neither was.
    """
    loaded, shown = session().dataset, guard.attempt(decisions.in_view)
    for dataset in (shown, loaded):
        rows = flagged(dataset) if isinstance(dataset, Dataset) else None
        if rows is not None:
            return f"{count(len(rows), 'row')} flagged{'' if dataset is shown else ' as loaded'}"
    return ""
