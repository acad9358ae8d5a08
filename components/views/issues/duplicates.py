"""The duplicates on the issues page: group sizes, and the rows group by group."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st

from components import panel, results, waiting
from components.figures import duplicates as drawn
from components.text import tag
from components.widgets import actions, findings, layout, rows
from components.widgets.chart import chart, explain
from core.dataset import Dataset
from core.finding import Finding
from core.prepare import fixes

if TYPE_CHECKING:
    from core.analyses.duplicates.analysis import DuplicateResult
    from core.numerics.grouping import Repeats


def evidence(dataset: Dataset, result: DuplicateResult, finding: Finding) -> None:
    """Figure, rows group by group, action bar; of columns that repeat others, nothing more."""
    if not len(finding.rows):
        return
    key = f"issues-{tag(finding.key)}"
    panel.notes(result)
    ids = waiting.still_repeating(dataset, finding, results.so_far(dataset, "duplicates")).rows.ids
    extra: dict[str, Any] = {}
    repeats = {"duplicate_rows": result.exact, "duplicate_but_identifier": result.loose}.get(finding.code)
    if repeats is not None:
        if _picture(dataset, repeats, finding.code):
            ids = np.flatnonzero(repeats.group >= 0)
        ids = ids[np.argsort(repeats.group[ids], kind="stable")]
        extra = {"Group": repeats.group[ids] + 1, "Equal rows": repeats.sizes[repeats.group[ids]]}
        st.markdown("**The rows, group by group**")
    else:
        group = result.groups(finding.code)
        if group is not None:
            ids = ids[np.argsort(group[ids], kind="stable")]
        st.markdown("**The rows, equal ones together**")
    picked = rows.listing(dataset, ids, key, extra, first=findings.columns_of(finding, dataset))
    actions.bar(dataset, picked, key, finding, fixes.for_rows(finding), dataset.roles.target or "")


def _picture(dataset: Dataset, repeats: Repeats, code: str) -> bool:
    """Group sizes; gives whether the first row of each group is to be listed too."""
    left, right = layout.thirds(2, 1, "repeats")
    with left:
        mark = ("group sizes", results.mark(dataset, "duplicates"), code)
        chart(mark, partial(drawn.group_sizes, repeats.sizes), f"sizes-{code}-{dataset.version}", drawn.ALT)
    with right:
        explain(drawn.HOW)
        return st.toggle(
            "List the first row of each group too",
            rows.begins_with_pictures(dataset),  # of which equal ones are to be seen side by side
            key=f"whole-{code}-{dataset.version}",
        )
