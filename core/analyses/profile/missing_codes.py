"""The alert on values that stand for "missing": words, lonely numbers such as -999, lonely days such as
1970-01-01.
"""

from __future__ import annotations

import math

import numpy as np

from core.analyses.profile.measure import Facts, str_of_number, str_of_time
from core.analyses.profile.rows import LEAST, LEAST_CELLS, rows_where, rows_with
from core.finding import Finding
from core.numerics import texts
from core.phrases import column_of, quoted
from core.rowset import RowSet

SENTINELS = (-99999, -9999, -999, -99, -9, -1, 99, 999, 9999, 99999, 999999)
SENTINEL_DAYS = (
    "0001-01-01",
    "1753-01-01",
    "1899-12-30",
    "1899-12-31",
    "1900-01-01",
    "1970-01-01",
    "2999-12-31",
    "9999-12-31",
)
Words = list[tuple[str, int]]


def disguised_missing(facts: Facts) -> Finding | None:
    """Words and numbers that stand for "missing": those the reader took so, those left in the text, lonely
    -999 and 1970-01-01.
    """
    profile = facts.profile
    sure, doubtful, mask = _disguises(facts)
    read = sum(count for _, count in facts.column.null_tokens)
    hidden = sum(count for _, count in sure)
    unsure = sum(count for _, count in doubtful)
    if not read + hidden + unsure:
        return None
    said = [
        f"{quoted(word)} ({count:,})" for word, count in [*sure, *doubtful, *facts.column.null_tokens][:5]
    ]
    share = (read + hidden + unsure) / profile.rows
    if hidden:
        advice = "Treat these cells as missing, or drop the rows, unless the value is meant."
    elif unsure:
        advice = "If it means that nobody knows, treat it as missing; if it is an answer of its own, keep it."
    else:
        advice = "They were read as missing. If one of them is a real value, load the column as text."
    return Finding(
        code="disguised_missing",
        title=f"{profile.name!r} says missing in other words: {', '.join(said)} of {profile.rows:,} rows",
        severity="warning" if hidden else "info",
        score=min(1.0, 0.4 + 0.5 * share) if hidden + unsure else 0.1 * share,
        why="A value that stands for missing is counted as data: it bends means, ranges and categories.",
        suggestion=advice,
        rows=mask,
        columns=(profile.name,),
        value=float(read + hidden + unsure),
        limit=0.0,
        n=profile.rows,
        action="blank" if hidden + unsure else "",
        fix=_line(facts, [word for word, _ in sure + doubtful]),
    )


def _line(facts: Facts, words: list[str]) -> str:
    """The line of pandas code that makes these values missing."""
    if not words:
        return ""
    column, stored = column_of(facts.profile.name), facts.profile.stored
    if stored.startswith("timestamp"):
        wanted = f"pd.to_datetime({words!r}).as_unit('us')"
    else:
        wanted = repr(
            words
            if stored == "string"
            else [float(word) if stored == "double" else int(word) for word in words]
        )
    return f"{column} = {column}.mask({column}.isin({wanted}))"


def _disguises(facts: Facts) -> tuple[Words, Words, RowSet]:
    """Surely and doubtfully disguised values with their counts, and the rows that hold them."""
    if facts.profile.stored == "string":
        return _disguised_words(facts)
    lonely = _lonely_days(facts) if facts.profile.kind == "datetime" else _lonely_numbers(facts)
    if not lonely:
        return [], [], RowSet()
    import pyarrow as pa
    import pyarrow.compute as pc

    is_time = facts.profile.stored.startswith("timestamp")
    wanted = (
        pa.array(facts.distinct[lonely].tolist(), pa.int64()).cast(facts.values.type)
        if is_time
        else pa.array(facts.distinct[lonely])
    )
    told = str_of_time if is_time else str_of_number
    sure = [(told(facts.distinct[i]), int(facts.counts[i])) for i in lonely]
    return sure, [], rows_where(pc.is_in(facts.values, wanted.cast(facts.values.type)))


def _disguised_words(facts: Facts) -> tuple[Words, Words, RowSet]:
    sure: Words = []
    doubtful: Words = []
    places = np.flatnonzero(facts.empty)
    others = int(facts.counts[~facts.empty].max(initial=0))
    mask = np.zeros(len(facts.distinct), bool)
    for place in places.tolist():
        word, count = facts.distinct[place].as_py(), int(facts.counts[place])
        alike = _one_of_many(facts, word)
        if alike and count <= others:
            continue  # NA is Namibia: a code among codes, and no more frequent than they are
        certain = word.strip().lower() in texts.EMPTY_WORDS and not alike
        (sure if certain else doubtful).append((word, count))
        mask[place] = True
    sure.sort(key=lambda pair: (-pair[1], pair[0]))
    doubtful.sort(key=lambda pair: (-pair[1], pair[0]))
    return sure, doubtful, rows_with(facts, mask)


def _one_of_many(facts: Facts, word: str) -> bool:
    """Whether nearly all values are of the same make as this word, as NA is among country codes.

    Where codes mix their case, as kB and NA do, a tenth of the same make is enough.
    """
    if not word.strip():
        return False
    shape = texts.shape_of(word)
    alike, loosely = (texts.matches(facts.distinct, case + shape) for case in ("", "(?i)"))
    share = [
        float(facts.counts[which].sum() / facts.counts.sum())
        for which in (alike, loosely, alike & ~facts.empty)
    ]
    return share[0] >= 0.9 or (share[1] >= 0.9 and share[2] >= 0.1)


def _lonely_numbers(facts: Facts) -> list[int]:
    """Places of the distinct numbers that are usual stand-ins, repeat, and lie far from all others at one end
    of the range.
    """
    if facts.profile.stored not in ("int64", "uint64", "double") or facts.profile.kind == "identifier":
        return []
    places = np.searchsorted(facts.distinct, SENTINELS)
    known = [
        int(p)
        for p, v in zip(places, SENTINELS, strict=True)
        if p < len(facts.distinct) and facts.distinct[p] == v
    ]
    return _lonely(facts, known, spike_from=0.0)


def _lonely_days(facts: Facts) -> list[int]:
    wanted = [np.datetime64(day, "us").astype(np.int64) for day in SENTINEL_DAYS]
    places = np.searchsorted(facts.distinct, wanted)
    return _lonely(
        facts,
        [
            int(p)
            for p, v in zip(places, wanted, strict=True)
            if p < len(facts.distinct) and facts.distinct[p] == v
        ],
    )


def _lonely(facts: Facts, places: list[int], spike_from: float = -math.inf) -> list[int]:
    """Those of ``places`` that repeat and stand apart: far from the rest, or first or last of it and far more
    frequent than any.

    The rest must have five values or more, so that -1, 0, 1 as labels are left in peace; a spike counts only
    next to a rest that begins at ``spike_from`` or later.
    """
    places = [p for p in places if facts.counts[p] >= LEAST_CELLS]
    if not places:
        return []
    keep = np.ones(len(facts.distinct), bool)
    keep[places] = False
    rest, counts = facts.distinct[keep], facts.counts[keep]
    finite = np.isfinite(rest)
    rest, counts = rest[finite], counts[finite]
    if rest.size < 5 or counts.sum() < LEAST:
        return []
    low, high = float(rest[0]), float(rest[-1])
    found = []
    for place in places:
        value = float(facts.distinct[place])
        gap = max(low - value, value - high)
        spike = low >= spike_from and value < low and facts.counts[place] >= 5 * counts.max() >= 5
        if gap > 0.5 * (high - low) or (gap > 0 and spike):
            found.append(place)
    return found
