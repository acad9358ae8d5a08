"""Exploring in a real browser: from an alert to its rows to a decision to the export, and a walk through
every tab.
"""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from playwright.sync_api import Locator, Page

from tests.journeys.conftest import Server, answers_in_view, calm, load, press, scrolled, settled, visit


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """400 rows with a price that says "missing" as -999 in eleven of them, a gap, two columns that go
    together, and a class.
    """
    rng = np.random.default_rng(12)
    size = rng.normal(100, 20, 400).round(2)
    frame = pd.DataFrame(
        {
            "size": size,
            "price": (2000 + 30 * size + rng.normal(0, 60, 400)).round(2),
            "floor": rng.integers(0, 6, 400),
        }
    )
    frame["town"] = rng.choice(["Ghent", "Lyon", "Turin"], 400)
    frame["sold"] = np.where(rng.random(400) < 1 / (1 + np.exp((size - 95) / 8)), "yes", "no")
    frame.loc[frame.index[::17][:20], "floor"] = None
    frame.loc[frame.index[5::36][:11], "price"] = -999
    path = tmp_path_factory.mktemp("made") / "flats.csv"
    frame.to_csv(path, index=False)
    return path


def test_from_an_alert_to_its_rows_to_a_decision_to_the_export(
    page: Page, server: Server, made: Path, tmp_path: Path
) -> None:
    load(page, server, made, target="sold")
    page.get_by_role("radiogroup", name="Findings").get_by_text("-999").first.click()
    calm(page)
    page.get_by_text("The rows behind it").wait_for()
    page.locator('[class*="st-key-all-"] label').first.click()
    calm(page)
    page.get_by_text("11 rows selected").wait_for()
    press(page, "drop-profile-")
    page.get_by_text("Dropped 11 rows").first.wait_for()
    calm(page)
    badge = page.locator(".st-key-badge")
    badge.get_by_text("389 rows").wait_for()
    page.get_by_text("Resolved: 1").click()
    page.get_by_text("Was 11 rows; no longer found").wait_for()
    assert page.get_by_role("radiogroup", name="Findings").get_by_text("-999").count() == 0
    badge.get_by_text("As loaded").click()
    page.get_by_role("radiogroup", name="Findings").get_by_text("-999").first.wait_for()
    badge.get_by_text("400 rows").wait_for()
    visit(page, "Export")
    with page.expect_download() as waiting:
        page.locator('[class*="st-key-download-cleaned-csv"] button').first.click()
    waiting.value.save_as(tmp_path / "cleaned.csv")
    before, after = (
        pd.read_csv(path, dtype=str, keep_default_na=False) for path in (made, tmp_path / "cleaned.csv")
    )
    kept = before[before["price"] != "-999.0"].reset_index(drop=True)
    assert len(before) - len(kept) == 11 and kept.equals(after)


def test_every_tab_tells_its_part(page: Page, server: Server, made: Path, tmp_path: Path) -> None:
    undecided = tmp_path / "flats.csv"  # other data: what is decided about those of the first test is kept
    undecided.write_text(made.read_text().replace("Ghent", "Gent"))
    load(page, server, undecided, target="sold")
    answers_stand_where_the_click_was(page)
    for tab, told in (
        ("Relations", "Column"),
        ("Target", "Skill of a quick model"),
        ("Missing", "Missing together"),
        ("Leakage", "give the target away"),
        ("Sample", "What do the rows look like"),
    ):
        page.locator('[class*="st-key-profile-tab"]').get_by_text(tab, exact=True).click()
        calm(page)
        page.get_by_text(told).first.wait_for()
        assert page.get_by_test_id("stAlertContentError").count() == 0, tab
        if tab == "Relations":
            inks = page.locator(".textpoint text").evaluate_all(
                "all => all.map(t => getComputedStyle(t).fill)"
            )
            assert inks and {*inks} <= {"rgb(0, 0, 0)", "rgb(255, 255, 255)"}, (
                "the squares' own, in any theme"
            )
            click_square(page, "floor", "town")
            assert page.get_by_role("combobox").nth(0).input_value() == "floor"
        if tab == "Missing":
            click_pattern(page, 1)
            page.get_by_text("Select all 20 rows").wait_for()
    sort_filter_reload_edit_and_undo(page)


