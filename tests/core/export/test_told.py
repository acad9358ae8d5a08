"""What an export and a report tell of the decisions: one zip, reasons of dropped rows, steps taken."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pandas as pd
import pytest

from core.cli import main
from core.export import export
from core.filters import Filter
from core.reporting.files import files
from core.review import Decision, Review
from core.rowset import RowSet
from core.workspace import load
from tests.make import dataset

FRAME = pd.DataFrame(
    {
        "n": [float(row % 7) for row in range(80)],
        "gaps": [None if row % 4 == 0 else float(row % 11) for row in range(80)],
        "same": ["secret word"] * 80,
    }
)
REVIEW = Review().say(
    Decision("fill", RowSet(), column="gaps", settings={"how": "median"}),
    Decision("omit", RowSet(), column="same", finding="constant:same"),
    Decision("drop", RowSet([3, 4]), why="broken sensor"),
    Decision("drop", Filter.parse("n is 6")),
    Decision("keep", RowSet([4])),
    Decision("tidy", RowSet(), column="nowhere"),
)


def test_dropped_rows_say_where_they_stood_and_why(tmp_path: Path) -> None:
    for form in ("csv", "jsonl", "parquet"):
        made = export(dataset(FRAME), REVIEW, tmp_path / form, format=form)
        path = made.folder / f"dropped.{form}"
        read = {"csv": pd.read_csv, "parquet": pd.read_parquet}.get(
            form, lambda p: pd.read_json(p, lines=True)
        )
        frame = read(path)
        wanted = [3, *range(6, 80, 7)]
        assert frame["source_row"].tolist() == wanted and list(frame.columns) == [
            "n",
            "gaps",
            "source_row",
            "reason",
        ]
        assert frame["reason"].tolist() == ["broken sensor"] + ["Dropped rows where 'n' is 6"] * (
            len(wanted) - 1
        )


def test_a_row_that_was_dropped_by_hand_has_no_deed_for_a_reason(tmp_path: Path) -> None:
    review = Review().say(
        Decision("drop", RowSet([1])),
        Decision("drop", RowSet([2]), finding="outliers"),
        Decision("drop", RowSet([3]), finding="total_rows:n", why="the sum of the others"),
    )
    made = export(dataset(FRAME), review, tmp_path, format="csv")
    frame = pd.read_csv(made.folder / "dropped.csv")
    wanted = {1: "by hand, no reason given", 2: "outliers", 3: "the sum of the others"}
    assert dict(zip(frame["source_row"], frame["reason"], strict=True)) == wanted


def test_the_manifest_lists_the_steps(tmp_path: Path) -> None:
    made = export(dataset(FRAME), REVIEW, tmp_path)
    steps = json.loads((tmp_path / "manifest.json").read_text())["steps"]
    assert [step["action"] for step in steps] == ["fill", "omit", "drop", "drop", "keep", "tidy"]
    assert steps[0]["cells"] == 20 and steps[0]["did"] == "20 cells" and steps[2]["rows"] == 2
    assert "'nowhere'" in steps[5]["passed_over"] and made.counts["rules"] == 1


def test_everything_goes_into_one_zip(tmp_path: Path) -> None:
    raw = tmp_path / "raw.csv"
    FRAME.to_csv(raw, index=False)
    assert main(["export", str(raw), "--drop", "n is 6", "--out", str(tmp_path / "one.zip")]) == 0
    with zipfile.ZipFile(tmp_path / "one.zip") as whole:
        names = whole.namelist()
        assert whole.testzip() is None
        cleaned = whole.read("cleaned.csv")
    assert main(["export", str(raw), "--drop", "n is 6", "--out", str(tmp_path / "folder")]) == 0
    assert (tmp_path / "folder" / "cleaned.csv").read_bytes() == cleaned
    assert set(names) == {path.name for path in (tmp_path / "folder").iterdir()}
    assert {"cleaned.csv", "dropped.csv", "recipe.json", "recipe.py", "manifest.json"} <= set(names)


@pytest.mark.parametrize("private", [False, True])
def test_the_report_is_of_the_data_as_decided_and_lists_steps_and_what_they_resolved(private: bool) -> None:
    made = files(dataset(FRAME), review=REVIEW, private=private)
    report = json.loads(made["report.json"])
    assert report["dataset"]["rows"] == 80 - 12 and len(report["steps"]) == 6
    resolved = {one["code"]: one for one in report["resolved"]}
    assert {"constant", "missing"} <= set(resolved) and resolved["missing"]["value"] == pytest.approx(0.25)
    assert not {"constant", "missing"} & {finding["code"] for finding in report["findings"]}
    for text in made.values():
        assert not private or not ("broken sensor" in text or "secret word" in text)
    assert ("broken sensor" in made["report.json"]) is not private
    assert "6 decisions" in made["report.md"]


def test_a_report_without_decisions_tells_of_none(tmp_path: Path) -> None:
    raw = tmp_path / "raw.csv"
    FRAME.to_csv(raw, index=False)
    report = json.loads(files(load(raw))["report.json"])
    assert "steps" not in report and "resolved" not in report
