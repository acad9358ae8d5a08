"""Analyses on a page: their settings, run in the background, and their results; and one analysis whole, as it
is shown where no view says otherwise."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import streamlit as st

from components import guard, job_panel, open_data
from components.state import keep, session, value
from components.text import cut, plain, tag
from components.widgets import actions, findings, layout, rows
from components.widgets.chart import chart
from core.analysis import Status
from core.catalog import find, on_page
from core.dataset import Dataset
from core.decided import Resolved, resolved
from core.errors import CoreError
from core.finding import Finding, distinct
from core.phrases import count
from core.progress import Progress
from core.report import Outcome, attempt, rows_in_source
from core.run import remembered
from core.settings import Knob

TABLE_ROWS = 1_000


def outcomes(dataset: Dataset, *names: str) -> dict[str, Outcome] | None:
    """What came of these analyses with the settings chosen; None (and a panel with progress and Stop) while
    they run.
    """
    key = mark(dataset, *names)
    settings = {name: dict(session().settings.get(name, {})) for name in names}
    by_name: dict[str, Outcome] | None = job_panel.outcome(
        _label(dataset, names), key, lambda progress: _work(dataset, settings, progress)
    )
    return by_name


def ready(dataset: Dataset, *names: str) -> dict[str, Outcome] | None:
    """The same where they have run with the settings chosen; nothing is drawn and nothing worked out."""
    key, what = session().outcomes.get(_label(dataset, names), ((), None))
    return what if key == mark(dataset, *names) and isinstance(what, dict) else None


def mark(dataset: Dataset, *names: str) -> tuple[Any, ...]:
    """Data version, analyses and their settings: the key of anything worked out from their results."""
    return (
        dataset.version,
        *((name, tuple(sorted(session().settings.get(name, {}).items()))) for name in names),
    )


def on(*pages: str) -> tuple[str, ...]:
    """Names of the analyses that appear on these pages."""
    return tuple(analysis.name for page in pages for analysis in on_page(page))


def _label(dataset: Dataset, names: tuple[str, ...]) -> str:
    titles = "Looking at " + ", ".join(find(name).title.lower() for name in names)
    return titles if dataset.base is None else f"{titles}, as decided"


def _work(dataset: Dataset, settings: dict[str, dict[str, Any]], progress: Progress) -> dict[str, Outcome]:
    """Runs in a worker thread: nothing of Streamlit here."""
    steps = {
        name: progress.part(at / len(settings), (at + 1) / len(settings)) for at, name in enumerate(settings)
    }
    return {name: attempt(name, dataset, chosen, steps[name]) for name, chosen in settings.items()}


@dataclass(frozen=True)
class Before:
    """What was found in the data as loaded, beside what is found as decided.

    findings: key -> finding; empty where the data are shown as loaded, or nothing changes them.
    resolved: those that are gone.
    """

    findings: Mapping[str, Finding]
    resolved: tuple[Resolved, ...]

    def is_new(self, finding: Finding) -> bool:
        """Whether decisions brought the finding about."""
        return bool(self.findings) and finding.key not in self.findings


def before(dataset: Dataset, now: Mapping[str, Outcome]) -> Before:
    """What the analyses found in the data as loaded that came to ``now`` in those as decided. Nothing, and a
    panel with progress and Stop, while the data as loaded were not looked at yet.
    """
    past = None if dataset.base is None else outcomes(dataset.base, *now)
    if dataset.base is None or past is None:
        return Before({}, ())
    base, loaded = dataset.base, past

    def work() -> Before:
        checked = [name for name in now if now[name].result_is_in and loaded[name].result_is_in]
        listed, still = (
            [f for f, _ in findings_by_key(data, {name: outcomes[name] for name in checked}).values()]
            for data, outcomes in ((base, loaded), (dataset, now))
        )
        return Before({f.key: f for f in listed}, resolved(listed, still, session().review))

    return keep(("before", mark(dataset, *now), session().turn), work, newest=True)


def known(dataset: Dataset, *names: str) -> list[Outcome]:
    """Outcomes of these analyses that are there already; nothing is worked out."""
    found = []
    for key, what in session().outcomes.values():
        if key and key[0] == dataset.version and isinstance(what, dict):
            found += [made for name, made in what.items() if isinstance(made, Outcome) and name in names]
    return list({made.analysis.name: made for made in found}.values())


def worked_out(dataset: Dataset, name: str) -> Outcome | None:
    """What came of an analysis with the settings chosen, where it is known, from this tab or any other run;
    an outcome that says why where it cannot be made on these data. Nothing is worked out.
    """
    here = ready(dataset, name)
    if here is not None:
        return here[name]
    result = guard.attempt(lambda: remembered(name, dataset, session().settings.get(name, {})))
    if isinstance(result, CoreError):
        return Outcome(find(name), None, Status("failed", str(result)))
    return None if result is None else Outcome(find(name), result, result.status)


def findings_by_key(dataset: Dataset, outcomes: Mapping[str, Outcome]) -> dict[str, tuple[Finding, str]]:
    """What loading and these analyses found, worst first: key -> finding and the analysis that found it (""
    for loading).
    """

    def work() -> dict[str, tuple[Finding, str]]:
        every = [(f, name) for name, outcome in outcomes.items() for f in outcome.findings]
        every += [(f, "") for f in dataset.loading]
        listed = distinct([f for f, _ in every])
        return {f.key: (f, next(name for other, name in every if other is f)) for f in listed}

    return keep(("findings by key", mark(dataset, *outcomes)), work)


def unfinished(outcomes: Iterable[Outcome]) -> bool:
    """Say which checks failed or were skipped, once for each reason, and what others had to leave out, as
    what was not checked never looks clean; gives whether there was any.
    """
    titles: dict[str, list[str]] = {}
    every = list(outcomes)
    for outcome in every:
        if not outcome.result_is_in:
            titles.setdefault(outcome.status.reason, []).append(outcome.analysis.title)
    for reason, named in titles.items():
        st.warning(
            f"Not checked: {plain(', '.join(named).lower(), 200)}. {plain(reason, 400)}",
            icon=":material/warning:",
        )
    for outcome in every:
        if outcome.unchecked:
            st.warning(
                f"{plain(outcome.analysis.title)}: {plain(outcome.unchecked, 400)}", icon=":material/warning:"
            )
    return not all(outcome.complete for outcome in every)


def settings_form(name: str, dataset: Dataset) -> None:
    """The settings of one analysis, closed by default and remembered."""
    knobs = find(name).settings.knobs()
    if not knobs:
        return
    with (
        st.popover("Settings", icon=":material/tune:", type="tertiary", help=plain(find(name).title)),
        st.form(f"settings-{name}", border=False),
    ):
        now = find(name).settings.of(session().settings.get(name, {}))
        for field, knob in knobs.items():
            _widget(f"set-{name}-{field}", knob, getattr(now, field), dataset)
        st.form_submit_button("Apply", type="primary", on_click=_apply, args=(name, list(knobs)))


def _widget(key: str, knob: Knob, now: Any, dataset: Dataset) -> None:
    if knob.many:
        st.multiselect(
            knob.label,
            dataset.of_kind(*knob.kinds),
            [name for name in now if name in dataset.of_kind(*knob.kinds)],
            key=key,
            help=knob.help,
            placeholder="All that fit",
        )
    elif knob.kinds:
        options = ["", *dataset.of_kind(*knob.kinds)]
        st.selectbox(
            knob.label,
            options,
            options.index(now) if now in options else 0,
            key=key,
            help=knob.help,
            format_func=lambda name: name or "From the roles",
        )
    elif knob.choices:
        st.selectbox(knob.label, knob.choices, knob.choices.index(now), key=key, help=knob.help)
    elif isinstance(now, bool):
        st.toggle(knob.label, now, key=key, help=knob.help)
    else:
        low, high = (None if bound is None else type(now)(bound) for bound in (knob.low, knob.high))
        st.number_input(
            knob.label, low, high, now, key=key, help=knob.help, format=None if isinstance(now, int) else "%g"
        )


def _apply(name: str, fields: list[str]) -> None:
    given = {field: value(f"set-{name}-{field}") for field in fields}
    session().settings[name] = {field: tuple(v) if isinstance(v, list) else v for field, v in given.items()}


def notes(result: Any) -> None:
    """What was sampled, approximated or left out."""
    for note in result.notes:
        st.caption(f":material/info: {plain(note, 400)}")


def view(dataset: Dataset, name: str) -> None:
    """One analysis whole: run if need be; then verdict, picture, findings with their rows, table."""
    by_name = outcomes(dataset, name)
    if by_name is None:
        return
    outcome, result = by_name[name], by_name[name].result
    with st.container(horizontal=True, vertical_alignment="center"):
        _verdict(outcome)
        settings_form(name, dataset)
    wants_target = _wants_target(dataset, outcome)
    if wants_target:
        _choose_target(dataset, outcome)
    if result is None or result.status.state != "ok":
        if not wants_target:
            st.info(plain(str(outcome.status), 400), icon=":material/info:")
        return
    notes(result)
    _picture(dataset, name, result)
    _findings(dataset, outcome)
    _table(dataset, name, result)


def rest(dataset: Dataset, page: str, drawn: Collection[str]) -> None:
    """Analyses of a page beyond those that its view draws: each one whole, under its title."""
    for name in on(page):
        if name not in drawn:
            st.subheader(plain(find(name).title))
            view(dataset, name)


def _picture(dataset: Dataset, name: str, result: Any) -> None:
    """What the analysis looks like: its view beside those of its page, or its figure, or neither."""
    own = part(f"components.views.{find(name).page.rpartition('/')[2]}", name)
    figure = part("components.figures", name)
    if own is not None:
        own.view(dataset, result)
    elif figure is not None:
        chart(
            _mark(dataset, name),
            lambda: figure.figure(result),
            f"{name}-{dataset.version}",
            figure.alt(result),
            figure.HOW,
        )


def part(package: str, name: str) -> ModuleType | None:
    """What a package of pages or figures holds under the name of an analysis; None where that is nothing."""
    whole = f"{package}.{name}"
    return importlib.import_module(whole) if name and importlib.util.find_spec(whole) is not None else None


def _verdict(outcome: Outcome) -> None:
    """How many findings there are; what was not checked never reads as if nothing was wrong."""
    question, state = find(outcome.analysis.name).question, outcome.status.state
    more = len(findings.open_findings(outcome)) - findings.wanting(outcome)[0]
    verdict = findings.things_to_look_at(outcome) or "Nothing stands out"
    verdict = f"{verdict}, {count(more, 'note')}." if more else f"{verdict}."
    if state != "ok":
        verdict = "Not checked." if state == "skipped" else "The check failed."
    elif outcome.result is not None and outcome.result.unchecked:
        verdict = f"{outcome.result.unchecked} {verdict if outcome.findings else ''}".strip()
    st.markdown(f"#### {question} {verdict}", width="stretch")


def _wants_target(dataset: Dataset, outcome: Outcome) -> bool:
    """Whether the analysis, or a part of it, was skipped for want of a target."""
    name = outcome.analysis.name
    skipped = outcome.status.state == "skipped" or (outcome.result is not None and outcome.result.unchecked)
    chosen = session().settings.get(name, {}).get("target") or dataset.roles.target
    return bool(skipped and not chosen and "target" in find(name).settings.knobs())


def _choose_target(dataset: Dataset, outcome: Outcome) -> None:
    """The picker of the target, where it is wanted."""
    what = "Columns were not checked" if outcome.status.state == "ok" else "This check was skipped"
    st.info(f"{what}: that needs a target, the column to predict.", icon=":material/block:")
    key = f"choose-target-{dataset.version}"
    st.selectbox(
        "Target",
        dataset.of_kind(*find(outcome.analysis.name).settings.knobs()["target"].kinds),
        None,
        key=key,
        format_func=lambda column: cut(column, 60),
        placeholder="Choose the column to predict",
        on_change=open_data.set_role,
        args=("target", key),
        width=320,
    )


def _mark(dataset: Dataset, name: str) -> tuple[Any, ...]:
    return ("panel", *mark(dataset, name))


def _findings(dataset: Dataset, outcome: Outcome) -> None:
    """The findings to choose from, and the one chosen with its rows."""
    open_ones, accepted = (
        [f for f in outcome.findings if (f.key in session().review.accepted) is so] for so in (False, True)
    )
    name = outcome.analysis.name
    past = before(dataset, {name: outcome})
    if open_ones or accepted or past.resolved:
        st.subheader("What was found")
    if not open_ones and not accepted:
        findings.resolved(past.resolved)
        return
    left, right = layout.thirds(1, 2)
    with left:
        chosen = findings.choose(
            open_ones, f"{name}-finding", dataset.version, accepted=accepted, is_new=past.is_new
        )
        findings.resolved(past.resolved)
    with right:
        findings.heading(chosen)
        findings.reasons(chosen)
        actions.fix(dataset, chosen, f"{name}-{tag(chosen.key)}")
        findings.numbers(chosen, past.findings.get(chosen.key))
    _rows(dataset, chosen, name)


def _rows(dataset: Dataset, chosen: Finding, name: str) -> None:
    if len(chosen.rows):
        key = f"{name}-{tag(chosen.key)}"
        st.markdown("**The rows behind it**")
        first = findings.columns_of(chosen, dataset)
        picked = rows.listing(dataset, chosen.rows.ids, key, first=first)
        actions.bar(dataset, picked, key, chosen.key, chosen.action, next(iter(first), ""))


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
            table.head(TABLE_ROWS),
            hide_index=True,
            alt=f"Table of {count(len(table), 'line')}",
            key=f"{name}-table-{dataset.version}",
        )
