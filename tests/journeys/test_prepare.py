"""A person cleans a table step by step: sees each step before it is taken, changes it, and exports."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pandas as pd
from playwright.sync_api import Page

from tests.journeys.conftest import Server, calm, choose, load, press, visit

AGE, TOWN = "age", "<i>town</i> **here**"


def messy(folder: Path) -> pd.DataFrame:
    random = np.random.default_rng(3)
    rows = 300
    age = np.where(random.random(rows) < 0.6, np.nan, random.normal(40, 9, rows).round(1))
    frame = pd.DataFrame(
        {
            "n": np.arange(rows) * 7 % 1009 + random.random(rows).round(3),
            AGE: age,
            TOWN: random.choice(["Oslo", " Oslo", "Rome", "Bern "], rows),
            "y": random.choice(["a", "b"], rows),
        }
    )
    frame.to_csv(folder / "messy.csv", index=False)
    return frame


SAYS = """text => document.querySelector('[data-testid="stMain"]').innerText.includes(text)"""


def says(page: Page, text: str) -> None:
    """Wait until the page says so, as a person reads it."""
    page.wait_for_function(SAYS, arg=text)


def test_a_table_is_prepared_step_by_step(server: Server, page: Page, tmp_path: Path) -> None:
    frame = messy(tmp_path)
    missing = int(frame[AGE].isna().sum())
    load(page, server, tmp_path / "messy.csv")
    visit(page, "Prepare")
    says(page, "No steps yet")
    choose(page, "prepare-word", "Fill missing")
    choose(page, "prepare-column", AGE)
    says(page, f"{missing} cells changed in {missing} rows")
    press(page, "prepare-take")
    says(page, f"1 step: {missing} cells changed.")

    visit(page, "Profile")
    says(page, "Resolved: 1")
    visit(page, "Prepare")
    toggle = page.locator('[class*="st-key-step-on"] label').first
    toggle.click()
    calm(page)
    says(page, "1 switched off")
    page.locator('[class*="st-key-step-on"] label').first.click()
    calm(page)
    says(page, f"1 step: {missing} cells changed.")

    page.locator('[class*="st-key-step-open"] button').first.click()
    calm(page)
    page.get_by_text("Change its settings").click()
    choose(page, "edit-", "constant")
    value = page.locator('[class*="st-key-edit-"][class*="-value"] input').first
    value.fill("41.5")
    value.press("Enter")
    calm(page)
    page.get_by_role("button", name="Put it in place").click()
    calm(page)
    says(page, "with '41.5'")

    choose(page, "prepare-word", "Tidy text")
    choose(page, "prepare-column", "<i>")
    press(page, "prepare-take")
    says(page, "2 steps")
    says(page, f"Tidied the text of '{TOWN}'")
    assert page.locator("[data-testid=stMain] i").count() == 0
    press(page, "side-undo")
    says(page, "1 step:")
    press(page, "side-redo")

    visit(page, "Export")
    with page.expect_download() as download:
        page.locator('[class*="st-key-download-cleaned-csv"] button').first.click()
    exported = pd.read_csv(io.BytesIO(Path(download.value.path()).read_bytes()))
    assert exported[AGE].isna().sum() == 0 and (exported[AGE] == 41.5).sum() >= missing
    assert sorted(exported[TOWN].unique()) == ["Bern", "Oslo", "Rome"]
