"""Whole journeys in a real browser, as a person would go them."""

from __future__ import annotations

import math
import re
import subprocess
import sys
from pathlib import Path

import pandas as pd
from playwright.sync_api import Page

from tests.journeys.conftest import OUTPUT, PATIENCE, ROOT, SCHEME, Server, calm, load, opened, press, visit

PLACE_OF_FLAGGED = """() => {
    const drawn = [...document.querySelectorAll('.js-plotly-plot')].filter(g => g._fullData);
    const graph = drawn.find(g => g._fullData.some(t => t.type === 'scattergl'));
    const box = graph.getBoundingClientRect(), {xaxis, yaxis} = graph._fullLayout;
    const odd = graph._fullData.at(-1);
    return [...odd.x].map((x, i) => ({
        row: odd.customdata[i],
        x: box.left + xaxis._offset + xaxis.l2p(x),
        y: box.top + yaxis._offset + yaxis.l2p(odd.y[i]),
    }));
}"""


def outliers(page: Page) -> None:
    visit(page, "Issues")
    page.get_by_role("radiogroup", name="Kinds of trouble").get_by_text("stand far from the rest").click()
    calm(page)
    page.locator(".js-plotly-plot").first.scroll_into_view_if_needed()


def lasso(page: Page, x: float, y: float, radius: float = 14) -> None:
    """Draw a circle with the mouse."""
    corners = [
        (x + radius * math.cos(a / 12 * math.tau), y + radius * math.sin(a / 12 * math.tau))
        for a in range(13)
    ]
    page.mouse.move(*corners[0])
    page.mouse.down()
    for corner in corners[1:]:
        page.mouse.move(*corner, steps=2)
    page.mouse.up()
    calm(page)


def read(path: Path) -> pd.DataFrame:
    return pd.read_csv(path, sep=";", encoding="cp1252", dtype=str, keep_default_na=False)


def test_load_see_decide_take_home(page: Page, server: Server, raw: Path, tmp_path: Path) -> None:
    page.goto(server.address)
    calm(page)
    visit(page, "Load")
    load(page, server, raw, target="cultivar", there=True)
    assert page.get_by_text("attention").count()
    outliers(page)
    page.wait_for_timeout(1500)
    spots = page.evaluate(PLACE_OF_FLAGGED)
    spot = next(s for s in spots if s["row"] == 50)
    lasso(page, spot["x"], spot["y"])
    told = page.get_by_text("in your selection on the map")
    told.wait_for()
    rows = int(re.match(r"[\d,]+", told.inner_text())[0].replace(",", ""))  # type: ignore[index]
    assert rows < 20
    page.locator('[class*="st-key-all-"] label').first.click()
    calm(page)
    press(page, "drop-outliers")
    page.get_by_text(f"Dropped {rows} row").first.wait_for()

    visit(page, "Review")
    page.keyboard.press("2")  # the second commonest cultivar for the row in focus
    page.get_by_text("Relabelled 1 row").first.wait_for()
    calm(page)
    page.keyboard.press("u")
    page.get_by_text("Undone").first.wait_for()
    calm(page)
    press(page, "side-redo")
    matching = bulk(page, "proline < 0 or (malic_acid is missing and alcohol > 5)", of=180 - rows)
    assert 1 <= matching <= 4, "of the data as decided"
    press(page, "keep-bulk")
    page.get_by_text(f"Kept {matching} row").first.wait_for()

    visit(page, "Export")
    for name in ("cleaned.csv", "recipe.json", "dropped.csv"):
        with page.expect_download() as waiting:
            page.locator(f'[class*="st-key-download-{name.replace(".", "-")}"] button').first.click()
        waiting.value.save_as(tmp_path / name)

    command = [
        sys.executable,
        "-m",
        "core",
        "apply",
        str(tmp_path / "recipe.json"),
        str(raw),
        "--out",
        str(tmp_path / "again.csv"),
    ]
    subprocess.run(command, cwd=ROOT, check=True, timeout=PATIENCE / 1000, env=_environment(server))
    assert (tmp_path / "again.csv").read_bytes() == (tmp_path / "cleaned.csv").read_bytes()

    before, after, dropped = read(raw), read(tmp_path / "cleaned.csv"), read(tmp_path / "dropped.csv")
    assert len(after) == len(before) - rows and len(dropped) == rows
    assert "1412,0" in dropped["alcohol"].tolist() and "1412,0" not in after["alcohol"].tolist()
    assert after["code"].str.fullmatch(r"\d{5}").all(), "leading zeros stay"
    kept = before[~before.index.isin(_positions(before, dropped))].reset_index(drop=True)
    changed = (kept != after).to_numpy()
    assert changed.sum() == 1 and (kept != after)["cultivar"].sum() == 1


