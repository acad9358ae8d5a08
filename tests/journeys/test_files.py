"""The files that newcomers bring: a workbook whose table is on its second sheet below a title, a packed CSV,
a JSON in a ZIP; and two that are refused with one sentence each.
"""

from __future__ import annotations

import gzip
import json
import zipfile
from pathlib import Path

import pytest
import xlsxwriter
from playwright.sync_api import Page

from tests.journeys.conftest import Server, calm, press, send

ROWS = [{"id": n, "town": ("Ghent", "Lyon", "Oslo")[n % 3], "price": n * 1.25} for n in range(40)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("files")
    with xlsxwriter.Workbook(made / "shop.xlsx") as book:
        book.add_worksheet("Notes").write_column(0, 0, ["About this shop", "Figures are in euro"])
        sheet = book.add_worksheet("Sales")
        sheet.write(0, 0, "Sales of the shop")
        for row, cells in enumerate([list(ROWS[0]), *(list(one.values()) for one in ROWS)], 2):
            sheet.write_row(row, 0, cells)
    text = "id,town,price\n" + "".join("{id},{town},{price}\n".format(**one) for one in ROWS)
    (made / "shop.csv.gz").write_bytes(gzip.compress(text.encode()))
    with zipfile.ZipFile(made / "shop.zip", "w") as archive:
        archive.writestr("shop.json", json.dumps(ROWS))
    with zipfile.ZipFile(made / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.csv", "0,0\n" * 26_000_000)
    locked = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504) + "EncryptedPackage".encode("utf-16-le")
    (made / "locked.xlsx").write_bytes(locked + bytes(2_000))
    return made


def test_workbook_packed_files_and_those_that_are_refused(page: Page, server: Server, folder: Path) -> None:
    page.goto(f"{server.address}/load")
    calm(page)
    for name, why in (("locked.xlsx", "is protected by a password"), ("bomb.zip", "400 times its size")):
        page.locator('input[type="file"]').first.set_input_files(folder / name)
        alert = page.locator('[data-testid="stAlert"]')
        alert.get_by_text(why).wait_for()
        assert alert.count() == 1 and page.locator(".st-key-go").count() == 0
        press(page, "draft-back")
    page.locator('input[type="file"]').first.set_input_files(folder / "shop.xlsx")
    page.get_by_text("sheet Sales").wait_for()
    assert page.get_by_text("header in row 3").count() == 1 and page.get_by_text("40 rows").count() == 1
    press(page, "draft-back")
    for name in ("shop.xlsx", "shop.csv.gz", "shop.zip"):
        send(page, server, folder / name)
        page.get_by_text("40 rows").first.wait_for()
