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


def listen(key: str, keys: Sequence[str], heard: Callable[[str], None]) -> None:
    """Hand the keys pressed since the last run to ``heard``, one by one, oldest first, before the page is
    drawn again.

    keys: letters in capitals, digits, or names such as ``ArrowLeft``. Keys pressed while text is typed, held
    down or together with Ctrl, Alt or Meta are left alone, and arrows where they move within what has the
    focus, such as tabs.
    """
    if hand_on(key, heard):  # what a run that was ended in the middle did not come to
        st.rerun()
    name = register_component("keyboard", FOLDER)
    st.components.v2.component(name, js="keyboard.js")(
        key=key,
        data={"name": key, "keys": list(keys), "confirmed": session().heard.get(key, 0)},
        default={"presses": []},
        height="content",
        on_presses_change=lambda: hand_on(key, heard),
    )


def hand_on(key: str, heard: Callable[[str], None]) -> bool:
    """Hand on what was not heard yet; whether there was any.

    One run of the script at a time, as what a press is about depends on what the one before it did. The next
    press may end a run at any look at the session's state: a press counts as heard only when it is done with,
    or has decided something.
    """
    now, state = session(), value(key)
    with now.lock:
        new = fresh(state, now.heard.get(key, 0))
        for number, name in new:
            before, done = now.turn, False
            try:
                heard(name)
                done = True
            except Exception:  # a bug, that would come again; what ends a run is a `BaseException`
                done = True
                raise
            finally:
                if done or now.turn != before:
                    now.heard[key] = number
    return bool(new)


def fresh(state: Any, last: int) -> list[tuple[int, str]]:
    """The presses after number ``last``, in order.

    Raises nothing on values that our script does not send: what comes from a browser can be anything.
    """
    presses = state.get("presses") if state is not None else None
    return sorted(
        (press[0], press[1])
        for press in (presses if isinstance(presses, list) else [])
        if isinstance(press, list)
        and len(press) == 2
        and isinstance(press[0], int)
        and isinstance(press[1], str)
        and press[0] > last
    )
