"""Dates written in the ways people write them. Each layout is one pattern; a column must fit one of them from
end to end.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from core.loading.shapes import Parts, Shaped

if TYPE_CHECKING:
    import pyarrow as pa

_SECOND = r"(?::(?P<S>\d{2})(?:[.,](?P<f>\d{1,9}))?)?"
_CLOCK = rf"(?:[T ]+(?P<H>\d{{1,2}}):(?P<M>\d{{2}}){_SECOND}\s*(?P<p>[AaPp]\.?[Mm]\.?)?)?"
_ZONE = r"\s*(?P<z>Z|UTC|[+-]\d{2}(?::?\d{2})?)?"
_WORD = r"(?P<b>[A-Za-z]{3,9})\.?"
_MONTHS = ["january", "february", "march", "april", "may", "june", "july"]
_MONTHS += ["august", "september", "october", "november", "december"]
_MONTH_WORDS = {form: n for n, word in enumerate(_MONTHS, 1) for form in (word, word[:3], word[:4])}


def _layouts() -> dict[str, str]:
    patterns = {"year-month-day": r"(?P<Y>\d{4})-(?P<m>\d{1,2})-(?P<d>\d{1,2})"}
    for mark in "/.":
        sep = "\\" + mark
        patterns[f"year{mark}month{mark}day"] = rf"(?P<Y>\d{{4}}){sep}(?P<m>\d{{1,2}}){sep}(?P<d>\d{{1,2}})"
    for mark in "/-.":
        sep = "\\" + mark
        for year, digits in (("year", 4), ("yr", 2)):
            patterns[f"month{mark}day{mark}{year}"] = (
                rf"(?P<m>\d{{1,2}}){sep}(?P<d>\d{{1,2}}){sep}(?P<Y>\d{{{digits}}})"
            )
            patterns[f"day{mark}month{mark}{year}"] = (
                rf"(?P<d>\d{{1,2}}){sep}(?P<m>\d{{1,2}}){sep}(?P<Y>\d{{{digits}}})"
            )
    patterns["day month-name year"] = rf"(?P<d>\d{{1,2}})[ -]{_WORD}[ -](?P<Y>\d{{4}})"
    patterns["day month-name yr"] = rf"(?P<d>\d{{1,2}})[ -]{_WORD}[ -](?P<Y>\d{{2}})"
    patterns["month-name day, year"] = rf"{_WORD} (?P<d>\d{{1,2}}),? (?P<Y>\d{{4}})"
    return {name: f"^{date}{_CLOCK}{_ZONE}$" for name, date in patterns.items()}


LAYOUTS: dict[str, str] = _layouts()
# what is a date only where one is asked for
EVERY_LAYOUT: dict[str, str] = LAYOUTS | {
    "yearmonthday": rf"^(?P<Y>(?:1[5-9]|20|21)\d{{2}})(?P<m>\d{{2}})(?P<d>\d{{2}}){_CLOCK}{_ZONE}$"
}
# as shapes have them, whose digits are all 0; the years of the last one are looked at where it is read
DIGITS_ALIKE = LAYOUTS | {"yearmonthday": rf"^(?P<Y>\d{{4}})(?P<m>\d{{2}})(?P<d>\d{{2}}){_CLOCK}{_ZONE}$"}
_YEARS = (-62_135_596_800_000_000, 253_402_300_799_999_999)  # 0001-01-01 to the end of 9999, in microseconds


def ambiguous(layout: str) -> str | None:
    """The layout with day and month the other way round, for a layout that begins with the month as a
    number.
    """
    return (
        layout.replace("month", "#").replace("day", "month").replace("#", "day")
        if layout.startswith("month") and "-name" not in layout
        else None
    )


def read_dates(text: pa.Array, layout: str, shaped: Shaped | None = None) -> pa.Array:
    """Arrow timestamps (microseconds, no zone) of an Arrow string array; null where a text does not fit or is
    no real date of the years 1 to 9999.

    Offsets are converted to UTC. Two-digit years follow POSIX: 69 to 99 are 19xx, 00 to 68 are 20xx. Digits
    finer than a microsecond are cut off. shaped: the texts with their shapes, where these are known.

    >>> import pyarrow as pa
    >>> read_dates(pa.array(["2024-02-30", "2024-02-29T10:00:00+02:00"]), "year-month-day").to_pylist()
    [None, datetime.datetime(2024, 2, 29, 8, 0)]
    """
    import pyarrow as pa

    if layout == "year-month-day" and (stamps := _iso(text)) is not None:
        return stamps
    part = (shaped or Shaped.of(text)).parts(DIGITS_ALIKE[layout])
    year = _year(part)
    day_ok, days = _days(year, _month(part), part.number("d"))
    clock_ok, micros = _clock(part)
    stamps = days * 86_400_000_000 + micros - _offset(part)
    real = day_ok & clock_ok & (stamps >= _YEARS[0]) & (stamps <= _YEARS[1])
    if layout == "yearmonthday":
        real &= (year >= 1500) & (year < 2200)
    every, unread = np.zeros(len(text), np.int64), np.ones(len(text), bool)
    every[part.rows], unread[part.rows] = stamps, ~real
    return pa.array(every, mask=unread, type=pa.int64()).cast(pa.timestamp("us"))


def _iso(text: Any) -> Any:
    """The stamps as Arrow reads them, much faster than by pattern; None unless all are of the lengths of
    plain ISO 8601.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    lengths = pc.unique(pc.binary_length(text)).drop_null().to_pylist()
    if not set(lengths) <= {0, 10, 19, *range(21, 27)}:
        return None
    try:
        stamps = pc.cast(pc.if_else(pc.equal(text, ""), None, text), pa.timestamp("us"))
    except pa.ArrowInvalid:
        return None
    least = pc.min(stamps.cast(pa.int64())).as_py()
    return None if least is not None and least < _YEARS[0] else stamps  # Arrow knows a year 0


