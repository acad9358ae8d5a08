"""Lines whose quotes do not stand where they should: ``1,"Alpha" and "Beta"``. Standard library only, as
exported scripts bring these functions along.
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
    mark, quote = settings["delimiter"], settings["quotechar"]
    text = line.rstrip("\r\n")
    if settings.get("escapechar"):
        return None
    steps = 0

    def closings(begin: int) -> list[tuple[int, str]]:
        """Where a field that opens with a quote may end, and what it then holds: best first."""
        at, ends = begin + 1, []
        while (at := text.find(quote, at)) >= 0:
            if text[at + 1 : at + 2] == quote:
                at += 2
                continue
            if text[at + 1 : at + 2] in ("", mark):
                ends.append((at + 1, text[begin + 1 : at].replace(quote * 2, quote)))
            break
        stop = text.find(mark, begin)
        stop = len(text) if stop < 0 else stop
        ends.append((stop, text[begin:stop]))
        at = begin + 1
        while len(ends) < 8 and (at := text.find(quote, at)) >= 0:
            at += 1
            if text[at : at + 1] in ("", mark):
                ends.append((at, text[begin + 1 : at - 1]))
        return ends

    def rest(begin: int, left: int) -> list[str] | None:
        nonlocal steps
        steps += 1
        if left == 0 or steps > 10_000:
            return None
        if settings.get("skipinitialspace"):
            while text[begin : begin + 1] == " ":
                begin += 1
        if text[begin : begin + 1] == quote:
            ends = closings(begin)
        else:
            stop = text.find(mark, begin)
            stop = len(text) if stop < 0 else stop
            ends = [(stop, text[begin:stop])]
        for stop, cell in ends:
            if stop == len(text):
                if left == 1:
                    return [cell]
            elif (more := rest(stop + 1, left - 1)) is not None:
                return [cell, *more]
        return None

    return rest(0, width) if width < 500 else None


def sound(line: str, width: int, settings: dict[str, Any]) -> str:
    """The line, or a well-formed one with the same fields where it is `misquoted` and can be `mended`."""
    if not misquoted(line, settings) or (fields := mended(line, width, settings)) is None:
        return line
    quote = settings["quotechar"]
    cells = [quote + cell.replace(quote, quote * 2) + quote for cell in fields]
    return str(settings["delimiter"]).join(cells) + "\n"
