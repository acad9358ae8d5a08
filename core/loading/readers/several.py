"""Files that hold several tables, such as sheets: which of them is read, and what is said of the others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.errors import LoadError
from core.finding import Finding
from core.phrases import names, quoted

LATER = 2.0  # a later table is taken if it has this many times the cells of the first


@dataclass(frozen=True)
class Offered:
    """A table that holds something. hidden: it is offered last. alike: how much it is like a table, as its
    number of cells.
    """

    name: str
    hidden: bool
    alike: float


def chosen_of(tables: Sequence[Offered], wanted: str | None, file: str, noun: str = "table") -> Offered:
    """The table that is asked for; else the first that can be seen, unless a later one has at least twice the
    cells. Raises `LoadError` where there is none.
    """
    if not tables:
        raise LoadError(f"{file} has no {noun} with anything in it. Choose a file with a table.")
    if wanted is not None:
        for table in tables:
            if table.name == wanted:
                return table
        known = names([table.name for table in tables], 10)
        raise LoadError(f"{file} has no {noun} {wanted!r} with cells; there are {known}.")
    seen = [table for table in tables if not table.hidden] or list(tables)
    best = seen[0]
    for table in seen[1:]:
        if table.alike > LATER * best.alike:
            best = table
    return best


def others_of(tables: Sequence[Offered], chosen: Offered) -> list[str]:
    """The names of the tables that are not read."""
    return [table.name for table in tables if table is not chosen]


def unread_tables(chosen: str, others: list[str], noun: str = "table", file: str = "file") -> list[Finding]:
    """The finding that says which tables are not read."""
    if not others:
        return []
    title = f"The {noun} {quoted(chosen)} is read; the {file} also has {names(others)}."
    why = "One data set holds one table. The first that looks like one is taken, or a much larger one."
    suggestion = f"To load another {noun}, choose it on the load page, or give the option table."
    many = float(len(others))
    return [Finding("other_tables", title, "info", 0.1, why, suggestion, value=many, left_out=True)]
