"""What each check found when it was last made with the roles and settings chosen: on the data as they were
decided then, and so before the steps that were taken since, or before they were split, or split otherwise.
With another target what does not hang on the target stays, and with another split what is not of the parts.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from components import as_decided, checks, results
from components.server_looks import ServerLook, server_looks
from components.state import keep, session
from core.catalog import find
from core.dataset import Dataset
from core.dataset.split import PartSplit
from core.decided import left_of
from core.decision import Decision
from core.finding import ACROSS, Finding
from core.one_cause import distinct
from core.report import in_source
from core.resolved import keys_now, same_columns, same_region
from core.settled import Settled

KEPT = 12  # looks of one analysis


class Look(NamedTuple):
    """What an analysis found.

    findings: with their rows counted in the source.
    sources: name of each column then -> that in the source, "" for a new one; {} where all are as loaded.
    target: of then, as the source calls it. loaded: whether no decision had changed the data. split: how
        these were parted. complete: whether it was made in full. said: keys of those that another finding
        said then, of this analysis or of others.
    """

    findings: tuple[Finding, ...]
    sources: Mapping[str, str]
    target: str | None = None
    loaded: bool = True
    split: PartSplit | None = None
    complete: bool = True
    said: frozenset[str] = frozenset()

    @property
    def listed(self) -> Look:
        """The same without those that another finding said: they stood in no list."""
        return self._replace(findings=tuple(f for f in self.findings if f.key not in self.said))

    def left(self, dataset: Dataset) -> list[Finding]:
        """What is left of them in these data, by the names that columns have now; none of those that steps
        took away, nor, where another target is chosen now, of those about either target; nor, where the data
        are parted otherwise now, of those about copies across the parts.
        """
        settled, targets = as_decided.settled(), {self.target, (dataset.base or dataset).roles.target}
        found = [f for f in self.findings if len(targets) == 1 or targets.isdisjoint(self._sources_of(f))]
        if self.split != (dataset.base or dataset).split:
            found = [f for f in found if ACROSS not in f.kin]
        if dataset.base is None:
            return found
        return [left for f in found if (left := left_of(f, settled, self.sources)) is not None]

    def _sources_of(self, finding: Finding) -> list[str]:
        """What the columns that a finding names are called in the source."""
        return [self.sources.get(column, column) for column in finding.named]


NONE = Look((), {})


@dataclass(frozen=True, eq=False)
class KeptLook(ServerLook):
    """A look of the analysis ``name``, for the sessions that open the data again; mark: see `_mark`."""

    name: str
    mark: tuple[Any, ...]
    look: Look

    @property
    def nbytes(self) -> int:
        """That of the rows, by where their runs begin and end, and of the words."""
        return sum(1_000 + 16 * finding.rows.runs for finding in self.look.findings)


class Missed(NamedTuple):
    """What is known of an analysis that was not made again since the last step, or since the data were split
    or split otherwise.

    left: what is left of what it found last, and no other finding said. gone: of what it found in the data as
        loaded what it did not find then, or what steps took away whole.
    """

    left: list[Finding]
    gone: list[Finding]


def resume(dataset: Dataset) -> None:
    """Take up what was found in these data after earlier steps, in this session or in others."""
    looks = session().looks
    for kept in server_looks().of(dataset.fingerprint, KeptLook):
        looks.setdefault(kept.name, {}).setdefault((kept.mark, kept.past), kept.look)


def note(decided: Dataset) -> None:
    """Keep what the checks found in the data as decided, for the time after the next step."""

    def work() -> None:
        now, settled, loaded = session(), as_decided.settled(), decided.base or decided
        sources = {content.column.name: content.source for content in settled.contents}
        said = _said(decided)
        for name, outcome in checks.known(decided).items():
            if outcome.result_is_in:
                kept = now.looks.setdefault(name, {})
                mark, past = _mark(decided, name), now.review.decisions
                key = (mark, past)
                before = kept.pop(key, None)
                found, target = tuple(in_source(decided, outcome.findings)), loaded.roles.target
                as_loaded, in_full = decided.base is None, outcome.complete
                kept[key] = look = Look(found, sources, target, as_loaded, loaded.split, in_full, said)
                if look != before:
                    place = (loaded.fingerprint, "findings", name, mark)
                    server_looks().put(place, KeptLook(past, name, mark, look))
                while len(kept) > KEPT:
                    del kept[next(iter(kept))]

    keep(("looks", decided.version, results.turn(decided), session().turn), work, newest=True)


def _said(dataset: Dataset) -> frozenset[str]:
    """The keys of what loading and the checks known by now found that another finding says."""
    every = [*(f for one in checks.known(dataset).values() for f in one.findings), *dataset.loading]
    return frozenset(f.key for f in every) - {f.key for f in distinct(every)}


def missed(dataset: Dataset) -> dict[str, Missed]:
    """Of each analysis that has run, but not on these data as decided, what is known; without what another
    one found, too, that was made again. One that was made in full before, and not here, was not made again:
    what it does not find, it may not have looked for.
    """
    base, settled = dataset.base or dataset, as_decided.settled()
    target, loaded, said = base.roles.target, checks.known(base), _said(base)
    as_loaded = {
        name: Look(one.findings, {}, target, split=base.split, complete=one.complete, said=said)
        for name, one in loaded.items()
        if one.result_is_in
    }
    past = {name: _looks(base, name) for name in {**as_loaded, **session().looks}}
    again = {name: results.worked_out(dataset, name) for name in past}
    partly = {name: one for name, one in again.items() if one is not None and one.unchecked}
    last = {
        name: _last(dataset, _in_full(looks) if name in partly else looks, as_loaded.get(name))
        for name, looks in past.items()
    }
    in_part = {n for n in partly if dataset.base and (look := last[n]) is not None and look.complete}
    left_out = {n for n, one in again.items() if one is None or not one.result_is_in or n in in_part}
    judged_again = {
        finding.key
        for name in again.keys() - left_out
        for look in (*past[name].values(), as_loaded.get(name, NONE))
        for finding in look.findings
    }
    every: dict[str, Missed] = {}
    for name, look in last.items():
        if name in left_out and look is not None:
            left = [f for f in look.left(dataset) if f.key not in judged_again]
            first = [f for f in as_loaded.get(name, NONE).findings if f.key not in judged_again]
            # what another split does not have is not mended
            still = left if look.split == base.split else [*left, *first]
            gone = _gone(first, still, settled)
            found = {key for f in (again[name] or NONE).findings for key in (f.key, *f.explains)}
            listed = [f for f in look.listed.left(dataset) if f.key not in judged_again]
            every[name] = Missed([f for f in listed if found.isdisjoint((f.key, *f.members))], gone)
    return every


def _in_full(looks: Mapping[tuple[Decision, ...], Look]) -> dict[tuple[Decision, ...], Look]:
    return {past: look for past, look in looks.items() if look.complete}


def _mark(dataset: Dataset, name: str) -> tuple[Any, ...]:
    """What the looks of an analysis are told apart by, beside decisions: the data as loaded, with their
    roles, and its settings; the target, and how they are parted, only where all that it finds hangs on that.
    """
    loaded = dataset.base or dataset
    if find(name).alarms != "train and serve":
        loaded = loaded.with_split(None)
    return results.mark(loaded if find(name).hangs_on_target else loaded.with_roles(target=None), name)


def _looks(base: Dataset, name: str) -> dict[tuple[Decision, ...], Look]:
    """The looks of an analysis at these data, however they were parted, with the settings chosen: decisions
    then -> the newest look, the newest last.
    """
    wanted, kept = _mark(base, name), session().looks.get(name, {})
    return {past: look for (mark, past), look in kept.items() if mark == wanted}


def _last(
    dataset: Dataset, looks: Mapping[tuple[Decision, ...], Look], as_loaded: Look | None
) -> Look | None:
    """The last look of which all decisions stand still, in their order; before any decision that at the data
    as loaded, where it is known. Of data that no decision changes the last look at those.
    """
    decisions, best = session().review.decisions, as_loaded
    for past in looks if dataset.base is None else sorted(looks, key=len):
        if not past and as_loaded is not None:
            continue
        if looks[past].loaded if dataset.base is None else decisions[: len(past)] == past:
            best = looks[past]
    return best


def _gone(first: Collection[Finding], left: Sequence[Finding], settled: Settled) -> list[Finding]:
    """Those of the first look that the last one has not, under any name, nor as part of another, nor as a
    region whose bounds moved, nor with other columns beside its own.
    """
    still, gone = {key for f in left for key in (f.key, *f.explains)}, []
    for finding in first:
        now = left_of(finding, settled)
        there = not still.isdisjoint(keys_now(finding, settled))
        if now is None or not (there or same_region(now, left) or same_columns(now, left)):
            gone.append(finding)
    return gone
