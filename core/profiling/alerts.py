"""What is wrong with one column: one small function per alert, from the facts of a column to a finding or None.

Each holds a measured value against a limit, and fires only where the most innocent column of that size could not have tripped it
(docs/methods/profile.md gives the rules and how often each alarm is false).
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from core.finding import Finding, Severity, ranked
from core.numerics.describe import share_at_least
from core.profiling.disguises import disguised_missing
from core.profiling.measure import Facts
from core.profiling.reading import date_as_text, mixed_type, number_as_text
from core.profiling.wording import LEAST, LEAST_CELLS, percent, quoted, rows_where
from core.rowset import RowSet

ALIKE = 5  # columns with the same trouble that are still listed one by one
_ALIKE = {
    "missing": "have missing values",
    "constant": "always hold the same value",
    "quasi_constant": "hold nearly always the same value",
    "identifier_like": "look like identifiers",
    "infinite": "hold infinite numbers",
    "mixed_type": "mix numbers and words",
    "number_as_text": "hold numbers stored as text",
    "date_as_text": "hold dates stored as text",
    "disguised_missing": "say missing in other words",
}


@dataclass(frozen=True)
class Limits:
    """Shares (0 to 1) at which missing, dominant or ever new values are worth a finding."""

    missing: float = 0.05
    dominant: float = 0.95
    distinct: float = 0.95


def alerts(facts: Facts, limits: Limits) -> list[Finding]:
    """All findings of one column. A new alert is a new function and a new line here."""
    found = (
        missing(facts, limits.missing),
        constant(facts),
        quasi_constant(facts, limits.dominant),
        identifier_like(facts, limits.distinct),
        infinite(facts),
        mixed_type(facts),
        number_as_text(facts),
        date_as_text(facts),
        disguised_missing(facts),
    )
    made = [finding for finding in found if finding is not None]
    dates = any(finding.code == "date_as_text" for finding in made)
    return [finding for finding in made if not (dates and finding.code == "identifier_like")]  # a time is no identifier


def gathered(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The findings ranked, with those alike (same code and severity) of more than five columns drawn together into one."""
    alike: dict[tuple[str, str], list[Finding]] = {}
    for finding in ranked(tuple(findings)):
        alike.setdefault((finding.code, finding.severity), []).append(finding)
    groups = [[_together(group)] if len(group) > ALIKE else group for group in alike.values()]
    return ranked([finding for group in groups for finding in group])


def _together(group: list[Finding]) -> Finding:
    worst = group[0]
    names = [name for finding in group for name in finding.columns]
    advice = worst.suggestion if len({f.suggestion for f in group}) == 1 else f"Look at each. For {names[0]!r}: {worst.suggestion}"
    listed = ", ".join(map(repr, names[:3]))
    return replace(
        worst,
        title=f"{len(names):,} columns {_ALIKE[worst.code]}: {listed} and {len(names) - 3:,} more",
        suggestion=advice,
        rows=functools.reduce(operator.or_, [finding.rows for finding in group]),
        columns=tuple(names),
    )


def missing(facts: Facts, limit: float) -> Finding | None:
    """Cells that are missing: a note above 0, a warning above the limit, critical above a half; the worse part decides."""
    profile = facts.profile
    if not profile.missing:
        return None
    parts = [(name, lost / n) for (name, n), lost in zip(facts.parts, profile.missing_by_part, strict=True) if n]
    value = max([profile.missing / profile.rows, *(share for _, share in parts)])
    severity: Severity = "info"
    if value > limit and profile.missing >= LEAST_CELLS:
        severity = "critical" if value > 0.5 else "warning"
    by_part = "; " + ", ".join(f"{name} {percent(share)}" for name, share in parts) if len(parts) > 1 else ""
    where = f"{profile.missing:,} of {profile.rows:,} rows{by_part}"
    return Finding(
        code="missing",
        title=f"{profile.name!r} is missing in {percent(profile.missing / profile.rows)} of the rows ({where})",
        severity=severity,
        score=value,
        why="Most models cannot use a missing value; filling it in invents data, and leaving the rows out can bias what is left.",
        suggestion="Find out why it is missing. Leave the column out, fill it in with an indicator beside it, or drop these rows."
        if value <= 0.5
        else "Leave the column out unless that it is missing tells something in itself.",
        rows=rows_where(facts.values.is_null()),
        columns=(profile.name,),
        value=value,
        limit=limit,
    )


