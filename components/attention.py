"""The findings that need attention: how many, where they are told, and which were not looked at again. The
sidebar and every page count with these functions.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from typing import NamedTuple

from components import as_decided, checks, looks, results
from components.state import keep, session
from core.analysis import Analysis
from core.catalog import analyses
from core.dataset import Dataset
from core.finding import Finding, ranked
from core.one_cause import distinct
from core.outcomes import Outcome
from core.phrases import count, verb
from core.prepare import fixes
from core.report import in_source
from core.rowset import RowSet

PROFILE = "profile"
CODES, MISSING = "disguised_missing", "missingness"
GAPS = ("missing", "all_missing", "structural_missing")  # findings of the profile on gaps


def needing(findings: Iterable[Finding]) -> list[Finding]:
    """Those of the findings that need attention, worst first: warnings and critical ones that were not
    accepted. The one definition behind every count of them.
    """
    accepted = as_decided.accepted()
    return [f for f in ranked(tuple(findings)) if f.severity != "info" and f.key not in accepted]


def findings(dataset: Dataset) -> list[Finding] | None:
    """The findings of loading, which hold whatever was looked at, and of all analyses that have run by now
    that need attention; None where there are none before the first look.
    """
    key = (f"attention of {dataset.version}", results.turn(dataset), session().turn)
    needed = keep(key, lambda: needing(distinct(_found(dataset))), newest=True)
    return needed or ([] if checks.known(dataset) else None)


def said_by(dataset: Dataset) -> dict[str, Finding]:
    """The findings of the analyses that are known by now which another one says with more weight, and which
    are counted nowhere beside it: key -> the finding that says it.
    """

    def work() -> dict[str, Finding]:
        every = _found(dataset)
        told, found = distinct(every), {f.key for f in every}
        gone = found - {f.key for f in told}
        return {key: one for one in told for key in one.explains if key in gone}

    return keep((f"said by others of {dataset.version}", results.turn(dataset)), work, newest=True)


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
    return places_of(dataset, [f for f in findings(dataset) or () if f.key not in listed])


def owners(dataset: Dataset) -> dict[str, str]:
    """With which analysis each finding that is known by now is counted, where pages are told apart: key ->
    analysis. Of several that found it that of the profile's page, before those of its tabs and of other
    pages; what loading found stands with the profile.
    """

    def work() -> dict[str, str]:
        known = checks.known(dataset)
        first = sorted(known, key=lambda name: name != PROFILE)
        every = {f.key: name for name in reversed(first) for f in known[name].findings}
        return every | {f.key: PROFILE for f in dataset.loading}

    return keep((f"owners of {dataset.version}", results.turn(dataset)), work, newest=True)


def counted_here(dataset: Dataset, outcome: Outcome) -> list[Finding]:
    """The findings of an analysis that are counted with it: none that another one says with more weight, but
    for its kin (`told_as`); a tab of the profile's page leaves those to the first tab that stand there, too.
    """
    own, listed_with = told_as(dataset, outcome), owners(dataset)
    if outcome.analysis.name == PROFILE or outcome.analysis.page != "explore/profile":
        return own
    return [f for f in own if listed_with.get(f.key) != PROFILE]


def listed_here(dataset: Dataset, outcome: Outcome) -> list[Finding]:
    """The findings that the tab of an analysis lists: all but those on gaps that are counted under the
    profile's columns, to which it leads (`of_gaps`), and those that another one says with more weight.
    """
    counted = {f.key for f in counted_here(dataset, outcome)}
    return [f for f in told_as(dataset, outcome) if f.key in counted or f.code not in GAPS]


def told_as(dataset: Dataset, outcome: Outcome) -> list[Finding]:
    """The findings of an analysis as they are told everywhere: what another one of the same kin says with
    more weight as that one, such as rows of pictures that both parts have as their near-duplicates, so that
    each page that tells of a thing tells the same; none that others say.
    """
    said = said_by(dataset)
    told = {}
    for finding in outcome.findings:
        one = said.get(finding.key, finding)
        if one is finding or (one.kin and one.kin[:1] == finding.kin[:1]):
            told[one.key] = one
    return list(told.values())


def of_gaps(dataset: Dataset) -> list[Finding]:
    """The findings on gaps that stand under the profile's columns, notes among them, where these were looked
    at; not those accepted.
    """
    profile, accepted = results.worked_out(dataset, PROFILE), as_decided.accepted()
    listed = () if profile is None else distinct(profile.findings)
    return [f for f in ranked(tuple(listed)) if f.code in GAPS and f.key not in accepted]


def of_codes(dataset: Dataset) -> list[Finding]:
    """The findings on likely missing-value codes that stand under the profile's columns, where these were
    looked at; not those accepted.
    """
    profile, accepted = results.worked_out(dataset, PROFILE), as_decided.accepted()
    listed = () if profile is None else distinct(profile.findings)
    return [f for f in ranked(tuple(listed)) if f.code == CODES and f.key not in accepted]


def calm(dataset: Dataset, outcome: Outcome) -> str:
    """What an analysis says where nothing needs attention. That no cell is empty is not all that there is to
    say of missing values: codes may stand for them, which the profile looks for.
    """
    result = outcome.result
    if result is None or outcome.analysis.name != MISSING or getattr(result, "gaps", ()):
        return "" if result is None else result.calm
    if results.worked_out(dataset, PROFILE) is None:
        return f"{result.calm}; whether codes stand for missing values is looked for under Columns"
    cells = sum(len(finding.rows) for finding in of_codes(dataset))
    if not cells:
        return result.calm
    holds = verb(cells, "likely holds a code for a missing value", "likely hold codes for missing values")
    return f"{result.calm}, but {count(cells, 'cell')} {holds}"


def places_of(dataset: Dataset, findings: Iterable[Finding]) -> list[Elsewhere]:
    """Where these findings are told, most critical ones first; those of reading stand with the profile's."""
    others, listed_with = list(findings), owners(dataset)
    every = Counter(listed_with.get(f.key, PROFILE) for f in others)
    critical = Counter(listed_with.get(f.key, PROFILE) for f in others if f.severity == "critical")
    places = [Elsewhere(analyses()[name], number, critical[name]) for name, number in every.items()]
    return sorted(places, key=lambda one: (-one.critical, -one.findings))


