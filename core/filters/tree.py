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
