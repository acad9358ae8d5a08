"""From repeats to words: rows, columns, and labels that conflict."""

from __future__ import annotations

from typing import Any

from core.analyses.duplicates.equal_columns import EqualColumns
from core.finding import COPIES, TORN, Finding, Severity
from core.numerics.grouping import Conflicts, Mask, Repeats, others_of, poisson_limit
from core.phrases import by_chance, count, left_out, name, names, percent
from core.rowset import RowSet

WARN_SHARE = 0.01
_GRAVE_SHARE = 0.05  # of rows with conflicting labels
# of rows that repeat but for an identifier: beyond it the columns describe kinds of things
_KINDS_SHARE = 0.5
_KINDS = "Most rows repeat: the columns describe kinds of things, not single things."
_ONE_BY_ONE = "Nothing to do, unless each row should be unique."
_ACCIDENT = 0.001  # how likely any two of the columns may agree by chance (Bonferroni over all pairs)


def row_findings(exact: Repeats) -> list[Finding]:
    """Rows that repeat an earlier one in every column; nothing where none does."""
    fields = _repeat_fields(
        "repeat an earlier row in every column",
        exact,
        exact.excess,
        why="A repeated row counts twice in every estimate, and copies on both sides of a split make the "
        "test score too good.",
        suggestion="Drop the repeats (the first row of each group stays). If the same thing was truly "
        "observed several times, keep them.",
        fix="data = data.drop_duplicates()",
    )
    return [Finding(code="duplicate_rows", **fields)] if fields else []


def loose_findings(
    loose: Repeats, exact: Repeats, identifiers: tuple[str, ...], target: str | None = None
) -> list[Finding]:
    """Rows that repeat an earlier one in all but the identifiers, in the ``target`` too."""
    too = f", {name(target)} too" if target and target not in identifiers else ""
    fields = _repeat_fields(
        f"repeat an earlier row in everything but identifiers{too}",
        loose,
        loose.excess & ~exact.excess,
        why="Only the identifiers of these rows differ. If they are the same thing recorded twice, they "
        "count twice in every estimate.",
        suggestion="Look at a few. Drop the repeats if the identifiers mean nothing; keep them if different "
        "things may look alike.",
        fix=f"data = data[~data.drop(columns={list(identifiers)!r}).duplicated()]",
        kinds_show=bool(identifiers),
    )
    if not fields:
        return []
    aside = {"aside": list(identifiers)}
    return [
        Finding(
            code="duplicate_but_identifier", columns=identifiers, settings=aside, conditional=True, **fields
        )
    ]


def _repeat_fields(
    what: str,
    repeats: Repeats,
    rows: Mask,
    *,
    why: str,
    suggestion: str,
    fix: str,
    kinds_show: bool = False,
) -> dict[str, Any]:
    """What a finding of repeats says, all but its code and columns; empty where nothing repeats.

    kinds_show: whether very many repeats mean that the columns describe kinds of things.
    """
    excess, limit = int(rows.sum()), poisson_limit(repeats.chance)
    if not excess:
        return {}
    share = excess / rows.size
    kinds = kinds_show and (share > _KINDS_SHARE or repeats.coarse)
    telling = excess > limit and not kinds
    if excess <= limit:
        suggestion = (
            "Nothing to do: with columns of so few values, that is within what is expected by chance."
        )
    elif kinds:
        suggestion = f"{_coarse(repeats) if repeats.coarse else _KINDS} {_ONE_BY_ONE}"
    verb = what.replace("repeat", "repeats", 1) if excess == 1 else what
    rows_by_chance = by_chance(repeats.chance)
    chance = f"expected by chance in independent columns: {rows_by_chance} row{'s' * (rows_by_chance != '1')}"
    return {
        "title": f"{count(excess)} of {count(rows.size, 'row')} {verb} ({percent(share)}; {chance})",
        "severity": "warning" if telling and share >= WARN_SHARE else "info",
        "score": share**0.5 if telling else 0.0,
        "why": why,
        "suggestion": suggestion,
        "rows": RowSet.from_mask(rows),
        "value": float(excess),
        "measure": "rows that repeat another",
        "limit": float(limit),
        "noise": repeats.chance,
        "noise_is": "expected by chance",
        "n": rows.size,
        "action": "drop_repeats" if telling else "",
        "kin": (COPIES,),
        "copied": RowSet.from_mask(others_of(repeats.group, rows)),
        "fix": fix if telling else "",
    }


