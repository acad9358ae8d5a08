"""What is said of data that were split after checks had run: nothing looks clean that was not checked."""

from __future__ import annotations

import numpy as np
import pandas as pd

from components.text import BREAK
from core.dataset import Dataset
from core.dataset.split import PartSplit
from core.workspace import load
from tests.components.conftest import PAGES, Open, ready, shown, sound

SPLIT = PartSplit("value", column="site", value="north")


def mislabelled() -> Dataset:
    """Two clusters of 150 rows, and six labels of each that are of the other."""
    rng = np.random.default_rng(3)
    kind = np.repeat(["ash", "elm"], 150)
    frame = pd.DataFrame(rng.normal(size=(300, 3)), columns=list("abc"))
    frame.loc[150:, ["a", "b"]] += 6.0
    frame["site"] = rng.choice(["north", "south"], 300)
    kind[[*range(0, 60, 10), *range(200, 260, 10)]] = ["elm"] * 6 + ["ash"] * 6
    frame["kind"] = kind
    return load(frame, name="trees.csv", target="kind")


def test_after_a_split_no_row_is_said_to_be_decided_where_labels_has_not_looked(open_page: Open) -> None:
    app = open_page("labels", mislabelled())
    sound(app)
    app.switch_page(PAGES["review"])
    ready(app)
    assert [m.value for m in app.markdown if m.value.startswith("##### Row ")], "rows wait for their label"

    now = app.session_state["winnow"]
    now.dataset = now.dataset.with_split(SPLIT)
    now.turn += 1
    ready(app)
    sound(app)
    told = shown(app).replace("\\", "").replace(BREAK, "")
    assert not app.success
    assert "Nothing waits for a decision in what was checked." in told
    assert "Labels has not looked at these data" in told
    side = "\n".join(c.value for c in app.sidebar.caption).replace("\\", "")
    assert "no finding needs attention so far" in side
    assert "earlier finding" in side and "not checked again" in side

    app.switch_page(PAGES["export"])
    ready(app)
    told = shown(app).replace("\\", "")
    assert (
        ":orange[:material/warning:] In what is exported, no finding needs attention so far; 1 earlier"
        in told
    )

    app.switch_page(PAGES["labels"])
    ready(app)
    app.switch_page(PAGES["review"])
    ready(app)
    sound(app)
    assert "Labels has not looked" not in shown(app)
    assert [m.value for m in app.markdown if m.value.startswith("##### Row ")], "they wait again"
    assert "earlier" not in "\n".join(c.value for c in app.sidebar.caption)
