"""A workbook as a file: its sheets, which of them is most like a table, what is merged and hidden in it."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.errors import LoadError
from core.limits import SOURCE_MB
from core.loading.magic import locked
from core.loading.packed import RATIO, SMALL
from core.loading.readers.several import Offered
from core.loading.record import usual_width

if TYPE_CHECKING:
    from python_calamine import CalamineSheet, CalamineWorkbook

_JUDGED = 200  # rows by which a sheet is judged
_BLOCK = 1 << 20
_ROW = re.compile(rb"<row\b[^>]*>")
_COLUMN = re.compile(rb"<col\b[^>]*>")
_CELL = re.compile(rb"<c\b[^>]*>")
_ERROR = re.compile(rb'\bt="e"')
_ERROR_TEXT = re.compile(rb"<v>(#[A-Z0-9/!?_]{2,20})</v>")
_HIDDEN = re.compile(rb'\bhidden="(?:1|true)"')


@contextmanager
def opened(path: Path, name: str) -> Iterator[CalamineWorkbook]:
    """The workbook. Raises `LoadError` where it is damaged, locked, or would unpack to too much, also in
    the block that works with it.
    """
    import python_calamine as calamine

    _check_size(path, name)
    try:
        with calamine.CalamineWorkbook.from_path(path) as book:
            yield book
    except calamine.PasswordError as error:
        raise locked(name) from error
    except calamine.CalamineError as error:
        raise _damaged(name, error) from error
    except BaseException as error:
        if type(error).__name__ == "PanicException":  # of the reader, which is no Exception
            raise _damaged(name, error) from error
        raise


def _damaged(name: str, error: BaseException) -> LoadError:
    first = str(error).splitlines()[0] if str(error) else type(error).__name__
    return LoadError(
        f"{name} is a workbook, but a damaged or incomplete one ({first[:120]}). Open it in a spreadsheet "
        "program and save it again."
    )


def _check_size(path: Path, name: str) -> None:
    """Raise `LoadError` when a workbook says that it unpacks to more than one would."""
    if not zipfile.is_zipfile(path):
        return
    size = path.stat().st_size
    with zipfile.ZipFile(path) as archive:
        inside = sum(member.file_size for member in archive.infolist())
        if any(b"manifest:encryption-data" in archive.read(m) for m in _manifest(archive)):
            raise locked(name)
    if inside > SOURCE_MB.value * 1_000_000 or (inside > SMALL and inside > RATIO * size):
        raise LoadError(
            f"{name} has {size / 1e6:,.1f} MB, but unpacks to {inside / 1e6:,.0f} MB, as files do that "
            "are made to fill the memory. If it is sound, save the sheet as CSV and choose that."
        )


def _manifest(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    return [
        m for m in archive.infolist() if m.filename == "META-INF/manifest.xml" and m.file_size < 1_000_000
    ]


def sheets_of(book: CalamineWorkbook) -> list[Offered]:
    """The sheets that hold cells, in order; charts and macros are none. Each is as much like a table as it
    has cells, counted by the share of its rows that are as wide as most; little for one column.
    """
    found = []
    for facts in book.sheets_metadata:
        if not str(facts.typ).endswith("WorkSheet"):
            continue
        sheet = book.get_sheet_by_name(facts.name)
        if sheet.height:
            found.append(Offered(facts.name, not str(facts.visible).endswith("Visible"), _alike(sheet)))
    return found


def _alike(sheet: CalamineSheet) -> float:
    rows = [[str(cell) for cell in row] for row in islice(sheet.iter_rows(), _JUDGED)]
    filled = [[cell for cell in row if cell != ""] for row in rows]
    filled = [row for row in filled if row]
    width = usual_width(filled)
    share = sum(len(row) > width / 2 for row in filled) / max(1, len(filled))
    return float(share * sheet.height * width) if width > 1 else 0.02 * sheet.height


def spans_down(sheet: CalamineSheet) -> list[tuple[int, int, int]]:
    """The merged cells that span several rows: column, first and last row, counted from 0 in the sheet."""
    ranges = sheet.merged_cell_ranges or ()
    return [(left, top, bottom) for (top, left), (bottom, _) in ranges if bottom > top]


@dataclass
class Beside:
    """What the file of a sheet says besides its values: how many rows are hidden, which columns from 0,
    and the cells with an error by row and column, with some of these errors.
    """

    rows: int = 0
    columns: list[int] = field(default_factory=list)
    errors: list[tuple[int, int]] = field(default_factory=list)
    kinds: dict[str, None] = field(default_factory=dict)


def beside_in(path: Path, sheet: str) -> Beside:
    """What is beside the values of a sheet of an .xlsx."""
    found = Beside()
    with zipfile.ZipFile(path) as archive:
        member = _member(archive, sheet)
        if member is None:
            return found
        with archive.open(member) as stream:
            rest = b""
            while block := stream.read(_BLOCK):
                text = rest + block
                cut = text.rfind(b"<") + 1 or len(text)
                text, rest = text[: cut - 1], text[cut - 1 :]
                _note(text, found)
    return found


def _note(text: bytes, found: Beside) -> None:
    found.rows += sum(bool(_HIDDEN.search(tag)) for tag in _ROW.findall(text))
    for tag in _COLUMN.findall(text):
        if _HIDDEN.search(tag):
            found.columns += _span(tag)
    if b't="e"' not in text:
        return
    for tag in _CELL.findall(text):
        place = re.search(rb'\br="([A-Z]+)(\d+)"', tag)
        if _ERROR.search(tag) and place:
            found.errors.append((int(place[2]) - 1, _number_of(place[1].decode())))
    found.kinds |= dict.fromkeys(one.decode("utf-8", "replace") for one in _ERROR_TEXT.findall(text))


def _number_of(letters: str) -> int:
    """The place of a column from 0.

    >>> [_number_of(letters) for letters in ("A", "Z", "AA", "XFD")]
    [0, 25, 26, 16383]
    """
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1


def _span(tag: bytes) -> range:
    ends = [re.search(rb'\b%s="(\d+)"' % word, tag) for word in (b"min", b"max")]
    first, last = (int(end[1]) if end else 0 for end in ends)
    return range(first - 1, min(last, 16_384))


def _member(archive: zipfile.ZipFile, sheet: str) -> str | None:
    """The part of an .xlsx that holds a sheet; None where it cannot be told."""
    from html import unescape

    parts = set(archive.namelist())
    book, links = "xl/workbook.xml", "xl/_rels/workbook.xml.rels"
    if not {book, links} <= parts:
        return None
    text = archive.read(book).decode("utf-8", "replace")
    for tag in re.findall(r"<(?:\w+:)?sheet\b[^>]*>", text):
        facts = _attributes(tag)
        if unescape(facts.get("name", "")) == sheet:
            for link in re.findall(r"<Relationship\b[^>]*>", archive.read(links).decode("utf-8", "replace")):
                target = _attributes(link)
                if target.get("Id") == facts.get("r:id", facts.get("id")):
                    place = target.get("Target", "").lstrip("/")
                    place = place if place.startswith("xl/") else f"xl/{place}"
                    return place if place in parts else None
    return None


def _attributes(tag: str) -> dict[str, Any]:
    return dict(re.findall(r'([\w:]+)="([^"]*)"', tag))
