"""The rows of the coreset, the most important first, to be decided about."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from components.views.coreset import removal
from components.views.coreset.weights import weights
from components.widgets import actions, rows
from core.dataset import Dataset

if TYPE_CHECKING:
    from core.analyses.coreset.analysis import CoresetResult


def view(dataset: Dataset, result: CoresetResult) -> None:
    """The list and the bar under it. Dropping or relabelling a row here edits the coreset at once."""
    st.markdown("**The rows of the coreset, the most important first**")
    drawn = result.coreset.sample
    order = np.lexsort((result.row, -drawn.score))
    extra = {"Importance": drawn.score[order].round(3), "Weight": weights(dataset, result)[order].round(3)}
    target = dataset.roles.target
    first = (target,) if target and target in dataset.names else ()
    picked = rows.listing(dataset, result.row[order], "coreset", extra, first=first)
    removal.view(dataset, picked, "coreset")
    actions.bar(dataset, picked, "coreset", None, "drop")
