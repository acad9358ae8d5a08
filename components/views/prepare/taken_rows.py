"""The rows that a step names one by one: seen, and taken out of it."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from components import decisions
from components.widgets import rows
from core.decision import Batch, Decision
from core.decision_words import in_words
from core.phrases import count
from core.rowset import RowSet
from core.steps.settling import Work


def named(batch: Batch) -> RowSet:
    """The rows that its decisions name by position."""
    whole = RowSet()
    for decision in batch:
        if isinstance(decision.rows, RowSet):
            whole = whole | decision.rows
    return whole


def view(before: Work, event: int, batch: Batch) -> None:
    """The rows of a step with ticks, and the button that takes those ticked out of it. before: where earlier
    steps left the data; rows that they added can be named, too.
    """
    whole = named(batch)
    there = RowSet.from_mask(before.there & whole.mask(max(before.rows, whole.stop))[: before.rows])
    with st.expander(f"Rows that it names: {count(len(whole))}", icon=":material/checklist:"):
        first = [decision.column for decision in batch if decision.column]
        picked = rows.listing(before.data, there.ids, f"named-{event}", first=first).rows
        left = _without(batch, picked)
        if len(picked):
            st.button(
                f"Take {count(len(picked), 'row')} out of the step",
                key=f"take-out-{event}",
                icon=":material/remove:",
                type="primary",
                disabled=not left,
                help="The step stays as it is for the others. To take all of them out, switch it off.",
                on_click=decisions.edit,
                args=(event, f"Changed: {in_words(left or batch)}.", batch, *left),
            )


def _without(batch: Batch, rows: RowSet) -> Batch:
    """The decisions without these rows; one that names no other row is gone."""
    left: list[Decision] = []
    for one in batch:
        if not isinstance(one.rows, RowSet) or not len(one.rows):
            left.append(one)
        elif len(others := one.rows - rows):
            left.append(replace(one, rows=others, who="", when=""))
    return tuple(left)