def constant(facts: Facts) -> Finding | None:
    """One value in all rows that have one; a note only where so few are alike by chance, or where the gaps may be the other value."""
    profile = facts.profile
    if profile.distinct != 1 or profile.present < 2:
        return None
    sure = share_at_least(profile.present, profile.present) >= 0.9
    marks = profile.missing >= LEAST_CELLS
    if marks:
        advice = "If missing means no, make it a column of yes and no; otherwise leave it out."
    else:
        advice = "Leave the column out." if sure else f"With {profile.present:,} values this may be chance; look again with more rows."
    return Finding(
        code="constant",
        title=f"{profile.name!r} always holds the same value, {quoted(profile.top[0][0])} ({profile.present:,} of {profile.rows:,} rows)",
        severity="warning" if sure and not marks else "info",
        score=0.6,
        why="A column that never changes cannot tell one row from another.",
        suggestion=advice,
        columns=(profile.name,),
        value=1.0,
        limit=1.0,
    )


def quasi_constant(facts: Facts, limit: float) -> Finding | None:
    """One value nearly everywhere, in so many rows that a true share below 0.9 is ruled out (lower bound at 3 sd); never the target."""
    profile = facts.profile
    if profile.distinct < 2 or facts.role == "target":
        return None
    word, count = profile.top[0]
    value = count / profile.present
    innocent = min(0.9, limit - 0.05)
    if value < limit or share_at_least(count, profile.present) < innocent:
        return None
    others = profile.present - count
    return Finding(
        code="quasi_constant",
        title=f"{profile.name!r} is {quoted(word)} in {percent(value)} of its {profile.present:,} values ({others:,} differ)",
        severity="warning" if value >= 0.99 else "info",
        score=0.3 + 0.3 * value,
        why="There is little to learn from a column that hardly ever changes, and the few rows that differ weigh heavily.",
        suggestion="Look at the rows that differ: they may be errors, or the only part that matters. Otherwise leave the column out.",
        rows=_others(facts),
        columns=(profile.name,),
        value=value,
        limit=limit,
        noise=innocent,
    )


def identifier_like(facts: Facts, limit: float) -> Finding | None:
    """A new value in nearly every row, in a column of texts or whole numbers (not floats, times or free text)."""
    profile = facts.profile
    if profile.present < LEAST or profile.stored not in ("string", "int64", "uint64") or facts.role or profile.kind in ("text", "image"):
        return None
    value = profile.distinct / profile.present
    if value < limit:
        return None
    span = int(facts.distinct[-1]) - int(facts.distinct[0]) + 1 if profile.stored != "string" else 0
    counts_up = 0 < span <= 1.1 * profile.present
    if profile.stored != "string" and not counts_up and profile.kind != "identifier":
        return None  # amounts that hardly ever repeat are honest numbers
    # Codes of many levels may hardly repeat by chance; a thousand without any repeat come from over 70,000 levels (99.9 % sure).
    used = profile.kind != "identifier" and (counts_up or (value == 1 and profile.present >= 1_000))
    what = " and counts through the rows" if counts_up else ""
    return Finding(
        code="identifier_like",
        title=f"{profile.name!r} looks like an identifier: {profile.distinct:,} different values in {profile.present:,} rows{what}",
        severity="warning" if used else "info",
        score=0.5 * value,
        why="A model can learn rows by heart from an identifier, and has learnt nothing for new ones.",
        suggestion="Nothing, if this is the name of each row: it is left out of what a model may use."
        if profile.kind == "identifier"
        else "Make its kind identifier, or leave it out of what a model may use.",
        columns=(profile.name,),
        value=value,
        limit=limit,
    )


def infinite(facts: Facts) -> Finding | None:
    """Any infinite number: one is enough to break a mean or a scaler."""
    import pyarrow.compute as pc

    profile = facts.profile
    if not profile.infinite:
        return None
    share = profile.infinite / profile.rows
    return Finding(
        code="infinite",
        title=f"{profile.name!r} holds {profile.infinite:,} infinite numbers in {profile.rows:,} rows",
        severity="warning",
        score=min(1.0, 0.6 + 0.4 * share),
        why="One infinity makes the mean infinite and breaks scaling and most models. It usually comes from a division by zero.",
        suggestion="Find the division behind it; treat these cells as missing, or drop the rows.",
        rows=rows_where(pc.is_inf(facts.values)),
        columns=(profile.name,),
        value=float(profile.infinite),
        limit=0.0,
        action="drop",
    )


def _others(facts: Facts) -> RowSet:
    """Rows that hold another value than the commonest."""
    import pyarrow as pa
    import pyarrow.compute as pc

    place = int(np.lexsort((np.arange(len(facts.counts)), -facts.counts))[0])
    common = facts.distinct[place]
    if facts.profile.stored.startswith("timestamp"):
        common = pa.scalar(int(common), pa.int64()).cast(facts.values.type)
    elif not isinstance(common, pa.Scalar):
        common = pa.scalar(common.item())
    return rows_where(pc.not_equal(facts.values, common.cast(facts.values.type)))
