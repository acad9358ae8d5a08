"""What is asked before a row of the queue is dropped or given another label: the same key or button once more
does it all the same. What was answered once is not asked again in this tab.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st

from components import as_decided, results
from components.state import session
from components.text import plain
from core.actions import ACTIONS
from core.dataset import Dataset
from core.prepare import guard_rails
from core.rowset import RowSet


def held_back(dataset: Dataset, word: str, rows: RowSet, label: str) -> bool:
    """Whether the decision waits for an answer; the second time it does not."""
    chosen = session().chosen
    answered: set[str] = chosen.setdefault(("answered", dataset.fingerprint), set())
    asked = (session().turn, word, rows, label)
    told = [one for one in speaking_against(dataset, word, rows) if one not in answered]
    if told and chosen.get("asked", ((), ()))[0] != asked:
        chosen["asked"] = (asked, tuple(told))
        return True
    answered.update(told)
    chosen.pop("asked", None)
    return False


def speaking_against(dataset: Dataset, word: str, rows: RowSet) -> tuple[str, ...]:
    """What a person would want to know before an action on rows of the data as loaded."""
    action = ACTIONS[word]
    if action.needs == "label":
        return guard_rails.labels(dataset, rows)
    if not action.status or action.exported:
        return ()
    return guard_rails.warnings(dataset, rows, as_decided.settled(dataset).dropped, _groups(dataset))


def _groups(dataset: Dataset) -> list[Any]:
    """The group of every row, by each way in which rows are equal, as far as that is known."""
    found = []
    for name in ("duplicates", "nearduplicates"):
        outcome = results.worked_out(dataset, name)
        result: Any = None if outcome is None else outcome.result
        if result is None:
            continue
        group = np.asarray(result.exact.group if name == "duplicates" else result.group)
        found.append(dataset.with_copies(group, -1))
    return found


def view(row: int) -> None:
    """What is asked about the row in focus."""
    (turn, word, rows, _), told = session().chosen.get("asked", ((-1, "", RowSet(), ""), ()))
    if turn != session().turn or row not in rows:
        return
    again = f"{ACTIONS[word].label} once more does it all the same; skip leaves the row as it is."
    st.warning("\n\n".join(plain(one, 400) for one in (*told, again)), icon=":material/warning:")
