"""What can be done about a finding at one click: what it asks for (seen as code, too), or to accept it."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from components import as_decided, decisions, guard, results, waiting
from components.state import Notice, session, value
from components.text import plain
from components.widgets import asking, findings, reason, to_review
from components.widgets.actions import answer, symbol
from core.actions import ACTIONS
from core.catalog import detectors
from core.dataset import Dataset
from core.errors import CoreError
from core.finding import Finding, of_copies
from core.phrases import count, verb
from core.prepare import by_hand, fixes

LONG = 120  # most letters on a button


def fix(dataset: Dataset, finding: Finding, key: str) -> None:
    """One row: do what the finding asks for, see it as code, or accept the finding as it is; for an accepted
    one, reopen it.
    """
    acceptance = as_decided.accepted().get(finding.key)
    if why_none := by_hand.reason(finding, dataset):
        st.caption(plain(why_none, 400))
    with st.container(horizontal=True, vertical_alignment="center", key=f"fix-{key}"):
        if acceptance is None:
            mend(dataset, finding, key)
        if finding.fix:
            with st.popover("As code", icon=":material/code:", type="tertiary"):
                st.code(finding.fix, language=None, wrap_lines=True)
                st.caption("Acts on a pandas frame called data.")
        if acceptance is None:
            why = f"accept-why-{key}"
            with st.container(horizontal=True, vertical_alignment="center", width="content"):  # on one line
                reason.field(why, 150)
                st.button(
                    ACTIONS["accept"].label,
                    key=f"accept-{key}",
                    icon=symbol(ACTIONS["accept"]),
                    type="tertiary",
                    help="It stays listed and no longer counts: not here, not in the report, not for "
                    "--fail-on.",
                    on_click=_accept,
                    args=(dataset, finding, why),
                )
        else:
            st.button(
                ACTIONS["reopen"].label,
                key=f"reopen-{key}",
                icon=symbol(ACTIONS["reopen"]),
                on_click=decisions.reopen,
                args=(finding.key, finding.title),
            )
            st.caption(findings.accepted_by(acceptance), width="content")


def mend(dataset: Dataset, finding: Finding, key: str) -> None:
    """The button that does what the finding asks for, quieter for a note and where its advice depends on what
    a person finds out first; that it is done, where it is so already. Rows that a score would drop can be
    looked at first.
    """
    loud = finding.severity != "info" and not finding.conditional
    now = as_decided.settled(dataset)
    if len(finding.rows) and not len(finding.rows - now.by(ACTIONS["keep"])):
        number = len(finding.rows)
        told = verb(number, "its row", f"all {count(number)} rows of it")
        more = " The finding counts until you accept it, too." if finding.severity != "info" else ""
        st.caption(f"You kept {told}.{more}", width="content")
        loud = False
        if not fixes.label(fixes.unless_kept(finding, now)):
            answer(f"act-{key}")
            return
    gentler = fixes.looked_at_first(finding)
    if gentler is not None:
        _send(dataset, gentler, f"review-{key}", loud)
    if finding.action == "defer":
        _send(dataset, finding, f"act-{key}", loud)
    else:
        _click(dataset, finding, f"act-{key}", loud and gentler is None)


def _send(dataset: Dataset, finding: Finding, key: str, loud: bool) -> None:
    """The button that sends those rows of the finding to review that are not decided and do not wait there;
    where all wait, the one that opens it. What the other rows are stands beside.
    """
    still, decided = _still(dataset, finding).rows, as_decided.settled(dataset).decided
    left, over = still - decided, len(finding.rows) - len(still)
    there = to_review.waiting_of(dataset, left)
    if not left and finding.code in fixes.WHICH_LABEL and dataset.base is not None:
        _again(dataset, finding, key)
        return
    if not left and not over:
        return
    if left and there == left:
        to_review.door(dataset, there, f"open-{key}", loud)
        answer(key)
    elif left:
        rest = left - there
        _click(dataset, finding if rest == finding.rows else replace(finding, rows=rest, where=""), key, loud)
    number, done, waits = len(finding.rows), len(finding.rows & decided), len(there)
    told = [f"{count(done)} decided"] if done else []
    told += [f"{count(over)} {verb(over, 'needs', 'need')} no decision any more"] if over else []
    told += [f"{count(waits)} {verb(waits, 'waits', 'wait')} there already"] if 0 < waits < len(left) else []
    if told:
        st.caption(f"Of its {count(number, 'row')} {', '.join(told)}.", width="content")


def _again(dataset: Dataset, finding: Finding, key: str) -> None:
    """The button that sends rows to review though all are decided: as decided they disagree still."""
    if to_review.waiting_of(dataset, finding.rows) == finding.rows:
        to_review.door(dataset, finding.rows, f"open-{key}", False)
    else:
        st.button(
            f"Send {count(len(finding.rows), 'row')} to review again",
            key=key,
            icon=f":material/{fixes.icon(finding)}:",
            help="You decided all of them; as decided they have different labels still.",
            on_click=_do,
            args=(dataset, finding, key),
        )
    answer(key)


def _still(dataset: Dataset, finding: Finding) -> Finding:
    """The finding with those of its rows that still are what it says, as the queue has them."""
    if not of_copies(finding):
        return finding
    return waiting.still_repeating(dataset, finding, results.so_far(dataset, *detectors(dataset)))


def _click(dataset: Dataset, finding: Finding, key: str, loud: bool) -> None:
    now = as_decided.settled(dataset)
    finding = _still(dataset, finding)
    kept = len(finding.rows)
    finding = fixes.unless_kept(finding, now)
    kept -= len(finding.rows)
    label = fixes.label(finding)
    if not label:
        return
    if fixes.done(finding, now, dataset):
        if not answer(key):  # which says the same
            st.button(f"Done: {plain(label, LONG)}", key=key, icon=":material/check:", disabled=True)
        return
    st.button(
        asking.words(plain(label, LONG), key, fixes.for_rows(finding)),
        key=key,
        icon=f":material/{fixes.icon(finding)}:",
        type="primary" if loud else "secondary",
        help=f"{count(kept, 'row')} that you kept {verb(kept, 'stays', 'stay')}." if kept else None,
        on_click=_do,
        args=(dataset, finding, key),
    )
    answer(key)


def _do(dataset: Dataset, finding: Finding, place: str) -> None:
    """The click itself. What the words promise is what the notice says was done."""
    word = fixes.for_rows(finding)
    if word and asking.held_back(dataset, word, finding.rows, finding.to, place):
        return
    batch = guard.attempt(lambda: fixes.decisions(dataset, finding))
    why = batch if isinstance(batch, CoreError) else guard.attempt(lambda: as_decided.refused(batch))
    if isinstance(batch, CoreError) or why:
        session().notice = Notice(f"Not done. {why}", place=place, refused=True)
    else:
        text = f"Done: {fixes.label(finding)}." if batch else "There was nothing to do."
        decisions.say(text, *batch, place=place)


def _accept(dataset: Dataset, finding: Finding, why: str) -> None:
    decisions.accept(dataset, finding, value(why, "") or "")
