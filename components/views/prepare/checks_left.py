"""The checks that have not run on the data as decided, and the click that runs them all."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from components import checks, results
from components.state import session
from components.text import plain
from core.dataset import Dataset
from core.errors import Cancelled

WANTED = "checks wanted"  # the version of which a person asked for all checks


def view(decided: Dataset) -> None:
    """What was not looked at in the data as decided, and a click to look at all of it: one check after the
    other, those of Explore before the slow ones, so that what each finds stands here as soon as it is done.
    """
    left = sorted(checks.left(decided), key=lambda one: one.page.startswith("clean/"))
    if not left:
        session().chosen.pop(WANTED, None)
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(
            f"Not checked yet{' since the last step' if decided.base else ''}: "
            f"{plain(', '.join(checks.names_of(left)), 400)}."
        )
        place = st.empty()
    names = [one.name for one in left]
    if session().chosen.get(WANTED) == decided.version:
        _next(decided, [name for name in names if results.ended(decided, name) is None])
    for name in names:
        if not isinstance(results.ended(decided, name), Cancelled | None):
            results.outcomes(decided, name)  # says why there is none
    if session().chosen.get(WANTED) != decided.version:
        place.button(
            f"Run {'it' if len(left) == 1 else f'all {len(left)}'}",
            key="run-checks",
            icon=":material/play_arrow:",
            help="On the data as decided, one after the other. Labels and outliers of large data take a "
            "minute or two; what is done stays when you stop.",
            on_click=_run,
            args=(decided, names),
        )


def _next(decided: Dataset, names: Sequence[str]) -> None:
    """Run the first of the checks that did not fail; a Stop ends them all."""
    if not names:
        del session().chosen[WANTED]
        return
    there = results.outcomes(decided, names[0]) is not None
    if isinstance(results.ended(decided, names[0]), Cancelled):
        del session().chosen[WANTED]
    elif there or results.ended(decided, names[0]) is not None:
        st.rerun()


def _run(decided: Dataset, names: Sequence[str]) -> None:
    results.begin_again(decided, *names)
    session().chosen[WANTED] = decided.version
