"""Profile: what is in it, and what needs attention."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import streamlit as st

from components import address, as_decided, attention, checks, frame, guard, panel, results
from components.before import Before, before
from components.settings_form import settings_form
from components.text import plain, share, shortened, size, tag
from components.views.profile import column as drawer
from components.views.profile import columns, other_tabs, sample
from components.widgets import (
    actions,
    finding_list,
    findings,
    in_view,
    layout,
    mending,
    not_again,
    placed,
    resolved,
    rows,
)
from core.catalog import on_page
from core.dataset import Dataset
from core.errors import CoreError
from core.finding import Finding
from core.phrases import count

if TYPE_CHECKING:
    from core.analyses.profile.result import Profile

LISTED = 40
SAMPLE = "Sample"
WITHIN = ("finding", "search", "rows", "draw", "pattern", "effect")  # of a tab: not in another


def view() -> None:
    """The columns, a sample of the rows, or one of the other analyses of this page."""
    dataset = as_decided.in_view()
    if dataset is None:
        return
    tabs = {analysis.tab or analysis.title: analysis for analysis in on_page("explore/profile")}
    words = {title: title.lower() for title in (*tabs, SAMPLE)}
    tab = placed.switch(
        "Look at",
        "tab",
        words,
        "Columns",
        other_tabs.CHOSEN,
        WITHIN,
        format_func=lambda tab: f":material/{tabs[tab].icon if tab in tabs else 'table_rows'}: {plain(tab)}",
        label_visibility="collapsed",
    )
    if tab == SAMPLE:
        sample.view(dataset)
    elif tab is None or tabs[tab].name == "profile":
        _columns(dataset)
    else:
        panel.view(dataset, tabs[tab].name)
    frame.door("pages/clean/prepare.py", "Next: what is still to do?")


def _columns(dataset: Dataset) -> None:
    """Verdict, numbers, what needs attention with the rows behind it, then every column."""
    outcomes = results.outcomes(dataset, "profile", "duplicates")
    if outcomes is None:
        return
    outcome = outcomes["profile"]
    if outcome.result is None:
        guard.show(CoreError(str(outcome.status)))
        return
    said = attention.said_by(dataset)
    found = [f for f, _ in results.findings_by_key(dataset, outcomes).values()]
    listed = [f for f in found if f.key not in said]
    open_ones, accepted = (
        [f for f in listed if (f.key in as_decided.accepted()) is so] for so in (False, True)
    )
    tabs = other_tabs.states(dataset)
    beside = other_tabs.critical_beside(dataset, [finding.key for finding in listed])
    past = before(dataset, outcomes)
    everywhere = len(attention.findings(dataset) or ())
    unfinished = panel.unfinished(dataset, outcomes.values())
    partly = unfinished or bool(checks.not_made(dataset)) or not checks.sound(dataset)
    _verdict(
        open_ones,
        everywhere,
        beside,
        attention.not_again_in_words(dataset),
        partly,
        resolved.in_words(past.resolved, past.eased),
        len(accepted),
    )
    not_again.folded(dataset)
    other_tabs.tab_links(tabs)
    _figures_of_merit(dataset, outcome.result)
    panel.notes(outcome.result)
    within = {f.title: said[f.key] for f in found if f.key in said}
    _attention(dataset, outcome.result, open_ones, accepted, past, within)
    columns.strip(dataset, outcome.result, open_ones)


def _verdict(
    open_ones: list[Finding],
    everywhere: int,
    beside: str,
    earlier: str,
    partly: bool,
    mended: str,
    left: int,
) -> None:
    """The headline: what the profile counts, and, told apart, the findings of other tabs and pages; then what
    was not checked again (``earlier``, in words), what was accepted, and what decisions resolved
    (``mended``, in words).
    everywhere: the findings that need attention, those of other tabs and pages among them. partly: whether
    there are checks that were not made: then there may be critical ones that nobody knows of.
    """
    partly = partly or bool(earlier)
    levels = findings.tally(open_ones)
    wanting = len(attention.needing(open_ones))
    clauses, where = [], " in what was checked" if partly else ""
    if wanting:
        more = f" here, {count(everywhere)} in all" if everywhere > wanting else ""
        every = levels["critical"] == wanting and not more and not beside
        clauses.append(attention.in_words(wanting, every) + more)
        critical = count(levels["critical"]) if levels["critical"] else "none"
        told = f"{critical} critical{where if not levels['critical'] else ''}"
        if not every:
            clauses.append(f"critical: {critical} here, {plain(beside)}" if beside else told)
    else:
        here = " here" if beside or everywhere else ""
        others = f"; {attention.in_words(everywhere)} on other tabs and pages" if everywhere else ""
        clauses.append(f"Nothing{' else' if left else ''}{here} needs attention{where}{others}")
        clauses += [f"{count(levels['info'], 'note')} below"] if levels["info"] else []
        clauses += [f"critical: {plain(beside)}"] if beside else []
    clauses += [earlier] if earlier else []
    clauses += [f"{count(left)} accepted"] if left else []
    clauses += [mended] if mended else []
    st.markdown(f"#### {'; '.join(clauses)}.")


def _figures_of_merit(dataset: Dataset, result: Profile) -> None:
    places = layout.cells(4, 120)
    places[0].metric(
        "Rows", count(dataset.rows), help="Rows that were read; those kept aside are on the load page."
    )
    places[1].metric("Columns", count(len(dataset.columns)))
    missing, cells = (sum(getattr(one, of) for one in result.columns) for of in ("missing", "rows"))
    nowhere = dataset.rows * len(result.columns) - cells
    apart = f" Not among them: {count(nowhere, 'cell')} of columns that train or serve does not have."
    places[2].metric(
        "Missing cells",
        share(missing, cells),
        help=f"{count(missing)} empty cells, counted exactly.{apart if nowhere else ''}",
    )
    places[3].metric("Size", size(result.bytes), help="In memory.")
    if dataset.source.aside:
        label = f"{count(dataset.source.aside, 'row')} kept aside: see, mend, put back"
        address.link("pages/data/load.py", label, icon=":material/undo:")


def _attention(
    dataset: Dataset,
    result: Profile,
    open_ones: list[Finding],
    accepted: list[Finding],
    past: Before,
    within: Mapping[str, Finding],
) -> None:
    """within: titles of findings that another one says with more weight -> that one."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader("What needs attention", width="stretch")
        settings_form("profile", dataset)
    if not open_ones and not accepted:
        st.caption("No findings.")
        _told_within(within)
        resolved.view(past.resolved)
        return
    left, right = layout.thirds(1, 2, "profile-findings")
    with left:
        every = len(open_ones) <= LISTED or st.toggle(
            f"Show all {count(len(open_ones))}", key=f"all-findings-{dataset.version}"
        )
        listed = open_ones if every else open_ones[:LISTED]
        chosen = finding_list.choose(listed, "finding", dataset.version, accepted=accepted, news=past.news)
        _told_within(within)
        resolved.view(past.resolved)
    with right, st.container(key=f"detail-{tag(chosen.key)}"):
        _detail(dataset, result, chosen, past.findings.get(chosen.key))
    in_view.follow("finding", f"detail-{tag(chosen.key)}")
    if len(chosen.rows):
        st.markdown("**The rows behind it**")
        first = findings.columns_of(chosen, dataset)
        key = f"profile-{tag(chosen.key)}"
        picked = rows.listing(dataset, chosen.rows.ids, key, first=first)
        actions.bar(dataset, picked, key, chosen, chosen.action, next(iter(first), ""))


def _told_within(within: Mapping[str, Finding]) -> None:
    """The findings of which another one tells, in which they are counted."""
    for title, told in within.items():
        told_in = f"{shortened(title.rstrip('.'), 140)} is part of: {shortened(told.title.rstrip('.'), 140)}."
        st.caption(f":material/arrow_right_alt: {plain(told_in, 400)}")


def _detail(dataset: Dataset, result: Profile, chosen: Finding, loaded: Finding | None) -> None:
    """Why, what to do and the button that does it; the numbers; the column in question."""
    findings.heading(chosen)
    findings.reasons(chosen)
    mending.fix(dataset, chosen, f"profile-{tag(chosen.key)}")
    findings.numbers(chosen, loaded)
    first = next(iter(findings.columns_of(chosen, dataset)), None)
    if first is not None:
        drawer.picture(dataset, result, first, f"attention-{tag(chosen.key)}")
