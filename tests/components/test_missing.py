"""The missing tab: from a pattern of gaps to its rows to a decision."""

from __future__ import annotations

import numpy as np
import pandas as pd

from components.figures import missingness as drawn
from core.dataset import Dataset
from core.run import run
from core.steps import settle
from core.workspace import load
from tests.components.conftest import PAGES, Open, app_with, insisted, keyed, ready, shown, sound


def gappy() -> Dataset:
    draw = np.random.default_rng(8)
    frame = pd.DataFrame(
        {
            "size": draw.normal(100, 9, 200),
            "price": draw.normal(20, 2, 200),
            "town": draw.choice(["Ghent", "Lyon"], 200),
        }
    )
    frame.loc[10:39, ["size", "price"]] = np.nan
    frame.loc[60:69, "price"] = np.nan
    return load(frame, name="gappy.csv")


def test_the_rows_of_a_pattern_lead_to_a_decision(open_page: Open) -> None:
    app = open_page("profile", gappy())
    app.session_state["profile-tab"] = "Missing"
    ready(app)
    keyed(app.selectbox, "pattern-").set_value(1).run()
    assert any("missing size, price" in str(one.value).replace("\\", "") for one in app.markdown)
    listed = [
        toggle
        for toggle in app.toggle
        if str(toggle.key).startswith("all-") and "-pattern-" in str(toggle.key)
    ]
    assert listed[0].label == "Select all 30 rows"
    listed[0].set_value(True).run()
    insisted(app, "drop-pattern-")
    sound(app)
    now = app.session_state["winnow"]
    settled = settle(now.review.decisions, now.dataset)
    assert settled.counts()["dropped"] == 30
    assert [decision.rows.ids.tolist() for decision in now.review.decisions] == [list(range(10, 40))]


def test_a_bar_of_a_pattern_knows_its_place() -> None:
    result = run("missingness", gappy(), {})
    bars = drawn.pattern_bars(result).data[0]
    for place, length in zip(bars.customdata, bars.x, strict=True):
        assert len(result.rows_of_pattern(int(place))) == length == drawn.pattern_words(result)[int(place)][1]


def test_beside_likely_codes_nothing_is_said_to_be_missing_nowhere(open_page: Open) -> None:
    """ "Nothing is missing" stood there beside 120 cells of -999."""
    draw = np.random.default_rng(5)
    size = draw.normal(100, 9, 600).round(1)
    size[:120] = -999.0
    data = load(pd.DataFrame({"size": size, "price": draw.normal(20, 2, 600)}), name="coded.csv")
    app = open_page("profile", data)
    app.session_state["profile-tab"] = "Missing"
    ready(app)
    sound(app)
    told = shown(app).replace("\\", "")
    assert (
        "No column has an empty cell, but 120 cells likely hold codes for missing values." in told
        and "Nothing is missing" not in told
    )
    assert "1 finding on missing values stands under Columns: 'size' contains likely" in told
    assert run("missingness", data).calm == "No column has an empty cell"


def test_where_columns_were_not_looked_at_codes_are_not_ruled_out(open_page: Open) -> None:
    app = app_with(load(pd.DataFrame({"size": np.arange(600) % 37, "n": np.arange(600) % 41})))
    app.session_state["profile-tab"] = "Missing"
    app.switch_page(PAGES["profile"])
    ready(app)
    assert "whether codes stand for missing values is looked for under Columns." in shown(app).replace(
        "\\", ""
    )
