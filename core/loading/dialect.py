"""The shape of a delimited text: its delimiter, quotes, header and decimal mark, guessed from the first
megabyte.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from dataclasses import dataclass, replace
from typing import Any

from core.loading.options import NO_HEADER, Options

_DELIMITERS = (",", ";", "\t", "|", "~", "^", " ")
_UNUSUAL = {"~": 0.8, "^": 0.8, " ": 0.55}
_NO_DELIMITER = "\x1f"  # for one column of text with commas: a character that hardly any text holds
_SAMPLE_ROWS = 300
_NUMBER = re.compile(r"\s*[+-]?[$€£]?(\d[\d.,]*|[.,]\d+)([eE][+-]?\d+)?\s*%?\s*$")
_DATE = re.compile(r"\s*\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}([T ]+[\d:.]+.*)?\s*$|\s*\d{1,2}:\d{2}(:\d{2})?\s*$")
_COMMA_NUMBER = re.compile(r"[+-]?(\d{1,3}(\.\d{3})+|\d+),\d+$")
_POINT_NUMBER = re.compile(r"[+-]?\d*\.\d+$")


@dataclass(frozen=True)
class Dialect:
    """How the text reads, all of it decided. ``header`` as in the file (None without one), ``width``: fields
    of a usual row.

    ``confidence``: how sure each guess is, 0 to 1, keyed like the options.
    """

    options: Options
    header: tuple[str, ...] | None
    width: int
    confidence: dict[str, float]


def records(lines: list[str], options: Options) -> list[tuple[int, list[str]]]:
    """The records of the sample, each with the number of physical lines read up to its end; blank lines give
    empty records.
    """
    reader = csv.reader(lines, **reader_settings(options))
    found: list[tuple[int, list[str]]] = []
    while len(found) < _SAMPLE_ROWS:
        try:
            record = next(reader)
        except StopIteration:
            break
        except csv.Error:
            record = []
        found.append((reader.line_num, record))
    return found


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


def detect(text: str, given: Options) -> Dialect:
    """Fill in what ``given`` leaves open, from the first lines of the text."""
    lines = _lines(text)
    best, sure = _shape(lines, given)
    rows = records(lines, best)
    width = _width([r for _, r in rows])
    header_at, surety = _header(rows, width, given)
    header = None if header_at is None else tuple(rows[header_at][1])
    if header is not None and len(header) == width - 1 and width > 2:
        header = ("", *header)  # as R writes it: no name above the row labels
    width = max(width, len(header or ()))
    start, first = _places(rows, header_at, width, given)
    body = [r for _, r in rows[start:] if r]
    options = replace(
        best,
        header_line=NO_HEADER if header_at is None else _line_of(rows, header_at),
        first_data_line=first,
        decimal=given.decimal or _decimal(body, best.delimiter or ","),
    )
    return Dialect(options, header, width, {"delimiter": round(sure, 2), "header_line": round(surety, 2)})


def _lines(text: str) -> list[str]:
    """Physical lines as a file has them: cut at LF, CR LF and CR only."""
    return re.findall(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+$", text)[: 4 * _SAMPLE_ROWS]


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
                score = _score([r for _, r in records(lines, options) if r], delimiter)
                if best is None or score > best[0] + 1e-9:
                    best = (score, options)
    if best is None or (best[0] < 0.2 and given.delimiter is None):  # one column
        quote = given.quotechar if given.quotechar is not None else '"'
        single = replace(
            given, delimiter=",", quotechar=quote, escapechar=given.escapechar or "", skipinitialspace=False
        )
        if any(len(record) > 1 for _, record in records(lines, single)):
            single = replace(single, delimiter=_NO_DELIMITER)
        return single, 0.5
    return best[1], min(1.0, best[0])


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
    """Whether a blank follows (nearly) every delimiter, or quotes open after such a blank."""
    if delimiter in " \t":
        return False
    total = text.count(delimiter)
    blank = text.count(delimiter + " ")
    return blank > 0 and (blank >= 0.95 * total or (delimiter + ' "') in text and f'{delimiter}"' not in text)


def _width(rows: list[list[str]]) -> int:
    """The number of fields most rows have; of two as frequent the larger."""
    counts = Counter(len(row) for row in rows if row)
    return max(counts.items(), key=lambda item: (item[1] * item[0] ** 0.5, item[0]))[0] if counts else 1


def _score(rows: list[list[str]], delimiter: str) -> float:
    """0 to about 1.2: the share of cells in rows of the usual width, times how many cells look like one
    value; 0 for one column.
    """
    width = _width(rows)
    if width < 2:
        return 0.0
    usual = [row for row in rows if len(row) == width]
    share = len(usual) / len(rows)
    cells = [cell for row in usual for cell in row]
    if delimiter == " " and width < 4 and sum(_kind(cell) == "number" for cell in cells) < 0.2 * len(cells):
        return 0.0  # words of a sentence, or first and last names
    clean = sum(_clean(cell) for cell in cells) / len(cells)
    return share**2 * (0.4 + 0.6 * clean) * (1 + 0.2 * (1 - 1 / width)) * _UNUSUAL.get(delimiter, 1.0)


def _clean(cell: str) -> float:
    """How much a cell looks like one value: nothing, a number, a date, a word; less like a piece of a broken
    one.
    """
    if not cell.strip() or _NUMBER.match(cell) or _DATE.match(cell):
        return 1.0
    if re.search(r"[;\t|]", cell) or cell.count('"') % 2 or re.match(r"\s*'", cell):
        return 0.2
    return 0.9 if re.fullmatch(r"\s*[\w.@:/+-]+\s*", cell) else 0.7


def _kind(cell: str) -> str:
    if not cell.strip():
        return ""
    return "number" if _NUMBER.match(cell) else "date" if _DATE.match(cell) else "text"


def _header(rows: list[tuple[int, list[str]]], width: int, given: Options) -> tuple[int | None, float]:
    """Index of the header's record or None, and how sure that is."""
    if given.header_line == NO_HEADER:
        return None, 1.0
    if given.header_line is not None:
        place = next(
            (i for i, (_, r) in enumerate(rows) if _line_of(rows, i) >= (given.header_line or 0) and r), None
        )
        return place, 1.0
    first = _first_full(rows, width)
    if first is None:
        return None, 0.0
    if given.first_data_line is not None and _line_of(rows, first) >= given.first_data_line:
        return None, 0.9
    head = rows[first][1]
    body = [r for _, r in rows[first + 1 :] if len(r) == width]
    if not body:
        return (None, 0.5) if all(_kind(c) in ("number", "date", "") for c in head) else (first, 0.6)
    if len(head) > 1 and [c.strip() for c in head] == [str(i) for i in range(len(head))]:
        return first, 0.9
    votes = [_vote(cell, [r[i] for r in body if i < len(r)]) for i, cell in enumerate(head)]
    if max(votes) > 0.9 and min(votes) > -0.9:
        return first, 1.0  # a word on top of numbers, and nowhere a number on top of numbers
    total = sum(votes) / len(votes)
    return (first, min(1.0, 0.6 + total)) if total > -0.05 else (None, min(1.0, 0.6 - total))


