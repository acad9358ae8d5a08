"""Rows without the target. Nothing is made up for them: what learns from labels leaves them out. Those of
serve are what is to be predicted, and stay.
"""

from __future__ import annotations

from dataclasses import replace

from core.dataset import Dataset
from core.filters.writing import typed_column
from core.finding import Finding
from core.phrases import column_of
from core.prepare.read_as_missing import read_as_missing
from core.rowset import RowSet

_WHY = (
    "Nothing can be learned from a row without the target, and a model that is given a made-up one learns "
    "what made it."
)
_ADVICE = (
    "Find their labels where you can, or leave these rows out of training, as the click does. "
    "Never impute a target."
)
_BIASED = "The rows that have the target differ from those that lack it, and a model sees the former alone."
_WHICH = "Find out which rows lack it, and judge a model on rows like those that it will meet. "
_STAY = " The rows of serve stay: they are to be predicted, or left out of what is measured there."
_TO_PREDICT = "Serving rows may not have the target yet: it is what a model is to predict."
_NOTHING = "Nothing is to be done. Where serve is there to measure a model, its other rows can be used."


def of_target(dataset: Dataset, finding: Finding) -> Finding:
    """A finding on the gaps of one column, as it is told where this is the target: the remedy is to drop
    those rows of train, by a rule where all rows are of train. Of another column it is the same.
    """
    target = dataset.roles.target
    if target is None or finding.columns != (target,):
        return finding
    told = replace(finding, settings={}, on=(), action="", where="", fix="", conditional=False)
    train = dataset.part_mask("train")
    rows = finding.rows & RowSet.from_mask(train)
    if not rows:
        return replace(
            told, severity="info", score=min(0.1, told.score), why=_TO_PREDICT, suggestion=_NOTHING
        )
    biased = finding.code == "not_mcar"
    stay = _STAY if len(rows) < len(finding.rows) else ""
    if stay and finding.code == "structural_missing":
        told = replace(told, title=f"{told.title}; {len(rows):,} of them in train")
    dropped = replace(
        told,
        rows=rows,
        action="drop",
        why=_BIASED if biased else _WHY,
        suggestion=f"{_WHICH if biased else ''}{_ADVICE}{stay}{read_as_missing(dataset[target])}",
        conditional=True,
    )
    if dataset.split:
        return dropped
    return replace(
        dropped,
        where=f"{typed_column(target)} is missing",
        fix=f"data = data[{column_of(target)}.notna()]",
    )
