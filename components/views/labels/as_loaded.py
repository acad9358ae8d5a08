"""How many labels were wrong as loaded, beside the number of now, where that says less."""

from __future__ import annotations

from typing import TYPE_CHECKING

from components import as_decided, results
from core.analyses.labels.findings import unbounded
from core.dataset import Dataset
from core.phrases import count, verb
from core.rowset import RowSet

if TYPE_CHECKING:
    from core.analyses.labels.result import LabelResult

NAME = "labels"


def words(dataset: Dataset, result: LabelResult) -> str:
    """That the interval began above none before labels were changed by hand, or rows dropped, and why it may
    do no more; "" where it does, or never did, or the data as loaded were not looked at. Only labels that
    were judged then count, those changed only while their row is left.
    """
    known = None if dataset.base is None else results.worked_out(dataset.base, NAME)
    before: LabelResult | None = None if known is None else known.result
    if before is None or before.evidence is None or not unbounded(result.expected()):
        return ""
    judged, gone = RowSet(before.evidence.rows), as_decided.settled(dataset.base).dropped
    changed, dropped = len((as_decided.relabelled() & judged) - gone), len(judged & gone)
    whole = before.expected()
    if not changed + dropped or before.unchecked or round(whole.low) <= 0:
        return ""
    value, low, high = (count(round(one)) for one in whole)
    since = [f"{count(changed, 'label')} {verb(changed, 'was', 'were')} changed by hand"] if changed else []
    were = verb(dropped, "was", "were")
    since += [f"{count(dropped)} of the {count(len(judged), 'row')} judged {were} dropped"] if dropped else []
    ways = " or ".join(["put right"] * bool(changed) + ["dropped"] * bool(dropped))
    fewer = "; fewer rows say less, too" if dropped else ""
    return (
        f"Of the labels as loaded about {value} were wrong (90% interval {low} to {high}); since then "
        f"{' and '.join(since)}. That may be why nothing narrower can be said now: the low end is what is "
        f"seen among the rows of which the models are surest, and falls as those are {ways}, whatever is "
        f"wrong elsewhere{fewer}."
    )
