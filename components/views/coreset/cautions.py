"""What is known to be wrong in the columns that a coreset reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from components import address, attention
from components.text import plain
from core.dataset import Dataset
from core.finding import Finding
from core.phrases import count

if TYPE_CHECKING:
    from core.analyses.coreset.analysis import CoresetResult

GROSS = (
    "disguised_missing",
    "isolated_values",
    "future_dates",
    "infinite",
)  # findings of cells that are wrong
SHOWN = 3  # findings that are named


def view(dataset: Dataset, result: CoresetResult) -> None:
    """That importance counts such cells as values, with the findings and the page where they stand; nothing
    where none is open, or the profile has not run.
    """
    found = open_findings(dataset, result)
    if not found:
        return
    past = {one.key for some in attention.not_again(dataset).values() for one in some}
    titles = [
        plain(one.title.rstrip("."), 200) + (" (before your last decisions)" if one.key in past else "")
        for one in found[:SHOWN]
    ]
    more = f"; and {count(len(found) - SHOWN)} more" if len(found) > SHOWN else ""
    with st.container(horizontal=True, vertical_alignment="center", key="coreset-cautions"):
        st.markdown(
            f":orange[:material/warning:] {'; '.join(titles)}{more}. The coreset takes such cells for values "
            "and rows far out for important.",
            width="content",
        )
        address.link("pages/explore/profile.py", "Decide about them first", icon=":material/flag:")


def open_findings(dataset: Dataset, result: CoresetResult) -> list[Finding]:
    """The findings of such cells that need attention, in columns that it reads."""
    read = {*result.coreset.pilot.read}
    earlier = (one for some in attention.not_again(dataset).values() for one in some)
    known = (*(attention.findings(dataset) or ()), *earlier)
    return [one for one in known if one.code in GROSS and read.intersection(one.columns)]
