"""Issues: which rows are wrong."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import reduce
from operator import or_

import streamlit as st

from components import address, as_decided, badge, frame, panel, results, waiting
from components.before import before, of_rows_left
from components.settings_form import settings_form
from components.state import keep, session
from components.text import cut, plain, tag
from components.views.issues import verdict
from components.widgets import actions, findings, layout, placed, rows
from core.catalog import detectors
from core.dataset import Dataset
from core.decided import Resolved
from core.finding import Finding
from core.phrases import count
from core.prepare import fixes
from core.report import Outcome
from core.rowset import RowSet

WITHIN = ("finding", "search", "rows", "top", "least")  # of a group: they hold no more in another


def view() -> None:
    """Verdict, numbers, the groups worst first, then the one chosen: its figure, its rows, and what to do
    with them. What is found stands while the rest is at work, or is stopped.
    """
    dataset = as_decided.in_view()
    if dataset is None:
        return
    whole = waiting.outcomes(dataset, partly=True)
    outcomes = results.so_far(dataset, *detectors(dataset)) if whole is None else whole
    if not outcomes:
        return
    badge.refresh()
    mark = results.mark(dataset, *outcomes)
    listed = waiting.issues(dataset, outcomes)
    groups = keep(("groups", mark), lambda: findings.groups([finding for finding, _ in listed.values()]))
    open_groups = [group for group in groups if findings.open_findings(group)]
    flagged = waiting.flagged_by(dataset, outcomes)
    verdict.view(dataset, outcomes, open_groups, flagged)
    verdict.elsewhere(dataset, outcomes, listed)
    panel.unfinished(dataset, outcomes.values())
    past = () if whole is None else before(dataset, outcomes).resolved
    mended = [one for one in past if len(one.finding.rows)]
    if groups:
        accepted = [group for group in groups if not findings.open_findings(group)]
        _chosen(dataset, outcomes, open_groups, accepted, mended)
    else:
        findings.resolved(mended)
    frame.door("pages/clean/review.py", "Next: decide, row by row", waiting.at_review_door(dataset))


def _chosen(
    dataset: Dataset,
    outcomes: dict[str, Outcome],
    groups: Sequence[findings.FindingGroup],
    accepted: Sequence[findings.FindingGroup],
    mended: Sequence[Resolved],
) -> None:
    st.subheader("Findings, worst first")
    left, right = layout.thirds(1, 2)
    with left:
        group = _choose(dataset, outcomes, groups, accepted)
        findings.resolved(mended)
    if group is None:
        right.caption("Choose a finding to look at it. Not all checks have ended: there may be more.")
        return
    with right:
        finding = _one(dataset, group)
        owner = results.findings_by_key(dataset, outcomes)[finding.key][1]
        findings.heading(finding)
        findings.reasons(finding)
        if words := of_rows_left(dataset, finding):
            st.caption(f":material/info: {plain(words, 400)}")
        actions.fix(dataset, finding, f"issues-{tag(finding.key)}")
        if owner:
            settings_form(owner, dataset)
    result = outcomes[owner].result if owner else None
    own = panel.part("components.views.issues", owner) if result is not None else None
    if own is not None:
        own.evidence(dataset, result, finding)
    elif len(finding.rows):
        _rows(dataset, finding)


def _choose(
    dataset: Dataset,
    outcomes: Collection[str],
    groups: Sequence[findings.FindingGroup],
    accepted: Sequence[findings.FindingGroup],
) -> findings.FindingGroup | None:
    """The list of groups; those accepted as a whole stand at its end, grey. The one chosen stays chosen when
    it moves there. Until all checks have ended none is chosen but by the person, as a worse one would take
    its place.
    """
    every, settled, kept = [*groups, *accepted], as_decided.settled(dataset).decided, as_decided.accepted()
    partly = bool(verdict.unknown(dataset, outcomes))
    captions = keep(
        ("captions", results.mark(dataset, *outcomes), session().turn, len(every)),
        lambda: (
            [_caption(group, groups, settled, partly) for group in groups]
            + [findings.accepted_by(kept[group.findings[0].key]) for group in accepted]
        ),
        newest=True,
    )
    codes = [group.code for group in every]
    wanted = findings.wanted("group", dataset.version, "group")
    place = (
        None
        if partly and wanted not in codes
        else findings.place_of("group", dataset.version, codes, "group")
    )
    widget = address.key(f"group-{dataset.version}-{len(every)}-{len(accepted)}{'-so-far' * partly}")
    with st.container(border=True, height=380 if len(every) > 6 else "content"):
        at = st.radio(
            "Kinds of findings",
            range(len(every)),
            place,
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
    findings.choose_as("group", dataset.version, codes, at or 0, "group")
    return every[at or 0]


def _caption(
    group: findings.FindingGroup, groups: Sequence[findings.FindingGroup], settled: RowSet, partly: bool
) -> str:
    """Severity, rows, how many of them are flagged, by this group or by others, and how many of those are
    decided. partly: whether checks are still to come that may flag more.
    """
    line = findings.caption(group.severity, group.rows, len(group.columns))
    if own := _asking(group):
        flagged = _rows_of(own)
        some = "" if len(flagged) == len(group.rows) else f", {count(len(flagged))} of them"
        return f"{line}{some} flagged · {count(len(flagged & settled))} decided"
    others = [one for each in groups for one in _asking(each) if one.rows & group.rows]
    if not others:
        return f"{line}, not flagged{' so far' * partly}" if group.rows else line
    flagged = _rows_of(others) & group.rows
    some = "" if len(flagged) == len(group.rows) else f" {count(len(flagged))} of them"
    return f"{line},{some} flagged by {'another finding' if len(others) == 1 else 'other findings'}"


def _asking(group: findings.FindingGroup) -> list[Finding]:
    """The open findings of the group that flag rows: ask to decide about them."""
    return [one for one in findings.open_findings(group) if fixes.asks_for_rows(one) and one.rows]


def _rows_of(some: Sequence[Finding]) -> RowSet:
    return reduce(or_, (one.rows for one in some), RowSet())


def _one(dataset: Dataset, group: findings.FindingGroup) -> Finding:
    """The finding of the group to look at; a list to choose from where there are several, those accepted at
    its end.
    """
    open_ones = findings.open_findings(group)
    every = [*open_ones, *(f for f in group.findings if f not in open_ones)]
    if len(every) == 1:
        return every[0]
    key = address.key(f"finding-{dataset.version}-{group.code}-{len(open_ones)}")
    words = {place: one.key for place, one in enumerate(every)}
    at = st.selectbox(
        "Column",
        range(len(every)),
        address.meant("finding", words, 0),
        key=key,
        format_func=lambda i: _short(every[i], i >= len(open_ones)),
        **address.noting("finding", key, words, 0, ("search",)),
    )
    return every[at or 0]


def _short(finding: Finding, accepted: bool) -> str:
    return cut(", ".join(finding.columns) or finding.title, 80) + (" (accepted)" if accepted else "")


def _rows(dataset: Dataset, finding: Finding) -> None:
    """The rows of a finding that has no figure of its own."""
    first = findings.columns_of(finding, dataset)
    key = f"issues-{tag(finding.key)}"
    st.markdown("**The rows behind it**")
    words = placed.search(f"search-{key}")
    picked = rows.listing(dataset, rows.search(dataset, finding.rows.ids, words), key, first=first)
    actions.bar(dataset, picked, key, finding.key, finding.action, next(iter(first), ""))