def not_again(dataset: Dataset) -> dict[str, list[Finding]]:
    """The findings that need attention of the last run of each analysis that was not run again on these data
    as decided: analysis -> findings, by the names that columns have now. What was not looked at again is not
    mended, but for what decisions took away whole (`taken_away`). None that another one says with more
    weight, be that found now or then.
    """
    key = (f"not again in {dataset.version}", results.turn(dataset), session().turn)
    return keep(key, lambda: _not_again(dataset), newest=True)


def _not_again(dataset: Dataset) -> dict[str, list[Finding]]:
    listed, past = findings(dataset) or (), _not_looked_at(dataset)
    if not any(one.left for one in past.values()):
        return {}
    counted = {key for finding in listed for key in (finding.key, *finding.explains)}
    left = [f for one in past.values() for f in one.left if counted.isdisjoint((f.key, *f.members))]
    told = {f.key for f in distinct([*in_source(dataset, _found(dataset)), *left])}
    missed: dict[str, list[Finding]] = {}
    for name, one in past.items():
        open_ones = [
            f for f in needing(one.left) if f.key in told and counted.isdisjoint((f.key, *f.members))
        ]
        missed[name] = open_ones
        counted.update(finding.key for finding in open_ones)
    return {name: found for name, found in missed.items() if found}


def _found(dataset: Dataset) -> list[Finding]:
    """What loading and all analyses that have run by now found."""
    return [*(f for one in checks.known(dataset).values() for f in one.findings), *dataset.loading]


def left_not_again(dataset: Dataset) -> list[Finding]:
    """The findings, notes among them, that a person accepted and that were not looked at again since,
    by the names that columns have now: they stay accepted.
    """
    accepted = as_decided.accepted()
    known = _found(dataset)
    found = {key for finding in known for key in (finding.key, *finding.explains)}
    past = [f for one in _not_looked_at(dataset).values() for f in one.left]
    told = distinct([*in_source(dataset, known), *(f for f in past if found.isdisjoint((f.key, *f.members)))])
    return [f for f in told if f.key in accepted and found.isdisjoint((f.key, *f.members))]


def taken_away(dataset: Dataset) -> list[Finding]:
    """The findings in the data as loaded of such analyses, notes among them, that their last run did not find
    any more, or all of whose columns or rows decisions took away: they are resolved, whatever else is found
    when the check is run again.
    """
    return [finding for one in _not_looked_at(dataset).values() for finding in one.gone]


def _not_looked_at(dataset: Dataset) -> dict[str, looks.Missed]:
    key = (f"not looked at in {dataset.version}", results.turn(dataset), session().turn)
    return keep(key, lambda: looks.missed(dataset), newest=True)


def checked_before(dataset: Dataset) -> frozenset[str]:
    """The analyses that ran before, and not on these data as decided."""
    return frozenset(_not_looked_at(dataset))


def rows_not_again(dataset: Dataset, *names: str) -> RowSet:
    """The rows that these analyses asked to decide about at their last run, notes among them, where they were
    not run again on these data.
    """
    past = _not_looked_at(dataset)
    left = [finding for name in names if name in past for finding in past[name].left]
    return fixes.flagged(left, as_decided.accepted())


def not_again_in_words(dataset: Dataset) -> str:
    """How many that is; "" where there are none."""
    missed = sum(len(found) for found in not_again(dataset).values())
    return f"{count(missed, 'earlier finding')} not checked again" if missed else ""


def so_far_in_words(number: int, left: bool, earlier: str) -> str:
    """So many findings of those checks that have run. left: whether some have not. earlier: findings that
    were not checked again, in words, which are told beside it: that none needs attention is not known then.

    >>> so_far_in_words(0, True, ""), so_far_in_words(0, True, "3 earlier findings not checked again")
    ('no finding needs attention so far', '')
    """
    return "" if earlier and not number else in_words(number, so_far=left)


def in_words(number: int, critical: bool = False, so_far: bool = False) -> str:
    """So many findings. critical: all of them are. so_far: whether more may be found, which is said where
    there are none.

    >>> in_words(0), in_words(1), in_words(3)
    ('no finding needs attention', '1 finding needs attention', '3 findings need attention')
    >>> in_words(0, so_far=True), in_words(1, so_far=True)
    ('no finding needs attention so far', '1 finding needs attention')
    >>> in_words(2, critical=True)
    '2 critical findings need attention'
    """
    noun = "critical finding" if critical and number else "finding"
    words = f"{count(number, noun) if number else 'no finding'} need{'s' * (number < 2)} attention"
    return f"{words} so far" if so_far and not number else words
