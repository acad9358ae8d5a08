"""The shape of a delimited text, guessed from the first megabyte: its delimiter, quotes and decimal mark.
Where its table is, `core.loading.tables` says.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from itertools import groupby, islice
from typing import Any

from core.loading.decimal_mark import commas_too, decimal_mark
from core.loading.expected import Expected, Further
from core.loading.headers import kind_of
from core.loading.layout import Layout
from core.loading.options import Options
from core.loading.quotes import mended, misquoted
from core.loading.record import usual_width
from core.loading.tables import Record, find_layout

_DELIMITERS = (",", ";", "\t", "|", "~", "^", " ")
_UNUSUAL = {"~": 0.8, "^": 0.8, " ": 0.55}
_NO_DELIMITER = "\x1f"  # for one column of text with commas: a character that hardly any text holds
_SAMPLE_ROWS = 300
_SAMPLE_LINES = 4 * _SAMPLE_ROWS
_LEAST = 0.2  # score below which a text is taken to have one column


@dataclass(frozen=True)
class Dialect:
    """How the text reads, all of it decided.

    options: complete, but for the format. layout: where the table is. sampled: the physical lines that were
    asked about other tables. confidence: how sure each guess is, 0 to 1, keyed like the options.
    """

    options: Options
    layout: Layout
    sampled: int
    confidence: dict[str, float]

    @property
    def header(self) -> tuple[str, ...] | None:
        """The names in the place of the columns, as in the file; None without a header."""
        return self.layout.header

    @property
    def width(self) -> int:
        """The number of columns."""
        return self.layout.width

    @property
    def expected(self) -> Expected:
        """What the rows are like."""
        return self.layout.expected


def records(lines: list[str], options: Options) -> list[Record]:
    """The records of the sample; blank lines give empty records. A quote that is left open, or closed within
    a field, is taken to concern its own line only.
    """
    settings = reader_settings(options)
    parsed: list[Record] = []
    at = 0
    while len(parsed) < _SAMPLE_ROWS and at < len(lines):
        reader = csv.reader(lines[at : at + _SAMPLE_ROWS], **{**settings, "strict": True})
        try:
            record, taken = next(reader, []), reader.line_num
        except csv.Error:
            record, taken = fields(lines[at], settings), 1
        at += max(1, taken)
        parsed.append((at, record))
    return parsed


def fields(line: str, settings: dict[str, Any]) -> list[str]:
    """The fields of one line by itself, whatever its quotes; none of one that Python's csv cannot read."""
    try:
        return next(csv.reader([line], **settings), [])
    except csv.Error:
        return []


def reader_settings(options: Options) -> dict[str, Any]:
    """What Python's csv reader needs to read as ``options`` says."""
    quote = options.quotechar
    return {
        "delimiter": options.delimiter or ",",
        "quotechar": quote or None,
        "quoting": csv.QUOTE_MINIMAL if quote else csv.QUOTE_NONE,
        "escapechar": options.escapechar or None,
        "doublequote": True,
        "skipinitialspace": bool(options.skipinitialspace),
        "strict": False,
    }


def detect(text: str, given: Options, lines_from: Callable[[int], Iterator[str]] | None = None) -> Dialect:
    """Fill in what ``given`` leaves open, from the first lines of the text. ``lines_from``: gives the
    physical lines of the whole file from a 0-based one on, if the text is only its beginning.
    """
    lines = _lines(text)
    best, sure = _shape(lines, given)
    rows = _mended(lines, records(lines, best), best)
    sampled = rows[-1][0] if rows else 0
    further = Further(
        lines_from or partial(_lines_from, text), partial(fields, settings=reader_settings(best))
    )
    layout = find_layout(rows, given, further, lambda at: _quoted(lines, rows, at, best))
    body = [
        record
        for i, (_, record) in enumerate(rows)
        if layout.first_data_line <= (rows[i - 1][0] if i else 0) < (layout.end_line or 1 << 62)
        and any(record)
    ]
    options = replace(
        best,
        header_line=layout.header_line,
        first_data_line=layout.first_data_line,
        end_line=layout.end_line,
        decimal=given.decimal
        or {".": ",", ",": "."}.get(given.thousands or "")
        or decimal_mark(body, best.delimiter or ","),
    )
    if sure >= _LEAST and body:
        sure = max(sure, min(1.0, _score([_cut(r, layout) for r in body], options.delimiter or ",")))
    confidence = {"delimiter": round(sure, 2), "header_line": round(layout.sure, 2)}
    marks = (given.decimal, given.thousands, given.comma_columns)
    if marks == (None, None, None) and options.decimal == "." and commas_too(body):
        options = replace(options, comma_columns=True)
    return Dialect(options, layout, sampled, confidence)


