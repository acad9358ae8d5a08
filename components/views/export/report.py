"""The report of all that was found, as files."""

from __future__ import annotations

from typing import Any

import streamlit as st

from components import address, as_decided, job_panel
from components.state import session
from components.text import size
from components.views.export.wanted import calls, want
from core.dataset import Dataset
from core.reporting.files import files

REPORTS = {"report.html": "text/html", "report.md": "text/markdown", "report.json": "application/json"}


def report(dataset: Dataset) -> None:
    """What all analyses found, as one file; made when asked for, as it may take as long as they do."""
    st.subheader("The report")
    review, given = session().review, calls()
    accepted = tuple(sorted(as_decided.accepted()))
    with st.container(horizontal=True, vertical_alignment="center", key="report-choice"):
        private = st.toggle(
            "Without values",
            address.one_of("private", ["yes"]) is not None,
            key=address.key("report-private"),
            **address.noting("private", address.key("report-private")),
            help="Leaves out commonest values, extremes, labels and every sentence that could quote a cell. "
            "Names of columns stay.",
        )
        key = (dataset.version, as_decided.decided(dataset).version, private, accepted, str(given))
        asked = _asked(key)
    if asked:
        made = job_panel.outcome(
            "Making the report",
            key,
            lambda progress: files(dataset, accepted, given, private, review, progress),
        )
        _downloads(made or {})


def _asked(key: tuple[Any, ...]) -> bool:
    """Whether this report was asked for; else the button that does."""
    if session().chosen.get("report") == key:
        return True
    st.button(
        "Make the report",
        icon=":material/lab_profile:",
        on_click=want,
        args=("report", key),
        key="make-report",
    )
    st.caption(
        "Everything that was found, in one file that opens without a network. Checks that did not run yet "
        "run now."
    )
    return False


def _downloads(report: dict[str, str]) -> None:
    if not report:
        return
    with st.container(horizontal=True, key="report-files"):
        for name, text in report.items():
            st.download_button(
                f"{name} · {size(len(text.encode()))}",
                data=text.encode(),
                file_name=name,
                mime=REPORTS[name],
                key=f"download-{name}",
                icon=":material/download:",
                on_click="ignore",
            )
