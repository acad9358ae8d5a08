"""Alerts on text columns that are numbers or dates in disguise."""

from __future__ import annotations

import functools
import math
from typing import Any

import numpy as np

from core.analyses.profile.facts import ColumnFacts
from core.analyses.profile.readable import Readable, readable
from core.analyses.profile.rows import LEAST, LEAST_CELLS, picked, rows_with
from core.filters.tree import Value
from core.filters.writing import typed_column, typed_value
from core.finding import Finding
from core.loading.kinds import names_code
from core.loading.units import in_currency
from core.loading.written_numbers import NumberReader
from core.numerics import texts
from core.phrases import column_of, name, percent, quoted, verb

CHECKED = 20_000  # distinct texts on which a line of code is tried before it is shown
LEVELS = 20  # as few different numbers as this may be codes of categories, kept as text on purpose
WIDTH = (
    8  # digits from which numbers of one length are codes: dates such as 19560409, social security numbers
)
NAMED = 100  # most numbers among words that a rule names one by one
_DIGITS_AND_MARKS = r"^\s*[+-]?\d[\d.,' ]*$"
_DIGITS = r"^\s*\d+\s*$"
# house numbers: 12a, 12-14, 12/2, 12 1/2
_HOUSE = r"^\s*\d+\s?[-/]?\s?[A-Za-z]\s*$|^\s*\d+\s?[-/–]\s?\d+\s?[A-Za-z]?\s*$|^\s*\d+ \d/\d\s*$"


def amounts_in_text(facts: ColumnFacts, reading: Readable | None) -> bool:
    """Whether half of a text column or more are amounts, however few values it has; codes are none."""
    return reading is not None and reading.share >= 0.5 and not _codes(facts, reading)


def numbers_in_text(facts: ColumnFacts, reading: Readable | None) -> Finding | None:
    """A text column that reads as numbers: all of it (98% or more), or a part."""
    if reading is None or reading.n < LEAST or reading.share < 0.01 or _codes(facts, reading):
        return None
    if isinstance(reading.reader, NumberReader) and len(reading.reader.currencies) > 1:
        return several_currencies(facts, reading.reader)
    if isinstance(reading.reader, NumberReader) and len(reading.reader.scales) > 1:
        shares = percent_and_plain(facts, reading)
        if shares is not None:
            return shares
    return number_as_text(facts, reading) if reading.share >= 0.98 else mixed_type(facts, reading)


def mixed_type(facts: ColumnFacts, reading: Readable) -> Finding | None:
    """A text column of which a part reads as numbers: more than codes of letters and digits would by chance
    (the noise floor).
    """
    if min(reading.hits, reading.others) < LEAST_CELLS:
        return None
    noise = texts.digits_by_chance(
        facts.distinct.filter(picked(~reading.empty)), facts.counts[~reading.empty]
    )
    by_chance = noise + 5 * math.sqrt(noise * (1 - noise) / reading.n)
    if reading.share <= by_chance + 0.01:
        return None
    few = reading.share < 0.5
    return Finding(
        code="mixed_type",
        title=f"{name(facts.profile.name)} mixes numbers and words: {percent(reading.share)} of "
        f"{reading.n:,} values read as numbers",
        severity="info" if reading.share < 0.2 else "warning",
        score=0.5 + 0.4 * reading.share,
        why="Read as text, the numbers lose their order and size; every one of them becomes a category of "
        "its own.",
        suggestion=f"Look at the values that are {'numbers' if few else 'not numbers'}, such as "
        f"{reading.sample(facts, few)}; mend them or treat them as missing, then load the column as numeric.",
        rows=rows_with(facts, reading.mask if few else ~reading.mask & ~reading.empty),
        columns=(facts.profile.name,),
        value=reading.share,
        measure="share of values that read as numbers",
        limit=0.01,
        noise=noise,
        n=reading.n,
        action="blank" if few else "read_as",
        conditional=True,
        settings={} if few else {"kind": "numeric"},
        where=_numbers_alone(facts, reading) if few else "",
        fix=_kept_as_words(facts, reading) if few else _line(facts, reading),
    )


def several_currencies(facts: ColumnFacts, reader: NumberReader) -> Finding:
    """A text column of amounts in two currencies or more: its numbers are of different units."""
    common, most = reader.currencies[0]
    amounts = sum(cells for _, cells in reader.currencies)
    others = [in_currency(facts.distinct, sign) for sign, _ in reader.currencies[1:]]
    rows = functools.reduce(np.logical_or, (np.asarray(one, dtype=bool) for one in others))
    return Finding(
        code="several_currencies",
        title=f"{name(facts.profile.name)} holds amounts in several currencies: {reader.in_currencies}",
        severity="warning",
        score=0.6,
        why="Read as numbers, 5 of one currency would equal 5 of another.",
        suggestion="It stays text. Convert the amounts to one currency in the source, or give each currency "
        "a column of its own; then read them as numbers.",
        rows=rows_with(facts, rows),
        columns=(facts.profile.name,),
        value=1.0 - most / amounts,
        measure=f"share of amounts in another currency than {quoted(common)}",
        limit=0.0,
        n=amounts,
    )


