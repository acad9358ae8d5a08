"""Workbooks: which sheet, where its table is, and that every cell comes through as what it is."""

from __future__ import annotations

import datetime as dt
import struct
import zipfile
from pathlib import Path

import pandas as pd
import pytest
import xlsxwriter

from core.errors import LoadError
from core.loading import Options, load, preview
from tests.core.loading.reading import new_folder, read


def workbook(sheets: dict[str, list[list[object]]], hidden: tuple[str, ...] = ()) -> Path:
    """A workbook with these cells; a date or time is written as such."""
    path = new_folder() / "book.xlsx"
    with xlsxwriter.Workbook(path, {"default_date_format": "yyyy-mm-dd hh:mm:ss.000"}) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for at, row in enumerate(rows):
                for place, cell in enumerate(row):
                    if cell is not None:
                        write = sheet.write_string if isinstance(cell, str) else sheet.write
                        write(at, place, cell)
            if name in hidden:
                sheet.hide()
    return path


NOTES = [["About these figures"], ["They are of the shop"]]
SALES: list[list[object]] = [
    ["Sales of the shop"],
    [],
    ["id", "day", "at", "sum", "paid", "code", "note"],
    *([n, dt.date(2024, 1, n), dt.datetime(2024, 1, n, 3, 4, 5, 678_000), n / 8, n % 2 == 0, f"00{n}",
       'two\nlines | "bar"\t'] for n in range(1, 9)),
]  # fmt: skip


def test_the_sheet_with_the_table_below_its_title_is_read_cell_by_cell() -> None:
    path = workbook({"Notes": NOTES, "Sales": SALES})
    dataset = read(path)
    frame = dataset.frame()
    assert dataset.source.options["table"] == "Sales"
    assert dataset.source.options["header_line"] == 2
    assert [(c.name, c.stored, c.raw) for c in dataset.columns] == [
        ("id", "int64", False),
        ("day", "timestamp[us]", False),
        ("at", "timestamp[us]", False),
        ("sum", "double", False),
        ("paid", "bool", False),
        ("code", "string", False),
        ("note", "string", False),
    ]
    assert frame.iloc[1].tolist() == [
        2,
        pd.Timestamp("2024-01-02"),
        pd.Timestamp("2024-01-02 03:04:05.678"),
        0.25,
        True,
        "002",
        'two\nlines | "bar"\t',
    ]
    found = {finding.code: finding.title for finding in dataset.loading}
    assert found == {
        "other_tables": "The sheet 'Sales' is read; the workbook also has 'Notes'.",
        "lines_before": "1 line before the table was left out: 'Sales of the shop'.",
    }


def test_another_sheet_can_be_chosen_and_a_hidden_one_is_not_offered_first() -> None:
    people = [["name", "age"], *([f"n{n}", n] for n in range(50))]
    path = workbook({"Now": people[:9], "Next": people[:10], "Old": people}, hidden=("Old",))
    seen = preview(path)
    assert (seen.options.table, seen.others, seen.whole) == ("Now", ("Next", "Old"), True)
    assert load(path, into=new_folder(), options=Options(table="Old")).rows == 50
    with pytest.raises(LoadError, match="no sheet 'Odl' with cells; there are 'Now', 'Next' and 'Old'"):
        load(path, into=new_folder(), options=Options(table="Odl"))


def test_text_of_digits_stays_text_unless_numbers_stand_beside_it() -> None:
    rows = [["a", "b", "c"], ["1", "1", "x"], ["2", 2, 2], ["3", 3, 3], ["4", None, "N/A"]]
    dataset = read(workbook({"S": rows}))
    assert dataset["a"].stored == "string" and dataset.frame()["a"].tolist() == ["1", "2", "3", "4"]
    assert dataset["b"].stored == "int64" and dataset.frame()["b"].fillna(-1).tolist() == [1, 2, 3, -1]
    assert dataset["c"].stored == "string"
    assert "1 number in 'b' is stored as text, and read as numbers." in [f.title for f in dataset.loading]


