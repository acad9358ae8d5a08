"""Sheets of a workbook: .xlsx, .xlsb, .xls and .ods. The sheet is poured into a delimited text, one line for
each of its rows, which finds its table as in any other text; then its cells get their types back.
"""

from __future__ import annotations

import datetime
import json
import re
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.finding import Finding
from core.loading.cells import JsonCells, filled
from core.loading.options import Options
from core.loading.readers import LOOK_ROWS, Staged, delimited
from core.loading.readers.opendocument import errors_in
from core.loading.readers.several import chosen_of, others_of, unread_tables
from core.loading.readers.workbook import Beside, beside_in, opened, sheets_of, spans_down
from core.phrases import count, names
from core.progress import Progress

if TYPE_CHECKING:
    import pyarrow as pa
    from python_calamine import CalamineSheet

MARK = "|"  # between cells; no blank, as a row of empty cells is no blank line
_NEW_LINE, _RETURN, _BAR = "\ufdd0", "\ufdd1", "\ufdd2"  # no characters, for what cannot stand in a line
_INTO = str.maketrans({"\n": _NEW_LINE, "\r": _RETURN, MARK: _BAR})
_BACK = str.maketrans({_NEW_LINE: "\n", _RETURN: "\r", _BAR: MARK})
_NUMBER = r"^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$"  # of JSON
_AS_TEXT: dict[str, Any] = {
    **dict.fromkeys(("format", "table", "thousands")),
    **{"encoding": "utf-8", "delimiter": MARK, "quotechar": "", "escapechar": "", "decimal": "."},
    "skipinitialspace": False,
}
_DURATION = re.compile(r"PT(\d+)H(\d\d)M(\d\d)(?:[.,]\d+)?S")
_BESIDE = {"xlsx": beside_in, "ods": errors_in}  # of other formats nothing is told
_EXACT = 2**53  # whole numbers up to here are the same as floats


@dataclass
class _Poured:
    """What pouring a sheet into a text brought to light, by column from the first that is used.

    rows: poured. cut: there are more. numbers, flags: the last row with a number, with a boolean. texts: the
    rows with a number that is stored as text. merged: the rows in which merged cells begin.
    """

    rows: int = 0
    cut: bool = False
    numbers: dict[int, int] = field(default_factory=dict)
    flags: dict[int, int] = field(default_factory=dict)
    texts: dict[int, array[int]] = field(default_factory=dict)
    merged: list[int] = field(default_factory=list)


def read(
    path: Path, name: str, options: Options, folder: Path, progress: Progress, look: bool = False
) -> Staged:
    """Read a sheet of a workbook: the one named, else the one most like a table. Raises `LoadError`."""
    text = folder / "sheet.txt"
    with opened(path, name) as book:
        progress.at(0.0, "Opening the workbook")
        sheets = sheets_of(book)
        chosen = chosen_of(sheets, options.table, name, "sheet")
        sheet = book.get_sheet_by_name(chosen.name)
        poured = _pour(sheet, text, progress.part(0.0, 0.5), look)
        first_row, first_column = sheet.start or (0, 0)
        height = sheet.height
    as_text = replace(options, **_AS_TEXT)
    staged = delimited.read(text, name, as_text, folder, progress.part(0.5, 1.0), look)
    others = others_of(sheets, chosen)
    format = options.format or "xlsx"
    beside = _BESIDE[format](path, chosen.name) if format in _BESIDE else Beside()
    first = int(staged.options["first_data_line"])
    known = [one.translate(_BACK) for one in staged.names]
    findings = [
        *unread_tables(chosen.name, others, "sheet", "workbook"),
        *_hidden(beside, first_column, known),
    ]
    findings += _errors(beside, (first_row + first, first_column), known)
    findings += [*_merged(poured, first), *_numbers_as_text(poured, first, known)]
    if look:
        staged.options |= {"beginning": poured.cut, "rows_about": max(1, height - first)}
    own = {"format": format, "table": chosen.name, "others": others, "first_column": first_column}
    own["merged"] = sum(row >= first for row in poured.merged)
    return _typed(staged, poured, findings, own)


