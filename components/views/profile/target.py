"""The target tab: how well it can be predicted, the target over one column, and which columns a quick model
needs.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from components import address, frame, open_data, results
from components.figures import target as drawn
from components.glossary import hint
from components.text import cut, number, plain, share, tag
from components.widgets import layout
from components.widgets.chart import chart
from core.dataset import Dataset
from core.phrases import name

if TYPE_CHECKING:
    from core.analyses.target.analysis import TargetResult

STRONGEST = (
    "The column with the largest effect on the target by itself, whichever others there are. Permutation "
    "importance is what the model of all columns loses without one, and may rank them otherwise."
)
NONE_RELATED = "No column relates to the target by itself more than chance explains."


def view(dataset: Dataset, result: TargetResult) -> None:
    """Whether the target is read as meant; the model's skill, and the way to Leakage where a column relates
    to the target; the target over the column chosen.
    """
    if result.whole:
        _as_class(dataset, result)
    _skill(result)
    if (strongest := result.summary["strongest_column"]) and strongest not in result.measured:
        frame.leakage_door()
    columns = [relation.column for relation in result.relations]
    if not columns:
        return
    left, right = layout.thirds(2, 1, "target")
    with left:
        _over(dataset, result, columns)
    with right:
        if result.important:
            st.markdown("**Permutation importance**", help=hint("Permutation importance"))
            mark = (*_mark(dataset), "importance")
            chart(
                mark,
                partial(drawn.importance, result),
                f"importance-{dataset.version}",
                drawn.IMPORTANCE_ALT,
                drawn.IMPORTANCE_HOW,
            )


def _mark(dataset: Dataset) -> tuple[object, ...]:
    return ("deeper", *results.mark(dataset, "target"))


def _as_class(dataset: Dataset, result: TargetResult) -> None:
    """That a target of few whole numbers is taken as a number, and the click that makes it a class."""
    with st.container(horizontal=True, vertical_alignment="center", key="target-kind"):
        name = plain(result.target, 40)
        sentence = (
            f":blue[:material/info:] {name} is taken as a number: {result.whole} distinct whole numbers. Do "
            "they name classes?"
        )
        st.markdown(sentence, width="content")
        change = (dataset, {result.target: "category"})
        st.button(
            "Treat it as a class",
            icon=":material/category:",
            key="target-as-class",
            on_click=open_data.ask_kinds,
            args=change,
        )


def _skill(result: TargetResult) -> None:
    if result.quality is None:
        return
    skill = result.quality.skill
    places = layout.cells(3, 160)
    places[0].metric(
        "Skill of a quick model",
        number(skill.value),
        help=hint("Skill"),
    )
    places[1].metric("Between", f"{number(skill.low)} and {number(skill.high)}", help=hint("95% interval"))
    strongest = plain(str(result.summary["strongest_column"]), 40)
    places[2].metric("Strongest column", strongest or "none", help=STRONGEST if strongest else NONE_RELATED)


def _over(dataset: Dataset, result: TargetResult, columns: Sequence[str]) -> None:
    """The target over one column; of several classes one at a time."""
    with st.container(horizontal=True):
        key = address.key(f"target-column-{dataset.version}")
        first, noting = address.one_of("column", columns), address.noting("column", key, default=columns[0])
        at = columns.index(first) if first is not None else 0
        column = st.selectbox(
            "Column", columns, at, key=key, format_func=lambda name: cut(name, 60), **noting
        )
        chosen = _class(dataset, result, column)
    mark = (*_mark(dataset), column, chosen)
    key = f"bins-{dataset.version}-{tag(column)}-{tag(chosen)}"
    chart(mark, partial(drawn.over_bins, result, column, chosen), key, drawn.ALT, drawn.HOW)
    if column in dataset.measured:
        st.caption(plain(f"{name(column)} is measured of the images.", 120))


def _class(dataset: Dataset, result: TargetResult, column: str) -> str:
    """The class whose share is drawn: unless chosen otherwise the one that the column predicts best."""
    best = result.best_class(column)
    if len(result.shown_classes) < 2:
        return best
    rates = dict(zip(result.shown_classes, result.overall.tolist(), strict=True))
    names = {
        "": f"{cut(best, 30)}: predicted best",
        **{name: f"{cut(name, 30)} ({share(rate, 1)})" for name, rate in rates.items()},
    }
    help_ = (
        "A class stays chosen while you look at other columns; the first line always takes the one that the "
        "column predicts best."
    )
    key = address.key(f"target-class-{dataset.version}")
    first, noting = address.one_of("class", list(rates)), address.noting("class", key, default="")
    return (
        st.selectbox(
            "Share of class",
            list(names),
            list(names).index(first or ""),
            key=key,
            format_func=names.__getitem__,
            help=help_,
            width=240,
            **noting,
        )
        or best
    )
