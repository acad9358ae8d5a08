"""Which rule is proposed for the gaps of a column."""

from __future__ import annotations

from typing import Any

from core.dataset import Dataset
from core.dataset.column import Column


def filling(column: Column, role: str, known: bool) -> dict[str, Any]:
    """``action`` and ``settings`` of a finding on gaps: fill them from train, and mark where they were. Empty
    for a column with a role, for dates and texts, and where train has no value to learn from (``known``):
    nothing is made up there.

    >>> filling(Column("x", "numeric", "double"), "", True)["settings"]
    {'how': 'median', 'indicator': True}
    >>> filling(Column("x", "numeric", "double"), "target", True)
    {}
    """
    if role or not known or column.kind not in ("numeric", "category", "boolean"):
        return {}
    number = column.kind == "numeric" and column.stored != "bool"
    how = "median" if number else "most frequent"
    return {"action": "fill", "settings": {"how": how, "indicator": True}}


def filling_in(dataset: Dataset, column: str) -> dict[str, Any]:
    """The same for a column of a data set."""
    import pyarrow as pa

    role = next((role for role, name in dataset.roles.named().items() if name == column), "")
    train = dataset.table([column]).column(0).filter(pa.array(dataset.part_mask("train")))
    return filling(dataset[column], role, train.null_count < len(train))
