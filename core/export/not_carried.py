"""What of a recipe does not hold for other data: columns that differ, rows that are not known again, and
steps that were not followed.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from core.dataset import Dataset
from core.decision import Decision
from core.decision_words import in_words
from core.export.row_identity import Carried, Identity, decided_rows
from core.export.shapes import difference, shape_of
from core.finding import Finding
from core.phrases import count, name, names
from core.recipe import Recipe
from core.rowset import RowSet
from core.settled import Settled

_SHOWN = 12  # rows named in a sentence
_WHY = "The rules of the recipe were made for columns of that name and kind."
_LOOK = "Look whether the rules still mean the same."


def other_shape(recipe: Recipe, dataset: Dataset, renamed: Mapping[str, str]) -> list[Finding]:
    """What differs between the columns of the recipe and those of the data."""
    if not recipe.columns:
        return []
    here = {_called(column, renamed): kind for column, kind in shape_of(dataset).items()}
    differs = difference(recipe.columns, here)
    found = []
    for column in differs.missing:
        likely = differs.likely.get(column)
        hint = f"Is it {name(likely)} here? Then give --rename {column}={likely}." if likely else _LOOK
        title = f"{name(column)} of the recipe is not in these data"
        found.append(Finding("missing_column", title, "warning", 0.6, _WHY, hint, columns=(column,)))
    for column in differs.new:
        title = f"{name(column)} is new; it is exported as it is"
        found.append(Finding("new_column", title, "info", 0.1, _WHY, _LOOK, columns=(column,)))
    for column, (was, now) in differs.kinds.items():
        title = f"{name(column)} was {was} and is {now} here"
        hint = f"Give --kind {column}={was}, if it fits."
        found.append(Finding("kind_changed", title, "warning", 0.5, _WHY, hint, columns=(column,)))
    return found


def _called(column: str, renamed: Mapping[str, str]) -> str:
    """What the recipe calls a column of the data."""
    return next((there for there, here in renamed.items() if here == column), column)


def lacking(known: Identity, dataset: Dataset, renamed: Mapping[str, str]) -> list[str]:
    """The columns by which rows are known that these data do not have."""
    return [column for column in known.columns if renamed.get(column, column) not in dataset.names]


def not_carried(recipe: Recipe, known: Identity, where: Carried, lacking: list[str]) -> list[Finding]:
    """The decisions on single rows that do not hold here."""
    decided = decided_rows(recipe.decisions)
    unknown = decided - RowSet([*known.rows, *where.rows])
    absent = f"not to be known again without {names(lacking)}" if lacking else "not in these data"
    reasons = (
        ("absent", where.absent, absent),
        ("changed", where.changed, "with other values now"),
        ("ambiguous", where.ambiguous, "with more or fewer equal rows now"),
        ("unknown", unknown, "of which the recipe holds nothing to know them by"),
    )
    return [
        Finding(
            "not_carried",
            f"{'As far as there are' if about == 'ambiguous' else 'Not'} carried over: "
            f"{count(len(rows), 'row')} ({', '.join(map(str, rows.ids[:_SHOWN]))}"
            f"{', …' if len(rows) > _SHOWN else ''}), {what}",
            "info" if about == "ambiguous" else "warning",
            0.5,
            "Decisions on single rows hold for the row that was looked at, which is known again by its id or "
            "by its values, never by its place.",
            "Look at these rows again, or make a rule of the decision.",
            value=float(len(rows)),
            measure="rows of the recipe",
            about=about,
        )
        for about, rows, what in reasons
        if len(rows)
    ]


def left_out_already(recipe: Recipe, dataset: Dataset, renamed: Mapping[str, str]) -> set[str]:
    """The columns that a step leaves out and that these data do not have."""
    left_out = {decision.column for decision in recipe.decisions if decision.action == "omit"}
    return {column for column in left_out if renamed.get(column, column) not in dataset.names}


def passed_over(settled: Settled, followed: tuple[Decision, ...], spared: Collection[str]) -> list[Finding]:
    """What was not followed. spared: columns that are to be left out, and are not there."""
    there = [
        Finding(
            "left_out_already",
            f"Nothing to leave out: {name(followed[place].column)} is not in these data",
            "info",
            0.1,
            settled.passed[place],
            "Nothing to do.",
            columns=(followed[place].column,),
            about=str(place + 1),
        )
        for place in settled.passed
        if followed[place].action == "omit" and followed[place].column in spared
    ]
    return there + [
        Finding(
            "passed_over",
            f"Not followed: {in_words((followed[place],))}",
            "warning",
            0.7,
            reason,
            "Rename or read the column as the recipe has it, or take the step out.",
            columns=(followed[place].column,) if followed[place].column else (),
            about=str(place + 1),
        )
        for place, reason in settled.passed.items()
        if followed[place].action != "omit" or followed[place].column not in spared
    ]
