"""The report opened from disk, without a server or a network: it draws itself, and every part of it can be
used.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from playwright.sync_api import Browser, Page

from components import text
from core.outcomes import attempt
from core.phrases import number, percent
from core.report import audit_json
from core.reporting.page import page as report
from core.reporting.whole import whole
from tests.journeys.conftest import ROOT
from tests.make import dataset

NAMED = "</script><img src=x onerror=document.title='broken'>"


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """65 columns, one of them with gaps, one with a hostile name, two that go together, and a class."""
    rng = np.random.default_rng(9)
    frame = pd.DataFrame({f"plain {i:03d}": rng.normal(size=200) for i in range(60)})
    frame["gaps"] = np.where(rng.random(200) < 0.3, np.nan, rng.normal(size=200))
    frame[NAMED] = rng.choice(["<b>red</b>", "green"], 200)
    frame["size"] = rng.normal(100, 20, 200)
    frame["price"] = frame["size"] * 30 + rng.normal(0, 50, 200)
    frame["sold"] = np.where(rng.random(200) < 1 / (1 + np.exp((frame["size"] - 95) / 8)), "yes", "no")
    data = dataset(frame, target="sold")
    outcomes = [attempt(name, data) for name in ("profile", "association", "missingness", "target")]
    told = whole(audit_json(data, outcomes, 1.0), data, outcomes)
    path = tmp_path_factory.mktemp("report") / "report.html"
    path.write_text(report(told, data.names, "Audit: flats", "2024-01-01 00:00"), encoding="utf-8")
    return path


@pytest.fixture(params=["light", "dark"])
def opened(request: pytest.FixtureRequest, browser: Browser, file: Path) -> Iterator[Page]:
    """The page as a reader with this colour scheme and no network has it; what the browser complains of fails
    the test.
    """
    context = browser.new_context(
        viewport={"width": 1200, "height": 900}, color_scheme=request.param, offline=True
    )
    page, complaints = context.new_page(), []
    page.on(
        "console",
        lambda message: complaints.append(message.text) if message.type in ("error", "warning") else None,
    )
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on(
        "request", lambda asked: complaints.append(asked.url) if not asked.url.startswith("file:") else None
    )
    page.goto(file.as_uri())
    yield page
    assert page.title() == "Audit: flats" and complaints == []
    context.close()


def names(page: Page) -> list[str]:
    return page.locator("#columns tr.row button.c-head").all_inner_texts()


def test_numbers_are_written_as_everywhere_else(browser: Browser) -> None:
    """The page's own rule, taken from its script, against the one of the sentences and of the app."""
    rng = np.random.default_rng(4)
    values = [
        0.0,
        7.0,
        -3.0,
        0.048652,
        7.91,
        999.96,
        15110.4,
        -5456.2,
        31170000.0,
        1.5e-9,
        2e15,
        9.9999999e-5,
    ]
    values += (rng.integers(1, 10**6, 300) / 2.0 ** rng.integers(1, 20, 300)).tolist()  # many lie between two
    values += (rng.normal(size=100) * 10.0 ** rng.integers(-20, 20, 100)).tolist()
    shares = [
        [int(part), int(whole)] for whole in (8, 400, 997, 100_000) for part in rng.integers(0, whole, 60)
    ]
    script = (ROOT / "core" / "reporting" / "page.js").read_text(encoding="utf-8")
    rule = script.split("// ---- numbers")[1].split("function bytes")[0].partition("\n")[2]
    page = browser.new_page()
    shown = page.evaluate(f"values => {{ {rule}; return values.map(num) }}", values)
    percents = page.evaluate(f"shares => {{ {rule}; return shares.map(([a, b]) => pct(a, b)) }}", shares)
    page.close()
    assert shown == [number(value) for value in values] == [text.number(value) for value in values]
    assert percents == [percent(part / whole) for part, whole in shares]


def test_search_sort_filter_and_details(opened: Page) -> None:
    assert names(opened)[0] in ("gaps", "price", "size") and len(names(opened)) == 50
    opened.get_by_role("button", name="Show 15 more").click()
    assert len(names(opened)) == 65
    opened.keyboard.press("/")
    opened.keyboard.type("PLAIN 00")
    assert sorted(names(opened)) == [f"plain 00{i}" for i in range(10)]
    opened.get_by_label("Search columns").fill("")
    opened.get_by_label("Sort columns by").select_option("most missing")
    assert names(opened)[0] == "gaps"
    opened.locator("#columns .tools").get_by_role("button", name="category").click()
    assert sorted(names(opened)) == [NAMED, "sold"]
    hostile = opened.get_by_role("button", name=NAMED, exact=True).first
    hostile.press("Enter")
    assert hostile.get_attribute("aria-expanded") == "true"
    assert "<b>red</b>" in opened.locator("tr.detail").inner_text()
    hostile.press("Enter")
    assert opened.locator("tr.detail").count() == 0 and opened.locator("img").count() == 0


def test_findings_relations_and_theme(opened: Page) -> None:
    assert "need" in opened.get_by_role("heading", level=1).inner_text()
    first = opened.locator("#attention details.finding").first
    assert first.get_attribute("open") is not None and "What to do." in first.inner_text()
    opened.locator("#relations .pair").first.get_by_role("button").first.click()  # from a pair to its column
    assert opened.locator("tr.detail .draw").count() >= 1 and opened.locator("tr.row.open").count() == 1
    back = "getComputedStyle(document.body).backgroundColor"
    before = opened.evaluate(back)
    opened.get_by_role("button", name="Switch between light and dark").click()
    between = opened.evaluate(back)
    opened.get_by_role("button", name="Switch between light and dark").click()
    assert before == opened.evaluate(back) != between
    for width in (1200, 400):
        opened.set_viewport_size({"width": width, "height": 900})
        assert opened.evaluate("document.documentElement.scrollWidth") <= width
