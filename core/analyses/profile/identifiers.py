"""Alerts on what names rows: columns that look like identifiers, and ids that repeat, in a part or across."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from core.analyses.profile.facts import ColumnFacts
from core.analyses.profile.rows import LEAST, picked
from core.finding import Finding
from core.phrases import count as counted
from core.phrases import left_out, name, quoted, verb
from core.rowset import RowSet

if TYPE_CHECKING:
    import pyarrow as pa

SLIPS = 0.01  # share of rows up to which repeats are slips in an identifier, and not how it is used
MANY = 0.1  # share of rows above which repeats are how the column is used, whatever its role


def identifier_like(facts: ColumnFacts, limit: float) -> Finding | None:
    """A new value in nearly every row, in a column of texts or whole numbers (not floats, times or free
    text).
    """
    profile = facts.profile
    if not _may_name_rows(facts):
        return None
    value = profile.distinct / profile.present
    if value < limit:
        return None
    known, counts_up = profile.kind == "identifier", _counts_up(facts)
    if not known and profile.stored == "string" and facts.written:
        return None
    if not known and profile.stored != "string" and not counts_up:
        return None  # amounts that hardly ever repeat are honest numbers
    # Codes of many levels may hardly repeat by chance; a thousand without any repeat come from over 70,000
    # levels (99.9% sure).
    used = not known and (counts_up or (value == 1 and profile.present >= 1_000))
    what = " and counts through the rows" if counts_up else ""
    return Finding(
        code="identifier_like",
        title=f"{name(profile.name)} looks like an identifier: "
        f"{counted(profile.distinct, 'distinct value')} in {counted(profile.present, 'row')}{what}",
        severity="warning" if used else "info",
        score=0.5 * value,
        why="A model memorises rows by an identifier, which does not generalise to new ones.",
        suggestion="Nothing, if this is the name of each row: it is left out of what a model may use."
        if known
        else "Make its kind identifier, or leave it out of what a model may use.",
        columns=(profile.name,),
        value=value,
        measure="share of distinct values",
        limit=limit,
        n=profile.present,
        action="" if known else "read_as",
        settings={} if known else {"kind": "identifier"},
        fix="" if known else left_out(profile.name),
    )


def _may_name_rows(facts: ColumnFacts) -> bool:
    """Whether it is a column of texts or whole numbers without a role, with enough values."""
    profile = facts.profile
    return (
        profile.present >= LEAST
        and profile.stored in ("string", "int64", "uint64")
        and not facts.role
        and profile.kind not in ("text", "image")
    )


def _counts_up(facts: ColumnFacts) -> bool:
    """Whether its whole numbers leave hardly one out between the least and the largest."""
    if facts.profile.stored == "string":
        return False
    span = int(facts.distinct[-1]) - int(facts.distinct[0]) + 1
    return 0 < span <= 1.1 * facts.profile.present


def repeated_ids(facts: ColumnFacts) -> Finding | None:
    """Ids that stand in more than one row of a part: of the id column always, of another identifier where
    nearly every row has its own. Two parts may each count from one.
    """
    profile = facts.profile
    given = facts.role == "id"
    if profile.present < LEAST or not (given or (profile.kind == "identifier" and not facts.role)):
        return None
    value, rows = _repeats(facts)
    if not value or not (given or value <= SLIPS * profile.present):
        return None
    slips, first = value <= MANY * profile.present, facts.values[rows.ids[0]].as_py()
    return Finding(
        code="repeated_ids",
        title=f"{value:,} of {counted(profile.present, 'row')} {verb(value, 'repeats', 'repeat')} an id of "
        f"{name(profile.name)} that another row has, such as {quoted(str(first))}",
        severity="warning" if given else "info",
        score=0.4 + 0.2 * value / profile.present,
        why="An id is to name one row. Where two rows share it, one may be an older state or a copy of the "
        "other, and a join by it multiplies rows.",
        suggestion="Look at these rows side by side: drop the repeats where they are the same thing, mend "
        "the id where they are not."
        if slips
        else "So many are no slips: the column names something that has several rows. Give it the group "
        "role.",
        rows=rows if slips else RowSet(),
        columns=(profile.name,),
        value=float(value),
        measure="rows that repeat an id",
        limit=0.0,
        n=profile.present,
        action="defer" if given and slips else "",
    )


def ids_across_parts(facts: ColumnFacts) -> Finding | None:
    """Ids of the id column that stand in both parts. Nothing of numbers that count up: each part may count
    from one.
    """
    import pyarrow.compute as pc

    profile = facts.profile
    if facts.role != "id" or profile.present < LEAST or len(facts.masks) < 2 or _counts_up(facts):
        return None
    (_, train), (_, serve) = facts.masks
    values = facts.values if facts.profile.stored != "string" else _without_empty(facts)
    known = np.asarray(pc.is_valid(values))
    shared, there = np.zeros(known.size, bool), []
    for own, other in ((train, serve), (serve, train)):
        among = pc.unique(values.filter(picked(other & known)))
        own_rows = own & known & np.asarray(pc.fill_null(pc.is_in(values, among), False))
        shared |= own_rows
        there.append(int(own_rows.sum()))
    if not there[1]:
        return None
    first, total = facts.values[int(np.flatnonzero(shared & serve)[0])].as_py(), int((serve & known).sum())
    return Finding(
        code="ids_across_parts",
        title=f"{there[1]:,} of {counted(total, 'serve row')} {verb(there[1], 'has', 'have')} an id of "
        f"{name(profile.name)} that train has, too, such as {quoted(str(first))}",
        severity="info",
        score=0.3 * there[1] / total,
        why="Where an id names one thing in both parts, a model has met it: a score on serve is then too "
        "good. A join by the id alone mixes the parts.",
        suggestion="Find out whether both name the same thing. If so, give the column the group role and "
        "split by it; if each part numbers its own rows, there is nothing to do.",
        rows=RowSet.from_mask(shared),
        columns=(profile.name,),
        value=there[1] / total,
        measure="share of serve rows",
        limit=0.0,
        n=total,
    )


def _without_empty(facts: ColumnFacts) -> pa.ChunkedArray:
    """The values, missing where they are words such as "unknown", which are nobody's id."""
    import pyarrow as pa
    import pyarrow.compute as pc

    nobody = pa.array(facts.distinct).filter(picked(facts.empty)).cast(facts.values.type)
    return pc.if_else(pc.is_in(facts.values, nobody), pa.scalar(None, facts.values.type), facts.values)


def _repeats(facts: ColumnFacts) -> tuple[int, RowSet]:
    """How many rows repeat a value that another row of their part has, and all rows of these values."""
    import pyarrow as pa
    import pyarrow.compute as pc

    shared = facts.counts > 1
    if facts.profile.stored == "string":
        shared &= ~facts.empty  # "unknown" is nobody's id
    twice = pa.array(facts.distinct).filter(picked(shared)).cast(facts.values.type)
    within = np.asarray(pc.fill_null(pc.is_in(facts.values, twice), False))
    number, rows = 0, RowSet()
    for _, mask in facts.masks:
        ids = np.flatnonzero(within & mask)
        _, inverse, counts = np.unique(
            pc.dictionary_encode(facts.values.take(ids).combine_chunks()).indices,
            return_inverse=True,
            return_counts=True,
        )
        again = counts > 1
        number += int((counts[again] - 1).sum())
        rows |= RowSet(ids[again[inverse]])
    return number, rows