def test_merged_and_hidden_cells_are_told_and_a_merged_one_is_of_every_row() -> None:
    path = new_folder() / "book.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        for at, row in enumerate([["region", "year", "sum"], *(["", 2020 + n, n / 2] for n in range(6))]):
            sheet.write_row(at, 1, row)
        sheet.merge_range(1, 1, 3, 1, "north")
        sheet.merge_range(4, 1, 6, 1, "south")
        sheet.set_row(2, None, None, {"hidden": True})
        sheet.set_column(2, 2, None, None, {"hidden": True})
    dataset = read(path)
    assert dataset.names == ("region", "year", "sum")
    assert dataset.frame()["region"].tolist() == ["north"] * 3 + ["south"] * 3
    assert [finding.title for finding in dataset.loading] == [
        "The sheet has 1 hidden row and 1 hidden column ('year'); they are read like the others.",
        "2 merged cells span several rows; each of these rows gets its value.",
    ]


@pytest.mark.parametrize("groups", [("First half", "Second half"), ("2023", "2024"), (2023, 2024)])
def test_merged_names_of_groups_are_no_row_and_are_named_or_joined(
    groups: tuple[str | int, str | int],
) -> None:
    path = new_folder() / "book.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.merge_range(0, 0, 0, 4, "Sales of the shop, by year")
        sheet.merge_range(1, 1, 1, 2, groups[0])
        sheet.merge_range(1, 3, 1, 4, groups[1])
        sheet.write_row(2, 0, ["shop", "Q1", "Q2", "Q3", "Q4"])
        for n in range(30):
            sheet.write_row(3 + n, 0, [f"shop {n}", n * 1.5, n * n, -n, n / 4])
    dataset = read(path)
    assert dataset.names == ("shop", "Q1", "Q2", "Q3", "Q4") and dataset.rows == 30
    [left] = [finding.title for finding in dataset.loading if finding.code == "lines_before"]
    one, other = groups
    assert left == (
        f"2 lines before the table were left out: 'Sales of the shop, by year' and '{one} | {other}'."
    )
    joined = read(path, options=Options(header_line=1))
    assert joined.names == ("shop", f"{one} Q1", f"{one} Q2", f"{other} Q3", f"{other} Q4")
    assert joined.rows == 30


def test_cells_with_an_error_are_missing_and_counted() -> None:
    path = new_folder() / "book.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write_formula(0, 1, "=1/0", None, "#DIV/0!")
        for at, row in enumerate(
            [["Figures of the year"], ["n", "share", "note"], *([n, n / 2, "x"] for n in range(9))]
        ):
            sheet.write_row(at + 1, 1, row)
        sheet.write_formula(4, 2, "=1/0", None, "#DIV/0!")
        sheet.write_formula(6, 2, "=NA()", None, "#N/A")
        sheet.write_formula(6, 3, "=NA()", None, "#N/A")
        sheet.write_string(7, 3, "#N/A")
    dataset = read(path)
    assert dataset.frame()["share"].isna().sum() == 2
    titles = {finding.code: finding.title for finding in dataset.loading}
    assert titles["error_cells"] == (
        "3 cells hold errors (such as #DIV/0!) in 'share' and 'note'; they are read as missing."
    )


