"""The way to the review of rows that wait there already: sending them once more would say nothing new."""

from __future__ import annotations

import streamlit as st

from components import address, as_decided, waiting
from core.dataset import Dataset
from core.rowset import RowSet

OPEN = "Open in Review"
SCRIPT = "pages/clean/review.py"


def waiting_of(dataset: Dataset, rows: RowSet) -> RowSet:
    """Those of these rows of ``dataset`` that wait in the review."""
    there = waiting.in_review(dataset).open.mask(as_decided.open_dataset().rows)
    source = dataset.source_ids(rows.ids)
    return RowSet(rows.ids[(source < there.size) & there[source.clip(max=there.size - 1)]])


def door(dataset: Dataset, rows: RowSet, key: str, loud: bool) -> None:
    """The button that opens the review at the first of these rows, which wait there. loud: whether it is
    filled.
    """
    asked = st.button(
        OPEN,
        icon=":material/filter_1:",
        key=key,
        type="primary" if loud else "secondary",
        help="They wait there already.",
    )
    if asked:
        row = int(dataset.source_ids(rows.ids[:1])[0])
        st.switch_page(SCRIPT, query_params=address.params(address.page_of(SCRIPT), {"row": str(row)}))
