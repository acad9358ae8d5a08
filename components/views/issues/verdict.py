"""The verdict on the rows of a data set: what needs attention, which checks are still to come, and in numbers
what is flagged and decided.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

import streamlit as st

from components import address, as_decided, attention, checks, results, waiting, waiting_in_words
from components.glossary import hint
from components.text import plain, share
from components.widgets import findings, layout
from components.widgets.findings import Groups
from core.actions import ACTIONS
from core.catalog import detectors, find
from core.dataset import Dataset
from core.outcomes import Outcome, in_part_in_words, unmade_in_full, unmade_in_words
from core.phrases import count, verb
from core.prepare import fixes
from core.rowset import RowSet


def view(dataset: Dataset, outcomes: dict[str, Outcome], groups: Groups, flagged: RowSet | None) -> None:
    """The headline, and in numbers what is flagged, decided and left. flagged: by these outcomes."""
    st.markdown(f"#### {_headline(dataset, outcomes, groups, flagged)}")
    tally = as_decided.counts()
    listed = "the same rows" if dataset.base is None else "those of the data as loaded"
    places = layout.cells(4, 120)
    places[0].metric(
        f"Flagged rows{' so far' * (flagged is not None and bool(unknown(dataset, outcomes)))}",
        "–" if flagged is None else count(len(flagged)),
        help=hint(
            "Flagged",
            f"{share(len(flagged or ()), dataset.rows)} of all rows. The review lists {listed}, and those "
            "whose label is doubted. Rows that a finding merely names, such as those with a missing "
            "value, are not among them.",
        ),
    )
    places[1].metric("Changed or kept", count(as_decided.changed_or_kept()), help=hint("Changed or kept"))
    places[2].metric(ACTIONS["drop"].heading, count(tally["dropped"]))
    places[3].metric(
        "Rows left", count(tally["after"]), help=f"Of {count(tally['before'] + tally['added'])}."
    )


def elsewhere(dataset: Dataset, outcomes: Collection[str], listed: Collection[str]) -> None:
    """Doors to the findings that need attention and are listed on other pages, the critical ones first; and
    to the checks that cannot be made, had to leave something out or have not run, of which not all is known.
    Those of rows are named by the headline, and begun again on this page.
    """
    places = attention.elsewhere(dataset, listed)
    left = _left_elsewhere(dataset, outcomes)
    if places:
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.caption("On other pages:", width="content")
            for one in places:
                script, at = one.place
                address.link(script, plain(str(one)), at)
    lacking = checks.not_made(dataset)
    if lacking:
        told = unmade_in_full(unmade_in_words(lacking), checks.names_of(one.analysis for one in lacking))
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.caption(plain(told, 600), width="content")
            wanted = any(one.wants_target for one in lacking)
            address.link("pages/clean/prepare.py", "Choose the target" if wanted else "See why on Prepare")
    partly = checks.in_part(dataset)
    if partly:
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.caption(f"{plain(in_part_in_words(partly))}.", width="content")
            address.link("pages/clean/prepare.py", "See why on Prepare")
    if left:
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.caption(_not_checked(left, checks.before(dataset)), width="content")
            address.link("pages/clean/prepare.py", "Run them on Prepare")


def _not_checked(left: Sequence[str], before: Sequence[str]) -> str:
    """Which checks have not run. before: those that ran before the restart, of which others may be among.

    >>> _not_checked(["Leakage", "Labels"], ["Labels", "Outliers"])
    'Not checked yet: Leakage. Not checked since the restart: Labels.'
    """
    told = (
        ("Not checked yet", [one for one in left if one not in before]),
        ("Not checked since the restart", [one for one in left if one in before]),
    )
    return " ".join(f"{words}: {plain(', '.join(some), 400)}." for words, some in told if some)


def _left_elsewhere(dataset: Dataset, outcomes: Collection[str]) -> tuple[str, ...]:
    """The checks that have not run, besides those of rows, by the names of their tabs."""
    here = unknown(dataset, outcomes)
    return checks.names_of(one for one in checks.left(dataset) if one.name not in here)


def _headline(dataset: Dataset, outcomes: dict[str, Outcome], groups: Groups, flagged: RowSet | None) -> str:
    """What needs attention, in findings not checked again too, and what is left to decide; or that nothing
    was found, or checked.
    """
    left = _left(dataset, outcomes)
    earlier = attention.not_again_in_words(dataset)
    sound = not left and not earlier and all(one.complete for one in outcomes.values())
    where, before = "" if sound else " in what was checked", f"; {earlier}" if earlier else ""
    if not groups:
        if not any(outcome.result_is_in for outcome in outcomes.values()):
            return left or "The rows were not checked."
        return _nothing_listed(dataset, left, where, before)
    every = len(attention.findings(dataset) or ())
    if every:
        here = len(attention.needing(f for group in groups for f in group.findings))
        needing = f"{_attention(every, here, so_far=bool(left))}{before}."
    else:
        many = sum(len(findings.open_findings(group)) for group in groups)
        notes = count(many, "note") + (f" of {count(len(groups), 'kind')}" if len(groups) < many else "")
        more = bool(checks.not_made(dataset)) or not checks.sound(dataset)
        needing = f"Nothing needs attention{where or ' in what was checked' * more}{before}; {notes} below."
    return f"{needing} {left or _waiting(dataset, groups, flagged or RowSet())}"


def _nothing_listed(dataset: Dataset, left: str, where: str, before: str) -> str:
    """That no row is flagged, with findings that other pages list. left: which checks have not run. where: in
    what; before: findings not checked again.
    """
    listed = attention.findings(dataset) or ()
    calm = "No row is flagged" if any(len(one.rows) for one in listed) else "No row looks wrong"
    other = f" {_attention(len(listed), 0, so_far=bool(left))}." if listed else ""
    if left:
        return f"{calm}{where}{before}.{other} {left}"
    if dataset.roles.target and not where and any(one.name == "labels" for one in checks.left(dataset)):
        where = " in what was checked"
    alone = waiting_in_words.for_label_alone(dataset)
    calm = f"{alone}; no other {calm.removeprefix('No ')}" if alone else calm
    return f"{calm}{where}{before}.{other}"


def _left(dataset: Dataset, outcomes: Collection[str]) -> str:
    """Which checks of rows are not among these outcomes, as a sentence; "" where all are."""
    titles = [find(name).title.lower() for name in unknown(dataset, outcomes)]
    words = "Still to come" if _to_come(dataset, outcomes) else "Not checked"
    return f"{words}: {', '.join(titles)}." if titles else ""


def unknown(dataset: Dataset, outcomes: Collection[str]) -> list[str]:
    """The checks of rows that are not among these outcomes."""
    return [name for name in detectors(dataset) if name not in outcomes]


def _to_come(dataset: Dataset, outcomes: Collection[str]) -> bool:
    """Whether these checks are at work, or wait for other work: they were not stopped."""
    return bool(unknown(dataset, outcomes)) and results.ended(dataset, *detectors(dataset)) is None


def _attention(every: int, here: int, so_far: bool = False) -> str:
    """How many findings need attention, and how many of those this page lists. so_far: more may come.

    >>> _attention(4, 2), _attention(2, 2)
    ('4 findings need attention, 2 of them listed here', '2 findings need attention, all listed here')
    >>> _attention(1, 1), _attention(1, 0)
    ('1 finding needs attention, listed here', '1 finding needs attention, on another page')
    >>> _attention(3, 0)
    '3 findings need attention, all on other pages'
    >>> _attention(4, 2, so_far=True)
    '4 findings need attention so far, 2 of them listed here'
    """
    told = f"{attention.in_words(every)}{' so far' * so_far}"
    if not here:
        return f"{told}, {verb(every, 'on another page', 'all on other pages')}"
    some = f"{count(here)} of them " if here < every else "all " * (every > 1)
    return f"{told}, {some}listed here"


def _waiting(dataset: Dataset, groups: Groups, flagged: RowSet) -> str:
    """How many flagged rows are left to decide, and how many more the review lists: of rows, as findings are
    counted before it.
    """
    more = waiting_in_words.for_label_alone(dataset)
    return _flagged(dataset, groups, flagged) + (f" {more}." if more else "")


def _flagged(dataset: Dataset, groups: Groups, flagged: RowSet) -> str:
    asked = waiting.still_asked_by(dataset, results.so_far(dataset, *detectors(dataset)))
    left = (flagged & asked) - as_decided.settled(dataset).decided
    here = "" if dataset.base is None else " of the data as decided"
    if left:
        some = "" if len(left) == len(flagged) else f"{count(len(left))} of "
        return f"{some}{count(len(flagged), 'flagged row')}{here} {verb(len(left), 'is', 'are')} undecided."
    if len(flagged):
        alone = len(flagged - asked)
        rest = f", or no longer flagged since your decisions ({count(alone)})" if alone else ""
        return f"Every flagged row{here} is decided{rest}."
    listed = attention.needing(finding for group in groups for finding in group.findings)
    by_columns = bool(listed) and all(
        fixes.label(finding) and ACTIONS[finding.action].on != "rows" for finding in listed
    )
    return f"No row is flagged{': what was found is mended by columns' * by_columns}."
