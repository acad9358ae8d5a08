"""The alerts on values that likely stand for "missing": words such as N/A, numbers such as -999 or a 0 that
stands apart, days such as 1970-01-01, and spikes.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from core.analyses.profile.as_text import str_of_number, str_of_time
from core.analyses.profile.facts import ColumnFacts
from core.analyses.profile.rows import finite_part, rows_where, rows_with
from core.finding import Finding
from core.numerics import texts
from core.numerics.grouping import poisson_limit
from core.numerics.number_codes import CELLS, FEW, LEAST, SPIKE, Code, far, neighbours
from core.numerics.number_codes import codes as codes_of
from core.phrases import column_of, in_full, name, quoted
from core.phrases import count as counted
from core.rowset import RowSet

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
RARE, LEAN = 0.01, 0.5  # share of zeros below, and quantile skewness above which they may be true amounts
Words = list[tuple[str, int]]


def disguised_missing(facts: ColumnFacts, codes: Sequence[Code]) -> Finding | None:
    """Likely missing-value codes that stand as values: words in the text, and the ``codes`` among numbers and
    days. Those that the reader took as missing are missing, and `missing` names them.
    """
    profile = facts.profile
    sure, doubtful, mask = _disguises(facts, codes)
    hidden = sum(count for _, count in sure)
    cells = hidden + sum(count for _, count in doubtful)
    if not cells:
        return None
    shown = [f"{quoted(word)} ({count:,})" for word, count in [*sure, *doubtful]]
    more = f" and {len(shown) - 5:,} more" if len(shown) > 5 else ""
    if hidden:
        advice = "Treat these cells as missing, or drop the rows, unless the value is meant."
    else:
        advice = "If it means that nobody knows, treat it as missing; if it is an answer of its own, keep it."
    return Finding(
        code="disguised_missing",
        title=f"{name(profile.name)} contains likely missing-value codes: {', '.join(shown[:5])}{more}, of "
        f"{profile.rows:,} rows",
        severity="warning" if hidden else "info",
        score=min(1.0, 0.4 + 0.5 * cells / profile.rows),
        why=f"{_how(codes)}A missing-value code is counted as data: it biases means, ranges and categories.",
        suggestion=advice,
        rows=mask,
        columns=(profile.name,),
        value=float(cells),
        measure="cells",
        limit=0.0,
        n=profile.rows,
        action="map",
        conditional=not hidden,
        settings={"pairs": {word: None for word, _ in sure + doubtful}},
        fix=_line(facts, [word for word, _ in sure + doubtful]),
    )


def spike(facts: ColumnFacts, codes: Sequence[Code]) -> Finding | None:
    """One value far more frequent than those near it, and no usual code: a default, the limit of a sensor, or
    an imputed value.
    """
    places = [code.place for code in codes if code.kind == "spike" and not code.usual]
    if not places:
        return None
    profile, place = facts.profile, max(places, key=lambda at: int(facts.counts[at]))
    near = neighbours(facts.counts, place)
    count, usual = int(facts.counts[place]), int(near.max())
    word = str_of_number(facts.distinct[place])
    shown = in_full(facts.distinct[place].item(), profile.quantile(0.0), profile.quantile(1.0))
    return Finding(
        code="spike",
        title=f"{name(profile.name)} is exactly {shown} in {count:,} of {profile.present:,} values; no value "
        f"near it occurs more than {counted(usual, 'time')}",
        severity="info",
        score=0.3 + 0.2 * count / profile.present,
        why="A spike that its neighbours do not share is often a default, the limit of a sensor, an imputed "
        "value, or a missing-value code.",
        suggestion="Ask where it comes from. If nothing was measured there, treat these cells as missing.",
        rows=_rows_of(facts, [place]),
        columns=(profile.name,),
        value=float(count),
        measure="values",
        limit=float(SPIKE * usual),
        noise=float(poisson_limit(float(near.mean()))),
        n=profile.present,
        action="map",
        conditional=True,
        settings={"pairs": {word: None}},
        fix=_line(facts, [word]),
    )


def number_codes(facts: ColumnFacts) -> list[Code]:
    """The likely missing-value codes among the numbers or days of a column; none among identifiers."""
    if facts.profile.kind == "identifier" or facts.role in ("id", "weight", "group"):
        return []
    if facts.profile.kind == "datetime" and facts.profile.stored.startswith("timestamp"):
        return [Code(place, "apart", True) for place in _lonely_days(facts)]
    if facts.profile.stored not in ("int64", "uint64", "double"):
        return []
    first, finite = finite_part(facts.distinct)
    finite_codes = codes_of(finite, facts.counts[first : first + finite.size])
    return [code._replace(place=code.place + first) for code in finite_codes]


def _how(codes: Sequence[Code]) -> str:
    """By what the codes among numbers are known."""
    kinds = {code.kind for code in codes if code.kind != "spike" or code.usual}
    if "zero" in kinds:
        return "0 stands apart: amounts of which some are truly 0 come closer to it. "
    if "apart" in kinds:
        return "They stand apart from the other values by more than the spacing of these explains. "
    return "It is far more frequent than any value near it. " if kinds else ""


def _line(facts: ColumnFacts, words: list[str]) -> str:
    """The line of pandas code that makes these values missing."""
    column, stored = column_of(facts.profile.name), facts.profile.stored
    if stored.startswith("timestamp"):
        wanted = f"pd.to_datetime({words!r}).as_unit('us')"
    elif stored == "string":
        wanted = repr(words)
    else:
        wanted = repr(list(map(float if stored == "double" else int, words)))
    return f"{column} = {column}.mask({column}.isin({wanted}))"


def _disguises(facts: ColumnFacts, codes: Sequence[Code]) -> tuple[Words, Words, RowSet]:
    """Surely and doubtfully disguised values with their counts, and the rows that hold them."""
    if facts.profile.stored == "string":
        return _disguised_words(facts)
    places = [code.place for code in codes if code.kind != "spike" or code.usual]
    text = str_of_time if facts.profile.stored.startswith("timestamp") else str_of_number
    values = [(text(facts.distinct[place]), int(facts.counts[place])) for place in places]
    doubtful = [(word, times) for word, times in values if word == "0" and _may_be_true(facts, times)]
    return [pair for pair in values if pair not in doubtful], doubtful, _rows_of(facts, places)


def _may_be_true(facts: ColumnFacts, zeros: int) -> bool:
    """Whether zeros may well be true amounts: most of the values are 0, or hardly any of amounts with a long
    right tail (nobody paid anything back yet).
    """
    low, middle, high = (facts.profile.quantile(share) for share in (0.05, 0.5, 0.95))
    long_tail = high + low - 2 * middle > LEAN * (high - low)  # a few errors far out do not count as one
    return 2 * zeros >= facts.profile.present or (long_tail and zeros < RARE * facts.profile.present)


def _rows_of(facts: ColumnFacts, places: list[int]) -> RowSet:
    """The rows that hold one of these of the distinct numbers or times."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if not places:
        return RowSet()
    wanted = facts.distinct[places]
    if facts.profile.stored.startswith("timestamp"):
        return rows_where(pc.is_in(facts.values, pa.array(wanted, pa.int64()).cast(facts.values.type)))
    return rows_where(pc.is_in(facts.values, pa.array(wanted).cast(facts.values.type)))


