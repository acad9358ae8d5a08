"""Review by keyboard alone: twenty findings, the first rows cleaned at once, undone, exported."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd
from playwright.sync_api import Page, expect

from tests.journeys.conftest import Server, calm, hears, load, press, visit


def test_twenty_findings_by_keyboard_then_the_first_at_once_undone_and_exported(
    page: Page, server: Server, tmp_path: Path
) -> None:
    draw = np.random.default_rng(4)
    frame = pd.DataFrame({name: draw.normal(size=300).round(6) for name in "abc"})
    frame["kind"] = np.array(["ash", "birch"])[np.arange(300) % 2]
    path = tmp_path / "trees.csv"
    pd.concat([frame, frame.head(26)]).to_csv(path, index=False)
    load(page, server, path, "kind")
    visit(page, "Review")
    expect(page.get_by_text(re.compile(r"0 of \d+ decided"))).to_be_visible()
    expect(page.get_by_text("The nearest rows")).to_be_visible()
    hears(page)
    for key in "dkddkddddkdddkddddkd":
        page.keyboard.press(key)
    page.get_by_text(re.compile(r"\b20 of 26 decided.*15 of 20 confirmed \(75%, 95% interval")).wait_for()
    calm(page)
    page.get_by_text("Clean the first rows of the queue at once").click()
    calm(page)
    press(page, "clean-first")
    expect(page.get_by_text(re.compile(r"Cleaned \d+ rows of the queue")).first).to_be_visible()
    page.keyboard.press("u")
    page.get_by_text(re.compile(r"\b20 of \d+ decided")).wait_for()
    for tab in ("History", "Queue"):
        page.get_by_role("radio", name=tab).click()
        calm(page)
    hears(page)
    assert page.evaluate("document.activeElement.closest('[role=radiogroup]') !== null")
    page.keyboard.press("k")
    page.get_by_text(re.compile(r"\b21 of \d+ decided")).wait_for()
    page.keyboard.press("s")
    page.get_by_text(re.compile("showing 2 of")).wait_for()
    page.keyboard.press("u")
    page.get_by_text(re.compile(r"\b20 of \d+ decided")).wait_for()
    visit(page, "Export")
    expect(page.get_by_text("311").first).to_be_visible()
