"""The data as decided, with what a step changed marked in words and in colour; and the step itself."""

from __future__ import annotations

import streamlit as st

from components import address, as_decided, decisions
from components.state import session
from components.text import ago, plain
from components.views.prepare import adding, changed, taken_rows, trials
from components.views.prepare.lines import StepLine
from components.views.prepare.steps import CHOSEN
from core.dataset import Dataset
from core.decision import Decision


def view(dataset: Dataset, lines: list[StepLine], chosen: StepLine | None) -> None:
    """What the step that is open changed, or all steps together."""
    if chosen is None:
        st.subheader("The data as decided")
        if not lines:
            st.caption("As loaded, so far.")
        else:
            st.caption("What all steps changed together. Open a step to see it alone.")
        key = f"whole-{dataset.version}-{session().turn}"
        changed.view(as_decided.whole(), key, told=bool(lines))
        return
    _heading(chosen)
    past = _before(chosen)
    one = trials.tried(chosen.batch, "step", past)
    if one is None:
        return
    for note in one.notes:
        st.caption(f":material/info: {plain(note, 400)}")
    if chosen.entry.off:
        st.caption("The step is switched off: this is what it would change.")
    if adding.editable(chosen.batch):
        with st.expander("Change its settings", icon=":material/edit:"):
            adding.edit(chosen.entry.event, chosen.batch, past, one.before)
    if len(taken_rows.named(chosen.batch)):
        taken_rows.view(one.before, chosen.entry.event, chosen.batch)
    changed.view(one, f"step-{chosen.entry.event}-{session().turn}")


def _heading(chosen: StepLine) -> None:
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.subheader(f"Step {chosen.number}" if chosen.number else "A step switched off")
        with st.container(horizontal=True, width="content"):
            st.button(
                "Undo everything after it",
                icon=":material/settings_backup_restore:",
                key="step-undo-to",
                type="tertiary",
                on_click=decisions.undo_to,
                args=(chosen.entry.event,),
            )
            st.button(
                "Close",
                icon=":material/close:",
                key="step-close",
                type="tertiary",
                on_click=address.note,
                args=(CHOSEN, ""),
            )
    st.markdown(f"**{plain(chosen.words, 400)}**")
    entry = chosen.entry
    st.caption(
        " · ".join(
            [
                *([plain(entry.who, 60)] if entry.who else []),
                *([ago(entry.when)] if entry.when else []),
                *([f"because: {plain(entry.why, 300)}"] if entry.why and not chosen.from_finding else []),
            ]
        )
    )
    if entry.why and chosen.from_finding:
        st.caption(
            f"Found when it was taken: {plain(entry.why, 300)}. Now it does: {plain(chosen.did, 120)}."
        )


def _before(chosen: StepLine) -> tuple[Decision, ...]:
    """The decisions that are followed before the step; later ones are not."""
    review = session().review
    place = review.order.index(chosen.step)
    return tuple(
        decision
        for step in review.order[:place]
        if step not in review.off
        for decision in review.batches[step]
    )
