"""The real server and a real browser. Fails, never skips, when there is no browser: `make test` finds or
installs one.
"""

from __future__ import annotations

import math
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, TimeoutError, sync_playwright

from tests.browser import installed

ROOT = Path(__file__).parents[2]
OUTPUT = Path(__file__).parent / "output"
PATIENCE = 120_000  # milliseconds; generous, as a test machine may be busy


class Server:
    """The app as ``make app`` starts it, on a free port, with a workspace of its own."""

    def __init__(self, home: Path, **environment: str) -> None:
        self.home, self.environment = home, environment
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.address = f"http://127.0.0.1:{self.port}"
        self.start()

    def start(self) -> None:
        command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(self.port)]
        environment = {
            **os.environ,
            "WINNOW_HOME": str(self.home),
            "WINNOW_OPEN": "",
            "WINNOW_WARM": "0",
            **self.environment,
        }
        self.process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
        until = time.monotonic() + 90
        while not self.healthy():
            assert time.monotonic() < until and self.process.poll() is None, "the server did not start"
            time.sleep(0.1)

    def healthy(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.address}/_stcore/health", timeout=2) as answer:
                return bool(answer.status == 200)
        except OSError:  # `TimeoutError` above is Playwright's; that of a socket is one of these
            return False

    def kill(self) -> None:
        """As a crash would: no chance to save anything."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(20)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = installed()
    assert path, "No Chromium for the browser tests: install it, or set WINNOW_CHROMIUM to its path."
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=path,
            args=[
                "--no-sandbox",
                "--enable-unsafe-swiftshader",
                "--process-per-site",
                "--num-raster-threads=1",
            ],
        )
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One for all tests of this process that do not end it: each has data and tabs of its own."""
    made = Server(tmp_path_factory.mktemp("home"))
    yield made
    if made.process.poll() is None:
        made.kill()


# What turns or fades is drawn again sixty times a second, without a graphics card at the cost of the rest.
AT_ONCE = """(() => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(`*, ::before, ::after {
        animation-duration: 1ms !important; animation-delay: 0s !important;
        animation-iteration-count: 1 !important;
        transition-duration: 1ms !important; transition-delay: 0s !important;
    }`);
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
})()"""


# Whether the page waits for an answer: it asked for a run of the script, of which the server has not said yet
# that it began and ended. Until the server says so, nothing on the page shows that something is to come. A
# run of a part that is gone from the page by now is never answered: it counts as dropped after some seconds.
LISTENS = """(() => {
    const [RERUN, NEW_SESSION, FINISHED, FRAGMENT] = [11, 4, 6, 5];  // of BackMsg, ForwardMsg and ClientState
    const DROPPED = 8000;  // milliseconds
    const number = (bytes, at) => {
        let value = 0, shift = 0, byte;
        do { byte = bytes[at++]; value += (byte & 127) * 2 ** shift; shift += 7; } while (byte > 127);
        return [value, at];
    };
    const fields = bytes => {  // each field that is set, with its bytes; none for a bare number
        const found = new Map();
        let at = 0, tag, size;
        while (at < bytes.length) {
            [tag, at] = number(bytes, at);
            [size, at] = number(bytes, at);
            found.set(tag >> 3, (tag & 7) === 2 ? bytes.subarray(at, at += size) : null);
        }
        return found;
    };
    const known = new WeakSet(), send = WebSocket.prototype.send;
    let began = false, asked = 0;
    window.winnowAsked = false;
    WebSocket.prototype.send = function (data) {
        if (!known.has(this)) {
            known.add(this);
            this.addEventListener("message", event => {
                if (!(event.data instanceof ArrayBuffer)) return;
                const said = fields(new Uint8Array(event.data));
                if (said.has(NEW_SESSION)) began = true;
                if (said.has(FINISHED) && began) window.winnowAsked = false;
            });
        }
        const rerun = ArrayBuffer.isView(data) ? fields(data).get(RERUN) : null;
        if (rerun) {
            const mine = ++asked;
            began = false;
            window.winnowAsked = true;
            const givenUp = () => { if (asked === mine && !began) window.winnowAsked = false; };
            if (fields(rerun).has(FRAGMENT)) setTimeout(givenUp, DROPPED);
        }
        return send.call(this, data);
    };
})()"""


def windows(browser: Browser, **given: Any) -> BrowserContext:
    """Windows of one reader, apart from those of others, in which nothing is animated."""
    context = browser.new_context(**{"viewport": {"width": 1400, "height": 1000}, **given})
    context.set_default_timeout(PATIENCE)
    context.add_init_script(AT_ONCE)
    context.add_init_script(LISTENS)
    return context


@pytest.fixture(scope="session")
def context(browser: Browser, server: Server) -> Iterator[BrowserContext]:
    """One for all: the scripts and styles of the page, some megabytes, are fetched and compiled once, as long
    as a page of the server stays open.
    """
    shared = windows(browser)
    shared.new_page().goto(f"{server.address}/_stcore/health")
    yield shared
    shared.close()


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    made = context.new_page()
    yield made
    made.close()


