"""Train against serve in a real browser: stop what runs and go on, outline rows on a map of 100,000, and
download exactly those.
"""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pandas as pd
import psutil
import pytest
from playwright.sync_api import Page

from tests.journeys.conftest import PATIENCE, Server, calm, lasso, send, settled

ROWS, FAR = 100_000, 300
PLACES = """(first) => {
    const drawn = [...document.querySelectorAll('.js-plotly-plot')].filter(g => g._fullData);
    const graph = drawn.find(g => g._fullData.some(t => (t.hovertemplate || '').startsWith('row ')));
    graph.scrollIntoView({block: 'center'});
    const box = graph.getBoundingClientRect(), {xaxis, yaxis} = graph._fullLayout, found = [];
    for (const trace of graph._fullData)
        [...(trace.customdata || [])].forEach((row, i) => { if (row >= first) found.push([
            box.left + xaxis._offset + xaxis.l2p(trace.x[i]),
            box.top + yaxis._offset + yaxis.l2p(trace.y[i])]); });
    return found;
}"""
MAPPED = """() => [...document.querySelectorAll('.js-plotly-plot')].some(
    g => g._fullData && g._fullData.some(t => (t.name || '').startsWith('Serve (')))"""
STOP = """() => {
    const button = document.querySelector('.st-key-stop-job button:not([disabled])');
    if (button) button.click();
    return button ? 1 : 0;
}"""

LAYING_OUT = """() => document.querySelector('.st-key-stop-job button:not([disabled])') &&
    [...document.querySelectorAll('[data-testid="stProgress"]')].some(bar =>
        /Laying out the map ·/.test(bar.innerText) &&
        Number(bar.querySelector('[role="progressbar"]').getAttribute('aria-valuenow')) > 0)"""
STOPPED = """() => {
    const buttons = [...document.querySelectorAll('button')];
    const again = buttons.some(button => button.innerText.includes('Start again'));
    const stop = document.querySelector('.st-key-stop-job button:not([disabled])');
    if (!again && stop) stop.click();
    return again;
}"""


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """100,000 rows in two parts; the last 300, all of serve, lie together and far from the others."""
    rng = np.random.default_rng(8)
    frame = pd.DataFrame(rng.normal(size=(ROWS, 4)).round(4), columns=list("abcd"))
    frame["part"] = np.where(np.arange(ROWS) < ROWS // 2, "learn", "meet")
    frame.loc[ROWS - FAR :, list("abcd")] = (9.0 + rng.normal(0, 0.05, (FAR, 4))).round(4)
    path = tmp_path_factory.mktemp("both") / "both.parquet"
    frame.to_parquet(path)
    return path


def _workers(server: Server) -> list[psutil.Process]:
    """The children of the server that lay out maps."""
    found = [child for child in psutil.Process(server.process.pid).children() if child.is_running()]
    return [child for child in found if any("core.process" in word for word in child.cmdline())]


def _hold_once(page: Page, server: Server, seen: str) -> list[psutil.Process]:
    """Hold what lays out the map as soon as the page shows so: a busy browser draws late, and would find the
    map done. Until then it works a fifth of a second between two looks.
    """
    until = time.monotonic() + PATIENCE / 1000
    while True:
        page.wait_for_timeout(200)
        working = _workers(server)
        for process in working:
            process.suspend()
        if working and page.evaluate(seen):
            return working
        assert time.monotonic() < until, "it is never seen at work"
        for process in working:
            process.resume()


def _stop_the_map(page: Page, server: Server) -> None:
    """Stop UMAP while it is at work in a process of its own: the process goes, the plain map stays, and the
    page offers to start again.
    """
    page.locator(".st-key-pages").get_by_role("link", name="Overlap").click()
    working = _hold_once(page, server, LAYING_OUT)
    page.wait_for_function(STOPPED)
    assert not any(process in working for process in _workers(server)) and server.healthy()
    calm(page)
    assert page.get_by_text("Stopped.").count() == 1 and page.get_by_text("PCA keeps").count() == 1


def _split(page: Page) -> None:
    """From one part to two, on the page itself."""
    page.locator('[class*="st-key-split-at-"] input').first.fill("meet")
    page.locator('[class*="st-key-split-at-"] input').first.press("Enter")
    calm(page)
    page.locator(".st-key-split-here button").click()
    page.get_by_text("What shifted").wait_for()


def _stop_what_runs(page: Page) -> int:
    """Stop whatever runs, until nothing does; gives how often."""
    until, stopped, still = time.monotonic() + PATIENCE / 1000, 0, 0
    while still < 6:
        assert time.monotonic() < until, "it does not stop"
        stopped += page.evaluate(STOP)  # the button comes and goes: between a look and a click it may be gone
        still = 0 if page.locator(".st-key-stop-job").count() else still + 1
        page.wait_for_timeout(400)
    calm(page)
    return stopped


def test_stop_what_runs_outline_rows_and_download_exactly_those(
    page: Page, server: Server, both: Path, tmp_path: Path
) -> None:
    send(page, server, both)
    _stop_what_runs(page)
    _stop_the_map(page, server)
    _split(page)
    _hold_once(page, server, MAPPED)
    assert _stop_what_runs(page) >= 1
    page.get_by_text("Start again").first.wait_for()
    page.get_by_text("What shifted").wait_for()
    places = np.array(settled(page, PLACES, ROWS - FAR))
    assert len(places) >= 2
    x, y = places.mean(axis=0)
    reach = float(np.abs(places - (x, y)).max()) + 12
    lasso(page, x, y, reach)
    answer = page.get_by_text("in your selection on the map")
    answer.wait_for()
    place, height = answer.bounding_box(), page.viewport_size
    assert place and height and 0 <= place["y"] < height["height"], "the answer stands beside the map"
    with page.expect_download() as waiting:
        page.locator(".st-key-overlap-download button").click()
    waiting.value.save_as(tmp_path / "rows.csv")
    taken, before = pd.read_csv(tmp_path / "rows.csv"), pd.read_parquet(both)
    assert taken["row"].tolist() == list(range(ROWS - FAR, ROWS))
    assert (
        taken[list("abcd")].to_numpy().tolist() == before.loc[ROWS - FAR :, list("abcd")].to_numpy().tolist()
    )
