"""What Export says is written, in the sentence, the tiles and the lines below."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
from streamlit.testing.v1 import AppTest

from core.dataset import Dataset
from core.decided import as_decided
from core.decision import Decision
from core.rowset import RowSet
from core.run import run
from core.workspace import load
from tests.components.conftest import Open, shown, waited
from tests.images import encoded, picture


def tiles(app: AppTest) -> dict[str, str]:
    return {one.label: one.value for one in app.metric}


def headline(app: AppTest) -> str:
    return next(one.value for one in app.markdown if one.value.startswith("#### "))


def said(app: AppTest, *steps: Decision) -> AppTest:
    """The page once these decisions are taken."""
    now = app.session_state["winnow"]
    for step in steps:
        now.review, now.turn = now.review.say(step), now.turn + 1
    return waited(app.run())


def two_files(folder: Path) -> Dataset:
    pd.DataFrame({"n": range(80), "y": ["a", "b"] * 40}).to_csv(folder / "train.csv", index=False)
    pd.DataFrame({"n": range(30), "z": range(30)}).to_csv(folder / "serve.csv", index=False)
    return load(folder / "train.csv", serve=folder / "serve.csv")


def test_rows_and_columns_are_those_of_the_files_that_are_written(open_page: Open, tmp_path: Path) -> None:
    app = open_page("export", two_files(tmp_path))
    assert headline(app) == "#### Nothing was changed yet: rows and cells are exported as they came."
    assert (tiles(app)["Rows"], tiles(app)["Columns"]) == ("80", "2")
    assert "Nothing was decided about the 30 rows of serve, whose file is not written again." in shown(app)
    said(app, Decision("drop", RowSet([3])))
    assert headline(app) == "#### 79 of 80 train rows are exported; 1 is dropped; serve is not written."
    assert tiles(app)["Rows"] == "79"
    said(app, Decision("drop", RowSet([80])))
    assert headline(app) == "#### 108 of 110 rows are exported; 2 are dropped."
    assert (tiles(app)["Rows"], tiles(app)["Columns"]) == ("108", "3")
    assert "Rows: 79 of train, 29 of serve; a file of its own is written for serve." in shown(app)


def test_whose_findings_they_are_is_said_where_train_alone_is_exported(
    open_page: Open, tmp_path: Path
) -> None:
    data = two_files(tmp_path)
    run("profile", data)
    app = open_page("export", data)
    [told] = [one.value for one in app.markdown if "need" in one.value and "attention" in one.value]
    assert "In train and serve, of which train is exported, " in told
    said(app, Decision("drop", RowSet([80])))
    run("profile", as_decided(data, app.session_state["winnow"].review))
    assert "of which train is exported" not in shown(waited(app.run()))


def test_cells_of_dropped_rows_are_not_counted_as_changed(open_page: Open, tmp_path: Path) -> None:
    frame = pd.DataFrame({"n": [None if row % 4 == 0 else float(row) for row in range(80)]})
    frame.to_csv(tmp_path / "raw.csv", index=False)
    app = open_page("export", load(tmp_path / "raw.csv"))
    fill = Decision("fill", RowSet(), column="n", settings={"how": "median"})
    said(app, fill, Decision("drop", RowSet([4, 5])))
    assert headline(app) == "#### 78 of 80 rows are exported; 2 are dropped; 19 cells changed."
    assert tiles(app)["Cells changed"] == "19"


def test_columns_that_steps_added_are_told_as_on_prepare(open_page: Open, tmp_path: Path) -> None:
    """Their tile said "2" of 1, and the headline nothing of the other one."""
    frame = pd.DataFrame({"n": [None if row % 4 == 0 else float(row) for row in range(80)], "out": 1.5})
    frame.to_csv(tmp_path / "raw.csv", index=False)
    app = open_page("export", load(tmp_path / "raw.csv"))
    how = {"how": "median", "indicator": True}
    said(app, Decision("fill", RowSet(), column="n", settings=how), Decision("omit", RowSet(), column="out"))
    assert headline(app) == (
        "#### 80 of 80 rows are exported, without 1 column; 20 cells changed; 1 column added."
    )
    [tile] = [one for one in app.metric if one.label == "Columns"]
    assert (tile.value, tile.help) == ("2", "2 as loaded, 1 added, 1 left out.")
    assert tiles(app)["Columns added"] == "1"


def test_what_was_left_out_when_it_was_loaded_is_said(open_page: Open, tmp_path: Path) -> None:
    rows = [{"n": row, "y": "ab"[row % 2]} for row in range(60)]
    raw = tmp_path / "raw.json"
    raw.write_text(json.dumps({"status": "ok", "response": {"total": 60, "records": rows}}))
    app = open_page("export", load(raw))
    assert headline(app).endswith("exported as they came, but for what was left out when it was loaded.")
    told = "2 other entries beside them are left out"
    assert "When loaded: The rows were taken from" in shown(app) and told in shown(app)
    said(app, Decision("drop", RowSet([3])))
    assert headline(app) == "#### 59 of 60 rows are exported; 1 is dropped." and told in shown(app)


def test_of_images_it_is_not_said_that_cells_come_as_they_came(open_page: Open, tmp_path: Path) -> None:
    cells = [{"bytes": encoded(picture(one)), "path": f"{one}.png"} for one in range(6)]
    pd.DataFrame({"image": cells, "label": list("ababab")}).to_parquet(tmp_path / "pets.parquet")
    app = open_page("export", load(tmp_path / "pets.parquet"))
    assert headline(app) == (
        "#### Nothing was changed yet: images are exported as they came, with a table of them."
    )
    assert tiles(app)["Columns"] == "2"
    assert next(one for one in app.selectbox if one.label == "Format").options[0] == (
        "Images, and their table (PARQUET)"
    )
    assert "is a table written anew" in shown(app)
