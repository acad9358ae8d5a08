"""Issues: which rows are wrong."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import streamlit as st

from components import address, as_decided, badge, frame, panel, results, waiting, waiting_in_words
from components.before import Before, before, in_words, of_rows_left
from components.settings_form import settings_form
from components.state import keep
from components.text import cut, plain, tag
from components.views.issues import kinds, verdict
from components.widgets import (
    actions,
    both_sides,
    findings,
    layout,
    mending,
    not_again,
    placed,
    resolved,
    rows,
)
from components.widgets.findings import Groups
from core.catalog import detectors
from core.dataset import Dataset
from core.finding import Finding
from core.outcomes import Outcome
from core.resolved import Resolved


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
    listed = waiting.issues(dataset, outcomes)
    groups = keep(
        ("groups", *results.came_of(dataset, outcomes)),
        lambda: findings.groups([finding for finding, _ in listed.values()]),
    )
    open_groups = [group for group in groups if findings.open_findings(group)]
    flagged = waiting.flagged_by(dataset, outcomes)
    if results.so_far(dataset, *detectors(dataset)).keys() != outcomes.keys():
        st.rerun()  # a check ended meanwhile: the side and the headline know it, and the list does not
    verdict.view(dataset, outcomes, open_groups, flagged)
    verdict.elsewhere(dataset, outcomes, listed)
    not_again.folded(dataset)
    panel.unfinished(dataset, outcomes.values())
    past = Before({}, ()) if whole is None else before(dataset, outcomes)
    mended = [one for one in past.resolved if len(one.finding.rows)]
    if groups:
        accepted = [group for group in groups if not findings.open_findings(group)]
        _chosen(dataset, outcomes, open_groups, accepted, mended, past)
    else:
        resolved.view(mended)
    frame.door(
        "pages/clean/review.py", "Next: decide, row by row", waiting_in_words.at_review_door(dataset), {}
    )


def _chosen(
    dataset: Dataset,
    outcomes: dict[str, Outcome],
    groups: Groups,
    accepted: Groups,
    mended: Sequence[Resolved],
    past: Before,
) -> None:
    st.subheader("Findings, worst first")
    left, right = layout.thirds(1, 2, "issues")
    with left:
        group = kinds.choose(dataset, outcomes, groups, accepted)
        resolved.view(mended)
    if group is None:
        right.caption("Choose a finding to look at it. Not all checks have ended: there may be more.")
        return
    with right:
        finding = _one(dataset, group)
        owner = results.findings_by_key(dataset, outcomes)[finding.key][1]
        findings.heading(finding)
        findings.reasons(finding)
        for words in filter(None, (in_words(dataset, finding, past), of_rows_left(dataset, finding, past))):
            st.caption(f":material/info: {plain(words, 400)}")
        if words := kinds.above_in_words(group, groups):
            st.caption(f":material/info: {plain(words, 500)}")
        mending.fix(dataset, finding, f"issues-{tag(finding.key)}")
        if owner:
            settings_form(owner, dataset)
    result = outcomes[owner].result if owner else None
    own = panel.part("components.views.issues", owner) if result is not None else None
    if own is not None:
        own.evidence(dataset, result, finding)
    elif len(finding.rows):
        _rows(dataset, finding)


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
        _called(every),
        range(len(every)),
        address.meant("finding", words, 0),
        key=key,
        format_func=lambda i: _short(every[i], i >= len(open_ones)),
        **address.noting("finding", key, words, 0, ("search",)),
    )
    return every[at or 0]


def _called(every: Sequence[Finding]) -> str:
    """What the list to choose from holds: columns, or the titles of findings that name none, too."""
    if not all(finding.columns for finding in every):
        return "Finding"
    return "Column" if all(len(finding.columns) == 1 for finding in every) else "Columns"


def _short(finding: Finding, accepted: bool) -> str:
    return cut(", ".join(finding.columns) or finding.title, 80) + (" (accepted)" if accepted else "")


def _rows(dataset: Dataset, finding: Finding) -> None:
    """The rows of a finding that has no figure of its own."""
    first = findings.columns_of(finding, dataset)
    key = f"issues-{tag(finding.key)}"
    st.markdown("**The rows behind it**")
    words = placed.search(f"search-{key}")
    ids, beside, told = both_sides.listed(dataset, finding)
    found = np.isin(ids, rows.search(dataset, ids, words))
    beside = {head: values[found] for head, values in beside.items()}
    if told:
        st.caption(told)
    picked = rows.listing(dataset, ids[found], key, beside, first=first)
    actions.bar(dataset, picked, key, finding, finding.action, next(iter(first), ""))