@pytest.fixture(scope="session")
def raw(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wine data as somebody might have exported them: semicolons, decimal commas, cp1252, codes, empty
    cells, slips, repeats.
    """
    from sklearn.datasets import load_wine

    frame = load_wine(as_frame=True).frame.drop(
        columns=["od280/od315_of_diluted_wines", "nonflavanoid_phenols"]
    )
    frame["cultivar"] = frame.pop("target").map({0: "Barolo", 1: "Grignolino", 2: "Barbera d’Asti"})
    frame.insert(0, "code", [f"{i:05d}" for i in range(len(frame))])
    frame.loc[[3, 30, 33], "malic_acid"] = None
    frame.loc[50, "alcohol"] = 1412.0
    frame.loc[90, "proline"] = -99999.0
    text = pd.concat([frame, frame.tail(2)]).to_csv(sep=";", decimal=",", index=False, lineterminator="\r\n")
    path = tmp_path_factory.mktemp("raw") / "wine export.csv"
    path.write_bytes(text.encode("cp1252"))
    return path


SCHEME = """() => getComputedStyle(document.querySelector('[data-testid="stApp"]')).colorScheme"""
BUSY = (
    '[data-test-script-state="running"], .st-key-stop-job, [data-testid="stSpinner"], '
    '[data-testid="stSkeleton"]'
)
STILL = """([busy, wanted]) => {
    const view = document.querySelector('[data-testid="stAppViewContainer"]');
    const moves = !view || window.winnowAsked || document.querySelector(busy);
    if (moves || window.winnowStill === undefined) window.winnowStill = performance.now();
    return performance.now() - window.winnowStill > wanted;
}"""


def calm(page: Page) -> None:
    """Wait until the page has stopped moving for 0.6 seconds: no script runs or is to, no job is under
    way.
    """
    page.evaluate("window.winnowStill = undefined")
    page.wait_for_function(STILL, arg=[BUSY, 600], polling=50)
    assert page.locator('[data-testid="stException"]').count() == 0
    assert page.get_by_text("Something went wrong inside Winnow").count() == 0


def settled(page: Page, script: str, arg: Any = None) -> Any:
    """What a script finds drawn on the page, once it finds the same twice: a place read earlier may move."""
    calm(page)
    before, found = None, page.evaluate(script, arg)
    while found != before:
        page.wait_for_timeout(400)
        before, found = found, page.evaluate(script, arg)
    return found


def lasso(page: Page, x: float, y: float, radius: float = 14) -> None:
    """Draw a circle with the mouse."""
    corners = [
        (x + radius * math.cos(a / 12 * math.tau), y + radius * math.sin(a / 12 * math.tau))
        for a in range(13)
    ]
    page.mouse.move(*corners[0])
    page.mouse.down()
    for corner in corners[1:]:
        page.mouse.move(*corner, steps=2)
    page.mouse.up()
    calm(page)


TOP = """which => {
    const box = [...document.querySelectorAll(which)].at(-1)?.getBoundingClientRect();
    return box && [box.top, box.left, innerHeight, innerWidth];
}"""


def answers_in_view(page: Page, answer: str, clicked: float) -> tuple[float, float]:
    """Wait until what a click opened begins within the window, with what was clicked there, too. answer: its
    selector. clicked: where the mouse was pressed, in pixels from the top of the page's content. Gives its
    top and left.
    """
    page.wait_for_function(
        """([which, top]) => {
            const box = [...document.querySelectorAll(which)].at(-1)?.getBoundingClientRect();
            const at = top - document.querySelector('[data-testid="stMain"]').scrollTop;
            return box && box.top >= 0 && box.top < innerHeight - 100 && at >= 0 && at < innerHeight;
        }""",
        arg=[answer, clicked],
    )
    top, left, _, _ = settled(page, TOP, answer)
    return top, left


def scrolled(page: Page) -> float:
    """How far the page is scrolled."""
    far: float = page.evaluate("document.querySelector('[data-testid=\"stMain\"]').scrollTop")
    return far


def press(page: Page, key: str) -> None:
    """Click the button with this key, or with a key that starts so."""
    page.locator(f'[class*="st-key-{key}"] button').first.click()
    calm(page)


def choose(page: Page, key: str, text: str) -> None:
    """Choose an option of the select box whose key starts so, once the box offers it: a list that a busy
    browser still opens takes no Enter, and one that is drawn anew while one types is opened again.
    """
    assert any(_offers(page, key, text, patience) for patience in (15_000, 30_000, PATIENCE))
    page.keyboard.press("Enter")
    calm(page)


def _offers(page: Page, key: str, text: str, patience: float) -> bool:
    """Open the box, type, and wait so many milliseconds for the option; otherwise close it again."""
    page.locator(f'[class*="st-key-{key}"] input').first.click()
    page.keyboard.type(text)
    try:
        page.get_by_role("option").filter(has_text=text).first.wait_for(timeout=patience)
    except TimeoutError:
        page.keyboard.press("Escape")
        return False
    return True


def visit(page: Page, name: str) -> None:
    page.locator(".st-key-pages").get_by_role("link", name=name).click()
    calm(page)


def hears(page: Page) -> None:
    """Wait until the keys of the queue are listened for: a browser that is busy takes a moment."""
    page.locator('html[data-keys~="queue-keys"]').wait_for(state="attached")


def load(page: Page, server: Server, path: Path, target: str = "", there: bool = False) -> None:
    """Upload, look, Go, and wait for what is found. there: the page for it is open already."""
    send(page, server, path, target, there)
    opened(page)


def send(page: Page, server: Server, path: Path, target: str = "", there: bool = False) -> None:
    """Upload, look, Go."""
    if not there:
        page.goto(f"{server.address}/load")
        calm(page)
    page.locator('input[type="file"]').first.set_input_files(path)
    page.get_by_text("Read as: ").wait_for()
    calm(page)
    if target:
        choose(page, "draft-target", target)
    page.locator(".st-key-go button").click()
    page.get_by_text("What is in it, and what needs attention?").wait_for()


def opened(page: Page) -> None:
    """Wait until the first page about the data is there and at rest."""
    page.get_by_text("What is in it, and what needs attention?").wait_for()
    calm(page)
