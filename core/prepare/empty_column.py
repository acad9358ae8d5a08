"""A column without a value: there is nothing in it to look at, nor to impute from. Said by the profile and by
missing values.
"""

from __future__ import annotations

from core.dataset.column import Column
from core.finding import Finding
from core.phrases import left_out, name
from core.prepare.read_as_missing import read_as_missing

LEAST = 2  # rows below which nothing is said


def all_missing(column: Column, rows: int) -> Finding:
    """The finding: not one value in so many rows."""
    return Finding(
        code="all_missing",
        title=f"{name(column.name)} is empty: none of {rows:,} rows has a value",
        severity="warning",
        score=1.0,
        why="There is nothing in it. Many tools stop at such a column or drop it without a word.",
        suggestion="Leave the column out, and ask whether it should have been filled."
        + read_as_missing(column),
        columns=(column.name,),
        value=1.0,
        measure="share of missing values",
        limit=1.0,
        n=rows,
        action="omit",
        fix=left_out(column.name),
    )
