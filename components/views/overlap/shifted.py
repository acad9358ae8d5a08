"""Which columns shifted, in words."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from components import as_decided, attention
from components.text import cut
from components.views.overlap import columns
from core.analyses.shift.findings import of_new_classes
from core.phrases import count, names, verb

if TYPE_CHECKING:
    from core.analyses.shift.analysis import ShiftResult
    from core.analyses.shift.judged import ShiftLine
    from core.finding import Finding

NAMED = 3  # columns named in the verdict
SHIFTS = ("moved", "label_shift", "missing_moved", "no_value_shared")  # findings that a column shifted


def in_words(shift: ShiftResult, target: str | None) -> str:
    """Which columns shifted, which part the rows, and which are in one part only: a sentence each; and why a
    severe shift needs no attention.
    """
    lines = [line for line in columns.ordered(shift) if line.shifted]
    shifted = [line.shift.name for line in lines if line.metric != "schema"]
    schema = [line.shift.name for line in lines if line.metric == "schema"]
    by_time, by_name, by_image = (
        list(dict.fromkeys(line.shift.name for line in shift.lines if line.apart == why))
        for why in ("time", "name", "image")
    )
    single = "other" if by_time or by_name or by_image else "single"
    first = f"No {single} column shifted{' far enough to be seen' if shift.unchecked else ''}."
    if shifted:
        needing = {f.columns[0] for f in attention.needing(shift.findings) if f.code in SHIFTS}
        of_them = _of_them([column for column in shifted if column in needing], len(shifted))
        first = f"{count(len(shifted), 'column')} shifted: {named(shifted)}; {of_them}."
        first = " ".join([first, *_not_counted(lines, shift, needing, target)])
    apart = []
    if by_image:
        shifted_too = f"{count(len(by_image), 'column')} measured of images shifted: {named(by_image)}"
        apart.append(f"{shifted_too}. Issues says which of their properties predict train or serve.")
    if by_time:
        parts = verb(len(by_time), "parts train from serve and is", "part train from serve and are")
        apart.append(f"{named(by_time)} {parts} no shift: the data are split by time.")
    if by_name:
        says = verb(len(by_name), "names the part and is", "name the part and are")
        apart.append(f"{named(by_name)} {says} no shift.")
    first = " ".join([first, *apart] if shifted else [*apart, first])
    if not schema:
        return first
    are = verb(len(schema), "is", "are")
    return (
        f"{first} {count(len(schema), 'column')} {are} not in both parts, or of another type in one: "
        f"{named(schema)}."
    )


def _not_counted(
    lines: list[ShiftLine], shift: ShiftResult, needing: set[str], target: str | None
) -> list[str]:
    """Why severe shifts need no attention, a sentence per reason. lines: of the columns that shifted, the
    worst of each. needing: the columns whose shift needs it.
    """
    severe = [one for one in lines if one.status == "severe" and one.metric != "schema"]
    calm = [one for one in severe if one.shift.name not in needing]
    accepted = {f.columns[0] for f in shift.findings if f.code in SHIFTS and f.key in as_decided.accepted()}
    left = [one.shift.name for one in calm if one.shift.name in accepted]
    new = [one.shift.name for one in calm if one.shift.name == target and of_new_classes(one)]
    told = []
    if left:
        are = verb(len(left), "is severe, and its finding was accepted", "are severe, and were accepted")
        told.append(f"{named(left)} {are}.")
    if new:
        told.append(f"{named(new)} is severe, but {columns.NEW_CLASSES}.")
    return told


def _of_them(needing: list[str], shifted: int) -> str:
    """Which of the columns that shifted need attention for it.

    >>> _of_them(["a", "b"], 6), _of_them(["a"], 6), _of_them([], 6)
    ("'a' and 'b' need attention", "'a' needs attention", 'none of them needs attention')
    >>> _of_them(list("abcd"), 6)
    "'a', 'b', 'c' and 1 more need attention"
    >>> _of_them(list("abcdef"), 6), _of_them(["a"], 1), _of_them([], 1)
    ('all need attention', 'it needs attention', 'it does not need attention')
    """
    if shifted == 1:
        return "it needs attention" if needing else "it does not need attention"
    if len(needing) == shifted:
        return "all need attention"
    if not needing:
        return "none of them needs attention"
    return f"{named(needing)} {verb(len(needing), 'needs', 'need')} attention"


def unnamed(wanting: Sequence[Finding], told: Collection[Finding]) -> str:
    """How many findings need attention that neither verdict names, in a sentence; "" where there are none.
    told: the findings that the verdict on all columns names.
    """
    keys = {finding.key for finding in told}
    more = sum(finding.key not in keys and finding.code not in SHIFTS for finding in wanting)
    return f"{count(more, 'more finding')} {verb(more, 'needs', 'need')} attention." if more else ""


def named(which: list[str]) -> str:
    """The first of these columns, and how many more."""
    return names([cut(column, 30) for column in which], NAMED)