def bulk(page: Page, text: str, of: int) -> int:
    """Type a filter on the review page, see how many rows it takes ``of`` so many, and select them all."""
    page.locator(".st-key-review-tab").get_by_text("Bulk").click()
    calm(page)
    box = page.locator('[class*="st-key-bulk-text-"] input')
    box.fill(text)
    box.press("Enter")
    told = page.get_by_text(re.compile(rf"Matches \d+ of {of} rows"))
    told.wait_for()
    calm(page)
    page.locator('[class*="st-key-all-"] label').first.click()
    calm(page)
    return int(told.inner_text().split()[1])


def _positions(before: pd.DataFrame, dropped: pd.DataFrame) -> list[int]:
    """The positions in the source of the dropped rows, each used once."""
    left = {i: tuple(row) for i, row in enumerate(before.to_numpy())}
    found = []
    for row in map(tuple, dropped.to_numpy()):
        at = next(i for i, other in left.items() if other == row)
        found.append(at)
        del left[at]
    return found


def _environment(server: Server) -> dict[str, str]:
    import os

    return {**os.environ, "WINNOW_HOME": str(server.home)}


def test_six_quick_keys_are_six_decisions_on_six_rows(page: Page, server: Server) -> None:
    page.goto(server.address)
    calm(page)
    press(page, "start")
    page.locator(".st-key-badge").wait_for()
    visit(page, "Review")
    before = int(re.search(r"([\d,]+) decided", page.locator(".st-key-badge").inner_text())[1])  # type: ignore[index]
    for _ in range(6):
        page.keyboard.press("k")
        page.wait_for_timeout(120)
    page.locator(".st-key-badge").get_by_text(f"{before + 6} decided").wait_for()


def test_decisions_outlive_a_killed_server(page: Page, tmp_path: Path) -> None:
    server, raw = Server(tmp_path / "home"), tmp_path / "few.csv"
    lines = [f"{i},{i * i % 11}\n" for i in range(40)]
    raw.write_text("".join(["x,y\n", *lines, *lines[:5]]))  # five rows are there twice
    try:
        load(page, server, raw)
        visit(page, "Review")
        for key in "dkd":
            page.keyboard.press(key)
            page.wait_for_timeout(300)
            calm(page)
        page.get_by_text("3 decided").first.wait_for()
        address = page.url
        server.kill()
        server.start()
        page.goto(address)
        page.get_by_role("heading", name="Decide").wait_for()
        calm(page)
        assert page.get_by_text("Page not found").count() == 0
        page.get_by_text("3 decided").first.wait_for()
        load(page, server, raw)
        page.get_by_text("3 decided").first.wait_for()
        visit(page, "Review")
        tally = page.get_by_test_id("stMetric").all_inner_texts()
        assert any("Dropped" in told and "2" in told for told in tally) and any(
            "Kept" in told and "1" in told for told in tally
        )
        page.reload()
        calm(page)
        page.get_by_text("3 decided").first.wait_for()
    finally:
        server.kill()


def test_every_page_in_light_and_dark(page: Page, server: Server, raw: Path) -> None:
    """Pictures for people to look at, in tests/journeys/output; and no page complains."""
    OUTPUT.mkdir(exist_ok=True)
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme)
        if theme == "light":
            load(page, server, raw, target="cultivar")
        else:
            visit(page, "Profile")
            page.reload()
            opened(page)
        assert page.evaluate(SCHEME) == theme
        for name in ("Home", "Load", "Profile", "Issues", "Review", "Export", "Guide"):
            visit(page, name)
            height = page.evaluate("() => document.querySelector('[data-testid=\"stMain\"]').scrollHeight")
            page.set_viewport_size({"width": 1400, "height": min(3000, max(800, height + 20))})
            calm(page)
            page.screenshot(path=OUTPUT / f"{name.lower()}-{theme}.png")
            page.set_viewport_size({"width": 1400, "height": 1000})
            assert page.get_by_test_id("stAlertContentError").count() == 0, name


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
    page.get_by_text("Read as").wait_for()
    calm(page)
    press(page, "table-13-")
    press(page, "go")
    page.locator(".st-key-badge").get_by_text("9 rows × 4 columns").wait_for()
