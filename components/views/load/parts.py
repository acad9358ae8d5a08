"""Train and serve: whether a file that was chosen is one table, or two, or one to be parted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from components.state import Draft, put, value
from components.text import plain
from components.widgets import uploads
from core.dataset.split import Split

if TYPE_CHECKING:
    from core.loading import Preview

PARTS = {
    "one": "No, one table",
    "file": "A second file",
    "value": "Rows by a column's value",
    "time": "Rows by time",
}


def parts(draft: Draft, look: Preview) -> Split | None:
    """Whether some rows are the serve part, and which."""
    key = f"parts-{draft.number}"
    if draft.serve is not None and value(key) is None:
        put(key, "file")
    way = st.segmented_control(
        "Compare with data to serve?",
        list(PARTS),
        default=None if value(key) else "one",
        required=True,
        key=key,
        format_func=PARTS.__getitem__,
    )
    if way == "file":
        if draft.serve is None:
            uploads.second(draft)
        else:
            st.markdown(f":material/check: Serve part: **{plain(draft.serve_name, 80)}**")
        return None
    if way in ("value", "time"):
        return _split(draft, look, way)
    return None


def _split(draft: Draft, look: Preview, way: str) -> Split | None:
    names = [c.name for c in look.columns if way == "value" or c.kind == "datetime"]
    if not names:
        st.caption("No column holds dates.")
        return None
    with st.container(horizontal=True, vertical_alignment="bottom"):
        column = st.selectbox("Column", names, key=f"split-column-{way}-{draft.number}", width=260)
        label = "Serve rows hold" if way == "value" else "Serve rows are from (such as 2024-03-01) on"
        given = st.text_input(label, key=f"split-value-{way}-{draft.number}", width=320)
    return Split(way, column=column, value=given) if given else None  # type: ignore[arg-type]
