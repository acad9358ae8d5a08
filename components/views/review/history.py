"""The history of the review page: who decided what, when and why; undo back to any point."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

import streamlit as st

from components import as_decided, decisions, guard, results
from components.state import keep, session
from components.text import cut, plain
from components.widgets import layout, rows
from core.catalog import analyses
from core.dataset import Dataset
from core.decision_words import in_words
from core.errors import CoreError
from core.finding_words import key_in_words
from core.phrases import count, verb
from core.review import Review
from core.rowset import RowSet
from core.steps import already

if TYPE_CHECKING:
    import pandas as pd

    from core.decision_log import LogEntry

WIDTHS = {"Who": (50, 90), "What": (90, 300)}  # pixels at least and at most
STEP = "Its number, as on Prepare. Decisions that change no data are no steps and have none."
WIDE = 650  # pixels of these and of why, beside the columns of one width


def view(dataset: Dataset) -> None:
    """Newest first; a ticked step can be switched off and on alone, gone back to, and its rows looked at."""
    entries = guard.attempt(decisions.history)
    if isinstance(entries, CoreError):
        guard.show(entries)
        return
    if not entries:
        st.caption("Nothing was decided yet. What you decide is listed here, and can be undone step by step.")
        return
    latest, titles = list(reversed(entries)), _titles(dataset)
    st.caption(amount_in_words(session().review, sum(entry.undone for entry in entries)))
    table = _table(latest, titles, dataset.names)
    wide = _widths(table)
    event = st.dataframe(
        table.assign(Why=[layout.beginning(text, wide["Why"] - layout.CELL) for text in table["Why"]]),
        hide_index=True,
        placeholder="–",
        key=f"history-{dataset.version}-{session().turn}",
        on_select="rerun",
        selection_mode="single-row",
        column_config=_config(wide),
        height=min(len(latest), 14) * 35 + 40,
        alt=f"{count(len(latest), 'decision')} of the review, newest first",
    )
    picked = (
        latest[event.selection.rows[0]]
        if event.selection.rows and event.selection.rows[0] < len(latest)
        else None
    )
    _buttons(picked)
    if picked is not None:
        if picked.batch[0].kind.on == "findings" or len({one.action for one in picked.batch}) > 1:
            st.caption(plain(_what(picked), 1_000))  # which the table cuts
        if told := _told(picked, titles, dataset.names):
            st.caption(f"Why: {plain(told, 1_000)}")
        _rows(dataset, picked)


def amount_in_words(review: Review, undone: int) -> str:
    """How many of the lines are steps, as every page counts them, how many other decisions, and how many were
    undone.

    >>> from core.decision import Decision
    >>> review = Review().say(Decision("drop", RowSet([1]))).say(Decision("keep", RowSet([2])))
    >>> amount_in_words(review, 1)
    '1 step and 1 other decision, which changes no data; 1 undone.'
    >>> amount_in_words(review.undo(), 0), amount_in_words(Review(), 2)
    ('1 step.', 'Nothing is in force; 2 undone.')
    """
    others = len(review.batches) - len(review.changing)
    which = f", which {verb(others, 'changes', 'change')} no data" if others and review.changing else ""
    told = f"{review.amount}{which}" if review.batches else "Nothing is in force"
    return f"{told}; {count(undone)} undone." if undone else f"{told}."


def _numbers() -> dict[int, int]:
    """Entry of a step in force -> its number, as on Prepare."""
    standing = [entry for entry in decisions.history() if not entry.undone]
    places = [place for place in session().review.changing if place < len(standing)]
    on = [standing[place].event for place in places if not standing[place].off]
    return {event: number for number, event in enumerate(on, 1)}


def _buttons(picked: LogEntry | None) -> None:
    """What can be done with the step ticked, and with all of them."""
    with st.container(horizontal=True, vertical_alignment="center"):
        off = picked is not None and picked.off
        st.button(
            "Switch on" if off else "Switch off",
            icon=":material/toggle_on:" if off else ":material/toggle_off:",
            key="history-switch",
            help="This step alone; the others stay as they are.",
            disabled=picked is None or picked.undone,
            on_click=decisions.switch,
            args=(picked.event if picked else 0, off),
        )
        st.button(
            "Undo everything after this line",
            icon=":material/settings_backup_restore:",
            key="undo-to",
            disabled=picked is None or picked.undone,
            on_click=decisions.undo_to,
            args=(picked.event if picked else 0,),
        )
        st.button(
            "Undo all",
            icon=":material/undo:",
            key="undo-all",
            disabled=not session().review.acts,
            on_click=decisions.undo_to,
            args=(0,),
        )
        if picked is None:
            st.caption(
                "Tick a line to see its reason and rows, to switch it off alone, or to go back to it.",
                width="content",
            )


def _rows(dataset: Dataset, step: LogEntry) -> None:
    """The rows that a step is about, as loaded."""
    key = ("rows of", dataset.version, session().turn, step.event)
    ids = guard.attempt(lambda: keep(key, lambda: (touched(dataset, step) | _by_rules(step)).ids))
    if isinstance(ids, CoreError):
        guard.show(ids)
        return
    ids = ids[ids < dataset.rows]  # rows that steps added are not in the data as loaded
    if ids.size:
        st.markdown(f"**The rows of this step**, as loaded: {count(ids.size, 'row')}")
        columns = [decision.column for decision in step.batch if decision.column in dataset.names]
        rows.listing(dataset, ids, f"step-{step.event}", first=list(dict.fromkeys(columns)))


def touched(dataset: Dataset, step: LogEntry) -> RowSet:
    """The rows that the decisions of a step name; those of a filter as the data are loaded."""
    union = RowSet()
    for decision in step.batch:
        if not decision.kind.rule:
            named = decision.rows if isinstance(decision.rows, RowSet) else decision.rows.rows(dataset)
            union = union | named
    return union


def _by_rules(step: LogEntry) -> RowSet:
    """The rows that the rules of a step changed, where it is in force."""
    standing = [entry.event for entry in decisions.history() if not entry.undone]
    review, settled = session().review, as_decided.settled()
    union = RowSet()
    for place, number in enumerate(review.steps):
        if number < len(standing) and standing[number] == step.event and place in settled.effects:
            union = union | settled.effects[place].rows
    return union


def _table(entries: list[LogEntry], titles: Mapping[str, str], columns: Collection[str]) -> pd.DataFrame:
    import pandas as pd

    so, numbers = _so_already(), _numbers()
    return pd.DataFrame(
        {
            "Step": pd.array([numbers.get(e.event) for e in entries], "Int64"),
            "State": [_state(e) for e in entries],  # first, as the columns behind may be out of sight
            "When (UTC)": pd.to_datetime([e.when for e in entries], format="ISO8601", utc=True),
            "Who": [cut(e.who, 40) for e in entries],
            "What": [cut(f"{_what(e)}{so.get(e.event, '')}", 160) for e in entries],
            "Why": [_told(e, titles, columns) for e in entries],
        }
    )


def _so_already() -> dict[int, str]:
    """Entry of a step in force -> how many of its rows were so before it, in words, behind what it did."""
    standing = [entry for entry in decisions.history() if not entry.undone]
    settled, places = as_decided.settled(), dict[int, list[int]]()
    for place, step in enumerate(session().review.steps):
        places.setdefault(step, []).append(place)
    told = {
        standing[step].event: already(standing[step].batch, at, settled)
        for step, at in places.items()
        if step < len(standing)
    }
    return {event: f"; {words}" for event, words in told.items() if words}


def _widths(table: pd.DataFrame) -> dict[str, int]:
    """Widths of the texts that fit a page of 1,400 pixels; what is longer stands in full below, of the step
    that is ticked.
    """
    who, what = (layout.text_width([head, *table[head]], *WIDTHS[head]) for head in ("Who", "What"))
    return {"Who": who, "What": what, "Why": WIDE - who - what}


def _config(wide: Mapping[str, int]) -> dict[str, Any]:
    make = st.column_config
    return {
        "Step": make.NumberColumn(format="%d", width=50, help=STEP),
        "State": make.TextColumn(width=70),
        "When (UTC)": make.DatetimeColumn(format="YYYY-MM-DD HH:mm:ss", width=150),
        "Who": make.TextColumn(width=wide["Who"]),
        "What": make.TextColumn(width=wide["What"]),
        "Why": make.TextColumn(width=wide["Why"], help="As it was given; else what was found then."),
    }


def _what(entry: LogEntry) -> str:
    """What a step did; a decision about one finding by the title that this had then, where it is known.

    >>> from core.decision_log import entry_of
    >>> from core.decision import Decision
    >>> then = Decision("accept", RowSet(), finding="missing:age", settings={"title": "'age' is missing"})
    >>> _what(entry_of(1, (then,), undone=False))
    "Accepted: 'age' is missing"
    >>> _what(entry_of(1, (Decision("accept", RowSet(), finding="missing:age"),), undone=False))
    "Accepted missing: 'age'"
    """
    first = entry.batch[0]
    title = str(first.settings.get("title", ""))
    if (
        first.kind.on == "findings"
        and title
        and all(one.settings.get("title") == title for one in entry.batch)
    ):
        return f"{first.kind.done.format('').strip()}: {title}"
    return in_words(entry.batch, named=True)


def _state(entry: LogEntry) -> str:
    if entry.undone:
        return "undone"
    return "off" if entry.off else "in force"


def _told(entry: LogEntry, titles: Mapping[str, str], columns: Collection[str] = ()) -> str:
    """Why a step was taken: the reason that was given, and behind it the kind of finding that led to it; the
    finding's title where no other reason was given. Of a decision about a finding the reason alone: what it
    did names the finding. titles: of the findings known now, by their keys.
    columns: the names that a key may hold; () where they are not known.

    >>> from dataclasses import replace
    >>> from core.decision_log import entry_of
    >>> from core.decision import Decision
    >>> entry = entry_of(1, (Decision("drop", RowSet([3]), finding="missing:age"),), undone=False)
    >>> _told(entry, {"missing:age": "'age' is missing in 9% of rows"}), _told(entry, {})
    ("'age' is missing in 9% of rows", "missing: 'age'")
    >>> _told(replace(entry, why="known"), {"missing:age": "'age' is missing in 9% of rows"})
    "known (missing: 'age')"
    >>> _told(entry_of(1, (Decision("accept", RowSet(), why="known", finding="missing:age"),), False), {})
    'known'
    """
    key = next((d.finding for d in entry.batch if d.finding and d.kind.on != "findings"), "")
    words = key_in_words(key, columns)
    title = titles.get(key, words)
    if not key or entry.why == title:
        return entry.why
    return f"{entry.why} ({words})" if entry.why and entry.why != key else title


def _titles(dataset: Dataset) -> dict[str, str]:
    """What the findings say that are known of the data as loaded, or were found after some steps, by their
    keys.
    """

    def work() -> dict[str, str]:
        known = results.so_far(dataset, *analyses()).values()
        later = [f for looks in session().looks.values() for look in looks.values() for f in look.findings]
        found = [*later, *dataset.loading, *(finding for one in known for finding in one.findings)]
        return {finding.key: finding.title for finding in found}

    return keep(("titles", results.turn(dataset), session().turn), work, newest=True)
