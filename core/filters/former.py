"""Conditions as recipes of format 1 and older decisions files hold them: column, op and value."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from core.errors import SettingError
from core.filters.tree import Condition, Op, Value
from core.numerics.conditions import exact

OPS: dict[str, Op] = {
    "missing": "missing",
    "equals": "equals",
    "contains": "contains",
    "below": "<",
    "above": ">",
}


def from_where(plain: Mapping[str, Any]) -> Condition:
    """The condition that takes the same rows.

    >>> from_where({"column": "age", "op": "below", "value": 18})
    Condition(column='age', op='<', values=(Value(kind='number', content=Decimal('18')),))

    Raises KeyError, TypeError or `SettingError` where it is none.
    """
    column, op, value = plain["column"], plain["op"], plain.get("value")
    if set(plain) - {"column", "op", "value"} or not isinstance(column, str):
        raise TypeError("a condition has column, op and value")
    if op not in OPS:
        raise SettingError.unknown(str(op), list(OPS))
    if op == "missing":
        return Condition(column, "missing")
    if op in ("equals", "contains"):
        return Condition(column, OPS[op], (Value("text", str(value)),))
    return Condition(column, OPS[op], (_bound(value),))


def _bound(value: Any) -> Value:
    """A bound; text where it is no number, which is refused when the rows are asked for, as it was."""
    try:
        number: Decimal = exact(value)
    except ValueError:
        return Value("text", str(value))
    return Value("number", number)
