"""The badge in the sidebar: the open data set in numbers, undo and redo, and whether it is shown
as loaded or as decided.
"""

from __future__ import annotations

import streamlit as st

from components import address, as_decided, attention, checks, decisions, guard, looks, waiting_in_words
from components.state import session, value
from components.text import plain
from core.dataset import Dataset
from core.outcomes import in_part_in_words, unmade_in_words
from core.phrases import count
from core.settled import Settled

FOLLOWING = "Following the steps"
LOADED, DECIDED, SWITCH = "As loaded", "As decided", "as-loaded"
DECIDES = ("prepare", "review", "export")  # pages about what decisions make of the data


def view() -> None:
    """The open data set as a badge, with undo and redo."""
    now = session()
    if now.dataset is None:
        return
    dataset = now.dataset
    with st.sidebar.container(border=True, key="badge"):
        st.markdown(f":material/database: **{plain(dataset.name, 40)}**")
        waits = callable(guard.attempt(as_decided.to_follow))  # the page follows the steps, with a bar
        decided = dataset if waits else guard.attempt(lambda: as_decided.decided(dataset))
        shown = decided if isinstance(decided, Dataset) and not now.as_loaded else dataset
        lines = [f"{count(shown.rows, 'row')} × {count(len(shown.columns), 'column')}"]
        if dataset.split is not None:
            lines.append(" · ".join(f"{part} {count(rows)}" for part, rows in shown.parts.items()))
        if dataset.roles.target:
            lines.append(f"target {plain(dataset.roles.target, 30)}")
        session().chosen["badge"] = told = [FOLLOWING] if waits else _tally()
        lines += told
        st.caption("  \n".join(lines), help=None if waits else _left_out(shown))
        if decided is not dataset:
            _which()
        with st.container(horizontal=True, gap="small"):
            acts, undone = now.review.acts, now.review.undone
            tell = f"Take back: {plain(now.review.in_words(acts[-1]))}" if acts else "Nothing to undo"
            st.button(
                "Undo",
                icon=":material/undo:",
                key="side-undo",
                disabled=not acts,
                help=tell,
                on_click=decisions.undo,
            )
            st.button(
                "Redo", icon=":material/redo:", key="side-redo", disabled=not undone, on_click=decisions.redo
            )


def _which() -> None:
    """The switch between the data as loaded and as decided, for every page; there once they differ."""
    st.segmented_control(
        "Data shown",
        [LOADED, DECIDED],
        default=LOADED if session().as_loaded else DECIDED,
        required=True,
        key=address.key(SWITCH),
        label_visibility="collapsed",
        help="Whether the pages show the data before or after your decisions.",
        on_change=_switched,
        width="stretch",
    )
    if session().as_loaded and session().place.page in DECIDES:
        st.caption("This page is about the data as decided, whatever is shown elsewhere.")


def _switched() -> None:
    session().as_loaded = value(address.key(SWITCH)) == LOADED


def _left_out(dataset: Dataset) -> str | None:
    """What the number of findings leaves out, for a tooltip; None where nothing."""
    left, lacking = checks.not_run(dataset), checks.not_made_by_reason(dataset)
    told = [f"Cannot be made: {plain(', '.join(who))}. {plain(why, 300)}" for why, who in lacking.items()]
    told += [
        f"Not in full: {plain(*checks.names_of([one.analysis]))}. {plain(one.unchecked, 300)}"
        for one in checks.in_part(dataset)
    ]
    if left:
        told.append(f"Each runs when its page or tab is opened. Not yet: {plain(', '.join(left), 400)}.")
    if before := checks.before(dataset):
        told.append(f"Results are kept until Winnow stops. Ran before: {plain(', '.join(before), 400)}.")
    return " ".join(("Counted: the checks that have run.", *told)) if told else None


def _tally() -> list[str]:
    """How many findings need attention; how many rows are flagged, changed or kept, dropped, and wait in
    review; how many steps change the data; the columns left out; and how many checks cannot be made, had to
    leave something out or have not run yet.
    """
    dataset, settled = guard.attempt(as_decided.in_view), guard.attempt(as_decided.settled)
    if isinstance(dataset, Dataset) and isinstance(settled, Settled) and not session().as_loaded:
        looks.note(dataset)
    flagged = waiting_in_words.flagged_in_words()
    needing, left, before, lacking, partly = None, (), (), (), ()
    if isinstance(dataset, Dataset):
        needing, left = attention.findings(dataset), checks.not_run(dataset)
        before = checks.before(dataset)
        lacking, partly = checks.not_made(dataset), checks.in_part(dataset)
    wait = waiting_in_words.in_review_in_words(dataset) if isinstance(dataset, Dataset) else ""
    out, decided = 0, ""
    if isinstance(settled, Settled):
        out = len(settled.omitted)
        rows, dropped = as_decided.changed_or_kept(), as_decided.counts()["dropped"]
        if flagged or rows or dropped:
            decided = f"{count(rows, 'row')} changed or kept" + f", {count(dropped)} dropped" * (dropped > 0)
    earlier = attention.not_again_in_words(dataset) if isinstance(dataset, Dataset) else ""
    looked_at = isinstance(dataset, Dataset) and dataset.base is not None and checks.known(dataset.base)
    counted = needing is not None or bool(looked_at or earlier or before)
    told = (
        attention.so_far_in_words(len(needing), bool(left), earlier) if needing is not None else "",
        earlier,
        flagged,
        decided,
        wait,
        session().review.steps_in_words,
        f"{count(out, 'column')} left out" if out else "",
        unmade_in_words(lacking) if counted else "",
        in_part_in_words(partly) if counted else "",
        checks.not_run_in_words(left, before) if counted else "",  # last, beside the tooltip
    )
    return [*filter(None, told)]


def refresh() -> None:
    """Draw the page once more where the badge was drawn before its numbers were known."""
    if session().chosen.get("badge", told := _tally()) != told:
        st.rerun()
