"""Alerts on text columns that hold formulas instead of their values, or amounts with a unit behind them."""

from __future__ import annotations

import numpy as np

from core.analyses.profile.measure import ColumnFacts
from core.analyses.profile.rows import LEAST, LEAST_CELLS, rows_with
from core.finding import Finding
from core.numerics import texts
from core.phrases import count, name, quoted

WITH_UNIT = r"^\s*[+-]?\d[\d.,' ]*\s?(?P<unit>[^\W\d_][^\d\s]{0,11}(?: [^\W\d_]{1,11})?)\s*$"
AMOUNTS = 10  # different amounts from which they are no levels, such as "2 doors" and "4 doors"
UNITS = 3  # most units of one column
_NO_UNITS = ("st", "nd", "rd", "th", "am", "pm", "a.m.", "p.m.", "e")  # places and times of day


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
    )


def unit_in_text(facts: ColumnFacts) -> Finding | None:
    """Amounts with a unit behind each, stored as text, that no reader of numbers takes: 98% of the values or
    more, ten different ones, in three units or fewer.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    profile = facts.profile
    if profile.stored != "string" or profile.present < LEAST or profile.distinct < AMOUNTS:
        return None
    unit = pc.struct_field(pc.extract_regex(pc.cast(facts.distinct, pa.string()), WITH_UNIT), "unit")
    unit = pc.if_else(pc.is_in(pc.utf8_lower(unit), pa.array(_NO_UNITS)), None, unit)
    held = pa.table({"unit": unit, "cells": pa.array(facts.counts)}).filter(pc.is_valid(unit))
    units = held.group_by("unit").aggregate([("cells", "sum"), ("unit", "count")])
    share = (pc.sum(held["cells"]).as_py() or 0) / profile.present
    if share < 0.98 or units.num_rows > UNITS or len(held) < AMOUNTS * units.num_rows:
        return None
    each = sorted(zip(units["cells_sum"].to_pylist(), units["unit"].to_pylist(), strict=True), reverse=True)
    listed = ", ".join(f"{quoted(word)} ({cells:,})" for cells, word in each)
    several = len(each) > 1
    valid = np.asarray(unit.is_valid().to_numpy(zero_copy_only=False), bool)
    return Finding(
        code="unit_in_text",
        title=f"{name(profile.name)} holds amounts with a unit, stored as text: {listed}, of "
        f"{count(profile.present, 'value')}",
        severity="warning" if several else "info",
        score=0.5,
        why="Read as text, amounts have no order and no size"
        + ("; 5 of one unit are not 5 of another." if several else "."),
        suggestion=("Bring the amounts to one unit in the source; then take" if several else "Take")
        + " the unit away with the step Find and replace, and read the column as numbers.",
        rows=rows_with(facts, ~valid),
        columns=(profile.name,),
        value=share,
        measure="share of values that are amounts with a unit",
        limit=0.98,
        n=profile.present,
    )
