"""Presses of keys that decide at once; which keys there are stands in `core.actions`.

No press is lost, however fast they come: the browser counts them, and each is handed on once, in order.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import streamlit as st

from components.state import session, value
from components.streamlit_internals import register_component

FOLDER = Path(__file__).parents[1] / "static"


def listen(key: str, keys: Sequence[str], heard: Callable[[list[str]], None]) -> None:
    """Hand the keys pressed since the last run to ``heard``, oldest first, before the page is drawn again.

    keys: letters in capitals, digits, or names such as ``ArrowLeft``. Keys pressed while text is typed, held
    down or together with Ctrl, Alt or Meta are left alone.
    """
    name = register_component("keyboard", FOLDER)
    st.components.v2.component(name, js="keyboard.js")(
        key=key,
        data={"name": key, "keys": list(keys), "confirmed": session().chosen.get(f"heard-{key}", 0)},
        default={"presses": []},
        height="content",
        on_presses_change=lambda: heard(fresh(key, value(key))),
    )


def fresh(key: str, state: Any) -> list[str]:
    """The keys that were pressed and not yet heard, marked as heard now.

    Raises nothing on values that our script does not send: what comes from a browser can be anything.
    """
    chosen = session().chosen
    last = chosen.get(f"heard-{key}", 0)
    presses = state.get("presses") if state is not None else None
    new = [
        press
        for press in (presses if isinstance(presses, list) else [])
        if isinstance(press, list)
        and len(press) == 2
        and isinstance(press[0], int)
        and isinstance(press[1], str)
        and press[0] > last
    ]
    new.sort(key=lambda press: press[0])
    if new:
        chosen[f"heard-{key}"] = new[-1][0]
    return [name for _, name in new]
