"""Alerts on text columns that hold formulas instead of their values, or amounts with a unit behind them."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.analyses.profile.facts import ColumnFacts
from core.analyses.profile.rows import LEAST, LEAST_CELLS, rows_with
from core.analyses.profile.stored_as_text import CHECKED
from core.finding import Finding
from core.loading.written_numbers import NumberReader, number_reader
from core.numerics import texts
from core.phrases import column_of, count, name, quoted, verb

# RE2 takes letters and blanks of other scripts (°C, µg, a narrow blank) as \p{L} and \p{Z} alone
WITH_UNIT = (
    r"^\s*(?P<amount>[+\x{2212}-]?\d[\d.,'\s\p{Z}]*)"
    r"(?P<unit>[\p{L}°][^\d\s\p{Z}]{0,11}(?:[\s\p{Z}][\p{L}°]{1,11})?)[\s\p{Z}]*$"
)
_SPACED = r"[\s\p{Z}.,]"  # a blank before the unit, or a fraction: codes such as 12A have neither
AMOUNTS = 10  # different amounts from which they are no levels, such as "2 doors" and "4 doors"
_SHARE = 0.98  # of the values, that are such amounts
UNITS = 3  # most units of one column
_NO_UNITS = ("st", "nd", "rd", "th", "am", "pm", "a.m.", "p.m.", "e")  # places and times of day
_LETTERS = tuple("gmlsthdLWVAKCFJNΩ")  # units of one letter: other letters are seats, houses, parts
_DEGREES = ("C", "F", "K")  # of which one column may hold several
_CAPITALS = ("KB", "MB", "GB", "TB", "KG", "KM", "CM", "MM", "ML", "HP", "PS")  # of codes such as 12AB
_MONTHS = (  # of dates such as 12 May
    "jan feb mar apr may jun jul aug sep sept oct nov dec january february march april june july august "
    "september october november december januar jänner februar märz mär mrz mai juni juli okt oktober dez "
    "dezember janvier janv février févr fév mars avril avr juin juillet juil août septembre octobre "
    "novembre décembre déc enero ene febrero marzo abril abr mayo junio julio agosto ago septiembre "
    "octubre noviembre diciembre dic gennaio gen febbraio aprile maggio giugno giu luglio lug settembre "
    "ottobre ott dicembre janeiro fevereiro fev março maio junho julho setembro set outubro out novembro "
    "dezembro januari februari maart mrt mei augustus"
).split()


def formulas(facts: ColumnFacts) -> Finding | None:
    """Cells that are formulas of a spreadsheet, as text."""
    if facts.profile.stored != "string":
        return None
    chosen = texts.matches(facts.distinct, texts.FORMULA)
    cells = int(facts.counts[chosen].sum())
    if not cells:
        return None
    most = np.lexsort((np.arange(chosen.size), -facts.counts * chosen))[0]
    return Finding(
        code="formulas",
        title=f"{name(facts.profile.name)} holds formulas instead of their values: {cells:,} of "
        f"{count(facts.profile.present, 'cell')}, such as {quoted(facts.distinct[int(most)].as_py())}",
        severity="warning" if cells >= LEAST_CELLS else "info",
        score=0.6,
        why="A formula is text: the number that it stands for is not in the file, and each one differs.",
        suggestion="Save the spreadsheet again with values in place of formulas, and load that file; or "
        "treat these cells as missing.",
        rows=rows_with(facts, chosen),
        columns=(facts.profile.name,),
        value=cells / facts.profile.present,
        measure="share of cells with a formula",
        limit=0.0,
        n=facts.profile.present,
        action="blank",
        conditional=True,
    )


def units_behind(distinct: Any) -> Any:
    """The unit behind the amount of each text, null where there is none. Letters that stand close to whole
    numbers alone are codes, if it is one letter or all are capitals; so is one letter that is no unit, and
    are several capitals, other than degrees, in one column.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    parts = pc.extract_regex(pc.cast(distinct, pa.string()), WITH_UNIT)
    amount, unit = (pc.struct_field(parts, one) for one in ("amount", "unit"))
    whole = pc.invert(pc.match_substring_regex(amount, _SPACED))
    coded = pc.and_(
        pc.match_substring_regex(unit, r"^(?:\p{L}|\p{Lu}+)$"), pc.invert(pc.is_in(unit, pa.array(_CAPITALS)))
    )
    other = pc.and_(pc.equal(pc.utf8_length(unit), 1), pc.invert(pc.is_in(unit, pa.array([*_LETTERS, "°"]))))
    day = pc.is_in(pc.utf8_rtrim(pc.utf8_lower(unit), "."), pa.array(_MONTHS))
    told = pc.is_in(pc.utf8_lower(unit), pa.array(_NO_UNITS))
    spaced = pc.unique(unit.filter(pc.invert(whole)))
    close = pc.and_(coded, pc.invert(pc.is_in(unit, spaced)))
    capital = pc.fill_null(pc.match_substring_regex(unit, r"^\p{Lu}$"), False)
    letters = set(pc.unique(unit.filter(capital)).to_pylist())
    if len(letters) > 1 and letters - set(_DEGREES):  # amperes beside farads: rows of seats, 12 A and 7 F
        other = pc.or_(other, capital)
    none = pc.or_(pc.or_(other, told), pc.or_(day, close))
    return pc.if_else(pc.fill_null(none, True), None, unit)


