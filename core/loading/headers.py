"""Whether the first row of a table holds names or values, where it looks like values: years, months, doses,
wavelengths and dates are column names too.

`header_odds` adds up pieces of evidence, each a log-odds in nats: text above numbers, quotes that no row
below has, a sequence across the row (2019, 2020, 2021) where the rows below have none, values far from those
below, and so on. The weights were set by hand; how often the answer is right is measured in
``tests/core/loading/test_headers.py``.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache
from typing import Literal

from core.loading.header_values import value_odds
from core.loading.text import NULL_TOKENS

CellKind = Literal["", "number", "date", "text"]

_NUMBER = re.compile(r"\s*[+-]?[$€£]?(\d[\d.,]*|[.,]\d+)([eE][+-]?\d+)?\s*%?\s*$")
_DATE = re.compile(r"\s*\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}([T ]+[\d:.]+.*)?\s*$|\s*\d{1,2}:\d{2}(:\d{2})?\s*$")
_SHORT = 80  # characters of a cell that is worth keeping in memory
_COMMON = frozenset(
    "id name names date time datetime timestamp year month day week hour country state region city province "
    "county district sample subject patient participant person gene protein species class label target type "
    "category group key index idx code title text description comment note notes value values count number "
    "no nr user username email phone address zip sex gender age item product sku station site location area "
    "sensor device metric measure variable indicator series feature unit currency symbol ticker status "
    "quarter period team player course school student company customer store brand model drug dose treatment "
    "concentration wavelength wavenumber frequency row column cell source url path file filename".split()
)
_UNIT = re.compile(
    r"\(.*\)|\[.*\]|[%‰°]|°?[CFK]|[munpkMGcdh]?(m|g|s|l|L|Pa|W|Wh|V|A|Hz|J|N|mol|bar|b|B)([23²³]|[/^*·].*)?"
    r"|sec|min|h|hr|hours?|days?|years?|ft|in|lb|lbs|oz|mph|kmh|km/h|rpm|ppm|ppb|deg|rad|usd|eur|gbp|count"
    r"|string|str|text|int|int64|integer|float|double|numeric|number|bool|boolean|date|datetime|varchar.*"
)


def kind_of(cell: str) -> CellKind:
    """What a cell looks like; "" for an empty one and for the usual words for a missing value.

    >>> [kind_of(cell) for cell in ("1,5", "$3", "1/22/20", "12:30", "N/A", " ", "2019-20")]
    ['number', 'number', 'date', 'date', '', '', 'text']
    """
    return _short_kind(cell) if len(cell) <= _SHORT else _kind(cell)


def _kind(cell: str) -> CellKind:
    bare = cell.strip()
    if not bare or bare.lower() in NULL_TOKENS:
        return ""
    if _NUMBER.match(cell):
        return "number"
    return "date" if _DATE.match(cell) else "text"


_short_kind = lru_cache(1 << 14)(_kind)  # the cells of a sample are looked at for each delimiter and header


def column_kinds(body: list[list[str]], width: int) -> list[CellKind]:
    """The kind that at least four of five filled cells of a column have; "text" where there is none, "" for a
    column without values.
    """
    kinds: list[CellKind] = []
    for place in range(width):
        counts = Counter(kind for row in body if place < len(row) and (kind := kind_of(row[place])))
        kind, count = counts.most_common(1)[0] if counts else ("", 0)
        kinds.append(kind if count >= 0.8 * counts.total() else "text")
    return kinds


def is_names(record: list[str]) -> bool:
    """Whether all filled cells of a record are different texts, none of them a number, a date or a word for a
    missing value.
    """
    filled = [cell.strip() for cell in record if cell.strip()]
    return (
        bool(filled)
        and all(kind_of(cell) == "text" and len(cell) <= 200 for cell in filled)
        and len(set(filled)) == len(filled)
    )


def has_values(record: list[str]) -> bool:
    """Whether a record has a number or a date."""
    return any(kind_of(cell) in ("number", "date") for cell in record)


def is_units(record: list[str], kinds: list[CellKind]) -> bool:
    """Whether the cells above columns of numbers or dates are units of measurement or names of types."""
    above = [cell.strip() for cell, kind in zip(record, kinds, strict=False) if kind in ("number", "date")]
    filled = [cell for cell in above if cell not in ("", "-")]
    return bool(filled) and all(_UNIT.fullmatch(c) or _UNIT.fullmatch(c.lower()) for c in filled)


def header_odds(head: list[str], body: list[list[str]], quoted: bool = False) -> float:
    """The log-odds (nats) that ``head`` holds the names of the columns of ``body``, and is no row.

    ``quoted``: the numbers of ``head`` are in quotes, those of ``body`` are not.

    >>> header_odds(["country", "2019", "2020"], [["Norway", "5", "7"], ["Peru", "31", "28"]]) > 1
    True
    >>> header_odds(["5.1", "3.5", "1.4"], [["4.9", "3.0", "1.3"], ["4.7", "3.2", "1.5"]]) < -1
    True
    """
    if not body:
        numbers = sum(kind_of(cell) in ("number", "date", "") for cell in head)
        return -2.0 if numbers == len(head) else 0.5 - 3.0 * numbers / len(head)
    kinds = column_kinds(body, len(head))
    columns = [[row[i] for row in body if i < len(row)] for i in range(len(head))]
    places = [i for i, cell in enumerate(head) if kind_of(cell) == kinds[i] in ("number", "date")]
    odds = (-1.0 if places else 0.6) + (4.0 if quoted else 0.0)
    odds += _names(head, kinds, columns)
    return odds + value_odds(
        [head[i] for i in places], [columns[i] for i in places], [kinds[i] for i in places]
    )


def _names(head: list[str], kinds: list[CellKind], columns: list[list[str]]) -> float:
    """The evidence of cells that are not of the kind that stands below them, and of words above words."""
    unlike = like = 0.0
    for place, (cell, kind, below) in enumerate(zip(head, kinds, columns, strict=True)):
        mine = kind_of(cell)
        if kind in ("number", "date"):
            if mine and mine != kind:
                unlike += 4.0 if mine == "text" else 2.5
            elif not cell.strip() and place == 0 and len(below) > 1 and all(c.strip() for c in below):
                unlike += 2.0  # no name above the row labels
            elif not mine:
                like -= 0.5
        elif kind == "text":
            like += _word(cell, mine, below, place)
    return min(5.0, unlike) + max(-3.0, min(3.0, like))


def _word(cell: str, mine: CellKind, below: list[str], place: int) -> float:
    """The evidence of one cell above text."""
    bare = cell.strip()
    if not mine:
        blank = not bare and place == 0 and len(below) > 1 and all(c.strip() for c in below)
        return 2.0 if blank else -0.3
    if mine != "text":
        return -0.5
    if cell in below:
        return -2.0
    known = 2.0 if _usual(bare) else 0.0
    shapes = Counter(map(shape_of, below))
    shape, count = shapes.most_common(1)[0]
    other = 1.0 if count >= 0.9 * len(below) and len(below) > 2 and shape != shape_of(cell) else 0.0
    levels = 0.7 if len(below) > 4 and len(set(below)) <= 0.5 * len(below) else 0.0
    return known + other + levels - (0.6 if len(bare) > 40 else 0.0)


def _usual(cell: str) -> bool:
    """Whether a cell has a word that is usual in the names of columns, and few others."""
    words = re.split(r"[\W_]+|(?<=[a-z])(?=[A-Z])", cell.strip())
    return len(words) <= 4 and any(word.lower() in _COMMON for word in words)


def usual_names(record: list[str]) -> float:
    """The share of the filled cells of a record that have a word usual in the names of columns.

    >>> usual_names(["name", "City", "", "favourite food"]), usual_names(["Sales", "of May"])
    (0.6666666666666666, 0.0)
    """
    filled = [cell for cell in record if cell.strip()]
    return sum(map(_usual, filled)) / len(filled) if filled else 0.0


def shape_of(cell: str) -> str:
    """What a text is made of: runs of letters by case, digits, other marks."""
    text = re.sub(r"[^\W\d_]+", lambda run: "A" if run[0].isupper() else "a", cell.strip())
    return re.sub(r"\d+", "0", re.sub(r"(?:[Aa][ ]?)+", "a" if "a" in text else "A", text))
