"""The amounts that a text column holds, with a unit behind them or without."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.analyses.profile.facts import ColumnFacts
from core.analyses.profile.formulas_and_units import UNITS, WITH_UNIT, units_behind
from core.analyses.profile.readable import Readable, some
from core.analyses.profile.stored_as_text import amounts_in_text
from core.loading.written_numbers import NumberReader, number_reader
from core.numerics import texts

_NEAR = 0.4  # of some values that look like amounts with a unit: below it half of all are none


@dataclass(frozen=True)
class UnitReader:
    """Reads numbers as ``numbers`` does, one of the ``units`` behind them or none."""

    numbers: NumberReader
    units: tuple[str, ...]

    def read(self, words: Any) -> Any:
        """The numbers of an Arrow array of texts, null where a text is not read.

        >>> import pyarrow as pa
        >>> kilos = UnitReader(NumberReader(".", whole=True), ("kg",))
        >>> kilos.read(pa.array(["12 kg", "1,200kg", "7", "12 lb", None])).to_pylist()
        [12, 1200, 7, None, None]
        """
        return self.numbers.read(_bare(words, self.units))


Reader = NumberReader | UnitReader


def amount_readers(facts: ColumnFacts, numbers: Readable | None) -> Iterator[tuple[Reader, Any]]:
    """The ways to read a text column of which half or more are amounts, the likeliest first, each with the
    numbers of the distinct texts; none for other columns.

    numbers: how much of it reads as numbers without a unit. The second way takes the other decimal mark,
    where both fit: 1.200 is a thousand or one.
    """
    import pyarrow as pa

    plain = numbers if amounts_in_text(facts, numbers) else None
    units, read = _with_unit(facts, plain) or ((), plain)
    if read is None:
        return
    way = read.reader
    assert isinstance(way, NumberReader)
    yield UnitReader(way, units) if units else way, read.values
    if not way.sure:
        bare, other = _bare(facts.distinct, units), "." if way.decimal == "," else ","
        turned = number_reader(bare, pa.array(facts.counts), other, stated=True)
        yield UnitReader(turned, units) if units else turned, turned.read(bare)


def _with_unit(facts: ColumnFacts, plain: Readable | None) -> tuple[tuple[str, ...], Readable] | None:
    """The three commonest units, and the amounts with one of them behind or none, where these are half of the
    values or more, and more than what reads as numbers without a unit; None elsewhere, and where they are
    codes.
    """
    import pyarrow as pa

    profile = facts.profile
    if profile.stored != "string" or profile.kind == "image" or not profile.present:
        return None
    looks = texts.matches(some(facts.values), WITH_UNIT).mean()
    if looks == 0 or (plain is None and looks < _NEAR):
        return None
    behind = units_behind(facts.distinct)
    held = pa.table({"unit": behind, "cells": pa.array(facts.counts)}).filter(behind.is_valid())
    each = held.group_by("unit").aggregate([("cells", "sum")]).to_pylist()
    common = sorted(each, key=lambda one: (-one["cells_sum"], one["unit"]))[:UNITS]
    if not common:
        return None
    units = tuple(one["unit"] for one in common)
    bare = _bare(facts.distinct, units)
    way = number_reader(bare, pa.array(facts.counts), facts.decimal)
    values = way.read(bare)
    mask = np.asarray(values.is_valid().to_numpy(zero_copy_only=False), bool) & ~facts.empty
    n, hits = int(facts.counts[~facts.empty].sum()), int(facts.counts[mask].sum())
    if hits <= (plain.hits if plain else 0):
        return None
    read = Readable(way, values, mask, facts.empty, hits, n)
    return (units, read) if amounts_in_text(facts, read) else None


def _bare(words: Any, units: tuple[str, ...]) -> Any:
    """The texts without these units behind their amounts."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if not units:
        return words
    parts = pc.extract_regex(words, WITH_UNIT)
    amount, unit = (pc.struct_field(parts, one) for one in ("amount", "unit"))
    known = pc.fill_null(pc.is_in(unit, pa.array(units, unit.type)), False)
    return pc.if_else(known, amount, words)