@dataclass(frozen=True)
class SheetCells(JsonCells):
    """Cells of a sheet: JSON texts, where a number is a number however its text is written."""

    def gives_back(self, array: Any, values: Any) -> bool:
        """Whether the values alone give back what stands in the sheet."""
        import pyarrow as pa
        import pyarrow.compute as pc

        if not (pa.types.is_integer(values.type) or pa.types.is_floating(values.type)):
            return super().gives_back(array, values)
        return bool(pc.all(pc.or_(pc.is_valid(values), pc.equal(array, "null")), min_count=0).as_py())


def _pour(sheet: CalamineSheet, text: Path, progress: Progress, look: bool) -> _Poured:
    """Write the rows of a sheet as lines, from its first row on; empty columns before the first are none."""
    poured, spans = _Poured(), sorted(spans_down(sheet), key=lambda span: span[1])
    left = sheet.start[1] if sheet.start else 0
    spans = [(column - left, top, bottom) for column, top, bottom in spans]
    held: dict[int, tuple[Any, int]] = {}  # column: value of merged cells, and their last row
    total, alone = max(1, sheet.total_height), MARK if sheet.width == 1 else ""
    with text.open("w", encoding="utf-8", newline="") as file:
        for number, row in enumerate(sheet.iter_rows()):
            if look and number > LOOK_ROWS:
                poured.cut = True
                break
            _fill_down(row, number, spans, held, poured)
            cells = [_text(cell, place, number, poured) for place, cell in enumerate(row)]
            file.write(MARK.join(cells) + alone + "\n")
            poured.rows += 1
            if not number % 10_000:
                progress.at(number / total, "Reading the sheet")
    return poured


def _fill_down(
    row: list[Any],
    number: int,
    spans: list[tuple[int, int, int]],
    held: dict[int, tuple[Any, int]],
    poured: _Poured,
) -> None:
    """Give the rows that merged cells span their value."""
    while spans and spans[0][1] == number:
        column, _, bottom = spans.pop(0)
        if 0 <= column < len(row) and row[column] != "":
            held[column] = (row[column], bottom)
            poured.merged.append(number)
    for column, (value, bottom) in list(held.items()):
        if number <= bottom:
            row[column] = value
        else:
            del held[column]


def _text(cell: Any, place: int, row: int, poured: _Poured) -> str:
    """A cell as text, from which its value can be told once its column is known to hold such."""
    if isinstance(cell, str):
        if cell and (cell[0].isdigit() or cell[0] == "-") and re.match(_NUMBER, cell):
            poured.texts.setdefault(place, array("l")).append(row)
        if cell.startswith("PT") and (parts := _DURATION.fullmatch(cell)):  # as .ods has it
            return ":".join(parts.groups())
        return cell.translate(_INTO)
    if isinstance(cell, bool):
        poured.flags[place] = row
        return str(cell)
    if isinstance(cell, float | int):
        poured.numbers[place] = row
        return str(int(cell)) if abs(cell) < _EXACT and cell == int(cell) else repr(cell)
    if isinstance(cell, datetime.datetime):
        clock = cell.time()
        return str(cell.date()) if clock == datetime.time() else cell.isoformat(" ")
    if isinstance(cell, datetime.timedelta):
        seconds = round(cell.total_seconds())
        return f"{seconds // 3600}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
    return str(cell)


def _typed(staged: Staged, poured: _Poured, findings: list[Finding], own: dict[str, Any]) -> Staged:
    """The cells of the text as JSON, of which text is in quotes: where a column of the sheet has no numbers,
    a text of digits is no number.
    """
    first = int(staged.options["first_data_line"])

    def batches(places: list[int]) -> Iterator[pa.RecordBatch]:
        import pyarrow as pa

        for batch in staged.batches(places):
            columns = [
                _as_json(column, poured.numbers.get(i, -1) >= first, poured.flags.get(i, -1) >= first)
                for i, column in zip(places, batch.columns, strict=True)
            ]
            yield pa.record_batch(columns, names=batch.schema.names)

    options = staged.options | own
    options["confidence"] = {k: v for k, v in options["confidence"].items() if k == "header_line"}
    options["doubt"] = None
    header = options["header"]
    options["header"] = None if header is None else [one.translate(_BACK) for one in header]
    options["names"] = [one.translate(_BACK) for one in staged.names]
    return replace(
        staged,
        names=options["names"],
        format=own["format"],
        cells=SheetCells(),
        batches=batches,
        types=["json"] * len(staged.names),
        options=options,
        findings=[*findings, *staged.findings],
    )


