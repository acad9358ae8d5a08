"""Whether commas are decimal marks in a delimited text, told from its first rows."""

from __future__ import annotations

import re

_COMMA_NUMBER = re.compile(r"[+-]?(\d{1,3}(\.\d{3})+|\d+),\d+$")
# a decimal comma for sure: 296,64 and 1.081,67 and 0,25, or any with a unit or currency (63,9 kg); a bare 2,5
# may be a list of two
_SIGN = "€$£¥₹₽₩₺₴₪₫"
_SURE_COMMA = re.compile(
    rf"[{_SIGN}]?\s?[+-]?(?:\d{{1,3}}(?:\.\d{{3}})+,\d+|\d{{3,}},(?:\d\d?|\d{{4,}})|0,\d\d+)[^\d.,]{{0,6}}$"
    rf"|[{_SIGN}]\s?[+-]?\d+,(?:\d\d?|\d{{4,}})$"
    rf"|[+-]?\d+,(?:\d\d?|\d{{4,}})\s?(?:[^\W\d_]|[°%{_SIGN}])[^\d.,]{{0,5}}$"
)
_SURE_GROUPS = re.compile(r"\D{0,3}\d{1,3}(?:(?:,\d{3})+\.\d|(?:,\d{3}){2})")
_GROUPED, _LONG = re.compile(r"[+-]?[1-9]\d{0,2}(?:,\d{3})+$"), re.compile(r"[+-]?[1-9]\d{2,}$")
_POINT_NUMBER = re.compile(r"[+-]?\d*\.\d+$")


def decimal_mark(body: list[list[str]], delimiter: str) -> str:
    """ "," when some column has decimal commas throughout and none has decimal points."""
    columns: dict[int, list[str]] = {}
    for row in body:
        for i, cell in enumerate(row):
            if cell.strip():
                columns.setdefault(i, []).append(cell.strip())
    commas = [sum(bool(_COMMA_NUMBER.match(c)) for c in cells) / len(cells) for cells in columns.values()]
    points = [sum(bool(_POINT_NUMBER.match(c)) for c in cells) / len(cells) for cells in columns.values()]
    thousands = all(
        re.match(r"[+-]?[1-9]\d{0,2}(,\d{3})+(\.\d+)?$", c) or "," not in c
        for cells in columns.values()
        for c in cells
    )
    if max(commas, default=0.0) < 0.3 or max(points, default=0.0) > 0.8:
        return "."
    return "." if thousands and delimiter != ";" else ","


def has_commas(cells: list[str], sure: bool) -> bool:
    """Whether more than half of some cells are numbers with a decimal comma. sure: a bare 2,5 is none, as it
    may be a list of two; where semicolons stand between cells it is one.

    >>> has_commas(["0,5", "12,50 €", "3"], sure=False), has_commas(["Ghent, Lyon", "0,5"], sure=False)
    (True, False)
    >>> has_commas(["0,5", "3,5"], sure=True), has_commas(["0,5 kg", "3,5 kg"], sure=True)
    (False, True)
    """
    kinds = (_SURE_COMMA,) if sure else (_SURE_COMMA, _COMMA_NUMBER)
    shown = sum(any(kind.match(cell.strip()) for kind in kinds) for cell in cells)
    return 2 * shown > len(cells)


def commas_too(body: list[list[str]]) -> bool:
    """Whether commas are decimal marks in a column, most of whose numbers can be read in no other way, and
    stand between thousands nowhere: neither for sure, nor beside as large numbers without (1,200 and 950).
    """
    columns: dict[int, list[str]] = {}
    for row in body:
        for i, cell in enumerate(row):
            columns.setdefault(i, []).append(cell.strip())
    shown = False
    for cells in columns.values():
        commas = [cell for cell in cells if "," in cell]
        if any(_SURE_GROUPS.match(cell) for cell in commas):
            return False
        if commas and all(_GROUPED.match(cell) for cell in commas) and any(map(_LONG.match, cells)):
            return False
        sure = sum(bool(_SURE_COMMA.match(cell)) for cell in commas)
        shown |= 10 * len(commas) >= len(body) and 2 * sure > len(commas)
    return shown
