"""The missing tab: from a pattern of gaps to its rows to a decision."""

from __future__ import annotations

import numpy as np
import pandas as pd

from components.figures import missingness as drawn
from core.dataset import Dataset
from core.run import run
from core.steps import settle
from core.workspace import load
from tests.components.conftest import Open, keyed, ready, sound


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
    keyed(app.button, "drop-pattern-").click().run()
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
