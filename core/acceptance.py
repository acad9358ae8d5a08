"""Which findings a person accepted: under the names that columns have now, and where a bound or a leading
column that is learned from the data is another since.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.dataset import Dataset
from core.decision import ABOUT, COLUMNS, GATHERS, MEMBERS, ONE_IN, ROWS, Decision
from core.errors import InputError
from core.finding import Finding, renamed_key
from core.numerics.rowhash import mix
from core.resolved import same_columns, same_region
from core.review import Review
from core.rowset import RowSet
from core.settled import Settled

MOST = 4_000  # runs of rows that an acceptance names; beyond, rows of a sample: recipes would grow
RAREST = 2**40  # one row in so many at most is drawn for a sample


def drawn(rows: NDArray[np.int64], one_in: int) -> NDArray[np.bool_]:
    """Per row, a position in the source, whether it is in a sample of one in so many: by a hash of its number
    alone, so that the sample is the same of every region, at any time.

    >>> every = np.arange(80_000)
    >>> bool(abs(drawn(every, 8).mean() - 1 / 8) < 0.005), bool(drawn(every, 1).all())
    (True, True)
    """
    return np.asarray(mix(rows.astype(np.uint64)) % np.uint64(one_in) == 0)


def identity(finding: Finding, dataset: Dataset) -> dict[str, Any]:
    """What an acceptance says of a finding beside its key, as plain JSON, so that it is known again when it
    was learned anew: the columns that it gathers, or those of its region with the rows of this, as positions
    in the source; and the findings that it draws together. {} where the key says all.

    Of a region of more than `MOST` runs of rows it names those in a sample, ``one_in`` so many (`drawn`): at
    least some 2,000, so that what two regions have in common is known within 3 points (95%).
    """
    told: dict[str, Any] = {MEMBERS: list(finding.members)} if finding.members else {}
    rows = finding.extent or finding.rows
    if finding.gathers:
        told[GATHERS] = list(finding.columns)
    elif finding.about and rows:
        one_in, some = 1, dataset.source_rows(rows)
        while some.runs > MOST:
            one_in *= 2
            some = RowSet(some.ids[drawn(some.ids, one_in)])
        told |= {ABOUT: finding.about, COLUMNS: list(finding.columns), ROWS: some.to_json()}
        told |= {ONE_IN: one_in} if one_in > 1 else {}
    return told


class Accepted(NamedTuple):
    """The last word on a finding. place: of the decision. like: what is known of it beside its key, None
    where that is nothing. members: keys of the findings that it draws together. one_in: one in so many of the
    rows is known (`drawn`).
    """

    place: int
    decision: Decision
    like: Finding | None
    members: tuple[str, ...]
    one_in: int = 1

    def renamed(self, names: Mapping[str, str]) -> Accepted:
        """The same by the names that columns have after a step. names: as `core.finding.renamed_key` takes
        them.
        """
        like = self.like
        if like is not None:
            like = replace(like, columns=tuple(names.get(one, one) for one in like.columns))
        return self._replace(like=like, members=tuple(renamed_key(key, names) for key in self.members))

    def holds_of(self, finding: Finding, settled: Settled) -> bool:
        """Whether a finding, its rows as positions in the source, is the accepted one under another key: it
        draws findings together of which all were accepted, gathers columns of these, or is of mostly the same
        rows of those that are left, or of those in whose columns nothing changed.
        """
        if {*(finding.members or (finding.key,))} <= {*self.members}:
            return True
        if self.like is None or finding.code != self.like.code:
            return False
        if finding.gathers:
            return same_columns(self.like, [finding]) is not None
        known = drawn(np.arange(settled.kept.size), self.one_in)
        here, changed = RowSet.from_mask(settled.kept & known), RowSet()
        for column in self.like.columns:
            changed = changed | settled.changed(column)
        there = replace(finding, rows=finding.rows & here, extent=finding.extent & here)
        return any(
            same_region(replace(self.like, rows=(self.like.rows - without) & here), [there]) is not None
            for without in (RowSet(), changed)
        )


def accepted(
    review: Review, settled: Settled, columns: Sequence[str], *looks: Sequence[Finding]
) -> dict[str, Decision]:
    """The findings that stand without alarm, by the names that their columns have now: key -> the decision
    that accepted it. columns: of the data as loaded. The last word wins; a new name that was refused changes
    nothing.

    looks: what was found at one look each, with rows as positions in the source: what is the same as one
    accepted, which was not found there itself, is accepted, too, as where a bound that was learned moved with
    other decisions (`Accepted.holds_of`).
    """
    latest: dict[str, Accepted] = {}
    there = dict.fromkeys(columns)
    for place, decision in enumerate(review.decisions):
        effect = settled.effects.get(place)
        if decision.kind.on == "findings":
            latest[decision.finding] = Accepted(place, decision, *_recalled(decision))
        elif effect is not None:
            there.update(dict.fromkeys(effect.added))
            if decision.action == "rename":
                new = str(decision.settings.get("to", ""))
                names = {one: new if one == decision.column else one for one in there}
                latest = {renamed_key(key, names): one.renamed(names) for key, one in latest.items()}
                there = dict.fromkeys(names.values())
    stand = {key: one for key, one in latest.items() if one.decision.action == "accept"}
    again = {
        finding.key: one.decision
        for found in looks
        for key, one in stand.items()
        if (one.like or one.members) and key not in {finding.key for finding in found}
        for finding in found
        if finding.key not in latest or latest[finding.key].place < one.place
        if finding.key not in stand and one.holds_of(finding, settled)
    }
    return {**{key: one.decision for key, one in stand.items()}, **again}


def learned(review: Review) -> bool:
    """Whether a finding was accepted that may have another key by now."""
    return any(decision.action == "accept" and any(_recalled(decision)[:2]) for decision in review.decisions)


def _recalled(decision: Decision) -> tuple[Finding | None, tuple[str, ...], int]:
    """What a decision says of its finding beside the key (`identity`); nothing of what cannot be read.

    >>> _recalled(Decision("accept", RowSet(), finding="segment:x:x > 3", settings={"columns": 3}))
    (None, (), 1)
    """
    told, code = decision.settings, decision.finding.partition(":")[0]
    members = told.get(MEMBERS, ())
    keys = tuple(map(str, members)) if isinstance(members, list) else ()
    names = told.get(GATHERS, told.get(COLUMNS))
    if not isinstance(names, list):
        return None, keys, 1
    columns = tuple(map(str, names))
    if GATHERS in told:
        return Finding.known_by(code, columns, gathers=True), keys, 1
    try:
        rows, one_in = RowSet.from_json(told[ROWS]), int(told.get(ONE_IN, 1))
    except (KeyError, TypeError, ValueError, OverflowError, InputError):
        return None, keys, 1
    if not 1 <= one_in <= RAREST:
        return None, keys, 1
    return Finding.known_by(code, columns, rows=rows, about=str(told.get(ABOUT, ""))), keys, one_in
