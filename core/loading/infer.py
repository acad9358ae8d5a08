"""What the texts of a column are: numbers, booleans, dates, or text after all."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from core.loading.text import Form, beyond_int64, is_token, parse


@dataclass(frozen=True)
class Reading:
    """How one column is read: the form of its values, marks of missing values with counts, and what there is
    to say about it. ambiguous: the other way that fits as well, in one sentence; "" where there is none.
    """

    form: Form
    tokens: tuple[tuple[str, int], ...] = ()
    note: str = ""
    confidence: float = 1.0
    empty: bool = False
    ambiguous: str = ""


@dataclass
class Candidates:
    """The forms that every text seen so far fits, in order of preference.

    Marks of missing values ("NA", "-") count as missing only if all the rest is numbers, booleans or dates.
    ``commas``: commas are decimal marks in some columns, where points are in others; none stand between
    thousands. Numbers with a leading zero (zip codes) and whole numbers that 64 bits cannot hold stay text.
    """

    decimal: str
    date_order: str | None = None
    grouped: bool = True
    commas: bool = False
    forms: list[Form] | None = None
    tokens: dict[str, int] = field(default_factory=dict)
    values: bool = False
    huge: bool = True
    huge_seen: bool = False
    offset: bool = False
    comma: bool = False
    declared: tuple[tuple[str, int], ...] = ()

    @property
    def settled(self) -> bool:
        """Whether nothing but text is left, and there is nothing more to be said about it."""
        return self.forms == [] and not self.huge

    def sift(self, values: Any, counts: Any, quoted: Any = None) -> None:
        """Drop the forms that these distinct texts do not fit. ``quoted``: which of them are strings in a
        JSON source.
        """
        import pyarrow.compute as pc

        trimmed = pc.ascii_trim_whitespace(values)
        token = is_token(trimmed)
        for text, count in zip(
            values.filter(token).to_pylist(), counts.filter(token).to_pylist(), strict=True
        ):
            if text != "" and not (quoted is not None and text in ("null", "NaN")):
                self.tokens[text] = self.tokens.get(text, 0) + count
        rest = trimmed.filter(pc.invert(token))
        if not len(rest):
            return
        self.values = True
        kept = None if quoted is None else quoted.filter(pc.invert(token))
        self.forms = [form for form in self.open() if _fits(rest, kept, form)]
        self.huge = (
            self.huge
            and not self.forms
            and bool(pc.all(pc.match_substring_regex(rest, r"^[+-]?(0|[1-9]\d*)$")).as_py())
        )
        self.huge_seen = self.huge_seen or (self.huge and bool(pc.any(beyond_int64(rest)).as_py()))
        self.comma = self.comma or bool(pc.any(pc.match_substring(rest, ",")).as_py())
        if any(form.stored == "timestamp" for form in self.forms):
            from core.loading.dates import has_offset

            self.offset = self.offset or has_offset(rest, "")

    def open(self) -> list[Form]:
        """The forms that are still possible, best first."""
        if self.forms is not None:
            return self.forms
        from core.loading.dates import LAYOUTS

        numbers = [Form("bool"), Form("int64"), *self._fractions()]
        wrong = {"day first": "month", "month first": "day"}.get(self.date_order or "", "#")
        layouts = [one for one in LAYOUTS if not re.match(rf"{wrong}[/.-](?!name)", one)]
        return numbers + [Form("timestamp", layout) for layout in layouts]

    def _fractions(self) -> list[Form]:
        """The forms of numbers with a fraction."""
        if self.decimal == ",":
            return [Form("double", "comma")]
        if self.commas:
            return [Form("double"), Form("double", "comma")]
        return [Form("double"), *([Form("double", "thousands")] if self.grouped else [])]

    def reading(self) -> Reading:
        """The decision."""
        if not self.values:
            return Reading(Form("string", "missing"), self._tokens(), confidence=0.0, empty=True)
        forms = self.forms or []
        if not forms:
            note = "Whole numbers beyond 64 bits, kept as text." if self.huge and self.huge_seen else ""
            return Reading(Form("string"), self.declared, note=note)
        form = forms[0]
        ambiguous = self._ambiguous(form, forms)
        note, sure = self._note(form, ambiguous)
        return Reading(form, self._tokens(), note, sure, ambiguous=ambiguous)

    def _tokens(self) -> tuple[tuple[str, int], ...]:
        return tuple(sorted(self.tokens.items(), key=lambda item: (-item[1], item[0])))

    def _ambiguous(self, form: Form, forms: list[Form]) -> str:
        """That another order of day and month fits as well; "" where none does."""
        from core.loading.dates import ambiguous

        other = ambiguous(form.layout) if form.stored == "timestamp" else None
        fits = other is not None and Form("timestamp", other) in forms
        return f"Read as {form.layout}, but {other} fits as well." if fits else ""

    def _note(self, form: Form, ambiguous: str) -> tuple[str, float]:
        if form.layout == "comma":
            return ("Read with a decimal comma.", 0.9) if self.comma else ("", 1.0)
        if form.layout == "thousands":
            return "Read with commas between thousands.", 0.8
        if form.stored != "timestamp":
            return "", 1.0
        utc = " Offsets were converted to UTC." if self.offset else ""
        if ambiguous:
            return f"Ambiguous: r{ambiguous[1:]}{utc}", 0.4
        name = form.layout.replace("yr", "two-digit year")
        return (("" if form.layout == "year-month-day" else f"Read as {name}.") + utc).strip(), 0.95


# every layout has three parts, the last with digits: a look at one text spares two dozen patterns
_DATE = r"\w\W+\w+\W+\d"


def _fits(texts: Any, quoted: Any, form: Form) -> bool:
    """Whether every text fits. In JSON only strings can be dates, and only what is not a string a number or
    boolean.
    """
    import pyarrow.compute as pc

    if quoted is not None:
        wanted = quoted if form.stored == "timestamp" else pc.invert(quoted)
        if not pc.all(wanted).as_py():
            return False
    if form.stored == "timestamp" and not re.search(_DATE, texts[0].as_py()):
        return False
    return all(
        parse(texts.slice(a, b), form).null_count == 0 for a, b in ((0, 50), (50, None)) if len(texts) > a
    )
