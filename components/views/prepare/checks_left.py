"""The checks that have not run on the data as decided, and the click that runs them all."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from components import checks, results
from components.state import session
from components.text import plain
from core.analysis import Analysis
from core.dataset import Dataset
from core.errors import Cancelled
from core.workspace.checked import ran_before

WANTED = "checks wanted"  # the version of which a person asked for all checks


def view(decided: Dataset) -> None:
    """What was not looked at in the data as decided, and a click to look at all of it: one check after the
    other, those of Explore before the slow ones, so that what each finds stands here as soon as it is done.
    """
    left = sorted(checks.left(decided), key=lambda one: one.page.startswith("clean/"))
    if not left:
        session().chosen.pop(WANTED, None)
        return
    names = [one.name for one in left]
    to_run = [name for name in names if results.ended(decided, name) is None]
    above = st.container(horizontal=True, vertical_alignment="center", gap="small")
    if _wanted(decided):
        _next(decided, to_run)
    above.markdown(_state(decided, left, to_run))  # after a Stop was heard of
    for name in names:
        if not isinstance(results.ended(decided, name), Cancelled | None):
            results.outcomes(decided, name)  # says why there is none
    rest = len({*names} - {*results.under_way(decided, *names)})  # the others are at work by themselves
    if rest and not _wanted(decided):
        above.button(
            _to_run(rest, len(left)),
            key="run-checks",
            icon=":material/play_arrow:",
            help="On the data as decided, one after the other. Labels and outliers of large data take a "
            "minute or two; what is done stays when you stop.",
            on_click=_run,
            args=(decided, names),
        )


def _to_run(rest: int, left: int) -> str:
    """The words on the button that runs ``rest`` of the checks left.

    >>> _to_run(5, 5), _to_run(1, 1), _to_run(3, 5), _to_run(1, 5)
    ('Run all 5', 'Run it', 'Run the other 3', 'Run the other')
    """
    if rest == left:
        return "Run it" if left == 1 else f"Run all {left}"
    return f"Run the other {rest}" if rest > 1 else "Run the other"


def _wanted(decided: Dataset) -> bool:
    """Whether a person asked for all checks of these data."""
    return session().chosen.get(WANTED) == decided.version


def _state(decided: Dataset, left: Sequence[Analysis], to_run: Sequence[str]) -> str:
    """Which checks are at work, which come next, and which nobody asked for, or did not end. to_run: those
    that have not ended without an outcome.
    """
    asked = to_run if _wanted(decided) else ()
    now = {*asked[:1], *results.under_way(decided, *(one.name for one in left))}
    soon = {*asked} - now
    ran = ran_before(decided)
    since = " since the last step" if decided.base else ""
    told = (
        ("Being checked", [one for one in left if one.name in now]),
        ("Still to come", [one for one in left if one.name in soon]),
        (f"Not checked yet{since}", [one for one in left if one.name not in now | soon | ran]),
        ("Not checked since the restart", [one for one in left if one.name in ran - now - soon]),
    )
    return " ".join(
        f"{words}: {plain(', '.join(checks.names_of(some)), 400)}." for words, some in told if some
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
