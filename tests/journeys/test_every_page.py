"""Every page in both colour schemes, with a data set whose name, columns and classes look like addresses:
nothing leaves this machine, nothing of the data is a link, every word can be read, no page complains; and the
keys of the review.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Request

from tests.journeys.conftest import OUTPUT, SCHEME, Server, calm, hears, load, settled, visit, windows
from tests.journeys.contrast import too_faint, unfocused

PAGES = ("Home", "Load", "Profile", "Overlap", "Prepare", "Issues", "Review", "Export", "Guide")
TITLE = '[data-testid="stMain"] h1'
LINKS = """() => [...document.querySelectorAll('a[href]')].map(a => a.href)
    .filter(to => new URL(to).origin !== location.origin)"""

WORDS = """() => [...new Set([...document.querySelectorAll('.js-plotly-plot text:not(.hoverlayer text)')]
    .map(one => getComputedStyle(one).fill))]"""
COLOUR = """() => getComputedStyle(document.querySelector('[data-testid="stApp"]')).color"""


@pytest.fixture(scope="module")
def addresses(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A table of names that a browser would like to visit."""
    lines = ["www.example.com,http://x.y,a@b.c,ftp.z.org/a,https://evil.example/?q=1,n"]
    for row in range(150):
        site = ("www.site-a.example", "WWW.b.example", "https://c.example")[row % 3]
        mail = ("a@b.c", "x.y@mail.example", "")[row % 7 % 3]
        number = 10**7 if row == 60 else row * row % 97
        lines.append(f"{site},http://x.y/{row % 4},{mail},{row % 5},mailto:a@b.c,{number}")
    path = tmp_path_factory.mktemp("addresses") / "www.example.com http..x.y a@b.c.csv"
    path.write_text("\n".join([*lines, *lines[-9:]]) + "\n")
    return path


@pytest.fixture(scope="module")
def listening(
    browser: Browser, server: Server, addresses: Path
) -> Iterator[tuple[Page, list[str], list[str]]]:
    """A page with the data set open; the addresses it asked that are not the server's, and its complaints."""
    context = windows(browser)
    asked: list[str] = []
    told: list[str] = []

    def note(asking: Request) -> None:
        if not asking.url.startswith((server.address, "data:", "blob:")):
            asked.append(asking.url)

    context.on("request", note)
    page = context.new_page()
    page.on(
        "console", lambda message: told.append(message.text) if "Security Policy" in message.text else None
    )
    page.goto(server.address)
    calm(page)
    load(page, server, addresses, target="www.example.com")
    yield page, asked, told
    context.close()


def test_no_page_asks_another_host_shows_a_link_of_the_data_or_is_hard_to_read(
    listening: tuple[Page, list[str], list[str]],
) -> None:
    """Pictures for people to look at lie in tests/journeys/output afterwards."""
    page, asked, told = listening
    OUTPUT.mkdir(exist_ok=True)
    faint: dict[str, list[str]] = {}
    unseen: dict[str, list[str]] = {}
    for scheme in ("light", "dark"):
        visit(page, "Profile")
        page.emulate_media(color_scheme=scheme)
        assert settled(page, WORDS) == [page.evaluate(COLOUR)], "words of figures follow the theme at once"
        page.reload()
        calm(page)
        assert page.evaluate(SCHEME) == scheme
        for name in PAGES:
            visit(page, name)
            page.screenshot(path=OUTPUT / f"{name.lower()}-{scheme}.png")
            assert page.get_by_test_id("stAlertContentError").count() == 0, name
            if name != "Guide":  # whose own texts hold links
                assert page.evaluate(LINKS) == [], name
            if name not in ("Home", "Guide"):
                assert page.get_by_text("example").count(), name
            faint |= {f"{name}, {scheme}": found} if (found := too_faint(page)) else {}
            unseen |= {f"{name}, {scheme}": found} if (found := unfocused(page, start=TITLE)) else {}
    assert asked == [], "another host was asked"
    assert told == [], "the content security policy stopped something that is needed"
    assert faint == {} and unseen == {}
    visit(page, "Load")
    assert unfocused(page) == []
    types = page.locator('[data-testid="stFileUploaderDropzoneInstructions"]:visible').first
    assert "ZIP, TAR" in types.inner_text()
    cut = "every => every.some(one => one.scrollWidth > one.clientWidth + 1)"
    assert not types.locator("span").evaluate_all(cut), "types of files are cut"


def test_six_quick_keys_are_six_decisions_on_six_rows(listening: tuple[Page, list[str], list[str]]) -> None:
    page = listening[0]
    visit(page, "Review")
    before = int(re.search(r"([\d,]+) rows? changed or kept", page.locator(".st-key-badge").inner_text())[1])  # type: ignore[index]
    hears(page)
    for _ in range(6):
        page.keyboard.press("k")
        page.wait_for_timeout(90)
    page.locator(".st-key-badge").get_by_text(f"{before + 6} rows changed or kept").wait_for()