def test_cells_with_an_error_are_counted_in_open_documents_too() -> None:
    def cell(value: object) -> str:
        kind = "string" if isinstance(value, str) else "float"
        given = f' office:value="{value}"' if kind == "float" else ""
        return (
            f'<table:table-cell office:value-type="{kind}"{given}><text:p>{value}</text:p></table:table-cell>'
        )

    def failed(error: str, times: int = 1) -> str:
        again = f' table:number-columns-repeated="{times}"' if times > 1 else ""
        return (
            f'<table:table-cell{again} table:formula="of:=1/0" office:value-type="string" '
            f'office:string-value="" calcext:value-type="error"><text:p>{error}</text:p></table:table-cell>'
        )

    def row(*cells: str, times: int = 1) -> str:
        again = f' table:number-rows-repeated="{times}"' if times > 1 else ""
        return f"<table:table-row{again}>{''.join(cells)}</table:table-row>"

    empty = '<table:table-cell table:number-columns-repeated="2"/>'
    rows = [row(empty, *map(cell, ("n", "a &amp; b", "c")), failed("#NAME?"))]
    rows += [row(empty, cell(n), cell(n / 2), cell("x")) for n in range(5)]
    rows += [
        row(empty, cell(5), failed("#DIV/0!", 2)),
        row(empty, cell(6), failed("#N/A"), cell("y"), times=3),
    ]
    names = "".join(
        f' xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for short, name in (
            ("office", "office"),
            ("table", "table"),
            ("text", "text"),
            ("calcext", "calcext"),
        )
    )
    sheets = "".join(
        f'<table:table table:name="{name}">{"".join(held)}</table:table>'
        for name, held in (
            ("other", [row(failed("#REF!"))]),
            ("A &amp; B", rows),
            ("last", [row(failed("#REF!"))]),
        )
    )
    path = new_folder() / "book.ods"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr(
            "content.xml",
            f"<office:document-content{names}><office:body><office:spreadsheet>{sheets}"
            "</office:spreadsheet></office:body></office:document-content>",
        )
        archive.writestr(
            "META-INF/manifest.xml",
            '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>',
        )
    dataset = read(path)
    assert dataset.frame()["a & b"].isna().sum() == 4
    titles = {finding.code: finding.title for finding in dataset.loading}
    assert titles["error_cells"] == (
        "5 cells hold errors (such as #NAME?) in 'a & b' and 'c'; they are read as missing."
    )


def test_a_row_of_another_table_is_kept_aside_and_put_back() -> None:
    rows = [["name", "age"], *([f"n{n}", n] for n in range(9)), [], ["town", "river", "since"]]
    rows += [[f"t{n}", f"r{n}", 1900 + n] for n in range(3)]
    dataset = read(workbook({"S": rows}))
    assert dataset.names == ("name", "age") and dataset.source.aside == 3
    assert read(workbook({"S": rows}), options=Options(header_line=11)).names == ("town", "river", "since")


def test_one_column_keeps_its_empty_cells() -> None:
    assert read(workbook({"S": [["n"], [1], [None], [3]]})).frame()["n"].fillna(-1).tolist() == [1, -1, 3]


def test_open_documents_and_durations() -> None:
    cell = '<table:table-cell office:value-type="{0}" office:{1}="{2}"><text:p>x</text:p></table:table-cell>'
    text = '<table:table-cell office:value-type="string"><text:p>{0}</text:p></table:table-cell>'
    rows = [[text.format(name) for name in ("n", "day", "took")]]
    rows += [
        [cell.format("float", "value", n), cell.format("date", "date-value", f"2024-02-0{n}"),
         cell.format("time", "time-value", f"PT{24 + n}H05M00S")]
        for n in (1, 2, 3)
    ]  # fmt: skip
    body = "".join(f"<table:table-row>{''.join(row)}</table:table-row>" for row in rows)
    spaces = " ".join(
        f'xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{short}:1.0"'
        for short in ("office", "table", "text")
    )
    path = new_folder() / "book.ods"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
        archive.writestr(
            "content.xml",
            f'<?xml version="1.0"?><office:document-content {spaces}><office:body><office:spreadsheet>'
            f'<table:table table:name="S">{body}</table:table>'
            "</office:spreadsheet></office:body></office:document-content>",
        )
    dataset = read(path)
    assert dataset.source.format == "ods"
    assert [(c.name, c.stored) for c in dataset.columns] == [
        ("n", "int64"),
        ("day", "timestamp[us]"),
        ("took", "string"),
    ]
    assert dataset.frame()["took"].tolist() == ["25:05:00", "26:05:00", "27:05:00"]


