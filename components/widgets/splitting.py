"""Which rows are the serve part: the open data set split by a column's value or a date, split otherwise, or
not at all. Decisions stay.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, NamedTuple

import streamlit as st

from components import guard
from components.state import Notice, keep, session, value
from components.text import cut, plain
from core.dataset import Dataset
from core.dataset.column import Column
from core.dataset.split import PartSplit
from core.errors import CoreError
from core.phrases import count, name, quoted, verb

LEVELS = 60  # most levels of a column to split by
ENOUGH = 0.05  # share of rows that a number has at least to be first set for serve
SHARE = 0.3  # serve rows that a date is first set to leave


def in_words(split: PartSplit | None) -> str:
    """How the rows are split, in a few words.

    >>> in_words(None), in_words(PartSplit("file", at=5))
    ('one part', 'serve is a second file')
    >>> in_words(PartSplit("value", column="town", value="Lyon"))
    "serve rows hold 'Lyon' in 'town'"
    >>> in_words(PartSplit("time", column="day", value="2024-05-01"))
    "serve rows are from 2024-05-01 on in 'day'"
    """
    if split is None:
        return "one part"
    if split.how == "file":
        return "serve is a second file"
    if split.how == "time":
        return f"serve rows are from {split.value} on in {name(split.column)}"
    return f"serve rows hold {quoted(split.value)} in {name(split.column)}"


def changed(dataset: Dataset) -> None:
    """How the open data set is split, with the way back and to another column or date. Two files are two
    parts whatever is chosen here.
    """
    split = dataset.split
    if split is not None and split.how == "file":
        st.caption("Train and serve are two files. To compare with other rows, load them again.")
        return
    if split is not None:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"Split: {plain(in_words(split), 200)}.", width="content")
            st.button(
                "Do not split",
                icon=":material/call_merge:",
                key="split-not",
                help="All rows are one part again. Your decisions stay.",
                on_click=_unsplit,
            )
    title = "Split otherwise" if split is not None else "Split these data"
    if st.toggle(title, key="split-otherwise"):  # not asked for, no column is looked through
        picker(dataset, "")


def picker(dataset: Dataset, title: str = "**Split these data**") -> None:
    """A column, and the value or the date from which rows are serve."""
    dataset = dataset.base or dataset
    ways = _splits(dataset)
    if not ways:
        st.caption(plain(_nothing(dataset), 200))
        return
    if title:
        st.markdown(title)
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


def can_split(dataset: Dataset) -> bool:
    """Whether some column can say which rows are serve."""
    return bool(_splits(dataset.base or dataset))


def _splits(dataset: Dataset) -> dict[str, Any]:
    return keep(("splits", dataset.version), lambda: _ways(dataset))


def _nothing(dataset: Dataset) -> str:
    """Why there is nothing to split by, in a sentence."""
    if dataset.rows < 2:
        return f"With {count(dataset.rows, 'row')} there is nothing to split."
    day = next((column.name for column in dataset.columns if column.kind == "datetime"), None)
    if day is not None:
        return f"Nothing to split by: {name(day)} holds one day only, and no column few values."
    but = ["the target"] if dataset.roles.target else []
    but += ["those measured of images"] if dataset.measured else []
    which = f"of the columns other than {' and '.join(but)} none" if but else "no column"
    return f"Nothing to split by: {which} holds dates or has 2 to {LEVELS} values."


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
    """The click: the same data, split."""
    now, given = session(), value(key)
    if now.dataset is not None and given is not None:
        how = "time" if now.dataset[column].kind == "datetime" else "value"
        _take(now.dataset, PartSplit(how, column=column, value=str(given)))


def _unsplit() -> None:
    """The click: the same data in one part."""
    if (dataset := session().dataset) is not None:
        _take(dataset, None)


def _take(dataset: Dataset, split: PartSplit | None) -> None:
    """Have the open data set with this split, or say why that cannot be."""
    from core.workspace import remember

    now = session()
    parted = guard.attempt(lambda: dataset.with_split(split))
    if isinstance(parted, CoreError):
        st.toast(plain(parted, 400), icon=":material/error:")
        return
    now.dataset = parted
    guard.attempt(lambda: remember(parted))
    now.turn += 1
    if dataset.split is not None or now.review.batches:
        stay = verb(len(now.review.batches), "stays", "stay")
        stay = f" {now.review.amount} made before {stay}." if now.review.batches else ""
        back = partial(_back, dataset.split)
        now.notice = Notice(f"{_said(split)}{stay}", back=back)


def _back(split: PartSplit | None) -> None:
    """The click that takes it back."""
    if (dataset := session().dataset) is not None:
        _take(dataset, split)


def _said(split: PartSplit | None) -> str:
    """What was done, as a sentence."""
    return "The data are one part again." if split is None else f"Split: {in_words(split)}."