class _Units(NamedTuple):
    """each: cells and unit, the commonest first. share: of the values that are amounts with one of them.
    others: the values that stand apart: amounts in any but the commonest unit; of one unit, those that are no
    numbers without it, and that the click makes missing.
    """

    each: list[tuple[int, str]]
    share: float
    others: NDArray[np.bool_]


def _units(facts: ColumnFacts) -> _Units | None:
    """The units behind the amounts of a column: of 98% of the values or more, ten different ones for each, in
    three units or fewer; None for any other column.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    profile = facts.profile
    if profile.stored != "string" or profile.present < LEAST or profile.distinct < AMOUNTS:
        return None
    some = facts.distinct.slice(0, 2 * int((1.0 - _SHARE) * profile.present) + 1)
    without = ~texts.matches(some, WITH_UNIT)
    if facts.counts[: len(some)][without].sum() > (1.0 - _SHARE) * profile.present:
        return None  # whatever the others are
    unit = units_behind(facts.distinct)
    held = pa.table({"unit": unit, "cells": pa.array(facts.counts)}).filter(pc.is_valid(unit))
    units = held.group_by("unit").aggregate([("cells", "sum"), ("unit", "count")])
    share = (pc.sum(held["cells"]).as_py() or 0) / profile.present
    if share < _SHARE or units.num_rows > UNITS or len(held) < AMOUNTS * units.num_rows:
        return None
    each = sorted(zip(units["cells_sum"].to_pylist(), units["unit"].to_pylist(), strict=True), reverse=True)
    if len(each) > 1:
        apart = pc.fill_null(pc.not_equal(unit, each[0][1]), False)
    else:
        apart = pa.array(_unread(facts, _without(facts, each[0][1])[0]))
    others = np.asarray(apart.to_numpy(zero_copy_only=False), bool) & ~facts.empty
    return _Units(each, share, others)


def unit_in_text(facts: ColumnFacts) -> Finding | None:
    """Amounts with a unit behind each, stored as text, that no reader of numbers takes (`_units`)."""
    units = _units(facts)
    if units is None:
        return None
    profile, each = facts.profile, units.each
    listed = ", ".join(f"{quoted(word)} ({cells:,})" for cells, word in each)
    several = len(each) > 1
    rows = rows_with(facts, units.others)
    read = {} if several else _read_without(facts, each[0][1])
    return Finding(
        code="unit_in_text",
        title=f"{name(profile.name)} holds amounts with a unit, stored as text: {listed}, of "
        f"{count(profile.present, 'value')}",
        severity="warning" if several else "info",
        score=0.5,
        why="Read as text, amounts have no order and no size"
        + ("; 5 of one unit are not 5 of another." if several else "."),
        suggestion=(
            f"Bring the {count(len(rows), 'cell')} that {verb(len(rows), 'is', 'are')} not in "
            f"{quoted(each[0][1])} to that unit in the source; then read the column as numbers, without the "
            "unit."
            if several
            else f"Read the column as numbers, without {quoted(each[0][1])}.{_lost(len(rows))}"
        ),
        rows=rows,
        columns=(profile.name,),
        value=units.share,
        measure="share of values that are amounts with a unit",
        limit=_SHARE,
        n=profile.present,
        **read,
    )


def with_unit(facts: ColumnFacts, mixed: Finding) -> Finding:
    """A finding on numbers among words that the click reads as numbers: where most of the words are amounts
    with a unit, it says so, and the click takes the commonest unit away, which the plain numbers are then in,
    too. Any other as it is.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    if mixed.code != "mixed_type" or mixed.action != "read_as":
        return mixed
    unit, plain = units_behind(facts.distinct), ~facts.empty & ~_unread(facts, facts.distinct)
    held = pa.table({"unit": unit, "cells": pa.array(facts.counts)}).filter(pc.is_valid(unit))
    units = held.group_by("unit").aggregate([("cells", "sum")])
    each = sorted(zip(units["cells_sum"].to_pylist(), units["unit"].to_pylist(), strict=True), reverse=True)
    amounts, words = sum(cells for cells, _ in each), int(facts.counts[~facts.empty & ~plain].sum())
    if not each or len(each) > UNITS or 2 * amounts < words:
        return mixed
    common = each[0][1]
    listed = ", ".join(f"{quoted(word)} ({cells:,})" for cells, word in each)
    left = _unread(facts, _without(facts, common)[0])
    return replace(
        mixed,
        title=f"{mixed.title}; {count(amounts)} more with a unit: {listed}",
        suggestion=f"Read the column as numbers, without {quoted(common)}, if plain numbers are in it, too."
        f"{_lost(int(facts.counts[left].sum()))}",
        rows=rows_with(facts, left if left.any() else ~facts.empty & ~plain),
        **_read_without(facts, common),
    )


