"""The queue of the review page: one row, why it is here, and one key to decide."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import numpy as np
import streamlit as st

from components import (
    address,
    as_decided,
    attention,
    badge,
    decisions,
    guard,
    panel,
    results,
    waiting,
    waiting_in_words,
)
from components.judged import not_looked
from components.state import Notice, session, value
from components.text import cut, level, plain
from components.views.review import card, evidence, top
from components.views.review.own_reason import own_reason
from components.views.review.queued import Queue, queue_of, same_rows
from components.widgets import actions, asking, key_presses, layout, reason
from components.widgets.levels import levels
from core.actions import ACTIONS, keyed
from core.catalog import detectors
from core.dataset import Dataset
from core.decision import Decision
from core.decision_words import in_words
from core.finding import Finding
from core.phrases import count, listed, name, verb
from core.prepare import fixes
from core.prepare.classes import holds_numbers
from core.rowset import RowSet
from core.steps import trial

LABELS = 10  # most labels with a key
DIGITS = "1234567890"
MOVES = {"S": 1, "ArrowRight": 1, "ArrowLeft": -1}
UNDO = "U"
CONFIRMS = "only rows decided one by one count: drop and relabel confirm, keep dismisses"


def view(dataset: Dataset) -> None:
    """The focused card, or a word that nothing waits."""
    outcomes = waiting.outcomes(dataset)
    if outcomes is None:
        return
    badge.refresh()
    partly = panel.unfinished(dataset, outcomes.values())
    queue = queue_of(dataset, outcomes)
    if not queue.open.size and not any(outcome.result_is_in for outcome in outcomes.values()):
        return
    keys = [*keyed(), *MOVES, UNDO, *(DIGITS if _labels(dataset) else "")]
    key_presses.listen("queue-keys", keys, lambda pressed: _heard(dataset, pressed))
    if not queue.open.size:
        _empty(dataset, queue, partly)
        return
    _arrived(queue)
    st.progress(
        1 - queue.open.size / queue.total,
        text=f"{count(queue.decided)} of {count(queue.total)} decided{_resolved(queue)}, of the rows as "
        f"loaded · showing {count(queue.at + 1)} of the {count(int(queue.open.size))} left"
        f"{_of_labels(len(queue.there.alone), int(queue.open.size))}{_precise(queue)}",
    )
    _left_out(queue)
    if told := waiting_in_words.of_labels(dataset):
        st.caption(f":material/info: {told}")
    _labels_door(dataset)
    left, right = layout.thirds(2, 1, "queue")
    with left, st.container(border=True, key="card"):
        st.markdown(f"##### Row {queue.row}")
        evidence.picture(dataset, queue.row)
        if dataset.pictures is not None:
            evidence.near(dataset, queue.row, queue.rows, outcomes)
        card.values(dataset, queue.row, queue.reasons, outcomes)
    with right:
        card.reasons(dataset, queue.row, queue.reasons, outcomes, queue.verdicts)
        evidence.label(dataset, queue.row)
        evidence.copies(dataset, queue.row, outcomes)
        _buttons(dataset, queue)
    _move(dataset, queue)
    if dataset.pictures is None:
        evidence.near(dataset, queue.row, queue.rows, outcomes)
    top.view(dataset, queue.open, queue.asking)


def _resolved(queue: Queue) -> str:
    """How many rows are done without a decision about them."""
    some = len(queue.there.resolved)
    return f", {count(some)} no longer flagged" if some else ""


def _left_out(queue: Queue) -> None:
    """Which rows do not wait, as decisions resolved them, or do as it is not known whether they did."""
    words = (waiting_in_words.resolved(queue.there), waiting_in_words.not_resolved(queue.there))
    for one in filter(None, words):
        st.caption(f":material/info: {one}")


def _of_labels(alone: int, left: int) -> str:
    """How many of the rows left nothing flags: they are there because their label may be wrong.

    >>> _of_labels(339, 339), _of_labels(1, 339), _of_labels(1, 1), _of_labels(0, 5)
    (' (all for their label alone)', ' (1 for its label alone)', ' (for its label alone)', '')
    """
    if not alone:
        return ""
    some = f"{count(alone)} " if alone < left else "all " * (alone > 1)
    return f" ({some}for {verb(alone, 'its', 'their')} label alone)"


def _precise(queue: Queue) -> str:
    """How many of the rows decided one by one were confirmed, and what confirms; those decided together count
    in how many are decided, and not here.
    """
    precision = str(queue.verdicts.of(queue.rows))
    return f" · {precision} ({CONFIRMS})" if precision else ""


def _arrived(queue: Queue) -> None:
    """Go to the row that the address names, where it has just led here, or to the one of which a decision was
    taken back; note the one in focus.
    """
    chosen, edition = session().chosen, session().place.edition
    row = chosen.pop("queue row", None)
    if chosen.get("queue arrived") != edition:
        chosen["queue arrived"], chosen["queue"] = edition, 0
        row = int(address.number("row", 0, 2**53, -1.0))
    if row is not None and row in queue.open:
        chosen["queue"] = int(np.flatnonzero(queue.open == row)[0])
    address.note("row", str(queue.row) if queue.at else "")


def _empty(dataset: Dataset, queue: Queue, partly: bool) -> None:
    """That no row waits; no success where a check is missing, which is said as at the doors to this page."""
    decided, unknown = queue.decided, waiting_in_words.not_known(queue.there)
    words = f"{count(decided, 'row')} decided{_resolved(queue)}, none left"
    words = words if queue.total else "Nothing waits for a decision"
    if partly or unknown or not_looked(dataset):
        told = f"{words} in what was checked. {unknown}".rstrip()
        st.info(plain(told, 400), icon=":material/info:")
        _labels_door(dataset)
    else:
        st.success(f"{words}.", icon=":material/done_all:")
    _left_out(queue)
    decided_now = guard.attempt(lambda: as_decided.decided(dataset))
    if isinstance(decided_now, Dataset) and (more := waiting_in_words.only_as_decided(decided_now)):
        st.caption(f":material/info: {more}")


def _labels_door(dataset: Dataset) -> None:
    """What may be missing here as Labels has not looked, and the page that has it look; and how many findings
    of these data were not looked for again.
    """
    if told := not_looked(dataset):
        earlier = attention.not_again_in_words(as_decided.decided(dataset))
        with st.container(horizontal=True, vertical_alignment="center", key="labels-not-looked"):
            st.markdown(
                f":orange[:material/warning:] {plain(told, 400)}{f' {earlier}.' if earlier else ''}",
                width="content",
            )
            address.link("pages/clean/labels.py", "Check the labels", icon=":material/label:")
            if earlier:
                address.link("pages/clean/prepare.py", "See them on Prepare")


def _labels(dataset: Dataset) -> list[str]:
    """The labels that can be given with a key: the most frequent of the target; none where it is a number."""
    target = dataset.roles.target
    return levels(dataset, target)[:LABELS] if target and not holds_numbers(dataset, target) else []


def label_keys(labels: Sequence[str]) -> dict[str, str]:
    """A digit for each label: a label that is a digit has itself, others their place (0 for the tenth), or
    the next free one.

    >>> label_keys(list("abcdefghij"))["0"], label_keys([str(digit) for digit in range(10)])["9"]
    ('j', '9')
    >>> label_keys(["0", "1"]), label_keys(["no", "yes"]), label_keys(["x", "1.0", "y"])
    ({'0': '0', '1': '1'}, {'1': 'no', '2': 'yes'}, {'1': '1.0', '2': 'x', '3': 'y'})
    """
    keys = {label[0]: label for label in reversed(labels) if re.fullmatch(r"[0-9](\.0+)?", label)}
    for place, label in enumerate(labels, 1):
        if label not in keys.values():
            free = [digit for digit in DIGITS if digit not in keys]
            if free:
                keys[str(place) if str(place) in free else free[0]] = label
    return dict(sorted(keys.items()))


def _heard(dataset: Dataset, key: str) -> None:
    """Do what a key says about the row that is in focus by now."""
    outcomes = results.ready(dataset, *detectors(dataset))
    if outcomes is None:
        return
    queue, labels = queue_of(dataset, outcomes), label_keys(_labels(dataset))
    if key == UNDO and session().review.acts:
        _undo()
    elif not queue.open.size:
        return
    elif key in keyed():
        _decide(dataset, keyed()[key].word, queue.row, queue.cause())
    elif key in labels:
        _decide(dataset, "relabel", queue.row, queue.cause(), labels[key], dataset.roles.target or "")
    elif key in MOVES:
        _step(MOVES[key])
    elif labels:
        session().notice = Notice(no_label(key, labels), refused=True)


def no_label(key: str, labels: Mapping[str, str]) -> str:
    """That no label has this key, and which keys there are.

    >>> no_label("9", {"1": "no", "2": "yes"})
    'No label has the key 9. The keys are 1 (no) and 2 (yes).'
    """
    given = [f"{digit} ({cut(label, 24) or 'empty'})" for digit, label in labels.items()]
    return f"No label has the key {key}. The keys are {listed(given, len(given))}."


def _buttons(dataset: Dataset, queue: Queue) -> None:
    """The reason, and a button for every key. Each is about its row alone: a late click meets no other."""
    row, cause = queue.row, queue.cause()
    asking.view(row)
    reason.field(f"queue-why-{row}")
    with st.container(horizontal=True, gap="small"):
        for key, action in keyed().items():
            st.button(
                f"{asking.words(action.label, asking.QUEUE, action.word, RowSet([row]))} `{key}`",
                icon=actions.symbol(action),
                key=f"queue-{action.word}-{row}",
                type="primary" if action.word == _suggested(cause) else "secondary",
                help=action.does,
                on_click=_decide,
                args=(dataset, action.word, row, cause),
            )
        st.button(
            "Skip `S`", icon=":material/skip_next:", key="queue-skip", on_click=_step, args=(MOVES["S"],)
        )
        st.button(
            f"Undo `{UNDO}`",
            icon=":material/undo:",
            key="queue-undo",
            disabled=not session().review.acts,
            on_click=_undo,
        )
    _label_buttons(dataset, row, cause)


def _suggested(cause: Finding | None) -> str:
    """The action whose button is filled: what the finding asks for, unless that drops the row, which is for
    the person alone to say.
    """
    word = fixes.for_rows(cause) if cause else ""
    return "" if word == "drop" else word


def _label_buttons(dataset: Dataset, row: int, cause: Finding | None) -> None:
    """A button for every label that has a key."""
    target, labels = dataset.roles.target, label_keys(_labels(dataset))
    if target and labels:
        st.caption(f"{ACTIONS['relabel'].label} {plain(target, 40)}")
        with st.container(horizontal=True, gap="small"):
            for key, text in labels.items():
                st.button(
                    f"{_label_words(text, row)} `{key}`",
                    key=f"queue-label-{key}-{row}",
                    on_click=_decide,
                    args=(dataset, "relabel", row, cause, text, target),
                )
    elif not target:
        st.caption("Choose a target on the load page to relabel with one key.")
    elif holds_numbers(dataset, target):
        st.caption(f"{plain(name(target), 60)} holds numbers: tick its line in the table to change one.")
    else:
        st.caption(f"{plain(name(target), 60)} has too many values for one key each.")


def _label_words(text: str, row: int) -> str:
    """A label on its button, and that it is given all the same while it is asked whether that is meant."""
    shown = level(text, 24) or "(empty)"
    asked = asking.words("", asking.QUEUE, "relabel", RowSet([row]), text)
    return f"{shown} anyway" if asked else shown


def _decide(
    dataset: Dataset, word: str, row: int, cause: Finding | None, label: str | None = None, column: str = ""
) -> None:
    """Decide about a row, for the reason that was typed, else what was found for it; keep it where it has
    the label by now. With a new label, a row that was sent to review is kept, too, as it would wait on.
    """
    rows = RowSet([row])
    if word == "relabel":
        column = as_decided.settled().called(column) or column
        if trial(as_decided.work(), (Decision(word, rows, label, column=column),)).idle:
            word, label, column = "keep", None, ""
    if asking.held_back(dataset, word, rows, label or ""):
        session().notice = Notice(f"Not done yet. {asking.in_words(word)}", refused=True)
        return
    why = (value(f"queue-why-{row}", "") or "").strip()
    why = why or (
        own_reason(dataset, row, cause, results.so_far(dataset, *detectors(dataset))) if cause else ""
    )
    finding = cause.key if cause else ""
    batch = [Decision(word, rows, label, why, finding, column)]
    if label is not None and row in as_decided.settled().deferred:
        batch.append(Decision("keep", rows, None, why, finding))
    decisions.say(f"{in_words(batch[:1], named=True)}.", *batch)


def _undo() -> None:
    """Take back what was done last, and go to the row that it was about."""
    last = session().review.acts[-1]
    decisions.undo()
    rows = same_rows(last) if isinstance(last, tuple) else None
    if rows:
        session().chosen["queue row"] = int(rows.ids[0])


def _move(dataset: Dataset, queue: Queue) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            "Previous row",
            icon=":material/arrow_back:",
            key="queue-back",
            disabled=queue.at == 0,
            on_click=_step,
            args=(-1,),
        )
        st.button(
            "Next row",
            icon=":material/arrow_forward:",
            key="queue-next",
            disabled=queue.at >= queue.open.size - 1,
            on_click=_step,
            args=(1,),
        )
        words = [f"**{key}** {action.label.lower()}" for key, action in keyed().items()]
        words += ["a digit for its label"] if _labels(dataset) else []
        st.caption(f"Keys: {', '.join(words)}, **S** skip, **{UNDO}** undo, arrows move.", width="content")


def _step(by: int) -> None:
    chosen = session().chosen
    chosen["queue"] = max(0, chosen.get("queue", 0) + by)
