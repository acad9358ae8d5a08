"""The list of steps: each can be opened, switched off and on, and moved."""

from __future__ import annotations

import streamlit as st

from components import address, decisions
from components.state import session, value
from components.text import ago, plain
from components.views.prepare.lines import StepLine
from components.widgets import pager
from core.phrases import count

PAGE, PAGES = 20, "steps-page"
CHOSEN = "step"
WORDS = 90  # most letters of a step in the list; opened, it is told whole


def view(lines: list[StepLine], others: int) -> StepLine | None:
    """Draw the list, a page at a time; gives the step that is open."""
    st.subheader("Steps")
    if not lines:
        st.caption("What you do to the data is listed here, in order. Each step can be switched off alone.")
    opened = address.one_of(CHOSEN, [str(line.entry.event) for line in lines])
    chosen = next((line for line in lines if str(line.entry.event) == opened), None)
    pages = -(-len(lines) // PAGE)
    at = pager.shown(PAGES, pages, pages)
    with st.container(gap="xsmall"):
        for line in lines[(at - 1) * PAGE : at * PAGE]:
            _line(lines, line, chosen is line)
    if pages > 1:
        with st.container(horizontal=True, vertical_alignment="center"):
            pager.held(pages, at, PAGES)
    if others:
        st.caption(
            f"{count(others, 'other decision')} that changed no data (kept, accepted, sent to review): see "
            "the history of the review page."
        )
    return chosen


def _line(lines: list[StepLine], line: StepLine, is_open: bool) -> None:
    """One step: what it is and did, and what can be done with it."""
    event, at = line.entry.event, lines.index(line)
    with st.container(border=True, key=f"step-{event}", gap="xsmall"):
        did = f" :gray[· {plain(line.more, 80)}]" if line.more else ""
        st.markdown(f":small[**{line.number or '–'}** · {plain(line.words, WORDS)}{did}]")
        if line.entry.why and not line.from_finding:
            st.caption(plain(line.entry.why, WORDS))
        for why in line.passed:
            st.warning(f"Passed over: {plain(why, 300)}", icon=":material/block:")
        with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
            st.button(
                "Close" if is_open else "Open",
                key=f"step-open-{event}",
                type="tertiary",
                icon=":material/keyboard_arrow_down:" if is_open else ":material/chevron_right:",
                help=f"What the step changed, and its settings. {_signed(line)}",
                on_click=_toggle,
                args=(event, is_open),
            )
            key = f"step-on-{event}-{session().turn}"
            st.toggle("On", not line.entry.off, key=key, on_change=_switch, args=(event, key))
            above = lines[at - 1].entry.event if at else None
            below = lines[at + 2].entry.event if at + 2 < len(lines) else None
            _move("up", event, above, at > 0)
            _move("down", event, below, at + 1 < len(lines))


def _move(way: str, event: int, before: int | None, possible: bool) -> None:
    st.button(
        f":material/arrow_{way}ward:",
        key=f"step-{way}-{event}",
        type="tertiary",
        disabled=not possible,
        help=f"Move {way}: it is followed {'earlier' if way == 'up' else 'later'} then.",
        on_click=decisions.move,
        args=(event, before),
    )


def _toggle(event: int, is_open: bool) -> None:
    address.note(CHOSEN, "" if is_open else str(event))


def _switch(event: int, key: str) -> None:
    decisions.switch(event, bool(value(key)))


def _signed(line: StepLine) -> str:
    """Who took the step, when, and from which finding."""
    who = f" by {plain(line.entry.who, 60)}" if line.entry.who else ""
    when = f" {ago(line.entry.when)}" if line.entry.when else ""
    edited = " (changed since)" if line.step in session().review.edited else ""
    return f"Taken{who}{when}{edited}."
