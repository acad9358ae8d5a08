"""The gallery in a browser: a page of 60 pictures turned, a picture selected, one under the mouse on the map.
The peer is what was measured of Streamlit's own elements: media files by address, 18 kB sent again at a
selection, no picture at a hover.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.table import Row

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.journeys.conftest import Server

PAIRS, TURNS, WIDE, TALL = 120, 3, 256, 192
PICTURE = b"data:image/jpeg"
# Seconds from a click on an element until the page shows what it should, looked at once a frame.
UNTIL = """([element, shown]) => new Promise(done => {
    const begun = performance.now(), check = new Function(`return ${shown}`)();
    element.click();
    const look = () => check() ? done((performance.now() - begun) / 1000) : requestAnimationFrame(look);
    requestAnimationFrame(look);
})"""
ROOTS = """[document, ...[...document.querySelectorAll('*')].map(e => e.shadowRoot).filter(Boolean)]"""
TILES = f"""{ROOTS}.flatMap(root => [...root.querySelectorAll('[role=option] img')])"""


def measure(folder: Path | None, quick: bool) -> list[Row]:
    """Each figure is the median of several turns, clicks or places."""
    from playwright.sync_api import sync_playwright

    from tests.browser import installed
    from tests.journeys.conftest import Server, windows

    chromium = installed()
    assert chromium, "No Chromium: set WINNOW_CHROMIUM to its path."
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        place = Path(name)
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = windows(browser).new_page()
        came: list[bytes] = []
        page.on("websocket", lambda socket: socket.on("framereceived", lambda frame: came.append(frame)))
        server = Server(place / "home")
        try:
            turned, selected, again = _gallery(page, server, place, came)
            hovered = _map(page, server, place)
        finally:
            server.kill()
            browser.close()
    return [
        _most("page of 60 pictures, s", turned, 0.8, 0.5),
        _most("selection, s", selected, 0.4, 0.4),
        _most("selection: bytes of pictures sent again", again, 18_000, 0),
        _most("picture under the mouse on the map, s", hovered, 0.4, 0.4),
    ]


def _most(name: str, ours: float, peer: float, most: float) -> Row:
    return Row(f"gallery: {name}", ours, peer, peer / max(ours, 1e-9), f"<= {most:g}", ours <= most)


def _gallery(page: Page, server: Server, place: Path, came: list[bytes]) -> tuple[float, float, float]:
    """Seconds of a turn and of a selection, and the bytes of messages with pictures that came with one."""
    from tests.images import encoded, picture, zipped
    from tests.journeys.conftest import calm, load, visit

    files = {f"{i:03d}.png": picture(i, WIDE, TALL, 40) for i in range(PAIRS)}
    files |= {f"{i:03d}-mirrored.png": picture(i, WIDE, TALL, 40)[:, ::-1].copy() for i in range(PAIRS)}
    load(page, server, zipped(place / "pairs.zip", {name: encoded(one) for name, one in files.items()}))
    visit(page, "Issues")
    page.get_by_role("radiogroup", name="Kinds of findings").get_by_text("near").first.click()
    page.get_by_role("option").nth(59).get_by_role("img").wait_for()
    turns = []
    for turn in range(TURNS):
        calm(page)
        before = page.get_by_role("option").first.get_attribute("data-id")
        others = f"""() => {{ const tiles = {TILES}; return tiles.length === 60
            && tiles[0].closest('[role=option]').dataset.id !== '{before}'
            && tiles.every(tile => tile.complete && tile.naturalWidth); }}"""
        turns.append(_until(page, page.get_by_label("Next page", exact=True), others))
        assert page.get_by_text(f"{1 + 60 * (turn + 1)}–{60 * (turn + 2)} of {2 * PAIRS}").count()
    clicks, again = [], 0.0
    for number in range(1, 6):
        calm(page)
        came.clear()
        told = f"{number} row{'s' * (number > 1)} selected"
        shown = f"() => document.body.innerText.includes('{told}')"
        clicks.append(_until(page, page.get_by_role("option").nth(7 * number), shown))
        calm(page)
        again += sum(len(frame) for frame in came if PICTURE in frame)
    return statistics.median(turns), statistics.median(clicks), again


def _map(page: Page, server: Server, place: Path) -> float:
    """Seconds until the picture of a place on the map is there, of places far from one another."""
    from tests.images import encoded, picture, zipped
    from tests.journeys.conftest import calm, load, settled, visit
    from tests.journeys.test_images import PEEKED
    from tests.journeys.test_overlap import PLACES

    files = {f"train/{i:03d}.png": encoded(picture(i, WIDE, TALL, 40)) for i in range(300)}
    files |= {f"serve/{i:03d}.png": encoded(picture(i, WIDE, TALL, 90)) for i in range(300, 500)}
    load(page, server, zipped(place / "parts.zip", files))
    visit(page, "Overlap")
    page.get_by_text("Train or serve").first.wait_for()
    calm(page)
    places = settled(page, PLACES, 0)
    spent = []
    for x, y in _apart(places, 7):
        page.mouse.move(2, 2)
        page.wait_for_function(f"() => !({PEEKED})()")
        page.mouse.move(x - 2, y - 2)
        begun = time.perf_counter()
        page.mouse.move(x, y)
        page.wait_for_function(PEEKED)
        spent.append(time.perf_counter() - begun)
        calm(page)
    return statistics.median(spent)


def _apart(places: list[list[float]], amount: int) -> list[list[float]]:
    """So many of the places, each the one that is farthest from those before it."""
    import numpy as np

    every = np.array(places)
    kept = [0]
    while len(kept) < amount:
        away = np.linalg.norm(every[:, None] - every[kept][None], axis=2).min(axis=1)
        kept.append(int(away.argmax()))
    return every[kept].tolist()


def _until(page: Page, element: Any, shown: str) -> float:
    """Seconds from a click on the element until the page shows it."""
    return float(page.evaluate(UNTIL, [element.element_handle(), shown]))
