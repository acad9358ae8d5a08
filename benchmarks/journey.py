"""A person's walk over more than half a million rows, in a browser: a coreset is built, the 100 most doubted
rows are removed with what that changes told before, and what is left is exported.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from benchmarks.table import Row

SECONDS = 600.0  # that the whole walk may take


def measure(folder: Path | None, quick: bool) -> list[Row]:
    """The rows of the table; none without real data."""
    if folder is None:
        return []
    import pandas as pd
    from playwright.sync_api import sync_playwright

    from tests.browser import installed
    from tests.journeys.conftest import Server, windows
    from tests.journeys.test_coreset import cleaned

    target, chromium = "Cover_Type", installed()
    assert chromium, "No Chromium: set WINNOW_CHROMIUM to its path."
    data = pd.read_parquet(folder / "tables" / "covtype.parquet")
    data = data[: len(data) // 10] if quick else data
    rows = len(data)
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        place = Path(name)
        path = place / "covtype.parquet"
        data.to_parquet(path)
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = windows(browser).new_page()
        page.set_default_timeout(SECONDS * 1000)
        server = Server(place / "home")
        try:
            begun = time.perf_counter()
            walk = cleaned(page, server, path, target, rows, place)
            spent = time.perf_counter() - begun
        finally:
            server.kill()
            browser.close()
    same = walk.sample[target].to_numpy() == data[target].to_numpy()[walk.sample["row"]]
    weighs = float(walk.sample["weight"].sum())
    label = f"journey over {rows:,} rows"
    return [
        Row(f"{label}, s", spent, SECONDS, SECONDS / spent, f"<= {SECONDS:g}", spent <= SECONDS),
        Row(f"{label}: change of AUROC as told before, from", walk.change, walk.low, 1.0, "no limit", True),
        Row(
            f"{label}: weights",
            weighs,
            rows - 100.0,
            weighs / (rows - 100),
            "equal",
            _near(weighs, rows - 100),
        ),
        Row(
            f"{label}: labels exported as they are",
            float(same.mean()),
            1.0,
            float(same.mean()),
            "1",
            same.all(),
        ),
    ]


def _near(one: float, other: float) -> bool:
    return abs(one - other) <= 1e-9 * other
