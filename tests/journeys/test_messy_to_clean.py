"""A messy real table is cleaned by proposals alone until nothing needs attention; one step is switched off,
everything is exported as one zip, and its recipe cleans next month's file, in which a column has another
name.
"""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

import pandas as pd
import pytest
from playwright.sync_api import Page

from core.cli import main
from core.phrases import count
from tests.journeys.conftest import Server, calm, load, opened, press, visit
from tests.journeys.test_prepare import says

PLANES = Path(__file__).parents[2] / "sample_data" / "planes" / "planes.csv"
FINDING, PROPOSAL = '[class*="st-key-finding-prepare-"]', '[class*="st-key-act-prepare-"] button'
SPEED, TYPE = "'speed' is missing", "'type' is near-constant"


def months(folder: Path) -> tuple[Path, Path]:
    """Two files of the aircraft register as somebody might export them month by month: as it is, with its
    mess, slips of a decimal point, and 40 rows twice; in the second one the maker has another name.
    """
    register = pd.read_csv(PLANES, dtype=str, keep_default_na=False)
    one, other = register[:3000].copy(), register[2400:].copy()
    one.loc[[70, 900], "seats"] = ["37600", "39900"]
    other.loc[3100, "seats"] = "40100"
    pd.concat([one, one[100:140]]).to_csv(folder / "june.csv", index=False)
    other.rename(columns={"manufacturer": "maker"}).to_csv(folder / "july.csv", index=False)
    return folder / "june.csv", folder / "july.csv"


def titles(page: Page) -> list[str]:
    """What the findings say that need attention: those with a way to leave them, outside of the notes."""
    texts: list[str] = page.evaluate(
        """box => [...document.querySelectorAll(box)].filter(one => !one.closest('[data-testid=stExpander]'))
            .map(one => one.innerText)""",
        FINDING,
    )
    return texts


def mend_everything(page: Page) -> int:
    """Click the first proposal until none is left; every click ends its finding. How many clicks."""
    clicks, eased, left = 0, 0, titles(page)
    while left:
        isolated = "isolated values" in left[0]  # without the slips others stand a little apart: a note
        page.locator(FINDING).first.locator(PROPOSAL).click()
        calm(page)
        clicks += 1
        if isolated:
            eased += 1
            says(page, f"{eased} is only a note now")
        now = titles(page)
        assert left[0] not in now and len(now) < len(left)
        says(page, f"Resolved: {count(clicks - eased, 'finding')}")
        left = now
    return clicks


@pytest.mark.timeout(600)  # ten steps in a browser, each followed by a fresh look at the data
def test_a_messy_table_is_cleaned_by_proposals_and_so_is_next_months(
    server: Server, page: Page, tmp_path: Path
) -> None:
    june, july = months(tmp_path)
    load(page, server, june)
    visit(page, "Prepare")
    first = titles(page)
    assert len(first) == 6 and any(SPEED in told for told in first)
    says(page, f"{len(first)} findings need attention")
    assert mend_everything(page) == len(first)
    says(page, "Nothing needs attention")
    step = page.locator('[class*="st-key-step-"]').filter(has_text="Left out 'type'").first
    step.locator('[class*="st-key-step-on"] label').click()
    calm(page)
    says(page, "1 finding needs attention")
    assert [TYPE in told for told in titles(page)] == [True]

    visit(page, "Export")
    press(page, "export")
    with page.expect_download() as download:
        page.locator('[class*="st-key-download-zip"] button').click()
    with zipfile.ZipFile(download.value.path()) as everything:
        everything.extractall(tmp_path / "zip")
    cleaned = pd.read_csv(next((tmp_path / "zip").rglob("cleaned.csv")))
    assert len(cleaned) == 3000 and "speed" not in cleaned and "type" in cleaned
    assert cleaned["seats"].isna().sum() == 2

    recipe, out = next((tmp_path / "zip").rglob("recipe.json")), tmp_path / "clean.csv"
    renamed = ["--rename", "manufacturer=maker"]
    assert main(["apply", str(recipe), str(july), "--as-rules", *renamed, "--out", str(out)]) == 0
    clean, raw = pd.read_csv(out), pd.read_csv(july)
    assert list(clean) == list(cleaned) and len(clean) == len(raw), "under the names of the recipe"
    assert clean["seats"].isna().sum() == 1 and clean["seats"].max() < 1000
    spellings = re.compile(r"AIRBUS|MCDONNELL")
    assert {*filter(spellings.match, raw["maker"])} > {*filter(spellings.match, clean["manufacturer"])}

    page.goto(f"{server.address}/load")
    calm(page)
    page.locator('input[type="file"]').first.set_input_files(july)
    says(page, f"Nearly the same shape as june.csv, {len(first) - 1} steps, 1 switched off: apply them?")
    says(page, "'manufacturer' is likely called 'maker' here")
    press(page, "take-over")
    opened(page)
    visit(page, "Prepare")
    page.locator('[class*="st-key-step-"]').filter(has_text="Renamed 'maker'").first.wait_for()
