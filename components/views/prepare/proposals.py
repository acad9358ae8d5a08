"""What is still to do: the open findings with the click that mends each, seen before it is taken; those that
are left as they are; and those that steps have mended.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import streamlit as st

from components import address, as_decided, attention, checks, decisions, guard, panel, results
from components.before import Before, before, of_rows_left
from components.state import session, value
from components.text import plain, tag
from components.views.prepare import changed, trials
from components.widgets import actions, findings
from core.dataset import Dataset
from core.errors import Cancelled, CoreError
from core.finding import Finding, distinct, ranked
from core.phrases import count
from core.prepare import by_hand, fixes
from core.report import Outcome
from core.review import in_words as decision_in_words

FIRST = ("profile", "duplicates")  # what is looked for here, if nothing was looked for yet
OFFERED = 6
FOLDED = 10  # findings in a list that is folded
ROWS = 8  # of a preview
TITLE = 300  # most letters of a finding: its numbers stand at the end
WANTED = "checks wanted"  # the version of which a person asked for all checks
SEEN = "finding"  # the one whose proposal is looked at, in the address
LEFT = "Seen; left as it is."  # the reason, where a person gives none


@dataclass(frozen=True)
class Proposals:
    """What was found in the data as decided.

    open: what needs attention, worst first. notes: those of the others that one click does something about.
    left: what was left as it is.
    """

    open: list[Finding]
    notes: list[Finding]
    left: list[Finding]


def view(decided: Dataset) -> None:
    """A verdict, the findings that need attention, notes, what was left as it is, and what steps mended."""
    st.subheader("What is still to do")
    outcomes = results.outcomes(decided, *FIRST)
    if outcomes is None:
        _earlier(decided)
        return
    outcomes = checks.ended(decided) | outcomes
    found = _sorted(decided, outcomes.values())
    partly = panel.unfinished(decided, outcomes.values()) or bool(checks.left(decided))
    past = before(decided, _in_both(decided, outcomes))
    _verdict(found, attention.not_again_in_words(decided), partly, past.mended)
    _checks_left(decided)
    seen = address.one_of(SEEN, [finding.key for finding in (*found.open, *found.notes)])
    _open(decided, found.open, past, seen)
    _earlier(decided)
    if found.notes:
        with st.expander(
            f"Notes that one click can act on: {count(len(found.notes))}", icon=":material/info:"
        ):
            st.caption("None of these needs attention. Look at each before you change anything.")
            _folded(decided, found.notes, past, seen)
    _left(found.left)
    findings.resolved(past.resolved)


def _open(decided: Dataset, found: list[Finding], past: Before, seen: str | None) -> None:
    """What needs attention, worst first: where there is much, the worst of each kind, with the others of its
    kind folded under it, so that one kind does not hide the next.
    """
    if len(found) <= OFFERED:
        for finding in found:
            _proposal(decided, finding, past, seen)
        return
    kinds = findings.groups(found)
    all_of_them = len(kinds) <= OFFERED or st.toggle(
        f"Show all {count(len(kinds))} kinds", key=f"proposals-{decided.version}"
    )
    for kind in kinds if all_of_them else kinds[:OFFERED]:
        first, *others = kind.findings
        _proposal(decided, first, past, seen)
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
            _proposal(decided, finding, past, seen)
    rest = [finding for finding in found if finding.key not in shown]
    if not rest:
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        for one in attention.places_of(decided, rest):
            script, at = one.place
            address.link(script, plain(f"and {count(one.findings)} more on {one.where}"), at)


def _earlier(decided: Dataset) -> None:
    """What needed attention in the data as loaded and was not looked at since the last step, greyed: the list
    is never empty only because it was not checked again. What a job looks at now stands by itself.
    """
    missed = attention.not_again(decided)
    now = results.under_way(decided, *missed)
    for key, words, names in (
        ("again", "Found in the data as loaded and being checked again:", [n for n in missed if n in now]),
        ("earlier", "Found in the data as loaded, not checked since:", [n for n in missed if n not in now]),
    ):
        listed = ranked([finding for name in names for finding in missed[name]])
        if not listed:
            continue
        with st.container(key=f"proposals-{key}", gap="xsmall"):
            st.caption(words)
            for finding in listed[:OFFERED]:
                with st.container(border=True):
                    st.markdown(findings.waiting_again(finding.title, TITLE))
            if len(listed) > OFFERED:
                st.caption(f"{count(len(listed) - OFFERED)} more.")


def _in_both(decided: Dataset, outcomes: dict[str, Outcome]) -> dict[str, Outcome]:
    """Those of the analyses whose results on the data as loaded are there, or are always asked for here."""
    base = decided.base
    return {
        name: outcome
        for name, outcome in outcomes.items()
        if name in FIRST or (base is not None and results.worked_out(base, name) is not None)
    }


def _checks_left(decided: Dataset) -> None:
    """What was not looked at in the data as decided, and a click to look at all of it: one check after the
    other, those of Explore before the slow ones, so that what each finds stands here as soon as it is done.
    """
    left = sorted(checks.left(decided), key=lambda one: one.page.startswith("clean/"))
    if not left:
        session().chosen.pop(WANTED, None)
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(
            f"Not checked yet{' since the last step' if decided.base else ''}: "
            f"{plain(', '.join(one.tab or one.title for one in left), 400)}."
        )
        place = st.empty()
    names = [one.name for one in left]
    if session().chosen.get(WANTED) == decided.version:
        _next(decided, [name for name in names if results.ended(decided, name) is None])
    for name in names:
        if not isinstance(results.ended(decided, name), Cancelled | None):
            results.outcomes(decided, name)  # says why there is none
    if session().chosen.get(WANTED) != decided.version:
        place.button(
            f"Run {'it' if len(left) == 1 else f'all {len(left)}'}",
            key="run-checks",
            icon=":material/play_arrow:",
            help="On the data as decided, one after the other. Labels and outliers of large data take a "
            "minute or two; what is done stays when you stop.",
            on_click=_run,
            args=(decided, names),
        )


def _next(decided: Dataset, names: Sequence[str]) -> None:
    """Run the first of the checks that did not fail; a Stop ends them all."""
    if not names:
        del session().chosen[WANTED]
        return
    there = results.outcomes(decided, names[0]) is not None
    if isinstance(results.ended(decided, names[0]), Cancelled):
        del session().chosen[WANTED]
    elif there or results.ended(decided, names[0]) is not None:
        st.rerun()


def _run(decided: Dataset, names: Sequence[str]) -> None:
    results.begin_again(decided, *names)
    session().chosen[WANTED] = decided.version


def _sorted(decided: Dataset, outcomes: Iterable[Outcome]) -> Proposals:
    """What was found, apart by what a person has to do about it."""
    listed = distinct([*(f for outcome in outcomes for f in outcome.findings), *decided.loading])
    accepted = as_decided.accepted()
    standing = [finding for finding in ranked(tuple(listed)) if finding.key not in accepted]
    return Proposals(
        attention.needing(listed),
        [f for f in standing if f.severity == "info" and _can_act(f, decided)],
        [finding for finding in listed if finding.key in accepted],
    )


def _can_act(finding: Finding, decided: Dataset) -> bool:
    """Whether one click would change something."""
    now = as_decided.settled(decided)
    left = fixes.unless_kept(finding, now)
    return bool(fixes.label(left)) and not fixes.done(left, now, decided)


def _verdict(found: Proposals, earlier: str, partly: bool, resolved: int) -> None:
    """How much is open, left and resolved, in one sentence; never softer than what is open, or was before the
    last step and was not looked at since (earlier, in words).
    """
    here = " in what was checked" if earlier or partly else ""
    parts = [
        f"**{attention.in_words(len(found.open))}{here}**"
        if found.open
        else f"**Nothing{' else' if found.left else ''} needs attention{here}**",
        f"**{earlier}**" if earlier else "",
        f"{count(len(found.left))} left as {'it is' if len(found.left) == 1 else 'they are'}"
        if found.left
        else "",
        f"{count(resolved)} resolved" if resolved else "",
    ]
    st.markdown(f"{'; '.join(filter(None, parts))}.")


def _proposal(decided: Dataset, finding: Finding, past: Before, seen: str | None) -> None:
    """One finding: what it says, the click that mends it, what that would do, and leaving it as it is.

    seen: the key of the finding whose proposal is looked at.
    """
    key = f"prepare-{tag(finding.key)}"
    offered = _can_act(finding, decided)
    looked_at = offered and seen == finding.key
    with st.container(border=True, key=f"finding-{key}", gap="xsmall"):
        st.markdown(
            findings.label(finding.title, finding.severity, TITLE),
            help=plain(f"{finding.why} {finding.suggestion}", 600),
        )
        told = [
            _cause(decided, finding, past),
            of_rows_left(decided, finding),
            fixes.outlook(decided, finding) if offered else by_hand.reason(finding, decided),
        ]
        for line in filter(None, told):
            st.caption(plain(line, 400))
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            actions.mend(decided, finding, key)
            if offered:
                _look(finding, key, looked_at)
            _leave(finding, key)
        if looked_at:
            _preview(decided, finding, key)


def _look(finding: Finding, key: str, looked_at: bool) -> None:
    st.button(
        "Hide" if looked_at else "Preview",
        key=f"look-{key}",
        icon=":material/visibility_off:" if looked_at else ":material/visibility:",
        type="tertiary",
        help="What the click would change, before it is done.",
        on_click=address.note,
        args=(SEEN, "" if looked_at else finding.key),
    )


def _leave(finding: Finding, key: str) -> None:
    """Leave the finding as it is, with a reason."""
    with st.popover("Leave as it is", icon=":material/done:", type="tertiary"):
        st.caption("It moves to 'Left as they are', and counts again as soon as you take that back.")
        why = f"leave-why-{key}"
        st.text_input("Reason", key=why, placeholder=LEFT, max_chars=300)
        st.button("Leave it", key=f"leave-{key}", type="primary", on_click=_left_it, args=(finding.key, why))


def _left_it(finding: str, why: str) -> None:
    decisions.accept(finding, value(why, "") or LEFT)


def _cause(decided: Dataset, finding: Finding, past: Before) -> str:
    """Which decisions brought the finding about, in words; "" where it was there as loaded."""
    if not past.is_new(finding):
        return ""
    causes = [
        decision
        for place, decision in enumerate(session().review.decisions)
        if decision.kind.changes and {decision.column, *_added(place)} & set(finding.named)
    ]
    words = list(dict.fromkeys(decision_in_words((decision,)) for decision in causes))
    return f"Brought about by: {'; '.join(words[:2])}." if words else "New with your decisions."


def _added(place: int) -> tuple[str, ...]:
    effect = as_decided.settled().effects.get(place)
    return () if effect is None else effect.added


def _preview(decided: Dataset, finding: Finding, key: str) -> None:
    """What the click would change, worked out in the background where it takes long."""
    left = fixes.unless_kept(finding, as_decided.settled(decided))
    batch = guard.attempt(lambda: fixes.decisions(decided, left))
    if isinstance(batch, CoreError):
        guard.show(batch)
        return
    one = trials.tried(batch, "proposal")
    if one is None:
        return
    if one.passed:
        st.warning(plain(" ".join(one.passed), 500), icon=":material/block:")
        return
    for note in one.notes:
        st.caption(f":material/info: {plain(note, 400)}")
    changed.view(one, f"proposal-{key}", ROWS, only_changed=True)


def _left(left: list[Finding]) -> None:
    """The findings that stand as they are, each with who left it, when and why, and the way back."""
    if not left:
        return
    accepted = as_decided.accepted()
    with st.expander(f"Left as they are ({count(len(left))})", icon=":material/done:", expanded=True):
        for finding in left:
            with st.container(
                horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"
            ):
                st.markdown(findings.label(finding.title, finding.severity), width="content")
                st.caption(findings.accepted_by(accepted.get(finding.key)), width="content")
                st.button(
                    "Take back",
                    key=f"back-prepare-{tag(finding.key)}",
                    icon=":material/undo:",
                    type="tertiary",
                    help="The finding counts again.",
                    on_click=decisions.reopen,
                    args=(finding.key,),
                )
