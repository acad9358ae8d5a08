"""The settings of one analysis, drawn from what it declares."""

from __future__ import annotations

from typing import Any

import streamlit as st

from components import address
from components.state import session, value
from components.text import plain
from core.catalog import find
from core.dataset import Dataset
from core.settings import Knob


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
            _widget(address.key(f"set-{name}-{field}"), knob, getattr(now, field), dataset)
        st.form_submit_button("Apply", type="primary", on_click=_apply, args=(name, list(knobs)))


def _widget(key: str, knob: Knob, now: Any, dataset: Dataset) -> None:
    if knob.many:
        st.multiselect(
            knob.label,
            dataset.of_kind(*knob.kinds),
            [name for name in now if name in dataset.of_kind(*knob.kinds)],
            key=key,
            help=knob.help,
            placeholder="All that fit",
        )
    elif knob.kinds:
        options = ["", *dataset.of_kind(*knob.kinds)]
        st.selectbox(
            knob.label,
            options,
            options.index(now) if now in options else 0,
            key=key,
            help=knob.help,
            format_func=lambda name: name or "From the roles",
        )
    elif knob.choices:
        st.selectbox(knob.label, knob.choices, knob.choices.index(now), key=key, help=knob.help)
    elif isinstance(now, bool):
        st.toggle(knob.label, now, key=key, help=knob.help)
    else:
        low, high = (None if bound is None else type(now)(bound) for bound in (knob.low, knob.high))
        st.number_input(
            knob.label, low, high, now, key=key, help=knob.help, format=None if isinstance(now, int) else "%g"
        )


def _apply(name: str, fields: list[str]) -> None:
    given = {field: value(address.key(f"set-{name}-{field}")) for field in fields}
    session().settings[name] = {field: tuple(v) if isinstance(v, list) else v for field, v in given.items()}
