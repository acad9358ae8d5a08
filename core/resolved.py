"""What became of the findings of the data as loaded, once decisions were taken: which are resolved, and by
what.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from core.dataset import Dataset
from core.decided import left_of
from core.decision import Decision
from core.finding import ACROSS, COPIES, TORN, Finding, ranked, renamed_key
from core.outcomes import Outcome, all_findings
from core.review import Review
from core.rowset import RowSet
from core.settled import Settled

OF_SETTINGS = frozenset({"coreset_small"})  # about what was asked for: other rows resolve nothing of it


@dataclass(frozen=True)
class Resolved:
    """A finding of the data as loaded that is not one of the data as decided.

    finding: as it was; its rows are positions in the source.
    decisions: those that were taken because of it, or that touched its columns or rows, oldest first.
    within: the finding of the data as decided that explains what is left of it; None where nothing is.
    left: how many of its rows another finding of its kin (``within``) tells of now: it goes on there.
    stand: how many of its rows are there with all cells of its columns as they were, where that is more than
        half of them and no decision was taken because of it: what the check holds them against moved.
    """

    finding: Finding
    decisions: tuple[Decision, ...]
    within: Finding | None = None
    left: int = 0
    stand: int = 0

    @property
    def mended(self) -> bool:
        """Whether it is gone, or decisions took some of it: not where all of it is told elsewhere now, nor
        where it goes on under another name, nor where most of its rows are as they were.
        """
        if self.stand:
            return False
        return self.within is None or (bool(self.decisions) and not self.left)


Looked = tuple[Dataset, Mapping[str, Outcome]]  # data, and what came of each analysis there


def in_both(before: Looked, after: Looked) -> tuple[tuple[Finding, ...], tuple[Finding, ...]]:
    """What loading and the analyses found in the data as loaded, and as decided, worst first: those analyses
    that did their work on both.
    """
    first, then = ({name for name, one in came.items() if one.result_is_in} for _, came in (before, after))
    past, now = (
        all_findings(data, [one for name, one in came.items() if name in first & then])
        for data, came in (before, after)
    )
    return past, now


def resolved_since(
    before: Looked, after: Looked, review: Review, settled: Settled, beside: Sequence[Finding] = ()
) -> tuple[Resolved, ...]:
    """Which findings of the data as loaded are resolved in those as decided, worst first (`resolved`): of
    loading, and of the analyses that looked as far there. The one answer behind pages and reports.

    beside: findings of the data as loaded that are known to be gone without being looked for again.
    """
    past, now = in_both(before, after)
    again = [one for name, one in before[1].items() if name in after[1] and after[1][name].looked_as_far(one)]
    judged = {*(f.key for one in again for f in one.findings), *(f.key for f in before[0].loading)}
    once = {f.key: f for f in (*beside, *(f for f in past if f.key in judged))}
    return resolved(ranked([*once.values()]), now, review, settled)


def resolved(
    before: Sequence[Finding], after: Sequence[Finding], review: Review, settled: Settled
) -> tuple[Resolved, ...]:
    """The findings of the data as loaded that are not listed as decided, in their order: those that are gone,
    and those that another one explains now, or in which they go on. A finding whose column has another name
    now is the same one, and so is a region whose bounds moved (`stands_as`); one that is drawn together with
    others stands, and one of several columns while it does for one of them.

    settled: of the data set as loaded, whole. One that no decision touched, by its columns or rows, has no
    decisions: the check was made again and does not find it.
    """
    within = {key: finding for finding in after for key in finding.explains}
    still = {key for finding in after for key in (finding.key, *finding.members)}
    gone = []
    for finding in before:
        key, *members = keys_now(finding, settled)
        if finding.code in OF_SETTINGS or key in still or not still.union(within).isdisjoint(members):
            continue
        if stands_as(finding, after, settled) is not None:
            continue
        causes, for_it = _causes(finding, review, settled, explained=key in within)
        other, left = (within[key], 0) if key in within else _goes_on(finding, after, settled)
        stand = 0 if for_it or other else _standing(finding, causes, review, settled)
        gone.append(Resolved(finding, causes, other, left, stand))
    return tuple(gone)


def _standing(finding: Finding, causes: Sequence[Decision], review: Review, settled: Settled) -> int:
    """How many of its rows these decisions left as they were, where that is more than half of them: of rows
    that repeat each other all but one may have gone. Of copies, one that parts them mends the others.
    """
    if causes and not {COPIES, TORN, ACROSS}.isdisjoint(finding.kin):
        return 0
    by = {place: one for place, one in enumerate(review.decisions) if any(one is cause for cause in causes)}
    effects = [settled.effects[place] for place in by if place in settled.effects]
    if any(effect.removed or effect.kinds or effect.new for effect in effects):
        return 0
    rows = _left_by(by, finding.rows, settled) - settled.dropped
    return len(rows) if 2 * len(rows) > len(finding.rows) else 0


def _goes_on(finding: Finding, after: Sequence[Finding], settled: Settled) -> tuple[Finding | None, int]:
    """The finding of its kin in the data as decided that names most of those of its rows that are left, with
    no new value in its columns; and how many of them.
    """
    if not finding.kin:
        return None, 0
    rows = finding.rows
    for column in filter(None, map(settled.called, finding.named)):
        rows = rows - settled.changed(column)
    own = RowSet.from_mask(rows.mask(settled.kept.size)[settled.kept])
    shared = [(len(own & one.rows), one) for one in after if finding.kin[0] in one.kin]
    most = max(shared, key=lambda one: one[0], default=(0, finding))
    return (most[1], most[0]) if most[0] else (None, 0)


def stands_as(finding: Finding, after: Sequence[Finding], settled: Settled) -> Finding | None:
    """The finding of the data as decided that one of the data as loaded is now, where it is about one of
    several things, such as a region: under its own key, or else of the same kind and of mostly the same rows
    of those that are left, or of those in whose columns nothing changed. Its bounds were learned from the
    data, and move with them, as do the columns of one that gathers some. None where there is none.
    """
    if finding.gathers:
        now = left_of(finding, settled)
        return None if now is None else same_columns(now, after)
    if not finding.about:
        return None
    key = keys_now(finding, settled)[0]
    if own := next((one for one in after if one.key == key), None):
        return own
    left = left_of(finding, settled)
    if left is None:
        return None
    changed = RowSet()
    for column in left.columns:
        changed = changed | settled.changed(column)
    here = settled.kept

    def region(without: RowSet) -> Finding | None:
        rows, extent = (
            RowSet.from_mask((some - without).mask(here.size)[here]) for some in (left.rows, left.extent)
        )
        return same_region(replace(left, rows=rows, extent=extent), after)

    return region(RowSet()) or region(changed)


def same_region(finding: Finding, others: Sequence[Finding]) -> Finding | None:
    """The one of the others that is of the same kind and about mostly the same rows; None where there is
    none. Columns by the same names, rows counted alike.

    >>> few = Finding("segment", "", "info", 0, "", "", RowSet(range(300)), ("x",), about="x up to 300")
    >>> moved = replace(few, rows=RowSet(range(301)), about="x up to 301")
    >>> away = replace(few, rows=RowSet(range(200, 500)), about="x over 200")
    >>> same_region(few, [away, moved]).about, same_region(few, [away, replace(moved, columns=("y",))])
    ('x up to 301', None)
    """
    rows = finding.extent or finding.rows
    for one in others if finding.about and rows else ():
        if one.code == finding.code and one.about and sorted(one.columns) == sorted(finding.columns):
            there = one.extent or one.rows
            if 2 * len(rows & there) > len(rows | there):
                return one
    return None


def same_columns(finding: Finding, others: Sequence[Finding]) -> Finding | None:
    """The one of the others that gathers columns of which the same holds, most of the finding's among them;
    None where none has one of them. Columns by the same names.

    >>> found = Finding("image_content", "", "info", 0, "", "", columns=("brightest", "blur"), gathers=True)
    >>> now, apart = replace(found, columns=("blur", "hue", "brightest")), replace(found, columns=("hue",))
    >>> same_columns(found, [apart, now]).columns, same_columns(found, [apart])
    (('blur', 'hue', 'brightest'), None)
    """
    alike = [one for one in others if finding.gathers and one.gathers and one.code == finding.code]
    shared = [(len({*one.columns} & {*finding.columns}), one) for one in alike]
    most, best = max(shared, key=lambda one: one[0], default=(0, finding))
    return best if most else None


def keys_now(finding: Finding, settled: Settled) -> tuple[str, ...]:
    """The key of a finding of the data as loaded, by the names that its columns have now; then those of the
    findings that it draws together.
    """
    names = {one: settled.called(one) or one for one in finding.named}
    return tuple(renamed_key(key, names) for key in (finding.key, *finding.members))


def _causes(
    finding: Finding, review: Review, settled: Settled, explained: bool
) -> tuple[tuple[Decision, ...], bool]:
    """What took it away, and whether it was decided because of it.

    Decisions taken because of it, and those that drop rows of it which these left; else those about columns
    that it names, as they were called then, that changed rows of it; else those that drop rows of it; else,
    unless another finding explains what is left, those about its columns at all. Of copies see `_parting`. A
    new name mends nothing, nor does what could not be followed, nor do rows that a finding without rows, such
    as one of a model, never named.
    """
    names = {column: column for column in finding.named}
    because: dict[int, Decision] = {}
    about, touching = [], []
    changing = {
        place: decision
        for place, decision in enumerate(review.decisions)
        if decision.kind.changes and decision.action not in ("rename", "move") and place not in settled.passed
    }
    for place, decision in enumerate(review.decisions):
        if decision.action == "rename" and place in settled.effects:
            new = str(decision.settings.get("to", ""))
            names = {old: new if now == decision.column else now for old, now in names.items()}
        elif place in changing:
            if decision.finding == renamed_key(finding.key, names):
                because[place] = decision
            if decision.column and decision.column in names.values():
                about.append(place)
                touching += [decision] if _touches(place, decision, finding, settled) else []
    left = _left_by(because, finding.rows, settled)
    dropping = {
        place: decision
        for place, decision in changing.items()
        if not decision.kind.exported and len(left) and _meet(place, decision, left, settled)
    }
    if because:
        return tuple(decision for _, decision in sorted((because | dropping).items())), True
    if not {COPIES, TORN, ACROSS}.isdisjoint(finding.kin):
        return _parting(finding, changing, about, settled, explained), False
    rest = [] if explained else [changing[place] for place in about]
    return tuple(touching or dropping.values() or rest), False


def _left_by(decisions: Mapping[int, Decision], rows: RowSet, settled: Settled) -> RowSet:
    """Those of the rows of a finding that these decisions, by their places, did not change."""
    for place, decision in decisions.items():
        taken = None if decision.kind.on == "columns" else _taken(place, decision, settled)
        rows = RowSet() if taken is None else rows - taken
    return rows


def _parting(
    finding: Finding,
    changing: Mapping[int, Decision],
    about: Collection[int],
    settled: Settled,
    explained: bool,
) -> tuple[Decision, ...]:
    """Of copies the decisions that dropped rows of them or changed cells, or rows that they are copies of,
    and not all of these alike; else those that changed any. What concerns other rows parts no copies.

    changing: place of each decision that may have. about: places of those about columns of the finding.
    """
    rows = finding.rows if explained else finding.rows | finding.copied
    met = {
        place: decision
        for place, decision in changing.items()
        if (place in about and _touches(place, decision, finding, settled))
        or (decision.kind.on not in ("columns", "findings") and decision.action != "weight")
        and _meet(place, decision, rows, settled)
    }
    some = {place: decision for place, decision in met.items() if _parts(place, decision, rows, settled)}
    return tuple((some or met).values())


def _parts(place: int, decision: Decision, rows: RowSet, settled: Settled) -> bool:
    """Whether a decision drops rows, is of a column as a whole, or changed cells of some of these rows."""
    taken = _taken(place, decision, settled)
    return (
        not decision.kind.exported
        or decision.kind.on == "columns"
        or (taken is not None and len(rows - taken) > 0)
    )


def _touches(place: int, decision: Decision, finding: Finding, settled: Settled) -> bool:
    """Whether a decision about a column of a finding changed cells of its rows, or the column as a whole."""
    effect = settled.effects.get(place)
    if decision.kind.on == "columns" or (effect is not None and (effect.removed or effect.kinds)):
        return True
    return bool(finding.rows) and _meet(place, decision, finding.rows, settled)


def _meet(place: int, decision: Decision, rows: RowSet, settled: Settled) -> bool:
    """Whether a decision changed some of these rows."""
    taken = _taken(place, decision, settled)
    return taken is None or len(taken & rows) > 0


def _taken(place: int, decision: Decision, settled: Settled) -> RowSet | None:
    """The rows that a decision changed; None where that is not known."""
    effect = settled.effects.get(place)
    rows = settled.altered.get(place, settled.touched.get(place))
    if effect is not None:
        return effect.rows
    return decision.rows if rows is None and isinstance(decision.rows, RowSet) else rows
