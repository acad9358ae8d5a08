"""The bar that turns selected rows into decisions, and the answer to the last click."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import streamlit as st

from components import decisions, guard
from components.state import Notice, put, session, value
from components.text import plain
from components.widgets import answered, asking, reason, to_review
from components.widgets.levels import levels
from components.widgets.picked import Picked
from core.actions import ACTIONS, Action
from core.dataset import Dataset
from core.errors import CoreError
from core.finding import Finding
from core.phrases import count
from core.prepare import fixes
from core.rowset import RowSet
from core.steps import check_written

RULE = "The decision keeps the filter, not the numbers of the rows, and holds for other data too."


def bar(
    dataset: Dataset,
    rows: Picked | RowSet,
    key: str,
    finding: Finding | None = None,
    suggested: str = "",
    column: str = "",
    relabelling: Callable[[], None] | None = None,
) -> None:
    """The answer to the last click here and, where rows are selected, a button for everything that can be
    decided about them, with a reason, which is what the finding says where none is typed. suggested: the
    action whose button is filled; where that drops rows, or rows of the finding are to be looked at first,
    the one that has them looked at, or the way to them where they wait for that already. relabelling: draws
    what else can be done where labels are written.
    """
    first = None if finding is None else fixes.looked_at_first(finding)
    suggested = "defer" if suggested == "drop" or first is not None else suggested
    rows = Picked(rows) if isinstance(rows, RowSet) else rows
    asking.withdraw(dataset, rows.rows, key)
    answer(key)
    if not len(rows):
        if rows.among:
            st.caption("Select rows to decide about them.")
        return
    with st.container(border=True, key=f"bar-{key}"):
        with st.container(horizontal=True, vertical_alignment="center"):
            rule = "" if rows.rule is None else f" :small[:gray[as a rule: {plain(rows.rule.words, 200)}]]"
            st.markdown(
                f"**{count(len(rows), 'row')} selected**{rule}", width="content", help=RULE if rule else None
            )
            reason.field(f"why-{key}", 320)
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            _statuses(dataset, rows, key, finding, suggested)
            _cells(dataset, rows, key, finding, column, suggested, relabelling)
            for action in ACTIONS.values():
                if action.needs == "weight":
                    _weight(dataset, action, rows, key, finding, suggested)


def _statuses(dataset: Dataset, rows: Picked, key: str, finding: Finding | None, suggested: str) -> None:
    """A button for each status of rows; before the one that sends them to review the way to them, where that
    is suggested and all of them wait already.
    """
    all_wait = suggested == "defer" and len(to_review.waiting_of(dataset, rows.rows)) == len(rows)
    for action in ACTIONS.values():
        if not action.status:
            continue
        if action.word == "defer" and all_wait:
            to_review.door(dataset, rows.rows, f"open-{key}", True)
        st.button(
            asking.words(action.label, key, action.word),
            icon=symbol(action),
            key=f"{action.word}-{key}",
            type=_kind(action, "" if all_wait else suggested),
            help=action.does,
            on_click=_decide,
            args=(dataset, action.word, rows, key, finding),
        )


def answer(key: str) -> bool:
    """What was decided last, with what takes it back, where the click was on the bar or button with this key,
    or what is asked before that; whether it says that something was done.
    """
    asking.beside(key)
    notice = session().notice
    if notice is None or notice.place != key or notice.answered or not notice.here:
        return False
    if notice.refused:
        notice.answered = notice.seen = True
        st.warning(plain(notice.text, 500), icon=":material/block:")
    if notice.back is None:
        return False
    notice.answered = notice.seen = True
    answered.line(notice, key)
    return notice.label == "Undo"


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
    finding: Finding | None,
    given: str | float | None = None,
    column: str = "",
) -> None:
    if asking.held_back(dataset, word, rows.rows, "" if given is None else str(given), key):
        return
    why = (value(f"why-{key}", "") or "").strip() or (finding.title if finding else "")
    decisions.decide(
        dataset,
        word,
        rows.scope,
        finding=finding.key if finding else "",
        why=why,
        value=given,
        column=column,
        place=key,
        checked=True,
    )
    put(f"why-{key}", "")  # a reason belongs to one decision


def _cells(
    dataset: Dataset,
    rows: Picked,
    key: str,
    finding: Finding | None,
    column: str,
    suggested: str,
    relabelling: Callable[[], None] | None,
) -> None:
    """The column, and a button for each action on its cells."""
    actions = [action for action in ACTIONS.values() if action.on == "cells"]
    first = next(action for action in actions if action.needs)
    if not dataset.names:
        return
    with st.popover(first.label, icon=symbol(first), type=_kind(first, suggested)):
        if relabelling is not None:
            relabelling()
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
            plainly = action.button(count(len(rows), "row" if needed else "cell"))
            new = str(value(f"relabel-value-{key}"))
            st.button(
                asking.words(plainly, key, action.word, label=new) if needed else plainly,
                key=f"{action.word}-{key}",
                type="primary" if needed else "tertiary",
                help=action.does,
                disabled=needed and value(f"relabel-value-{key}") is None,
                on_click=_decide_cells,
                args=(dataset, action.word, rows, key, finding),
            )


def _decide_cells(dataset: Dataset, word: str, rows: Picked, key: str, finding: Finding | None) -> None:
    given = str(value(f"relabel-value-{key}")) if ACTIONS[word].needs else None
    column = value(f"relabel-column-{key}")
    refused = guard.attempt(lambda: check_written(dataset, column, given)) if given is not None else None
    if isinstance(refused, CoreError):
        session().notice = Notice(f"Not done. {refused}", place=key, refused=True)
        return
    _decide(dataset, word, rows, key, finding, given, column)


def _weight(
    dataset: Dataset, action: Action, rows: Picked, key: str, finding: Finding | None, suggested: str
) -> None:
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


def _decide_weight(dataset: Dataset, word: str, rows: Picked, key: str, finding: Finding | None) -> None:
    _decide(dataset, word, rows, key, finding, float(value(f"weight-value-{key}")))