def _as_json(texts: Any, numbers: bool, flags: bool) -> Any:
    """Texts as JSON: numbers and booleans bare where the column has such, all else in quotes, null for
    nothing.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    texts = filled(texts)
    quoted = pc.binary_join_element_wise('"', texts, '"', "")
    odd = pc.match_substring_regex(texts, '[\\x00-\\x1f"\\\\' + f"{_NEW_LINE}{_RETURN}{_BAR}]")
    if pc.any(odd).as_py():
        anew = [
            json.dumps(text.translate(_BACK), ensure_ascii=False) for text in texts.filter(odd).to_pylist()
        ]
        quoted = pc.replace_with_mask(quoted, odd, pa.array(anew, pa.string()))
    if numbers:
        quoted = pc.if_else(pc.match_substring_regex(texts, _NUMBER), texts, quoted)
    if flags:
        bare = pc.is_in(texts, value_set=pa.array(["True", "False"]))
        quoted = pc.if_else(bare, pc.ascii_lower(texts), quoted)
    return pc.if_else(pc.equal(texts, ""), "null", quoted)


def _hidden(beside: Beside, left: int, known: list[str]) -> list[Finding]:
    """The finding that says which rows and columns of the sheet are hidden; they are read like the others."""
    rows, columns = beside.rows, beside.columns
    named = [known[place - left] for place in columns if 0 <= place - left < len(known)]
    if not rows and not named:
        return []
    parts = [count(rows, "hidden row")] if rows else []
    parts += [f"{count(len(named), 'hidden column')} ({names(named)})"] if named else []
    title = f"The sheet has {' and '.join(parts)}; they are read like the others."
    why = "Who looks at the sheet does not see them: they may be filtered out, or of no use."
    return [
        Finding("hidden_cells", title, "warning", 0.3, why, "Drop them if they are not meant to count.",
                columns=tuple(named), value=float(rows + len(named)))
    ]  # fmt: skip


def _errors(beside: Beside, begins: tuple[int, int], known: list[str]) -> list[Finding]:
    """The finding that says how many cells of the table hold an error instead of a value."""
    top, left = begins
    cells = [column - left for row, column in beside.errors if row >= top and 0 <= column - left < len(known)]
    if not cells:
        return []
    named = [known[place] for place in sorted(set(cells))]
    one = len(cells) == 1
    hold, are = ("cell holds an error", "it is") if one else ("cells hold errors", "they are")
    kinds = f" (such as {next(iter(beside.kinds))})" if beside.kinds else ""
    title = f"{len(cells):,} {hold}{kinds} in {names(named)}; {are} read as missing."
    why = "A formula that failed has no value; nothing says what it would have been."
    what = "Mend the formulas in the workbook, and load it again."
    about, many = tuple(named), float(len(cells))
    return [Finding("error_cells", title, "warning", 0.3, why, what, columns=about, value=many)]


def _merged(poured: _Poured, first: int) -> list[Finding]:
    many = sum(row >= first for row in poured.merged)
    if not many:
        return []
    are = "merged cell spans" if many == 1 else "merged cells span"
    title = f"{many:,} {are} several rows; each of these rows gets its value."
    why = "A sheet keeps the value in the first row alone, where it is shown for all of them."
    return [Finding("merged_cells", title, "info", 0.1, why, "Look at these columns.", value=float(many))]


def _numbers_as_text(poured: _Poured, first: int, known: list[str]) -> list[Finding]:
    """The finding that says in which columns of numbers some are stored as text."""
    found = {
        known[place]: sum(row >= first for row in rows)
        for place, rows in poured.texts.items()
        if place < len(known) and poured.numbers.get(place, -1) >= first
    }
    found = {name: many for name, many in found.items() if many}
    if not found:
        return []
    many = sum(found.values())
    are = "is" if many == 1 else "are"
    title = f"{count(many, 'number')} in {names(list(found))} {are} stored as text, and read as numbers."
    why = "A spreadsheet leaves such cells out of its sums."
    return [
        Finding("numbers_as_text", title, "info", 0.1, why, "Look at these columns.", columns=tuple(found),
                value=float(many))
    ]  # fmt: skip
