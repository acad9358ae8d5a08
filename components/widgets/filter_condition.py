"""One condition of a filter, to be filled in: column, comparison and value."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from components.state import keep
from components.text import tag
from components.widgets.filter_lines import ASKED, DATED, FITTING, FLAGGED, SCORE, VERBS, ConditionLine
from components.widgets.levels import levels
from core.dataset import Dataset
from core.filters.evaluation import kind_of_values
from core.filters.tree import ORDER, ValueKind
from core.finding_words import in_words
from core.numerics.conditions import numbers_only

CALLED = {FLAGGED: "A finding names the row", SCORE: "Outlier score (0 to 1)"}


def view(dataset: Dataset, line: ConditionLine, form: str, flags: tuple[str, ...]) -> ConditionLine:
    """The condition as it is filled in now. form: key of the form that it stands in. flags: the findings that
    name rows.
    """
    at = f"{dataset.version}-{line.number}"
    names = [*dataset.names, *(ASKED if flags or line.column in ASKED else ())]
    column = st.selectbox(
        "Column",
        names,
        names.index(line.column),
        format_func=lambda name: CALLED.get(name, name),
        key=f"{form}-column-{at}",
        label_visibility="collapsed",
        width=240,
    )
    stored, verbs = fitting(dataset, column)
    verb = st.selectbox(
        "Comparison",
        verbs,
        verbs.index(line.verb) if line.verb in verbs else 0,
        format_func=lambda verb: DATED.get(verb, verb) if stored == "date" else verb,
        key=f"{form}-op-{at}-{tag(column)}",
        label_visibility="collapsed",
        width=170,
    )
    op = VERBS[verb][0]
    kind: ValueKind = "number" if op in ORDER and stored == "text" else stored
    same = column == line.column and op == VERBS[line.verb][0]
    decimal = str(dataset.source.options.get("decimal") or ".")
    asked = ConditionLine(line.number, column, kind, verb, line.values if same else (), decimal)
    filled = replace(asked, values=_values(dataset, asked, f"{form}-value-{at}-{tag(column)}-{op}", flags))
    if filled.read_as:
        st.caption(f":material/info: {filled.read_as}", width="content")
    return filled


def fitting(dataset: Dataset, column: str) -> tuple[ValueKind, list[str]]:
    """The kind of values of a column, and the comparisons that suit it."""
    if column in ASKED:
        return "text" if column == FLAGGED else "number", list(ASKED[column])
    stored = kind_of_values(dataset[column].stored)
    ops = (*FITTING[stored], *(ORDER if _numbers_in_text(dataset, column) else ()))
    return stored, [verb for verb, (op, _) in VERBS.items() if op in ops]


def _values(dataset: Dataset, line: ConditionLine, key: str, flags: tuple[str, ...]) -> tuple[str, ...]:
    """What is filled in after the comparison."""
    op = VERBS[line.verb][0]
    if op == "missing":
        return ()
    if op == "between":
        ends = [*line.values, "", ""][:2]
        return tuple(_box(line, end, f"{key}-{place}", 130) for place, end in enumerate(ends))
    known = levels(dataset, line.column) if op in ("is", "one of") and line.column not in ASKED else []
    known = [*flags] if line.column == FLAGGED else known
    if op == "one of":
        offered = list(dict.fromkeys([*known, *line.values]))
        chosen = st.multiselect(
            "Values",
            offered,
            list(line.values),
            key=key,
            accept_new_options=True,
            label_visibility="collapsed",
            width=280,
            placeholder="Choose or type",
        )
        return tuple(chosen)
    first = line.values[0] if line.values else None
    if not known:
        text = _box(line, first or "", key, 280)
        return (text,) if text else ()
    offered = list(dict.fromkeys([*known, *([] if first is None else [first])]))
    chosen_one = st.selectbox(
        "Value",
        offered,
        None if first is None else offered.index(first),
        key=key,
        accept_new_options=True,
        label_visibility="collapsed",
        width=280,
        placeholder="Choose or type",
        format_func=lambda given: given if line.column != FLAGGED else in_words(given),
    )
    return () if chosen_one is None else (chosen_one,)


def _box(line: ConditionLine, text: str, key: str, width: int) -> str:
    hints: dict[ValueKind, str] = {"number": "A number", "date": "2024-03-31"}
    given: str | None = st.text_input(
        "Value",
        text,
        key=key,
        label_visibility="collapsed",
        width=width,
        placeholder=hints.get(line.kind, "A pattern" if line.verb == "matches pattern" else "A value"),
    )
    return given or ""


def _numbers_in_text(dataset: Dataset, column: str) -> bool:
    """Whether a column of text holds numbers alone, as no type of number keeps all of their digits."""
    if dataset[column].stored != "string":
        return False
    key = ("numbers only", dataset.version, column)
    return keep(key, lambda: numbers_only(dataset.table([column]).column(0)))
