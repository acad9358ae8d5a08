"""The overlap page where there is one part only: what is missing for a comparison, and three ways to it. The
map stands below.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import streamlit as st

from components import address, guard, open_data
from components.state import keep, session, value
from components.text import cut, plain
from components.widgets import vectors
from core.dataset import Dataset
from core.dataset.column import Column
from core.dataset.split import PartSplit
from core.errors import CoreError
from core.phrases import count, name

LEVELS = 60  # most levels of a column to split by
ENOUGH = 0.05  # share of rows that a number has at least to be first set for serve
SHARE = 0.3  # serve rows that a date is first set to leave


def view(dataset: Dataset) -> None:
    """What is missing, and three ways to it."""
    why = (
        "is one part: to compare rows that a model learns from (train) with rows that it meets (serve), "
        "split it or load a second file."
    )
    st.info(f"{plain(dataset.name, 60)} {why}", icon=":material/call_split:")
    _picker(dataset)
    with st.container(horizontal=True, vertical_alignment="center"):
        address.link("pages/data/load.py", "Load a second file", icon=":material/upload_file:")
        st.button(
            "Load sample data",
            icon=":material/science:",
            key="overlap-sample",
            on_click=_sample,
            type="tertiary",
        )
        with st.popover("Vectors", icon=":material/scatter_plot:", type="tertiary"):
            vectors.picker(dataset.base or dataset)


def _picker(dataset: Dataset) -> None:
    """A column, and the value or the date from which rows are serve."""
    ways = keep(("splits", dataset.version), lambda: _ways(dataset))
    if not ways:
        st.caption(plain(_nothing(dataset), 200))
        return
    st.markdown("**Split these data**")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        column = st.selectbox(
            "By column",
            list(ways),
            key=f"split-by-{dataset.version}",
            format_func=lambda n: cut(n, 60),
            width=260,
        )
        key = f"split-at-{dataset.version}-{list(ways).index(column)}"
        options = ways[column]
        if isinstance(options, _ServeValues):
            st.selectbox(
                "Serve rows hold",
                options.values,
                options.start,
                key=key,
                format_func=lambda text: cut(text, 60),
                width=260,
            )
        else:
            low, start, high = options
            st.date_input("Serve rows are from", start, low, high, key=key, width=260)
        st.button(
            "Compare",
            type="primary",
            icon=":material/call_split:",
            key="split-here",
            on_click=_split,
            args=(column, key),
        )


def _nothing(dataset: Dataset) -> str:
    """Why there is nothing to split by, in a sentence."""
    if dataset.rows < 2:
        return f"With {count(dataset.rows, 'row')} there is nothing to split."
    day = next((column.name for column in dataset.columns if column.kind == "datetime"), None)
    if day is not None:
        return f"Nothing to split by: {name(day)} holds one day only, and no column few values."
    but = "" if not dataset.roles.target else " but the target"
    if dataset.measured:
        but = f"{but or ' but'}{' and' if but else ''} those measured of images"
    return f"Nothing to split by: no column{but} holds dates, and none has between 2 and {LEVELS} values."


class _ServeValues(NamedTuple):
    """The values of a column as text, and the place of the one that is first set for serve."""

    values: list[str]
    start: int


def _levels(column: Column, rows: Mapping[str, int]) -> _ServeValues:
    """Numbers in their order, and the largest of a value with enough rows, though not with most of them, is
    serve: of years the latest.
    """
    if column.kind != "numeric":
        return _ServeValues(sorted(rows), 0)
    values, every = sorted(rows, key=float), sum(rows.values())
    enough = [at for at, text in enumerate(values) if ENOUGH * every <= rows[text] <= every / 2]
    return _ServeValues(values, enough[-1] if enough else len(values) - 1)


def _ways(dataset: Dataset) -> dict[str, Any]:
    """Column -> its values as text, or (first day, a day with about a third after it, last day); columns of
    dates first, then those whose rarest value has most rows; not the target, which no split should be by, and
    nothing that was measured of pictures.
    """
    import pyarrow.compute as pc

    times: dict[str, Any] = {}
    words: dict[str, Any] = {}
    rarest: dict[str, int] = {}
    barred = {*dataset.measured, dataset.roles.target}
    for column in dataset.columns:
        if column.name in barred:
            continue
        if column.kind == "datetime" and column.stored.startswith("timestamp"):
            values = dataset.frame([column.name])[column.name].dropna()
            if len(values) and values.min().date() < values.max().date():
                times[column.name] = tuple(
                    values.quantile(q, interpolation="lower").date() for q in (0.0, 1.0 - SHARE, 1.0)
                )
        elif column.kind in ("category", "boolean", "numeric"):
            counted = pc.value_counts(
                pc.drop_null(dataset.table([column.name]).column(0).cast("string").combine_chunks())
            )
            if 2 <= len(counted) <= LEVELS:
                rows = {str(one["values"]): one["counts"] for one in counted.to_pylist()}
                words[column.name] = _levels(column, rows)
                rarest[column.name] = min(rows.values())
    ranked = sorted(words, key=lambda name: -rarest[name])
    return times | {name: words[name] for name in ranked}


def _split(column: str, key: str) -> None:
    """The click: the same data, parted."""
    from core.workspace import remember

    now, given = session(), value(key)
    if now.dataset is None or given is None:
        return
    dataset = now.dataset
    how = "time" if dataset[column].kind == "datetime" else "value"
    parted = guard.attempt(lambda: dataset.with_split(PartSplit(how, column=column, value=str(given))))
    if isinstance(parted, CoreError):
        st.toast(plain(parted, 400), icon=":material/error:")
        return
    now.dataset = parted
    guard.attempt(lambda: remember(parted))
    now.turn += 1


def _sample() -> None:
    """The first sample data set that has both parts."""
    open_data.ask_sample(
        next(sample for sample in open_data.all_samples() if "serve" in sample.files), stay=True
    )
