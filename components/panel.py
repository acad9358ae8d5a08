"""Analyses on a page: their settings, run in the background, and their results."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from components import job_panel
from components.state import keep, session, value
from components.text import plain
from core.catalog import find, on_page
from core.dataset import Dataset
from core.finding import Finding, ranked
from core.progress import Progress
from core.report import Outcome, attempt
from core.settings import Knob


def outcomes(dataset: Dataset, *names: str) -> dict[str, Outcome] | None:
    """What came of these analyses with the settings chosen; None (and a panel with progress and Stop) while
    they run.
    """
    key = mark(dataset, *names)
    settings = {name: dict(session().settings.get(name, {})) for name in names}
    found: dict[str, Outcome] | None = job_panel.outcome(
        _label(names), key, lambda progress: _work(dataset, settings, progress)
    )
    return found


def mark(dataset: Dataset, *names: str) -> tuple[Any, ...]:
    """Data version, analyses and their settings: the key of anything worked out from their results."""
    return (
        dataset.version,
        *((name, tuple(sorted(session().settings.get(name, {}).items()))) for name in names),
    )


def on(*pages: str) -> tuple[str, ...]:
    """Names of the analyses that appear on these pages."""
    return tuple(analysis.name for page in pages for analysis in on_page(page))


def _label(names: tuple[str, ...]) -> str:
    return "Looking at " + ", ".join(find(name).title.lower() for name in names)


def _work(dataset: Dataset, settings: dict[str, dict[str, Any]], progress: Progress) -> dict[str, Outcome]:
    """Runs in a worker thread: nothing of Streamlit here."""
    steps = {
        name: progress.part(at / len(settings), (at + 1) / len(settings)) for at, name in enumerate(settings)
    }
    return {name: attempt(name, dataset, chosen, steps[name]) for name, chosen in settings.items()}


def known(dataset: Dataset, *names: str) -> list[Outcome]:
    """Outcomes of these analyses that are there already; nothing is worked out."""
    found = []
    for key, what in session().outcomes.values():
        if key and key[0] == dataset.version and isinstance(what, dict):
            found += [made for name, made in what.items() if isinstance(made, Outcome) and name in names]
    return list({made.analysis.name: made for made in found}.values())


def told(dataset: Dataset, found: Mapping[str, Outcome]) -> dict[str, tuple[Finding, str]]:
    """What loading and these analyses found, worst first: key -> finding and the analysis that found it (""
    for loading).
    """

    def work() -> dict[str, tuple[Finding, str]]:
        owners = [(f, name) for name, made in found.items() for f in made.findings] + [
            (f, "") for f in dataset.loading
        ]
        by_key = {f.key: (f, name) for f, name in owners}
        return {f.key: by_key[f.key] for f in ranked([f for f, _ in by_key.values()])}

    return keep(("told", mark(dataset, *found)), work)


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
            list(now),
            key=key,
            help=knob.help,
            placeholder="All that fit",
        )
    elif knob.kinds:
        options = ["", *dataset.of_kind(*knob.kinds)]
        st.selectbox(
            knob.label,
            options,
            options.index(now),
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
