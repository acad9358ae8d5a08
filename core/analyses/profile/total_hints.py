"""What one column says about rows of totals: words, sums and gaps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.analyses.profile.amounts import Reader, amount_readers
from core.analyses.profile.facts import ColumnFacts, Masks
from core.analyses.profile.readable import Readable
from core.analyses.profile.rows import picked, rows_with
from core.analyses.profile.sums import HUGE, dominant_sum
from core.finding import Finding
from core.loading.total_words import BARE_WORD, SURE_WORD, WORD
from core.numerics import texts
from core.rowset import RowSet

FEW = 3  # rows up to which nothing is a total of others
USUAL = 0.1  # share of missing values up to which a column is one that rows have
MOST = 0.5  # share of rows up to which some can be totals of the others
_NUMBERS = ("int64", "uint64", "double")


@dataclass(frozen=True, eq=False)
class Hints:
    """What one column says about rows of totals, from its facts alone.

    words: the rows with a word of totals, and (said) those texts; bare_words: those with nothing else in the
    cell, and (sure_words) a word that is no name and no answer either. sums: the rows whose number is the sum
    of all others, and larger than any. gaps: the rows without a value, where nearly all rows have one
    (usual).
    repeats: whether its values stand twice or more on average. sums_up: whether it holds numbers, or texts of
    which half or more are amounts, which the ``reader`` reads.
    """

    name: str
    usual: bool
    gaps: RowSet = field(default_factory=RowSet)
    words: RowSet = field(default_factory=RowSet)
    said: tuple[str, ...] = ()
    bare_words: RowSet = field(default_factory=RowSet)
    sure_words: RowSet = field(default_factory=RowSet)
    sums: RowSet = field(default_factory=RowSet)
    repeats: bool = False
    sums_up: bool = False
    reader: Reader | None = None


def hints(
    facts: ColumnFacts, masks: Masks, findings: Sequence[Finding], numbers: Readable | None = None
) -> Hints:
    """What a column says. masks: each part's name and its rows. findings: those of the column. numbers: how
    much of a text column reads as numbers.
    """
    profile = facts.profile
    usual = profile.missing <= max(USUAL * profile.rows, 1)
    gaps = next((one.rows for one in findings if one.code == "missing"), RowSet())
    words, bare_words, sure_words, said = _words(facts)
    amounts = facts.role not in ("id", "group")
    reader, sums = _amounts(facts, masks, numbers) if amounts else (None, RowSet())
    return Hints(
        name=profile.name,
        usual=usual,
        gaps=gaps if usual else RowSet(),
        words=words,
        said=said,
        bare_words=bare_words,
        sure_words=sure_words,
        sums=sums,
        repeats=2 * len(facts.distinct) <= profile.present,
        sums_up=reader is not None or (amounts and profile.stored in _NUMBERS),
        reader=reader,
    )


def _words(facts: ColumnFacts) -> tuple[RowSet, RowSet, RowSet, tuple[str, ...]]:
    """The rows with a word of totals, those with nothing else in the cell, those of these whose word is no
    name either, and the texts; none where most rows have one.
    """
    if facts.profile.stored != "string" or facts.profile.kind == "image":
        return RowSet(), RowSet(), RowSet(), ()
    chosen = texts.matches(facts.distinct, WORD)
    if not 0 < facts.counts[chosen].sum() <= MOST * facts.profile.rows:
        return RowSet(), RowSet(), RowSet(), ()
    said = facts.distinct.filter(picked(chosen)).to_pylist()
    bare, sure = (chosen & texts.matches(facts.distinct, one) for one in (BARE_WORD, SURE_WORD))
    return rows_with(facts, chosen), rows_with(facts, bare), rows_with(facts, sure), tuple(sorted(said))


def _amounts(facts: ColumnFacts, masks: Masks, numbers: Readable | None) -> tuple[Reader | None, RowSet]:
    """How the amounts of a text column are read (None: it holds none), and the rows that are sums of all
    others: by the first way of reading them that has any.
    """
    import pyarrow as pa

    if facts.profile.stored in _NUMBERS and len(facts.distinct):
        farthest = max(abs(float(facts.distinct[0])), abs(float(facts.distinct[-1])))
        whole = facts.profile.mean * facts.profile.present
        return None, _sums(facts.values, masks, farthest, whole)
    first = None
    for reader, values in amount_readers(facts, numbers):
        read = numbers_of(pa.chunked_array([values]))
        known = np.abs(read) < HUGE
        farthest, whole = np.abs(read[known]).max(initial=0.0), (read * facts.counts)[known].sum()
        first = first or reader
        if sums := _sums(facts.values, masks, farthest, whole, reader):
            return reader, sums
    return first, RowSet()


def _sums(values: Any, masks: Masks, farthest: float, whole: float, reader: Reader | None = None) -> RowSet:
    """The rows whose number is the sum of all others of their part, and larger than any of them; of texts by
    their ``reader``. farthest, whole: the largest size, and the sum, of all numbers.
    """
    import pyarrow as pa

    if len(masks) < 2 and 2.01 * farthest < abs(whole):
        return RowSet()  # the usual case: the sum is known, and larger than any number
    numbers = numbers_of(values if reader is None else pa.chunked_array([reader.read(values)]))
    own = [np.flatnonzero(mask) for _, mask in masks]
    places = [(rows, dominant_sum(numbers[rows])) for rows in own]
    return RowSet([int(rows[place]) for rows, place in places if place is not None])


def numbers_of(values: Any) -> NDArray[np.float64]:
    """An Arrow column as numbers, NaN where there is none."""
    import pyarrow as pa

    return np.asarray(values.cast(pa.float64(), safe=False).to_numpy(), np.float64)
