"""Analyses run in the background with the settings that the person chose, and what is known of what came of
them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from components import guard, job_panel
from components.state import keep, session
from components.stopped import stopped
from core.catalog import find, on_page
from core.dataset import Dataset
from core.errors import CoreError
from core.finding import OUTLYING, Finding, ranked
from core.one_cause import distinct
from core.outcomes import Outcome, attempts, not_made
from core.run import MEMO, remembered


def outcomes(dataset: Dataset, *names: str, partly: bool = False) -> dict[str, Outcome] | None:
    """What came of these analyses with the settings chosen; None (and a panel with progress and Stop) while
    they run. partly: the page has a use for what there is so far, and is drawn again as more comes; it does
    not move up when the panel goes.
    """
    key, now = mark(dataset, *names), session()
    settings = {name: dict(now.settings.get(name, {})) for name in names}
    label = _label(dataset, names)
    by_name: dict[str, Outcome] | None = job_panel.outcome(
        label,
        key,
        lambda progress: attempts(dataset, settings, progress, progress.show if len(names) > 1 else None),
        ready=lambda: all(worked_out(dataset, name) is not None for name in names),
        partly=partly,
        stays=True,
    )
    if partly and by_name is not None:
        job_panel.in_its_place(key, label)
    return by_name


def ready(dataset: Dataset, *names: str) -> dict[str, Outcome] | None:
    """The same where they have run with the settings chosen; nothing is drawn and nothing worked out."""
    key, what = session().outcomes.get(_label(dataset, names), ((), None))
    return what if key == mark(dataset, *names) and isinstance(what, dict) else None


def ended(dataset: Dataset, *names: str) -> Any:
    """What analyses, started together in this tab with the settings chosen, ended with where that is no
    outcome: they were stopped, or failed as a whole. None else.
    """
    key, what = session().outcomes.get(_label(dataset, names), ((), None))
    return None if key != mark(dataset, *names) or isinstance(what, dict) else what


def begin_again(dataset: Dataset, *names: str) -> None:
    """Forget that these analyses were stopped, or failed as a whole."""
    for name in names:
        stopped().forget(_label(dataset, (name,)), mark(dataset, name))
        if ended(dataset, name) is not None:
            job_panel.again(_label(dataset, (name,)))


def all_known(dataset: Dataset, *names: str) -> dict[str, Outcome] | None:
    """What came of these analyses, where all of them are known, from this tab or any other run."""
    here = ready(dataset, *names)
    if here is not None:
        return here
    known = so_far(dataset, *names)
    return known if len(known) == len(names) else None


def so_far(dataset: Dataset, *names: str) -> dict[str, Outcome]:
    """What came of those of these analyses that are known."""
    found = {name: worked_out(dataset, name) for name in names}
    return {name: one for name, one in found.items() if one is not None}


def worked_out(dataset: Dataset, name: str) -> Outcome | None:
    """What came of an analysis with the settings chosen, where it is known, from this tab or any other run;
    an outcome that says why where it cannot be made on these data. Nothing is worked out.
    """
    here = ready(dataset, name)
    if here is not None:
        return here[name]
    return known_with(dataset, name, session().settings.get(name, {})) or _beside_others(dataset, name)


def _beside_others(dataset: Dataset, name: str) -> Outcome | None:
    """What came of it in this tab together with other analyses: it stays known after the memo let it go."""
    wanted = mark(dataset, name)[1]
    for key, what in session().outcomes.values():
        if key[:1] == (dataset.version,) and wanted in key[1:] and isinstance(what, dict):
            there = what.get(name)
            if isinstance(there, Outcome):
                return there
    return None


def known_with(dataset: Dataset, name: str, settings: Mapping[str, Any]) -> Outcome | None:
    """The same with these settings, from any run."""
    result = guard.attempt(lambda: remembered(name, dataset, settings))
    if isinstance(result, CoreError):
        return not_made(find(name), result)
    if result is None and find(name).lacks_target(dataset, settings):
        return not_made(find(name), None)
    return None if result is None else Outcome(find(name), result, result.status)


def under_way(dataset: Dataset, *names: str) -> frozenset[str]:
    """Which of these analyses a job of this tab works on now, of these data with the settings chosen."""
    running = session().job
    if running is None or not running.job.active or running.key[:1] != (dataset.version,):
        return frozenset()
    return frozenset(name for name in names if mark(dataset, name)[1] in running.key[1:])


def turn(dataset: Dataset) -> tuple[Any, ...]:
    """The key of what is made of all that is known of a data set: it changes with every result that comes in,
    here or elsewhere, and with the settings.
    """
    now = session()
    here = tuple((label, key) for label, (key, _) in now.outcomes.items())
    return (*mark(dataset, *now.settings), MEMO.turn, here)


def findings_by_key(dataset: Dataset, outcomes: Mapping[str, Outcome]) -> dict[str, tuple[Finding, str]]:
    """What loading and these analyses found, worst first: key -> finding and the analysis that found it (""
    for loading), or that flags its rows, where it stands for what that found.
    """

    def work() -> dict[str, tuple[Finding, str]]:
        every = [(f, name) for name, outcome in outcomes.items() for f in outcome.findings]
        every += [(f, "") for f in dataset.loading]
        owners = {id(f): name for f, name in every}
        worst: dict[str, str] = {}
        for finding in ranked([f for f, _ in every]):
            worst.setdefault(finding.key, owners[id(finding)])
        told = distinct([f for f, _ in every])
        return {f.key: (f, "outliers" if OUTLYING in f.kin else worst[f.key]) for f in told}

    return keep(("findings by key", *came_of(dataset, outcomes)), work)


def came_of(dataset: Dataset, outcomes: Mapping[str, Outcome]) -> tuple[Any, ...]:
    """The key of what is made of these outcomes alone: one that failed may have a result when it is made
    again.
    """
    return (mark(dataset, *outcomes), tuple(one.status for one in outcomes.values()))


def mark(dataset: Dataset, *names: str) -> tuple[Any, ...]:
    """Data version, analyses and their settings: the key of anything worked out from their results."""
    settings = session().settings
    return (dataset.version, *((name, tuple(sorted(settings.get(name, {}).items()))) for name in names))


def on(*pages: str) -> tuple[str, ...]:
    """Names of the analyses that appear on these pages."""
    return tuple(analysis.name for page in pages for analysis in on_page(page))


def _label(dataset: Dataset, names: tuple[str, ...]) -> str:
    titles = "Looking at " + ", ".join(find(name).title.lower() for name in names)
    return titles if dataset.base is None else f"{titles}, as decided"
