"""Images with a defect on the issues page: the pictures, worst first, each with what is wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from components import panel
from components.widgets import actions, gallery
from core.dataset import Dataset
from core.finding import Finding

if TYPE_CHECKING:
    from core.analyses.imagequality.analysis import ImageQualityResult


def evidence(dataset: Dataset, result: ImageQualityResult, finding: Finding) -> None:
    """Gallery and action bar."""
    panel.notes(result)
    ids = finding.rows.ids
    ids = ids[np.argsort(-result.score[ids], kind="stable")]
    why = dict(zip(np.flatnonzero(result.flagged).tolist(), result.why, strict=True))
    st.markdown("**The images, worst first**")
    key = f"images-{finding.code}"
    picked = gallery.listing(dataset, ids, key, lambda rows: [why.get(row, "") for row in rows.tolist()])
    actions.bar(dataset, picked, key, finding.key, finding.action)
