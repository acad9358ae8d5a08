"""From text to the tree of a filter: a parser by recursive descent.

    filter := all ("or" all)*
    all    := item ("and" item)*
    item   := "not" item | "(" filter ")" | test
    test   := column comparison value
            | column ["is"] ["not"] ("one of" | "in") "(" value ("," value)* ")"      with or without brackets
            | column ["is"] ["not"] "between" value "and" value
            | column ["not"] ("contains" | "matches" | "equals") value
            | column "is" ["not"] ("missing" | value)
            | "duplicate of" column ("," column)*
            | "part is" ("train" | "serve")
            | "flagged by" name
            | "score" name "above" number
    comparison := "=" | "!=" | "<" | "<=" | ">" | ">="
    column := word | 'it''s in single quotes'
    value  := number | date | "true" | "false" | word | "text, "" doubled"
    name   := word | "text"                                           also a word of the grammar, as missing

Words of the grammar may be written in upper or lower case, and are bare words only as a column before a
comparison (score < 40), where they can be nothing else. Nothing is ever run: the
text becomes a tree, or a `FilterError` that says at which character it went wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from core.errors import FilterError
from core.filters.scanning import Token, moment_of, number_of, tokens, unquoted
from core.filters.tree import (
    And,
    Condition,
    DuplicateOf,
    FlaggedBy,
    Node,
    Not,
    Op,
    Or,
    PartIs,
    ScoreAbove,
    Value,
)
from core.phrases import name, quoted

VALUES = 1_000
PATTERN = 500  # characters of a pattern


class FilterLimits(NamedTuple):
    """How much a filter may say: characters, brackets and nots within each other, conditions."""

    length: int
    depth: int
    conditions: int


TYPED = FilterLimits(4_096, 20, 100)
# one that the program wrote: a value may be a whole cell, its quotes doubled; `the_others` says twice
# as much, and has one condition for each column of `duplicate of`
STORED = FilterLimits(4_000_000, 40, 2_400)

_COMPARISONS: dict[str, Op] = {"<": "<", "<=": "<=", "≤": "<=", ">": ">", ">=": ">=", "≥": ">="}
_SAME, _OTHER = ("=", "=="), ("!=", "<>", "≠")
_JOINING = ("and", "or", "not")
_ASKING = ("is", "not", "one", "in", "between", "contains", "matches", "equals")
_BY_WORD: dict[str, Op] = {"contains": "contains", "matches": "matches", "equals": "equals"}


def parse(text: str, limits: FilterLimits = TYPED) -> Node:
    """The tree of a filter. Raises `FilterError`, for one beyond the limits too.

    >>> parse("age < 0 or city is missing").items[1]
    Condition(column='city', op='missing', values=())
    """
    if len(text) > limits.length:
        raise FilterError(f"A filter has at most {limits.length:,} characters; this one has {len(text):,}")
    parser = _FilterParser(tokens(text), limits)
    if parser.token.kind == "end":
        raise FilterError("The filter is empty", hint="Write a condition, such as: age < 0")
    tree = parser.either(0)
    if parser.token.kind != "end":
        raise parser.wrong("Between two conditions stands 'and' or 'or'")
    return tree


class _FilterParser:
    """Reads tokens from left to right; ``token`` is the next one."""

    def __init__(self, tokens: Iterator[Token], limits: FilterLimits) -> None:
        self.tokens, self.limits = tokens, limits
        self.conditions = self.values = 0
        self.token = next(tokens)
        self.behind: Token | None = None

    def wrong(self, rule: str) -> FilterError:
        """The error that the next token is none that may stand there."""
        return FilterError(f"{rule}, not {self.token}", self.token.at)

    def take(self) -> Token:
        token, self.token = self.token, self.behind or next(self.tokens)
        self.behind = None
        return token

    def names_column(self) -> bool:
        """Whether the next token is a word of the grammar that can only be a column, by what follows it."""
        if self.token.kind != "keyword" or self.token.means(*_JOINING):
            return False
        self.behind = self.behind or next(self.tokens)
        own = self.token.means("part") and self.behind.means("is")
        return self.behind.means(*_COMPARISONS, *_SAME, *_OTHER, *_ASKING) and not own

    def met(self, *words: str) -> bool:
        """Step over the next token if it is one of these."""
        hit = self.token.means(*words)
        if hit:
            self.take()
        return hit

    def counted(self) -> None:
        """One more value, or column of ``duplicate of``."""
        self.values += 1
        if self.values > VALUES:
            raise FilterError(f"A filter has at most {VALUES:,} values", self.token.at)

    def expect(self, word: str, rule: str) -> None:
        if not self.met(word):
            raise self.wrong(rule)

    def either(self, depth: int) -> Node:
        items = self.joined("or", lambda: self.both(depth))
        return items[0] if len(items) == 1 else Or(items)

    def both(self, depth: int) -> Node:
        items = self.joined("and", lambda: self.item(depth))
        return items[0] if len(items) == 1 else And(items)

    def joined(self, word: str, read: Callable[[], Node]) -> tuple[Node, ...]:
        items = [read()]
        while self.met(word):
            items.append(read())
        return tuple(items)

    def item(self, depth: int) -> Node:
        opened = self.token
        if opened.means("not", "(") and depth == self.limits.depth:
            raise FilterError(
                f"Brackets and nots stand at most {self.limits.depth} deep within each other", opened.at
            )
        if self.met("not"):
            return Not(self.item(depth + 1))
        if self.met("("):
            inner = self.either(depth + 1)
            if not self.met(")"):
                raise FilterError(
                    f"The bracket that opens at character {opened.at} is not closed before {self.token}",
                    self.token.at,
                )
            return inner
        self.conditions += 1
        if self.conditions > self.limits.conditions:
            raise FilterError(f"A filter has at most {self.limits.conditions} conditions", opened.at)
        return self.test()

    def test(self) -> Node:
        if self.names_column():
            return self.condition(self.take())
        if self.met("duplicate"):
            return self.duplicate()
        if self.met("part"):
            return self.part()
        if self.met("flagged"):
            self.expect("by", "After 'flagged' comes 'by', or the column stands in single quotes")
            token = self.token
            return FlaggedBy(self.called("After 'flagged by' comes the code of a finding"), token.at)
        if self.met("score"):
            token = self.token
            analysis = self.called("After 'score' comes an analysis, or the column stands in single quotes")
            self.expect("above", f"After 'score {analysis[:40]}' comes 'above'")
            return ScoreAbove(analysis, number_of(self.number()), token.at)
        return self.condition(self.column())

    def duplicate(self) -> Node:
        self.expect("of", "After 'duplicate' comes 'of', or the column stands in single quotes")
        columns = [self.column()]
        while self.met(","):
            self.counted()
            columns.append(self.column())
        names = tuple(unquoted(token) for token in columns)
        return DuplicateOf(names, tuple(token.at for token in columns))

    def part(self) -> Node:
        self.expect("is", "After 'part' comes 'is', or the column stands in single quotes")
        negated = self.met("not")
        token = self.token
        if token.kind == "word" and token.text.casefold() in ("train", "serve"):
            self.take()
            part = PartIs("train" if token.text.casefold() == "train" else "serve")
            return Not(part) if negated else part
        raise self.wrong("After 'part is' comes train or serve, or the column 'part' stands in single quotes")

    def called(self, rule: str) -> str:
        named = self.token.kind == "keyword" and not self.token.means(*_JOINING)
        if not named and self.token.kind not in ("word", "text"):
            raise self.wrong(rule)
        return unquoted(self.take())

    def number(self) -> Token:
        if self.token.kind != "number":
            raise self.wrong("Here stands a number")
        return self.take()

    def column(self) -> Token:
        if self.token.kind not in ("word", "column"):
            raise self.wrong("Here stands a column, in single quotes where its name is not one plain word")
        return self.take()

    def condition(self, token: Token) -> Node:
        column, negated = unquoted(token), False

        def tested(op: Op, *values: Value) -> Node:
            condition = Condition(column, op, values, token.at)
            return Not(condition) if negated else condition

        if self.token.means(*_COMPARISONS):
            return tested(_COMPARISONS[self.take().text], self.value())
        if self.met(*_SAME):
            return tested("is", self.value())
        if self.met(*_OTHER):
            negated = True
            return tested("is", self.value())
        plainly = self.met("is")
        negated = self.met("not")
        if self.met("one"):
            self.expect("of", "After 'one' comes 'of'")
            return tested("one of", *self.several())
        if self.met("in"):
            return tested("one of", *self.several())
        if self.met("between"):
            return tested("between", *self.ends())
        if plainly:
            return tested("missing") if self.met("missing") else tested("is", self.value())
        if self.token.means(*_BY_WORD):
            op = _BY_WORD[self.take().text.casefold()]
            return tested(op, self.value(PATTERN if op == "matches" else 0))
        raise self.wrong(f"After the column {name(column[:40])} comes a comparison such as is, < or contains")

    def several(self) -> tuple[Value, ...]:
        opened = self.met("(")
        values = [self.value()]
        while self.met(","):
            values.append(self.value())
        if opened:
            self.expect(")", "The values end with a closing bracket")
        return tuple(values)

    def ends(self) -> tuple[Value, Value]:
        low = self.value()
        self.expect("and", "After 'between' and a value comes 'and'")
        high = self.value()
        if low.kind == high.kind and low.content > high.content:  # type: ignore[operator]
            raise FilterError("The first value after 'between' lies above the second", low.at)
        return low, high

    def value(self, longest: int = 0) -> Value:
        """The next value; one of at most ``longest`` characters where that is given."""
        token = self.token
        self.counted()
        if token.kind == "column":
            raise FilterError(
                f"{quoted(unquoted(token))} stands in single quotes, as columns do: values stand in double "
                "ones",
                token.at,
            )
        if token.means("true", "false"):
            return Value("boolean", self.take().text.casefold() == "true", token.at)
        if token.kind == "number":
            return Value("number", number_of(self.take()), token.at)
        if token.kind == "date":
            return Value("date", moment_of(self.take()), token.at)
        if token.kind not in ("word", "text"):
            raise self.wrong("Here stands a value: a number, a date, true, false or text in double quotes")
        text = unquoted(self.take())
        if longest and len(text) > longest:
            raise FilterError(f"A pattern has at most {longest} characters", token.at)
        return Value("text", text, token.at)
