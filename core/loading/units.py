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
_SHARES = ("%", "‰")
_NO_CURRENCY = ("", *_SHARES)


def currencies(units: Any, counts: Any, read: Sequence[Any]) -> tuple[tuple[str, int], ...]:
    """The currencies of the amounts that are ``read`` in one way or another, see `NumberReader`.

    units: of all texts, as `units_of` gives them.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    named = pc.and_(functools.reduce(pc.or_, read), pc.invert(pc.is_in(units, pa.array(_NO_CURRENCY))))
    return _cells_of(units.filter(named), counts.filter(named))


def scales(units: Any, values: Any, counts: Any) -> tuple[tuple[str, int], ...]:
    """How many cells of what is read carry a sign of per cent, and how many none, see `NumberReader`."""
    import pyarrow.compute as pc

    signs = shares(units)
    if not pc.any(pc.not_equal(signs, "")).as_py():
        return ()
    counted = pc.or_(pc.not_equal(signs, ""), pc.not_equal(values, 0.0))
    return _cells_of(signs.filter(counted), counts.filter(counted))


def shares(units: Any) -> Any:
    """The units that are signs of per cent, "" for others."""
    import pyarrow as pa
    import pyarrow.compute as pc

    return pc.if_else(pc.is_in(units, pa.array(_SHARES)), units, "")


def _cells_of(units: Any, counts: Any) -> tuple[tuple[str, int], ...]:
    """In how many cells each unit stands, the commonest first."""
    import pyarrow as pa

    cells: dict[str, int] = {}
    each = pa.table({"unit": units, "cells": counts}).group_by("unit")
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


def mixed_units(units: Any, values: Any, counts: Any) -> tuple[str, ...]:
    """The rarer units, where the same amount stands in two: $5 and 5 € are not one number, nor are 5% and 5.
    An amount without a unit may be of any currency, but is no percentage; 0 is 0 in all of them.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    if not pc.any(pc.not_equal(units, "")).as_py():
        return ()
    pairs = pa.table({"value": values, "unit": units, "share": shares(units), "cells": counts})
    currency = pc.invert(pc.is_in(units, pa.array(_NO_CURRENCY)))
    left_out = _rarer(pairs.filter(currency), "unit")
    signs = _rarer(pairs.filter(pc.not_equal(pairs["value"], 0.0)), "share")
    if "" in signs:
        left_out += tuple(unit for unit in pc.unique(units).to_pylist() if unit not in _SHARES)
    return tuple(dict.fromkeys(left_out + tuple(sign for sign in signs if sign)))


def _rarer(pairs: Any, by: str) -> tuple[str, ...]:
    """All but the commonest of the units, where the same value stands in two."""
    import pyarrow.compute as pc

    both = pairs.group_by("value").aggregate([(by, "count_distinct")])
    if not len(both) or pc.max(both[f"{by}_count_distinct"]).as_py() < 2:
        return ()
    cells = pairs.group_by(by).aggregate([("cells", "sum")])
    order = sorted(
        zip(cells["cells_sum"].to_pylist(), cells[by].to_pylist(), strict=True),
        key=lambda p: (-p[0], p[1]),
    )
    return tuple(unit for _, unit in order[1:])
