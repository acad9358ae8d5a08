"""A filter as a line of pyarrow: the same comparisons as `core.filters.evaluation` makes, with the types that
the columns have where it stands.
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Callable
from decimal import Decimal
from functools import reduce
from typing import Any

from core.dataset import Dataset
from core.export import prepare_parts as parts
from core.filters import Filter
from core.filters.tree import And, Condition, DuplicateOf, Node, Not, Or, PartIs, Test
from core.numerics.conditions import NUMBER, said_in

EPOCH = datetime.datetime(1970, 1, 1)  # noqa: DTZ001 as times in the data, without a zone
MICROSECOND = datetime.timedelta(microseconds=1)
HELPERS: tuple[Callable[..., Any], ...] = (
    parts.cells,
    parts.among,
    parts.throughout,
    parts.by_number,
    parts.repeated,
    parts.held,
)


def filter_code(rule: Filter, dataset: Dataset) -> str:
    """The filter as an expression that gives a boolean per row of ``frame``: false where it is unknown."""
    return f"held({_node(rule.tree, dataset)})"


def _node(node: Node, dataset: Dataset) -> str:
    if isinstance(node, Not):
        return f"pc.invert({_node(node.item, dataset)})"
    if isinstance(node, And | Or):
        join = "pc.and_kleene" if isinstance(node, And) else "pc.or_kleene"
        return reduce(lambda one, other: f"{join}({one}, {other})", (_node(i, dataset) for i in node.items))
    return _test(node, dataset)


def _test(test: Test, dataset: Dataset) -> str:
    if isinstance(test, PartIs):
        serve = 'about["serve"].to_numpy(bool)'
        return f"pa.array({serve if test.part == 'serve' else '~' + serve})"
    if isinstance(test, DuplicateOf):
        return f"repeated(frame, {list(test.columns)!r})"
    assert isinstance(test, Condition), "a decision keeps a filter that the data alone can answer"
    values = f"cells(frame, {test.column!r})"
    kind = dataset.table([test.column]).schema.field(0).type
    if test.op == "missing":
        return f"pc.is_null({values})"
    wanted = [value.content for value in test.values]
    if test.op == "contains":
        return f"pc.match_substring({values}.cast(pa.string()), {wanted[0]!r}, ignore_case=True)"
    if test.op == "matches":
        return f"pc.match_substring_regex({values}, {wanted[0]!r})"
    if test.op in ("is", "one of"):
        return _among(values, kind, wanted)
    if test.op == "equals":
        return _among(values, kind, list(said_in(kind, str(wanted[0]))))
    if test.op == "between":
        low, high = (
            _beyond(values, kind, end, above) for end, above in zip(wanted, (False, True), strict=True)
        )
        return f"pc.invert(pc.or_kleene({low}, {high}))"
    if test.op in ("<", ">"):
        return _beyond(values, kind, wanted[0], test.op == ">")
    return f"pc.invert({_beyond(values, kind, wanted[0], test.op == '<=')})"


def _among(values: str, kind: Any, wanted: list[Any]) -> str:
    import pyarrow as pa

    if pa.types.is_string(kind) and any(isinstance(cell, Decimal) for cell in wanted):
        return f"by_number({values}, lambda number: number in {wanted!r}, {NUMBER!r})"
    if pa.types.is_floating(kind):
        near = [float(cell) for cell in wanted]
        return f"among({values}, {[*near, *([0.0, -0.0] if 0.0 in near else [])]!r})"
    if pa.types.is_integer(kind):
        low, high = _ends(kind)
        held = [int(n) for n in wanted if low <= n <= high and n == n.to_integral_value()]
        return f"among({values}, {held!r})"
    return f"among({values}, {wanted!r})"


def _beyond(values: str, kind: Any, bound: Any, above: bool) -> str:
    import pyarrow as pa

    compare = "pc.greater" if above else "pc.less"
    if pa.types.is_timestamp(kind):
        return f"{compare}({values}.cast(pa.int64()), {(bound - EPOCH) // MICROSECOND})"
    if pa.types.is_floating(kind):
        return f"{compare}({values}, {float(bound)!r})"
    if pa.types.is_string(kind):
        sign = ">" if above else "<"
        return f"by_number({values}, lambda number: number {sign} {bound!r}, {NUMBER!r})"
    low, high = _ends(kind)
    if low <= bound <= high:
        return (
            f"{compare}({values}, pa.scalar({math.floor(bound) if above else math.ceil(bound)}, pa.{kind}()))"
        )
    return f"throughout({values}, {bound < low if above else bound > high})"


def _ends(kind: Any) -> tuple[int, int]:
    return (0, 2**64 - 1) if str(kind) == "uint64" else (-(2**63), 2**63 - 1)
