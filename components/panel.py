"""One analysis whole, as it is shown where no view says otherwise: its settings, verdict, figure, findings,
table.
"""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Collection, Iterable, Sequence
from functools import partial
from types import ModuleType
from typing import Any

import streamlit as st

from components import address, as_decided, attention, checks
from components.before import before
from components.results import mark, on, outcomes, worked_out
from components.roles import set_role
from components.settings_form import settings_form
from components.state import keep, put, session, value
from components.text import cut, plain, tag
from components.widgets import (
    actions,
    both_sides,
    finding_list,
    findings,
    headings,
    layout,
    mending,
    resolved,
    rows,
)
from components.widgets.chart import chart
from core.analysis import NO_TARGET
from core.catalog import find
from core.dataset import Dataset
from core.finding import Finding
from core.outcomes import Outcome
from core.phrases import count
from core.prepare.constant_target import target_lacks
from core.report import rows_in_source
from core.resolved import Resolved

TABLE_ROWS = 1_000
TARGETS = ("numeric", "category", "boolean")  # kinds of what can be predicted


def view(dataset: Dataset, name: str, asked: bool = False, settings: bool = True) -> None:
    """One analysis whole: run if need be; then verdict, picture, findings with their rows, table. asked:
    whether the page asks the question above it already. settings: whether they stand here, and not elsewhere
    on the page.
    """
    by_name = outcomes(dataset, name)
    if by_name is None:
        return
    outcome, result = by_name[name], by_name[name].result
    head, buttons = layout.headed(name)
    with head:
        _verdict(dataset, outcome, asked)
    with buttons:
        if settings:
            settings_form(name, dataset)
    if result is None or result.status.state != "ok":
        failed(dataset, outcome)
        return
    if outcome.wants_target:
        choose_target(dataset, name)
    notes(result)
    _picture(dataset, name, result)
    _findings(dataset, outcome)
    _table(dataset, name, result)


def failed(dataset: Dataset, outcome: Outcome) -> None:
    """Why there is no result; where it is for the target, beside the picker of another one."""
    st.info(plain(outcome.status.reason, 400), icon=":material/block:")
    if outcome.wants_target:
        choose_target(dataset, outcome.analysis.name)


def rest(dataset: Dataset, page: str, drawn: Collection[str]) -> None:
    """Analyses of a page beyond those that its view draws: each one whole, under its title."""
    for name in on(page):
        if name not in drawn:
            st.subheader(plain(find(name).title))
            view(dataset, name)


def part(package: str, name: str) -> ModuleType | None:
    """What a package of pages or figures holds under the name of an analysis; None where that is nothing."""
    whole = f"{package}.{name}"
    return importlib.import_module(whole) if name and importlib.util.find_spec(whole) is not None else None


def unfinished(dataset: Dataset, outcomes: Iterable[Outcome]) -> bool:
    """Say which checks failed or were skipped, once for each reason, and what others had to leave out, as
    what was not checked never looks clean; gives whether there was any. What only another target mends is
    said once, beside its picker. What is no check, such as a preview, counts nowhere.
    """
    made = checks.among(dataset, outcomes)
    every = [outcome for outcome in made if outcome.complete or not outcome.wants_target]
    _for_want_of_a_target(dataset, [outcome for outcome in made if outcome not in every])
    titles: dict[str, list[str]] = {}
    for outcome in every:
        if not outcome.result_is_in:
            titles.setdefault(outcome.status.reason, []).append(outcome.analysis.title)
    for reason, named in titles.items():
        st.warning(
            f"Not checked: {plain(', '.join(named).lower(), 200)}. {plain(reason, 400)}",
            icon=":material/warning:",
        )
    partly: dict[str, list[str]] = {}
    for outcome in every:
        if outcome.unchecked:
            partly.setdefault(outcome.unchecked, []).append(outcome.analysis.title)
    for told, named in partly.items():
        st.warning(
            f"Not checked in full: {plain(', '.join(named).lower(), 200)}. {plain(told, 400)}",
            icon=":material/warning:",
        )
    return not all(outcome.complete for outcome in made)


def _for_want_of_a_target(dataset: Dataset, lacking: Sequence[Outcome]) -> None:
    """Say which checks another target would mend, wholly or in part, and why, beside its picker."""
    if not lacking:
        return
    titles = ", ".join(outcome.analysis.title for outcome in lacking).lower()
    target = dataset.roles.target
    whole = "" if any(not outcome.result_is_in for outcome in lacking) else " in full"
    key = ("target lacks", dataset.version, target)
    lacks = keep(key, lambda: target_lacks(dataset, target)) if target else NO_TARGET.reason
    if any(_own_target(outcome.analysis.name) for outcome in lacking):
        lacks = ""
    why = [lacks] if lacks else dict.fromkeys(one.unchecked or one.status.reason for one in lacking)
    st.warning(
        f"Not checked{whole}: {plain(titles, 200)}. {plain(' '.join(why), 400)}", icon=":material/warning:"
    )
    choose_target(dataset, lacking[0].analysis.name)


def notes(result: Any) -> None:
    """What was sampled, approximated or left out."""
    for note in result.notes:
        st.caption(f":material/info: {plain(note, 400)}")


def _picture(dataset: Dataset, name: str, result: Any) -> None:
    """What the analysis looks like: its view beside those of its page, or its figure, or neither."""
    own = part(f"components.views.{find(name).page.rpartition('/')[2]}", name)
    figure = part("components.figures", name)
    if own is not None:
        own.view(dataset, result)
    elif figure is not None:
        chart(
            _mark(dataset, name),
            partial(figure.figure, result),
            f"{name}-{dataset.version}",
            figure.alt(result),
            figure.HOW,
            plain(figure.without(result), 400) if hasattr(figure, "without") else "",
        )


