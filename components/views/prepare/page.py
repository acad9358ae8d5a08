"""Prepare: what is done, step by step, and what is still to do."""

from __future__ import annotations

import streamlit as st

from components import as_decided, badge, frame, guard
from components.state import session
from components.text import plain
from components.views.prepare import adding, lines, proposals, shown, steps
from components.widgets import layout
from core.errors import CoreError


def view() -> None:
    """Verdict, what is still to do, the steps beside the data that they made, and the next step."""
    dataset = session().dataset
    if dataset is None:
        return
    listed = guard.attempt(lines.listed)
    if isinstance(listed, CoreError):
        guard.show(listed)
        return
    taken, others = listed
    decided = as_decided.decided(dataset)
    st.markdown(f"#### {plain(lines.verdict(as_decided.whole(), taken), 400)}")
    proposals.view(decided)
    left, right = layout.thirds(1, 2, "steps")
    with left:
        chosen = steps.view(taken, others)
    with right:
        shown.view(dataset, taken, chosen)
    adding.view(dataset, decided)
    badge.refresh()
    frame.door("pages/clean/issues.py", "Next: which rows are wrong?")
