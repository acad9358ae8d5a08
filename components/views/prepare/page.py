"""Prepare: what is done, step by step, and what is still to do."""

from __future__ import annotations

import streamlit as st

from components import decisions, frame, guard, panel, results
from components.before import before
from components.state import session
from components.text import plain, tag
from components.views.prepare import adding, lines, shown, steps
from components.widgets import actions, findings, layout
from core.catalog import analyses
from core.dataset import Dataset
from core.errors import CoreError
from core.finding import Finding, distinct, ranked
from core.phrases import count
from core.prepare import fixes

FIRST = ("profile", "duplicates")  # what is looked for here, if nothing was looked for yet
OFFERED = 6


def view() -> None:
    """Verdict, what is still to do, the steps beside the data that they made, and the next step."""
    dataset = session().dataset
    if dataset is None:
        return
    listed = guard.attempt(lambda: lines.listed(dataset))
    if isinstance(listed, CoreError):
        guard.show(listed)
        return
    taken, others = listed
    decided = decisions.decided(dataset)
    st.markdown(f"#### {plain(lines.verdict(dataset, decided, taken), 400)}")
    _proposals(decided)
    left, right = layout.thirds(1, 2)
    with left:
        chosen = steps.view(taken, others)
    with right:
        shown.view(dataset, taken, chosen)
    adding.view(dataset, decided)
    frame.door("pages/clean/issues.py", "Next: which rows are wrong?")


def _proposals(decided: Dataset) -> None:
    """The open findings that one click mends, worst first, and those that steps have mended."""
    st.subheader("What is still to do")
    outcomes = results.outcomes(decided, *FIRST)
    if outcomes is None:
        return
    known = {outcome.analysis.name: outcome for outcome in results.known(decided, *analyses())}
    every = [finding for outcome in {**known, **outcomes}.values() for finding in outcome.findings]
    open_ones = _open(decided, [*every, *decided.loading])
    panel.unfinished(outcomes.values())
    if not open_ones:
        st.caption(
            "Nothing that one click would mend was found. What needs a closer look is on the next pages."
        )
    all_of_them = len(open_ones) <= OFFERED or st.toggle(
        f"Show all {count(len(open_ones))}", key=f"proposals-{decided.version}"
    )
    for finding in open_ones if all_of_them else open_ones[:OFFERED]:
        with st.container(
            border=True, horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"
        ):
            st.markdown(
                findings.label(finding.title, finding.severity), width="content", help=plain(finding.why, 400)
            )
            actions.mend(decided, finding, f"prepare-{tag(finding.key)}")
    findings.resolved(before(decided, outcomes).resolved)


def _open(decided: Dataset, every: list[Finding]) -> list[Finding]:
    """Those that stand, and that one click does something about that is not done yet."""
    settled = decisions.settled(decided)
    return [
        finding
        for finding in ranked(tuple(distinct(every)))
        if not actions.accepted(finding.key)
        and finding.severity != "info"
        and fixes.label(finding)
        and not fixes.done(finding, settled)
    ]
