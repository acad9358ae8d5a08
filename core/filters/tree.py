"""What a filter is made of: conditions, joined by and, or and not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Literal

Op = Literal["missing", "is", "one of", "equals", "contains", "matches", "<", "<=", ">", ">=", "between"]
ORDER: tuple[Op, ...] = ("<", "<=", ">", ">=", "between")
ValueKind = Literal["number", "date", "boolean", "text"]
PartName = Literal["train", "serve"]


@dataclass(frozen=True)
class Value:
    """What cells are compared with.

    content: a Decimal, a datetime (in UTC, without a zone), a bool or a str, as ``kind`` says.
    at: where it was typed, counted from 1; 0 if it was not.
    """

    kind: ValueKind
    content: Decimal | datetime | bool | str
    at: int = field(default=0, compare=False, repr=False)


@dataclass(frozen=True)
class Condition:
    """A condition on the cells of one column.

    op: ``equals`` is ``is`` without a check of types: where the value is none of the column's type, no row
        matches.
    values: none for ``missing``, two for ``between``, one or more for ``one of``, otherwise one.
    """

    column: str
    op: Op
    values: tuple[Value, ...] = ()
    at: int = field(default=0, compare=False, repr=False)


@dataclass(frozen=True)
class DuplicateOf:
    """Rows that share their values in these columns with another row."""

    columns: tuple[str, ...]
    places: tuple[int, ...] = field(default=(), compare=False, repr=False)


@dataclass(frozen=True)
class PartIs:
    """Rows of train, or of serve."""

    part: PartName


@dataclass(frozen=True)
class FlaggedBy:
    """Rows that a finding flags: all findings of a code, or the one with a key."""

    finding: str
    at: int = field(default=0, compare=False, repr=False)


@dataclass(frozen=True)
class ScoreAbove:
    """Rows whose score of an analysis lies above a number."""

    analysis: str
    bound: Decimal
    at: int = field(default=0, compare=False, repr=False)


@dataclass(frozen=True)
class Not:
    """Rows for which it does not hold; not those for which it is unknown."""

    item: Node


@dataclass(frozen=True)
class And:
    """Rows for which all of two or more hold."""

    items: tuple[Node, ...]


@dataclass(frozen=True)
class Or:
    """Rows for which any of two or more holds."""

    items: tuple[Node, ...]


Test = Condition | DuplicateOf | PartIs | FlaggedBy | ScoreAbove
Node = Test | Not | And | Or


def tests(node: Node) -> Iterator[Test]:
    """Everything in the tree that asks something of a row, from left to right."""
    if isinstance(node, Not):
        yield from tests(node.item)
    elif isinstance(node, And | Or):
        for item in node.items:
            yield from tests(item)
    else:
        yield node


def the_others(node: Node) -> Node:
    """What holds for the rows for which ``node`` does not hold or is unknown."""
    if isinstance(node, Not):
        return _held_or_unknown(node.item)
    if isinstance(node, And):
        return _any([the_others(item) for item in node.items])
    if isinstance(node, Or):
        return _all([the_others(item) for item in node.items])
    return _any([Not(node), *_unknown(node)])


def _held_or_unknown(node: Node) -> Node:
    if isinstance(node, Not):
        return the_others(node.item)
    if isinstance(node, And):
        return _all([_held_or_unknown(item) for item in node.items])
    if isinstance(node, Or):
        return _any([_held_or_unknown(item) for item in node.items])
    return _any([node, *_unknown(node)])


def _unknown(test: Test) -> list[Node]:
    """What holds for the rows for which the test is unknown; empty where it never is, or where only scores
    say so.
    """
    if isinstance(test, Condition):
        return [] if test.op == "missing" else [Condition(test.column, "missing")]
    if isinstance(test, DuplicateOf):
        return [_all([Condition(column, "missing") for column in test.columns])]
    return []


def _any(items: list[Node]) -> Node:
    """Joined by or; what is so already is not put in brackets."""
    flat = [part for item in items for part in (item.items if isinstance(item, Or) else (item,))]
    return flat[0] if len(flat) == 1 else Or(tuple(flat))


def _all(items: list[Node]) -> Node:
    flat = [part for item in items for part in (item.items if isinstance(item, And) else (item,))]
    return flat[0] if len(flat) == 1 else And(tuple(flat))
