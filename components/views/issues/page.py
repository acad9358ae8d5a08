"""Issues: which rows are wrong."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import streamlit as st

from components import address, as_decided, badge, frame, panel, results, waiting
from components.before import before, of_rows_left
from components.glossary import hint
from components.settings_form import settings_form
from components.state import keep, session
from components.text import cut, plain, share, tag
from components.widgets import actions, findings, layout, placed, rows
from core.actions import ACTIONS
from core.catalog import detectors, find
from core.dataset import Dataset
from core.decided import Resolved
from core.finding import Finding
from core.phrases import count
from core.prepare import fixes
from core.report import Outcome
from core.rowset import RowSet

WITHIN = ("finding", "search", "rows", "top", "least")  # of a group: they hold no more in another


def view() -> None:
    """Verdict, numbers, the groups worst first, then the one chosen: its figure, its rows, and what to do
    with them. What is found stands while the rest is at work, or is stopped.
    """
    dataset = as_decided.in_view()
    if dataset is None:
        return
    whole = waiting.outcomes(dataset)
    outcomes = results.so_far(dataset, *detectors()) if whole is None else whole
    if not outcomes:
        return
    badge.refresh()
    mark = results.mark(dataset, *outcomes)
    listed = waiting.issues(dataset, outcomes)
    groups = keep(("groups", mark), lambda: findings.groups([finding for finding, _ in listed.values()]))
    open_groups = [group for group in groups if _open(group)]
    flagged = waiting.flagged(dataset)
    _verdict(dataset, outcomes, open_groups, flagged)
    _elsewhere(dataset, outcomes, listed)
    panel.unfinished(dataset, outcomes.values())
    past = () if whole is None else before(dataset, outcomes).resolved
    mended = [one for one in past if len(one.finding.rows)]
    if groups:
        accepted = [group for group in groups if not _open(group)]
        _chosen(dataset, outcomes, open_groups, accepted, mended)
    else:
        findings.resolved(mended)
    frame.door("pages/clean/review.py", "Next: decide, row by row")


def _open(group: findings.FindingGroup) -> list[Finding]:
    """The findings of a group that were not accepted."""
    return [finding for finding in group.findings if not actions.accepted(finding.key)]


def _asks(group: findings.FindingGroup) -> bool:
    """Whether a finding of the group flags rows: asks to decide about them."""
    return any(fixes.asks_for_rows(finding) for finding in _open(group))


def _verdict(
    dataset: Dataset,
    outcomes: dict[str, Outcome],
    groups: Sequence[findings.FindingGroup],
    flagged: RowSet | None,
) -> None:
    """The headline, and in numbers what is flagged, decided and left."""
    st.markdown(f"#### {_headline(dataset, outcomes, groups, flagged)}")
    tally = as_decided.counts()
    listed = "the same rows" if dataset.base is None else "those of the data as loaded"
    places = layout.cells(4, 120)
    places[0].metric(
        "Flagged rows",
        "–" if flagged is None else count(len(flagged)),
        help=hint(
            "Flagged",
            f"{share(len(flagged or ()), dataset.rows)} of all rows. The review lists {listed}, and those "
            "whose label is doubted. Rows that a finding merely names, such as those with a missing "
            "value, are not among them.",
        ),
    )
    places[1].metric("Rows decided", count(tally["decided"]), help=hint("Decided"))
    places[2].metric(ACTIONS["drop"].heading, count(tally["dropped"]))
    places[3].metric(
        "Rows left", count(tally["after"]), help=f"Of {count(tally['before'] + tally['added'])}."
    )


def _elsewhere(dataset: Dataset, outcomes: Collection[str], listed: Collection[str]) -> None:
    """Doors to the findings that need attention and are listed on other pages, the critical ones first; and
    to the checks that have not run, of which nothing is known.
    """
    places = waiting.elsewhere(dataset, listed)
    left = () if _to_come(dataset, outcomes) else waiting.not_run(dataset)
    if places:
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.caption("On other pages:", width="content")
            for one in places:
                script, at = one.place
                address.link(script, plain(str(one)), at)
    if left:
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.caption(f"Not checked yet: {plain(', '.join(left), 400)}.", width="content")
            address.link("pages/clean/prepare.py", "Run them on Prepare")


def _headline(
    dataset: Dataset,
    outcomes: dict[str, Outcome],
    groups: Sequence[findings.FindingGroup],
    flagged: RowSet | None,
) -> str:
    """What needs attention and what is left to decide; or that nothing was found, or checked."""
    left = _left(dataset, outcomes)
    where = "" if not left and all(one.complete for one in outcomes.values()) else " in what was checked"
    if not groups:
        if not any(outcome.result_is_in for outcome in outcomes.values()):
            return left or "The rows were not checked."
        if left:
            return f"No row looks wrong{where}. {left}"
        alone = waiting.for_label_alone(dataset)
        return f"{alone}; no other row looks wrong{where}." if alone else f"No row looks wrong{where}."
    every = len(waiting.attention(dataset) or ())
    if every:
        here = len(waiting.needing(f for group in groups for f in group.findings))
        needing = _attention(every, here)
    else:
        notes = count(sum(len(group.findings) for group in groups), "note")
        needing = f"Nothing needs attention{where}; {notes} below."
    return f"{needing} {left or _waiting(dataset, flagged or RowSet())}"


def _left(dataset: Dataset, outcomes: Collection[str]) -> str:
    """Which checks of rows are not among these outcomes, as a sentence; "" where all are."""
    titles = [find(name).title.lower() for name in _unknown(outcomes)]
    words = "Still to come" if _to_come(dataset, outcomes) else "Not checked"
    return f"{words}: {', '.join(titles)}." if titles else ""


def _unknown(outcomes: Collection[str]) -> list[str]:
    """The checks of rows that are not among these outcomes."""
    return [name for name in detectors() if name not in outcomes]


def _to_come(dataset: Dataset, outcomes: Collection[str]) -> bool:
    """Whether these checks are at work, or wait for other work: they were not stopped."""
    return bool(_unknown(outcomes)) and results.ended(dataset, *detectors()) is None


def _attention(every: int, here: int) -> str:
    """How many findings need attention, and how many of those this page lists.

    >>> _attention(4, 2), _attention(2, 2)
    ('4 findings need attention, 2 of them listed here.', '2 findings need attention, all listed here.')
    >>> _attention(1, 1), _attention(1, 0)
    ('1 finding needs attention, listed here.', '1 finding needs attention, not listed here.')
    """
    some = f"{count(here) if here else 'none'} of them" if here < every else "all"
    if every == 1:
        some = "" if here else "not"
    return f"{waiting.attention_in_words(every)}, {some} listed here.".replace(",  ", ", ")


def _waiting(dataset: Dataset, flagged: RowSet) -> str:
    """How many flagged rows are left to decide, and how many more the review lists: of rows, as findings are
    counted before it.
    """
    more = waiting.for_label_alone(dataset)
    return _flagged(dataset, flagged) + (f" {more}." if more else "")


def _flagged(dataset: Dataset, flagged: RowSet) -> str:
    left = len(flagged - as_decided.settled(dataset).decided)
    if left:
        some = "" if left == len(flagged) else f"{count(left)} of "
        verb = "waits" if left == 1 else "wait"
        return f"{some}{count(len(flagged), 'flagged row')} {verb} for a decision."
    if len(flagged):
        return "Every flagged row is decided."
    return "No row is flagged: what was found is mended by columns."


def _chosen(
    dataset: Dataset,
    outcomes: dict[str, Outcome],
    groups: Sequence[findings.FindingGroup],
    accepted: Sequence[findings.FindingGroup],
    mended: Sequence[Resolved],
) -> None:
    st.subheader("Findings, worst first")
    left, right = layout.thirds(1, 2)
    with left:
        group = _choose(dataset, outcomes, groups, accepted)
        findings.resolved(mended)
    if group is None:
        right.caption("Choose a finding to look at it. Not all checks have ended: there may be more.")
        return
    with right:
        finding = _one(dataset, group)
        owner = results.findings_by_key(dataset, outcomes)[finding.key][1]
        findings.heading(finding)
        findings.reasons(finding)
        if words := of_rows_left(dataset, finding):
            st.caption(f":material/info: {plain(words, 400)}")
        actions.fix(dataset, finding, f"issues-{tag(finding.key)}")
        if owner:
            settings_form(owner, dataset)
    result = outcomes[owner].result if owner else None
    own = panel.part("components.views.issues", owner) if result is not None else None
    if own is not None:
        own.evidence(dataset, result, finding)
    elif len(finding.rows):
        _rows(dataset, finding)


def _choose(
    dataset: Dataset,
    outcomes: Collection[str],
    groups: Sequence[findings.FindingGroup],
    accepted: Sequence[findings.FindingGroup],
) -> findings.FindingGroup | None:
    """The list of groups; those accepted as a whole stand at its end, grey. The one chosen stays chosen when
    it moves there. Until all checks have ended none is chosen but by the person, as a worse one would take
    its place.
    """
    every, settled, kept = [*groups, *accepted], as_decided.settled(dataset).decided, as_decided.accepted()
    captions = keep(
        ("captions", results.mark(dataset, *outcomes), session().turn, len(every)),
        lambda: (
            [_caption(group, settled) for group in groups]
            + [findings.accepted_by(kept[group.findings[0].key]) for group in accepted]
        ),
        newest=True,
    )
    codes = [group.code for group in every]
    partly = bool(_unknown(outcomes))
    wanted = findings.wanted("group", dataset.version, "group")
    place = (
        None
        if partly and wanted not in codes
        else findings.place_of("group", dataset.version, codes, "group")
    )
    widget = address.key(f"group-{dataset.version}-{len(every)}-{len(accepted)}{'-so-far' * partly}")
    with st.container(border=True, height=380 if len(every) > 6 else "content"):
        at = st.radio(
            "Kinds of findings",
            range(len(every)),
            place,
            key=widget,
            **address.noting("group", widget, dict(enumerate(codes)), None if partly else 0, WITHIN),
            format_func=lambda i: (
                findings.label(every[i].title, every[i].severity)
                if i < len(groups)
                else findings.greyed(every[i].title)
            ),
            captions=captions,
            label_visibility="collapsed",
        )
    if partly and at is None:
        return None
    findings.choose_as("group", dataset.version, codes, at or 0, "group")
    return every[at or 0]


def _caption(group: findings.FindingGroup, settled: RowSet) -> str:
    """Severity, rows, whether they are flagged, and how many of those are decided."""
    line = findings.caption(group.severity, group.rows, len(group.columns))
    if _asks(group):
        return f"{line} flagged · {count(len(group.rows & settled))} decided"
    return f"{line}, not flagged" if len(group.rows) else line


def _one(dataset: Dataset, group: findings.FindingGroup) -> Finding:
    """The finding of the group to look at; a list to choose from where there are several, those accepted at
    its end.
    """
    open_ones = _open(group)
    every = [*open_ones, *(f for f in group.findings if f not in open_ones)]
    if len(every) == 1:
        return every[0]
    key = address.key(f"finding-{dataset.version}-{group.code}-{len(open_ones)}")
    words = {place: one.key for place, one in enumerate(every)}
    at = st.selectbox(
        "Column",
        range(len(every)),
        address.meant("finding", words, 0),
        key=key,
        format_func=lambda i: _short(every[i], i >= len(open_ones)),
        **address.noting("finding", key, words, 0, ("search",)),
    )
    return every[at or 0]


def _short(finding: Finding, accepted: bool) -> str:
    return cut(", ".join(finding.columns) or finding.title, 80) + (" (accepted)" if accepted else "")


def _rows(dataset: Dataset, finding: Finding) -> None:
    """The rows of a finding that has no figure of its own."""
    first = findings.columns_of(finding, dataset)
    key = f"issues-{tag(finding.key)}"
    st.markdown("**The rows behind it**")
    words = placed.search(f"search-{key}")
    picked = rows.listing(dataset, rows.search(dataset, finding.rows.ids, words), key, first=first)
    actions.bar(dataset, picked, key, finding.key, finding.action, next(iter(first), ""))
