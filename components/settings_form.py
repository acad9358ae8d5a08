"""The settings of one analysis, drawn from what it declares."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from components import address
from components.state import session, value
from components.text import plain
from core.catalog import find
from core.dataset import Dataset
from core.settings import Knob

VALUE, BECOMES = "Value", "Becomes"
COLUMNS = 50  # of rows that are typed


def settings_form(name: str, dataset: Dataset) -> None:
    """The settings of one analysis, closed by default and remembered."""
    knobs = find(name).settings.knobs()
    if not knobs:
        return
    with (
        st.popover("Settings", icon=":material/tune:", type="tertiary", help=plain(find(name).title)),
        st.form(f"settings-{name}", border=False),
    ):
        now = find(name).settings.of(session().settings.get(name, {}))
        for field, knob in knobs.items():
            knob_widget(address.key(f"set-{name}-{field}"), knob, getattr(now, field), dataset)
        st.form_submit_button("Apply", type="primary", on_click=_apply, args=(name, list(knobs)))


def knob_widget(key: str, knob: Knob, now: Any, dataset: Dataset, offered: Sequence[str] = ()) -> Any:
    """The widget of one setting; gives what it holds. offered: texts to begin a list of pairs with."""
    if knob.listed:
        return _records(key, knob, now, dataset) if knob.listed == "rows" else now
    if knob.typed:
        return (_pairs if knob.many else _text)(key, knob, now, offered)
    if knob.many:
        return tuple(
            st.multiselect(
                knob.label,
                dataset.of_kind(*knob.kinds),
                [name for name in now if name in dataset.of_kind(*knob.kinds)],
                key=key,
                help=knob.help,
                placeholder=knob.none,
            )
        )
    if knob.kinds:
        options = ["", *dataset.of_kind(*knob.kinds)]
        return st.selectbox(
            knob.label,
            options,
            options.index(now) if now in options else 0,
            key=key,
            help=knob.help,
            format_func=lambda name: name or ("From the roles" if knob.role else "None"),
        )
    if knob.choices:
        return st.selectbox(knob.label, knob.choices, knob.choices.index(now), key=key, help=knob.help)
    if isinstance(now, bool):
        return st.toggle(knob.label, now, key=key, help=knob.help)
    low, high = (None if bound is None else type(now)(bound) for bound in (knob.low, knob.high))
    given = st.number_input(
        knob.label, low, high, now, key=key, help=knob.help, format=None if isinstance(now, int) else "%g"
    )
    return now if given is None else given


def _text(key: str, knob: Knob, now: str, offered: Sequence[str]) -> str:
    return st.text_input(knob.label, now, key=key, help=knob.help) or ""


def _pairs(key: str, knob: Knob, now: Mapping[str, str | None], offered: Sequence[str]) -> dict[str, Any]:
    """A table of texts and what each becomes; those that stay as they are, are left out."""
    import pandas as pd

    every = list(dict.fromkeys([*now, *offered]))
    table = pd.DataFrame(
        {
            VALUE: pd.Series(every, dtype="str"),
            BECOMES: pd.Series([now.get(one, one) for one in every], dtype="str"),
        }
    )
    st.caption(f"{knob.label}: change what a value becomes; empty makes it missing.", help=knob.help)
    edited = st.data_editor(
        table,
        key=key,
        hide_index=True,
        num_rows="dynamic",
        height=min(len(every) + 2, 10) * 35 + 3,
        alt=f"{len(every)} values and what each becomes",
    )
    given = zip(edited[VALUE].tolist(), edited[BECOMES].tolist(), strict=True)
    both = {
        value: None if pd.isna(to) or to == "" else str(to) for value, to in given if isinstance(value, str)
    }
    return {value: to for value, to in both.items() if value != to}


def _records(key: str, knob: Knob, now: Sequence[Mapping[str, Any]], dataset: Dataset) -> tuple[Any, ...]:
    """A table of rows that are typed, with the columns of the data; cells that are empty are left out."""
    import pandas as pd

    names = list(dict.fromkeys([*(name for row in now for name in row), *dataset.names]))[:COLUMNS]
    cells = {name: pd.Series([_shown(row.get(name)) for row in now], dtype="str") for name in names}
    st.caption(knob.label, help=knob.help)
    edited = st.data_editor(
        pd.DataFrame(cells), key=key, hide_index=True, num_rows="dynamic", alt="Rows to type"
    )
    rows = [{name: cell for name, cell in row.items() if isinstance(cell, str) and cell}
            for row in edited.to_dict("records")]  # fmt: skip
    return tuple(row for row in rows if row)


def _shown(cell: Any) -> str | None:
    return None if cell is None or cell == "" else str(cell)


def _apply(name: str, fields: list[str]) -> None:
    given = {field: value(address.key(f"set-{name}-{field}")) for field in fields}
    session().settings[name] = {field: tuple(v) if isinstance(v, list) else v for field, v in given.items()}
