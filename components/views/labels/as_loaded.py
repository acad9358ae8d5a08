"""How many labels were wrong as loaded, beside the number of now, where that says less."""

from __future__ import annotations

from typing import TYPE_CHECKING

from components import as_decided, results
from core.analyses.labels.findings import unbounded
from core.dataset import Dataset
from core.phrases import count, verb

if TYPE_CHECKING:
    from core.analyses.labels.result import LabelResult

NAME = "labels"


def words(dataset: Dataset, result: LabelResult) -> str:
    """That the interval began above none before labels were changed by hand, and why it may do no more; ""
    where it does, or never did, or the data as loaded were not looked at.
    """
    known = None if dataset.base is None else results.worked_out(dataset.base, NAME)
    before: LabelResult | None = None if known is None else known.result
    changed = 0 if before is None else len(as_decided.relabelled())
    if before is None or before.evidence is None or not changed or not unbounded(result.expected()):
        return ""
    whole = before.expected()
    if before.unchecked or round(whole.low) <= 0:
        return ""
    value, low, high = (count(round(one)) for one in whole)
    were = verb(changed, "was", "were")
    return (
        f"Of the labels as loaded about {value} were wrong (90% interval {low} to {high}); {count(changed)} "
        f"{were} changed by hand since. That may be why nothing narrower can be said now: the low end is "
        "what is seen among the rows of which the models are surest, and falls as those are put right, "
        "whatever is wrong elsewhere."
    )
