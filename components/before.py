"""What was found in the data as loaded, beside what is found in those as decided."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from components import as_decided, attention
from components.results import came_of, findings_by_key, outcomes
from components.state import keep, session
from core.dataset import Dataset
from core.decision import Decision
from core.decision_words import in_words as decision_in_words
from core.finding import OUTLYING, Finding, renamed_key
from core.outcomes import Outcome
from core.phrases import count, verb
from core.resolved import Resolved, in_both, keys_now, resolved_since, stands_as
from core.rowset import RowSet

# judged by how the rows that are there spread
RELATIVE = ("outliers", "outliers_possible", "outlying", "isolated_values")


@dataclass(frozen=True)
class Before:
    """What was found in the data as loaded, beside what is found as decided.

    findings: key as decided -> finding; empty where the data are shown as loaded, or nothing changes them.
    resolved: those that are gone, or that another one explains now; none that another one said as loaded.
    eased: how many that needed attention as loaded are only notes as decided.
    known: the keys of the findings, of those that one draws together, and of those that one explains.
    compared: the keys of the findings as decided of checks that ran in full, with the same settings, on the
        data as loaded, and of those that steps leave: of others nobody knows whether they are new.
    """

    findings: Mapping[str, Finding]
    resolved: tuple[Resolved, ...]
    known: frozenset[str] = frozenset()
    compared: frozenset[str] = frozenset()
    eased: int = 0

    def is_new(self, finding: Finding) -> bool:
        """Whether decisions brought the finding about, or all of those that it draws together; not where it
        was not looked for in the data as loaded.
        """
        if finding.key not in self.compared or finding.key in self.known:
            return False
        return self.known.isdisjoint(finding.members)

    def more(self, finding: Finding) -> tuple[str, ...]:
        """The columns of a finding that decisions brought about, where it draws others together that were
        there as loaded.
        """
        if finding.key not in self.compared or finding.key in self.known or self.is_new(finding):
            return ()
        added = [key for key in finding.members if key not in self.known]
        return tuple(one for one in finding.columns if f"{finding.code}:{one}" in added)

    def news(self, finding: Finding) -> str:
        """What of the finding is new with decisions, in words; "" where nothing is known to be."""
        if self.is_new(finding):
            return "new with your decisions"
        more = len(self.more(finding))
        return f"{count(more, 'column')} more with your decisions" if more else ""

    def new_rows(self, finding: Finding, rows: RowSet) -> RowSet:
        """Those of the finding's rows, counted in the source, that as loaded neither it had, nor one of its
        kin, nor one that stood there in its place.
        """
        for one in self.findings.values():
            kin = finding.kin and finding.kin[-1] in one.kin
            if one.key == finding.key or kin or finding.key in one.explains:
                rows = rows - one.rows
        return rows


def causes(decided: Dataset, finding: Finding, past: Before) -> list[Decision]:
    """The decisions that changed the columns that the finding is of, where it is new with them; or where it
    is judged by how rows spread, and has rows that it did not have. Where rows of it were dropped those that
    they hid stand out: then only decisions that changed most of these rows. Outliers of no single column are
    of all that rows are compared by.
    """
    fresh = past.is_new(finding)
    if not fresh and not newly_out(decided, finding, past):
        return []
    uncovered = not fresh and _dropped_of(decided, finding, past) > 0
    rows = _new_rows(decided, finding, past)
    of = {*finding.named} or {*(decided.features if OUTLYING in finding.kin else ())}
    return [
        decision
        for place, decision in enumerate(session().review.decisions)
        if decision.kind.changes
        and {decision.column, *_added(place)} & of
        and (not uncovered or _changed_most(place, rows))
    ]


def newly_out(decided: Dataset, finding: Finding, past: Before) -> int:
    """How many rows of a finding that is judged by how rows spread were within its limits as loaded; 0 where
    that is not known.
    """
    if finding.code not in RELATIVE or finding.key not in past.compared:
        return 0
    return len(_new_rows(decided, finding, past))


def _new_rows(decided: Dataset, finding: Finding, past: Before) -> RowSet:
    return past.new_rows(finding, decided.source_rows(finding.rows))


def _changed_most(place: int, rows: RowSet) -> bool:
    """Whether the decision at a place changed more than half of these rows."""
    settled = as_decided.settled()
    effect = settled.effects.get(place)
    taken = settled.touched.get(place, RowSet()) if effect is None else effect.rows
    return 2 * len(taken & rows) > len(rows)


def _dropped_of(decided: Dataset, finding: Finding, past: Before) -> int:
    """How many rows of the finding as loaded are not among those left."""
    was, changes = past.findings.get(finding.key), decided.changes
    if was is None or changes is None or changes.mask is None:
        return 0
    return len(was.rows - RowSet.from_mask(changes.mask))


def in_words(decided: Dataset, finding: Finding, past: Before) -> str:
    """Which decisions brought the finding about, or, of one that was there as loaded, changed its columns;
    "" where none is known to.
    """
    words = list(dict.fromkeys(decision_in_words((one,)) for one in causes(decided, finding, past)))
    more = f"; {len(words) - 2:,} more" if len(words) > 2 else ""
    what = f"{'; '.join(words[:2])}{more}."
    if not words or past.is_new(finding) or _theirs(decided, finding, past):
        return f"Brought about by: {what}" if words else ""
    new = newly_out(decided, finding, past)
    return (
        f"It was there as loaded; {count(new)} of its rows {verb(new, 'was', 'were')} within the limit then. "
        f"Its columns changed since: {what}"
    )


def _theirs(decided: Dataset, finding: Finding, past: Before) -> bool:
    """Whether each of its causes changed most of the rows that it did not have as loaded."""
    by, rows = causes(decided, finding, past), _new_rows(decided, finding, past)
    places = [place for place, one in enumerate(session().review.decisions) if one in by]
    return all(_changed_most(place, rows) for place in places)


def _added(place: int) -> tuple[str, ...]:
    effect = as_decided.settled().effects.get(place)
    return () if effect is None else effect.added


def of_rows_left(decided: Dataset, finding: Finding, past: Before) -> str:
    """What to know of a finding whose limits follow the rows that are left, where some were dropped; "" else,
    where all of its rows stood out beside those dropped, too, and where other values of its columns brought
    it about.
    """
    dropped = 0 if decided.base is None else decided.base.rows - decided.rows
    if finding.code not in RELATIVE or dropped <= 0:
        return ""
    if not _new_rows(decided, finding, past) or causes(decided, finding, past):
        return ""
    new = newly_out(decided, finding, past)
    if new and _dropped_of(decided, finding, past):
        return (
            f"Others stand out now that those are dropped: {count(new)} of these "
            f"{verb(new, 'was', 'were')} within the limit before. Stop when they are no errors."
        )
    return (
        f"Limits follow the {count(decided.rows, 'row')} left: without the {count(dropped)} dropped, rows "
        "that were inconspicuous beside them may stand out now. That is no reason to drop them, too."
    )


def before(dataset: Dataset, now: Mapping[str, Outcome], beside: Sequence[Finding] = ()) -> Before:
    """What the analyses found in the data as loaded that came to ``now`` in those as decided. Nothing, and a
    panel with progress and Stop, while the data as loaded were not looked at yet.

    beside: findings of others in the data as loaded that are resolved without being looked for again.
    """
    of_data = {name: outcome for name, outcome in now.items() if not outcome.analysis.of_settings}
    if now and not of_data and not beside:
        return Before({}, ())
    now = of_data
    past = None if dataset.base is None else outcomes(dataset.base, *now)
    if dataset.base is None or past is None:
        return Before({}, ())
    base, loaded = dataset.base, past
    told = attention.said_by(base)

    def work() -> Before:
        settled, sides = as_decided.settled(), ((base, loaded), (dataset, now))
        listed, still = in_both(*sides)
        every = resolved_since(*sides, session().review, settled, beside)
        mended = tuple(one for one in every if one.finding.key not in told)
        names = {one: settled.called(one) or one for one in base.names}
        said = (renamed_key(key, names) for f in listed for key in f.explains)  # there, in another's words
        moved = {one.key: f for f in listed if (one := stands_as(f, still, settled)) is not None}
        went = (one.within.key for one in every if one.within and one.left == len(one.within.rows))
        known = frozenset([*(key for f in listed for key in keys_now(f, settled)), *said, *moved, *went])
        checked = {n: one for n, one in now.items() if one.result_is_in and loaded[n].complete}
        compared = findings_by_key(dataset, checked)
        was = {keys_now(f, settled)[0]: f for f in listed} | moved
        notes = [was[f.key].severity != "info" for f in still if f.severity == "info" and f.key in was]
        return Before(was, mended, known, frozenset(compared), sum(notes))

    taken = tuple(finding.key for finding in beside)
    key = ("before", came_of(dataset, now), came_of(base, loaded), taken, tuple(told), session().turn)
    return keep(key, work, newest=True)
