"""What an .ods says besides the values of a sheet: which of its cells hold an error."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from html import unescape
from itertools import islice, product
from pathlib import Path

from core.loading.readers.workbook import Beside

MOST = 1_000_000  # errors that are counted
_BLOCK = 1 << 20
_WIDEST = 16_384  # columns of a sheet
_TAG = re.compile(
    rb"<(/?table:table|table:table-row|table:(?:covered-)?table-cell|text:p)(?=[\s/>])([^>]*)>([^<]*)"
)
_ERROR = re.compile(rb'\bvalue-type="error"')
_REPEATED = re.compile(rb'\bnumber-(?:rows|columns)-repeated="(\d{1,9})"')
_NAME = re.compile(rb'\btable:name="([^"]*)"')


def errors_in(path: Path, sheet: str) -> Beside:
    """The cells of a sheet with an error, by row and column, with some of these errors."""
    found, inside, failed = Beside(), False, False
    row, below, column = 0, 0, 0
    for what, facts, text in _tags(path):
        if what == b"table:table":
            named = _NAME.search(facts)
            inside = named is not None and unescape(named[1].decode("utf-8", "replace")) == sheet
        elif not inside:
            continue
        elif what == b"/table:table":
            break
        elif what == b"table:table-row":
            row, below, column = below, below + _times(facts), 0
        elif what == b"text:p":
            if failed and text:
                found.kinds[text.decode("utf-8", "replace")[:20]] = None
        else:
            past, failed = column, bool(_ERROR.search(facts))
            column += _times(facts)
            if failed:
                cells = product(range(row, below), range(past, min(column, _WIDEST)))
                found.errors += islice(cells, MOST - len(found.errors))
    return found


def _times(facts: bytes) -> int:
    repeated = _REPEATED.search(facts)
    return int(repeated[1]) if repeated else 1


def _tags(path: Path) -> Iterator[tuple[bytes, bytes, bytes]]:
    """The tags of tables, rows, cells and texts, each with its attributes and the text behind it."""
    rest = b""
    with zipfile.ZipFile(path) as archive, archive.open("content.xml") as stream:
        while block := stream.read(_BLOCK):
            text = rest + block
            cut = max(0, text.rfind(b"<"))
            text, rest = text[:cut], text[cut:]
            for tag in _TAG.finditer(text):
                yield tag[1], tag[2], tag[3]
    for tag in _TAG.finditer(rest):
        yield tag[1], tag[2], tag[3]