def _verdict(dataset: Dataset, outcome: Outcome, asked: bool) -> None:
    """How many findings there are; what was not checked never reads as if nothing was wrong."""
    question, state = "" if asked else find(outcome.analysis.name).question, outcome.status.state
    listed = attention.listed_here(dataset, outcome)
    more = len(findings.open_findings(listed)) - findings.wanting(listed)[0]
    verdict = findings.wanting_in_words(listed) or attention.calm(dataset, outcome)
    verdict = f"{verdict}, {count(more, 'note')}." if more else f"{verdict}."
    if state != "ok":
        verdict = "Not checked."
    elif outcome.result is not None and outcome.result.unchecked:
        question = ""  # what cannot be said names what was asked
        verdict = f"{outcome.result.unchecked} {verdict if listed else ''}".strip()
    told = plain(verdict, 600)
    st.markdown(f"#### {question} {told}" if question else f"#### {told}", width="stretch")


def targets_of(dataset: Dataset, name: str) -> list[str]:
    """The columns that an analysis may predict."""
    knob, loaded = find(name).settings.knobs().get("target"), set((dataset.base or dataset).names)
    return [
        column
        for column in dataset.of_kind(*(knob.kinds if knob is not None else TARGETS))
        if _own_target(name) or column in loaded
    ]


def choose_target(dataset: Dataset, name: str, offered: Sequence[str] | None = None) -> None:
    """The picker of the target: of the analysis's own where one is set, else of the role, which is given in
    the data as loaded. offered: these columns; None: `targets_of`.
    """
    chosen = _own_target(name) or dataset.roles.target
    key, offered = f"choose-target-{name}-{dataset.version}", offered or targets_of(dataset, name)
    st.selectbox(
        "Target",
        offered,
        offered.index(chosen) if chosen in offered else None,
        key=key,
        format_func=lambda column: cut(column, 60),
        placeholder="Choose the column to predict",
        on_change=_set_target,
        args=(name, key),
        width=320,
    )


def _own_target(name: str) -> str:
    """The target that is set for this analysis alone; "" where that is the role's."""
    return str(session().settings.get(name, {}).get("target") or "")


def _set_target(name: str, key: str) -> None:
    """Set what the picker holds where the target that it shows stands."""
    if _own_target(name):
        session().settings[name] = {**session().settings[name], "target": value(key)}
        put(address.key(f"set-{name}-target"), value(key))
    else:
        set_role("target", key)


def _findings(dataset: Dataset, outcome: Outcome) -> None:
    """The findings to choose from, and the one chosen with its rows."""
    listed = attention.listed_here(dataset, outcome)
    open_ones, accepted = (
        [f for f in listed if (f.key in as_decided.accepted()) is so] for so in (False, True)
    )
    name = outcome.analysis.name
    past = before(dataset, {name: outcome})
    mended = _mended(dataset, name, past.resolved)
    if open_ones or accepted or mended:
        st.subheader("What was found")
    if not open_ones and not accepted:
        resolved.view(mended)
        return
    left, right = layout.thirds(1, 2, f"{name}-findings")
    with left:
        chosen = finding_list.choose(
            open_ones, f"{name}-finding", dataset.version, accepted=accepted, news=past.news
        )
        resolved.view(mended)
    with right:
        findings.heading(chosen)
        findings.reasons(chosen)
        mending.fix(dataset, chosen, f"{name}-{tag(chosen.key)}")
        findings.numbers(chosen, past.findings.get(chosen.key))
    _rows(dataset, chosen, name)


def _mended(dataset: Dataset, name: str, past: Sequence[Resolved]) -> list[Resolved]:
    """Those that were listed here: not what loading found, nor what another page listed."""
    was = None if dataset.base is None else worked_out(dataset.base, name)
    if dataset.base is None or was is None:
        return []
    listed = {finding.key for finding in attention.listed_here(dataset.base, was)}
    return [one for one in past if one.finding.key in listed]


def _rows(dataset: Dataset, chosen: Finding, name: str) -> None:
    if len(chosen.rows):
        key = f"{name}-{tag(chosen.key)}"
        st.markdown("**The rows behind it**")
        first = findings.columns_of(chosen, dataset)
        ids, beside, told = both_sides.listed(dataset, chosen)
        if told:
            st.caption(told)
        picked = rows.listing(dataset, ids, key, beside, first=first)
        actions.bar(dataset, picked, key, chosen, chosen.action, next(iter(first), ""))


def _table(dataset: Dataset, name: str, result: Any) -> None:
    """The whole table, folded, its first thousand lines."""
    table = keep(("table", *_mark(dataset, name)), lambda: rows_in_source(dataset, result.frame()))
    if table.empty:
        return
    with st.expander(f"The table: {count(len(table), 'line')}", icon=":material/table_rows:"):
        if len(table) > TABLE_ROWS:
            st.caption(
                f"The first {count(TABLE_ROWS)} of {count(len(table))} lines; the command line gives all."
            )
        st.dataframe(
            headings.written(table.head(TABLE_ROWS)),
            hide_index=True,
            placeholder="–",
            column_config=headings.config(table),
            alt=f"Table of {count(len(table), 'line')}",
            key=f"{name}-table-{dataset.version}",
        )


def _mark(dataset: Dataset, name: str) -> tuple[Any, ...]:
    return ("panel", *mark(dataset, name))
