"""Copies of images on the issues page: the pictures group by group, side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from components import panel
from components.widgets import actions, gallery
from core.dataset import Dataset
from core.finding import Finding

if TYPE_CHECKING:
    from core.analyses.nearduplicates.analysis import NearDuplicateResult


def evidence(dataset: Dataset, result: NearDuplicateResult, finding: Finding) -> None:
    """Gallery of whole groups and action bar."""
    panel.notes(result)
    groups = np.unique(result.group[finding.rows.ids])
    ids = np.flatnonzero(np.isin(result.group, groups[groups >= 0]))
    ids = ids[np.lexsort((ids, result.excess[ids], result.group[ids]))]
    st.markdown("**The groups side by side; of each the first is the one to keep**")
    key = f"copies-{finding.code}"
    serve = dataset.part_mask("serve")

    def line(rows: np.ndarray) -> list[str]:
        part = np.where(serve[rows], "serve · ", "") if serve.any() else np.full(rows.size, "")
        what = np.where(result.excess[rows], "copy of row ", "keep: row ")
        number = np.where(result.excess[rows], _kept(result, rows), rows)
        sources = dataset.source_ids(number)
        return [f"{p}{w}{n}" for p, w, n in zip(part, what, sources, strict=True)]

    picked = gallery.listing(dataset, ids, key, line)
    actions.bar(dataset, picked, key, finding.key, finding.action)


def _kept(result: NearDuplicateResult, rows: np.ndarray) -> np.ndarray:
    """The row to keep of the group of each row."""
    keep = np.flatnonzero((result.group >= 0) & ~result.excess)
    by_group = dict(zip(result.group[keep].tolist(), keep.tolist(), strict=True))
    return np.array([by_group.get(group, 0) for group in result.group[rows].tolist()], np.int64)
