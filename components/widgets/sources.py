"""Where data come from: the samples that come with the project, and what was open before."""

from __future__ import annotations

import streamlit as st

from components import address, guard, open_data, resuming
from components.text import ago, plain, size
from core.errors import CoreError
from core.phrases import count

LINK = 110  # pixels of a link before a name, so that all names stand in one line


def samples() -> None:
    """One card per sample data set."""
    st.subheader("Sample data")
    cards = open_data.all_samples()
    if not cards:
        st.caption("This copy of Winnow came without sample data.")
        return
    with st.grid(min_column_width=260):
        for sample in cards:
            with st.container(border=True, height="stretch"):
                st.markdown(f"**{plain(sample.title)}**")
                st.markdown(plain(sample.line, 300))
                pair = "train and serve · " if "serve" in sample.files else ""
                st.caption(f"{pair}{size(sample.bytes)} · {plain(sample.wrong, 400)}")
                st.button(
                    "Open",
                    icon=":material/science:",
                    key=f"sample-{sample.folder.name}",
                    on_click=open_data.ask_sample,
                    args=(sample,),
                )


def recents(limit: int = 8) -> None:
    """What is in the workspace, last used first, with an offer to resume what was decided."""
    from core import workspace

    entries = guard.attempt(workspace.recent)
    if isinstance(entries, CoreError):
        guard.show(entries)
        return
    if not entries:
        return
    st.subheader("Recent data sets")
    for entry in entries[:limit]:
        with st.container(horizontal=True, vertical_alignment="center", border=False):
            past = resuming.used_last(resuming.known(entry.fingerprint))
            resume = f"{past.amount} from {ago(past.decided or past.last)}" if past.batches else ""
            label = "Resume" if resume else "Open"
            st.page_link(
                "pages/explore/profile.py",
                label=label,
                icon=":material/history:" if resume else ":material/folder_open:",
                query_params={address.DATA: entry.path.parent.name},
                width=LINK,
            )
            facts = f"{count(entry.rows)} × {count(entry.columns)} · {size(entry.bytes)} on disk"
            facts += f" · {ago(entry.used)}"
            facts += f" · **{resume}**" if resume else ""
            st.markdown(f"**{plain(entry.name, 60)}** :small[{facts}]", width="content")