def has_offset(text: pa.Array, layout: str) -> bool:
    """Whether any of the texts carries an offset from UTC."""
    import pyarrow.compute as pc

    return bool(
        pc.any(
            pc.match_substring_regex(pc.utf8_trim_whitespace(text), r":\d{2}.*(Z|UTC|[+-]\d{2}:?\d{0,2})$")
        ).as_py()
    )


def _year(part: Parts) -> NDArray[np.int64]:
    year = part.number("Y")
    return np.where(part.sizes("Y") == 2, year + np.where(year >= 69, 1900, 2000), year)


def _month(part: Parts) -> NDArray[np.int64]:
    """Month number; 0 where the word names no month."""
    if "m" in part:
        return part.number("m")
    return part.spread([_MONTH_WORDS.get(word.lower(), 0) for word in part.word("b")])


def _days(
    year: NDArray[np.int64], month: NDArray[np.int64], day: NDArray[np.int64]
) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
    """Whether it is a real date, and its days since 1970."""
    ok = (year >= 1) & (month >= 1) & (month <= 12) & (day >= 1)
    months = ((np.where(ok, year, 1970) - 1970) * 12 + np.where(ok, month, 1) - 1).astype("M8[M]")
    first = months.astype("M8[D]").astype(np.int64)
    length = (months + 1).astype("M8[D]").astype(np.int64) - first
    return ok & (day <= length), first + day - 1


def _clock(part: Parts) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
    """Whether it is a real time of day, and its microseconds since midnight."""
    hour, minute, second = (part.number(group) for group in "HMS")
    half = part.spread([" ap".find(word[:1].lower() or " ") for word in part.word("p")])
    ok = (hour < 24) & (minute < 60) & (second < 60) & ((half == 0) | ((hour >= 1) & (hour <= 12)))
    hour = np.where(half == 0, hour, hour % 12 + 12 * (half == 2))
    fraction = part.number("f", digits=6) * 10 ** np.maximum(6 - part.sizes("f"), 0)
    return ok, ((hour * 60 + minute) * 60 + second) * 1_000_000 + fraction


def _offset(part: Parts) -> NDArray[np.int64]:
    """Microseconds east of UTC."""
    zones = part.word("z")
    sign = part.spread([{"+": 1, "-": -1}.get(zone[:1], 0) for zone in zones])
    minutes = part.spread([len(zone) > 3 for zone in zones]) * part.number("z", first=-2)
    return sign * (part.number("z", first=1, digits=2) * 60 + minutes) * 60_000_000
