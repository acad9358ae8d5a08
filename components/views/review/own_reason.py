"""What was found for the one row in focus, in a sentence: the reason of a decision about it where none is
typed. That of the finding would be the same for all of its rows.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from components.judged import DOUBTS, judged
from components.views.issues import outliers
from components.views.review.card import partner_of
from core.dataset import Dataset
from core.finding import OUTLYING, TORN, Finding, of_copies
from core.outcomes import Outcome
from core.phrases import percent, quoted


def own_reason(dataset: Dataset, row: int, cause: Finding, outcomes: Mapping[str, Outcome]) -> str:
    """What the finding says of this row; its title where that names the row alone, or no more is known."""
    own = ""
    if cause.code in DOUBTS:
        own = _labels(dataset, row)
    elif OUTLYING in cause.kin and (judged_rows := _result("outliers", outcomes)) is not None:
        far = outliers.reason(dataset, judged_rows, row)
        own = far and f"Stands out: {far}"
    elif of_copies(cause):
        own = _copy(dataset, row, cause, outcomes)
    return own or cause.title


def _labels(dataset: Dataset, row: int) -> str:
    """The label given and the one suggested, with its probability; "" for a row that was not judged."""
    known = judged(dataset)
    at = None if known is None else known.place(row)
    if known is None or at is None or known.result.unpredicted:
        return ""
    evidence, suggested = known.evidence, int(known.result.suggested[at])
    given = evidence.classes[int(evidence.given[at])]
    sure = percent(float(evidence.probabilities[at, suggested]))
    return f"Given {quoted(given)}, suggested {quoted(evidence.classes[suggested])} ({sure})"


def _copy(dataset: Dataset, row: int, cause: Finding, outcomes: Mapping[str, Outcome]) -> str:
    """Which row it is a copy of; "" where that is not known."""
    partner = partner_of(dataset, row, [cause], {**outcomes})
    if partner is not None:
        return f"Equal to row {partner}, of another label" if TORN in cause.kin else f"Repeats row {partner}"
    near = _result("nearduplicates", outcomes)
    others = () if near is None else near.partners(row)
    return f"Near copy of row {others[0]}" if len(others) else ""


def _result(name: str, outcomes: Mapping[str, Outcome]) -> Any:
    return outcomes[name].result if name in outcomes else None
