"""Alerts on how often values repeat: one value everywhere, too many levels or too rare ones."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from core.analyses.profile.facts import ColumnFacts
from core.analyses.profile.rows import LEAST_CELLS, picked, rows_where, rows_with
from core.finding import Finding
from core.numerics.describe import share_at_least
from core.phrases import column_of, left_out, name, percent, quoted
from core.phrases import count as counted
from core.rowset import RowSet

FEW = 5  # rows below which a level is rare: too few to learn anything about it
EVEN = 10  # rows per level from which hardly any level of an evenly spread column is rare by chance
PER_LEVEL = 20  # rows per level below which levels are many for the rows there are
NEARLY_ALL = 0.99  # share of one value from which a near-constant column is a warning
LISTED = 1_000  # levels that a rule names one by one
SPARED = ("id", "group", "target", "weight", "time")


def constant(facts: ColumnFacts) -> Finding | None:
    """One value in all rows that have one; a note only where so few are alike by chance, or where the gaps
    may be the other value.
    """
    profile = facts.profile
    if profile.distinct != 1 or profile.present < 2:
        return None
    floor = share_at_least(profile.present, profile.present)
    marks = profile.missing >= LEAST_CELLS
    certain = floor >= 0.9 and not marks
    column, fix = column_of(profile.name), ""
    if marks:
        advice = "If missing means no, make it a column of yes and no; otherwise leave it out."
        fix = f"{column} = {column}.notna()"
    elif certain:
        advice, fix = "Leave the column out.", left_out(profile.name)
    else:
        advice = f"With {counted(profile.present, 'value')} this may be chance; look again with more rows."
    of_rows = f" ({counted(profile.rows, 'row')})" if profile.missing else ""
    return Finding(
        code="constant",
        title=f"{name(profile.name)} is constant: {quoted(profile.top[0][0])} in all "
        f"{counted(profile.present, 'value')}{of_rows}",
        severity="warning" if certain else "info",
        score=0.6,
        why="A constant column cannot separate one row from another.",
        suggestion=advice,
        columns=(profile.name,),
        value=1.0,
        measure="share of the commonest value",
        limit=1.0,
        n=profile.present,
        action="omit" if certain else "",
        fix=fix,
    )


def quasi_constant(facts: ColumnFacts, limit: float) -> Finding | None:
    """One value nearly everywhere, in so many rows that a true share below 0.9 is ruled out (lower bound at 3
    sd); never the target.
    """
    profile = facts.profile
    if profile.distinct < 2 or facts.role == "target":
        return None
    word, count = profile.top[0]
    value = count / profile.present
    innocent = min(0.9, limit - 0.05)
    if value < limit or share_at_least(count, profile.present) < innocent:
        return None
    others = profile.present - count
    sure = value >= NEARLY_ALL
    return Finding(
        code="quasi_constant",
        title=f"{name(profile.name)} is near-constant: {quoted(word)} in {percent(value)} of its "
        f"{counted(profile.present, 'value')} ({others:,} differ)",
        severity="warning" if sure else "info",
        score=0.3 + 0.3 * value,
        why="There is little to learn from a column that hardly ever changes, and the few rows that differ "
        "weigh heavily.",
        suggestion="Look at the rows that differ: they may be errors, or the only part that matters. "
        "Otherwise leave the column out.",
        rows=_others(facts),
        columns=(profile.name,),
        value=value,
        measure="share of the commonest value",
        limit=max(limit, NEARLY_ALL) if sure else limit,
        n=profile.present,
        action="omit",
        conditional=True,
        fix=left_out(profile.name),
    )


def high_cardinality(facts: ColumnFacts, limit: int) -> Finding | None:
    """More levels than ``limit``, with fewer than 20 rows each on average: a note, as it may well be
    meant.
    """
    profile = facts.profile
    if not _levels(facts) or profile.distinct <= limit or profile.present >= PER_LEVEL * profile.distinct:
        return None
    if facts.written:
        return None  # amounts and dates: they are no levels
    return Finding(
        code="high_cardinality",
        title=f"{name(profile.name)} has high cardinality: {profile.distinct:,} levels, "
        f"{profile.present / profile.distinct:.1f} rows each on average",
        severity="info",
        score=0.3,
        why="With so few rows per level a model memorises rows and does not generalise; one-hot encoding "
        "makes the table wide and sparse.",
        suggestion="Use target or frequency encoding, fitted within the folds, or put levels of fewer than "
        f"{FEW} rows together.",
        columns=(profile.name,),
        value=float(profile.distinct),
        measure="levels",
        limit=float(limit),
        n=profile.present,
        action="encode",
        settings={"how": "frequency"},
        fix=_together(profile.name),
    )


def rare_levels(facts: ColumnFacts) -> Finding | None:
    """More than half of the levels have fewer than 5 rows, where evenly spread ones would have 10 or more
    each.
    """
    profile = facts.profile
    if not _levels(facts) or profile.distinct < FEW or profile.present < EVEN * profile.distinct:
        return None
    rare = facts.counts < FEW
    value = float(rare.mean())
    if value <= 0.5:
        return None
    held = int(facts.counts[rare].sum())
    return Finding(
        code="rare_levels",
        title=f"{int(rare.sum()):,} of {profile.distinct:,} levels of {name(profile.name)} have fewer "
        f"than {FEW} rows ({held:,} rows in all)",
        severity="info",
        score=0.2 + 0.2 * value,
        why="Too few rows to learn anything about these levels; in new data they will often be missing, or "
        "others will turn up.",
        suggestion="Put them together as one level, such as 'other', after a look whether some are misspelt.",
        rows=rows_with(facts, rare),
        columns=(profile.name,),
        value=value,
        measure="share of rare levels",
        limit=0.5,
        noise_is="expected by chance",
        noise=_rare_by_chance(profile.present / profile.distinct),
        n=profile.present,
        action="map" if rare.sum() <= LISTED else "",
        settings={"pairs": dict.fromkeys(_words(facts, rare), "other")} if rare.sum() <= LISTED else {},
        fix=_together(profile.name),
    )


def _words(facts: ColumnFacts, chosen: NDArray[np.bool_]) -> list[str]:
    """These of the levels, in alphabetical order."""
    words: list[str] = facts.distinct.filter(picked(chosen)).to_pylist()
    return sorted(words)


def _rare_by_chance(mean: float) -> float:
    """Share of levels with fewer than 5 rows where all are equally frequent (Poisson).

    >>> round(_rare_by_chance(10.0), 4)
    0.0293
    """
    return math.exp(-mean) * sum(mean**k / math.factorial(k) for k in range(FEW))


def _levels(facts: ColumnFacts) -> bool:
    """Whether the column holds levels that a model may use."""
    return facts.profile.stored == "string" and facts.profile.kind == "category" and facts.role not in SPARED


def _together(column_name: str) -> str:
    column = column_of(column_name)
    return (
        f"{column} = {column}.where({column}.isna() | ({column}.map({column}.value_counts()) >= {FEW}), "
        "'other')"
    )


def _others(facts: ColumnFacts) -> RowSet:
    """Rows that hold another value than the commonest."""
    import pyarrow as pa
    import pyarrow.compute as pc

    place = int(np.lexsort((np.arange(len(facts.counts)), -facts.counts))[0])
    common = facts.distinct[place]
    if facts.profile.stored.startswith("timestamp"):
        common = pa.scalar(int(common), pa.int64()).cast(facts.values.type)
    elif not isinstance(common, pa.Scalar):
        common = pa.scalar(common.item())
    return rows_where(pc.not_equal(facts.values, common.cast(facts.values.type)))
