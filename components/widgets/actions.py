"""The bar that turns selected rows into decisions, and the button of a finding."""

from __future__ import annotations

from typing import Literal

import streamlit as st

from components import as_decided, decisions, guard
from components.state import Notice, put, session, value
from components.text import plain
from components.widgets import findings, reason
from components.widgets.levels import levels
from components.widgets.picked import Picked
from core.actions import ACTIONS, Action
from core.dataset import Dataset
from core.errors import CoreError
from core.finding import Finding
from core.phrases import count, verb
from core.prepare import by_hand, fixes
from core.rowset import RowSet
from core.steps import check_written

LONG = 120  # most letters on a button
RULE = "The decision keeps the filter, not the numbers of the rows, and holds for other data too."


def bar(
    dataset: Dataset,
    rows: Picked | RowSet,
    key: str,
    finding: str = "",
    suggested: str = "",
    column: str = "",
) -> None:
    """The answer to the last click here and, where rows are selected, a button for everything that can be
    decided about them, with a reason. suggested: the action whose button is filled; where that drops rows,
    the one that has them looked at first.
    """
    suggested = "defer" if suggested == "drop" else suggested
    answer(key)
    if not len(rows):
        if isinstance(rows, Picked) and rows.among:
            st.caption("Select rows to decide about them.")
        return
    rows = Picked(rows) if isinstance(rows, RowSet) else rows
    why = f"why-{key}"
    with st.container(border=True, key=f"bar-{key}"):
        with st.container(horizontal=True, vertical_alignment="center"):
            rule = "" if rows.rule is None else f" :small[:gray[as a rule: {plain(rows.rule.words, 200)}]]"
            st.markdown(
                f"**{count(len(rows), 'row')} selected**{rule}", width="content", help=RULE if rule else None
            )
            reason.field(why, 320)
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            for action in ACTIONS.values():
                if action.status:
                    st.button(
                        action.label,
                        icon=symbol(action),
                        key=f"{action.word}-{key}",
                        type=_kind(action, suggested),
                        help=action.does,
                        on_click=_decide,
                        args=(dataset, action.word, rows, key, finding),
                    )
            _cells(dataset, rows, key, finding, column, suggested)
            for action in ACTIONS.values():
                if action.needs == "weight":
                    _weight(dataset, action, rows, key, finding, suggested)


def answer(key: str) -> None:
    """What was decided last, with Undo, where the click was on the bar or button with this key."""
    notice = session().notice
    if notice is None or notice.place != key or notice.answered or not notice.here:
        return
    if notice.refused:
        notice.answered = notice.seen = True
        st.warning(plain(notice.text, 500), icon=":material/block:")
    if notice.back is not None:
        notice.answered = notice.seen = True
        with st.container(horizontal=True, vertical_alignment="center", key=f"answer-{key}"):
            st.markdown(f":green[:material/check_circle: {plain(notice.text)}]", width="content")
            st.button(
                "Undo",
                icon=":material/undo:",
                key=f"undo-{key}",
                type="tertiary",
                on_click=notice.back,
            )


def symbol(action: Action) -> str:
    """The action's icon, for a button."""
    return f":material/{action.icon}:"


def _kind(action: Action, suggested: str) -> Literal["primary", "secondary"]:
    return "primary" if action.word == suggested else "secondary"


def _decide(
    dataset: Dataset,
    word: str,
    rows: Picked,
    key: str,
    finding: str,
    given: str | float | None = None,
    column: str = "",
) -> None:
    why = value(f"why-{key}", "") or ""
    decisions.decide(
        dataset,
        word,
        rows.scope,
        finding=finding,
        why=why,
        value=given,
        column=column,
        place=key,
        checked=True,
    )
    put(f"why-{key}", "")  # a reason belongs to one decision


