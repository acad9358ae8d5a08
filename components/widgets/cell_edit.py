"""One cell changed by hand: a step like any other, which can be undone, switched off and replayed."""

from __future__ import annotations

from typing import Any

import streamlit as st

from components import decisions, guard
from components.state import Notice, session, value
from components.text import marked, plain, tag
from components.widgets import actions, asking
from components.widgets.levels import levels
from core.dataset import Dataset
from core.errors import CoreError
from core.phrases import digits, in_full
from core.rowset import RowSet
from core.steps import check_written


def view(dataset: Dataset, row: int, column: str, key: str) -> None:
    """What the cell holds, and the box for what it is to hold. row: of ``dataset``."""
    own = f"cell-{key}-{row}-{tag(column)}-{session().turn}"
    number = int(dataset.source_rows(RowSet([row])).ids[0])
    now = shown(dataset.frame([column], rows=RowSet([row]))[column].iloc[0])
    with st.container(border=True, horizontal=True, vertical_alignment="center", key=f"cell-{key}"):
        told = f"is {plain(now, 80)}" if now else "is missing"
        st.markdown(f"**{plain(column, 60)}** of row {number} {told}", width="content")
        _box(levels(dataset, column), own)
        again = asking.words("Set", f"cell-{key}", "relabel", RowSet([row]), str(value(own)))
        st.button(again, key=f"set-{own}", icon=":material/edit:", type="primary", disabled=not value(own),
                  on_click=_set, args=(dataset, row, column, own, key))  # fmt: skip
        st.button("Make missing", key=f"blank-{own}", icon=":material/ink_eraser:", disabled=not now,
                  on_click=decisions.decide, args=(dataset, "blank", RowSet([row])),
                  kwargs={"column": column, "place": f"cell-{key}"})  # fmt: skip


def _box(offered: list[str], key: str) -> None:
    """What the cell is to hold: typed, or chosen where the column has few values."""
    look: dict[str, Any] = {"placeholder": "New value", "label_visibility": "collapsed", "width": 220}
    if offered:
        st.selectbox("New value", offered, None, key=key, accept_new_options=True, **look)
    else:
        st.text_input("New value", key=key, **look)


def answer(key: str) -> None:
    """What was done to a cell last in the list with this key, with Undo; or why it could not be."""
    refused = session().chosen.get(("refused", key))
    if refused and refused[0] == session().turn:
        st.error(plain(refused[1], 400), icon=":material/block:")
    actions.answer(f"cell-{key}")


def _set(dataset: Dataset, row: int, column: str, own: str, key: str) -> None:
    """Write what was typed, where the column can hold it."""
    given = str(value(own))
    refused = guard.attempt(lambda: check_written(dataset, column, given))
    if isinstance(refused, CoreError):
        session().chosen[("refused", key)] = (session().turn, str(refused))
        session().notice = Notice(str(refused), refused=True)
        return
    if asking.held_back(dataset, "relabel", RowSet([row]), given, f"cell-{key}"):
        return
    decisions.decide(
        dataset, "relabel", RowSet([row]), value=given, column=column, place=f"cell-{key}", checked=True
    )


def shown(given: Any, among: tuple[float, float] | None = None) -> str:
    """A cell in words: numbers with all their digits, days without the time of day, blanks at the ends seen.

    among: the ends of its column, where its numbers stand with separators.

    >>> import pandas as pd
    >>> [shown(value) for value in (2019, 7.0, 1234.5678901, 0.1 + 0.2, 12345678901234567.0)]
    ['2019', '7', '1234.5678901', '0.30000000000000004', '1.2345678901234568e+16']
    >>> [shown(value, (0.0, 1e8)) for value in (2019, 1234.5678901)], shown(2019, (1990.0, 2021.0))
    (['2,019', '1,234.5678901'], '2019')
    >>> [shown(value) for value in (pd.Timestamp("2020-01-31"), "at 00:00:00", "Bell ")]
    ['2020-01-31', 'at 00:00:00', 'Bell␣']
    """
    import numpy as np
    import pandas as pd

    if pd.isna(given):
        return ""
    if isinstance(given, pd.Timestamp):
        return str(given).removesuffix(" 00:00:00")
    if among is not None and isinstance(given, (int, float, np.number)) and not isinstance(given, bool):
        return in_full(given.item() if isinstance(given, np.number) else given, *among)
    if isinstance(given, (float, np.floating)):
        return digits(float(given))
    return marked(given, 300)
