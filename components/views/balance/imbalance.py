"""The classes: a bar for each, and how they are mixed by part, group and time."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from components import results
from components.figures import imbalance as drawn
from components.state import keep
from components.text import cut, plain
from components.widgets import headings
from components.widgets.chart import chart
from components.widgets.headings import Heading
from core.dataset import Dataset

if TYPE_CHECKING:
    from core.analyses.imbalance.analysis import ImbalanceResult

OWN = {"share": Heading("Share", "Of the rows of the level.", percent=True)}


def view(dataset: Dataset, result: ImbalanceResult) -> None:
    """The figure, then a folded table for each column by which the classes are counted."""
    if not result.names and not result.counts.size:
        return
    mark = results.mark(dataset, "imbalance")
    make = partial(drawn.figure, result)
    chart(("classes", mark), make, f"classes-{dataset.version}", drawn.alt(result), drawn.HOW)
    for mix in result.mixes:
        with st.expander(f"Classes by {plain(cut(mix.by, 60))}", icon=":material/stacked_bar_chart:"):
            table = keep(("mix", mix.by, mark), partial(mix.frame, result.names))
            st.dataframe(
                headings.written(table, OWN),
                hide_index=True,
                placeholder="–",
                column_config=headings.config(table, OWN),
                alt="Rows and share of each class by level",
                key=f"mix-{mix.by}-{dataset.version}",
            )
