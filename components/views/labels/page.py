"""Labels: which labels are wrong."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from components import address, as_decided, badge, frame, panel, results, waiting_in_words
from components.glossary import hint
from components.judged import likely_anew, remember
from components.state import keep
from components.views.labels import as_loaded, bulk, own, picture, verdict
from components.widgets import actions, findings, layout, placed, rows
from core.analyses.labels.findings import unbounded
from core.dataset import Dataset
from core.phrases import count, verb
from core.prepare.classes import holds_numbers

if TYPE_CHECKING:
    from core.analyses.labels.expected import ExpectedErrors
    from core.analyses.labels.result import LabelResult

Ids = NDArray[np.int64]
NAME, RESIDUALS = "labels", "residuals"
LIKELY, DOUBTFUL, ABOVE = "Likely", "All doubtful", "By doubt"
WAYS = {LIKELY: "likely", DOUBTFUL: "possible", ABOVE: "doubt"}  # as the address has them
NOT_NARROWER = (
    "“Likely” and “possibly” are what the models say of each row. How many of these labels are truly wrong "
    "cannot be narrowed down: a right label of a row that lies between two classes looks the same to them, "
    "and the rows of which they are surest do not tell which it is. Looking at some of them does."
)


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
    verdict.view(dataset, result)
    if not result.unchecked and (words := likely_anew(dataset)):
        st.caption(f":material/info: {words}")
    if not result.unchecked and (words := as_loaded.words(dataset, result)):
        st.caption(f":material/info: {words}")
    panel.notes(result)
    left, right = layout.thirds(2, 1, "labels")
    with left:
        picture.view(dataset, result)
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
    shown, what = picture.in_square(dataset, result, shown)
    if shown.any() and not result.unchecked:
        _expected(result.expected(shown), int(shown.sum()), result.expected())
    order = keep(("doubt", *results.mark(dataset, NAME)), lambda: result.order)
    places = order[shown[order]]
    return result.evidence.rows[places], what


def _expected(expected: ExpectedErrors, rows: int, whole: ExpectedErrors) -> None:
    """How many of the rows shown are wrong, with the interval; or that it cannot be said. whole: of all rows
    judged.
    """
    title, told = "Wrong among those shown", hint("Expected true errors")
    if unbounded(expected):
        high = min(rows, round(expected.high))
        st.metric(title, "none or 1" if high == 1 else f"none to {count(high)}", help=told)
        st.caption(NOT_NARROWER)
        return
    wrong = round(expected.value)
    st.metric(title, f"{'about ' if wrong else ''}{count(wrong)} of {count(rows)}", help=told)
    low, high = (count(round(end)) for end in expected[1:])
    st.caption(f"90% interval {low} to {high}.{_not_shown(wrong, round(whole.value))}")


def _not_shown(wrong: int, every: int) -> str:
    """Where the other wrong labels lie, of so many in all.

    >>> _not_shown(75, 104), _not_shown(104, 104)
    (' About 29 more of the 104 in all lie in rows that are not shown.', '')
    """
    rest = every - wrong
    if rest <= 0:
        return ""
    lie = verb(rest, "lies", "lie")
    more = f" About {count(rest)} more of the {count(every)} in all"
    return f"{more} {lie} in rows that are not shown."


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
