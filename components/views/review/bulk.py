"""The bulk tools of the review page: rows by a condition on one column."""

from __future__ import annotations

import streamlit as st

from components import guard
from components.state import keep
from components.text import plain, tag
from components.widgets import actions, rows
from core.dataset import Dataset
from core.errors import CoreError
from core.numerics.conditions import numbers_only
from core.review import OPS, Where, bound
from core.rowset import RowSet

NUMBERS = ("int64", "uint64", "double")
BOUNDS = ("below", "above")


def view(dataset: Dataset) -> None:
    """A sentence to fill in, the rows for which it holds, the action bar."""
    st.markdown("Choose rows by a condition on one column; then decide about all of them in one step.")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        column = st.selectbox("Rows in which", dataset.names, key=f"bulk-column-{dataset.version}", width=280)
        op = st.selectbox(
            "Condition",
            [op for op in OPS if op not in BOUNDS or _numbers(dataset, column)],
            format_func=OPS.__getitem__,
            key=f"bulk-op-{dataset.version}",
            width=160,
            label_visibility="hidden",
        )
        given = None if op == "missing" else _value(dataset, column, op)
    if op != "missing" and not given:
        st.caption("Give a value to see the rows.")
        return
    where = guard.attempt(lambda: Where(column, op, bound(given) if given and op in BOUNDS else given))
    if isinstance(where, CoreError):
        guard.show(where)
        return
    matching = guard.attempt(lambda: keep(("where", dataset.version, where), lambda: where.rows(dataset)))
    if isinstance(matching, CoreError):
        guard.show(matching)
        return
    key = f"bulk-{tag(f'{column} {op} {given}')}"
    picked: RowSet = rows.listing(dataset, matching.ids, key, first=[column], what=plain(where, 120))
    actions.bar(dataset, picked, key, column=column)


def _numbers(dataset: Dataset, column: str) -> bool:
    """Whether the column holds numbers: as such, or as text since no number keeps all of their digits."""
    if dataset[column].stored in NUMBERS:
        return True
    key = ("numbers only", dataset.version, column)
    return keep(key, lambda: numbers_only(dataset.table([column]).column(0)))


def _value(dataset: Dataset, column: str, op: str) -> str | None:
    key = f"bulk-value-{dataset.version}-{tag(column)}-{op}"
    known = actions.levels(dataset, column) if op == "equals" else []
    if known:
        return st.selectbox(
            "Value", known, None, key=key, accept_new_options=True, width=280, placeholder="Choose or type"
        )
    hint = "A number" if op in BOUNDS else ""
    return st.text_input("Value", key=key, width=280, placeholder=hint)
