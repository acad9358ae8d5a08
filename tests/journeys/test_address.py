"""Where you are is in the address: F5, a copied link, Back and Forward, in a real browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, urlparse

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.journeys.conftest import Server, calm, hears, load, visit, windows

PLACE = """() => {
    const main = document.querySelector('[data-testid="stMain"]');
    const words = what => [...main.querySelectorAll(what)].map(e => e.innerText.split('\\n').at(-1).trim());
    const chosen = [...main.querySelectorAll('input[type="radio"]:checked')].map(e => e.closest('label'));
    return {
        title: main.querySelector('h1').innerText,
        pressed: words('[data-testid$="_controlActive"], [data-testid$="pillsActive"]'),
        chosen: chosen.map(e => e.innerText.trim().split('\\n').slice(0, 2).join(' ')),
        typed: [...main.querySelectorAll('.stTextInput input')].map(e => e.value).filter(Boolean),
        picked: words('[data-baseweb="select"]'),
        drawers: [...main.querySelectorAll('[class*="st-key-drawer-"] h5')].map(e => e.innerText),
        card: [...main.querySelectorAll('.st-key-card h5')].map(e => e.innerText),
    };
}"""


@pytest.fixture(scope="module")
def tab(context: BrowserContext) -> Iterator[Page]:
    """A tab of its own: its history holds this journey alone."""
    made = context.new_page()
    yield made
    made.close()


@pytest.fixture(scope="module")
def data(tab: Page, server: Server, raw: Path) -> str:
    """The data set that all of these look at, as the address calls it."""
    tab.goto(f"{server.address}/load")
    calm(tab)
    before = entries(tab)
    load(tab, server, raw, target="cultivar", there=True)
    tab.wait_for_url("**/profile?*data=*")  # the address follows the page, on a busy machine a moment later
    assert entries(tab) == before + 1, "one Back leads to the load page again"
    return query(tab)["data"]


def place(page: Page) -> dict[str, Any]:
    """The address, and what of the place can be seen."""
    page.locator("h1").first.wait_for()
    calm(page)
    return {"url": page.url, **page.evaluate(PLACE)}


def query(page: Page) -> dict[str, str]:
    return {name: texts[-1] for name, texts in parse_qs(urlparse(page.url).query).items()}


def entries(page: Page) -> int:
    length: int = page.evaluate("history.length")
    return length


def wander(page: Page) -> Iterator[str]:
    """Go through all pages, and elsewhere on most; each step is one entry of the history."""
    main = page.get_by_test_id("stMain")
    main.get_by_role("radiogroup", name="Findings").locator("label").nth(1).click()
    yield "finding"
    page.locator('[class*="st-key-column-search"] input').fill("al")
    page.locator('[class*="st-key-column-search"] input').press("Enter")
    yield "search"
    page.locator('[class*="st-key-profile-tab"]').get_by_text("Missing", exact=True).click()
    yield "tab"
    for name in ("Prepare", "Issues"):
        visit(page, name)
        yield name
    main.get_by_role("radiogroup", name="Kinds of findings").locator("label").last.click()
    yield "group"
    visit(page, "Review")
    yield "review"
    hears(page)
    page.keyboard.press("s")
    yield "row"
    page.locator('[class*="st-key-review-tab"]').get_by_text("Bulk").click()
    yield "bulk"
    page.locator('[class*="st-key-bulk-text-"] input').fill("proline < 0 or malic_acid is missing")
    page.locator('[class*="st-key-bulk-text-"] input').press("Enter")
    page.get_by_text("Matches").wait_for()
    yield "filter"
    for name in ("Export", "Guide", "Home"):
        visit(page, name)
        yield name


def test_reload_link_back_and_forward_over_all_pages(tab: Page, data: str, browser: Browser) -> None:
    seen, count = [place(tab)], entries(tab)
    for step in wander(tab):
        seen.append(place(tab))
        count += 1
        assert entries(tab) == count, f"{step}: one act, one entry"
        assert seen[-1] != seen[-2], step
        assert query(tab)["data"] == data, step
    tab.wait_for_timeout(2000)
    assert entries(tab) == count and place(tab) == seen[-1], "nothing happens by itself"
    for at in range(len(seen) - 2, -1, -1):
        tab.go_back()
        assert place(tab) == seen[at]
        if at % 6 == 1:
            tab.reload()
            assert place(tab) == seen[at], "F5"
    for there in seen[1:4]:
        tab.go_forward()
        assert place(tab) == there
    assert entries(tab) == count, "Back, Forward and F5 add nothing"
    fresh = windows(browser)
    other = fresh.new_page()
    for there in seen[2:-1:4]:
        other.goto(there["url"])
        assert place(other) == there, "a copied link"
    fresh.close()


def test_a_column_is_opened_by_a_link_and_what_is_bad_in_it_is_taken_out(
    page: Page, server: Server, data: str
) -> None:
    page.goto(f"{server.address}/profile?data={data}&column=malic_acid&order=name")
    assert place(page)["drawers"][0].startswith("malic_acid")
    assert query(page) == {"data": data, "column": "malic_acid", "order": "name"}
    evil = quote("<script>alert(1)</script>**b**")
    page.goto(
        f"{server.address}/profile?data={data}&tab={evil}&column={evil}&finding={evil}&order={evil}&kind=numeric,"
        f"{evil}&as={evil}&profile.{evil}=1&duplicates.columns={evil}&__class__={evil}&x.y.z=1"
    )
    calm(page)
    assert query(page) == {"data": data, "kind": "numeric"}
    assert "alert" not in page.get_by_test_id("stMain").inner_text()
    page.goto(f"{server.address}/review?data={data}&tab=nowhere&row=-5")
    calm(page)
    assert query(page) == {"data": data}


def test_what_is_unknown_or_too_long_is_said_in_a_sentence(page: Page, server: Server, data: str) -> None:
    page.goto(f"{server.address}/home?data={data}")
    calm(page)
    assert page.get_by_text("Page not found").count() == 0 and query(page) == {"data": data}
    assert page.get_by_role("heading", name="Winnow").count() and page.locator(".st-key-badge").count()

    page.goto(f"{server.address}/issues?data=0000000000000000-nowhere1&group=outliers")
    page.get_by_text("names a data set that is not in this workspace").wait_for()
    calm(page)
    assert query(page) == {"data": "0000000000000000-nowhere1"}
    page.get_by_test_id("stMain").locator(f'a[href*="{data}"]').click()
    page.locator(".st-key-badge").wait_for()
    calm(page)
    assert page.url.startswith(f"{server.address}/profile") and query(page) == {"data": data}

    longer, long = ("alcohol < 1" + " or alcohol < 1" * times for times in (350, 180))
    page.goto(f"{server.address}/review?data={data}&tab=bulk&filter={quote(longer)}")
    page.get_by_text("Left out of what this link asked for").wait_for()
    calm(page)
    assert len(longer) > 5_000 and query(page) == {"data": data, "tab": "bulk"}
    box = page.locator('[class*="st-key-bulk-text-"] input')
    box.fill(long)
    box.press("Enter")
    page.get_by_text("Too long for the address: filter").wait_for()
    calm(page)
    assert query(page) == {"data": data, "tab": "bulk"} and box.input_value() == long
    visit(page, "Issues")
    visit(page, "Review")
    assert box.input_value() == long, "this tab still knows it"
