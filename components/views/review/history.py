"""The history of the review page: who decided what, when and why; undo back to any point."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from components import decisions, guard
from components.state import session
from components.text import cut
from core.dataset import Dataset
from core.errors import CoreError
from core.finding import key_in_words
from core.phrases import count
from core.review import in_words

if TYPE_CHECKING:
    import pandas as pd

    from core.store import LogEntry


def view(dataset: Dataset) -> None:
    """Newest first; a ticked step is the one to go back to."""
    entries = guard.attempt(decisions.history)
    if isinstance(entries, CoreError):
        guard.show(entries)
        return
    if not entries:
        st.caption("Nothing was decided yet. What you decide is listed here, and can be undone step by step.")
        return
    latest = list(reversed(entries))
    event = st.dataframe(
        _table(latest),
        hide_index=True,
        key=f"history-{dataset.version}-{session().turn}",
        on_select="rerun",
        selection_mode="single-row",
        column_config={"When (UTC)": st.column_config.DatetimeColumn(format="YYYY-MM-DD HH:mm:ss")},
        height=min(len(latest), 14) * 35 + 40,
        alt=f"{count(len(latest), 'step')} of the review, newest first",
    )
    picked = (
        latest[event.selection.rows[0]]
        if event.selection.rows and event.selection.rows[0] < len(latest)
        else None
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            "Undo everything after this step",
            icon=":material/settings_backup_restore:",
            key="undo-to",
            disabled=picked is None or picked.undone,
            on_click=decisions.undo_to,
            args=(picked.event if picked else 0,),
        )
        st.button(
            "Undo all",
            icon=":material/undo:",
            key="undo-all",
            disabled=not session().review.batches,
            on_click=decisions.undo_to,
            args=(0,),
        )
        if picked is None:
            st.caption("Tick a step to go back to it.", width="content")


def _table(entries: list[LogEntry]) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame(
        {
            "When (UTC)": pd.to_datetime([e.when for e in entries], format="ISO8601", utc=True),
            "Who": [cut(e.who, 40) for e in entries],
            "What": [cut(in_words(e.batch), 160) for e in entries],
            "Why": [cut(e.why, 200) for e in entries],
            "From finding": [_cause(e) for e in entries],
            "State": ["undone" if e.undone else "in force" for e in entries],
        }
    )


def _cause(entry: LogEntry) -> str:
    """The finding that led to it: its kind in words, and its columns."""
    key = next((d.finding for d in entry.batch if d.finding), "")
    return cut(key_in_words(key), 60)
