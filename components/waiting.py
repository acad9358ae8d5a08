"""What waits for a decision: the findings that need attention, those that are issues, and the rows they flag.
The sidebar and every page count with these functions, and the report with the same ones of the core.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import partial
from typing import NamedTuple

from components import as_decided, guard, results
from components.state import keep, session
from core.analysis import Analysis
from core.catalog import analyses, checks, detectors
from core.dataset import Dataset
from core.errors import CoreError
from core.filters import Filter
from core.finding import Finding, distinct, ranked
from core.phrases import count, verb
from core.prepare import fixes
from core.report import Outcome, row_scores, unmade
from core.rowset import RowSet

DOUBTS = ("wrong_labels", "doubtful_labels")  # findings of Labels that name rows to look at


def outcomes(dataset: Dataset, partly: bool = False) -> dict[str, Outcome] | None:
    """What came of the analyses whose findings are issues; None while they run. partly: the page is drawn
    again whenever one of them has ended.
    """
    return results.outcomes(dataset, *detectors(dataset), partly=partly)


def issues(dataset: Dataset, outcomes: dict[str, Outcome]) -> dict[str, tuple[Finding, str]]:
    """The findings that name rows or are of the issues page, worst first: key -> finding and its analysis."""
    own = results.on("clean/issues")
    return {
        key: (finding, by)
        for key, (finding, by) in results.findings_by_key(dataset, outcomes).items()
        if len(finding.rows) or by in own
    }


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
    """The same with all that could not be made."""

    def work() -> dict[str, Outcome]:
        return results.so_far(dataset, *analyses())

    return keep((f"known of {dataset.version}", results.turn(dataset)), work, newest=True)


def _checks(dataset: Dataset) -> tuple[Analysis, ...]:
    """The checks that concern the data; none where these cannot be read, of which the page tells."""
    every = guard.attempt(lambda: checks(dataset))
    return () if isinstance(every, CoreError) else every


def checks_left(dataset: Dataset) -> tuple[Analysis, ...]:
    """The checks that have not run yet on these data with the settings chosen, and can be made. The one
    definition of what the number of findings leaves out, beside those that cannot (`checks_not_made`).
    """
    there = _worked_out(dataset)
    return tuple(one for one in _checks(dataset) if one.name not in there)


def checks_not_made(dataset: Dataset) -> tuple[Outcome, ...]:
    """The checks that cannot be made on these data with the settings chosen, as an audit counts them."""
    made = guard.attempt(lambda: unmade(dataset, _worked_out(dataset).values()))
    return () if isinstance(made, CoreError) else made


def not_made_by_reason(dataset: Dataset) -> dict[str, tuple[str, ...]]:
    """Why these cannot be made -> which, by the names of their tabs."""
    every = checks_not_made(dataset)
    reasons = dict.fromkeys(one.status.reason for one in every)
    return {why: names_of(one.analysis for one in every if one.status.reason == why) for why in reasons}


def not_run(dataset: Dataset) -> tuple[str, ...]:
    """The checks that have not run yet, by the names of their tabs."""
    return names_of(checks_left(dataset))


def names_of(some: Iterable[Analysis]) -> tuple[str, ...]:
    """The names of their tabs, or their titles."""
    return tuple(one.tab or one.title for one in some)


def not_run_in_words(left: Sequence[str]) -> str:
    """How many checks have not run; "" where all have.

    >>> not_run_in_words(["Leakage"]), not_run_in_words(["Leakage", "Labels"]), not_run_in_words([])
    ('1 check not run yet', '2 checks not run yet', '')
    """
    return f"{count(len(left), 'check')} not run yet" if left else ""


def needing(findings: Iterable[Finding]) -> list[Finding]:
    """Those of the findings that need attention, worst first: warnings and critical ones that were not
    accepted. The one definition behind every count of them.
    """
    accepted = as_decided.accepted()
    return [f for f in ranked(tuple(findings)) if f.severity != "info" and f.key not in accepted]


def attention(dataset: Dataset) -> list[Finding] | None:
    """The findings of all analyses that have run by now that need attention; None before the first look."""
    outcomes = known(dataset)
    if "profile" not in outcomes:
        return None

    def work() -> list[Finding]:
        every = [finding for outcome in outcomes.values() for finding in outcome.findings]
        return needing(distinct([*every, *dataset.loading]))

    key = (f"attention of {dataset.version}", results.turn(dataset), session().turn)
    return keep(key, work, newest=True)


class Elsewhere(NamedTuple):
    """An analysis whose page or tab has findings that need attention, how many, and how many of them are
    critical.
    """

    analysis: Analysis
    findings: int
    critical: int

    def __str__(self) -> str:
        """Such as ``Explore > Leakage: 1 critical``, ``Clean > Labels: 3, 1 of them critical``."""
        if not self.critical:
            return f"{self.where}: {count(self.findings)}"
        some = (
            ""
            if self.critical == self.findings
            else f"{count(self.findings)}, {count(self.critical)} of them "
        )
        return f"{self.where}: {some or f'{count(self.critical)} '}critical"

    @property
    def where(self) -> str:
        """The page as the sidebar calls it, or its tab, such as ``Explore > Leakage``; and what on it, where
        that is called otherwise: ``Explore > Overlap, Shift``.
        """
        group, _, page = self.analysis.page.partition("/")
        title = self.analysis.title
        if self.in_tab or self.analysis.name == "profile":
            return f"{group.capitalize()} > {(self.in_tab and self.analysis.tab) or title}"
        return f"{group.capitalize()} > {page.capitalize()}" + (
            f", {title}" if title != page.capitalize() else ""
        )

    @property
    def place(self) -> tuple[str, dict[str, str]]:
        """The script of its page, and what names its tab in the address."""
        tab = self.analysis.tab or self.analysis.title
        return f"pages/{self.analysis.page}.py", {"tab": tab.lower()} if self.in_tab else {}

    @property
    def in_tab(self) -> bool:
        """Whether it has a tab of the profile's page."""
        return self.analysis.name != "profile" and self.analysis.page == "explore/profile"


