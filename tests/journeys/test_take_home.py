"""From a file to its cleaned copy in a real browser, as a person would go."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pandas as pd
from playwright.sync_api import Page

from tests.journeys.conftest import PATIENCE, ROOT, Server, calm, hears, lasso, load, press, settled, visit

PLACE_OF_FLAGGED = """() => {
    const drawn = [...document.querySelectorAll('.js-plotly-plot')].filter(g => g._fullData);
    const graph = drawn.find(g => g._fullData.some(t => (t.hovertemplate || '').startsWith('row ')));
    graph.scrollIntoView({block: 'center'});
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
    page.get_by_role("radiogroup", name="Kinds of findings").get_by_text("isolated values").click()
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
    spots = settled(page, PLACE_OF_FLAGGED)
    spot = next(s for s in spots if s["row"] == 50)
    lasso(page, spot["x"], spot["y"])
    told = page.get_by_text("in your selection on the map")
    told.wait_for()
    rows = int(re.match(r"[\d,]+", told.inner_text())[0].replace(",", ""))  # type: ignore[index]
    assert rows < 20
    page.locator('[class*="st-key-all-"] label').first.click()
    calm(page)
    press(page, "drop-outliers")
    page.get_by_text(re.compile(r"Dropped row \d+" if rows == 1 else f"Dropped {rows} rows")).first.wait_for()

    visit(page, "Review")
    hears(page)
    page.keyboard.press("2")  # the second commonest cultivar for the row in focus
    page.get_by_text(re.compile(r"Set '.+' of row \d+ to")).first.wait_for()
    calm(page)
    page.keyboard.press("u")
    page.get_by_text("Undone").first.wait_for()
    calm(page)
    press(page, "side-redo")
    matching = bulk(page, "proline < 0 or (malic_acid is missing and alcohol > 5)", of=180 - rows)
    assert 1 <= matching <= 4, "of the data as decided"
    press(page, "keep-bulk")
    page.get_by_text("Kept rows where").first.wait_for()

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
    places = dropped["source_row"].astype(int)
    assert (before.loc[places].to_numpy() == dropped[list(before)].to_numpy()).all() and places.is_unique
    kept = before.drop(index=places).reset_index(drop=True)
    changed = (kept != after).to_numpy()
    assert changed.sum() == 1 and (kept != after)["cultivar"].sum() == 1


def bulk(page: Page, text: str, of: int) -> int:
    """Type a filter on the review page, see how many rows it takes ``of`` so many, and select them all."""
    page.locator('[class*="st-key-review-tab"]').get_by_text("Bulk").click()
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


def _environment(server: Server) -> dict[str, str]:
    import os

    return {**os.environ, "WINNOW_HOME": str(server.home)}
