"""A coreset in a real browser: built, its most doubted rows removed with what that changes told before,
exported.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from playwright.sync_api import Page, expect

from tests.journeys.conftest import Server, calm, load, press, visit

ROWS, WRONG = 8_000, 100
SIGNED = r"([+-]0\.\d{4}|0)"


class Cleaned(NamedTuple):
    """A coreset after the 100 most doubted rows left the data. ``change``: of AUROC on held-out rows, with
    the ends of its interval, as told before the click. ``sample``: its rows as exported.
    """

    change: float
    low: float
    high: float
    sample: pd.DataFrame


def cleaned(
    page: Page, server: Server, path: Path, target: str, rows: int, place: Path, asks: bool = False
) -> Cleaned:
    """Walk there by mouse; ``rows``: of the file at ``path``, of which the export is put into ``place``.
    asks: 100 rows are so much of a class that the page asks before they are dropped.
    """
    load(page, server, path, target)
    visit(page, "Coreset")
    expect(page.get_by_text(re.compile(rf"[\d,]+ of {rows:,} rows stand for all of them"))).to_be_visible()
    press(page, "importance-judge")
    page.get_by_text("rare and contradicted,").first.wait_for()
    calm(page)
    page.locator('[class*="st-key-importance-way"]').get_by_text("Cleaning samples").click()
    calm(page)
    page.get_by_text("Select all 100 rows").click()
    calm(page)
    press(page, "removal-importance")
    page.get_by_text(re.compile(r"^Without 100 rows, AUROC on held-out rows ")).wait_for()
    tile = page.locator('[data-testid="stMetric"]').filter(has_text="Change of AUROC").inner_text()
    told = re.search(rf"{SIGNED}\s+95% interval {SIGNED} to {SIGNED}", tile)
    assert told, tile
    change, low, high = (float(one) for one in told.groups())
    press(page, "drop-importance")
    if asks:
        page.get_by_text("Click once more to do it anyway").wait_for()
        calm(page)
        press(page, "drop-importance")
    page.get_by_text("Dropped 100 rows").first.wait_for()
    page.get_by_text(re.compile(rf"[\d,]+ of {rows - 100:,} rows stand for all of them")).wait_for()
    calm(page)
    with page.expect_download() as download:
        page.locator(".st-key-coreset-parquet button").click()
    download.value.save_as(place / "coreset.parquet")
    return Cleaned(change, low, high, pd.read_parquet(place / "coreset.parquet"))


def test_a_hundred_doubted_rows_leave_the_coreset_and_what_that_does_is_told_before(
    page: Page, server: Server, tmp_path: Path
) -> None:
    draw = np.random.default_rng(3)
    frame = pd.DataFrame({name: draw.normal(size=ROWS).round(4) for name in "abcd"})
    far = (6.0 * frame["a"] + 4.0 * frame["b"]).to_numpy()
    bad = far + draw.logistic(size=ROWS) > 12.0
    wrong = draw.choice(np.flatnonzero((far < -4.0) & ~bad & (frame["c"] > 0.5)), WRONG, replace=False)
    bad[wrong] = True
    frame["part"] = np.where(bad, "bad", "good")
    path = tmp_path / "parts.parquet"
    frame.to_parquet(path)
    change, low, high, small = cleaned(page, server, path, "part", ROWS, tmp_path, asks=True)
    assert low <= change <= high and low < high and abs(change) < 0.05
    assert len(small) == ROWS // 10 and small["row"].is_unique
    np.testing.assert_allclose(small["weight"].sum(), ROWS - WRONG, rtol=1e-9)
    pd.testing.assert_frame_equal(
        small[list("abcd")], frame.loc[small["row"], list("abcd")].reset_index(drop=True)
    )
    assert np.isin(wrong, small["row"]).sum() <= 35, "two in three of the rows removed are the wrong ones"
