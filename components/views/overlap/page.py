"""Overlap: does serving data look like training data, where not, and what to do about it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import streamlit as st

from components import frame, panel
from components.figures import overlap as drawn
from components.state import keep, session
from components.text import cut, number, plain, share
from components.views.overlap import columns, jobs, map, rows, segments, split
from components.widgets import actions, findings, layout, vectors
from components.widgets.chart import chart
from core.dataset import Dataset
from core.finding import Finding
from core.numerics.degree import MATTERS
from core.phrases import count, names
from core.report import Outcome

if TYPE_CHECKING:
    from components.views.overlap.jobs import Seen
    from core.analyses.overlap.analysis import OverlapResult
    from core.analyses.shift.analysis import ShiftResult

METRICS = {
    "auc": "AUC",
    "coverage_serve": "Serve covered",
    "coverage_train": "Train covered",
    "unsupported_share": "Unsupported",
}
DRAWN = ("overlap", "shift", "segments", "projection")
NAMED = 3  # columns named in the verdict


def view() -> None:
    """Columns and a plain map first; then the numbers over all columns, the segments, and the map that was
    asked for.
    """
    dataset = session().dataset
    if dataset is None:
        return
    answer, body = st.container(), st.container()
    with answer:
        if "serve" not in dataset.parts:
            split.view(dataset)
    found = jobs.found(dataset, answer)
    seen = jobs.seen(found)
    with answer:
        _answer(dataset, seen, found)
    with body:
        _body(dataset, seen, _stamp(dataset))
    panel.rest(dataset, "explore/overlap", DRAWN)
    frame.door("pages/clean/issues.py", "Next: which rows are wrong?")


def _stamp(dataset: Dataset) -> tuple[Any, ...]:
    """What the whole page rests on: when it changes, redrawing the body alone is not enough."""
    return (session().turn, panel.mark(dataset, *panel.on("explore/overlap")))


@st.fragment
def _body(dataset: Dataset, seen: Seen, stamp: tuple[Any, ...]) -> None:
    """All that answers to a click: redrawn by itself, so that a lasso does not cost the whole page."""
    if session().dataset is not dataset or _stamp(dataset) != stamp:
        st.rerun()
    if "serve" not in dataset.parts:
        rows.view(dataset, rows.Choice(map.view(dataset, seen.map, None), map=seen.map))
        return
    left, right = layout.fifths(3, 2)
    with left:
        outlined = map.view(dataset, seen.map, seen.overlap)
    with right:
        ticked = columns.view(dataset, seen.shift)
    segments.view(dataset, seen.segments)
    rows.view(dataset, rows.Choice(outlined, ticked, seen.overlap, seen.segments, seen.map))


def _answer(dataset: Dataset, seen: Seen, found: dict[str, Outcome]) -> None:
    """Verdict, numbers with their baselines, what needs attention, and what each number rests on."""
    shifted = "" if seen.shift is None else _shifted(seen.shift)
    known = seen.overlap is not None and seen.overlap.case is not None
    if seen.overlap is not None and known:
        st.markdown(f"#### {plain(seen.overlap.verdict, 600)}")
        st.markdown(plain(shifted, 400))
        _metrics(seen.overlap)
    elif shifted:
        st.markdown(f"#### {plain(shifted, 400)}")
    for name, outcome in found.items():
        if outcome.status.state != "ok" and name != "projection":
            st.warning(
                f"{plain(outcome.analysis.title)} was {plain(outcome.status, 400)}", icon=":material/warning:"
            )
    told = _told(dataset, found)
    if told:
        _attention(dataset, told)
    if seen.overlap is not None and known:
        _evidence(dataset, seen.overlap)


def _shifted(shift: ShiftResult) -> str:
    """Which columns shifted, and which are in one part only, in a sentence each."""
    lines = [line for line in columns.ordered(shift) if line.status in MATTERS]
    shifted = [line.shift.name for line in lines if line.metric != "schema"]
    schema = [line.shift.name for line in lines if line.metric == "schema"]
    first = "No single column shifted."
    if shifted:
        first = f"{count(len(shifted), 'column')} shifted: {_named(shifted)}."
    if not schema:
        return first
    verb = "is" if len(schema) == 1 else "are"
    return (
        f"{first} {count(len(schema), 'column')} {verb} missing or of another type in one part: "
        f"{_named(schema)}."
    )


def _named(columns: list[str]) -> str:
    return names([cut(column, 30) for column in columns], NAMED)


def _metrics(result: OverlapResult) -> None:
    known = {measure.measure: measure for measure in result.measures}
    places = layout.cells(5, 130)
    for place, (name, word) in zip(places, METRICS.items(), strict=False):
        measure = known[name]
        value = share(measure.value, 1) if name == "unsupported_share" else f"{measure.value:.3f}"
        base = share(measure.baseline, 1) if name == "unsupported_share" else f"{measure.baseline:.3f}"
        span = f"95 % interval {measure.low:.3f} to {measure.high:.3f}"
        told = f"{measure.what} By chance {number(round(measure.null, 4))}; {span}; n = {count(measure.n)}."
        place.metric(word, value, f"train–train {base}", delta_color="off", delta_arrow="off", help=told)
    worth = known["effective_rows"]
    places[4].metric(
        "Train is worth",
        f"{count(round(worth.value))} rows",
        f"of {count(worth.n)}",
        delta_color="off",
        delta_arrow="off",
        help=f"{worth.what} Kish's effective sample size of the weights.",
    )


def _told(dataset: Dataset, found: dict[str, Outcome]) -> list[Finding]:
    """What the numbers found, worst first; what is to be said of the map stands under it."""
    numbers = {name: outcome for name, outcome in found.items() if name != "projection"}
    return [finding for finding, owner in panel.told(dataset, numbers).values() if owner]


def _attention(dataset: Dataset, told: list[Finding]) -> None:
    """The list of findings and the one chosen, folded: the map and the columns show most of it."""
    accepted = [finding for finding in told if actions.told(finding.key)]
    listed = [finding for finding in told if not actions.told(finding.key)]
    grave = sum(finding.severity != "info" for finding in listed)
    words = f"What needs attention: {count(grave)}" if grave else "Nothing needs attention"
    notes = len(listed) - grave
    label = f"{words}; {count(notes, 'note')}" if notes else words
    with st.expander(label, icon=":material/flag:"):
        left, right = layout.thirds(1, 2)
        with left:
            chosen = findings.choose(
                listed, f"overlap-finding-{dataset.version}-{len(listed)}-{len(accepted)}", accepted=accepted
            )
        with right:
            st.markdown(f"##### {findings.label(chosen.title, chosen.severity)}")
            findings.reasons(chosen)
            actions.fix(dataset, chosen, f"overlap-{len(listed)}-{(*listed, *accepted).index(chosen)}")
            findings.numbers(chosen)


def _evidence(dataset: Dataset, result: OverlapResult) -> None:
    """The numbers against chance, the support of serve rows and the weights, folded."""
    mark = panel.mark(dataset, "overlap")
    with st.expander("What these numbers rest on", icon=":material/query_stats:"):
        make = partial(drawn.overlap_dots, result)
        chart(("overlap-dots", mark), make, f"dots-{dataset.version}", drawn.alt_numbers(result))
        st.markdown(drawn.HOW_NUMBERS)
        left, right = layout.thirds(1, 1)
        with left:
            st.markdown("**Support of the serving rows**")
            chart(
                ("support", mark),
                partial(drawn.support_bars, result),
                f"support-{dataset.version}",
                drawn.alt_support(result),
                drawn.HOW_SUPPORT,
            )
        with right:
            st.markdown("**Weights of the training rows**")
            chart(
                ("weights", mark),
                partial(drawn.weight_bars, result),
                f"weights-{dataset.version}",
                drawn.alt_weights(result),
                drawn.HOW_WEIGHTS,
            )
        panel.notes(result)
        st.dataframe(
            keep(("measures", mark), result.frame),
            hide_index=True,
            alt="Every number with interval, chance and baseline",
        )
        with st.container(horizontal=True):
            panel.settings_form("overlap", dataset)
            with st.popover("Vectors", icon=":material/scatter_plot:", type="tertiary"):
                vectors.picker(dataset)
