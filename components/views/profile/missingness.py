"""The missing tab: where gaps are, the patterns they make with the rows behind each, and what imputing would
do.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import streamlit as st

from components import address, attention, results
from components.figures import missingness as drawn
from components.glossary import hint
from components.state import value
from components.text import cut, plain
from components.widgets import actions, layout, rows
from components.widgets.chart import chart, pickable, unpick
from core.dataset import Dataset
from core.phrases import count, verb
from core.prepare.lacked import parts_lacking

if TYPE_CHECKING:
    from core.analyses.missingness.result import MissingnessResult

NAMED = 3  # findings of another tab that are named
HALF = 380  # pixels: narrower than this, the words below a figure do not fit
FIRST = 3  # columns of a pattern that are shown before the others


def view(dataset: Dataset, result: MissingnessResult) -> None:
    """What stands under Columns; the matrix, the patterns, what other columns predict, the rows of the
    pattern chosen, and imputing.
    """
    _under_columns(dataset)
    if not result.gaps:
        return
    mark = _mark(dataset)
    key = address.key(f"gaps-sorted-{dataset.version}")
    first, noting = address.text("order") == "gaps", address.noting("order", key, {True: "gaps", False: ""})
    ordered = st.toggle("Sort rows by their gaps", first, key=key, **noting)
    key = f"gaps-{dataset.version}-{ordered}"
    chart(
        (*mark, "matrix", ordered),
        partial(drawn.gap_matrix, result, ordered, dataset.source_ids),
        key,
        drawn.alt_matrix(result),
        drawn.HOW_MATRIX,
    )
    left, right = layout.halves(HALF)
    with left:
        chosen = _patterns(dataset, result)
    with right:
        if any(gap.model is not None for gap in result.gaps):
            st.markdown("**Missing completely at random?**", help=hint("MCAR"))
            alt = "Dots with intervals: how well the other columns predict where each column is missing."
            chart(
                (*mark, "model"),
                partial(drawn.model_dots, result),
                f"gap-model-{dataset.version}",
                alt,
                drawn.HOW_MODEL,
            )
    if chosen is not None:
        _rows(dataset, result, chosen)
    _filling(dataset, result)


def _under_columns(dataset: Dataset) -> None:
    """Which findings on gaps stand on the first tab, where they are counted, and the door to it."""
    codes = attention.of_codes(dataset)
    told = [*attention.of_gaps(dataset), *codes]
    if not told:
        return
    first = "; ".join(plain(finding.title, 120) for finding in told[:NAMED])
    more = f"; and {count(len(told) - NAMED)} more" if len(told) > NAMED else ""
    what = "missing values" if codes else "gaps"
    here = results.worked_out(dataset, "missingness")
    beside = {f.key for f in attention.listed_here(dataset, here)} - {f.key for f in told} if here else ()
    noun = "other finding" if beside else "finding"
    stand = f"{count(len(told), noun)} on {what} {verb(len(told), 'stands', 'stand')} under Columns"
    with st.container(horizontal=True, vertical_alignment="center", key="gaps-under-columns"):
        st.markdown(f"{stand}: {first}{more}.", width="content")
        st.button(
            "See them under Columns" if len(told) > 1 else "See it under Columns",
            key="gaps-columns-door",
            type="tertiary",
            icon=":material/view_column:",
            on_click=partial(address.go, tab="columns", finding=told[0].key),
        )


def _mark(dataset: Dataset) -> tuple[Any, ...]:
    return ("deeper", *results.mark(dataset, "missingness"))


def _patterns(dataset: Dataset, result: MissingnessResult) -> int | None:
    """The patterns drawn; a click on a bar, or the list, chooses the one whose rows are wanted."""
    st.markdown("**Missing together**")
    figure, key = f"patterns-{dataset.version}", address.key(f"pattern-{dataset.version}")
    alt = (
        f"Bars: rows of the {count(min(len(result.patterns), drawn.PATTERNS))} most frequent combinations "
        "of missing columns."
    )
    pickable(
        (*_mark(dataset), "patterns"),
        partial(drawn.pattern_bars, result),
        figure,
        alt,
        lambda place: address.go(pattern=str(place)),
        drawn.HOW_PATTERNS,
    )
    words = {
        place: (f"{cut(sentence, 70)} ({count(held, 'row')})")
        for place, (sentence, held) in drawn.pattern_words(result).items()
    }
    first = address.meant("pattern", {place: str(place) for place in words})
    return st.selectbox(
        "Rows of one pattern",
        list(words),
        None if first is None else list(words).index(first),
        key=key,
        format_func=lambda place: words.get(place, ""),
        placeholder="Click a bar, or choose one here, to see its rows",
        label_visibility="collapsed",
        on_change=_chosen,
        args=(key, figure),
    )


def _chosen(key: str, figure: str) -> None:
    """A pattern was chosen from the list: the bar that was clicked is not it any more."""
    unpick(figure)
    address.note("pattern", "" if value(key) is None else str(value(key)))


def _rows(dataset: Dataset, result: MissingnessResult, place: int) -> None:
    """The rows of a pattern, and what to do with them."""
    words = drawn.pattern_words(result).get(place)
    if words is None:
        return
    st.markdown(f"**Rows: {plain(words[0], 120)}**")
    absent = [result.gaps[column].name for column in result.patterns[place].columns] if place >= 0 else []
    key = f"pattern-{place}"
    picked = rows.listing(dataset, result.rows_of_pattern(place).ids, key, first=absent[:FIRST])
    actions.bar(dataset, picked, key, column=next(iter(absent), ""))


def _filling(dataset: Dataset, result: MissingnessResult) -> None:
    """What imputing would do, and the fitted imputer to export."""
    if not result.effects:
        return
    st.subheader("What imputing would do")
    words = {i: f"{effect.column} by {effect.strategy}" for i, effect in enumerate(result.effects)}
    key = address.key(f"filling-{dataset.version}")
    at = st.selectbox(
        "Column and strategy",
        range(len(result.effects)),
        address.meant("effect", words, 0),
        key=key,
        format_func=lambda i: f"{cut(result.effects[i].column, 50)} by {result.effects[i].strategy}",
        **address.noting("effect", key, words, 0),
    )
    effect = result.effects[at]
    if told := _in_train(dataset, result, effect.column):
        st.caption(told)
    mark = (*_mark(dataset), "effect", at)
    chart(
        mark,
        partial(drawn.filling_bars, effect),
        f"effect-{dataset.version}-{at}",
        drawn.alt_effect(effect),
        drawn.HOW_EFFECT,
    )
    with st.container(horizontal=True):
        quiet: dict[str, Any] = {"on_click": "ignore", "icon": ":material/download:"}
        st.download_button(
            "Fitted imputer (skops)",
            lambda: result.filler,
            "imputer.skops",
            "application/octet-stream",
            **quiet,
        )
        st.download_button("The same as code", lambda: result.code, "imputer.py", "text/x-python", **quiet)


def _in_train(dataset: Dataset, result: MissingnessResult, column: str) -> str:
    """That the picture is of train alone, and how many of the column's gaps are there; "" without serve."""
    if dataset.split is None:
        return ""
    if parts_lacking(dataset, [column]):
        return "Drawn for train alone: serve does not have the column."
    gap = next(one for one in result.gaps if one.name == column)
    there = round(gap.train * dataset.parts["train"])
    return (
        f"Drawn for train alone, with {count(there)} of the {count(gap.missing, 'missing cell')}: what is "
        "learned there fills serve, too."
    )
