"""What is still to do: the open findings, each with what mends it; those that were accepted; and those
that steps have mended.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import streamlit as st

from components import address, as_decided, attention, checks, decisions, panel, results
from components.before import Before, before
from components.text import plain, tag
from components.views.prepare import checks_left, proposal
from components.widgets import findings, not_again, resolved
from components.widgets.actions import symbol
from core.actions import ACTIONS
from core.dataset import Dataset
from core.finding import Finding, ranked
from core.one_cause import distinct
from core.outcomes import Outcome
from core.phrases import count

FIRST = ("profile", "duplicates")  # what is looked for here, if nothing was looked for yet
FOLDED = 10  # findings in a list that is folded


@dataclass(frozen=True)
class Proposals:
    """What was found in the data as decided.

    open: what needs attention, worst first. notes: those of the others that one click does something about.
    left: what was accepted. unchecked: what was accepted, and not checked again since.
    """

    open: list[Finding]
    notes: list[Finding]
    left: list[Finding]
    unchecked: list[Finding]


def view(decided: Dataset) -> None:
    """A verdict, the findings that need attention, notes, what was accepted, and what steps mended."""
    st.subheader("What is still to do")
    outcomes = results.outcomes(decided, *FIRST)
    if outcomes is None:
        not_again.view(decided)
        _left([], attention.left_not_again(decided))
        return
    outcomes = checks.ended(decided) | outcomes
    found = _sorted(decided, outcomes.values())
    partly = panel.unfinished(decided, outcomes.values()) or bool(checks.left(decided))
    past = before(decided, _in_both(decided, outcomes), attention.taken_away(decided))
    _verdict(
        found,
        attention.not_again_in_words(decided),
        partly,
        resolved.in_words(past.resolved, past.eased, here=False),
    )
    checks_left.view(decided)
    seen = address.one_of(proposal.SEEN, [finding.key for finding in (*found.open, *found.notes)])
    _open(decided, found.open, past, seen)
    not_again.view(decided)
    if found.notes:
        with st.expander(
            f"Notes that one click can act on: {count(len(found.notes))}", icon=":material/info:"
        ):
            st.caption("None of these needs attention. Look at each before you change anything.")
            _folded(decided, found.notes, past, seen)
    _left(found.left, found.unchecked)
    resolved.view(past.resolved, here=False)


def _sorted(decided: Dataset, outcomes: Iterable[Outcome]) -> Proposals:
    """What was found, apart by what a person has to do about it."""
    listed = distinct([*(f for outcome in outcomes for f in outcome.findings), *decided.loading])
    accepted = as_decided.accepted()
    standing = [finding for finding in ranked(tuple(listed)) if finding.key not in accepted]
    return Proposals(
        attention.needing(listed),
        [f for f in standing if f.severity == "info" and proposal.can_act(f, decided)],
        [finding for finding in listed if finding.key in accepted],
        attention.left_not_again(decided),
    )


def _in_both(decided: Dataset, outcomes: dict[str, Outcome]) -> dict[str, Outcome]:
    """Those of the analyses whose results on the data as loaded are there, or are always asked for here."""
    base = decided.base
    return {
        name: outcome
        for name, outcome in outcomes.items()
        if name in FIRST or (base is not None and results.worked_out(base, name) is not None)
    }


def _verdict(found: Proposals, earlier: str, partly: bool, mended: str) -> None:
    """How much is open, accepted and resolved, in one sentence; never softer than what is open, or was before
    the last step and was not looked at since (earlier, in words; so is mended).
    """
    here = " in what was checked" if earlier or partly else ""
    left = len(found.left) + len(found.unchecked)
    parts = [
        f"**{attention.in_words(len(found.open))}{here}**"
        if found.open
        else f"**Nothing{' else' if left else ''} needs attention{here}**",
        f"**{earlier}**" if earlier else "",
        f"{count(left)} accepted" if left else "",
        mended,
    ]
    st.markdown(f"{'; '.join(filter(None, parts))}.")


def _open(decided: Dataset, found: list[Finding], past: Before, seen: str | None) -> None:
    """What needs attention, worst first: where there is much, the worst of each kind, with the others of its
    kind folded under it, so that one kind does not hide the next.
    """
    if len(found) <= findings.UNFOLDED:
        for at, finding in enumerate(found):
            proposal.view(decided, finding, past, seen, found[:at])
        return
    kinds = findings.groups(found)
    all_of_them = len(kinds) <= findings.UNFOLDED or st.toggle(
        f"Show all {count(len(kinds))} kinds", key=f"proposals-{decided.version}"
    )
    above: list[Finding] = []
    for kind in kinds if all_of_them else kinds[: findings.UNFOLDED]:
        first, *others = kind.findings
        proposal.view(decided, first, past, seen, above)
        above.append(first)
        if others:
            more = f"{count(len(others))} more of this kind: {findings.name_of(kind.code).lower()}"
            with st.expander(more, expanded=seen in {one.key for one in others}):
                _folded(decided, others, past, seen)


def _folded(decided: Dataset, found: list[Finding], past: Before, seen: str | None) -> None:
    """The worst of a list that is folded, the one looked at among them; and where the others stand."""
    first = sorted(found, key=lambda one: one.key != seen)[:FOLDED]
    shown = {one.key for one in first}
    for finding in found:
        if finding.key in shown:
            proposal.view(decided, finding, past, seen)
    rest = [finding for finding in found if finding.key not in shown]
    if not rest:
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        for one in attention.places_of(decided, rest):
            script, at = one.place
            address.link(script, plain(f"and {count(one.findings)} more on {one.where}"), at)


def _left(again: list[Finding], unchecked: list[Finding]) -> None:
    """The findings that were accepted, each with who did so, when and why, and the way back; those that
    were not checked again say so.
    """
    if not (left := [*again, *unchecked]):
        return
    earlier = {finding.key for finding in unchecked}
    accepted = as_decided.accepted()
    with st.expander(f"Accepted ({count(len(left))})", icon=":material/done:", expanded=True):
        for finding in left:
            with st.container(
                horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"
            ):
                st.markdown(findings.label(finding.title, finding.severity), width="content")
                since = " · not checked again since" if finding.key in earlier else ""
                st.caption(f"{findings.accepted_by(accepted.get(finding.key))}{since}", width="content")
                st.button(
                    ACTIONS["reopen"].label,
                    key=f"back-prepare-{tag(finding.key)}",
                    icon=symbol(ACTIONS["reopen"]),
                    type="tertiary",
                    help="The finding counts again.",
                    on_click=decisions.reopen,
                    args=(finding.key, finding.title),
                )
