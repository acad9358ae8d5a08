"""How the cells of a format become values: text (CSV), JSON text, or values that are typed already (Parquet,
pandas; `core.loading.typed_cells`).

Each class answers the same four questions, so that nothing else needs to know the format.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from core.loading.infer import Candidates, Reading
from core.loading.json_numbers import utf8_text
from core.loading.text import Form, as_text, parse


class Cells(Protocol):
    """What a format's cells can do. Arrays are Arrow arrays of one batch; all answers have their length."""

    def infer(self, chunks: Iterable[Any]) -> Reading:
        """How to read a column."""

    def convert(self, array: Any, form: Form) -> Any:
        """The values, of a canonical Arrow type; null where they do not fit."""

    def source_text(self, array: Any) -> Any:
        """What stands in the source, as strings; null where nothing does."""

    def gives_back(self, array: Any, values: Any) -> bool:
        """Whether the values alone give back what stands in the source."""


@dataclass(frozen=True)
class Ways:
    """What was said of how cells are to be read. missing: words for a missing value, besides the usual ones.
    thousands: the mark between thousands, "" for none. date_order: one of `core.loading.options.DATE_ORDERS`.
    """

    missing: tuple[str, ...] = ()
    thousands: str | None = None
    date_order: str | None = None

    def means_missing(self, texts: Any) -> Any:
        """Which of the texts are such words."""
        import pyarrow.compute as pc

        return pc.is_in(pc.utf8_trim_whitespace(texts), value_set=_strings(list(self.missing)))

    def without_thousands(self, texts: Any) -> Any:
        """The texts, those that are numbers without the mark between their thousands."""
        import pyarrow.compute as pc

        if not self.thousands:
            return texts
        mark = "[ \u00a0\u202f]" if self.thousands == " " else re.escape(self.thousands)
        number = rf"^\s*[+-]?\d{{1,3}}(?:{mark}\d{{3}})+(?:[.,]\d+)?\s*$"
        found = pc.fill_null(pc.match_substring_regex(texts, number), False)
        return pc.if_else(found, pc.replace_substring_regex(texts, rf"(\d){mark}", r"\1"), texts)

    def sift(self, candidates: Candidates, values: Any, counts: Any, quoted: Any = None) -> None:
        """Show the candidates these distinct texts, but for the words that mean a missing value."""
        import pyarrow.compute as pc

        if self.missing:
            words = self.means_missing(values)
            for text, many in zip(
                values.filter(words).to_pylist(), counts.filter(words).to_pylist(), strict=True
            ):
                candidates.tokens[text] = candidates.tokens.get(text, 0) + many
            candidates.declared = tuple(sorted(candidates.tokens.items()))
            rest = pc.invert(words)
            values, counts = values.filter(rest), counts.filter(rest)
            quoted = None if quoted is None else quoted.filter(rest)
        candidates.sift(self.without_thousands(values), counts, quoted)


@dataclass(frozen=True)
class TextCells:
    """Cells of a delimited text. commas: see `Options.comma_columns`."""

    decimal: str = "."
    ways: Ways = Ways()
    commas: bool = False

    def infer(self, chunks: Iterable[Any]) -> Reading:
        """The first form that every value fits; see `Candidates`."""
        grouped = self.ways.thousands in (None, ",")
        candidates = Candidates(self.decimal, self.ways.date_order, grouped, self.commas)
        for chunk in chunks:
            values, counts = distinct(chunk)
            self.ways.sift(candidates, values, counts)
            if candidates.settled and not self.ways.missing:
                break
        return candidates.reading()

    def convert(self, array: Any, form: Form) -> Any:
        """Parse the text."""
        import pyarrow.compute as pc

        if self.ways.missing:
            array = pc.if_else(pc.fill_null(self.ways.means_missing(array), False), "", array)
        return parse(self.ways.without_thousands(array), form)

    def source_text(self, array: Any) -> Any:
        """The text itself."""
        return array

    def gives_back(self, array: Any, values: Any) -> bool:
        """Whether `as_text` of the values is the text."""
        return bool(as_text(values).equals(filled(array)))


