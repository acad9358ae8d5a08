"""Dates as people write them: `26/04/2019`, `4 May 2019`. One reader is chosen for a column, as of numbers
(`written_numbers`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from core.loading.dates import DIGITS_ALIKE, EVERY_LAYOUT, read_dates
from core.loading.number_patterns import BLANK, tidied
from core.loading.shapes import Shaped
from core.loading.text import Stored
from core.loading.written_numbers import in_slices
from core.phrases import column_of

if TYPE_CHECKING:
    import pandas as pd

_DATE_LIKE = r"^\s*(?:\d{1,4}[-/.  ]|[A-Za-z]{3,9}\.?[  ]\d|\d{8}(?:\D|$))"


@dataclass(frozen=True)
class DateReader:
    """One way to read the dates of a column: by the first of these layouts (`core.loading.dates`) that a text
    fits. sure: False where day and month could be either way round.
    """

    layouts: tuple[str, ...]
    sure: bool = True

    stored: Stored = "timestamp"
    clash: None = None

    @property
    def note(self) -> str:
        """What there is to say about the way of reading; "" where it is ISO 8601."""
        if not self.sure:
            return f"Ambiguous: r{self.ambiguous[1:]}"
        return "" if self.layouts in ((), ("year-month-day",)) else f"Read as {self._shown()}."

    @property
    def ambiguous(self) -> str:
        """How the dates are read where day and month could be the other way round; "" where they cannot."""
        return "" if self.sure else f"Read as {self._shown()}; it could be day before month."

    def _shown(self) -> str:
        return " or ".join(layout.replace("yr", "two-digit year") for layout in self.layouts)

    def read(self, texts: Any) -> Any:
        """The times (timestamp[us]) of an Arrow array of texts; null where a text is not read.

        >>> import pyarrow as pa
        >>> reader = DateReader(("year-month-day", "day/month/year"))
        >>> reader.read(pa.array(["26/04/2019", "2019-04-27", "4/26/2019"])).cast("string").to_pylist()
        ['2019-04-26 00:00:00.000000', '2019-04-27 00:00:00.000000', None]
        """
        return in_slices(lambda some: self.read_shaped(Shaped.of(_trimmed(some))), texts)

    def read_shaped(self, shaped: Shaped) -> Any:
        """The same of texts without blanks around them, whose shapes are known."""
        import pyarrow as pa
        import pyarrow.compute as pc

        values = pa.nulls(len(shaped.texts), pa.timestamp("us"))
        for layout in self.layouts:
            left = np.asarray(values.is_null(), dtype=bool) & shaped.fits(DIGITS_ALIKE[layout])
            if left.all():
                values = read_dates(shaped.texts, layout, shaped)
            elif left.any():
                some = pa.array(left)
                values = pc.replace_with_mask(values, some, read_dates(shaped.texts.filter(some), layout))
        return values

    def code(self, column: str, texts: Sequence[str]) -> str:
        """The pandas expression that gives these distinct texts of the column the same values; "" where there
        is none.
        """
        import pandas as pd
        import pyarrow as pa

        formats = self._formats(texts)
        if not 0 < len(formats) <= 12:
            return ""
        zone = any("%z" in form for form in formats)
        before = pd.Series(list(texts), dtype="str").str.strip()
        converted = _dated(before, formats, zone)
        wanted = pd.Series(self.read(pa.array(texts, pa.string())).to_numpy(zero_copy_only=False))
        if not converted.astype("datetime64[us]").equals(wanted.astype("datetime64[us]")):
            return ""
        target, also = column_of(column), ", utc=True" if zone else ""
        plain = ".dt.tz_localize(None)" if zone else ""
        if len(formats) == 1:
            one = f"pd.to_datetime({target}.str.strip(), format={formats[0]!r}, errors='coerce'{also})"
            return f"{one}{plain}"
        each = f"pd.to_datetime({target}.str.strip(), format=form, errors='coerce'{also})"
        every = f"[{each} for form in {formats!r}]"
        return f"pd.concat({every}, axis=1).bfill(axis=1).iloc[:, 0]{plain}"

    def _formats(self, texts: Sequence[str]) -> list[str]:
        """The formats of ``strptime`` that occur, in the order of the layouts."""
        formats: dict[str, None] = {}
        for layout in self.layouts:
            occurring = sorted(
                {_format(match) for text in texts if (match := re.match(EVERY_LAYOUT[layout], text.strip()))}
            )
            formats |= dict.fromkeys(occurring)
        return list(formats)


def date_reader(texts: Any, counts: Any) -> DateReader:
    """The way of reading dates that fits the most cells: one order of day and month for the whole column.

    Arguments as in `number_reader`. Where both orders fit as many, the month comes first, as in `load`.
    """
    import pyarrow.compute as pc

    maybe = pc.match_substring_regex(texts, _DATE_LIKE)
    shaped, times = Shaped.of(_trimmed(texts.filter(maybe))), counts.filter(maybe)
    cells = {layout: _cells(shaped, times, layout) for layout in EVERY_LAYOUT}
    used = [layout for layout in EVERY_LAYOUT if cells[layout]]
    ways = {order: [layout for layout in used if not _turned(layout, order)] for order in ("month", "day")}
    fits = {order: sum(cells[layout] for layout in ways[order]) for order in ways}
    order = "day" if fits["day"] > fits["month"] else "month"
    unsure = fits["day"] == fits["month"] and ways["day"] != ways["month"]
    return DateReader(tuple(ways[order]), not unsure)


def _cells(shaped: Shaped, counts: Any, layout: str) -> int:
    import pyarrow.compute as pc

    if not shaped.fits(DIGITS_ALIKE[layout]).any():
        return 0
    read = DateReader((layout,)).read(shaped.texts).is_valid()
    return int(pc.sum(counts.filter(read), min_count=0).as_py())


def _turned(layout: str, order: str) -> bool:
    """Whether a layout of three numbers has day and month in the other order."""
    return "-name" not in layout and layout.startswith("month" if order == "day" else "day")


def _trimmed(texts: Any) -> Any:
    """Without blanks around them, and with plain blanks for odd ones."""
    import pyarrow.compute as pc

    odd = pc.or_(pc.invert(pc.string_is_ascii(texts)), pc.match_substring(texts, "\t"))
    if pc.any(odd).as_py():
        texts = tidied(texts, (BLANK,))
    return pc.utf8_trim(texts, characters=" \t\n\f\r")


def _dated(series: pd.Series[Any], formats: list[str], zone: bool) -> pd.Series[Any]:
    import pandas as pd

    each = [pd.to_datetime(series, format=form, errors="coerce", utc=zone) for form in formats]
    first = pd.concat(each, axis=1).bfill(axis=1).iloc[:, 0]
    return first.dt.tz_localize(None) if zone else first


def _format(match: re.Match[str]) -> str:
    """The format of ``strptime`` that a text of a layout has."""
    text, past = "", 0
    spans = sorted((match.span(name), name) for name, part in match.groupdict().items() if part)
    for (start, end), name in spans:
        text += match.string[past:start].replace("%", "%%") + _directive(name, match[name], bool(match["p"]))
        past = end
    return text + match.string[past:]


def _directive(name: str, part: str, half: bool) -> str:
    if name == "Y":
        return "%Y" if len(part) == 4 else "%y"
    if name == "b":
        return "%b" if len(part) == 3 else "%B"
    return "%I" if name == "H" and half else f"%{name}"
