"""The bulk tools of the review page: rows by a condition on one column."""

from __future__ import annotations

import streamlit as st

from components import guard
from components.state import keep
from components.text import plain, tag
from components.widgets import actions, rows
from core.dataset import Dataset
from core.errors import CoreError
from core.review import OPS, Where
from core.rowset import RowSet

NUMBERS = ("int64", "double")


def view(dataset: Dataset) -> None:
    """A sentence to fill in, the rows for which it holds, the action bar."""
    st.markdown("Choose rows by a condition on one column; then decide about all of them in one step.")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        column = st.selectbox("Rows in which", dataset.names, key=f"bulk-column-{dataset.version}", width=280)
        fitting = [op for op in OPS if op not in ("below", "above") or dataset[column].stored in NUMBERS]
        op = st.selectbox(
            "",
            fitting,
            format_func=OPS.__getitem__,
            key=f"bulk-op-{dataset.version}",
            width=160,
            label_visibility="hidden",
        )
        given = "" if op == "missing" else _value(dataset, column, op)
    if op != "missing" and given in ("", None):
        st.caption("Give a value to see the rows.")
        return
    where = Where(column, op, None if op == "missing" else given)
    matching = guard.attempt(
        lambda: keep(("where", dataset.version, column, op, given), lambda: where.rows(dataset))
    )
    if isinstance(matching, CoreError):
        guard.show(matching)
        return
    key = f"bulk-{tag(f'{column} {op} {given}')}"
    picked: RowSet = rows.listing(dataset, matching.ids, key, first=[column], what=plain(where, 120))
    actions.bar(dataset, picked, key, column=column)


def _value(dataset: Dataset, column: str, op: str) -> str | float | None:
    key = f"bulk-value-{dataset.version}-{tag(column)}-{op}"
    if op in ("below", "above"):
        return st.number_input("Value", value=None, key=key, width=220)
    known = actions.levels(dataset, column) if op == "equals" else []
    if known:
        return st.selectbox(
            "Value", known, None, key=key, accept_new_options=True, width=280, placeholder="Choose or type"
        )
    return st.text_input("Value", key=key, width=280)
