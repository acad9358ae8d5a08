"""Which rule is proposed for the gaps of a column."""

from __future__ import annotations

from typing import Any

from core.dataset import Dataset
from core.dataset.column import Column

_KINDS = {"identifier": "an identifier", "image": "a column of images"}
NO_TEXT = "(missing)"  # no word that is taken as a missing-value code


def filling(column: Column, role: str, known: bool, along: bool) -> dict[str, Any]:
    """``action`` and ``settings`` of a finding on gaps: fill them from train, and mark where they were. Empty
    for a column with a role, for identifiers and images, and where train has no value to learn from
    (``known``): nothing is made up there.

    along: whether columns tell the time of the rows and whose they are (the roles time and group). Without
        both, nothing is said of a missing date: the one before may be that of somebody else.

    >>> filling(Column("x", "numeric", "double"), "", True, False)["settings"]
    {'how': 'median', 'indicator': True}
    >>> filling(Column("x", "datetime", "timestamp"), "", True, True)["settings"]["how"]
    'previous in time'
    >>> filling(Column("x", "numeric", "double"), "target", True, True)
    {}
    """
    how = _way(column, along)
    if role or not known or not how:
        return {}
    return {"action": "fill", "settings": {**how, "indicator": True}}


def _way(column: Column, along: bool) -> dict[str, str]:
    if column.kind == "numeric" and column.stored != "bool":
        return {"how": "median"}
    if column.kind in ("numeric", "category", "boolean"):
        return {"how": "most frequent"}
    if column.kind == "text":
        return {"how": "constant", "value": NO_TEXT}
    return {"how": "previous in time"} if column.kind == "datetime" and along else {}


def filling_in(dataset: Dataset, column: str) -> dict[str, Any]:
    """The same for a column of a data set."""
    import pyarrow as pa

    role = next((role for role, name in dataset.roles.named().items() if name == column), "")
    train = dataset.table([column]).column(0).filter(pa.array(dataset.part_mask("train")))
    return filling(dataset[column], role, train.null_count < len(train), along(dataset))


def why_not(dataset: Dataset, column: str) -> str:
    """Why nothing is proposed for the gaps of a column, in one sentence; "" where something is."""
    there = dataset[column]
    role = next((role for role, name in dataset.roles.named().items() if name == column), "")
    if filling_in(dataset, column):
        return ""
    if role:
        return f"The column is the {role}: nothing is made up there."
    if there.kind in ("identifier", "image"):
        return f"It is {_KINDS[there.kind]}: nothing is made up there."
    if there.kind == "datetime" and not along(dataset):
        return (
            "The date before may be somebody else's: with the roles time and group, that of the same group "
            "could be followed."
        )
    return "Train has no value to learn from."


def along(dataset: Dataset) -> bool:
    """Whether a gap can be filled with the value before it of the same group."""
    return dataset.roles.time is not None and dataset.roles.group is not None
