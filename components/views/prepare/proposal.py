"""One finding with the click that mends it, seen before it is taken, and the way to accept it."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from components import address, as_decided, decisions, guard
from components.before import Before, in_words, of_rows_left
from components.state import value
from components.text import plain, tag
from components.views.prepare import changed, trials
from components.widgets import findings, mending, reason
from components.widgets.actions import symbol
from core.actions import ACTIONS
from core.dataset import Dataset
from core.errors import CoreError
from core.finding import Finding
from core.phrases import names
from core.prepare import by_hand, fixes

ROWS = 8  # of a preview
SEEN = "finding"  # the one whose proposal is looked at, in the address


def view(
    decided: Dataset, finding: Finding, past: Before, seen: str | None, above: Sequence[Finding] = ()
) -> None:
    """One finding: what it says, the click that mends it, what that would do, and accepting it.

    seen: the key of the finding whose proposal is looked at. above: those that stand above it: what one of
    them offers is not offered again.
    """
    key = f"prepare-{tag(finding.key)}"
    twin = next((one for one in above if fixes.same_click(one, finding)), None)
    offered = twin is None and can_act(finding, decided)
    looked_at = offered and seen == finding.key
    with st.container(border=True, key=f"finding-{key}", gap="xsmall"):
        st.markdown(
            findings.label(finding.title, finding.severity, findings.TO_ITS_END),
            help=plain(f"{finding.why} {finding.suggestion}", 600),
        )
        told = [
            _cause(decided, finding, past),
            of_rows_left(decided, finding, past),
            fixes.outlook(decided, finding) if offered else by_hand.reason(finding, decided),
            "" if twin is None else f"{fixes.label(twin)}: offered above, and the same for both.",
        ]
        for line in filter(None, told):
            st.caption(plain(line, 400))
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            if twin is None:
                mending.mend(decided, finding, key)
            if offered:
                _look(finding, key, looked_at)
            _leave(decided, finding, key)
        if looked_at:
            _preview(decided, finding, key)


def can_act(finding: Finding, decided: Dataset) -> bool:
    """Whether one click would change something."""
    now = as_decided.settled(decided)
    left = fixes.unless_kept(finding, now)
    return bool(fixes.label(left)) and not fixes.done(left, now, decided)


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


def _leave(decided: Dataset, finding: Finding, key: str) -> None:
    """Accept the finding, with a reason."""
    with st.popover(ACTIONS["accept"].label, icon=symbol(ACTIONS["accept"]), type="tertiary"):
        st.caption("It moves to 'Accepted' and no longer counts, until you reopen it.")
        why = f"leave-why-{key}"
        reason.field(why)
        st.button(
            ACTIONS["accept"].label,
            key=f"leave-{key}",
            type="primary",
            on_click=_accept,
            args=(decided, finding, why),
        )


def _accept(decided: Dataset, finding: Finding, why: str) -> None:
    decisions.accept(decided, finding, value(why, ""))


def _cause(decided: Dataset, finding: Finding, past: Before) -> str:
    """Which decisions brought the finding about, in words, or what of it; "" where it was there as loaded."""
    if more := past.more(finding):
        return f"{past.news(finding)}: {names(more)}."
    known = in_words(decided, finding, past)
    return known or ("New with your decisions." if past.is_new(finding) else "")


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
    changed.view(one, f"proposal-{key}-{trials.mark(batch)}", ROWS, only_changed=True)