def _unread(facts: ColumnFacts, words: Any) -> NDArray[np.bool_]:
    """Which of the distinct texts, written so, the reader of numbers does not take."""
    import pyarrow as pa

    left = number_reader(words, pa.array(facts.counts), facts.decimal).read(words).is_null()
    return np.asarray(left.to_numpy(zero_copy_only=False), bool) & ~facts.empty


def _lost(cells: int) -> str:
    """That these cells are no numbers and become missing.

    >>> _lost(0), _lost(1)
    ('', ' 1 cell is no number without it and becomes missing.')
    """
    are = verb(cells, "is no number without it and becomes", "are no numbers without it and become")
    return f" {count(cells, 'cell')} {are} missing." if cells else ""


def _without(facts: ColumnFacts, unit: str) -> tuple[Any, NumberReader]:
    """The distinct texts without the unit behind them, and what reads them as numbers."""
    import pyarrow as pa
    import pyarrow.compute as pc

    words = pc.replace_substring_regex(facts.distinct, rf"[\s\p{{Z}}]*{re.escape(unit)}[\s\p{{Z}}]*$", "")
    return words, number_reader(words, pa.array(facts.counts), facts.decimal)


def _read_without(facts: ColumnFacts, unit: str) -> dict[str, Any]:
    """The click that reads amounts without the unit behind them, and the same as code where pandas can."""
    import pyarrow as pa

    column, behind = column_of(facts.profile.name), r"\s*" + re.escape(unit) + r"\s*$"
    words, reader = _without(facts, unit)
    most = np.argsort(-facts.counts, kind="stable")[:CHECKED]
    code = reader.code(facts.profile.name, words.take(pa.array(most)).to_pylist())
    bare = f"{column}.str.replace({behind!r}, '', regex=True)"
    return {
        "action": "read_as",
        "settings": {"kind": "numeric", "unit": unit},
        "fix": f"{column} = {code.replace(column, bare, 1)}" if code else "",
    }
