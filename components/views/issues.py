"""Issues: which rows are wrong."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from components import deciding, frame, panel
from components.state import keep, session
from components.text import count, plain, share, tag
from components.views import duplicates, outliers
from components.widgets import actions, findings, layout, rows
from core.dataset import Dataset
from core.finding import Finding
from core.report import Outcome
from core.rowset import RowSet


def detectors() -> tuple[str, ...]:
    """The analyses that are run for this page and the review; those of the profile's other tabs join once they were asked for."""
    return ("profile", *panel.on("clean/issues"))


def view() -> None:
    """Verdict, numbers, the groups worst first, then the one chosen: its figure, its rows, and what to do with them."""
    dataset = session().dataset
    if dataset is None:
        return
    found = panel.outcomes(dataset, *detectors())
    if found is None:
        return
    found = found | {made.analysis.name: made for made in panel.known(dataset, *panel.on("explore/profile"))}
    told, mark = panel.told(dataset, found), panel.mark(dataset, *found)
    groups = keep(("groups", mark), lambda: findings.groups([f for f, _ in told.values() if len(f.rows)]))
    flagged = keep(("flagged", mark), lambda: _flagged(groups))
    session().chosen["flagged"] = (dataset.version, len(flagged))
    open_ones = [g for g in groups if not all(actions.told(f.key) for f in g.findings)]
    _verdict(dataset, open_ones, flagged)
    _troubles(found.values())
    if open_ones:
        _chosen(dataset, found, open_ones, len(groups) - len(open_ones))
    frame.door("pages/clean/review.py", "Next: decide, row by row")


def _flagged(groups: Sequence[findings.Group]) -> RowSet:
    """Rows for which something is suggested."""
    rows_named = RowSet()
    for group in groups:
        if any(f.action for f in group.findings):
            rows_named = rows_named | group.rows
    return rows_named


def _verdict(dataset: Dataset, groups: Sequence[findings.Group], flagged: RowSet) -> None:
    now = deciding.settled()
    if groups:
        grave = sum(g.severity != "info" for g in groups)
        words = f"{count(grave)} of them {'calls' if grave == 1 else 'call'} for a decision" if grave else "none of them is grave"
        st.markdown(f"#### {count(len(groups), 'kind')} of trouble; {words}.")
    else:
        st.markdown("#### No row looks wrong.")
    tally = now.counts()
    places = layout.cells(4, 120)
    places[0].metric(
        "Flagged rows", count(len(flagged)), help=f"{share(len(flagged), dataset.rows)} of all rows: those with a suggested action."
    )
    places[1].metric("Decided", count(tally["decided"]), help="Rows that were kept on purpose, dropped, relabelled or weighted.")
    places[2].metric("Dropped", count(tally["dropped"]))
    places[3].metric("Rows left", count(tally["after"]), help=f"Of {count(tally['before'])}.")


def _troubles(found: Sequence[Outcome]) -> None:
    """A detector that failed or was skipped says so: it never looks clean."""
    for outcome in found:
        if outcome.status.state != "ok":
            st.warning(f"{plain(outcome.analysis.title)} was {plain(outcome.status, 400)}", icon=":material/warning:")


def _chosen(dataset: Dataset, found: dict[str, Outcome], groups: Sequence[findings.Group], dismissed: int) -> None:
    st.subheader("Kinds of trouble, worst first")
    left, right = layout.thirds(1, 2)
    with left:
        group = _choose(dataset, groups, dismissed)
    with right:
        finding = _one(dataset, group)
        st.markdown(f"##### {findings.label(finding.title, finding.severity)}")
        findings.reasons(finding)
        with st.container(horizontal=True):
            actions.dismiss(finding.key, f"issues-{tag(finding.key)}")
            owner = panel.told(dataset, found)[finding.key][1]
            if owner:
                panel.settings_form(owner, dataset)
    result = found[owner].result if owner else None
    if owner == "outliers" and result is not None:
        outliers.evidence(dataset, result, finding)
    elif owner == "duplicates" and result is not None:
        duplicates.evidence(dataset, result, finding)
    else:
        _rows(dataset, finding)


def _choose(dataset: Dataset, groups: Sequence[findings.Group], dismissed: int) -> findings.Group:
    settled = deciding.settled().decided
    captions = keep(
        ("captions", panel.mark(dataset, *detectors()), session().turn, len(groups)),
        lambda: [findings.caption(g.severity, g.rows, len(g.findings), settled) for g in groups],
    )
    with st.container(border=True, height=380 if len(groups) > 6 else "content"):
        at = st.radio(
            "Kinds of trouble",
            range(len(groups)),
            key=f"group-{dataset.version}-{len(groups)}",
            format_func=lambda i: findings.label(groups[i].title, groups[i].severity),
            captions=captions,
            label_visibility="collapsed",
        )
    if dismissed:
        st.caption(f"{count(dismissed)} dismissed and folded away; undo brings them back.")
    return groups[at or 0]


def _one(dataset: Dataset, group: findings.Group) -> Finding:
    """The finding of the group to look at; a list to choose from where there are several."""
    open_ones = [f for f in group.findings if not actions.told(f.key)] or list(group.findings)
    if len(open_ones) == 1:
        return open_ones[0]
    key = f"finding-{dataset.version}-{group.code}-{len(open_ones)}"
    at = st.selectbox("Column", range(len(open_ones)), key=key, format_func=lambda i: ", ".join(open_ones[i].columns) or open_ones[i].title)
    return open_ones[at or 0]


def _rows(dataset: Dataset, finding: Finding) -> None:
    """The rows of a finding that has no figure of its own."""
    first = findings.columns_of(finding, dataset)
    key = f"issues-{tag(finding.key)}"
    st.markdown("**The rows behind it**")
    words = st.text_input(
        "Search in these rows", key=f"search-{key}", placeholder="Any text, or a row number", icon=":material/search:", width=320
    )
    picked = rows.listing(dataset, rows.search(dataset, finding.rows.ids, words), key, first=first)
    actions.bar(dataset, picked, key, finding.key, finding.action, next(iter(first), ""))