def _coarse(repeats: Repeats) -> str:
    return (
        f"{count(repeats.one_apart)} pairs of rows differ in one column alone, {count(repeats.pairs)} in "
        "none: rows lie so close that equal ones need not be one thing recorded twice."
    )


def equal_columns_finding(equal: EqualColumns, target: str, rows: int) -> Finding:
    """Columns with the same values; critical where one is the target."""
    sure = equal.chance < _ACCIDENT
    leak = equal.kept == target
    severity: Severity = "warning" if sure else "info"
    score, why = 0.5, "The same information twice: weights and importances split between the copies."
    if leak:
        score, why = 1.0, "A column that equals the target gives the answer away."
        severity = "critical" if sure else "info"
    copies = "the copy" if len(equal.copies) == 1 else "the copies"
    return Finding(
        code="duplicate_columns",
        title=f"{names(equal.copies)} {'equals' if len(equal.copies) == 1 else 'equal'} "
        f"{'the target ' if leak else ''}{name(equal.kept)} in every row",
        severity=severity,
        score=score if sure else 0.0,
        why=why,
        suggestion=f"Leave out {copies} and keep {name(equal.kept)}."
        if sure
        else "Nothing to do: with values as rare as these, columns may be equal by chance.",
        columns=equal.copies,
        beside=(equal.kept,),
        value=float(len(equal.copies) + 1),
        measure="columns with the same values",
        n=rows,
        action="omit" if sure else "",
        fix=left_out(*equal.copies) if sure else "",
    )


def conflict_findings(
    conflicts: Conflicts, target: str, images: bool = False, parted: bool = False
) -> list[Finding]:
    """Equal rows whose labels differ. images: whether they are of pictures that are equal to the pixel.
    parted: whether there are train and serve, each of which is compared by itself.
    """
    torn, limit = int(conflicts.rows.sum()), 2 * poisson_limit(conflicts.chance / 2)
    if not torn:
        return []
    share = torn / conflicts.rows.size
    sure = torn > limit
    severity: Severity = "warning" if sure else "info"
    if sure and share >= _GRAVE_SHARE and not conflicts.coarse:
        severity = "critical"
    return [
        Finding(
            code="conflicting_labels",
            title=f"{count(torn, 'row')} in {count(conflicts.groups, 'group')} have equal features "
            f"and different labels in {name(target)} ({percent(share)})"
            f"{', compared within train and within serve' if parted else ''}",
            severity=severity,
            score=share**0.5 if sure else 0.0,
            why=f"Any model that sees these features errs on at least {conflicts.unavoidable:,} of them.",
            suggestion=_what_to_do(sure, conflicts.coarse, images),
            rows=RowSet.from_mask(conflicts.rows),
            columns=(target,),
            value=float(torn),
            measure="rows with conflicting labels",
            limit=float(limit),
            noise=conflicts.chance,
            noise_is="expected by chance",
            n=conflicts.rows.size,
            action="relabel" if sure and not conflicts.coarse else "",
            kin=(TORN, COPIES) if sure and not conflicts.coarse else (),
            copied=RowSet.from_mask(others_of(conflicts.group, conflicts.rows)),
            conditional=sure and conflicts.coarse,
        )
    ]


def _what_to_do(sure: bool, coarse: bool, images: bool) -> str:
    """About rows of conflicting labels. sure: more than by chance. coarse: see `Conflicts`. images: as in
    `conflict_findings`.
    """
    if images and sure:
        return (
            "They are one picture, to the pixel: look which label is right, and relabel or drop the others."
        )
    if not sure:
        return (
            "The features hold so few values that equal rows are expected by chance: add features that "
            "separate the rows."
        )
    if coarse:
        return (
            "As many pairs of rows differ in one feature alone as in none: equal rows need not be one thing, "
            "and neither label need be wrong. Add a feature that separates them; relabel what you know to be "
            "wrong."
        )
    return (
        "Look which labels are right; relabel or drop the wrong ones, or add a feature that separates them."
    )
