"""What stands beside the row in focus of the review: its picture, the label suggested, its copies, and the
nearest rows.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from streamlit.testing.v1 import AppTest

from core.review import Decision, Review
from core.rowset import RowSet
from core.workspace import load
from tests.components.conftest import Open, planted, ready, shown, sound
from tests.components.test_images import files
from tests.components.test_labels import trees
from tests.images import zipped


def sent(app: AppTest, *rows: int) -> AppTest:
    """These rows were sent to review."""
    now = app.session_state["winnow"]
    now.review, now.store_trouble = Review().say(Decision("defer", RowSet(rows))), "In memory."
    now.turn += 1
    return ready(app)


def test_a_row_of_images_is_decided_by_its_picture_and_those_nearest_to_it(
    open_page: Open, tmp_path: Path
) -> None:
    app = open_page("review", load(zipped(tmp_path / "pets.zip", files()), target="label"))
    sound(app)
    images = [one.proto for one in app.image]
    assert [len(one.imgs) for one in images] == [1, 5]
    assert all(one.url.startswith("/") for proto in images for one in proto.imgs)
    labels = app.session_state["winnow"].dataset.frame(["label"])["label"]
    row = int(next(one.value for one in app.markdown if "##### Row" in one.value).split()[-1])
    for caption in (one.caption for one in images[1].imgs):
        other = int(caption.replace("≠", "").split()[1].rstrip(":\\").rstrip("\u2060:\\"))
        assert caption.startswith("≠") == (labels[other] != labels[row])
    assert "The nearest rows" in shown(app) and "have its label" in shown(app)


def test_a_label_stands_against_the_one_suggested_once_labels_were_checked(open_page: Open) -> None:
    data = trees()
    app = sent(open_page("review", data), 4)
    assert "suggested" not in shown(app)
    app.switch_page("pages/clean/labels.py")
    ready(app)
    app.switch_page("pages/clean/review.py")
    told = shown(ready(app))
    assert "Given **cedar**, suggested **birch** by" in told and "birch" in told.split("Out-of-sample")[1]


def test_the_nearest_rows_stand_beside_the_row_with_what_differs_marked(open_page: Open) -> None:
    data = planted()
    app = sent(open_page("review", data), 300)  # equal to row 20
    table = next(one.value for one in app.dataframe if "Row 300" in one.value)
    assert table.columns[1:3].tolist() == ["Row 300", "Row 20"] and len(table.columns) == 7
    lines = table.set_index("Column")
    assert lines.index[:2].tolist() == ["Distance", "ill"] and lines.loc["Distance", "Row 20"] == "0"
    assert not lines["Row 20"].str.contains("≠").any()
    others, frame = lines.iloc[1:, 2:], data.frame()
    for head in others.columns:
        row = int(head.removeprefix("Row "))
        town, height = others.loc["town", head], others.loc["height", head]
        assert town.startswith("≠") == bool(frame.loc[row, "town"] != frame.loc[300, "town"])
        low, high = np.quantile(frame["height"], [0.05, 0.95])
        far = abs(frame.loc[row, "height"] - frame.loc[300, "height"]) > 0.1 * (high - low)
        assert height.startswith("≠") == far
    assert "**Equal rows.** 20 (" in shown(app)
