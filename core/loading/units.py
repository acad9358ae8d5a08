"""The units that amounts carry: which currencies there are, and where one amount stands in two units."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

from core.loading.number_patterns import SIGNS

_CURRENCIES = {
    "US$": "$",
    "USD": "$",
    "EUR": "€",
    "GBP": "£",
    "JPY": "¥",
    "INR": "₹",
    "PLN": "zł",
    "CZK": "Kč",
}
_NO_CURRENCY = ("", "%", "‰")


def currencies(texts: Any, counts: Any, read: Sequence[Any]) -> tuple[tuple[str, int], ...]:
    """The currencies of the amounts that are ``read`` in one way or another, see `NumberReader`."""
    import pyarrow as pa
    import pyarrow.compute as pc

    units = units_of(texts)
    named = pc.and_(functools.reduce(pc.or_, read), pc.invert(pc.is_in(units, pa.array(_NO_CURRENCY))))
    cells: dict[str, int] = {}
    each = pa.table({"unit": units.filter(named), "cells": counts.filter(named)}).group_by("unit")
    for unit, met in zip(*each.aggregate([("cells", "sum")]).to_pydict().values(), strict=True):
        sign = _CURRENCIES.get(unit, unit.rstrip("."))
        cells[sign] = cells.get(sign, 0) + met
    return tuple(sorted(cells.items(), key=lambda held: (-held[1], held[0])))


def in_currency(texts: Any, sign: str) -> Any:
    """Which of the texts (an Arrow array) carry this currency, however it is written: EUR is €."""
    import pyarrow as pa
    import pyarrow.compute as pc

    alike = [sign, f"{sign}.", *(word for word, same in _CURRENCIES.items() if same == sign)]
    return pc.is_in(units_of(texts), pa.array(alike))


def units_of(texts: Any) -> Any:
    """The unit that each text carries, "" where it has none."""
    import pyarrow.compute as pc

    unit = pc.extract_regex(texts, f"(?P<unit>{SIGNS})").field(0)
    return pc.fill_null(unit, "")


def mixed_units(texts: Any, plain: Any, counts: Any) -> tuple[str, ...]:
    """The rarer units, where the same amount stands in two units: $5 and 5 € are not one number."""
    import pyarrow as pa
    import pyarrow.compute as pc

    units = units_of(texts)
    signed = pc.not_equal(units, "")
    if pc.count_distinct(units.filter(signed)).as_py() < 2:
        return ()
    pairs = pa.table({"value": pc.cast(plain, "double"), "unit": units, "cells": counts}).filter(signed)
    both = pairs.group_by("value").aggregate([("unit", "count_distinct")])
    if pc.max(both["unit_count_distinct"]).as_py() < 2:
        return ()
    cells = pairs.group_by("unit").aggregate([("cells", "sum")])
    order = sorted(
        zip(cells["cells_sum"].to_pylist(), cells["unit"].to_pylist(), strict=True),
        key=lambda p: (-p[0], p[1]),
    )
    return tuple(unit for _, unit in order[1:])
