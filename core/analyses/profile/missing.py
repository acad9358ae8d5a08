"""Alerts on cells without a usable value: missing or infinite."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from core.analyses.profile.facts import ColumnFacts
from core.analyses.profile.rows import LEAST_CELLS, rows_where
from core.finding import Finding, Severity
from core.phrases import column_of, count, left_out, name, percent
from core.prepare.empty_column import LEAST, all_missing
from core.prepare.filling import filling
from core.prepare.read_as_missing import read_as_missing
from core.rowset import RowSet

_Counted = tuple[str, int, int]  # a part, its rows, and how many of them are missing


def empty(facts: ColumnFacts) -> Finding | None:
    """Not one value in two rows or more."""
    profile = facts.profile
    return None if profile.present or profile.rows < LEAST else all_missing(facts.column, profile.rows)


def missing(facts: ColumnFacts, limit: float, along: bool) -> Finding | None:
    """Cells that are missing: a note above 0, a warning above the limit, critical above a half; the worse
    part decides, of the target train, and a part without the column has no say. The number is of the part
    that decides, and says so; three cells of it make a warning. along: whether columns tell the time and the
    group of the rows.

    Of a column that otherwise holds one value (a tick where something is so) the gaps are likely the other
    value: a warning at most.
    """
    profile = facts.profile
    if not profile.missing or not profile.present:
        return None
    counted = [
        (part, n, lost)
        for (part, n), lost in zip(facts.parts, profile.missing_by_part, strict=True)
        if n and part != facts.lacked
    ]
    rows, gone = sum(n for _, n, _ in counted), sum(lost for *_, lost in counted)
    if not gone:
        return None
    part, rows_of, lost = max(counted, key=lambda one: one[2] / one[1])
    if facts.role == "target":  # serve may lack what is to be predicted
        part, rows_of, lost = next((one for one in counted if one[0] == "train"), ("train", rows, 0))
    value = lost / rows_of
    severity: Severity = "info"
    ticks = profile.distinct == 1 and profile.present >= LEAST_CELLS
    if value > limit and lost >= LEAST_CELLS:
        severity = "critical" if value > 0.5 and not ticks else "warning"
    if facts.role == "target" and not lost:  # all of them are to be predicted
        part, rows_of, lost = max(counted, key=lambda one: one[2])
    mostly = value > 0.5 and not ticks
    advice, fix = _advice(profile.name, mostly, ticks)
    judged = (part if len(counted) > 1 else "", rows_of, lost)
    return Finding(
        code="missing",
        title=f"{name(profile.name)} is missing in {_where(counted, judged, facts.lacked)}",
        severity=severity,
        score=value,
        why="Most models cannot use a missing value; imputing invents data, and dropping the rows "
        "can bias what is left.",
        suggestion=advice + read_as_missing(facts.column),
        rows=RowSet.from_mask(facts.gaps),
        columns=(profile.name,),
        value=lost / rows_of,
        measure="share of missing values",
        part=part if len(counted) > 1 else "",
        limit=limit,
        n=rows_of,
        fix=fix,
        conditional=not mostly,
        gaps=True,
        **_offer(facts, mostly, ticks, along),
    )


def _where(counted: Sequence[_Counted], judged: _Counted, lacked: str) -> str:
    """The share of the rows, or of the part that decides, with the numbers behind it and the other part's.

    counted: each part that has the column, its rows, and how many of them are missing. judged: that part
        which the finding is about, with "" where there is one. lacked: the part without the column, or "".

    >>> both = [("train", 200, 10), ("serve", 100, 20)]
    >>> _where(both, ("serve", 100, 20), "")
    '20% of serve (20 of 100 rows; train 5%, 10 rows)'
    >>> _where(both, ("train", 200, 10), "")
    '5% of train (10 of 200 rows; serve 20%, 20 rows)'
    >>> _where(both[:1], ("", 200, 10), "serve")
    '5% of the rows (10 of 200 rows of train)'
    """
    part, rows, lost = judged
    others = [
        f"{other} {percent(gone / n)}{f', {gone:,} rows' if part and gone else ''}"
        for other, n, gone in counted
        if other != part
    ]
    beside = f"; {', '.join(others)}" if len(counted) > 1 else ""
    of_part = f" of {counted[0][0]}" if lacked else ""
    return f"{percent(lost / rows)} of {part or 'the rows'} ({lost:,} of {rows:,} rows{of_part}{beside})"


def _offer(facts: ColumnFacts, mostly: bool, ticks: bool, along: bool) -> dict[str, Any]:
    """What one click does about a column's gaps: leave it out, fill them with the other value of a tick, or
    as `filling` says.
    """
    profile = facts.profile
    if mostly:
        return {"action": "omit"}
    known = 0 if facts.lacked == facts.parts[0][0] else facts.parts[0][1] - profile.missing_by_part[0]
    offer = filling(facts.column, facts.role, known > 0, along)
    if ticks and offer:
        no = {"bool": "false", "string": "no"}.get(profile.stored, "0")
        offer["settings"] = {"how": "constant", "value": no}
    return offer


def _advice(column_name: str, mostly: bool, ticks: bool) -> tuple[str, str]:
    """What to do about a column's gaps, and the same as a line of pandas code."""
    column = column_of(column_name)
    if mostly:
        return (
            "Leave the column out, unless being missing predicts something itself: then keep that alone.",
            left_out(column_name),
        )
    if ticks:
        return (
            "If missing means no, make it a column of yes and no: missing or not is all it holds.",
            f"{column} = {column}.notna()",
        )
    return (
        "Find out why it is missing. Then impute it and keep an indicator of where it was missing, or "
        "leave the column or these rows out.",
        f"data[{column_name + ' is missing'!r}] = {column}.isna()",
    )


def infinite(facts: ColumnFacts) -> Finding | None:
    """Any infinite number: one is enough to break a mean or a scaler."""
    import pyarrow.compute as pc

    profile = facts.profile
    if not profile.infinite:
        return None
    share, ends = profile.infinite / profile.rows, facts.distinct[[0, -1]]
    column = column_of(profile.name)
    return Finding(
        code="infinite",
        title=f"{name(profile.name)} holds {count(profile.infinite, 'infinite number')} in "
        f"{count(profile.rows, 'row')}",
        severity="warning",
        score=min(1.0, 0.6 + 0.4 * share),
        why="One infinity makes the mean infinite and breaks scaling and most models. It usually comes "
        "from a division by zero.",
        suggestion="Find the division behind it; treat these cells as missing, or drop the rows.",
        rows=rows_where(pc.is_inf(facts.values)),
        columns=(profile.name,),
        value=float(profile.infinite),
        measure="cells",
        limit=0.0,
        n=profile.present,
        action="map",
        settings={"pairs": {text: None for text in ("inf", "-inf") if float(text) in ends}},
        fix=f"{column} = {column}.mask({column}.abs() == float('inf'))",
    )