def _disguised_words(facts: ColumnFacts) -> tuple[Words, Words, RowSet]:
    sure: Words = []
    doubtful: Words = []
    empty = facts.empty | _unknown_levels(facts)
    places = np.flatnonzero(empty)
    others = int(facts.counts[~empty].max(initial=0))
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


def _unknown_levels(facts: ColumnFacts) -> NDArray[np.bool_]:
    """Which texts are levels that begin with a word for "not known"; none of free texts and rare levels."""
    levels = np.asarray((facts.counts >= CELLS) & (facts.profile.kind == "category"))
    return levels & texts.matches(facts.distinct, texts.DOUBTFUL_START) if levels.any() else levels


def _one_of_many(facts: ColumnFacts, word: str) -> bool:
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


def _lonely_days(facts: ColumnFacts) -> list[int]:
    """Places of the usual stand-ins among days that repeat and lie far from all others at one end."""
    wanted = [np.datetime64(day, "us").astype(np.int64) for day in SENTINEL_DAYS]
    places = np.searchsorted(facts.distinct, wanted)
    known = [
        int(place)
        for place, value in zip(places, wanted, strict=True)
        if place < len(facts.distinct) and facts.distinct[place] == value and facts.counts[place] >= CELLS
    ]
    rest = np.delete(facts.distinct, known)
    if not known or rest.size < FEW or facts.profile.present - facts.counts[known].sum() < LEAST:
        return []
    return [place for place in known if far(float(facts.distinct[place]), rest)]
