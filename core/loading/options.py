"""How a source is to be read. Every field left at None is found out from the source."""

from __future__ import annotations

import codecs
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from core.dataset.source import Source
from core.errors import SettingError

TEXTS = ("csv", "tsv", "json", "jsonl")  # formats of which text may be any
SHEETS = ("xlsx", "xlsb", "xls", "ods")
STATISTICAL = ("dta", "sas7bdat", "xpt", "sav")
BASES = ("sqlite", "duckdb")
FOREIGN = ("feather", "orc", "npy", "npz", "arff", *BASES, *STATISTICAL)  # read, and exported as Parquet
FORMATS = (*TEXTS, "parquet", *SHEETS, *FOREIGN)
ENDINGS = ("arrow", "arrows", "db", "sqlite3", "ddb", "zsav")  # of the same formats
NO_HEADER = -1
DATE_ORDERS = ("day first", "month first")
CHOSEN = ("missing", "thousands", "date_order", "leave_out", "rename")
_SELDOM = ("layout", "comma_columns", *CHOSEN, "put_back")  # told where they are given
IMAGES = "images"  # the format of an archive or a folder of them
LAYOUTS = (
    *("metadata", "coco", "voc", "yolo", "webdataset"),
    *("manifest", "folders", "top_folders", "plain"),
)  # of images; the first that fits is taken


@dataclass(frozen=True)
class Options:
    """The reader's settings; the resolved ones are in ``Source.options``, and reading with those gives the
    same again.

    format: one of `FORMATS`.
    table: of several in a file, which: the name of a sheet, of a table in a database, or of arrays.
    encoding: a Python codec name.
    delimiter: one character.
    quotechar: one character, or "" for none.
    escapechar: one character, or "" where a quote is doubled.
    skipinitialspace: blanks after a delimiter are no part of the field.
    header_line: 0-based physical line where the header begins, -1 for none.
    first_data_line: 0-based physical line where the rows begin.
    end_line: 0-based physical line before which the table ends, where another follows.
    decimal: "." or ",".
    comma_columns: where ``decimal`` is ".", whether commas are the decimal marks of some columns, too.
    layout: how images are arranged, one of `LAYOUTS`.
    missing: words that mean a missing value, besides the usual ones.
    thousands: the mark between thousands: one character, or "" where there is none.
    date_order: of dates such as 03/04/2024, one of `DATE_ORDERS`.
    leave_out: names of columns that are not read.
    rename: names of columns as they are in the source, each with the name to use.
    put_back: lines kept aside that are rows after all: their 1-based numbers, and the text to read instead of
        each (`core.loading.put_back`). Of the first of two files.
    """

    format: str | None = None
    table: str | None = None
    encoding: str | None = None
    delimiter: str | None = None
    quotechar: str | None = None
    escapechar: str | None = None
    skipinitialspace: bool | None = None
    header_line: int | None = None
    first_data_line: int | None = None
    end_line: int | None = None
    decimal: str | None = None
    comma_columns: bool | None = None
    layout: str | None = None
    missing: tuple[str, ...] = ()
    thousands: str | None = None
    date_order: str | None = None
    leave_out: tuple[str, ...] = ()
    rename: tuple[tuple[str, str], ...] = ()
    put_back: tuple[tuple[int, str], ...] = ()

    def __post_init__(self) -> None:
        if self.format is not None and self.format not in (*FORMATS, IMAGES):
            raise SettingError.unknown(self.format, (*FORMATS, IMAGES))
        if self.layout is not None and self.layout not in LAYOUTS:
            raise SettingError.unknown(self.layout, LAYOUTS)
        if self.decimal not in (None, ".", ","):
            raise SettingError(f"The decimal mark is '.' or ','; got {self.decimal!r}.")
        if self.date_order not in (None, *DATE_ORDERS):
            raise SettingError.unknown(str(self.date_order), DATE_ORDERS)
        if self.thousands and self.thousands == self.decimal:
            raise SettingError(
                f"{self.thousands!r} cannot be both the decimal mark and that between thousands."
            )
        self._settle_columns()
        for name, least in (("delimiter", 1), ("quotechar", 0), ("escapechar", 0), ("thousands", 0)):
            text = getattr(self, name)
            if text is not None and (not least <= len(text) <= 1 or text in ("\n", "\r", "\0")):
                raise SettingError(f"The {name} is one character; got {text!r}.")
        for name, floor in (("header_line", NO_HEADER), ("first_data_line", 0), ("end_line", 1)):
            number = getattr(self, name)
            if number is not None and number < floor:
                raise SettingError(f"{name} is {number}; it must be {floor} or more.")
        try:
            lines = sorted({int(line): str(text) for line, text in self.put_back}.items())
        except (TypeError, ValueError) as error:
            raise SettingError("put_back takes pairs of a line's number and its text.") from error
        object.__setattr__(self, "put_back", tuple(lines))
        if self.encoding is not None:
            self._check_encoding(self.encoding)

    def _settle_columns(self) -> None:
        """Words and names as tuples, whatever they were given as."""
        given: Any = self.rename
        pairs = given.items() if isinstance(given, Mapping) else given
        try:
            rename = tuple((str(old), str(new)) for old, new in pairs)
        except (TypeError, ValueError) as error:
            raise SettingError("rename takes pairs of a column's name and the name to use.") from error
        object.__setattr__(self, "rename", rename)
        for name in ("missing", "leave_out"):
            words = getattr(self, name)
            words = (words,) if isinstance(words, str) else words
            object.__setattr__(self, name, tuple(dict.fromkeys(str(word).strip() for word in words)))

    @staticmethod
    def _check_encoding(encoding: str) -> None:
        try:
            text = codecs.lookup(encoding)._is_text_encoding
        except LookupError as error:
            raise SettingError(f"There is no encoding {encoding!r}; try utf-8, cp1252 or utf-16.") from error
        if not text:
            raise SettingError(f"{encoding!r} is not a text encoding; try utf-8, cp1252 or utf-16.")

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Options:
        """The options that read a source as ``Source.options`` says it was read (other keys there are left
        alone).
        """
        known = {f.name: plain[f.name] for f in fields(cls) if f.name in plain}
        if "header_line" in known and known["header_line"] is None:
            known["header_line"] = NO_HEADER
        return cls(**known)

    def to_plain(self) -> dict[str, Any]:
        """Plain JSON as ``Source.options`` holds it: a header line of null means that there is none."""
        plain = asdict(self)
        for name in _SELDOM:
            if plain[name] in (None, ()):
                del plain[name]
        if self.header_line == NO_HEADER:
            plain["header_line"] = None
        return plain


def options_of(source: Source) -> Options | None:
    """How a source was read; None for one that was in memory. Of two sources, what was the same for both; the
    rest is found out again as it was then.
    """
    if source.format in ("pandas", "arrow"):
        return None
    read = Options.from_plain(source.options)
    if source.serve is None:
        return read
    other = replace(Options.from_plain(source.serve.options), put_back=read.put_back)
    names = [field.name for field in fields(Options)]
    return Options(**{n: getattr(read, n) for n in names if getattr(read, n) == getattr(other, n)})