def elsewhere(dataset: Dataset, listed: Collection[str]) -> list[Elsewhere]:
    """Where findings that need attention are told, of those that are not among the keys ``listed``, most
    critical ones first; those of reading stand with the profile's.
    """
    return places_of(dataset, [f for f in attention(dataset) or () if f.key not in listed])


def places_of(dataset: Dataset, findings: Iterable[Finding]) -> list[Elsewhere]:
    """Where these findings are told, most critical ones first; those of reading stand with the profile's."""
    owners = {f.key: name for name, one in reversed(known(dataset).items()) for f in one.findings}
    others = list(findings)
    every = Counter(owners.get(f.key, "profile") for f in others)
    critical = Counter(owners.get(f.key, "profile") for f in others if f.severity == "critical")
    places = [Elsewhere(analyses()[name], number, critical[name]) for name, number in every.items()]
    return sorted(places, key=lambda one: (-one.critical, -one.findings))


def not_again(dataset: Dataset) -> dict[str, list[Finding]]:
    """The findings that need attention in the data as loaded, of analyses that were not run again on these
    data as decided: analysis -> findings. What was not looked at again is not mended.
    """
    if dataset.base is None:
        return {}
    counted = {finding.key for finding in attention(dataset) or ()}
    missed: dict[str, list[Finding]] = {}
    for name, loaded in known(dataset.base).items():
        again = results.worked_out(dataset, name)
        if again is None or not again.result_is_in:
            missed[name] = [f for f in needing(loaded.findings) if f.key not in counted]
            counted.update(finding.key for finding in missed[name])
    return {name: found for name, found in missed.items() if found}


def not_again_in_words(dataset: Dataset) -> str:
    """How many that is; "" where there are none."""
    missed = sum(len(found) for found in not_again(dataset).values())
    return f"{count(missed, 'earlier finding')} not checked again" if missed else ""


def attention_in_words(number: int) -> str:
    """So many findings.

    >>> attention_in_words(0), attention_in_words(1), attention_in_words(3)
    ('no finding needs attention', '1 finding needs attention', '3 findings need attention')
    """
    return f"{count(number, 'finding') if number else 'no finding'} need{'s' * (number < 2)} attention"


def flags(dataset: Dataset) -> tuple[str, ...]:
    """The kinds of findings that name rows, which a filter can ask for; none while no row was checked."""
    outcomes = known(dataset)
    every = [f for outcome in outcomes.values() for f in outcome.findings if len(f.rows)]
    return tuple(dict.fromkeys(f.code for f in (*every, *dataset.loading) if len(f.rows)))


def matching(dataset: Dataset, where: Filter) -> RowSet:
    """The rows that a filter takes, where it asks for findings or scores by those that are known by now.
    Raises `FilterError`.
    """
    if where.by_data_alone:
        return keep(("where", dataset.version, where), lambda: where.rows(dataset))
    outcomes = known(dataset)
    flagged = {key: finding.rows for key, (finding, _) in results.findings_by_key(dataset, outcomes).items()}
    scores = row_scores(outcomes.values())
    mark = ("where", results.mark(dataset, *outcomes), where)
    return keep(mark, lambda: where.rows(dataset, flagged, scores))


