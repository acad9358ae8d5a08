"""The pieces of which the text of a filter is made: words, signs, names, texts, numbers and dates."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal

from core.errors import FilterError
from core.filters.words import KEYWORDS, WORD
from core.phrases import quoted

EXPONENT = 99_999
_SCAN = re.compile(
    r"(?P<blank>\s+)"
    r"|(?P<date>[0-9]{4}-[0-9]{2}-[0-9]{2}"
    r"([T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?(Z|[+-][0-9]{2}:[0-9]{2})?)?)(?![\w.:-])"
    r"|(?P<number>[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,6})?)(?![\w.])"
    rf"|(?P<word>{WORD.pattern})"
    r"|(?P<column>'([^']|'')*+')"
    r'|(?P<text>"([^"]|"")*+")'
    r"|(?P<symbol><=|>=|==|!=|<>|[=<>≤≥≠(),])"
)


@dataclass(frozen=True)
class Token:
    """A piece of the text. kind: ``keyword``, ``word``, ``column``, ``text``, ``number``, ``date``,
    ``symbol`` or ``end``. at: its first character, counted from 1.
    """

    kind: str
    text: str
    at: int

    def means(self, *words: str) -> bool:
        """Whether it is one of these words of the grammar, or signs."""
        return self.kind in ("keyword", "symbol") and self.text.casefold() in words

    def __str__(self) -> str:
        return "the end" if self.kind == "end" else quoted(self.text)


def tokens(text: str) -> Iterator[Token]:
    """The pieces one by one, so that a text beyond the limits is not read to its end; then ends for ever."""
    at = 0
    while at < len(text):
        hit = _SCAN.match(text, at)
        if hit is None:
            raise _unreadable(text, at)
        kind, piece = str(hit.lastgroup), hit[0]
        if kind != "blank":
            keyword = kind == "word" and piece.casefold() in KEYWORDS
            yield Token("keyword" if keyword else kind, piece, at + 1)
        at = hit.end()
    while True:
        yield Token("end", "", len(text) + 1)


def _unreadable(text: str, at: int) -> FilterError:
    if text[at] in "'\"":
        return FilterError("The quote that opens here is never closed", at + 1)
    piece = re.split(r"[\s()<>=,]", text[at : at + 100], maxsplit=1)[0] or text[at]
    return FilterError(
        f"{quoted(piece)} is no number, date, word or sign of a filter: column names with other signs stand "
        "in single quotes, texts in double ones",
        at + 1,
    )


def unquoted(token: Token) -> str:
    """The name or text that a token stands for."""
    text = token.text
    if token.kind in ("column", "text"):
        text = text[1:-1].replace(text[0] * 2, text[0])
    if any("\ud800" <= letter <= "\udfff" for letter in text):
        raise FilterError(f"{ascii(text[:40])} holds half a character, which no data can hold", token.at)
    return text


def number_of(token: Token) -> Decimal:
    """The number that a token stands for."""
    number = Decimal(token.text)
    if abs(number.adjusted()) > EXPONENT:
        raise FilterError(f"{quoted(token.text)} lies beyond all numbers that data can hold", token.at)
    return number


def moment_of(token: Token) -> datetime:
    """The time that a token stands for, in UTC."""
    try:
        moment = datetime.fromisoformat(token.text)
        return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment
    except (ValueError, OverflowError) as error:
        raise FilterError(f"{quoted(token.text)} is no date of the calendar", token.at) from error
