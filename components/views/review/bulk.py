"""The bulk tools of the review page: many rows at once, by a filter."""

from __future__ import annotations

import streamlit as st

from components import address, filtered, guard, waiting
from components.text import plain, tag
from components.widgets import actions, filter_builder, rows
from core.dataset import Dataset
from core.errors import CoreError
from core.filters import Filter
from core.phrases import count
from core.rowset import RowSet


def view(dataset: Dataset) -> None:
    """The filter, how many rows it takes, the first of them, the action bar."""
    st.markdown("Choose rows by a filter; then decide about all of them in one step.")
    if not dataset.names:
        st.caption("Every column is left out.")
        return
    text = filter_builder.view(dataset, "bulk", address.text("filter"), filtered.flags(dataset))
    address.note("filter", text)
    if not text:
        st.caption("Fill in a condition to see the rows.")
        return
    parsed = guard.attempt(lambda: Filter.parse(text))
    if isinstance(parsed, CoreError):
        guard.show(parsed)
        return
    matching = _matching(dataset, parsed)
    if matching is None:
        return
    if isinstance(matching, CoreError):
        guard.show(matching)
        return
    st.markdown(
        f"**Matches {count(len(matching))} of {count(dataset.rows, 'row')}**: {plain(parsed.words, 400)}."
    )
    named = [column for column in parsed.columns if column in dataset.names]
    key = f"bulk-{tag(text)}"
    picked = rows.listing(dataset, matching.ids, key, first=named, rule=parsed)
    target = dataset.roles.target if dataset.roles.target in dataset.names else ""
    actions.bar(dataset, picked, key, column=target or next(iter(named), ""))


def _matching(dataset: Dataset, parsed: Filter) -> RowSet | CoreError | None:
    """The rows that it takes, or why there are none; None while what it needs is worked out."""
    if not parsed.by_data_alone and waiting.outcomes(dataset) is None:
        return None
    return guard.attempt(lambda: filtered.matching(dataset, parsed))
