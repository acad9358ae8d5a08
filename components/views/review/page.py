"""Review: decide, one row at a time or many at once; what was decided when, and what it is good for."""

from __future__ import annotations

import streamlit as st

from components import as_decided, frame, panel
from components.state import session
from components.views.review import bulk, history, queue, second
from components.widgets import layout, placed
from core.actions import ACTIONS
from core.phrases import count, verb

QUEUE, BULK, HISTORY, SECOND, PROOF = "Queue", "Bulk", "History", "Second reviewer", "Proof"
CELLS = "Cells of the rows left that hold something else than as loaded, by hand or by a step."
WORDS = {
    QUEUE: "queue",
    BULK: "bulk",
    HISTORY: "history",
    SECOND: "second",
    PROOF: "proof",
}  # as the address has them


def view() -> None:
    """Where things stand, then the queue, the bulk tools, the history or the proof.

    The queue is of the data as loaded: a list to work through does not move under the fingers, and a decision
    must not start the detectors anew.
    """
    dataset = session().dataset
    if dataset is None:
        return
    _counts()
    tabs = {
        QUEUE: ":material/filter_1:",
        BULK: ":material/checklist:",
        HISTORY: ":material/history:",
        SECOND: ":material/group:",
        PROOF: ":material/fact_check:",
    }
    tab = placed.switch(
        "View",
        "tab",
        WORDS,
        QUEUE,
        "review-tab",
        format_func=lambda name: f"{tabs[name]} {name}",
        label_visibility="collapsed",
    )
    if tab == BULK:
        bulk.view(as_decided.in_view() or dataset)
    elif tab == PROOF:
        panel.view(as_decided.decided(dataset), "proof")
    else:
        {QUEUE: queue.view, HISTORY: history.view, SECOND: second.view}[tab or QUEUE](dataset)
    frame.door("pages/ship/export.py", "Next: export")


def _counts() -> None:
    """Rows before and after, and a number for each thing that was decided."""
    tally = as_decided.counts()
    settling = [action for action in ACTIONS.values() if action.counted and action.settles]
    counted = [action for action in settling if tally[action.counted]]
    places = layout.cells(3 + len(counted), 130)
    places[0].metric("Rows before", count(tally["before"]))
    places[1].metric("Rows after", count(tally["after"]))
    places[2].metric("Cells changed", count(tally["changed"]), help=CELLS)
    for place, action in zip(places[3:], counted, strict=True):
        place.metric(action.heading, count(tally[action.counted]), help=action.does)
    if lost := len(session().review.by_hand & as_decided.settled().dropped):
        were = verb(lost, "was", "were")
        st.caption(f"{count(lost, 'row')} kept or relabelled by hand {were} dropped by another decision.")
