"""Review by keyboard alone: twenty findings, the first rows cleaned at once, undone, proved, exported."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd
from playwright.sync_api import Page, expect

from tests.journeys.conftest import PATIENCE, Server, calm, hears, load, press, visit


def shared_by_two(page: Page) -> None:
    """The card and why it is here: side by side as 2 to 1, and on a narrow page one below the other, each as
    wide as the page.
    """
    parts = page.locator(".st-key-share-queue > *")

    def at(width: int) -> list[tuple[int, int, int]]:
        page.set_viewport_size({"width": width, "height": 1000})
        calm(page)
        boxes = [parts.nth(place).bounding_box() for place in (0, 1)]
        return [(round(box["x"]), round(box["y"]), round(box["width"])) for box in boxes if box]

    for width in (1000, 700):
        (x, y, across), (under_x, under_y, under_across) = at(width)
        assert (under_x, under_across) == (x, across) and under_y > y, width
    (x, y, across), (beside_x, beside_y, beside_across) = at(1400)
    assert beside_x > x + across and beside_y == y and abs(across - 32 - 2 * beside_across) <= 2


def test_twenty_findings_by_keyboard_then_the_first_at_once_undone_proved_and_exported(
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
    shared_by_two(page)
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
    expect(page.locator(".st-key-answer-notice").get_by_role("button", name="Redo")).to_be_visible()
    page.get_by_role("radio", name="Proof").click()
    proved = page.get_by_text(re.compile("no measurable change to a model of .*kind"))
    expect(proved.first).to_be_visible(timeout=PATIENCE)
    calm(page)
    visit(page, "Export")
    expect(page.get_by_text("311").first).to_be_visible()
