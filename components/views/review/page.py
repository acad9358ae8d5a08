"""Review: decide, one row at a time or many at once; and what was decided when."""

from __future__ import annotations

import streamlit as st

from components import decisions, frame
from components.state import session
from components.views.review import bulk, history, queue
from components.widgets import layout
from core.phrases import count

QUEUE, BULK, HISTORY = "Queue", "Bulk", "History"


def view() -> None:
    """Where things stand, then the queue, the bulk tools or the history."""
    dataset = session().dataset
    if dataset is None:
        return
    _counts()
    tabs = {QUEUE: ":material/filter_1:", BULK: ":material/checklist:", HISTORY: ":material/history:"}
    tab = st.segmented_control(
        "View",
        list(tabs),
        default=QUEUE,
        required=True,
        format_func=lambda name: f"{tabs[name]} {name}",
        key="review-tab",
        label_visibility="collapsed",
        persist_state="session",
    )
    {QUEUE: queue.view, BULK: bulk.view, HISTORY: history.view}[tab or QUEUE](dataset)
    frame.door("pages/ship/export.py", "Next: take it home")


def _counts() -> None:
    """Before and after."""
    tally = decisions.settled().counts()
    shown = {
        "Rows before": "before",
        "Rows after": "after",
        "Kept": "kept",
        "Dropped": "dropped",
        "Relabelled": "relabelled",
        "Cells blanked": "blanked",
        "Weighted": "weighted",
        "Left out": "omitted",
    }
    helps = {"omitted": "Columns that stay out of the exported files."}
    for place, (word, name) in zip(layout.cells(len(shown), 90), shown.items(), strict=True):
        place.metric(word, count(tally[name]), help=helps.get(name))
