"""Imbalance in a real browser: strategies stream in, the threshold moves, weights and the model are taken,
and the model gives the same numbers in a fresh process.
"""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from playwright.sync_api import Page

from tests.journeys.conftest import Server, calm, load, press, visit

FRESH = """
import json, pandas as pd, skops.io
about = json.load(open("model.json"))
model = skops.io.load("model.skops", trusted=about["trusted"])
rows = pd.read_csv("training.csv")
p = model.predict_proba(rows[["a", "b", "c"]])[:, 1]
rows.assign(p=p, called=model.predict(rows[["a", "b", "c"]])).to_csv("fresh.csv", index=False)
"""
FOUND = """() => [...document.querySelectorAll('[data-testid="stMetric"]')].map(one => one.innerText)
    .find(text => text.startsWith('Found'))"""


@pytest.fixture(scope="module")
def rare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    draw = np.random.default_rng(0)
    x = draw.normal(size=(300, 3)).round(6)
    y = draw.random(300) < 1 / (1 + np.exp(2.5 - x[:, 0] + x[:, 1]))
    path = tmp_path_factory.mktemp("rare") / "rare.csv"
    pd.DataFrame(x, columns=list("abc")).assign(y=np.where(y, "yes", "no")).to_csv(path, index=False)
    return path


def test_move_the_threshold_and_take_weights_and_the_model(
    page: Page, server: Server, rare: Path, tmp_path: Path
) -> None:
    load(page, server, rare, target="y")
    visit(page, "Balance")
    press(page, "balance-compare")
    page.get_by_text("Leave the classes alone").first.wait_for()
    page.get_by_text("Take it along").wait_for()
    calm(page)
    before = page.evaluate(FOUND)
    thumb = ':is([role="slider"], input[type="range"])'
    slider = page.locator(f'[class*="st-key-balance-threshold"] {thumb}').first
    slider.focus()
    for _ in range(8):
        slider.press("ArrowRight")
    calm(page)
    assert page.evaluate(FOUND) != before
    with page.expect_download() as caught:
        page.locator('[class*="st-key-balance-model"] button').click()
    archive = tmp_path / "model.zip"
    caught.value.save_as(archive)
    with zipfile.ZipFile(archive) as files:
        files.extractall(tmp_path)
    done = subprocess.run(
        [sys.executable, "-c", FRESH], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    done = subprocess.run(
        [sys.executable, "model.py"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    fresh, again = (pd.read_csv(tmp_path / name) for name in ("fresh.csv", "probabilities.csv"))
    np.testing.assert_allclose(again["p_1"], fresh["p"], rtol=1e-9)
    threshold = json.loads((tmp_path / "model.json").read_text())["threshold"]
    assert (fresh["called"] == (fresh["p"] >= threshold)).all()
    page.locator('[class*="st-key-balance-way"]').get_by_role("combobox").click()  # none is recommended
    page.get_by_role("option", name="Class weights").click()
    calm(page)
    press(page, "balance-decide")
    visit(page, "Export")
    press(page, "export")
    with page.expect_download() as caught:
        page.locator('[class*="st-key-download-zip"] button').click()
    with zipfile.ZipFile(caught.value.path()) as files:
        files.extractall(tmp_path / "export")
    weighted = pd.read_csv(next((tmp_path / "export").rglob("cleaned.csv")))
    assert len(weighted) == 300 and weighted["y"].value_counts().min() > 10
    sums = weighted.groupby("y")["sample_weight"].sum()
    assert sums["yes"] == pytest.approx(sums["no"], rel=0.02)  # two digits of each weight
    assert weighted["sample_weight"].mean() == pytest.approx(1.0, rel=0.02)
