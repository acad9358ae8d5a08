"""From the tree of a filter to text: as it is typed, and in words for a page."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal

from core.filters.tree import (
    And,
    Condition,
    DuplicateOf,
    FlaggedBy,
    Node,
    Not,
    Or,
    PartIs,
    ScoreAbove,
    Test,
    Value,
)
from core.filters.words import is_bare
from core.finding_words import key_in_words
from core.phrases import name, names, quoted

SHOWN = 3  # values that are named in words
_ORDER = {"<": "is below", "<=": "is at most", ">": "is above", ">=": "is at least"}
_ORDER_OF_DATES = {"<": "is before", "<=": "is at or before", ">": "is after", ">=": "is at or after"}


def written(tree: Node) -> str:
    """The text that `core.filters.reading.parse` reads as this tree.

    >>> from core.filters.reading import parse
    >>> written(parse("not (age>5 OR 'a b' = 1) and city in (Oslo, \\"Bergen\\")"))
    'not (age > 5 or \\'a b\\' is 1) and city is one of ("Oslo", "Bergen")'
    """
    return _joined(tree, _typed, (Or,))


def in_words(tree: Node) -> str:
    """The filter in words, for a page: columns in single quotes, long texts cut, at most three values, and
    brackets wherever and meets or.

    >>> from core.filters.reading import parse
    >>> in_words(parse("age < 0 or not city contains Os"))
    "'age' is below 0 or 'city' does not contain 'Os'"
    """
    return _joined(tree, _spoken, (And, Or))


def _joined(node: Node, say: Callable[[Test, bool], str], within_or: tuple[type, ...]) -> str:
    """The tree with brackets that keep its shape.

    say: writes a test, or what it denies. within_or: what stands in brackets where it is joined by or.
    """

    def bracketed(inner: Node, around: tuple[type, ...]) -> str:
        text = _joined(inner, say, within_or)
        return f"({text})" if isinstance(inner, around) else text

    if isinstance(node, Not):
        inner = node.item
        if isinstance(inner, Not | And | Or):
            return "not " + bracketed(inner, (And, Or))
        return say(inner, True)
    if isinstance(node, And):
        return " and ".join(bracketed(item, (And, Or)) for item in node.items)
    if isinstance(node, Or):
        return " or ".join(bracketed(item, within_or) for item in node.items)
    return say(node, False)


def _typed(test: Test, denied: bool) -> str:
    if isinstance(test, Condition):
        return _condition(test, denied)
    if isinstance(test, PartIs):
        return f"part is {'not ' if denied else ''}{test.part}"
    if isinstance(test, DuplicateOf):
        text = "duplicate of " + ", ".join(map(_column, test.columns))
    elif isinstance(test, FlaggedBy):
        text = "flagged by " + (test.finding if is_bare(test.finding) else _text(test.finding))
    else:
        analysis = test.analysis if is_bare(test.analysis) else _text(test.analysis)
        text = f"score {analysis} above {test.bound}"
    return f"not {text}" if denied else text


def _condition(test: Condition, denied: bool) -> str:
    column, values = _column(test.column), [typed_value(value) for value in test.values]
    if test.op in ("missing", "is", "one of"):
        verb = "is not" if denied else "is"
        rest = {"missing": "missing", "one of": f"one of ({', '.join(values)})"}.get(test.op) or values[0]
        return f"{column} {verb} {rest}"
    if test.op in _ORDER:
        return f"{'not ' if denied else ''}{column} {test.op} {values[0]}"
    return f"{column} {'not ' if denied else ''}{test.op} {' and '.join(values)}"


def typed_value(value: Value) -> str:
    """A value as it is typed.

    >>> typed_value(Value("text", 'say "x"')), typed_value(Value("date", datetime(2024, 3, 1)))
    ('"say ""x\"""', '2024-03-01')
    """
    if isinstance(value.content, bool):
        return "true" if value.content else "false"
    if isinstance(value.content, datetime):
        return value.content.isoformat(" ").removesuffix(" 00:00:00")
    return _text(value.content) if isinstance(value.content, str) else str(value.content)


def _text(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def _column(column: str) -> str:
    return column if is_bare(column) else "'" + column.replace("'", "''") + "'"


def typed_column(column: str) -> str:
    """A column's name as it is typed.

    >>> typed_column("age"), typed_column("it's"), typed_column("and")
    ('age', "'it''s'", "'and'")
    """
    return _column(column)


def _spoken(test: Test, denied: bool) -> str:
    no = "not " if denied else ""
    if isinstance(test, PartIs):
        return f"the row is {no}of {test.part}"
    if isinstance(test, DuplicateOf):
        return f"{'no other' if denied else 'another'} row has the same {names(test.columns)}"
    if isinstance(test, FlaggedBy):
        return f"the row is {no}flagged ({key_in_words(test.finding)})"
    if isinstance(test, ScoreAbove):
        return f"the score of {quoted(test.analysis)} is {no}above {_short(test.bound)}"
    return f"{name(test.column)} {_verb(test, denied)}"


def _verb(test: Condition, denied: bool) -> str:
    values, no = [_value_in_words(value) for value in test.values], "not " if denied else ""
    if test.op == "missing":
        return f"is {no}missing"
    if test.op in ("is", "equals"):
        return f"is {no}{values[0]}"
    if test.op == "one of":
        if len(values) == 1:
            return f"is {no}{values[0]}"
        more = f" and {len(values) - SHOWN:,} more" if len(values) > SHOWN else ""
        return f"is {'none' if denied else 'one'} of {', '.join(values[:SHOWN])}{more}"
    if test.op == "between":
        return f"is {no}between {values[0]} and {values[1]}"
    if test.op in _ORDER:
        verb = (_ORDER_OF_DATES if test.values[0].kind == "date" else _ORDER)[test.op]
        return f"{verb.replace('is', 'is not', 1) if denied else verb} {values[0]}"
    if denied:
        return f"does not {'contain' if test.op == 'contains' else 'match'} {values[0]}"
    return f"{test.op} {values[0]}"


def _value_in_words(value: Value) -> str:
    if isinstance(value.content, str):
        return quoted(value.content)
    return _short(value.content) if isinstance(value.content, Decimal) else typed_value(value)


def _short(number: Decimal) -> str:
    text = str(number)
    return text if len(text) <= 40 else text[:39] + "…"
