"""The findings that need attention: how many, where they are told, and which were not looked at again. The
sidebar and every page count with these functions.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from typing import NamedTuple

from components import as_decided, checks, results
from components.state import keep, session
from core.analysis import Analysis
from core.catalog import analyses
from core.dataset import Dataset
from core.finding import Finding, distinct, ranked
from core.phrases import count


def needing(findings: Iterable[Finding]) -> list[Finding]:
    """Those of the findings that need attention, worst first: warnings and critical ones that were not
    accepted. The one definition behind every count of them.
    """
    accepted = as_decided.accepted()
    return [f for f in ranked(tuple(findings)) if f.severity != "info" and f.key not in accepted]


def findings(dataset: Dataset) -> list[Finding] | None:
    """The findings of all analyses that have run by now that need attention; None before the first look."""
    outcomes = checks.known(dataset)
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
    return places_of(dataset, [f for f in findings(dataset) or () if f.key not in listed])


def places_of(dataset: Dataset, findings: Iterable[Finding]) -> list[Elsewhere]:
    """Where these findings are told, most critical ones first; those of reading stand with the profile's."""
    owners = {f.key: name for name, one in reversed(checks.known(dataset).items()) for f in one.findings}
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
    counted = {finding.key for finding in findings(dataset) or ()}
    missed: dict[str, list[Finding]] = {}
    for name, loaded in checks.known(dataset.base).items():
        again = results.worked_out(dataset, name)
        if again is None or not again.result_is_in:
            missed[name] = [f for f in needing(loaded.findings) if f.key not in counted]
            counted.update(finding.key for finding in missed[name])
    return {name: found for name, found in missed.items() if found}


def not_again_in_words(dataset: Dataset) -> str:
    """How many that is; "" where there are none."""
    missed = sum(len(found) for found in not_again(dataset).values())
    return f"{count(missed, 'earlier finding')} not checked again" if missed else ""


def in_words(number: int) -> str:
    """So many findings.

    >>> in_words(0), in_words(1), in_words(3)
    ('no finding needs attention', '1 finding needs attention', '3 findings need attention')
    """
    return f"{count(number, 'finding') if number else 'no finding'} need{'s' * (number < 2)} attention"