def _cells(dataset: Dataset, rows: Picked, key: str, finding: str, column: str, suggested: str) -> None:
    """The column, and a button for each action on its cells."""
    actions = [action for action in ACTIONS.values() if action.on == "cells"]
    first = next(action for action in actions if action.needs)
    if not dataset.names:
        return
    with st.popover(first.label, icon=symbol(first), type=_kind(first, suggested)):
        names = list(dataset.names)
        start = column or dataset.roles.target or names[0]
        at = f"relabel-column-{key}"
        st.selectbox("Column", names, names.index(start), key=at, format_func=lambda name: name)
        st.selectbox(
            "New value",
            levels(dataset, value(at) or start),
            None,
            key=f"relabel-value-{key}",
            accept_new_options=True,
            placeholder="Choose or type",
        )
        for action in actions:
            needed = bool(action.needs)
            st.button(
                action.button(count(len(rows), "row" if needed else "cell")),
                key=f"{action.word}-{key}",
                type="primary" if needed else "tertiary",
                help=action.does,
                disabled=needed and value(f"relabel-value-{key}") is None,
                on_click=_decide_cells,
                args=(dataset, action.word, rows, key, finding),
            )


def _decide_cells(dataset: Dataset, word: str, rows: Picked, key: str, finding: str) -> None:
    given = str(value(f"relabel-value-{key}")) if ACTIONS[word].needs else None
    column = value(f"relabel-column-{key}")
    refused = guard.attempt(lambda: check_written(dataset, column, given)) if given is not None else None
    if isinstance(refused, CoreError):
        session().notice = Notice(str(refused))
        return
    _decide(dataset, word, rows, key, finding, given, column)


def _weight(dataset: Dataset, action: Action, rows: Picked, key: str, finding: str, suggested: str) -> None:
    with st.popover(action.label, icon=symbol(action), type=_kind(action, suggested)):
        st.number_input(
            action.label,
            0.0,
            None,
            0.5,
            0.1,
            key=f"weight-value-{key}",
            help="1 is the weight of an ordinary row; 0 mutes it.",
        )
        st.button(
            action.button(count(len(rows), "row")),
            key=f"{action.word}-{key}",
            type="primary",
            help=action.does,
            on_click=_decide_weight,
            args=(dataset, action.word, rows, key, finding),
        )


def _decide_weight(dataset: Dataset, word: str, rows: Picked, key: str, finding: str) -> None:
    _decide(dataset, word, rows, key, finding, float(value(f"weight-value-{key}")))


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
                    args=(finding.key, why),
                )
        else:
            st.button(
                ACTIONS["reopen"].label,
                key=f"reopen-{key}",
                icon=symbol(ACTIONS["reopen"]),
                on_click=decisions.reopen,
                args=(finding.key,),
            )
            st.caption(findings.accepted_by(acceptance), width="content")


def mend(dataset: Dataset, finding: Finding, key: str) -> None:
    """The button that does what the finding asks for, quieter for a note and where its advice depends on what
    a person finds out first; that it is done, where it is so already. Rows that a score would drop can be
    looked at first.
    """
    loud = finding.severity != "info" and not finding.conditional
    if fixes.label(finding) and not fixes.label(fixes.unless_kept(finding, as_decided.settled(dataset))):
        number = len(finding.rows)
        st.caption(f"You kept {verb(number, 'its row', f'all {count(number)} rows of it')}.")
        answer(f"act-{key}")
        return
    gentler = fixes.looked_at_first(finding)
    if gentler is not None:
        _click(dataset, gentler, f"review-{key}", loud)
    _click(dataset, finding, f"act-{key}", loud and gentler is None)


def _click(dataset: Dataset, finding: Finding, key: str, loud: bool) -> None:
    now = as_decided.settled(dataset)
    kept = len(finding.rows)
    finding = fixes.unless_kept(finding, now)
    kept -= len(finding.rows)
    label = fixes.label(finding)
    if not label:
        return
    if fixes.done(finding, now, dataset):
        st.button(f"Done: {plain(label, LONG)}", key=key, icon=":material/check:", disabled=True)
        answer(key)
        return
    st.button(
        plain(label, LONG),
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
    batch = guard.attempt(lambda: fixes.decisions(dataset, finding))
    why = batch if isinstance(batch, CoreError) else guard.attempt(lambda: as_decided.refused(batch))
    if isinstance(batch, CoreError) or why:
        session().notice = Notice(f"Not done. {why}", place=place, refused=True)
    else:
        text = f"Done: {fixes.label(finding)}." if batch else "There was nothing to do."
        decisions.say(text, *batch, place=place)


def _accept(finding: str, why: str) -> None:
    decisions.accept(finding, value(why, "") or "")


def accepted(finding: str) -> bool:
    """Whether this finding was accepted."""
    return finding in as_decided.accepted()


def name(text: str) -> str:
    """A column's name for a label."""
    return plain(text, 40)
