"""The rows chosen on the overlap page: how they differ from the others, and what can be done with them."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from components import decisions
from components.views.overlap import differences, weights
from components.views.overlap.ways import (
    COLUMN,
    FAR,
    OUTLINED,
    SEGMENT,
    UNSERVED,
    UNSUPPORTED,
    ChosenBy,
    ChosenRows,
    chosen_rows,
)
from components.widgets import actions, asking, rows
from core.analyses.overlap.weights import rows_csv
from core.dataset import Dataset
from core.phrases import count
from core.rowset import RowSet


def choose(dataset: Dataset, choice: ChosenBy) -> ChosenRows:
    """Beside the map: which rows, how they differ from the others, and what to do with all of them."""
    st.subheader("Rows")
    chosen = chosen_rows(dataset, choice)
    if chosen.ids.size:
        with st.container(horizontal=True, vertical_alignment="center"):
            _download(dataset, chosen, _per_row(choice))
            _at_once(dataset, chosen)
        differences.view(dataset, RowSet(chosen.ids), choice.separating)
    return chosen


def listed(dataset: Dataset, choice: ChosenBy, chosen: ChosenRows) -> None:
    """Below: the rows themselves, and the weights; nothing while there is nothing to choose by."""
    if choice.outlined is None and not chosen.by:
        return
    st.subheader(chosen.by or "The rows chosen")
    if chosen.by == UNSUPPORTED and _not_judged(choice):
        st.caption("Not judged: which serve rows are unsupported cannot be said, for the reason above.")
        weights.view(dataset, choice.overlap)
        return
    extra: dict[str, Any] = {}
    if "serve" in dataset.parts:
        extra[rows.PART] = np.where(dataset.part_mask("serve")[chosen.ids], "serve", "train")
    for word, values in _per_row(choice).items():
        extra[word] = np.round(values[chosen.ids].astype(np.float64), 5 if word == "Support (p)" else 4)
    first = [choice.shift.name] if chosen.by == COLUMN and choice.shift else []
    picked = rows.listing(dataset, chosen.ids, "overlap", extra, first=first)
    actions.bar(
        dataset, picked, "overlap", None, {UNSUPPORTED: "defer", UNSERVED: "weight"}.get(chosen.by, "")
    )
    weights.view(dataset, choice.overlap)


def _not_judged(choice: ChosenBy) -> bool:
    """Whether too few train rows judge the serve rows for any to be unsupported."""
    case = None if choice.overlap is None else choice.overlap.case
    return case is not None and not case.support.can_be_told


def _per_row(choice: ChosenBy) -> dict[str, NDArray[Any]]:
    """What is known of every row, by the word that stands over it."""
    result = choice.overlap
    known: dict[str, NDArray[Any]] = {}
    if result is not None and result.case is not None:
        known |= {
            "Support (p)": result.support_p,
            "P(serve)": result.serve_probability,
            "Weight": result.weight,
        }
    if choice.segments is not None and choice.segments.segments:
        region = choice.segments.region
        known["Segment"] = np.where(region < 0, np.nan, region)  # outside of them all
    return known


def _download(dataset: Dataset, chosen: ChosenRows, known: dict[str, NDArray[Any]]) -> None:
    """The rows as a file: to label, or to look at elsewhere."""
    headings = {
        "Support (p)": "support_p",
        "P(serve)": "serve_probability",
        "Weight": "weight",
        "Segment": "segment",
    }
    per_row = {headings[word]: values for word, values in known.items()}
    if "serve" in dataset.parts:
        per_row["part"] = np.where(dataset.part_mask("serve"), "serve", "train")
    label = chosen.by == UNSUPPORTED
    st.download_button(
        f"Download {count(chosen.ids.size, 'row')}" + (" to label" if label else ""),
        data=partial(rows_csv, dataset, chosen.ids, per_row),
        file_name="unsupported.csv" if label else "rows.csv",
        mime="text/csv",
        icon=":material/download:",
        key="overlap-download",
        on_click="ignore",
    )


def _at_once(dataset: Dataset, chosen: ChosenRows) -> None:
    """The decisions that go with this choice of rows, for all of them: to look at them comes first."""
    unserved = "train rows of little weight for serving"
    reasons = {
        UNSUPPORTED: "unsupported serve rows",
        FAR: "farthest from all other rows",
        UNSERVED: unserved,
        SEGMENT: "in a segment in which train and serve differ",
        COLUMN: "new or beyond train's range",
        OUTLINED: "outlined on the map",
    }
    st.button(
        "Send all to review",
        icon=":material/rate_review:",
        key="overlap-defer",
        on_click=_decide,
        args=(dataset, "defer", RowSet(chosen.ids), reasons[chosen.by]),
    )
    if chosen.by == UNSERVED:
        st.button(
            asking.words(f"Drop {count(chosen.ids.size, 'train row')}", "overlap-drop", "drop"),
            icon=":material/delete:",
            key="overlap-drop",
            on_click=_decide,
            args=(dataset, "drop", RowSet(chosen.ids), unserved),
        )
        asking.beside("overlap-drop")


def _decide(dataset: Dataset, action: str, chosen: RowSet, why: str) -> None:
    if not asking.held_back(dataset, action, chosen, place=f"overlap-{action}"):
        decisions.decide(dataset, action, chosen, why=why, checked=True)
