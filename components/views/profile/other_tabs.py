"""What the other tabs of the profile page have found, beside the profile's own headline: a door to each, with
how many findings of it need attention, or that it was not checked yet, or not again since. Nothing is worked
out here.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import partial
from typing import NamedTuple

import streamlit as st

from components import address, attention, results
from components.text import plain, tag
from components.widgets import findings
from core.catalog import on_page
from core.dataset import Dataset
from core.finding import Finding
from core.outcomes import Outcome
from core.phrases import count

CHOSEN = "profile-tab"  # the key of the widget that chooses the tab


class TabState(NamedTuple):
    """One tab: its title, what came of its analysis (None where it was not checked), and the findings counted
    with it. calm: what is said where nothing needs attention. before: whether it was checked before the last
    decisions.
    """

    tab: str
    outcome: Outcome | None
    counted: Sequence[Finding] = ()
    calm: str = ""
    before: bool = False

    @property
    def words(self) -> str:
        """What the tab's own headline counts, in short."""
        if self.outcome is None:
            return "not checked again" if self.before else "not checked yet"
        if not self.outcome.result_is_in:
            return "not checked"
        calm = self.calm
        return findings.wanting_in_words(self.counted) or self.outcome.unchecked or calm[0].lower() + calm[1:]

    @property
    def mark(self) -> str:
        """The sign of the worst that it holds."""
        wanting, critical = findings.wanting(self.counted)
        if critical:
            return findings.MARK["critical"]
        return findings.MARK["warning"] if wanting else ""


def states(dataset: Dataset) -> list[TabState]:
    """The tabs beside the profile's own, in their order."""
    tabs = [one for one in on_page("explore/profile") if one.name != attention.PROFILE]
    before = attention.checked_before(dataset)
    known = [(one, results.worked_out(dataset, one.name)) for one in tabs]
    return [
        TabState(one.tab or one.title, None, before=one.name in before)
        if outcome is None
        else TabState(
            one.tab or one.title,
            outcome,
            attention.counted_here(dataset, outcome),
            attention.calm(dataset, outcome),
        )
        for one, outcome in known
    ]


def critical_beside(dataset: Dataset, listed: Collection[str]) -> str:
    """The critical findings of other tabs and pages, for the headline, such as ``1 in Leakage, 1 on Explore >
    Overlap``; "" where there is none.

    listed: keys of the findings that the headline counts by itself.
    """
    return ", ".join(
        f"{count(one.critical)} "
        + (f"in {one.analysis.tab or one.analysis.title}" if one.in_tab else f"on {one.where}")
        for one in attention.elsewhere(dataset, listed)
        if one.critical
    )


def tab_links(tabs: list[TabState]) -> None:
    """What the headline counts, and below it a door to each of the other tabs, in whole sentences that stand
    apart.
    """
    st.caption("Counted: columns, repeats, reading. The other tabs:")
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        for one in tabs:
            st.button(
                f"{one.mark} **{plain(one.tab)}**: {plain(one.words, 400)}".strip(),
                key=f"tab-door-{tag(one.tab)}",
                type="tertiary",
                on_click=partial(address.go, tab=one.tab.lower()),
            )
