"""Whether the first row of a table holds names or values, where it looks like values: years, months, doses,
wavelengths and dates are column names too.

`header_odds` adds up pieces of evidence, each a log-odds in nats: text above numbers, quotes that no row
below has, a sequence across the row (2019, 2020, 2021) where the rows below have none, values far from those
below, and so on. The weights were set by hand; how often the answer is right is measured in
``tests/core/loading/test_headers.py``.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from datetime import date
from functools import lru_cache
from typing import Literal

from core.loading.text import NULL_TOKENS

CellKind = Literal["", "number", "date", "text"]

_NUMBER = re.compile(r"\s*[+-]?[$€£]?(\d[\d.,]*|[.,]\d+)([eE][+-]?\d+)?\s*%?\s*$")
_DATE = re.compile(r"\s*\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}([T ]+[\d:.]+.*)?\s*$|\s*\d{1,2}:\d{2}(:\d{2})?\s*$")
_DAY = re.compile(r"\s*(\d{1,4})[-/.](\d{1,2})[-/.](\d{1,4})")
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?")
_YEARS = range(1700, 2200)
_SHORT = 80  # characters of a cell that is worth keeping in memory
_PROGRESS = 8  # rows below the first by which the progress of a column is judged
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
    return odds + _labels([head[i] for i in places], [columns[i] for i in places], [kinds[i] for i in places])


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


def _labels(head: list[str], columns: list[list[str]], kinds: list[CellKind]) -> float:
    """The evidence of numbers above numbers and dates above dates: names are a sequence, and unlike what
    stands below them.
    """
    if not head:
        return 0.0
    values = [_value(cell) for cell in head]
    if any(value is None for value in values):
        return -1.0
    mine = [value for value in values if value is not None]
    below = [[value for cell in column if (value := _value(cell)) is not None] for column in columns]
    if len(set(mine)) < len(mine):
        return -3.0
    rows = [row for row in zip(*columns, strict=False)]
    return (
        _sequence(mine, rows, kinds)
        + _years(head, mine, below, kinds)
        + _apart(mine, below)
        + _written(head, columns)
    )


def _sequence(mine: list[float], rows: list[tuple[str, ...]], kinds: list[CellKind]) -> float:
    """The evidence of values that rise or fall across the row, in equal steps even, where few rows do so."""
    if len(mine) < 3 or not (rising := _monotone(mine)):
        return 0.0 if len(mine) < 3 else -1.5
    others = [[v for v in values if v is not None] for values in ([_value(c) for c in row] for row in rows)]
    same = sum(len(row) == len(mine) and _monotone(row) == rising for row in others)
    even = _even(mine)
    also = sum(len(row) == len(mine) and _even(row) for row in others)
    rate = max((same + 0.5) / (len(others) + 1), 2.0 / math.factorial(min(len(mine), 10)))
    odds = min(3.0, -math.log(rate)) if rate < 0.5 else -1.0
    if even and also <= 0.1 * len(others):
        odds += 1.5 + (1.0 if len(mine) > 4 else 0.0)
    return odds


def _monotone(values: list[float]) -> int:
    steps = [b - a for a, b in zip(values, values[1:], strict=False)]
    if all(step > 0 for step in steps):
        return 1
    return -1 if all(step < 0 for step in steps) else 0


def _even(values: list[float]) -> bool:
    """Whether at least three values go in equal steps, or each by the same factor (as doses do)."""
    if len(values) < 3:
        return False
    steps = [b - a for a, b in zip(values, values[1:], strict=False)]
    if max(steps) - min(steps) <= 1e-6 * max(map(abs, values)) and steps[0]:
        return True
    if min(values) <= 0:
        return False
    ratios = [b / a for a, b in zip(values, values[1:], strict=False)]
    return len(values) > 3 and max(ratios) / min(ratios) < 1 + 1e-6 and ratios[0] != 1


def _years(head: list[str], mine: list[float], below: list[list[float]], kinds: list[CellKind]) -> float:
    """The evidence of years above numbers that are none."""
    if any(k != "number" for k in kinds) or not all(re.fullmatch(r"\s*\d{4}\s*", cell) for cell in head):
        return 0.0
    if not all(int(value) in _YEARS for value in mine):
        return 0.0
    held = [value for column in below for value in column]
    years = sum(value in _YEARS for value in held)
    if years > 0.3 * len(held):
        return 0.0
    return 1.0 + (2.0 if len(mine) > 1 and _monotone(mine) else 0.0)


def _apart(mine: list[float], below: list[list[float]]) -> float:
    """The evidence of values that lie apart from those below: further from them than any of their own steps
    and than half of their range.
    """
    apart = inside = again = usable = 0
    for value, column in zip(mine, below, strict=True):
        if len(column) < 2:
            continue
        usable += 1
        low, high = min(column), max(column)
        step = max(abs(b - a) for a, b in zip(column, column[1:], strict=False))
        gap = max(low - value, value - high)
        apart += gap > max(step, 0.5 * (high - low)) and gap > 0
        inside += gap <= 0
        again += value in column
    if not usable:
        return 0.0
    weight = min(1.0, 0.4 + 0.2 * usable) * min(1.0, 0.2 * max(map(len, below)))
    return weight * (3.0 * apart - 1.5 * inside) / usable - min(2.0, 2.0 * again / usable)


def going_on(head: list[str], body: list[list[str]]) -> float:
    """In how many of the columns, as a share of those with a number above, that number begins the very
    progress that the rows below go on with: equal steps, steps that change evenly, or one factor.

    >>> going_on(["0", "1"], [["1", "4"], ["2", "9"], ["3", "16"]])
    1.0
    >>> going_on(["0", "1"], [["1", "5"], ["2", "2"], ["3", "7"]])
    0.5
    """
    places = [place for place, cell in enumerate(head) if _value(cell) is not None]
    first = body[:_PROGRESS]
    on = 0
    for place in places:
        values = [_value(row[place]) if place < len(row) else None for row in [head, *first]]
        on += None not in values and _progress([value for value in values if value is not None])
    return on / len(places) if places else 0.0


def _progress(values: list[float]) -> bool:
    """Whether differences of the first, second or third order are all the same, at least two of them; or
    quotients, at least three.
    """
    near = 1e-9 * max(map(abs, values), default=0.0)
    steps = values
    for _ in range(3):
        steps = [b - a for a, b in zip(steps, steps[1:], strict=False)]
        if len(steps) > 1 and max(steps) - min(steps) <= near:
            return True
    if len(values) < 4 or min(values) <= 0:
        return False
    quotients = [b / a for a, b in zip(values, values[1:], strict=False)]
    return max(quotients) - min(quotients) <= 1e-9 * max(quotients)


def _written(head: list[str], columns: list[list[str]]) -> float:
    """The evidence of whole numbers above decimals, or the other way round."""
    other = 0.0
    for cell, column in zip(head, columns, strict=True):
        filled = [c for c in column if c.strip()]
        share = sum(bool(re.search(r"\d[.,]\d", c)) for c in filled) / len(filled) if filled else 0.5
        other += len(filled) > 1 and (share < 0.05 if re.search(r"\d[.,]\d", cell) else share > 0.95)
    return 1.5 * other / len(head)


def _value(cell: str) -> float | None:
    """A number, or a day or time as one (days, month first where both fit); None where there is none."""
    if day := _DAY.match(cell):
        a, b, c = (int(part) for part in day.groups())
        if len(day[1]) == 4:
            year, month, number = a, b, c
        else:
            year, month, number = (c if c > 99 else 2000 + c), a, b
        if month > 12:
            month, number = number, month
        try:
            return float(date(year, month, number).toordinal())
        except (ValueError, OverflowError):
            return None
    if clock := _CLOCK.match(cell.strip()):
        return int(clock[1]) * 3600.0 + int(clock[2]) * 60 + int(clock[3] or 0)
    bare = re.sub(r"[\s$€£%]", "", cell)
    if "," in bare:
        thousands = re.fullmatch(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?", bare)
        bare = bare.replace(",", "") if thousands else bare.replace(".", "").replace(",", ".")
    try:
        value = float(bare)
    except ValueError:
        return None
    return value if math.isfinite(value) else None