def answers_stand_where_the_click_was(page: Page) -> None:
    """A chosen finding and a ticked column: what they open begins in the window, however far down the click
    was; the column stands beside its table where there is room.
    """
    for width, height, beside in ((1600, 900, True), (1280, 800, False)):
        page.set_viewport_size({"width": width, "height": height})
        found = page.get_by_role("radiogroup", name="Findings").locator("label")
        for place in (found.count() - 1, 0):
            at = _to_the_end_of_the_window(page, found.nth(place))
            found.nth(place).click()
            answers_in_view(page, '[class*="st-key-detail-"]', at)
        table = page.locator('[class*="st-key-strip-"]').first
        at = _to_the_end_of_the_window(page, table)
        box = table.bounding_box()
        assert box is not None
        line = 4 if beside else 1
        page.mouse.click(box["x"] + 12, box["y"] + 42 + 38 * line + 19)
        drawer, click = '[class*="st-key-drawer-"]', at - box["height"] / 2 + 42 + 38 * line + 19
        page.locator(drawer).wait_for()
        _, left = answers_in_view(page, drawer, click)
        now = table.bounding_box()
        assert now is not None and (left > now["x"] + now["width"]) == beside
    page.set_viewport_size({"width": 1400, "height": 1000})


def _to_the_end_of_the_window(page: Page, what: Locator) -> float:
    """Scroll until it ends just above the lower edge; where its middle is, from the top of the page."""
    calm(page)
    box = what.bounding_box()
    assert box is not None and page.viewport_size is not None
    far = box["y"] + box["height"] - page.viewport_size["height"] + 12
    page.locator('[data-testid="stMain"]').evaluate("(main, far) => main.scrollBy(0, far)", far)
    calm(page)
    box = what.bounding_box()
    assert box is not None
    return scrolled(page) + box["y"] + box["height"] / 2


def sort_filter_reload_edit_and_undo(page: Page) -> None:
    """In the list of all rows, on the sample tab."""
    page.locator('[class*="st-key-sort-"] input').last.click()
    page.get_by_role("option", name="price", exact=True).click()
    calm(page)
    page.locator('[class*="st-key-filter-"] button').first.click()
    box = page.locator('[class*="st-key-where-"][class*="-text-"] input')
    box.fill("town is Lyon and floor is missing")
    box.press("Enter")
    page.get_by_text("rows match: 'town' is 'Lyon'").wait_for()
    calm(page)
    page.reload()
    page.get_by_text("rows match: 'town' is 'Lyon'").wait_for()
    calm(page)
    assert "sort=price" in page.url and "where=town" in page.url
    cells = page.locator('[class*="st-key-rows-"] canvas').first
    place = cells.bounding_box()
    assert place is not None
    page.mouse.click(place["x"] + 190, place["y"] + 50)  # in the first row, behind its number and decision
    calm(page)
    box = page.locator('[class*="st-key-cell-sample"] input').first
    box.fill("77")
    box.press("Enter")
    calm(page)
    press(page, "set-cell-")
    page.get_by_text(re.compile("Set 'size' of row [0-9]+ to '77'")).first.wait_for()
    calm(page)
    press(page, "undo-cell-")
    page.get_by_text("Undone").first.wait_for()


CENTRE = """([left, right]) => {
    const graph = [...document.querySelectorAll('.js-plotly-plot')].find(
        g => g._fullData && g._fullData.some(t => t.type === 'heatmap'));
    graph.scrollIntoView({block: 'center'});
    const box = graph.getBoundingClientRect(), {xaxis, yaxis} = graph._fullLayout;
    const at = name => Object.values(xaxis.labelalias).indexOf(name);
    return [box.left + xaxis._offset + xaxis.l2p(at(right)), box.top + yaxis._offset + yaxis.l2p(at(left))];
}"""


def click_square(page: Page, left: str, right: str) -> None:
    """Click one square of the map of pairs, a little off its middle."""
    x, y = settled(page, CENTRE, [left, right])
    page.mouse.move(x + 4, y + 4)
    page.mouse.click(x + 4, y + 4)
    calm(page)


BAR = """place => {
    const graph = [...document.querySelectorAll('.js-plotly-plot')].find(
        g => g._fullData && g._fullData.some(t => t.orientation === 'h'));
    graph.scrollIntoView({block: 'center'});
    const box = graph.getBoundingClientRect(), {xaxis, yaxis} = graph._fullLayout;
    return [box.left + xaxis._offset, box.top + yaxis._offset + yaxis.l2p(place)];
}"""


def click_pattern(page: Page, place: int) -> None:
    """Click one bar of the patterns of gaps, near its foot."""
    x, y = settled(page, BAR, place)
    page.mouse.move(x + 3, y)
    page.mouse.click(x + 3, y)
    calm(page)
