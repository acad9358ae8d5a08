"""Coreset: how few rows stand for all of them, how sure that is, and what to do with them."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import streamlit as st

from components import as_decided, frame, panel, results
from components.figures import coreset as drawn
from components.glossary import hint
from components.settings_form import settings_form
from components.state import keep
from components.text import plain
from components.views.coreset import (
    cautions,
    drawn_from,
    export,
    importance,
    kept,
    rows,
    tune,
    weights,
    window,
)
from components.widgets import findings, headings, layout
from components.widgets.chart import chart
from components.widgets.headings import Heading
from core.analyses.coreset.findings import FITS
from core.dataset import Dataset
from core.numerics.priority import effective_size
from core.phrases import count, in_two_digits, number, verb

if TYPE_CHECKING:
    from core.analyses.coreset.analysis import CoresetResult
    from core.coreset.quality import Error

NAME = "coreset"
STRATUM = "Rows are drawn from each on its own, so that none is lost."
COSTS = {
    "k-means": "the k-means cost that they give",
    "pca": "the reconstruction error of PCA that they give",
    "trees": "the loss of trees that they give",
}  # of a pilot's kind, where the error is not that of a fit


def view() -> None:
    """Verdict and numbers; error and importance; classes; rows; export."""
    dataset = drawn_from.data_shown()
    if dataset is None:
        return
    outcomes = results.outcomes(dataset, NAME)
    if outcomes is None:
        return
    outcome = outcomes[NAME]
    result: Any = outcome.result
    head, buttons = layout.headed(NAME)
    head.markdown(f"#### {plain(_verdict(result), 400)}")
    with buttons:
        settings_form(NAME, dataset)
    window.view(dataset)
    if result is None or result.status.state != "ok":
        panel.failed(dataset, outcome)
    else:
        _body(dataset, result)
    panel.rest(dataset, "clean/coreset", (NAME, importance.NAME))
    frame.door("pages/clean/review.py", "Next: decide, row by row", at={})


def _verdict(result: CoresetResult | None) -> str:
    """In one sentence how few rows stand for all, and what that costs."""
    if result is None:
        return "There is no coreset of these data."
    size, every = result.coreset.sample.row.size, result.coreset.rows
    stand = f"{count(size)} of {count(every, 'row')} {verb(size, 'stands', 'stand')} for all of them"
    if result.error is None:
        return f"{stand}."
    own, plain_sample = result.error.error, result.error.uniform
    what = (
        f"{FITS[result.coreset.pilot.kind]} on them is expected to lose"
        if result.error.of == "fit"
        else f"{COSTS.get(result.coreset.pilot.kind, 'the cost that they give')} is expected to be off by"
    )
    of = " of the loss" if result.error.of == "fit" else ""
    other = (
        "a uniform sample is as good"
        if result.uniform_as_good
        else f"a uniform sample {_within(plain_sample)}"
    )
    return f"{stand}: {what} {_within(own)}{of}, {other}."


def _within(error: Error) -> str:
    """An expected error with its 95% interval; once where all three read alike."""
    value, low, high = map(in_two_digits, (error.value, error.low, error.high))
    return value if value == low == high else f"{value} ({low} to {high})"


def _body(dataset: Dataset, result: CoresetResult) -> None:
    held = kept.of(dataset, result)
    kept.note(held)
    _metrics(dataset, result)
    if against := tune.contradiction(dataset, result):
        st.warning(plain(against, 300), icon=":material/warning:")
    weights.note(dataset, result)
    cautions.view(dataset, result)
    panel.notes(result)
    _attention(dataset, result)
    mark = results.mark(dataset, NAME)
    left, right = layout.halves()
    with left:
        st.markdown("**How much rows matter**", help=hint("Sampling importance"))
        chart(
            ("coreset-importance", mark),
            partial(drawn.importance_spread, result),
            f"coreset-importance-{dataset.version}",
            drawn.alt_importance(result),
            drawn.HOW_IMPORTANCE,
            "The coreset has no row of any importance: no row takes part that has a target and a weight.",
        )
    with right:
        st.markdown("**Error by size**", help=hint("Expected error"))
        curve = keep(("coreset-curve", mark), lambda: result.curve)
        if len(curve) > 1:
            chart(
                ("coreset-error", mark),
                partial(drawn.error_curve, result),
                f"coreset-error-{dataset.version}",
                drawn.alt_error(result),
                drawn.HOW_ERROR,
            )
        elif result.error is None:
            st.caption("There is no error to show: all rows that differ are in the coreset.")
        else:
            st.caption(f"There is one size to show, see above: smaller ones hold too few {_of_each(result)}.")
    _classes(dataset, result, mark)
    importance.view(dataset)
    rows.view(dataset, result)
    tune.view(dataset, result)
    export.view(dataset, result, held)


def _of_each(result: CoresetResult) -> str:
    """What a smaller coreset has too few of: rows of each class, or stratum, where there are several."""
    if len(set(result.coreset.sample.stratum.tolist())) < 2:
        return "rows"
    return f"rows of each {'class' if result.coreset.pilot.classes else 'stratum'}"


def _metrics(dataset: Dataset, result: CoresetResult) -> None:
    summary, places = result.summary, layout.cells(4, 130)
    weight = weights.weights(dataset, result)
    places[0].metric(
        "Rows",
        count(int(summary["size"])),
        f"of {count(int(summary['rows']))}",
        delta_color="off",
        delta_arrow="off",
        help=hint("Coreset"),
    )
    places[1].metric(
        "Effective sample size",
        count(round(effective_size(weight))),
        help=hint("Effective sample size"),
    )
    places[2].metric("Largest weight", number(float(weight.max())), help=hint("Coreset weight"))
    if result.error is not None:
        places[3].metric(
            "Expected error",
            in_two_digits(result.error.error.value),
            f"{in_two_digits(result.error.uniform.value)} uniform",
            delta_color="off",
            delta_arrow="off",
            help=hint("Expected error"),
        )


def _attention(dataset: Dataset, result: CoresetResult) -> None:
    """What is said of the coreset, each with its reason."""
    for finding in result.findings:
        if finding.key in as_decided.accepted():
            continue
        with st.expander(findings.label(finding.title, finding.severity)):
            findings.reasons(finding)
            findings.numbers(finding)


def _classes(dataset: Dataset, result: CoresetResult, mark: tuple[Any, ...]) -> None:
    """What the coreset holds of each class, beside all the data."""
    table = keep(("coreset-classes", mark), result.frame)
    if len(table) < 2:
        return
    table = weights.counted(dataset, result, table)
    word = "class" if result.coreset.pilot.classes else "stratum"
    own = {"stratum": Heading(word.capitalize(), STRATUM), "rows": Heading("Rows", "That can be drawn.")}
    with st.expander(f"What it holds of each {word}", icon=":material/bar_chart:"):
        chart(
            ("coreset-makeup", mark),
            partial(drawn.class_makeup, result),
            f"coreset-makeup-{dataset.version}",
            drawn.alt_classes(result),
            drawn.HOW_CLASSES,
        )
        st.dataframe(
            headings.written(table, own),
            hide_index=True,
            placeholder="–",
            alt="Per class rows, rows drawn, importance and the largest weight",
            key=f"coreset-table-{dataset.version}",
            column_config=headings.config(table, own),
        )
