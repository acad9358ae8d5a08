"""Lines whose quotes do not stand where they should: ``1,"Alpha" and "Beta"``. Standard library only, as
exported scripts bring all of this along.
"""

from __future__ import annotations

import csv
from typing import Any


def misquoted(line: str, settings: dict[str, Any]) -> bool:
    """Whether a quoted field of this line goes on after its closing quote. ``settings``: of Python's csv
    reader.

    >>> plain = {"delimiter": ",", "quotechar": '"'}
    >>> [misquoted(line, plain) for line in ('1,"Alpha" and "Beta"', '1,"Alpha, Beta"', '1,"x')]
    [True, False, False]
    """
    if not settings.get("quotechar") or settings["quotechar"] not in line:
        return False
    try:
        next(csv.reader([line], **{**settings, "strict": True}))
    except StopIteration:
        return False
    except csv.Error as error:
        return "expected after" in str(error)
    return False


def mended(line: str, width: int, settings: dict[str, Any]) -> list[str] | None:
    """The fields of a line that is `misquoted`, so read that there are ``width`` of them; None where no
    reading gives as many.

    A field in sound quotes is read as such. Of any other that begins with a quote, the quotes are text; if
    that does not give the number of fields, the quotes enclose all up to a quote before a delimiter.

    >>> plain = {"delimiter": ",", "quotechar": '"'}
    >>> mended('1,"Alpha" and "Beta"', 2, plain)
    ['1', '"Alpha" and "Beta"']
    >>> mended('"Table, 48" wide",7', 2, plain)
    ['Table, 48" wide', '7']
    """
    if settings.get("escapechar") or width >= 500:
        return None
    return LineReading(line.rstrip("\r\n"), settings).rest(0, width)


class LineReading:
    """A search for a reading of a line with a given number of fields, the likeliest tried first."""

    STEPS = 10_000  # fields that are tried
    ENDINGS = 8  # ends of one field that are tried

    def __init__(self, text: str, settings: dict[str, Any]) -> None:
        self.text = text
        self.mark, self.quote = settings["delimiter"], settings["quotechar"]
        self.skips = bool(settings.get("skipinitialspace"))
        self.steps = 0

    def rest(self, begin: int, left: int) -> list[str] | None:
        """The last ``left`` fields, which begin at this place of the text."""
        self.steps += 1
        if left == 0 or self.steps > self.STEPS:
            return None
        while self.skips and self.text[begin : begin + 1] == " ":
            begin += 1
        for stop, cell in self.endings(begin):
            if stop == len(self.text):
                if left == 1:
                    return [cell]
            elif (more := self.rest(stop + 1, left - 1)) is not None:
                return [cell, *more]
        return None

    def endings(self, begin: int) -> list[tuple[int, str]]:
        """Where the field that begins here may end, and what it then holds: best first."""
        stop = self.text.find(self.mark, begin)
        stop = len(self.text) if stop < 0 else stop
        plain = (stop, self.text[begin:stop])
        if self.text[begin : begin + 1] != self.quote:
            return [plain]
        ends = [*self.sound(begin), plain]
        at = begin + 1
        while len(ends) < self.ENDINGS and (at := self.text.find(self.quote, at)) >= 0:
            at += 1
            if self.text[at : at + 1] in ("", self.mark):
                ends.append((at, self.text[begin + 1 : at - 1]))
        return ends

    def sound(self, begin: int) -> list[tuple[int, str]]:
        """The end of a field in sound quotes, if this is one."""
        text, quote, at = self.text, self.quote, begin + 1
        while (at := text.find(quote, at)) >= 0:
            if text[at + 1 : at + 2] == quote:
                at += 2
                continue
            if text[at + 1 : at + 2] in ("", self.mark):
                return [(at + 1, text[begin + 1 : at].replace(quote * 2, quote))]
            break
        return []


def sound(line: str, width: int, settings: dict[str, Any]) -> str:
    """The line, or a well-formed one with the same fields where it is `misquoted` and can be `mended`."""
    if not misquoted(line, settings) or (fields := mended(line, width, settings)) is None:
        return line
    quote = settings["quotechar"]
    cells = [quote + cell.replace(quote, quote * 2) + quote for cell in fields]
    return str(settings["delimiter"]).join(cells) + "\n"
