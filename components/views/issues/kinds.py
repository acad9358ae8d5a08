"""The kinds of findings to choose from, worst first, each with what it flags."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import reduce
from itertools import takewhile
from operator import or_

import streamlit as st

from components import address, as_decided, results
from components.state import keep, session
from components.views.issues import verdict
from components.widgets import finding_list, findings
from components.widgets.findings import FindingGroup, Groups
from core.dataset import Dataset
from core.finding import Finding, of_copies
from core.phrases import count
from core.prepare import fixes
from core.rowset import RowSet

WITHIN = ("finding", "search", "rows", "top", "least")  # of a group: they hold no more in another


def choose(
    dataset: Dataset, outcomes: Collection[str], groups: Groups, accepted: Groups
) -> FindingGroup | None:
    """The list of groups; those accepted as a whole stand at its end, grey. The one chosen stays chosen when
    it moves there. Until all checks have ended none is chosen but by the person, as a worse one would take
    its place.
    """
    every, settled, kept = [*groups, *accepted], as_decided.settled(dataset).decided, as_decided.accepted()
    partly = bool(verdict.unknown(dataset, outcomes))
    captions = keep(
        ("captions", results.turn(dataset), session().turn, len(every)),
        lambda: (
            [_caption(group, groups, settled, partly) for group in groups]
            + [findings.accepted_by(kept[group.findings[0].key]) for group in accepted]
        ),
        newest=True,
    )
    codes = [group.code for group in every]
    widget = address.key(f"group-{dataset.version}-{len(every)}-{len(accepted)}{'-so-far' * partly}")
    with finding_list.box(len(every)):
        at = st.radio(
            "Kinds of findings",
            range(len(every)),
            _place(dataset.version, codes, partly),
            key=widget,
            **address.noting("group", widget, dict(enumerate(codes)), None if partly else 0, WITHIN),
            format_func=lambda i: (
                findings.label(every[i].title, every[i].severity)
                if i < len(groups)
                else findings.greyed(every[i].title)
            ),
            captions=captions,
            label_visibility="collapsed",
        )
    if partly and at is None:
        return None
    finding_list.choose_as("group", dataset.version, codes, at or 0, "group")
    return every[at or 0]


def _place(version: str, codes: Sequence[str], partly: bool) -> int | None:
    """Where the one chosen stands; None where there may be worse ones and none was asked for."""
    if partly and finding_list.wanted("group", version, "group") not in codes:
        return None
    return finding_list.place_of("group", version, codes, "group")


def told_above(group: FindingGroup, groups: Groups) -> tuple[FindingGroup, RowSet] | None:
    """Of a group about copies the first group above it that is about copies, too, and names rows of it; and
    these rows. None where there is none.
    """
    if not any(map(of_copies, group.findings)):
        return None
    for other in takewhile(lambda one: one.code != group.code, groups):
        shared = other.rows & group.rows
        if len(shared) and any(map(of_copies, other.findings)):
            return other, shared
    return None


def above_in_words(group: FindingGroup, groups: Groups) -> str:
    """Which of its rows a finding above it names, too, and that they are decided once; "" where none."""
    if (told := told_above(group, groups)) is None:
        return ""
    other, shared = told
    rows, number = len(group.rows), len(shared)
    which = "These are rows" if number == rows else f"{count(number)} of these {count(rows, 'row')} are rows"
    which = (
        which if number > 1 else f"{'This row is one' if rows == 1 else f'1 of these {rows:,} rows is one'}"
    )
    return f"{which} of the finding above, too ({other.title}): a decision about a row counts for both."


def _above(group: FindingGroup, groups: Groups, flagged: RowSet) -> str:
    """How many of the rows that it flags one above it flags, too: the others add up to all that are."""
    before = takewhile(lambda one: one.code != group.code, groups)
    number = len(flagged & _rows_of([finding for one in before for finding in _asking(one)]))
    if not number:
        return ""
    which = "all" if number == len(flagged) else f"{count(number)} of {count(len(flagged))}"
    return f" · {which} named above, too"


def _caption(group: FindingGroup, groups: Groups, settled: RowSet, partly: bool) -> str:
    """Severity, rows, how many of them are flagged, by this group or by others, and how many of those are
    decided. partly: whether checks are still to come that may flag more.
    """
    line = findings.caption(group.severity, group.rows, group.counted, findings.open_findings(group))
    if own := _asking(group):
        flagged = _rows_of(own)
        some = "" if len(flagged) == len(group.rows) else f", {count(len(flagged))} of them"
        above = _above(group, groups, flagged)
        return f"{line}{some} flagged · {count(len(flagged & settled))} decided{above}"
    others = [one for each in groups for one in _asking(each) if one.rows & group.rows]
    if not others:
        return f"{line}, not flagged{' so far' * partly}" if group.rows else line
    flagged = _rows_of(others) & group.rows
    whole = "all of them" if len(flagged) > 1 else "it"
    some = whole if len(flagged) == len(group.rows) else f"{count(len(flagged))} of them"
    by = "another finding flags" if len(others) == 1 else "other findings flag"
    return f"{line}; {by} {some}"


def _asking(group: FindingGroup) -> list[Finding]:
    """The open findings of the group that flag rows: ask to decide about them."""
    return [one for one in findings.open_findings(group) if fixes.asks_for_rows(one) and one.rows]


def _rows_of(some: Sequence[Finding]) -> RowSet:
    return reduce(or_, (one.rows for one in some), RowSet())
