"""The weights of the rows of a coreset, together with those that were given by decisions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from components.state import session
from components.text import plain
from components.views.coreset import drawn_from
from core.dataset import Dataset
from core.phrases import count, name, verb

if TYPE_CHECKING:
    import pandas as pd

    from core.analyses.coreset.analysis import CoresetResult


def weights(dataset: Dataset, result: CoresetResult) -> NDArray[np.float64]:
    """Of each row drawn, float64, in the order of ``result.row``: how many rows it stands for, times the
    weight that a decision gave it, which takes the place of one in the column of that role.
    """
    drawn, given = result.coreset.sample.weight, _given(dataset)[result.row]
    own = np.ones(drawn.size)
    role = dataset.roles.weight
    if role is not None and role in dataset.names:
        own = dataset.table([role]).column(0).take(result.row).to_numpy().astype(np.float64)
    known = np.isfinite(given) & (own > 0)
    return np.asarray(drawn * np.where(known, given / np.where(own > 0, own, 1.0), 1.0))


def counted(dataset: Dataset, result: CoresetResult, classes: pd.DataFrame) -> pd.DataFrame:
    """The table of the classes, or strata, its largest weights those that are listed, decisions counted."""
    weight, drawn = weights(dataset, result), result.coreset.sample.stratum
    groups = np.asarray(result.coreset.pilot.groups)
    there = np.unique(groups[np.asarray(result.coreset.sketch.rows) > 0])
    largest = [float(weight[drawn == at].max(initial=0.0)) for at in there.tolist()]
    return classes.assign(largest_weight=largest)


def note(dataset: Dataset, result: CoresetResult) -> None:
    """That weights were given by decisions, and what of this page counts them."""
    if given := by_decision(dataset):
        st.info(
            f"{count(given, 'row')} {verb(given, 'has', 'have')} a weight by your decisions. The coreset is "
            f"drawn, and fits are judged, {_without(dataset)}; the weights listed here, and in its files, "
            "count them.",
            icon=":material/balance:",
        )


def by_decision(dataset: Dataset) -> int:
    """How many rows have a weight by a decision."""
    return int(np.isfinite(_given(dataset)).sum())


def _given(dataset: Dataset) -> NDArray[np.float64]:
    """Of each row the weight that a decision gave it, those of a coreset that was kept left aside; NaN for
    none, and for all in the data as loaded.
    """
    if session().as_loaded:
        return np.full(dataset.rows, np.nan)
    return drawn_from.settled(dataset).weight


def _without(dataset: Dataset) -> str:
    role = dataset.roles.weight
    return f"by the weights in {plain(name(role), 60)} alone" if role else "as if each row counted once"
