"""What a step changed: in a sentence, as a picture of a column before and after, and as a table."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np
import streamlit as st

from components.figures import prepare as figures
from components.state import keep, session
from components.text import cut, plain, tag
from components.views.prepare import changed_rows
from components.views.prepare.changed_rows import PAGE
from components.widgets.chart import chart
from core.phrases import count
from core.steps import StepTrial, most_changed, picture

TOLD = 3  # renamed columns that are told one by one


def view(one: StepTrial, key: str, rows: int = PAGE, only_changed: bool = False, told: bool = True) -> None:
    """How much changed, the picture, and the table. told: whether there is anything to say of changes."""
    if told:
        st.markdown(summary(one))
    _picture(one, key)
    changed_rows.view(one, key, rows, only_changed)


def summary(one: StepTrial) -> str:
    """What changed, in one sentence; Markdown."""
    dropped, back, more = int(one.dropped.sum()), int(one.brought_back.sum()), int(one.new.sum())
    weighted = int(one.weighted.sum())
    parts = [
        f"**{count(one.changed_cells, 'cell')}** changed in {count(_rows_with_cells(one), 'row')}"
        if one.changed_cells
        else "",
        f"**{count(dropped, 'row')}** dropped" if dropped else "",
        f"**{count(back, 'row')}** brought back" if back else "",
        f"**{count(weighted, 'row')}** weighted" if weighted else "",
        f"**{count(more, 'row')}** added to {int(one.before.kept.sum()):,}" if more else "",
        _named("new", one.added),
        _named("gone", one.removed),
        *(f"{_name(old)} is now {_name(new)}" for new, old in list(one.renamed.items())[:TOLD]),
        f"{len(one.renamed) - TOLD:,} more renamed" if len(one.renamed) > TOLD else "",
    ]
    told = "; ".join(filter(None, parts))
    if told and one.sample_of:
        some = count(one.before.rows, "row")
        return f"On a sample of {some} of {one.sample_of:,}: {told}. Exact numbers follow once it is taken."
    if told:
        return f"{told[:1].upper()}{told[1:]}."
    if len(one.rows):
        return f"**{count(len(one.rows), 'row')}** marked; every cell stays as it is."
    return (
        "Nothing changes." if one.idle else "Every cell stays as it is; a column gets another kind or place."
    )


def _named(word: str, columns: Sequence[str]) -> str:
    if not columns:
        return ""
    more = f" and {count(len(columns) - 4)} more" if len(columns) > 4 else ""
    return f"**{count(len(columns), 'column')}** {word}: {', '.join(map(_name, columns[:4]))}{more}"


def _name(column: str) -> str:
    return f"'{plain(column, 40)}'"


def _rows_with_cells(one: StepTrial) -> int:
    hit = np.zeros(one.after.rows, bool)
    for differs in one.cells.values():
        hit |= differs
    return int(hit.sum())


def _picture(one: StepTrial, key: str) -> None:
    """One column before and after: those that the step touched to choose from, which changed most first."""
    touched = keep(
        ("most changed", one.before.dataset.version, session().turn, key), lambda: most_changed(one)
    )
    if not touched:
        return
    with st.expander("Before and after", icon=":material/compare_arrows:", expanded=True):
        column = touched[0]
        if len(touched) > 1:
            column = st.selectbox(
                "Column", touched, key=f"{key}-picture", format_func=lambda name: cut(name, 60), width=320
            )
        mark = ("before and after", one.before.dataset.version, session().turn, key, column)
        before, after = keep(mark, lambda: picture(one, column))
        chart(
            (*mark, "drawn"),
            partial(figures.figure, before, after),
            f"{key}-picture-{tag(column)}",
            figures.alt(column, before, after),
            figures.HOW,
            "The column holds no value, before or after.",
        )
