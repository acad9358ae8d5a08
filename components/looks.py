"""What each check found when it was last made: on the data as they were decided then, and so before the steps
that were taken since.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import NamedTuple

from components import as_decided, checks, results
from components.state import keep, session
from core.dataset import Dataset
from core.decided import keys_now, left_of
from core.finding import Finding
from core.report import in_source
from core.settled import Settled

KEPT = 12  # looks of one analysis


class Look(NamedTuple):
    """What an analysis found.

    findings: with their rows counted in the source.
    sources: name of each column then -> that in the source, "" for a new one; {} where all are as loaded.
    """

    findings: tuple[Finding, ...]
    sources: Mapping[str, str]

    def left(self, settled: Settled) -> list[Finding]:
        """What is left of them, by the names that columns have now; none of those that steps took away."""
        return [left for f in self.findings if (left := left_of(f, settled, self.sources)) is not None]


NONE = Look((), {})


class Missed(NamedTuple):
    """What is known of an analysis that was not made again since the last step.

    left: what is left of what it found last. gone: of what it found in the data as loaded what it did not
    find then, or what steps took away whole.
    """

    left: list[Finding]
    gone: list[Finding]


def note(decided: Dataset) -> None:
    """Keep what the checks found in the data as decided, for the time after the next step."""

    def work() -> None:
        now, settled = session(), as_decided.settled()
        sources = {content.column.name: content.source for content in settled.contents}
        for name, outcome in checks.known(decided).items():
            if outcome.result_is_in:
                kept, past = now.looks.setdefault(name, {}), tuple(now.review.decisions)
                kept.pop(past, None)
                kept[past] = Look(tuple(in_source(decided, outcome.findings)), sources)
                while len(kept) > KEPT:
                    del kept[next(iter(kept))]

    keep(("looks", decided.version, results.turn(decided), session().turn), work, newest=True)


def missed(dataset: Dataset) -> dict[str, Missed]:
    """Of each analysis that has run, but not on these data as decided, what is known; without what another
    one found, too, that was made again.
    """
    base = dataset.base
    if base is None:
        return {}
    settled, loaded = as_decided.settled(), checks.known(base)
    as_loaded = {name: Look(one.findings, {}) for name, one in loaded.items() if one.result_is_in}
    last = {name: _last(name, as_loaded.get(name)) for name in {**as_loaded, **session().looks}}
    again = {name: results.worked_out(dataset, name) for name in last}
    left_out = {name for name, one in again.items() if one is None or not one.result_is_in}
    judged_again = {key for name in again.keys() - left_out for key in _ever_found(name, as_loaded.get(name))}
    every: dict[str, Missed] = {}
    for name, look in last.items():
        if name in left_out and look is not None:
            left = [f for f in look.left(settled) if f.key not in judged_again]
            first = [f for f in as_loaded.get(name, NONE).findings if f.key not in judged_again]
            every[name] = Missed(left, _gone(first, left, settled))
    return every


def _last(name: str, as_loaded: Look | None) -> Look | None:
    """The last look of an analysis of which all decisions stand still, in their order; else that at the data
    as loaded.
    """
    decisions, best = tuple(session().review.decisions), as_loaded
    looks = session().looks.get(name, {})
    for past in sorted(looks, key=len):
        if decisions[: len(past)] == past:
            best = looks[past]
    return best


def _ever_found(name: str, as_loaded: Look | None) -> set[str]:
    """The keys of all that an analysis is known to have found."""
    looks = [*session().looks.get(name, {}).values(), *([as_loaded] if as_loaded else [])]
    return {finding.key for look in looks for finding in look.findings}


def _gone(first: Collection[Finding], left: Collection[Finding], settled: Settled) -> list[Finding]:
    """Those of the first look that the last one has not, under any name, nor as part of another."""
    still = {key for f in left for key in (f.key, *f.explains)}
    return [f for f in first if left_of(f, settled) is None or still.isdisjoint(keys_now(f, settled))]