def _cut(record: list[str], layout: Layout) -> list[str]:
    """The record without surplus fields."""
    return record[: layout.width] if layout.surplus and not any(record[layout.width :]) else record


def _lines(text: str) -> list[str]:
    """The first physical lines as a file has them: cut at LF, CR LF and CR only."""
    return list(islice(_lines_from(text, 0), _SAMPLE_LINES))


def _lines_from(text: str, first: int) -> Iterator[str]:
    return islice(io.StringIO(text, newline=""), first, None)


def _mended(lines: list[str], rows: list[Record], options: Options) -> list[Record]:
    """The records with those of wrong quotes read anew, now that the number of fields is known."""
    if not options.quotechar:
        return rows
    settings = reader_settings(options)
    width = usual_width([record for _, record in rows])
    anew = []
    for i, (end, _) in enumerate(rows):
        line = lines[rows[i - 1][0] if i else 0]
        if options.quotechar in line and misquoted(line, settings):
            fields = mended(line, width, settings)
            anew.append(rows[i] if fields is None else (end, fields))
        else:
            anew.append(rows[i])
    return anew


def _quoted(lines: list[str], rows: list[Record], at: int, options: Options) -> bool:
    """Whether the numbers of a record, at least two thirds of its cells with them, are in quotes and those of
    the next ones are not.
    """
    quote = options.quotechar
    if not quote:
        return False

    def marked(i: int) -> list[bool]:
        parts = lines[rows[i - 1][0] if i else 0].rstrip("\r\n").split(options.delimiter)
        cells = rows[i][1]
        if len(parts) != len(cells):
            return []
        pairs = zip(parts, cells, strict=True)
        return [part.strip().startswith(quote) for part, cell in pairs if kind_of(cell) in ("number", "date")]

    mine = marked(at)
    theirs = [mark for i in range(at + 1, min(at + 20, len(rows))) for mark in marked(i)]
    return bool(mine) and all(mine) and bool(theirs) and not any(theirs)


def _shape(lines: list[str], given: Options) -> tuple[Options, float]:
    """The delimiter and quoting under which the rows are most alike and their cells most like values."""
    best: tuple[float, Options] | None = None
    text = "".join(lines)
    for delimiter in [given.delimiter] if given.delimiter else [d for d in _DELIMITERS if d in text]:
        for quote in [given.quotechar] if given.quotechar is not None else _quotes(text, delimiter):
            for escape in [given.escapechar] if given.escapechar is not None else _escapes(text, quote):
                space = given.skipinitialspace
                if space is None:
                    space = _spaced(text, delimiter)
                options = replace(
                    given, delimiter=delimiter, quotechar=quote, escapechar=escape, skipinitialspace=space
                )
                as_they_are = records(lines, options)
                rows = _mended(lines, as_they_are, options)
                anew = sum(a is not b for a, b in zip(rows, as_they_are, strict=True))
                score = _score([r for _, r in rows if r], delimiter)
                score = _of_tables(rows, delimiter) if score < _LEAST else score
                score *= 1 - 0.2 * anew / max(1, len(rows))
                if delimiter == " " and score < _LEAST and _quotes_between_blanks(lines, quote):
                    score = _LEAST
                if best is None or score > best[0] + 1e-9:
                    best = (score, options)
    if best is None or (best[0] < _LEAST and given.delimiter is None):  # one column
        quote = given.quotechar if given.quotechar is not None else '"'
        single = replace(
            given, delimiter=",", quotechar=quote, escapechar=given.escapechar or "", skipinitialspace=False
        )
        if any(len(record) > 1 for _, record in records(lines, single)):
            single = replace(single, delimiter=_NO_DELIMITER)
        return single, 0.5
    return best[1], min(1.0, best[0])