def percent_and_plain(facts: ColumnFacts, reading: Readable) -> Finding | None:
    """A text column of which half or more are numbers, some of them per cent and some not."""
    reader = reading.reader
    assert isinstance(reader, NumberReader)
    (common, most), *rarer = reader.scales
    numbers = sum(cells for _, cells in reader.scales)
    neither = reading.hits - numbers  # zeros are the same both ways
    if 2 * numbers < reading.n - neither:
        return None
    others = [reader.of_scale(facts.distinct, sign) for sign, _ in rarer]
    rows = functools.reduce(np.logical_or, (np.asarray(one, dtype=bool) for one in others))
    return Finding(
        code="percent_and_plain",
        title=f"{name(facts.profile.name)} mixes percentages and plain numbers: {reader.in_scales}",
        severity="warning",
        score=0.6,
        why="Read as numbers, 5% would equal 5, which is 500%.",
        suggestion="It stays text. Write all of them as percentages or none in the source; then read them as "
        "numbers.",
        rows=rows_with(facts, rows & ~reading.empty),
        columns=(facts.profile.name,),
        value=1.0 - most / numbers,
        measure=f"share of numbers that are not written {f'with {quoted(common)}' if common else 'plainly'}",
        limit=0.0,
        n=numbers,
    )


def number_as_text(facts: ColumnFacts, reading: Readable) -> Finding:
    """A text column of which 98% or more read as numbers, signs of money, percent and thousands included."""
    return Finding(
        code="number_as_text",
        severity="info" if facts.profile.distinct <= LEVELS else "warning",
        why="Read as text they have no order and no size.",
        action="read_as",
        **_stored_as_text(facts, reading, "numbers", "numeric", " unless these are codes"),
    )


def date_as_text(facts: ColumnFacts) -> Finding | None:
    """A text column of which 98% or more read as dates."""
    reading = readable(facts, "datetime")
    if reading is None or reading.share < 0.98:
        return None
    return Finding(
        code="date_as_text",
        severity="warning",
        why="Read as text they have no order and no distance.",
        action="read_as",
        **_stored_as_text(facts, reading, "dates", "datetime"),
    )


def _stored_as_text(
    facts: ColumnFacts, reading: Readable, what: str, kind: str, unless: str = ""
) -> dict[str, Any]:
    """What the two findings have in common: how many values read so, and those that do not."""
    column, odd = facts.profile.name, reading.others
    but = f"all but {odd:,}" if odd else "all"
    mend = "Load"
    if odd:
        others = f"the {odd:,} that {verb(odd, 'does', 'do')} not read so"
        mend = f"Mend or empty {others}, such as {reading.sample(facts, False)}, and load"
    return {
        "title": f"{name(column)} holds {what} stored as text: {but} of {reading.n:,} values read as {what}",
        "score": 0.5 + 0.2 * reading.share,
        "suggestion": " ".join(
            filter(
                None, [f"{mend} the column as {kind}{unless}.", reading.set_aside(facts), reading.reader.note]
            )
        ),
        "rows": rows_with(facts, ~reading.mask & ~reading.empty),
        "columns": (column,),
        "value": reading.share,
        "measure": f"share of values that read as {what}",
        "limit": 0.98,
        "n": reading.n,
        "settings": {"kind": kind},
        "fix": _line(facts, reading),
    }


def _line(facts: ColumnFacts, reading: Readable) -> str:
    """The line of pandas code that reads the column as the button does; "" where pandas cannot."""
    code = reading.reader.code(facts.profile.name, _some_words(facts, reading))
    return f"{column_of(facts.profile.name)} = {code}" if code else ""


def _kept_as_words(facts: ColumnFacts, reading: Readable) -> str:
    """The line of pandas code that makes numbers among words missing, as the button does."""
    column, code = (
        column_of(facts.profile.name),
        reading.reader.code(facts.profile.name, _some_words(facts, reading)),
    )
    return f"{column} = {column}.mask({code}.notna())" if code else ""


def _numbers_alone(facts: ColumnFacts, reading: Readable) -> str:
    """The filter that takes the numbers among words: digits with their usual marks, or each of a few numbers;
    "" where neither says the same.
    """
    column, chosen = typed_column(facts.profile.name), reading.mask
    if (texts.matches(facts.distinct, _DIGITS_AND_MARKS) == chosen).all():
        return f'{column} matches "{_DIGITS_AND_MARKS}"'
    words = facts.distinct.filter(picked(chosen)).to_pylist()
    listed = ", ".join(typed_value(Value("text", word)) for word in words)
    return f"{column} is one of ({listed})" if len(words) <= NAMED and len(listed) < 3_000 else ""


def _some_words(facts: ColumnFacts, reading: Readable) -> list[str]:
    """The commonest distinct texts, those that are read and those that are not."""
    order = np.argsort(-facts.counts, kind="stable")[:CHECKED]
    words: list[str] = facts.distinct.take(order).to_pylist()
    return words


def _codes(facts: ColumnFacts, reading: Readable) -> bool:
    """Whether the digits are codes and no amounts.

    They are where the column's name says so; where some (over 0.1%) begin with a zero or are too long for a
    number; where all have one length of eight digits or more; where what is no number looks like a house
    number, such as 12a.
    """
    if facts.role == "id" or names_code(facts.profile.name):
        return True
    if _cells(facts, texts.CODE) > max(LEAST_CELLS - 1, 0.001 * reading.hits):
        return True
    others = int(facts.counts[texts.matches(facts.distinct, _HOUSE) & ~reading.mask].sum())
    return _one_length(facts, reading) or others >= max(LEAST_CELLS, 0.5 * reading.others)


def _cells(facts: ColumnFacts, pattern: str) -> int:
    return int(facts.counts[texts.matches(facts.distinct, pattern)].sum())


def _one_length(facts: ColumnFacts, reading: Readable) -> bool:
    """Whether 99% of the numbers are digits alone, of one length, long enough for a code."""
    import pyarrow.compute as pc

    digits = texts.matches(facts.distinct, _DIGITS) & reading.mask
    words = pc.utf8_trim_whitespace(facts.distinct.filter(picked(digits)))
    cells = np.bincount(
        np.asarray(pc.binary_length(words)), weights=facts.counts[digits], minlength=WIDTH + 1
    )
    return bool(cells[WIDTH:].max() >= 0.99 * reading.hits)
