"""Whether numbers, dates and times in a first row are names of columns: they go on across the row, and are
unlike those below them.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from datetime import date

_DAY = re.compile(r"\s*(\d{1,4})[-/.](\d{1,2})[-/.](\d{1,4})")
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?")
_YEARS = range(1700, 2200)
_PROGRESS = 8  # rows below the first by which the progress of a column is judged


def value_odds(head: list[str], columns: list[list[str]], kinds: Sequence[str]) -> float:
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


def _sequence(mine: list[float], rows: list[tuple[str, ...]], kinds: Sequence[str]) -> float:
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


def _years(head: list[str], mine: list[float], below: list[list[float]], kinds: Sequence[str]) -> float:
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
