"""Numbers as people write them: `955,12 €`, `(1.00)`, `3.312.526`.

For each column a reader is chosen from all its texts, and that one reader both says which texts it reads and
gives their values. The profile asks it before it promises anything; `core.loading.retype` converts with it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from core.loading.exact import meeting, suspects
from core.loading.number_patterns import BODIES, GROUPS, TIDY, Steps, body, tidied
from core.loading.shapes import Shaped
from core.loading.text import INT64, Stored
from core.loading.units import currencies, mixed_units, scales, shares, units_of
from core.phrases import column_of, quoted
from core.workers import LocalThreads

if TYPE_CHECKING:
    import pandas as pd

SLICE = 32_768  # texts


@dataclass(frozen=True)
class NumberReader:
    """One way to read the numbers of a column.

    decimal: the decimal mark, "." or ",". whole: whether they become int64 and not float64. sure: False where
    the other mark would read as many texts. without: units whose amounts are not read, as the same amount
    stands in the column in another unit. clash: two texts that say different numbers and would become one;
    then the column is not to be read so. thousands: the marks that part thousands; None for all usual ones.
    currencies: of the amounts that either decimal mark reads, with their cells, the commonest first. scales:
    of the numbers, where some carry % or ‰: these signs, and "" for all others but 0, which is 0 in any.
    """

    decimal: str
    whole: bool
    sure: bool = True
    without: tuple[str, ...] = ()
    clash: tuple[str, str] | None = None
    thousands: tuple[str, ...] | None = None
    currencies: tuple[tuple[str, int], ...] = ()
    scales: tuple[tuple[str, int], ...] = ()

    @property
    def mixed(self) -> bool:
        """Whether its numbers are of several currencies, or some of them per cent and some not."""
        return len(self.currencies) > 1 or len(self.scales) > 1

    @property
    def stored(self) -> Stored:
        """The Arrow type of the values."""
        return "int64" if self.whole else "double"

    @property
    def layouts(self) -> tuple[str, ...]:
        """The layouts of `core.loading.text.Form` that are nearest to it; none where it is the plain one."""
        return ("comma",) if self.decimal == "," else ()

    @property
    def note(self) -> str:
        """What there is to say about the way of reading; "" where it is the plain one."""
        if not self.sure:
            told = f"Ambiguous: {self.ambiguous[0].lower()}{self.ambiguous[1:]}"
        else:
            told = "Read with a decimal comma." if self.decimal == "," else ""
        mixed = f"Several currencies: {self.in_currencies}." if len(self.currencies) > 1 else ""
        shares = f"Percentages and plain numbers: {self.in_scales}." if len(self.scales) > 1 else ""
        return " ".join(filter(None, [told, mixed, shares]))

    @property
    def in_currencies(self) -> str:
        """How many amounts stand in which currency.

        >>> NumberReader(".", whole=False, currencies=(("$", 1200), ("€", 3))).in_currencies
        "1,200 in '$', 3 in '€'"
        """
        return ", ".join(f"{cells:,} in {quoted(sign)}" for sign, cells in self.currencies)

    @property
    def in_scales(self) -> str:
        """How many numbers carry a sign of per cent, and how many none.

        >>> NumberReader(".", whole=False, scales=(("%", 1200), ("", 3))).in_scales
        "1,200 with '%', 3 without"
        """
        return ", ".join(
            f"{cells:,} with {quoted(sign)}" if sign else f"{cells:,} without" for sign, cells in self.scales
        )

    @property
    def ambiguous(self) -> str:
        """How commas and points are read where both ways fit; "" where one way alone does."""
        decimal, thousands = ("Commas", "points") if self.decimal == "," else ("Points", "commas")
        return "" if self.sure else f"{decimal} read as decimal marks, {thousands} as thousands marks."

    def read(self, texts: Any) -> Any:
        """The numbers (int64 or float64) of an Arrow array of texts; null where a text is not read.

        >>> import pyarrow as pa
        >>> texts = ["955,12 €", "(1,00)", "1,00-", "−3.312.526", "1.5"]
        >>> NumberReader(",", whole=False).read(pa.array(texts)).to_pylist()
        [955.12, -1.0, -1.0, -3312526.0, None]
        """
        return in_slices(self._read, texts)

    def of_scale(self, texts: Any, sign: str) -> Any:
        """Which of the texts (an Arrow array) are numbers that ``scales`` counts under this sign."""
        import pyarrow.compute as pc

        values = replace(self, whole=False, without=()).read(texts)
        counted = pc.fill_null(pc.or_(pc.not_equal(values, 0.0), bool(sign)), False)
        return pc.and_(counted, pc.and_(values.is_valid(), pc.equal(shares(units_of(texts)), sign)))

    def _read(self, texts: Any) -> Any:
        import pyarrow as pa
        import pyarrow.compute as pc

        plain = _numbers(_candidates(texts), self.decimal, self.thousands)
        if self.without:
            plain = pc.if_else(pc.is_in(units_of(texts), value_set=pa.array(self.without)), None, plain)
        if self.whole:
            return pc.cast(pc.if_else(_whole(plain), pc.utf8_ltrim(plain, "+"), None), pa.int64())
        return _floats(plain)

    def code(self, column: str, texts: Sequence[str]) -> str:
        """The pandas expression that gives these distinct texts of the column the same values; "" where there
        is none.
        """
        import pandas as pd
        import pyarrow as pa

        line, series = column_of(column), pd.Series(list(texts), dtype="str")
        for pattern, instead in TIDY:
            changed = series.str.replace(pattern, instead, regex=True)
            if not changed.equals(series):
                series = changed
                if pattern == TIDY[3][0]:
                    line += ".str.strip()"
                else:
                    line += f".str.replace({pattern!r}, {instead!r}, regex=True)"
        wanted = pd.Series(self.read(pa.array(texts, pa.string())).to_pylist(), dtype="float64")
        converted, plain = _numbered(series, line, GROUPS[self.decimal])
        if not converted.equals(wanted):
            fits = series.where(series.str.fullmatch(BODIES[self.decimal].strip("^$")))
            line = f"{line}.where(lambda texts: texts.str.fullmatch({BODIES[self.decimal].strip('^$')!r}))"
            converted, plain = _numbered(fits, line, GROUPS[self.decimal])
        return f"pd.to_numeric({plain}, errors='coerce')" if converted.equals(wanted) else ""


def number_reader(
    texts: Any,
    counts: Any,
    decimal: str = ".",
    stated: bool = False,
    thousands: tuple[str, ...] | None = None,
) -> NumberReader:
    """The way of reading numbers that fits the most cells.

    texts: the distinct texts of the column, an Arrow array; counts: in how many cells each stands, int64.
    decimal: the mark that is taken where both fit as many, or at all events, where it is ``stated``.
    thousands: the marks that may part thousands; None for all usual ones.
    """
    import pyarrow.compute as pc

    other = "," if decimal == "." else "."
    other = decimal if stated else other
    tidy = in_slices(_candidates, texts)
    plain = {
        mark: in_slices(partial(_numbers, decimal=mark, marks=thousands), tidy) for mark in (decimal, other)
    }
    cells = {mark: pc.sum(counts.filter(plain[mark].is_valid()), min_count=0).as_py() for mark in plain}
    chosen = other if cells[other] > cells[decimal] else decimal
    sure = stated or cells[decimal] != cells[other] or bool(plain[decimal].equals(plain[other]))
    good = plain[chosen].is_valid()
    numbers = plain[chosen].filter(good)
    whole = bool(len(numbers)) and bool(pc.all(_whole(numbers)).as_py())
    units = in_slices(units_of, texts)
    clash = None
    if not whole:
        values = _floats(numbers)
        doubtful = suspects(numbers, values)
        clash = meeting([(numbers, values)], doubtful) if len(doubtful) else None
    each = currencies(units, counts, [one.is_valid() for one in plain.values()])
    held = units.filter(good), _floats(numbers), counts.filter(good)
    without = mixed_units(*held)
    read = NumberReader(chosen, whole, sure, without, clash, thousands)
    return replace(read, currencies=each, scales=scales(*held))


def _candidates(texts: Any) -> Any:
    """The texts that may be numbers, without units, brackets and odd signs; null for prose. As the patterns
    take all digits alike, what one does to a text is known from its shape.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    codes, shapes = Shaped.of(texts).coded
    if len(shapes) > len(texts) // 4:
        return _tidy_candidates(texts)
    tidy = _tidy_candidates(shapes)
    same = pc.fill_null(pc.equal(shapes, tidy), False)
    plain = pc.if_else(same.take(pa.array(codes)), texts, None)
    other = np.asarray(pc.and_not(tidy.is_valid(), same), dtype=bool)[codes]
    if other.any():
        some = pa.array(other)
        plain = pc.replace_with_mask(plain, some, _tidy_candidates(texts.filter(some)))
    return plain


