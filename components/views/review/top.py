"""The first rows of the queue decided at once, as their findings suggest: a preview, one step, one undo."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from components import as_decided, decisions, guard
from components.judged import judged
from components.state import Notice, session
from components.text import cut, plain
from components.widgets import actions, asking
from core.actions import ACTIONS
from core.dataset import Dataset
from core.decision import Decision
from core.errors import CoreError
from core.finding import TORN, Finding
from core.phrases import count, quoted, verb
from core.prepare import fixes
from core.rowset import RowSet
from core.steps import check_written

if TYPE_CHECKING:
    import pandas as pd

PLACE = "clean-first"
SHOWN = 8  # lines of the preview
WHY = "Cleaned with the first rows of the queue"
Ids = NDArray[np.int64]


class Proposal(NamedTuple):
    """What is proposed for one row: an action, the label that it needs, the finding that speaks for it."""

    row: int
    word: str
    label: str
    finding: Finding

    @property
    def words(self) -> str:
        """Such as ``Drop`` or ``Relabel as "ash"``."""
        name = ACTIONS[self.word].label
        return f"{name} as {quoted(self.label)}" if self.label else name


def view(dataset: Dataset, rows: Ids, findings: Sequence[Finding]) -> None:
    """How many rows, what becomes of them, what speaks against it, the button."""
    actions.answer(PLACE)
    if rows.size < 2:
        return
    with st.expander("Clean the first rows of the queue at once", icon=":material/auto_fix_high:"):
        key = f"queue-top-{dataset.version}"
        top = int(st.number_input("How many", 1, int(rows.size), min(10, int(rows.size)), key=key))
        made = proposals(dataset, rows[:top], findings)
        if not made:
            st.caption("No finding says what to do with these rows. Decide them one by one.")
            return
        _preview(made, top)
        against = _against(dataset, made)
        for told in against:
            st.warning(plain(told, 400), icon=":material/warning:")
        sure = not against or st.checkbox("Do it anyway", key=f"queue-top-sure-{session().turn}-{top}")
        st.button(
            f"Clean {count(len(made), 'row')}",
            icon=":material/auto_fix_high:",
            key=PLACE,
            type="secondary" if any(one.word == "drop" for one in made) else "primary",
            disabled=not sure,
            on_click=_clean,
            args=(dataset, made),
        )


def proposals(dataset: Dataset, rows: Ids, findings: Sequence[Finding]) -> list[Proposal]:
    """What the worst finding of each row that says what to do suggests; rows without one are left out, and
    those whose copies have another label: which one is right only a person can see.
    """
    doubted, made = judged(dataset), []
    torn = reduce(or_, (one.rows for one in findings if TORN in one.kin), RowSet())
    for row in (rows[~torn.mask(dataset.rows)[rows]]).tolist():
        for finding in findings:
            if row not in finding.rows:
                continue
            word, label = fixes.for_rows(finding), finding.to
            at = None if doubted is None or finding.code != "wrong_labels" else doubted.place(row)
            if at is not None and doubted is not None:
                word, label = "relabel", doubted.evidence.classes[doubted.result.suggested[at]]
            if word == "drop" or (word == "relabel" and label):
                made.append(Proposal(row, word, label if word == "relabel" else "", finding))
                break
    return made


def _preview(made: Sequence[Proposal], top: int) -> None:
    left = top - len(made)
    stay = verb(left, "stays", "stay")
    more = f" {count(left, 'row')} without a plain answer {stay} in the queue." if left else ""
    st.markdown(f"Of the first {count(top, 'row')}, as one step that one undo takes back:{more}")
    st.dataframe(
        _table(made),
        hide_index=True,
        placeholder="–",
        height=min(len(made), SHOWN) * 35 + 38,
        alt="What becomes of each row",
    )


def _table(made: Sequence[Proposal]) -> pd.DataFrame:
    import pandas as pd

    lines = [(one.row, cut(one.words, 80), cut(one.finding.title, 160)) for one in made]
    return pd.DataFrame(lines, columns=["Row", "What", "Because"])


def _against(dataset: Dataset, made: Sequence[Proposal]) -> tuple[str, ...]:
    """What speaks against it, for all the rows of an action together."""
    told: list[str] = []
    for word in dict.fromkeys(one.word for one in made):
        told += asking.speaking_against(dataset, word, RowSet([one.row for one in made if one.word == word]))
    return tuple(dict.fromkeys(told))


def _clean(dataset: Dataset, made: Sequence[Proposal]) -> None:
    """One decision for each action, label and finding, all in one step."""
    target = dataset.roles.target or ""
    grouped: dict[tuple[str, str, str], list[int]] = {}
    for one in made:
        grouped.setdefault((one.word, one.label, one.finding.key), []).append(one.row)
    for label in {label for _, label, _ in grouped if label}:
        refused = guard.attempt(lambda label=label: check_written(dataset, target, label))
        if isinstance(refused, CoreError):
            session().notice = Notice(f"Not done. {refused}", place=PLACE, refused=True)
            return
    batch = [
        Decision(word, RowSet(rows), label or None, WHY, finding, target if label else "")
        for (word, label, finding), rows in grouped.items()
    ]
    waiting = as_decided.settled().deferred & RowSet([one.row for one in made if one.label])
    if waiting:  # a row that was sent to review would wait on with its new label
        batch.append(Decision("keep", waiting, None, WHY))
    decisions.say(f"Cleaned {count(len(made), 'row')} of the queue.", *batch, place=PLACE)
