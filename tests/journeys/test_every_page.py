"""Every page, seen in both colour schemes, and the keys of the review."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Page

from tests.journeys.conftest import OUTPUT, SCHEME, Server, calm, load, opened, press, visit


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