def _tidy_candidates(texts: Any) -> Any:
    import pyarrow.compute as pc

    maybe = pc.match_substring_regex(texts, r"\d|(?i:^\s*[-+]?inf)")
    prose = pc.match_substring_regex(texts, r"[A-Za-z]{9}|[A-Za-z]\S* +[A-Za-z]")
    return tidied(pc.if_else(pc.and_not(maybe, prose), texts, None), TIDY)


def _numbers(tidy: Any, decimal: str, marks: Sequence[str] | None = None) -> Any:
    """The tidied texts as Python writes numbers; null where one is no number, or none that a float can
    hold.
    """
    import pyarrow.compute as pc

    pattern = BODIES[decimal] if marks is None else body(decimal, marks)
    plain = pc.if_else(pc.match_substring_regex(tidy, pattern), tidy, None)
    for signs, instead in GROUPS[decimal]:
        for sign in signs.strip("[]"):
            plain = pc.replace_substring(plain, sign, instead)
    endless = pc.fill_null(pc.is_inf(pc.cast(plain, "double")), False)
    if pc.any(endless).as_py():
        plain = pc.if_else(pc.and_(endless, pc.match_substring_regex(plain, r"\d")), None, plain)
    return plain


def in_slices(work: Callable[[Any], Any], texts: Any) -> Any:
    """What ``work`` makes of an Arrow array, a slice at a time, side by side: each fits in the cache."""
    import pyarrow as pa

    whole = texts.combine_chunks() if isinstance(texts, pa.ChunkedArray) else texts
    if len(whole) <= 2 * SLICE:
        return work(whole)
    slices = [whole.slice(at, SLICE) for at in range(0, len(whole), SLICE)]
    return pa.concat_arrays(list(LocalThreads().map(work, slices)))


def _floats(plain: Any) -> Any:
    import pyarrow.compute as pc

    return pc.cast(plain, "double")


def _whole(plain: Any) -> Any:
    """Which of the plain numbers 64 bits hold as whole ones; null where there is none."""
    import pyarrow as pa
    import pyarrow.compute as pc

    digits = pc.match_substring_regex(plain, r"^[-+]?\d+$")
    lengthy = pc.fill_null(pc.and_(digits, pc.greater(pc.binary_length(plain), 18)), False)
    if pc.any(lengthy).as_py():
        held = [len(text) < 4_000 and int(text) in INT64 for text in plain.filter(lengthy).to_pylist()]
        digits = pc.replace_with_mask(digits, lengthy, pa.array(held, pa.bool_()))
    return digits


def _numbered(series: pd.Series[Any], line: str, groups: Steps) -> tuple[pd.Series[Any], str]:
    """The numbers of tidied texts as pandas reads them, and the code so far."""
    import pandas as pd

    for pattern, instead in groups:
        changed = series.str.replace(pattern, instead, regex=True)
        if not changed.equals(series):
            series, line = changed, f"{line}.str.replace({pattern!r}, {instead!r}, regex=True)"
    return pd.to_numeric(series, errors="coerce").astype("float64"), line