def _quotes_between_blanks(lines: list[str], quote: str) -> bool:
    """Whether most lines have fields in quotes between blanks, as a text of one column has not."""
    field = re.compile(rf"(?:^|(?<= )){quote}[^{quote}]*{quote}(?= |$)") if quote else None
    filled = [line.rstrip("\r\n") for line in lines if line.strip()]
    return field is not None and sum(bool(field.search(line)) for line in filled) > 0.8 * len(filled)


def _quotes(text: str, delimiter: str) -> list[str]:
    """Quote characters that open a field somewhere; the double quote where there is none."""
    mark = re.escape(delimiter)
    opening = [
        q
        for q in "\"'"
        if re.search(rf"(^|{mark} ?|[\r\n]){q}", text) and re.search(rf"{q}\s*($|{mark}|[\r\n])", text)
    ]
    return opening if '"' in opening else ['"', *opening]


def _escapes(text: str, quote: str) -> list[str]:
    return ["", "\\"] if quote and "\\" + quote in text else [""]


def _spaced(text: str, delimiter: str) -> bool:
    """Whether a blank follows (nearly) every delimiter, or quotes open after such a blank; of blanks
    themselves, whether columns are aligned with them.
    """
    if delimiter in " \t":
        return delimiter == " " and _aligned(text)
    total = text.count(delimiter)
    blank = text.count(delimiter + " ")
    return blank > 0 and (blank >= 0.95 * total or (delimiter + ' "') in text and f'{delimiter}"' not in text)


def _aligned(text: str) -> bool:
    """Whether several blanks, not always as many, stand between the fields of the first line and of most
    others.
    """
    runs = [re.findall(r"(?<=\S) {2,}(?=\S)|^ +(?=\S)", line) for line in text.splitlines() if line.strip()]
    lengths = {len(run) for line in runs for run in line}
    return len(lengths) > 1 and bool(runs[0]) and sum(map(bool, runs)) > 0.5 * len(runs)


def _score(rows: list[list[str]], delimiter: str) -> float:
    """0 to about 1.2: the share of cells in rows of the usual width, times how many cells look like one
    value; 0 for one column. Lines above the table that have one field count less.
    """
    first = next((i for i, row in enumerate(rows) if len(row) > 1 and not row[0].startswith("#")), 0)
    rows, titles = rows[first:], first
    width = usual_width(rows)
    if width < 2:
        return 0.0
    usual = [row for row in rows if len(row) == width]
    share = len(usual) / (len(rows) + 0.25 * titles)
    cells = [cell for row in usual for cell in row]
    if delimiter == " " and width < 4 and sum(kind_of(cell) == "number" for cell in cells) < 0.2 * len(cells):
        return 0.0  # words of a sentence, or first and last names
    clean = sum(_clean(cell) for cell in cells) / len(cells)
    return share**2 * (0.4 + 0.6 * clean) * (1 + 0.2 * (1 - 1 / width)) * _UNUSUAL.get(delimiter, 1.0)


def _of_tables(rows: list[Record], delimiter: str) -> float:
    """The least score of the tables between blank lines, which may be of other widths; 0 unless there are two
    or more of three rows or more that are clear enough: paragraphs of prose are not.
    """
    blocks = [
        [row for _, row in block] for filled, block in groupby(rows, lambda one: bool(one[1])) if filled
    ]
    scores = [_score(block, delimiter) for block in blocks if len(block) >= 3]
    return min(scores) if len(scores) > 1 and min(scores) >= 2 * _LEAST else 0.0


def _clean(cell: str) -> float:
    """How much a cell looks like one value: nothing, a number, a date, a word; less like a piece of a broken
    one.
    """
    if not cell.strip() or kind_of(cell) != "text":
        return 1.0
    if re.search(r"[;\t|]", cell) or cell.count('"') % 2 or re.match(r"\s*'", cell):
        return 0.2
    return 0.9 if re.fullmatch(r"\s*[\w.@:/+-]+\s*", cell) else 0.7
