"""A filter as lines to fill in: what the builder of the review page shows, and the text that it stands for.

Nothing here draws. Lines hold what was filled in, as text; a line that lacks something is left out of the
filter.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from core.errors import FilterError
from core.filters import Filter
from core.filters.evaluation import kind_of_values
from core.filters.tree import And, Condition, FlaggedBy, Node, Not, Op, Or, ScoreAbove, Value, ValueKind
from core.filters.writing import typed_column, typed_value
from core.numerics.conditions import exact

Join = Literal["and", "or"]
VERBS: dict[str, tuple[Op, bool]] = {  # the condition, and whether it is denied
    "is": ("is", False),
    "is not": ("is", True),
    "is one of": ("one of", False),
    "is none of": ("one of", True),
    "contains": ("contains", False),
    "does not contain": ("contains", True),
    "matches pattern": ("matches", False),
    "is below": ("<", False),
    "is at most": ("<=", False),
    "is above": (">", False),
    "is at least": (">=", False),
    "is between": ("between", False),
    "is missing": ("missing", False),
    "is not missing": ("missing", True),
}
DATED = {  # what some are called for dates
    "is below": "is before",
    "is at most": "is at or before",
    "is above": "is after",
    "is at least": "is at or after",
}
ALWAYS = ("missing",)
FLAGGED, SCORE = "\0flagged", "\0score"  # in the place of a column: what findings and scores say of the row
SCORED = "outliers"  # the analysis whose scores are asked for
ASKED: dict[str, tuple[str, ...]] = {FLAGGED: ("is", "is not"), SCORE: ("is above",)}
FITTING: dict[ValueKind, tuple[Op, ...]] = {
    "number": ("is", "one of", "<", "<=", ">", ">=", "between", *ALWAYS),
    "date": ("is", "<", "<=", ">", ">=", "between", *ALWAYS),
    "boolean": ("is", *ALWAYS),
    "text": ("is", "one of", "contains", "matches", *ALWAYS),
}
_DATE = re.compile(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d{1,6})?)?)?", re.ASCII)
# a number with separators: 1,234,567.5 or 1.234.567,5; one that either mark makes another number of; 0,5
_PARTED = re.compile(r"[-+]?[1-9]\d{0,2}(?:(?:,\d{3})+(?:\.\d+)?|(?:\.\d{3})+,\d+|(?:\.\d{3}){2,})")
_EITHER = re.compile(r"[-+]?[1-9]\d{0,2}[.,]\d{3}")
_COMMA = re.compile(r"[-+]?\d*,\d+")


@dataclass(frozen=True)
class ConditionLine:
    """One condition. number: tells it from the other lines. kind: of the values of its column. values: as
    they were filled in. decimal: the decimal mark of the source.
    """

    number: int
    column: str
    kind: ValueKind
    verb: str = "is"
    values: tuple[str, ...] = ()
    decimal: str = "."

    @property
    def text(self) -> str:
        """Its text in a filter; "" where something is still to be filled in.

        >>> ConditionLine(0, "age", "number", "is below", ("18",)).text
        'age < 18'
        >>> ConditionLine(0, "age", "number", "is below").text
        ''
        >>> ConditionLine(0, "a b", "text", "is none of", ("x", "5")).text
        '\\'a b\\' is not one of ("x", "5")'
        """
        op, denied = VERBS[self.verb]
        if self.column in ASKED:
            return self._asked("not " if denied else "")
        given = [
            _typed(text, self.kind, op, self.decimal)
            for text in self.values
            if self.kind == "text" or text.strip()
        ]
        no = "not " if denied else ""
        if op == "missing":
            return f"{typed_column(self.column)} is {no}missing"
        if len(given) < (2 if op == "between" else 1):
            return ""
        if op in ("is", "one of"):
            rest = given[0] if op == "is" else f"one of ({', '.join(given)})"
            return f"{typed_column(self.column)} is {no}{rest}"
        return f"{typed_column(self.column)} {no}{op} {' and '.join(given)}"

    def _asked(self, no: str) -> str:
        """The text of what is asked of findings or scores.

        >>> ConditionLine(0, FLAGGED, "text", "is not", ("outliers",)).text
        'not flagged by outliers'
        >>> ConditionLine(0, SCORE, "number", "is above", ("0.9",)).text
        'score outliers above 0.9'
        """
        first = next(iter(self.values), "").strip()
        if self.column == FLAGGED:
            return f"{no}{Filter(FlaggedBy(first))}" if first else ""
        return f"score {SCORED} above {_typed(first, 'number', '>', self.decimal)}" if first else ""

    @property
    def read_as(self) -> str:
        """How its numbers were read where a comma or a point could make others of them; "" where none could.

        >>> ConditionLine(0, "age", "number", "is below", ("1,234",)).read_as
        '1,234 is read as 1234: the comma parts thousands'
        >>> ConditionLine(0, "age", "number", "is below", ("1,234",), ",").read_as
        '1,234 is read as 1.234: the file has decimal commas'
        >>> ConditionLine(0, "age", "number", "is below", ("1.234",), ",").read_as
        'the point of 1.234 is read as the decimal mark'
        """
        if self.kind != "number" or VERBS[self.verb][0] in ("missing", "contains", "matches"):
            return ""
        doubtful = [text.strip() for text in self.values if _EITHER.fullmatch(text.strip())]
        commas = [text for text in doubtful if "," in text]
        read = " and ".join(f"{text} is read as {_plain_number(text, self.decimal)}" for text in commas)
        why = "the file has decimal commas" if self.decimal == "," else "the comma parts thousands"
        points = " and ".join(text for text in doubtful if text not in commas and self.decimal == ",")
        pointed = f"the point of {points} is read as the decimal mark" if points else ""
        return "; ".join(filter(None, [f"{read}: {why}" if read else "", pointed]))


@dataclass(frozen=True)
class ConditionGroup:
    """Lines in brackets, joined the other way than what stands around them."""

    lines: tuple[ConditionLine, ...]


@dataclass(frozen=True)
class ConditionLines:
    """The lines of a filter and how they are joined."""

    join: Join = "and"
    items: tuple[ConditionLine | ConditionGroup, ...] = field(default=())

    @property
    def text(self) -> str:
        """The filter; "" while no line is filled in."""
        other: Join = "or" if self.join == "and" else "and"
        parts = []
        for item in self.items:
            lines = item.lines if isinstance(item, ConditionGroup) else (item,)
            texts = [line.text for line in lines if line.text]
            inner = f" {other} ".join(texts)
            parts += [f"({inner})" if len(texts) > 1 else inner] if texts else []
        return f" {self.join} ".join(parts)

    def every(self) -> Iterator[ConditionLine]:
        """All lines, from top to bottom."""
        for item in self.items:
            yield from item.lines if isinstance(item, ConditionGroup) else (item,)

    def with_line(self, line: ConditionLine) -> ConditionLines:
        """The same with the line of this number changed."""
        return self._each(lambda old: (line,) if old.number == line.number else (old,))

    def without(self, number: int) -> ConditionLines:
        """The same without the line of this number; a group without lines goes too."""
        return self._each(lambda old: () if old.number == number else (old,))

    def _each(self, change: Callable[[ConditionLine], tuple[ConditionLine, ...]]) -> ConditionLines:
        items: list[ConditionLine | ConditionGroup] = []
        for item in self.items:
            if isinstance(item, ConditionGroup):
                lines = tuple(new for old in item.lines for new in change(old))
                items += [ConditionGroup(lines)] if lines else []
            else:
                items += change(item)
        return replace(self, items=tuple(items))


def _plain_number(text: str, decimal: str) -> str:
    """A number as Python writes it, without separators; a comma alone is the decimal mark where that of the
    source is one.

    >>> [_plain_number(text, ".") for text in ("7,043,545", "1,234.5", "1.234,5", "1,234", "1.234", "1,5")]
    ['7043545', '1234.5', '1234.5', '1234', '1.234', '1,5']
    >>> [_plain_number(text, ",") for text in ("7,043,545", "1,234.5", "1.234,5", "1,234", "1.234", "1,5")]
    ['7043545', '1234.5', '1234.5', '1.234', '1.234', '1.5']
    """
    if decimal == "," and _COMMA.fullmatch(text):
        return text.replace(",", ".")
    if not _PARTED.fullmatch(text):
        return text
    turned = text.rfind(".") < text.rfind(",") and "." in text or text.count(".") > 1
    return text.replace(".", "").replace(",", ".") if turned else text.replace(",", "")


def _typed(text: str, kind: ValueKind, op: Op, decimal: str = ".") -> str:
    """What was filled in as the filter has it: as the column's kind where it reads as such, else as text,
    which the check of the filter then names. A number may have the separators that it is shown with.

    >>> _typed("7,043,545", "number", "is"), _typed("-1,234.5", "number", "<"), _typed("1,5", "number", "is")
    ('7043545', '-1234.5', '"1,5"')
    """
    text = text.strip() if kind != "text" else text
    if kind == "number" and op not in ("contains", "matches"):
        try:
            return str(exact(_plain_number(text, decimal)))
        except ValueError:
            return typed_value(Value("text", text))
    if kind == "date" and _DATE.fullmatch(text):
        return text
    if kind == "boolean" and text.lower() in ("true", "false"):
        return text.lower()
    return typed_value(Value("text", text))


def from_filter(filter: Filter, stored: Mapping[str, str], first: int) -> ConditionLines | None:
    """The lines that stand for the filter; None where lines cannot.

    stored: column -> Arrow type. first: number of the first line.
    """
    numbers = iter(range(first, first + 1_000))
    tree = filter.tree
    join: Join = "or" if isinstance(tree, Or) else "and"
    around, within = (Or, And) if join == "or" else (And, Or)
    nodes = tree.items if isinstance(tree, around) else (tree,)
    items: list[ConditionLine | ConditionGroup] = []
    for node in nodes:
        inner = node.items if isinstance(node, within) else (node,)
        lines = [_line(one, stored, next(numbers)) for one in inner]
        if None in lines:
            return None
        real = tuple(line for line in lines if line is not None)
        items.append(ConditionGroup(real) if isinstance(node, within) else real[0])
    built = ConditionLines(join, tuple(items))
    try:
        return built if Filter.parse(built.text) == filter else None
    except FilterError:
        return None


def _line(node: Node, stored: Mapping[str, str], number: int) -> ConditionLine | None:
    denied = isinstance(node, Not)
    inner = node.item if isinstance(node, Not) else node
    if isinstance(inner, FlaggedBy):
        return ConditionLine(number, FLAGGED, "text", "is not" if denied else "is", (inner.finding,))
    if isinstance(inner, ScoreAbove) and not denied and inner.analysis == SCORED:
        return ConditionLine(number, SCORE, "number", "is above", (str(inner.bound),))
    if not isinstance(inner, Condition) or inner.column not in stored:
        return None
    verb = next((verb for verb, how in VERBS.items() if how == (inner.op, denied)), "")
    kind = kind_of_values(stored[inner.column])
    if not verb or inner.op not in FITTING[kind]:
        return None
    values = tuple(v.content if isinstance(v.content, str) else typed_value(v) for v in inner.values)
    if "" in values:  # in a line, an empty box is one to be filled in
        return None
    return ConditionLine(number, inner.column, kind, verb, values)
