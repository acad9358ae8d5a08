"""What is asked before rows are dropped or given other labels, in whichever list or gallery: the same key or
button once more does it anyway. What was answered once is not asked again in this tab.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import streamlit as st

from components import as_decided, results
from components.state import session
from components.text import plain
from core.actions import ACTIONS
from core.dataset import Dataset
from core.phrases import count, verb
from core.prepare import guard_rails
from core.rowset import RowSet

QUEUE = "queue"


class Asked(NamedTuple):
    """What waits for an answer. place: key of the bar or button that was clicked, `QUEUE` for a card of the
    queue. rows: positions in the source.
    """

    turn: int
    place: str
    word: str
    rows: RowSet
    label: str


def held_back(dataset: Dataset, word: str, rows: RowSet, label: str = "", place: str = QUEUE) -> bool:
    """Whether the decision about rows of ``dataset`` waits for an answer; the second time it does not."""
    chosen, loaded = session().chosen, dataset.base or dataset
    answered: set[str] = chosen.setdefault(("answered", loaded.fingerprint), set())
    there = _loaded(dataset, rows)
    asked = Asked(session().turn, place, word, there, label)
    told = [one for one in speaking_against(loaded, word, there) if one not in answered]
    if told and chosen.get("asked", (None, ()))[0] != asked:
        chosen["asked"] = (asked, tuple(told))
        return True
    answered.update(told)
    chosen.pop("asked", None)
    return False


def _loaded(dataset: Dataset, rows: RowSet) -> RowSet:
    """These rows as positions in the data as loaded, without those that a step added."""
    there = dataset.source_rows(rows).ids
    return RowSet(there[there < (dataset.base or dataset).rows])


def withdraw(dataset: Dataset, rows: RowSet, place: str) -> None:
    """What is asked at this bar goes where other rows are selected by now."""
    asked = _waiting(place)
    if asked is not None and asked.rows != _loaded(dataset, rows):
        session().chosen.pop("asked", None)


def speaking_against(dataset: Dataset, word: str, rows: RowSet) -> tuple[str, ...]:
    """What a person would want to know before an action on rows of the data as loaded."""
    action = ACTIONS[word]
    if action.needs == "label":
        return guard_rails.labels(dataset, rows)
    if not action.status or action.exported:
        return ()
    now = as_decided.work()  # labels as they are by now, and rows added behind those of the source
    gone = RowSet.from_mask(~now.kept)
    kept = len(rows & as_decided.settled().by(ACTIONS["keep"])) if len(rows) > 1 else 0
    told = f"{count(kept)} of {count(len(rows), 'row')} {verb(kept, 'was', 'were')} kept by hand."
    return (told,) * (kept > 0) + guard_rails.warnings(
        now.data, rows, gone, *(_longer(one, now.rows) for one in _groups(dataset))
    )


def _longer(group: Any, rows: int) -> Any:
    """The same for rows added, too, which are of no group."""
    return None if group is None else np.append(group, np.full(rows - len(group), -1))


def _groups(dataset: Dataset) -> tuple[Any, Any]:
    """The group of every row among rows that are equal in all but identifiers, and among near-duplicates;
    None where that is not known.
    """
    equal, near = (_result(dataset, name) for name in ("duplicates", "nearduplicates"))
    return (
        None if equal is None else dataset.with_copies(equal.shown.group, -1),
        None if near is None else dataset.with_copies(near.group, -1),
    )


def _result(dataset: Dataset, name: str) -> Any:
    outcome = results.worked_out(dataset, name)
    return None if outcome is None else outcome.result


def in_words(word: str) -> str:
    """What answers the question that was just asked before this action, and why it was."""
    return f"{ACTIONS[word].label} once more does it anyway. {' '.join(session().chosen['asked'][1])}"


def view(row: int) -> None:
    """What is asked about the row in focus."""
    asked = _waiting(QUEUE)
    if asked is not None and row in asked.rows:
        _show(f"{ACTIONS[asked.word].label} once more does it anyway; skip leaves the row as it is.")


def beside(place: str) -> None:
    """What is asked where the bar or button with this key was clicked."""
    if _waiting(place) is not None:
        _show("Click once more to do it anyway.")


def words(otherwise: str, place: str, word: str, rows: RowSet | None = None, label: str | None = None) -> str:
    """The words of a button: what its second click does while it is asked whether that is meant. rows,
    label: what else must be what was asked about, in a place that has several such buttons.
    """
    asked = _waiting(place)
    same = asked is not None and asked.word == word
    if not same or rows not in (None, asked.rows) or label not in (None, asked.label):
        return otherwise
    return f"{ACTIONS[word].label} anyway"


def _waiting(place: str) -> Asked | None:
    asked: Asked | None = session().chosen.get("asked", (None, ()))[0]
    return asked if asked is not None and (asked.turn, asked.place) == (session().turn, place) else None


def _show(again: str) -> None:
    told = session().chosen["asked"][1]
    st.warning("\n\n".join(plain(one, 400) for one in (*told, again)), icon=":material/warning:")