def old_workbook() -> bytes:
    """An .xls of Excel 5: names in a row and a number below each, in the least of OLE's containers."""

    def record(kind: int, data: bytes) -> bytes:
        return struct.pack("<HH", kind, len(data)) + data

    def cell(row: int, column: int) -> bytes:
        return struct.pack("<HHH", row, column, 0)

    begin, end = struct.pack("<HHHH", 0x500, 0x5, 0, 0), record(0x0A, b"")
    sheet = record(0x809, struct.pack("<HHHH", 0x500, 0x10, 0, 0))
    for place, name in enumerate((b"length", b"width")):
        sheet += record(0x204, cell(0, place) + struct.pack("<H", len(name)) + name)
        for row in (1, 2, 3):
            sheet += record(0x203, cell(row, place) + struct.pack("<d", row + place / 2))
    sheet += end
    start = len(record(0x809, begin)) + len(record(0x85, b"\0" * 9)) + len(end)
    named = struct.pack("<IHB", start, 0, 2) + b"S1"
    stream = record(0x809, begin) + record(0x85, named) + end + sheet
    stream = stream.ljust(4_096, b"\0")
    sectors = len(stream) // 512
    table = [0xFFFFFFFD, 0xFFFFFFFE, *range(3, 2 + sectors), 0xFFFFFFFE]
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6)
    header += bytes(6) + struct.pack("<IIIIIIIIII", 0, 1, 1, 0, 4_096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0, 0)
    header += b"\xff" * (512 - len(header))

    def entry(name: str, kind: int, child: int, first: int, size: int) -> bytes:
        wide = name.encode("utf-16-le").ljust(64, b"\0")
        facts = struct.pack("<HBBIII", 2 * len(name) + 2, kind, 1, 0xFFFFFFFF, 0xFFFFFFFF, child)
        return wide + facts + bytes(36) + struct.pack("<IQ", first, size)

    folder = (
        entry("Root Entry", 5, 1, 0xFFFFFFFE, 0) + entry("Book", 2, 0xFFFFFFFF, 2, len(stream)) + bytes(256)
    )
    return header + struct.pack(f"<{len(table)}I", *table).ljust(512, b"\xff") + folder + stream


def test_an_old_workbook() -> None:
    dataset = read(old_workbook())
    assert dataset.source.format == "xls"
    assert dataset.frame().to_dict("list") == {"length": [1, 2, 3], "width": [1.5, 2.5, 3.5]}


def test_a_password_a_bomb_a_damaged_file_and_an_empty_one(tmp_path: Path) -> None:
    def why(content: bytes) -> str:
        (tmp_path / "book.xlsx").write_bytes(content)
        with pytest.raises(LoadError) as caught:
            load(tmp_path / "book.xlsx", into=tmp_path / "w")
        return str(caught.value)

    locked = bytearray(old_workbook())
    locked[1024 + 128 : 1024 + 192] = "EncryptedPackage".encode("utf-16-le").ljust(64, b"\0")
    assert "book.xlsx is protected by a password" in why(bytes(locked))
    whole = workbook({"S": SALES}).read_bytes()
    assert "damaged or incomplete" in why(whole[: len(whole) // 2])
    assert "damaged or incomplete" in why(old_workbook()[:1500])
    assert "no sheet with anything in it" in why(workbook({"S": []}).read_bytes())
    bomb = workbook({"S": SALES})
    with (
        zipfile.ZipFile(bomb, "a", zipfile.ZIP_DEFLATED) as archive,
        archive.open("xl/worksheets/sheet9.xml", "w") as member,
    ):
        for _ in range(150):
            member.write(bytes(1 << 20))
    assert "unpacks to 157 MB, as files do that are made to fill the memory" in why(bomb.read_bytes())
    with zipfile.ZipFile(bomb, "w") as archive:
        archive.writestr("word/document.xml", "<w/>")
    assert "looks like a Word document, not like a table" in why(bomb.read_bytes())
