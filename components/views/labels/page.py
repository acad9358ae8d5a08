"""Labels: which labels are wrong."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from components import address, as_decided, badge, frame, panel, results, waiting_in_words
from components.figures import labels as drawn
from components.glossary import hint
from components.judged import likely_anew, remember
from components.settings_form import settings_form
from components.state import keep
from components.text import cut, plain
from components.views.labels import as_loaded, bulk, own
from components.widgets import actions, findings, layout, placed, rows
from components.widgets.chart import chart, pickable, unpick
from core.analyses.labels.findings import most, unbounded
from core.dataset import Dataset
from core.phrases import count, names, percent, verb, within
from core.prepare.classes import holds_numbers

if TYPE_CHECKING:
    from core.analyses.labels.expected import ExpectedErrors
    from core.analyses.labels.result import LabelResult

Ids = NDArray[np.int64]
NAME, RESIDUALS = "labels", "residuals"
LIKELY, DOUBTFUL, ABOVE = "Likely", "All doubtful", "By doubt"
WAYS = {LIKELY: "likely", DOUBTFUL: "possible", ABOVE: "doubt"}  # as the address has them
CROSSED, NOISE, CLASSES = "Given and suggested", "Noise matrix", "By class"
FIGURES = {CROSSED: "crossed", NOISE: "noise", CLASSES: "classes"}
LEAKS = ("single_feature", "single_class", "missingness")  # findings of leakage about one column
UNSAID = "Which labels are doubtful cannot be said."
NOT_NARROWER = (
    "“Likely” and “possibly” are what the models say of each row. How many of these labels are truly wrong "
    "cannot be narrowed down: a right label of a row that lies between two classes looks the same to them, "
    "and the rows of which they are surest do not tell which it is. Looking at some of them does."
)
SQUARE = ("class", "with")  # names of the square that was clicked


def view() -> None:
    """Verdict, numbers; the labels given against those suggested; the rows by doubt, and what to do."""
    dataset = as_decided.in_view()
    if dataset is None:
        return
    outcomes = results.outcomes(dataset, NAME)
    if outcomes is None:
        return
    badge.refresh()
    remember(dataset)
    result: Any = outcomes[NAME].result
    judged = result is not None and result.evidence is not None
    numbers = not judged and _numbers(dataset)
    if judged:
        _judged(dataset, result)
    elif not numbers:
        panel.view(dataset, NAME)
        if dataset.roles.target or dataset.probabilities is not None:
            own.picker(dataset)
    panel.rest(dataset, "clean/labels", (NAME,) if numbers else (NAME, RESIDUALS))
    frame.door(
        "pages/clean/review.py", "Next: decide, row by row", waiting_in_words.at_review_door(dataset), {}
    )


def _numbers(dataset: Dataset) -> bool:
    """Whether the target is of numbers, of which the residuals speak."""
    target = dataset.roles.target
    return target is not None and holds_numbers(dataset, target)


def _judged(dataset: Dataset, result: LabelResult) -> None:
    _verdict(dataset, result)
    if not result.unchecked and (words := likely_anew(dataset)):
        st.caption(f":material/info: {words}")
    if not result.unchecked and (words := as_loaded.words(dataset, result)):
        st.caption(f":material/info: {words}")
    panel.notes(result)
    left, right = layout.thirds(2, 1, "labels")
    with left:
        _picture(dataset, result)
    with right:
        ids, what = _within(dataset, result)
    st.markdown("**The rows, the most doubtful first**")
    key = f"labels-{dataset.version}"
    wrong = next((one for one in result.findings if one.code == "wrong_labels"), None)
    picked = rows.listing(
        dataset, ids, key, _beside(dataset, result, ids), first=(result.evidence.target,), what=what
    )
    each = partial(bulk.ticked, dataset, result, picked.rows, key)
    actions.bar(dataset, picked, key, wrong, "defer", result.evidence.target, each)
    bulk.view(dataset, result, ids)
    for finding in result.findings:
        if finding.code == "noisy_annotator":
            st.markdown(findings.label(finding.title, finding.severity))


def _verdict(dataset: Dataset, result: LabelResult) -> None:
    """How many labels are wrong, in one sentence; then the numbers."""
    judged = result.tier.size
    likely, possible = (int((result.tier == tier).sum()) for tier in (2, 1))
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"#### {_headline(result, likely, possible, _leaks(dataset))}", width="stretch")
        own.picker(dataset)
        settings_form(NAME, dataset)
    if result.repeated and not result.evidence.brought:
        frame.leakage_door()
    places = layout.cells(4, 120)
    places[0].metric("Labels judged", count(judged), help=f"Of {count(dataset.rows, 'row')}.")
    numbers = (count(likely), count(possible), percent((likely + possible) / max(1, judged)))
    if result.unchecked and not likely + possible:  # none is found where none can be: no number reassures
        numbers = ("–", "–", "–")
    places[1].metric("Likely wrong", numbers[0], help=hint("Likely wrong label"))
    places[2].metric("Possibly wrong", numbers[1], help=hint("Possibly wrong label"))
    places[3].metric("Doubtful share", numbers[2], help=hint("Doubt"))


def _headline(result: LabelResult, likely: int, possible: int, leaks: list[str] | None) -> str:
    """How many labels are wrong, and what that is worth where the models hardly disagree with any. leaks: as
    `_leaks` gives them.
    """
    every = count(result.tier.size, "label")
    brought = plain(result.evidence.brought, 200) if result.evidence else ""
    if result.unchecked and not likely:
        return f"Which labels are wrong cannot be said. {plain(result.unchecked, 400)}"
    if result.unchecked:
        return f"{count(likely, 'likely wrong label')} to look at. {plain(result.unchecked, 400)}"
    if likely or possible:
        whole = result.expected()
        low, high = (count(round(end)) for end in whole[1:])
        wrong = round(whole.value)
        about = f"About {count(wrong)} of all {every} {verb(wrong, 'is', 'are')}"
        many = (
            f"None to {most(whole, result.tier.size)} of all {every} may be wrong"
            if unbounded(whole)
            else f"{about if wrong else f'Likely none of all {every} is'} wrong "
            f"(90% interval {low} to {high})"
        )
        ones = count(likely, "likely one") if likely else count(possible, "possible one")
        told = f"{many}; {ones} to look at."
        if unbounded(whole):  # then how many are called likely wrong is no number of wrong ones
            called = f"{count(likely)} likely" if likely else f"{count(possible)} possibly"
            told = f"{many}; {within(brought) or 'the models'} call {called} wrong, to look at first."
    else:
        told = f"{brought or 'The models'} agree with all {every}."
    if brought:
        return f"{told} {_brought(result)}".rstrip()
    if leaks:
        gives = verb(len(leaks), "gives", "give")
        return f"{told} That says little: {plain(names(leaks), 200)} {gives} the target away."
    if not result.repeated:
        return told
    if leaks is None:
        return f"{told} That says little until Leakage was looked at: a column may give the target away."
    return f"{told} No column gives the target away by itself."


def _brought(result: LabelResult) -> str:
    """What agreement of the user's own model is worth."""
    if not result.repeated:
        return ""
    return "That says little: a model that had seen these labels would repeat them. Make sure it had not."


