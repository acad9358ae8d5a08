"""The sample tab: the first rows, rows drawn by their content, or the most unusual ones."""

from __future__ import annotations

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from components import address, guard, results
from components.state import keep
from components.text import plain
from components.views.issues import outliers
from components.widgets import actions, placed, rows
from core.dataset import Dataset
from core.errors import CoreError
from core.phrases import count
from core.prepare.sampling import sampled

FIRST, RANDOM, UNUSUAL = "All, from the first", "Random", "Most unusual"
WAYS = {FIRST: "first", RANDOM: "random", UNUSUAL: "unusual"}  # as the address has them
DRAWS = 1_000_000
DRAWN = 100


def view(dataset: Dataset) -> None:
    """Which rows, a search, the rows, the action bar."""
    st.markdown("#### What do the rows look like?")
    with st.container(horizontal=True, vertical_alignment="top"):
        way = placed.switch("Which rows", "rows", WAYS, FIRST, f"sample-{dataset.version}")
        seed = 0
        if way == RANDOM:
            seed_help = (
                f"Which {DRAWN} rows are drawn: the same number gives the same rows, whatever their order "
                "in the file."
            )
            key, first = (
                address.key(f"sample-seed-{dataset.version}"),
                int(address.number("draw", 0, DRAWS, 0)),
            )
            noting = address.noting("draw", key, default=0)
            seed = int(st.number_input("Draw", 0, DRAWS, first, key=key, help=seed_help, width=140, **noting))
        words = placed.search(f"sample-search-{dataset.version}", "Search", width=280)
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
        f"Highest outlier score first, of {count(int(result.judged.sum()), 'row')}, with the columns in "
        "which a row is outlying. More on the Issues page."
    )
    ids = rows.search(dataset, outliers.order(dataset, result), words)
    extra = {"Score": outliers.scores(dataset, result)[ids], "Why": outliers.Why(dataset, result, ids)}
    actions.bar(dataset, rows.listing(dataset, ids, "sample-unusual", extra), "sample-unusual")
