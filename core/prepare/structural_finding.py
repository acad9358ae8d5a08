"""What is said of gaps that another column explains."""

from __future__ import annotations

from core.dataset.column import Column
from core.finding import Finding
from core.phrases import column_of, count, left_out, name, percent
from core.prepare.read_as_missing import read_as_missing
from core.prepare.structural import GapRule
from core.rowset import RowSet


def structural(column: Column, rows: int, rule: GapRule, where: RowSet) -> Finding:
    """The finding: these gaps have a reason, which another column knows. rows: how many have the column.
    where: those with the gaps.
    """
    missing = len(where)
    how = f"is missing exactly where {rule.where}"
    if rule.exceptions:
        how = (
            f"is missing where {rule.where}, and only there, except for {rule.exceptions:,} of "
            f"{count(rule.n, 'row')}"
        )
    leave = rule.over_time and missing > 0.5 * rows
    why, suggestion = _advice(rule)
    return Finding(
        code="structural_missing",
        title=f"{name(column.name)} {how} ({missing:,} of {count(rows, 'row')}, {percent(missing / rows)})",
        severity="warning" if rule.over_time else "info",
        score=missing / rows,
        why=why,
        suggestion=suggestion + read_as_missing(column),
        rows=where,
        columns=(column.name,),
        gaps=True,
        explains=(f"missing:{column.name}",),
        beside=(rule.by,),
        value=1.0 - rule.exceptions / rule.n,
        measure="share of rows that the rule gets right",
        limit=0.995,
        noise=rule.by_chance,
        n=rule.n,
        action="omit" if leave else "",
        fix=left_out(column.name)
        if leave
        else f"data[{column.name + ' is missing'!r}] = {column_of(column.name)}.isna()",
    )


def _advice(rule: GapRule) -> tuple[str, str]:
    """Why these gaps matter, and what to do about them."""
    look = " Look at the exceptions." if rule.exceptions else ""
    if rule.over_time:
        return (
            "It was not recorded at that time: a model learns the time instead of the value.",
            "Use the rows of the time in which it was recorded, or leave the column out; do not impute it."
            + look,
        )
    return (
        f"{name(rule.by)} says already where it is missing: there is likely no such value, rather than an "
        "unknown one, and an imputed one is invented.",
        "Do not impute these values as if they were unknown: keep the gaps, give them a value of their own, "
        f"or model these rows apart.{look}",
    )