def _leaks(dataset: Dataset) -> list[str] | None:
    """The columns that nearly predict the target by themselves (`leakage`, critical findings); None where
    that was not looked at.
    """
    known = results.worked_out(dataset, "leakage")
    if known is None or not known.result_is_in or known.unchecked:
        return None
    every = findings.open_findings(known)
    critical = [one for one in every if one.severity == "critical" and one.code in LEAKS]
    return list(dict.fromkeys(name for one in critical for name in one.columns))


def _picture(dataset: Dataset, result: LabelResult) -> None:
    """Given against suggested, where a square can be clicked; the noise matrix; doubt by class."""
    key = f"labels-figure-{dataset.version}"
    shown = placed.switch("Figure", "layer", FIGURES, CROSSED, key, label_visibility="collapsed")
    mark = (shown, *results.mark(dataset, NAME))
    if not (result.tier > 0).any() and shown != NOISE:
        st.caption(UNSAID if result.unchecked else "No label is doubtful.")
    elif shown == NOISE:
        chart(
            mark,
            partial(drawn.noise, result),
            f"noise-{dataset.version}",
            drawn.ALT_NOISE,
            drawn.HOW_NOISE,
            UNSAID if result.unchecked else "No row is likely of another class than its label.",
        )
    elif shown == CLASSES:
        chart(
            mark,
            partial(drawn.by_class, result),
            f"classes-{dataset.version}",
            drawn.ALT_CLASSES,
            drawn.HOW_CLASSES,
        )
    else:
        pickable(
            mark,
            partial(drawn.figure, result),
            _figure_key(dataset),
            drawn.ALT,
            lambda places: _choose(result, places),
            drawn.HOW,
        )
    if len(result.evidence.classes) > drawn.SHOWN if result.evidence else False:
        st.caption(f"The {drawn.SHOWN} classes with the most doubtful labels are drawn.")


