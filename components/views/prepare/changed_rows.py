"""The rows that a step changed, as a table: what is new beside what was there, marked in words and in
colour.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st

from components.figures.theme import BLUE, GREEN, ORANGE, tinted
from components.text import cut, marked, tag
from components.widgets import rows_clicked, rows_place, rows_tools
from components.widgets.layout import text_width
from components.widgets.rows import turn_pages
from components.widgets.rows_tools import Listed
from core.errors import CoreError
from core.phrases import count, number
from core.rowset import RowSet
from core.steps import StepTrial

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray
    from pandas.io.formats.style import Styler

PAGE = 25
SHOWN = 24  # most columns
PLACE = 640  # pixels of the table beside the list of steps
TOLD = 3  # changes of a row told in words
ALL, CHANGED = "All rows", "Changed rows"
# Okabe and Ito's colours, seen on light and on dark; what they mean is told in words in the same row
NEW, OLD, ADDED = tinted(GREEN, 0.28), tinted(ORANGE, 0.22), tinted(BLUE, 0.28)


def view(one: StepTrial, key: str, rows: int, only_changed: bool) -> None:
    """The rows, those that changed by default, a page at a time."""
    ids = (one.data_rows or one.rows).ids
    every = np.flatnonzero(one.dropped | one.after.kept)
    if not only_changed and ids.size:
        which = st.segmented_control(
            "Rows",
            [CHANGED, ALL],
            default=CHANGED,
            required=True,
            key=f"{key}-which",
            label_visibility="collapsed",
            format_func=lambda word: (
                f"{_called(one)} ({count(ids.size)})" if word == CHANGED else f"{word} ({count(every.size)})"
            ),
        )
        ids = every if which == ALL else ids
    elif not only_changed or (not ids.size and one.added):
        ids = every
    if not ids.size:
        return
    if only_changed:
        frame = _styled(one, ids[:rows], None)
        _drawn(one, frame, f"{key}-table-{ids.size}", told=f"{count(ids.size, 'row')}")
        if ids.size > rows:
            st.caption(f"The first {count(rows)} of {count(ids.size, 'row')}.")
        return
    _listed(one, Listed(one.after.data, ids, key.rpartition("-")[0], first=list(one.cells)), rows)


def _called(one: StepTrial) -> str:
    """What the rows listed first are: those in which the data differ, or else those decided about."""
    if not one.data_rows:
        return "Rows decided about"
    gone = bool(one.dropped[one.data_rows.ids].any())
    return "Changed or dropped rows" if gone else CHANGED


def _listed(one: StepTrial, listed: Listed, rows: int) -> None:
    """The rows as a list of rows is everywhere: sorted, filtered and paged over all of them."""
    chosen = rows_tools.view(listed)
    if isinstance(chosen, CoreError) or not chosen.places.size:
        return
    pages = -(-chosen.places.size // rows)
    at = rows_place.page(listed.key, pages)
    here = listed.ids[chosen.places[(at - 1) * rows : at * rows]]
    names = chosen.columns if rows_place.columns(listed.dataset) else None
    told = f"{count(chosen.places.size, 'row')}, page {at} of {pages}"
    frame = _styled(one, here, names)
    event = _drawn(one, frame, f"{listed.key}-table-{tag(str(here.tolist()))}", told, clicked=True)
    turn_pages(listed, chosen.places.size, at, pages)
    rows_clicked.view(listed, here, event, frame.data, PLACE)


def _drawn(one: StepTrial, frame: Styler, key: str, told: str, clicked: bool = False) -> Any:
    """The table itself; gives what was clicked, where that is asked for."""
    held = {head: [str(head), *_texts(frame.data[head])] for head in frame.columns}
    numeric = set(one.after.data.of_kind("numeric"))
    looks = {
        head: st.column_config.Column(
            width=text_width(held[head], *rows_clicked.WIDTHS), alignment="right" if head in numeric else None
        )
        for head in held
    }
    row = st.column_config.NumberColumn(pinned=True, format="%d", width=60, help=rows_tools.NUMBERED)
    look: dict[str, Any] = {"selection_mode": ("single-column", "single-cell"), "on_select": "rerun"}
    return st.dataframe(
        frame,
        hide_index=True,
        placeholder="–",
        key=key,
        height=min(len(frame.data), 12) * 35 + 40,
        column_config={**looks, "Row": row},
        alt=f"{told}, with what changed in a column",
        **(look if clicked else {}),
    )


def _styled(one: StepTrial, ids: NDArray[np.int64], chosen: Sequence[str] | None) -> Styler:
    """The rows with these positions: number, what changed in words, then the columns, the changed ones first
    and beside what was there. chosen: those to show beside the changed ones; None for all, up to a number.
    """
    import pandas as pd

    rows = RowSet(ids)
    changed = [name for name in one.cells if one.cells[name][ids].any()]
    left = [name for name in one.former if name not in one.after.out]
    others = left[:SHOWN] if chosen is None else [name for name in chosen if name in left]
    names = list(dict.fromkeys([*changed, *one.added, *others]))
    names = names[:SHOWN] if chosen is None else names
    after = one.after.data.frame(names, rows=rows).loc[ids]
    past = RowSet(ids[ids < one.before.rows])
    before = one.before.data.frame([one.former[name] for name in changed], rows=past).reindex(ids)
    columns: dict[str, Any] = {"Row": one.numbers(ids), "Change": ""}
    looks: dict[str, list[str]] = {}
    words: list[list[str]] = [[] for _ in ids]
    for name in names:
        new = _texts(after[name])
        head = _unused(columns, f"{name} · new" if name in one.added else name)
        if name in changed:
            old = _texts(before[one.former[name]])
            hit = one.cells[name][ids]
            was = _unused(columns, f"{name} · before")
            columns[was] = _cells(before[one.former[name]])
            looks[was] = [OLD if one_of else "" for one_of in hit]
            looks[head] = [NEW if one_of else "" for one_of in hit]
            for place in np.flatnonzero(hit).tolist():
                whose = f"{cut(name, 30)}: " if len(changed) > 1 else ""
                words[place].append(f"{whose}{cut(old[place], 30)} → {cut(new[place], 30)}")
        elif name in one.added:
            looks[head] = [ADDED] * len(ids)
        columns[head] = _cells(after[name])
    columns["Change"] = [
        _change_in_words(one, row, told) for row, told in zip(ids.tolist(), words, strict=True)
    ]
    if not any(columns["Change"]):
        columns.pop("Change")
    frame = pd.DataFrame(columns)
    css = _colours(frame, looks, new=one.new[ids], dropped=one.dropped[ids])
    numbers = [head for head in frame.select_dtypes("number") if head != "Row"]
    return frame.style.apply(lambda _: css, axis=None).format(dict.fromkeys(numbers, _text))


def _colours(
    frame: pd.DataFrame,
    looks: Mapping[str, Sequence[str]],
    new: NDArray[np.bool_],
    dropped: NDArray[np.bool_],
) -> pd.DataFrame:
    """The style of every cell. looks: colours by column, "" for none. new, dropped: rows of one colour."""
    import pandas as pd

    css = pd.DataFrame("", index=frame.index, columns=frame.columns)
    for head, colours in looks.items():
        css[head] = [f"background-color: {colour}; font-weight: bold" if colour else "" for colour in colours]
    css.loc[new, :] = f"background-color: {ADDED}"
    css.loc[dropped, :] = f"background-color: {OLD}"
    return css


def _change_in_words(one: StepTrial, row: int, words: list[str]) -> str:
    """What changed in one row."""
    if one.dropped[row]:
        return "dropped"
    if one.new[row]:
        return "added"
    more = f"; {len(words) - TOLD:,} more" if len(words) > TOLD else ""
    back = "brought back" if one.brought_back[row] else ""
    return "; ".join(filter(None, [back, _weight_in_words(one, row), *words[:TOLD]])) + more


def _weight_in_words(one: StepTrial, row: int) -> str:
    """The weight of a row, where it is another."""
    if not one.weighted[row]:
        return ""
    was, now = (number(float(work.weight[row])) for work in (one.before, one.after))
    return f"weight {now}" if was == "nan" else f"weight {was} → {now}"


def _unused(columns: dict[str, Any], head: str) -> str:
    while head in columns:
        head += " ·"
    return head


def _cells(values: pd.Series[Any]) -> Any:
    """Numbers, which sort as such and are shown as text; of all else the text itself."""
    from pandas.api.types import is_bool_dtype, is_numeric_dtype

    number = is_numeric_dtype(values) and not is_bool_dtype(values)
    return values.array if number else _texts(values)


def _texts(values: pd.Series[Any]) -> list[str]:
    """The values as text; an en dash where there is none."""
    return [_text(value) for value in values.tolist()]


def _text(given: Any) -> str:
    import pandas as pd

    if given is None or given is pd.NaT or given is pd.NA or (isinstance(given, float) and given != given):
        return "–"
    if isinstance(given, bool):
        return "yes" if given else "no"
    if isinstance(given, float):
        return f"{given:.10g}"
    if isinstance(given, pd.Timestamp):
        return given.isoformat(" ").removesuffix(" 00:00:00")
    return marked(given, 200)
