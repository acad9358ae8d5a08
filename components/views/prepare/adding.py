"""The next step: what to do, to which column, with which settings and in which rows, seen before it is taken;
and the same form for a step that was taken.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeGuard

import streamlit as st

from components import as_decided, decisions, guard, panel
from components.settings_form import knob_widget
from components.state import keep, session
from components.text import cut, plain, tag
from components.views.prepare import changed, step_rows, trials
from components.widgets import actions, layout, reason
from components.widgets.levels import levels
from core.actions import ACTIONS
from core.dataset import Dataset
from core.decision import Batch, Decision
from core.decision_words import in_words
from core.errors import CoreError
from core.filters import Filter
from core.rowset import RowSet
from core.steps import Kind, StepTrial, Work, kinds, numbered, spared, unspared
from core.steps.nearest import NUMBERS
from core.steps.tidy import names_files

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

OWN = "components.views.prepare.kinds"  # a kind of step may have more to its form there, by its name
PREVIEW = 8  # rows
KEY = "prepare"
LATER = "Take it as a rule for later files"


def view(dataset: Dataset, decided: Dataset) -> None:
    """The form at the left, what it would change beside it."""
    st.subheader("Add a step")
    every = kinds()
    left, right = layout.thirds(1, 2, "adding")
    with left:
        word = st.selectbox(
            "What to do",
            sorted(every, key=lambda word: not _fitting(decided, word, every[word])),
            key=f"{KEY}-word",
            format_func=lambda word: ACTIONS[word].label,
        )
        st.caption(f":material/{ACTIONS[word].icon}: {ACTIONS[word].does}")
        column = _column(decided, word, every[word])
        if column is None:
            return
        work = as_decided.work()
        at = f"{KEY}-{word}-{tag(column)}-{session().turn}"
        settings = _settings(decided, word, column, _usual(decided, word, column), at, right)
        rows = step_rows.chosen_rows(decided, every[word], KEY)
        why = reason.field(f"{at}-why")
    if rows is None:
        return
    if isinstance(rows, CoreError):
        with right:
            guard.show(rows)
        return
    with right:
        learned = _beyond(work, word, column, settings, {}, at) or {}
        decision = Decision(word, rows, column=column, settings=settings, learned=learned, why=why)
        one = trials.tried((decision,), "new")
        if _sound(one, _untyped(every[word], settings)):
            _take(numbered(decision, one.after.effects.get(one.first), dataset), one.idle)
            _preview(one, f"{at}-{trials.mark((decision,))}")


def editable(batch: Batch) -> bool:
    """Whether a step is one decision by a rule or a filter, or the same one about several columns; beside
    rows that it spares.
    """
    first, (batch, _) = batch[0], unspared(batch)
    alike = all(
        one.action == first.action and one.settings == first.settings and one.rows == first.rows
        for one in batch
    )
    return alike and (first.kind.rule or isinstance(first.rows, Filter))


def edit(event: int, batch: Batch, past: Sequence[Decision], work: Work) -> None:
    """The settings of a step that was taken, what it would change with others, and the button that puts it in
    its place. past: the decisions before it; work: what they made.
    """
    first, (own, _) = batch[0], unspared(batch)
    at = f"edit-{event}-{session().turn}"
    whole = guard.attempt(lambda: _whole(first))
    settings = usual = {} if isinstance(whole, CoreError) else whole
    if first.kind.rule:
        settings = _settings(work.data, first.action, first.column, first.settings, at)
    same = settings == usual
    learned = _beyond(work, first.action, first.column, settings, first.learned, at)
    rows = step_rows.rows_again(first, at)
    if isinstance(rows, CoreError):
        guard.show(rows)
        return
    kept = [one.learned if same and learned is None else learned or {} for one in own]
    new = tuple(_again(one, settings, known, rows) for one, known in zip(own, kept, strict=True))
    if new == tuple(_again(one, usual, one.learned, one.rows) for one in own):
        st.caption("Change a setting to see what would be different.")
        return
    one = trials.tried(new, "edited", past)
    if _sound(one):
        st.button(
            LATER if one.idle else "Put it in place",
            icon=":material/check:",
            key=f"{at}-take",
            type="primary",
            help="The steps after it follow on what it leaves then. Undo brings the former one back.",
            on_click=decisions.edit,
            args=(event, f"Changed: {in_words(new)}.", batch, *spared(one.before, new)),
        )
        st.markdown("It would then: " + changed.summary(one))


def _again(
    one: Decision, settings: Mapping[str, Any], learned: Mapping[str, Any], rows: RowSet | Filter
) -> Decision:
    """The same decision otherwise, to be signed anew."""
    return replace(one, settings=dict(settings), learned=dict(learned), rows=rows, who="", when="")


def _fitting(decided: Dataset, word: str, kind: Kind) -> tuple[str, ...]:
    """The columns that such a step can be about; (""), the whole table, where it is about no column."""
    if ACTIONS[word].on == "table":
        return ("",)
    fitting = tuple(column.name for column in decided.columns if kind.takes(column))
    if word != "tidy":
        return fitting
    return tuple(name for name in fitting if not _names_files(decided, name))


def _names_files(decided: Dataset, column: str) -> bool:
    """Whether a column of text holds names of image files, which stay as they are."""
    key = (f"names files in {decided.version}", column)
    return keep(key, lambda: names_files(decided.table([column]).column(0).unique()))


def _column(decided: Dataset, word: str, kind: Kind) -> str | None:
    """The column that the step is about; "" for the whole table, None where there is none that fits."""
    if ACTIONS[word].on == "table":
        return ""
    fitting = _fitting(decided, word, kind)
    if word == "fill":  # those with gaps first, those without a value last: there is nothing to learn from
        fitting = tuple(sorted(fitting, key=lambda name: _to_fill(decided, name)))
    if not fitting:
        wanted = ", ".join(kind.columns) + (" (as text)" if kind.text else "")
        st.info(f"No column is of a kind that this works on: {wanted}.", icon=":material/info:")
        return None
    chosen: str = st.selectbox(
        "Column",
        fitting,
        key=f"{KEY}-column-{'-'.join(kind.columns)}-{tag(','.join(fitting))}",
        format_func=lambda name: f"{cut(name, 60)} · {decided[name].kind}",
    )
    return chosen


def _to_fill(decided: Dataset, column: str) -> int:
    """The place of a column among those that gaps can be filled in."""
    gaps = decided.table([column]).column(0).null_count
    return 2 if gaps == decided.rows else int(not gaps)


def _usual(decided: Dataset, word: str, column: str) -> dict[str, Any]:
    """Settings to begin with, where those of the kind do not suit the column."""
    if word == "fill" and decided[column].stored not in NUMBERS:
        return {"how": "most frequent"}
    return {}


def _settings(
    data: Dataset,
    word: str,
    column: str,
    given: Mapping[str, Any],
    key: str,
    wide: DeltaGenerator | None = None,
) -> dict[str, Any]:
    """The settings as a form, made from what the kind of step declares: those that count beside the others.
    wide: the place for a table to type rows in.
    """
    kind = kinds()[word]
    usual = guard.attempt(lambda: kind.settings.of(given))
    now = kind.settings() if isinstance(usual, CoreError) else usual
    offered = levels(data, column) if column in data.names else []
    chosen: dict[str, Any] = {}
    for field, knob in kind.settings.knobs().items():
        if not kind.asks(field, chosen):
            if field in given and kind.never_asks(field):
                chosen[field] = given[field]
            continue
        with wide if knob.listed and wide is not None else contextlib.nullcontext():
            chosen[field] = knob_widget(f"{key}-{field}", knob, getattr(now, field), data, offered)
    return {name: list(one) if isinstance(one, tuple) else one for name, one in chosen.items()}


def _whole(decision: Decision) -> dict[str, Any]:
    """The settings of a decision as its form has them, those that it does not name as they are by default.
    Raises `SettingError`.
    """
    kind = kinds().get(decision.action)
    if kind is None:
        return {}
    every = kind.settings.of(decision.settings).to_json()
    kept = {field for field in decision.settings if kind.never_asks(field)}
    return {field: given for field, given in every.items() if field in kept or kind.asks(field, every)}


def _beyond(
    work: Work, word: str, column: str, settings: Mapping[str, Any], learned: Mapping[str, Any], key: str
) -> Mapping[str, Any] | None:
    """What is chosen beyond the settings, where this kind of step has such; None for others."""
    own = panel.part(OWN, word)
    if own is None:
        return None
    chosen: Mapping[str, Any] = own.view(work, column, settings, learned, key)
    return chosen


def _untyped(kind: Kind, settings: Mapping[str, Any]) -> bool:
    """Whether the form asks for something to be typed and all of it is still empty: nothing is wrong yet."""
    knobs = kind.settings.knobs()
    typed = [given for field, given in settings.items() if knobs[field].typed or knobs[field].listed]
    return bool(typed) and not any(typed)


def _sound(one: StepTrial | None, untyped: bool = False) -> TypeGuard[StepTrial]:
    """Whether the step can be followed; says in one sentence why not, as what is to be done where nothing was
    typed yet. None: not known yet.
    """
    if one is not None and one.passed:
        told = plain(" ".join(one.passed), 500)
        if untyped:
            st.caption(f":material/keyboard: {told}")
        else:
            st.warning(told, icon=":material/block:")
    return one is not None and not one.passed


def _take(decision: Decision, idle: bool) -> None:
    """The button, which says so where the step would change nothing in these data."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            LATER if idle else "Take this step",
            icon=f":material/{ACTIONS[decision.action].icon}:",
            key=f"{KEY}-take",
            type="secondary" if idle else "primary",
            on_click=_taken,
            args=(decision,),
        )
        if idle:
            st.caption("Nothing changes here.", width="content")
        actions.answer(f"{KEY}-take")


def _taken(decision: Decision) -> None:
    decisions.say(f"{in_words((decision,))}.", decision, place=f"{KEY}-take")
    step_rows.forget(KEY)


def _preview(one: StepTrial, key: str) -> None:
    for note in one.notes:
        st.caption(f":material/info: {plain(note, 400)}")
    changed.view(one, key, PREVIEW, only_changed=True, told=not one.idle)