def _figure_key(dataset: Dataset) -> str:
    return f"labels-crossed-{dataset.version}"


def _choose(result: LabelResult, places: Any) -> None:
    """The square that was clicked."""
    assert result.evidence is not None
    given, suggested = (result.evidence.classes[int(place)] for place in places)
    address.go(class_=given, with_=suggested)


def _within(dataset: Dataset, result: LabelResult) -> tuple[Ids, str]:
    """The rows to list, the most doubtful first, and which they are; beside it how many of them are expected
    to be wrong.
    """
    assert result.evidence is not None
    usual = LIKELY if (result.tier == 2).any() else DOUBTFUL  # an empty list is no place to begin
    way = placed.switch("Which rows", "rows", WAYS, usual, f"labels-way-{dataset.version}")
    if way == ABOVE:
        key = address.key(f"labels-least-{dataset.version}")
        first, noting = address.number("least", 0.0, 1.0, 0.5), address.noting("least", key, default=0.5)
        least = st.slider("Doubt at least", 0.0, 1.0, first, 0.01, key=key, format="%.2f", **noting)
        shown = result.score >= least
    else:
        shown = result.tier >= (2 if way == LIKELY else 1)
    shown, what = _in_square(dataset, result, shown)
    if shown.any() and not result.unchecked:
        _expected(result.expected(shown), int(shown.sum()))
    order = keep(("doubt", *results.mark(dataset, NAME)), lambda: result.order)
    places = order[shown[order]]
    return result.evidence.rows[places], what


def _expected(expected: ExpectedErrors, rows: int) -> None:
    """How many of the rows shown are wrong, with the interval; or that it cannot be said."""
    title, told = "Wrong among those shown", hint("Expected true errors")
    if unbounded(expected):
        high = min(rows, round(expected.high))
        st.metric(title, "none or 1" if high == 1 else f"none to {count(high)}", help=told)
        st.caption(NOT_NARROWER)
        return
    wrong = round(expected.value)
    st.metric(title, f"{'about ' if wrong else ''}{count(wrong)} of {count(rows)}", help=told)
    low, high = (count(round(end)) for end in expected[1:])
    st.caption(f"90% interval {low} to {high}")


def _in_square(
    dataset: Dataset, result: LabelResult, shown: NDArray[np.bool_]
) -> tuple[NDArray[np.bool_], str]:
    """Those of the rows shown that stand in the square that was clicked, and which it is; with a way back."""
    assert result.evidence is not None
    classes = result.evidence.classes
    given, suggested = (address.one_of(name, classes) for name in SQUARE)
    if given is None or suggested is None:
        return shown, ""
    there = (result.evidence.given == classes.index(given)) & (result.suggested == classes.index(suggested))
    with st.container(border=True):
        st.markdown(f"Given **{plain(given, 40)}**, suggested **{plain(suggested, 40)}**")
        st.button(
            "All squares",
            icon=":material/clear:",
            key=f"labels-all-{dataset.version}",
            on_click=_all_squares,
            args=(dataset,),
        )
    return shown & there, f"given {cut(given, 40)}, suggested {cut(suggested, 40)}"


def _all_squares(dataset: Dataset) -> None:
    unpick(_figure_key(dataset))
    for name in SQUARE:
        address.note(name, "")


def _beside(dataset: Dataset, result: LabelResult, ids: Ids) -> dict[str, Any]:
    """What stands beside each row: its doubt, the class suggested and how likely that is."""
    assert result.evidence is not None
    at = np.searchsorted(result.evidence.rows, ids)
    words = np.array(result.evidence.classes, object)
    sure = result.evidence.probabilities.max(axis=1)
    return {
        "Doubt": result.score[at],
        "Suggested": words[result.suggested[at]],
        "Probability": sure[at].astype(np.float64).round(3),
    }
