"""A second reviewer's decisions: how far both agree, where they do not, and what the other adds."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from components import as_decided, decisions, guard
from components.glossary import hint
from components.state import Notice, keep, session, value
from components.text import cut, plain
from components.widgets import actions, layout, uploads
from components.widgets.uploads import Upload
from core.dataset import Dataset
from core.decision import Decision
from core.errors import CoreError
from core.phrases import count
from core.prepare.agreement import Agreement, agreement, shared, taken_over
from core.rowset import RowSet
from core.steps import settle

if TYPE_CHECKING:
    import pandas as pd

PLACE = "second-take"
LISTED = 200  # conflicts listed


def view(dataset: Dataset) -> None:
    """Where to drop the recipe; then agreement, conflicts, and a button for what the other alone decided."""
    st.markdown(
        "Drop the `recipe.json` that a second reviewer exported from the same data. Nothing is taken over "
        "before you say so."
    )
    uploads.trouble()
    key = f"second-{dataset.version}-{session().drafts}"
    st.file_uploader("Recipe of the second reviewer", "json", key=key, on_change=_taken, args=(key, dataset))
    given: Upload | None = session().chosen.get(("second", dataset.fingerprint))
    if given is None:
        return
    theirs = guard.attempt(lambda: _read(dataset, given))
    if isinstance(theirs, CoreError):
        guard.show(theirs)
        return
    own, every = shared(session().review.decisions, theirs)
    if own:
        st.warning(plain(same_in_words(own, every)), icon=":material/person:")
    if own == every > 0:
        return
    found = keep(
        ("agreement", dataset.version, session().turn, given.path),
        lambda: agreement(as_decided.settled().of_source, settle(theirs, dataset).of_source),
        newest=True,
    )
    _agreement(found, given.name)
    _conflicts(found)
    _take(dataset, found, theirs)


def same_in_words(own: int, every: int) -> str:
    """That so many of the other's decisions are those of this review.

    >>> same_in_words(3, 12)
    '3 of 12 decisions are those of this review: same rows, person and time. Agreement on them says nothing.'
    >>> same_in_words(12, 12)
    'The decisions are those of this review: same rows, person and time. Agreement on them says nothing.'
    """
    which = f"{count(own)} of {count(every, 'decision')} are" if own < every else "The decisions are"
    which = "The decision is" if own == every == 1 else which
    return f"{which} those of this review: same rows, person and time. Agreement on them says nothing."


def _taken(key: str, dataset: Dataset) -> None:
    kept = uploads.keep(value(key))
    if kept is not None:
        session().chosen["second", dataset.fingerprint] = kept


def _read(dataset: Dataset, given: Upload) -> tuple[Decision, ...]:
    """The decisions in the file, read once, in a process of its own."""
    from core.loading.reviews import decisions_of

    with st.spinner("Reading the recipe"):
        return keep(
            ("second review", dataset.version, given.path),
            lambda: decisions_of(dataset, given.path, given.name),
        )


def _agreement(found: Agreement, name: str) -> None:
    st.markdown(f"#### {plain(str(found), 300)}")
    places = layout.cells(4, 120)
    places[0].metric("Decided by both", count(found.both))
    places[1].metric(
        "Cohen's kappa", "–" if found.kappa is None else f"{found.kappa:.2f}", help=hint("Cohen's kappa")
    )
    places[2].metric("By you alone", count(len(found.only_mine)))
    places[3].metric("By the other alone", count(len(found.only_theirs)), help=f"In {cut(name, 80)}.")


def _conflicts(found: Agreement) -> None:
    if not found.conflicts:
        return
    st.markdown(
        f"**Conflicts**: {count(len(found.conflicts), 'row')}. Your decision stands until you change it."
    )
    st.dataframe(
        _table(found), hide_index=True, placeholder="–", alt="Rows that the two decided differently, and how"
    )
    if len(found.conflicts) > LISTED:
        st.caption(f"The first {LISTED} are listed.")
    st.button(
        f"Send {count(len(found.conflicts), 'row')} to the queue",
        icon=actions.symbol(actions.ACTIONS["defer"]),
        key="second-conflicts",
        on_click=_send,
        args=(RowSet(list(found.conflicts)),),
    )


def _table(found: Agreement) -> pd.DataFrame:
    import pandas as pd

    lines = [(row, cut(a, 80), cut(b, 80)) for row, (a, b) in list(found.conflicts.items())[:LISTED]]
    return pd.DataFrame(lines, columns=["Row", "You", "The other"])


def _send(rows: RowSet) -> None:
    why = "Two reviewers do not agree"
    decisions.say(f"Sent {count(len(rows), 'row')} to review.", Decision("defer", rows, why=why), place=PLACE)


def _take(dataset: Dataset, found: Agreement, theirs: tuple[Decision, ...]) -> None:
    actions.answer(PLACE)
    more = taken_over(theirs, dataset, found.only_theirs)
    if not more:
        return
    st.button(
        f"Take over the other's decisions on {count(len(found.only_theirs), 'row')}",
        icon=":material/merge:",
        key=PLACE,
        type="primary",
        help="Those that you have not decided, as one step; each keeps the name of who took it.",
        on_click=_merge,
        args=(tuple(more), len(found.only_theirs)),
    )


def _merge(more: tuple[Decision, ...], rows: int) -> None:
    decisions.say_each(more)  # keeps who took each
    back = partial(decisions.undo, session().review)
    session().notice = Notice(f"Took over decisions on {count(rows, 'row')}.", back=back, place=PLACE)
