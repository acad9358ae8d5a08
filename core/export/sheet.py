"""The cleaned rows as a sheet of an .xlsx workbook. Numbers, dates and booleans are cells of their own kind;
text is text, never a formula or a link. What a sheet cannot hold exactly is text, too.
"""

from __future__ import annotations

import datetime
import decimal
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.errors import SettingError
from core.export.replay import ABSENT, Block, text_of
from core.phrases import name as named

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

ROWS, COLUMNS = 1_048_576, 16_384  # of a sheet, its names included
LETTERS = 32_767  # of a cell
_EXACT = 2**53  # whole numbers up to here are the same as floats
_FIRST = datetime.datetime(1900, 3, 1)  # before it, programs count days differently
_MADE = datetime.datetime(2000, 1, 1)  # the same bytes whenever it is written
_DAY, _TIME = "yyyy-mm-dd", "yyyy-mm-dd hh:mm:ss"


def check(rows: int, columns: int) -> None:
    """Raise `SettingError` when a sheet is too small for so many rows and columns."""
    if rows + 1 > ROWS or columns > COLUMNS:
        raise SettingError(
            f"A sheet holds {ROWS - 1:,} rows below the names and {COLUMNS:,} columns; these are {rows:,} "
            f"rows and {columns:,} columns. Choose csv or parquet."
        )


def put_sheet(blocks: Iterable[Block], how: dict[str, Any], path: Path) -> int:
    """Write the rows as the one sheet of a workbook; gives 0, as no cell needs to be made safe. Raises
    `SettingError` for what does not fit.
    """
    import xlsxwriter

    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(path, options) as book:
        book.set_properties({"created": _MADE})
        sheet = book.add_worksheet(how.get("sheet", ""))
        styles = {
            "names": book.add_format({"bold": True}),
            "text": book.add_format({"quote_prefix": True}),
            "day": book.add_format({"num_format": _DAY}),
            "time": book.add_format({"num_format": _TIME}),
            "fraction": book.add_format({"num_format": _TIME + ".000"}),
        }
        for place, title in enumerate(how["header"]):
            _text(sheet, 0, place, str(title), styles["names"], str(title))
        sheet.freeze_panes(1, 0)
        row = 1
        for columns in blocks:
            check(row - 1 + len(columns[0]) if columns else 0, len(how["header"]))
            for cells in zip(*columns, strict=True):
                for place, cell in enumerate(cells):
                    if cell is not None and cell is not ABSENT and cell != "":
                        _cell(sheet, row, place, cell, styles, how["header"][place])
                row += 1
    return 0


def _cell(sheet: Worksheet, row: int, place: int, cell: Any, styles: dict[str, Any], column: str) -> None:
    if isinstance(cell, bool):
        sheet.write_boolean(row, place, cell)
    elif (
        isinstance(cell, decimal.Decimal) and cell.is_finite() and decimal.Decimal(repr(float(cell))) == cell
    ):
        sheet.write_number(row, place, float(cell))
    elif isinstance(cell, int | float) and abs(cell) < (_EXACT if isinstance(cell, int) else 1e300):
        sheet.write_number(row, place, cell)
    elif isinstance(cell, datetime.date) and (style := _style(cell)):
        sheet.write_datetime(row, place, cell, styles[style])
    else:
        _text(sheet, row, place, text_of(cell), styles["text"], column)


def _style(cell: datetime.date) -> str:
    """How a day or time is shown; "" where a sheet would not keep it exactly."""
    if not isinstance(cell, datetime.datetime):
        return "day" if cell >= _FIRST.date() else ""
    if cell.tzinfo is not None or cell < _FIRST or cell.microsecond % 1_000:
        return ""
    if cell.microsecond:
        return "fraction"
    return "day" if cell.time() == datetime.time() else "time"


def _text(sheet: Worksheet, row: int, place: int, text: str, style: Any, column: str) -> None:
    if len(text.encode("utf-16-le")) // 2 > LETTERS:
        raise SettingError(
            f"A cell of a sheet holds {LETTERS:,} characters; row {row:,} has {len(text):,} in column "
            f"{named(column)}. Choose csv or parquet."
        )
    sheet.write_string(row, place, text, style)
