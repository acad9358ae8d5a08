"""What a server and two runs of one page make of each other: a crash, a double click."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Page

from tests.journeys.conftest import Server, calm, hears, load, opened, press, visit

DECIDED = re.compile(r"1 row changed or kept, 2 dropped")


def test_decisions_outlive_a_killed_server(page: Page, tmp_path: Path) -> None:
    server, raw = Server(tmp_path / "home"), tmp_path / "few.csv"
    lines = [f"{i},{i * i % 11}\n" for i in range(40)]
    raw.write_text("".join(["x,y\n", *lines, *lines[:5]]))  # five rows are there twice
    try:
        load(page, server, raw)
        visit(page, "Review")
        hears(page)
        for key in "dkd":
            page.keyboard.press(key)
            page.wait_for_timeout(300)
            calm(page)
        page.get_by_text(DECIDED).first.wait_for()
        address = page.url
        server.kill()
        server.start()
        page.goto(address)
        page.get_by_role("heading", name="Decide").wait_for()
        calm(page)
        assert page.get_by_text("Page not found").count() == 0
        page.get_by_text(DECIDED).first.wait_for()
        load(page, server, raw)
        page.get_by_text(DECIDED).first.wait_for()
        visit(page, "Review")
        tally = page.get_by_test_id("stMetric").all_inner_texts()
        assert any("Dropped" in told and "2" in told for told in tally) and any(
            "Kept" in told and "1" in told for told in tally
        )
        page.reload()
        calm(page)
        page.get_by_text(DECIDED).first.wait_for()
    finally:
        server.kill()


def test_a_double_click_opens_the_data_and_the_second_table_of_a_file_can_be_chosen(
    page: Page, server: Server, tmp_path: Path
) -> None:
    """At a double click two runs of the page's script look at the same job."""
    for _ in range(2):
        page.goto(server.address)
        calm(page)
        visit(page, "Load")
        page.locator('[class*="st-key-sample-"] button').first.dblclick()
        opened(page)
        assert page.get_by_test_id("stSidebar").get_by_text("rows").count()
    two = tmp_path / "two.csv"
    first = "id,name,score\n" + "".join(f"{i},n{i},{i}.5\n" for i in range(12))
    two.write_text(first + "city,lat,lon,height\n" + "".join(f"c{i},{i}.1,{i}.2,{i}\n" for i in range(9)))
    page.goto(server.address)
    calm(page)
    visit(page, "Load")
    page.locator('input[type="file"]').first.set_input_files(two)
    page.get_by_text("Read as: ").wait_for()
    calm(page)
    press(page, "table-13-")
    press(page, "go")
    page.locator(".st-key-badge").get_by_text("9 rows × 4 columns").wait_for()