def _first_full(rows: list[tuple[int, list[str]]], width: int) -> int | None:
    """Index of the first record of full width, or of the one before it when only the name of the row labels
    is missing there.
    """
    full = next((i for i, (_, r) in enumerate(rows) if len(r) >= width and any(c.strip() for c in r)), None)
    if not full or width < 3:
        return full
    above = rows[full - 1][1]
    return full - 1 if len(above) == width - 1 and all(_kind(c) == "text" for c in above) else full


def _vote(cell: str, below: list[str]) -> float:
    """Above 0 when the cell is unlike what stands below it, as a name is; below 0 when it is of the same
    sort.
    """
    mine = _kind(cell)
    kinds = Counter(k for k in map(_kind, below) if k)
    if not kinds:
        return 0.0 if mine == "text" else -0.1
    theirs, count = kinds.most_common(1)[0]
    if mine == "":
        return -0.1
    if theirs != "text":
        return (1.0 if mine == "text" else -1.0) * count / kinds.total()
    if mine != "text":
        return -0.3
    if cell in below:
        return -0.8
    return 0.3 if len(set(below)) <= 0.5 * len(below) else 0.1 if len(cell) <= 30 else -0.1


def _line_of(rows: list[tuple[int, list[str]]], index: int) -> int:
    """The 0-based physical line on which a record begins."""
    return rows[index - 1][0] if index else 0


def _places(
    rows: list[tuple[int, list[str]]], header_at: int | None, width: int, given: Options
) -> tuple[int, int]:
    """Index of the first record of data, and its physical line."""
    if given.first_data_line is not None:
        start = next(
            (i for i in range(len(rows)) if _line_of(rows, i) >= (given.first_data_line or 0)), len(rows)
        )
        return start, given.first_data_line
    if header_at is not None:
        return header_at + 1, rows[header_at][0]
    start = next((i for i, (_, r) in enumerate(rows) if len(r) == width), 0)
    return start, _line_of(rows, start) if rows else 0


def _decimal(body: list[list[str]], delimiter: str) -> str:
    """ "," when some column has decimal commas throughout and none has decimal points."""
    columns: dict[int, list[str]] = {}
    for row in body:
        for i, cell in enumerate(row):
            if cell.strip():
                columns.setdefault(i, []).append(cell.strip())
    commas = [sum(bool(_COMMA_NUMBER.match(c)) for c in cells) / len(cells) for cells in columns.values()]
    points = [sum(bool(_POINT_NUMBER.match(c)) for c in cells) / len(cells) for cells in columns.values()]
    thousands = all(
        re.match(r"[+-]?[1-9]\d{0,2}(,\d{3})+(\.\d+)?$", c) or "," not in c
        for cells in columns.values()
        for c in cells
    )
    if max(commas, default=0.0) < 0.3 or max(points, default=0.0) > 0.8:
        return "."
    return "." if thousands and delimiter != ";" else ","
