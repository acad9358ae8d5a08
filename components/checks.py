"""Which checks have run on a data set, which have not yet, and which cannot be made."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from components import guard, results
from components.state import keep
from core.analysis import Analysis
from core.catalog import analyses, checks
from core.dataset import Dataset
from core.errors import CoreError
from core.outcomes import Outcome, not_known, unmade
from core.outcomes import in_part as some_left_out
from core.phrases import count
from core.workspace.checked import note_run, ran_before


def among(dataset: Dataset, outcomes: Iterable[Outcome]) -> list[Outcome]:
    """Those that are of checks: what else could not be made, or not in full, leaves nothing unchecked. All
    where the data cannot be read.
    """
    wanted = {one.name for one in _checks(dataset)}
    return [one for one in outcomes if not wanted or one.analysis.name in wanted]


def known(dataset: Dataset) -> dict[str, Outcome]:
    """What came of the analyses that have run by now with the settings chosen, in this tab or elsewhere."""
    return {name: one for name, one in _worked_out(dataset).items() if one.result is not None}


def ended(dataset: Dataset) -> dict[str, Outcome]:
    """What came of the checks that have run by now, also where they could not be made, and of all else that
    could be.
    """
    wanted = {one.name for one in _checks(dataset)}
    return {n: one for n, one in _worked_out(dataset).items() if one.result_is_in or n in wanted}


def _worked_out(dataset: Dataset) -> dict[str, Outcome]:
    """What came of the analyses that have run by now, those that could not be made among them."""

    def work() -> dict[str, Outcome]:
        there = results.so_far(dataset, *analyses())
        ran = [name for name, one in there.items() if one.result is not None]
        guard.attempt(lambda: note_run(dataset, ran))
        return there

    return keep((f"known of {dataset.version}", results.turn(dataset)), work, newest=True)


def _checks(dataset: Dataset) -> tuple[Analysis, ...]:
    """The checks that concern the data; none where these cannot be read, of which the page tells."""
    every = guard.attempt(lambda: checks(dataset))
    return () if isinstance(every, CoreError) else every


def left(dataset: Dataset) -> tuple[Analysis, ...]:
    """The checks that have not run yet on these data with the settings chosen, and can be made. The one
    definition of what the number of findings leaves out, beside those that cannot (`not_made`).
    """
    there = _worked_out(dataset)
    return tuple(one for one in _checks(dataset) if one.name not in there)


def not_made(dataset: Dataset) -> tuple[Outcome, ...]:
    """The checks that cannot be made on these data with the settings chosen, as an audit counts them."""
    made = guard.attempt(lambda: unmade(dataset, _worked_out(dataset).values()))
    return () if isinstance(made, CoreError) else made


def in_part(dataset: Dataset) -> tuple[Outcome, ...]:
    """The checks that ran on these data with the settings chosen and had to leave something out."""
    some = guard.attempt(lambda: some_left_out(dataset, _worked_out(dataset).values()))
    return () if isinstance(some, CoreError) else some


def sound(dataset: Dataset) -> bool:
    """Whether every check has run in full, but for those that want a target where none is chosen: what
    failed, was too small, left something out or has not run never looks clean.
    """
    return not (left(dataset) or not_known(not_made(dataset)) or in_part(dataset))


def not_made_by_reason(dataset: Dataset) -> dict[str, tuple[str, ...]]:
    """Why these cannot be made -> which, by the names of their tabs."""
    every = not_made(dataset)
    reasons = dict.fromkeys(one.status.reason for one in every)
    return {why: names_of(one.analysis for one in every if one.status.reason == why) for why in reasons}


def not_run(dataset: Dataset) -> tuple[str, ...]:
    """The checks that have not run yet, by the names of their tabs."""
    return names_of(left(dataset))


def before(dataset: Dataset, some: Iterable[Analysis] | None = None) -> tuple[str, ...]:
    """Of the checks that have not run yet, or of ``some`` of them, those that had before Winnow was started
    anew, by the names of their tabs.
    """
    ran = ran_before(dataset)
    return names_of(one for one in (left(dataset) if some is None else some) if one.name in ran)


def names_of(some: Iterable[Analysis]) -> tuple[str, ...]:
    """The names of their tabs, or their titles."""
    return tuple(one.tab or one.title for one in some)


def not_run_in_words(names: Sequence[str], before: Sequence[str] = ()) -> str:
    """How many checks have not run; "" where all have. before: those that ran before the restart.

    >>> not_run_in_words(["Leakage"]), not_run_in_words(["Leakage", "Labels"]), not_run_in_words([])
    ('1 check not run yet', '2 checks not run yet', '')
    >>> not_run_in_words(["Leakage", "Labels"], ["Labels"]), not_run_in_words(["Labels"], ["Labels"])
    ('2 checks not run yet (1 ran before the restart)', '1 check not run since the restart')
    """
    if not names:
        return ""
    if len(before) == len(names):
        return f"{count(len(names), 'check')} not run since the restart"
    ran = f" ({len(before)} ran before the restart)" if before else ""
    return f"{count(len(names), 'check')} not run yet{ran}"