@dataclass(frozen=True)
class JsonCells:
    """Cells that are JSON texts; null where a record has no such key."""

    ways: Ways = Ways()

    def infer(self, chunks: Iterable[Any]) -> Reading:
        """Numbers and booleans where the JSON has them; strings are tried as dates only; anything mixed is
        text.
        """
        candidates = Candidates(".", self.ways.date_order)
        for chunk in chunks:
            texts, counts = distinct(chunk)
            values, quoted = unquoted(texts)
            self.ways.sift(candidates, values, counts, quoted)
        return candidates.reading()

    def convert(self, array: Any, form: Form) -> Any:
        """Parse the strings without their quotes, and the other texts as they stand."""
        import pyarrow.compute as pc

        if self.ways.missing:
            words = self.ways.means_missing(unquoted(array)[0])
            array = pc.if_else(pc.fill_null(words, False), "null", array)
        values, quoted = unquoted(array)
        if form.stored != "string" or form.layout == "missing":
            return parse(values, form)
        nothing = pc.and_(pc.invert(quoted), pc.is_in(values, value_set=_strings(["null"])))
        return pc.if_else(pc.fill_null(nothing, True), None, values)

    def source_text(self, array: Any) -> Any:
        """The JSON text itself."""
        return array

    def gives_back(self, array: Any, values: Any) -> bool:
        """Whether writing the values as JSON gives the same JSON values."""
        import pyarrow as pa
        import pyarrow.compute as pc

        halves = pc.match_substring_regex(array, r"\\ud[89a-f]")  # of surrogate pairs, which are escaped
        if array.null_count or pc.any(halves).as_py():
            return False
        texts, quoted = unquoted(array)
        text = as_text(values)
        written_quoted = pa.types.is_string(values.type) or pa.types.is_timestamp(values.type)
        text = pc.utf8_lower(text) if pa.types.is_boolean(values.type) else text
        same = pc.and_(pc.equal(text, texts), quoted if written_quoted else pc.invert(quoted))
        nothing = pc.and_(pc.is_null(values), pc.and_(pc.equal(texts, "null"), pc.invert(quoted)))
        return bool(
            pc.all(
                pc.or_(
                    pc.fill_null(same, False)
                    if not values.null_count
                    else pc.and_(same, pc.is_valid(values)),
                    nothing,
                )
            ).as_py()
        )


def distinct(array: Any) -> tuple[Any, Any]:
    """The texts of a chunk but null, and how often each occurs; each text once, unless most of them occur
    only once anyway.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    there = array.drop_null()
    beginning = there.slice(0, 5_000)
    if pc.count_distinct(beginning).as_py() > 0.5 * len(beginning):
        return there, pa.array(np.ones(len(there), np.int64))
    counted = pc.value_counts(there)
    return counted.field(0), counted.field(1)


def filled(array: Any) -> Any:
    """The strings with "" for null."""
    import pyarrow.compute as pc

    return pc.fill_null(array, "")


def unquoted(texts: Any) -> tuple[Any, Any]:
    """JSON texts without the quotes of strings, and which of them are strings (false where null)."""
    import pyarrow as pa
    import pyarrow.compute as pc

    quoted = pc.fill_null(pc.starts_with(texts, '"'), False)
    values = pc.if_else(quoted, pc.utf8_slice_codeunits(texts, 1, -1), texts)
    escaped = pc.and_(quoted, pc.fill_null(pc.match_substring(values, "\\"), False))
    if pc.any(escaped).as_py():
        plain = [utf8_text(json.loads(text)) for text in texts.filter(escaped).to_pylist()]
        values = pc.replace_with_mask(values, escaped, pa.array(plain, pa.string()))
    return values, quoted


def _strings(values: list[str]) -> Any:
    import pyarrow as pa

    return pa.array(values, pa.string())
