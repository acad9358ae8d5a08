"""The labels listed, relabelled as suggested in one step: a proposal that says first what it does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from components import decisions, guard
from components.former_targets import decided_labels
from components.state import Notice, session
from components.text import level, plain
from components.widgets import actions, asking
from core.actions import ACTIONS
from core.analyses.labels.findings import in_words
from core.dataset import Dataset
from core.decision import Decision
from core.errors import CoreError
from core.phrases import count, name
from core.rowset import RowSet
from core.steps import check_written

if TYPE_CHECKING:
    from core.analyses.labels.result import LabelResult

Ids = NDArray[np.int64]
PLACE = "labels-bulk"
LISTED = 8  # kinds of changes that are named
WHY = "Suggested by models that did not see the row"


def view(dataset: Dataset, result: LabelResult, ids: Ids) -> None:
    """How many of the rows to relabel, what that changes, and the button; those decided are passed over."""
    actions.answer(PLACE)
    decided = dataset.own_rows(decided_labels(dataset)).mask(dataset.rows)
    open_ids = ids[~decided[ids]]
    changes = _changes(result, open_ids)
    if not sum(len(rows) for rows in changes.values()):
        return
    with st.expander("Relabel the most doubtful ones at once", icon=":material/auto_fix_high:"):
        most = sum(len(rows) for rows in changes.values())
        top = int(
            st.number_input("How many", 1, most, min(most, 20), key=f"labels-top-{dataset.version}-{most}")
        )
        changes = _changes(result, open_ids, top)
        st.markdown(
            f"Writes another label into **{count(top, 'row')}** that nothing was decided about, as "
            "suggested. One step, undone as one; the file that you loaded stays as it is."
        )
        largest = sorted(changes.items(), key=lambda one: (-len(one[1]), one[0]))
        for (given, suggested), rows in largest[:LISTED]:
            st.markdown(f"- {count(len(rows))}: {level(given)} → {level(suggested)}")
        if len(largest) > LISTED:
            st.caption(f"and {count(len(largest) - LISTED, 'other change')}")
        expected = result.expected(_mask(result, open_ids[:0] if not top else _top(result, open_ids, top)))
        told = f"Of these {in_words(expected, top)}"
        told = "How many of these are wrong cannot be said" if result.unchecked else told
        st.caption(f"{told}; relabelling the others makes right labels wrong.")
        st.button(
            asking.words(f"{ACTIONS['relabel'].label} {count(top, 'row')} as suggested", PLACE, "relabel"),
            icon=actions.symbol(ACTIONS["relabel"]),
            key=PLACE,
            on_click=_relabel,
            args=(dataset, result, changes),
        )


def ticked(dataset: Dataset, result: LabelResult, rows: RowSet, key: str) -> None:
    """A button that gives each of the rows ticked the label suggested for it, where one is; the answer stands
    beside the bar with this key.
    """
    assert result.evidence is not None
    ids = rows.ids[np.isin(rows.ids, result.evidence.rows)]
    changes = _changes(result, ids)
    number = sum(len(some) for some in changes.values())
    if not number:
        return
    kinds = [f"{given} → {suggested}" for given, suggested in list(changes)[:LISTED]]
    each = ", each as suggested" if number > 1 else " as suggested"
    st.button(
        asking.words(f"{ACTIONS['relabel'].label} {count(number, 'row')}{each}", key, "relabel", label=""),
        icon=":material/auto_fix_high:",
        key=f"labels-each-{key}",
        help=plain(f"{'; '.join(kinds)}{' …' if len(changes) > LISTED else ''}", 400),
        on_click=_relabel,
        args=(dataset, result, changes, key),
    )


def _places(result: LabelResult, ids: Ids) -> Ids:
    assert result.evidence is not None
    return np.searchsorted(result.evidence.rows, ids).astype(np.int64)


def _top(result: LabelResult, ids: Ids, top: int) -> Ids:
    """The first ``top`` rows for which another label is suggested."""
    return ids[result.tier[_places(result, ids)] > 0][:top]


def _mask(result: LabelResult, ids: Ids) -> NDArray[np.bool_]:
    shown = np.zeros(result.tier.size, bool)
    shown[_places(result, ids)] = True
    return shown


def _changes(result: LabelResult, ids: Ids, top: int | None = None) -> dict[tuple[str, str], RowSet]:
    """The rows by given and suggested label."""
    assert result.evidence is not None
    some = _top(result, ids, ids.size if top is None else top)
    at, classes = _places(result, some), result.evidence.classes
    pairs = np.stack([result.evidence.given[at], result.suggested[at]], axis=1)
    kinds, place = np.unique(pairs, axis=0, return_inverse=True)
    return {
        (classes[given], classes[suggested]): RowSet(some[place.ravel() == which])
        for which, (given, suggested) in enumerate(kinds.tolist())
    }


def _relabel(
    dataset: Dataset, result: LabelResult, changes: dict[tuple[str, str], RowSet], place: str = PLACE
) -> None:
    """One decision for each new label, all in one step."""
    assert result.evidence is not None
    target = result.evidence.target
    finding = next((one.key for one in result.findings if one.code == "wrong_labels"), "")
    new: dict[str, RowSet] = {}
    for (_, suggested), rows in changes.items():
        new[suggested] = new.get(suggested, RowSet()) | dataset.source_rows(rows)
    for label in new:
        refused = guard.attempt(lambda label=label: check_written(dataset, target, label))
        if isinstance(refused, CoreError):
            session().notice = Notice(f"Not done. {refused}", place=place, refused=True)
            return
    every = RowSet(np.concatenate([rows.ids for rows in changes.values()]))
    if asking.held_back(dataset, "relabel", every, place=place):
        return
    brought = result.evidence.brought
    why = f"Suggested by {brought[0].lower()}{brought[1:]}" if brought else WHY
    batch = [Decision("relabel", rows, label, why, finding, target) for label, rows in new.items()]
    total = sum(len(rows) for rows in new.values())
    decisions.say(f"Relabelled {count(total, 'row')} of {name(target)} as suggested.", *batch, place=place)
