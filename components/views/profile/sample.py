"""The sample tab: the first rows, rows drawn by their content, or the most unusual ones."""

from __future__ import annotations

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from components import guard, results
from components.state import keep
from components.text import plain
from components.views.issues import outliers
from components.widgets import actions, rows
from core.dataset import Dataset
from core.errors import CoreError
from core.phrases import count
from core.prepare.sampling import sampled

FIRST, RANDOM, UNUSUAL = "All, from the first", "Random", "Most unusual"
DRAWN = 100


def view(dataset: Dataset) -> None:
    """Which rows, a search, the rows, the action bar."""
    st.markdown("#### What do the rows look like?")
    with st.container(horizontal=True, vertical_alignment="top"):
        way = st.segmented_control(
            "Which rows",
            (FIRST, RANDOM, UNUSUAL),
            default=FIRST,
            required=True,
            key=f"sample-{dataset.version}",
        )
        seed = 0
        if way == RANDOM:
            seed_help = (
                f"Which {DRAWN} rows are drawn: the same number gives the same rows, whatever their order "
                "in the file."
            )
            seed = int(
                st.number_input(
                    "Draw", 0, 1_000_000, 0, key=f"sample-seed-{dataset.version}", help=seed_help, width=140
                )
            )
        words = st.text_input(
            "Search",
            key=f"sample-search-{dataset.version}",
            placeholder="Any text, or a row number",
            icon=":material/search:",
            width=280,
        )
    if way == UNUSUAL:
        _unusual(dataset, words)
        return
    ids = np.arange(dataset.rows) if way == FIRST else _drawn(dataset, seed)
    key = f"sample-{'first' if way == FIRST else seed}"
    actions.bar(dataset, rows.listing(dataset, rows.search(dataset, ids, words), key), key)


def _drawn(dataset: Dataset, seed: int) -> NDArray[np.int64]:
    def work() -> NDArray[np.int64]:
        with st.spinner("Drawing rows"):
            chosen = sampled(dataset, dataset.names, DRAWN, seed)
        return np.arange(dataset.rows) if chosen is None else chosen

    return keep(("drawn", dataset.version, seed), work)


def _unusual(dataset: Dataset, words: str) -> None:
    """The rows that stand furthest from the rest, with score and reason."""
    outcomes = results.outcomes(dataset, "outliers")
    if outcomes is None:
        return
    result = outcomes["outliers"].result
    if result is None or result.status.state != "ok":
        guard.show(CoreError(plain(outcomes["outliers"].status, 400)))
        return
    st.caption(
        f"Highest outlier score first, of {count(dataset.rows, 'row')}, with the columns in which a row is "
        "outlying. More on the Issues page."
    )
    ids = rows.search(dataset, outliers.order(dataset, result), words)
    extra = {"Score": outliers.scores(dataset, result)[ids], "Why": outliers.Why(dataset, result, ids)}
    actions.bar(dataset, rows.listing(dataset, ids, "sample-unusual", extra), "sample-unusual")
