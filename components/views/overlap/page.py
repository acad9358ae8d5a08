"""Overlap: does serving data look like training data, where not, and what to do about it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import streamlit as st

from components import address, as_decided, attention, frame, panel, results
from components.figures import overlap as drawn
from components.glossary import hint
from components.settings_form import settings_form
from components.state import keep, session
from components.text import plain
from components.views.overlap import columns, jobs, map, relations, rows, segments, shifted, split, ways
from components.widgets import finding_list, findings, headings, layout, mending, splitting, vectors
from components.widgets.chart import chart
from core.analyses.augmentation.towards import SERVE
from core.analyses.overlap.clauses import untold
from core.dataset import Dataset
from core.finding import Finding
from core.outcomes import Outcome
from core.phrases import count, percent, rounded_score, score, verb

if TYPE_CHECKING:
    import pandas as pd

    from components.views.overlap.jobs import StageResult
    from core.analyses.overlap.result import OverlapResult

METRICS = {  # per measure its heading and its term in the glossary
    "auc": ("AUC", "AUC"),
    "coverage_serve": ("Serve covered", "Coverage"),
    "coverage_train": ("Train covered", "Coverage"),
    "unsupported_share": ("Unsupported", "Unsupported row"),
}
DRAWN = ("overlap", "shift", "segments", "projection")


def view() -> None:
    """Columns and a plain map first; then the numbers over all columns, the segments, and the map that was
    asked for.
    """
    dataset = as_decided.in_view()
    if dataset is None:
        return
    answer, body = st.container(), st.container()
    with answer:
        if "serve" not in dataset.parts:
            split.view(dataset)
        elif dataset.parting:
            with st.expander(
                f"Split: {plain(splitting.in_words(dataset.split), 120)}", icon=":material/call_split:"
            ):
                splitting.changed(dataset.base or dataset)
    known = jobs.outcomes(dataset, answer)
    seen = jobs.seen(known)
    with answer:
        _answer(dataset, seen, known)
    with body:
        _body(dataset, seen, _stamp(dataset))
    panel.rest(dataset, "explore/overlap", DRAWN)
    frame.door("pages/clean/prepare.py", "Next: what is still to do?")


def _stamp(dataset: Dataset) -> tuple[Any, ...]:
    """What the whole page rests on: when it changes, redrawing the body alone is not enough."""
    return (session().turn, results.mark(dataset, *results.on("explore/overlap")))


@st.fragment
def _body(dataset: Dataset, seen: StageResult, stamp: tuple[Any, ...]) -> None:
    """All that answers to a click: redrawn by itself, so that a lasso does not cost the whole page."""
    if as_decided.in_view() is not dataset or _stamp(dataset) != stamp:
        st.rerun()
    left, right = layout.fifths(3, 2, "map")
    below = st.container()
    with left:
        outlined = map.view(dataset, seen.map, seen.overlap)
    with below:
        ticked = columns.view(dataset, seen.shift)
        relations.view(dataset, seen.overlap)
        segments.view(dataset, seen.segments, seen.overlap)
    choice = ways.ChosenBy(outlined, ticked, seen.overlap, seen.segments, seen.map)
    with right:
        chosen = rows.choose(dataset, choice)
    rows.listed(dataset, choice, chosen)
    address.write()


def _answer(dataset: Dataset, seen: StageResult, outcomes: dict[str, Outcome]) -> None:
    """Verdict, numbers with their baselines, what needs attention, and what each number rests on."""
    sentence = "" if seen.shift is None else shifted.in_words(seen.shift, dataset.roles.target)
    known = seen.overlap is not None and seen.overlap.case is not None
    listed = _findings(dataset, outcomes)
    told = seen.overlap.findings if seen.overlap is not None and known else ()
    if sentence or known:
        sentence = " ".join(filter(None, (sentence, shifted.unnamed(attention.needing(listed), told))))
    if seen.overlap is not None and known:
        st.markdown(f"#### {plain(seen.overlap.verdict, 600)}")
        st.markdown(plain(sentence, 600))
        _of_images(dataset, seen)
        _metrics(seen.overlap)
    elif sentence:
        st.markdown(f"#### {plain(sentence, 600)}")
        _of_images(dataset, seen)
    panel.unfinished(dataset, [one for name, one in outcomes.items() if name != "projection"])
    if listed:
        _attention(dataset, listed)
    if seen.overlap is not None and known:
        _evidence(dataset, seen.overlap)


def _of_images(dataset: Dataset, seen: StageResult) -> None:
    """Doors for a set of images whose train and serve differ: to what differs, and to what can be done."""
    by_image = seen.shift is not None and any(line.apart == "image" for line in seen.shift.lines)
    case = None if seen.overlap is None else seen.overlap.case
    if not by_image and (dataset.pictures is None or case is None or case.answer == "yes"):
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        if by_image:
            address.link(
                "pages/clean/issues.py", "How the images differ, on Issues", icon=":material/image_search:"
            )
        address.link(
            "pages/explore/augment.py",
            "Vary train images towards serve's",
            {"augmentation.preset": SERVE, "augmentation.steps": ""},
            icon=":material/auto_awesome_motion:",
        )


def _metrics(result: OverlapResult) -> None:
    measures = {measure.measure: measure for measure in result.measures}
    without = () if result.case is None else result.case.without
    if without:
        them = verb(len(without), "it", "them")
        st.caption(plain(f"Without {shifted.named(list(without))}: all these numbers leave {them} out.", 400))
    why = "" if result.case is None else untold(result.case.support, result.case.level)
    places = layout.cells(5, 130)
    for place, (measure, (word, term)) in zip(places, METRICS.items(), strict=False):
        one = measures[measure]
        written = percent if measure.startswith("coverage") else score
        null, low, high = (written(value) for value in (one.null, one.low, one.high))
        help_text = (
            f"{one.what} Expected if serve is drawn like train: {null}. Measured between two halves of "
            f"train, for comparison: {written(one.baseline)}. 95% interval {low} to {high}, on "
            f"{count(one.n, 'row')}."
        )
        shown, beside = written(one.value), f"{null} expected"
        if measure == "unsupported_share" and why:
            shown, beside, help_text = "–", "too few train rows", why
        elif measure == "unsupported_share":
            shown = count(int(result.unsupported.sum()), "row")
            beside = f"{percent(one.value)}, {percent(round(one.null, 4))} expected"
        place.metric(word, shown, beside, delta_color="off", delta_arrow="off", help=hint(term, help_text))
    if result.case is None:
        return
    places[4].metric(
        "Effective sample size",
        result.case.effective_in_words,
        f"of {count(result.case.train, 'train row')}",
        delta_color="off",
        delta_arrow="off",
        help=hint("Effective sample size"),
    )


def _measures(result: OverlapResult) -> pd.DataFrame:
    """Every number in a line, called as on its tile."""
    words = {measure: word for measure, (word, _) in METRICS.items()}
    words |= {"mixing": "Mixing", "effective_rows": "Effective sample size"}
    words |= {"relation_change": "Change of a relation"}
    words |= {f"{measure}_all": f"{word}, with all columns" for measure, word in words.items()}
    table = result.frame()
    areas = table["measure"].str.startswith("auc")  # in the digits of their tiles
    numbers = table.columns.intersection(["value", "low", "high", "null", "chance", "baseline"])
    table.loc[areas, numbers] = table.loc[areas, numbers].map(rounded_score)
    return table.assign(measure=table["measure"].map(lambda one: words[one]))


def _findings(dataset: Dataset, outcomes: dict[str, Outcome]) -> list[Finding]:
    """What the numbers found, worst first, and nothing that is counted on another page; what there is to say
    of the map stands under it.
    """
    numbers = {name: outcome for name, outcome in outcomes.items() if name != "projection"}
    owners = attention.owners(dataset)
    listed = results.findings_by_key(dataset, numbers)
    return [finding for key, (finding, by) in listed.items() if by and owners.get(key, by) in numbers]


def _attention(dataset: Dataset, every: list[Finding]) -> None:
    """The list of findings and the one chosen, folded: the map and the columns show most of it."""
    accepted = [finding for finding in every if finding.key in as_decided.accepted()]
    listed = [finding for finding in every if finding.key not in as_decided.accepted()]
    alarms = sum(finding.severity != "info" for finding in listed)
    words = f"What needs attention: {count(alarms)}" if alarms else "Nothing needs attention"
    notes = len(listed) - alarms
    label = f"{words}; {count(notes, 'note')}" if notes else words
    with st.expander(label, icon=":material/flag:"):
        left, right = layout.thirds(1, 2, "overlap-findings")
        with left:
            chosen = finding_list.choose(listed, "overlap-finding", dataset.version, accepted=accepted)
        with right:
            st.markdown(f"##### {findings.label(chosen.title, chosen.severity)}")
            findings.reasons(chosen)
            mending.fix(dataset, chosen, f"overlap-{len(listed)}-{(*listed, *accepted).index(chosen)}")
            findings.numbers(chosen)


def _evidence(dataset: Dataset, result: OverlapResult) -> None:
    """The numbers beside their noise floors, the support of serve rows and the weights, folded."""
    mark = results.mark(dataset, "overlap")
    with st.expander("What these numbers rest on", icon=":material/query_stats:"):
        make = partial(drawn.overlap_dots, result)
        chart(("overlap-dots", mark), make, f"dots-{dataset.version}", drawn.alt_numbers(result))
        st.markdown(drawn.HOW_NUMBERS)
        left, right = layout.halves()
        with left:
            st.markdown("**Support of the serve rows**", help=hint("Unsupported row"))
            chart(
                ("support", mark),
                partial(drawn.support_bars, result),
                f"support-{dataset.version}",
                drawn.alt_support(result),
                drawn.HOW_SUPPORT,
                "No serve row was held against train: that takes a column with values in both.",
            )
        with right:
            st.markdown("**Importance weights of the train rows**", help=hint("Importance weight"))
            chart(
                ("weights", mark),
                partial(drawn.weight_bars, result),
                f"weights-{dataset.version}",
                drawn.alt_weights(result),
                drawn.HOW_WEIGHTS,
                "No train row has a weight: that takes a model that looked at rows of both parts.",
            )
        panel.notes(result)
        table = keep(("measures", mark), lambda: _measures(result))
        st.dataframe(
            headings.written(table),
            hide_index=True,
            placeholder="–",
            column_config=headings.config(table),
            alt="Every number with interval, noise floor and baseline",
        )
        with st.container(horizontal=True):
            settings_form("overlap", dataset)
            with st.popover("Vectors", icon=":material/scatter_plot:", type="tertiary"):
                vectors.picker(dataset.base or dataset)