def flagged(dataset: Dataset) -> RowSet | None:
    """The rows that open findings ask to decide about; None where the analyses were not run yet, in this tab
    or elsewhere, or none of them could be.
    """
    outcomes = results.all_known(dataset, *detectors(dataset))
    return None if outcomes is None else flagged_by(dataset, outcomes)


def flagged_by(dataset: Dataset, outcomes: Mapping[str, Outcome]) -> RowSet | None:
    """The rows that the open findings of these outcomes ask to decide about; None where none has a result."""
    if not any(outcome.result_is_in for outcome in outcomes.values()):
        return None
    accepted = as_decided.accepted()
    listed = [finding for finding, _ in results.findings_by_key(dataset, outcomes).values()]
    key = ("flagged", results.mark(dataset, *outcomes), tuple(sorted(accepted)))
    return keep(key, lambda: fixes.flagged(listed, accepted), newest=True)


def doubted(dataset: Dataset) -> RowSet:
    """The rows whose label Labels doubts, where it has run: they wait in review beside the flagged ones, and
    are not counted as flagged.
    """
    outcome = results.worked_out(dataset, "labels") if dataset.roles.target else None
    accepted, rows = as_decided.accepted(), RowSet()
    for finding in () if outcome is None else outcome.findings:
        if finding.code in DOUBTS and finding.key not in accepted:
            rows = rows | finding.rows
    return rows


def for_label_alone(dataset: Dataset) -> str:
    """How many more rows than the flagged ones wait in review, which lists those of the data as loaded; ""
    where none does.
    """
    loaded = dataset.base or dataset
    more = len(doubted(loaded) - (flagged(loaded) or RowSet()) - as_decided.settled(loaded).decided)
    wait = "waits" if more == 1 else "wait"
    return (
        f"{count(more, 'row')} {wait} in review for {'its' if more == 1 else 'their'} label alone"
        if more
        else ""
    )


def in_review(dataset: Dataset) -> RowSet | None:
    """The rows that wait in review: of the data as loaded those flagged, those whose label is doubted, and
    those sent there, without a decision; None until these data were looked at.
    """
    loaded = dataset.base or dataset
    rows = flagged(loaded)
    if rows is None:
        return None
    settled = as_decided.settled(loaded)
    return ((rows | doubted(loaded)) - settled.decided) | settled.deferred


def at_review_door(dataset: Dataset) -> str:
    """How many rows wait in review, where that is another number than of those flagged here, and of which
    data they are, where decisions changed them; "" where nothing is to be said.
    """
    there, here = in_review(dataset), flagged(dataset)
    changed = dataset.base is not None
    if there is None:
        return "Review lists rows of the data as loaded." if changed else ""
    open_here = None if here is None else here - as_decided.settled(dataset).decided
    if not changed and open_here is not None and len(there) == len(open_here):
        return ""
    which = " of the data as loaded" if changed else ""
    return f"{count(len(there), 'row')}{which} {verb(len(there), 'waits', 'wait')} in review."


def flagged_in_words() -> str:
    """How many rows are flagged in the data that the pages show, and how many of these are decided; until
    these data were looked at, in those as loaded, and that is said; "" where neither were.
    """
    loaded, shown = session().dataset, guard.attempt(as_decided.in_view)
    for dataset in (shown, loaded):
        rows = flagged(dataset) if isinstance(dataset, Dataset) else None
        if rows is not None and isinstance(dataset, Dataset):
            words = f"{count(len(rows), 'row')} flagged{'' if dataset is shown else ' as loaded'}"
            settled = guard.attempt(partial(as_decided.settled, dataset))
            done = 0 if isinstance(settled, CoreError) else len(rows & settled.decided)
            return words + among_in_words(done, len(rows))
    return ""


def among_in_words(done: int, rows: int) -> str:
    """How many of so many rows are decided, behind their number; "" where none is: anything can be decided
    about, flagged or not.

    >>> among_in_words(0, 4), among_in_words(1, 4), among_in_words(4, 4), among_in_words(1, 1)
    ('', ', 1 of them decided', ', all decided', ', decided')
    """
    if not done:
        return ""
    if done < rows:
        return f", {count(done)} of them decided"
    return ", decided" if rows == 1 else ", all decided"
