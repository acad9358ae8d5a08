"""What an export and a report tell of the decisions: one zip, reasons of dropped rows, steps taken."""

from __future__ import annotations

import ast
import csv
import gzip
import json
import re
import zipfile
from collections.abc import Callable
from dataclasses import replace
from functools import reduce
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from core import loading
from core.catalog import analyses
from core.cli import main
from core.dataset import Dataset
from core.decided import as_decided
from core.decision import Decision
from core.export import export
from core.export.dropped import NO_REASON
from core.export.tally import columns, left_out, of_weights, steps, tally
from core.filters import Filter
from core.loading.options import Options
from core.recipe import Recipe
from core.reporting.files import files
from core.review import Review
from core.rowset import RowSet
from core.steps import Work, amount_of, whole
from core.workspace import load
from tests.core.steps.acting import rule
from tests.images import encoded, picture, zipped
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


@pytest.mark.parametrize("form", ["csv", "jsonl", "parquet"])
def test_dropped_rows_are_as_they_were(form: str, tmp_path: Path) -> None:
    """Without what steps filled in, added, renamed or took out, and without weights; of the source alone."""
    frame = pd.DataFrame(
        {"n": [1.5, None, 3.0], "when": ["a ", "b ", "c "], "day": [f"2024-0{i}-05" for i in "123"]}
    )
    frame.to_csv(tmp_path / "raw.csv", index=False)
    raw = tmp_path / f"raw.{form}"
    if form == "jsonl":
        raw.write_text("".join(json.dumps(row) + "\n" for row in json.loads(frame.to_json(orient="records"))))
    elif form == "parquet":
        frame.to_parquet(raw)
    review = Review().say(
        Decision("fill", RowSet(), column="n", settings={"how": "median", "indicator": True}),
        Decision("tidy", RowSet(), column="when"),
        Decision("rename", RowSet(), column="n", settings={"to": "size"}),
        Decision("relabel", RowSet([1]), "new", column="when"),
        Decision("date_parts", RowSet(), column="day"),
        Decision("weight", RowSet([1]), 2.0),
        Decision("drop", RowSet([1, 2])),
    )
    made = export(load(raw), review, tmp_path / "made")
    path = made.folder / f"dropped.{form}"
    if form == "csv":
        assert path.read_text().splitlines() == [
            "n,when,day,source_row,reason",
            f',b ,2024-02-05,1,"{NO_REASON}"',
            f'3.0,c ,2024-03-05,2,"{NO_REASON}"',
        ]
        return
    rows = (
        pq.read_table(path).to_pylist()
        if form == "parquet"
        else [json.loads(line) for line in path.read_text().splitlines()]
    )
    assert rows == [
        {"n": None, "when": "b ", "day": "2024-02-05", "source_row": 1, "reason": NO_REASON},
        {"n": 3.0, "when": "c ", "day": "2024-03-05", "source_row": 2, "reason": NO_REASON},
    ]
    assert made.counts["changed"] == 1, "of the row that is left: its text; its number and the rest are new"


def test_added_rows_that_are_dropped_again_have_the_cells_that_they_had_and_their_marks(
    tmp_path: Path,
) -> None:
    frame = pd.DataFrame({"n": [1.5, None, 3.0, None], "y": ["a", "a", "a", "b"]})
    frame.to_csv(tmp_path / "raw.csv", index=False)
    review = Review().say(
        Decision("fill", RowSet(), column="n", settings={"how": "constant", "value": "9"}),
        Decision("rename", RowSet(), column="y", settings={"to": "class"}),
        Decision("add_rows", RowSet(), settings={"how": "repeat", "amount": 3}),
        Decision("drop", RowSet([1, 4, 5, 6])),
    )
    made = export(load(tmp_path / "raw.csv"), review, tmp_path / "made")
    rows = pd.read_csv(made.folder / "dropped.csv")
    assert list(rows.columns) == ["n", "y", "origin", "parents", "source_row", "reason"]
    assert rows["source_row"].tolist() == [1, 4, 5, 6] and rows["n"].isna().tolist() == [True] + [False] * 3
    told = (made.folder / "README.txt").read_text().splitlines()[0]
    assert "3 of 7 rows are exported; 4 are dropped; 1 cell changed; 2 columns added." in told


TEN = rule("add_rows", how="repeat", amount=10)
COPIES: dict[str, tuple[list[str], list[Decision], list[str]]] = {
    "filled with a number that is none of the source's": (
        ["10", "20", "31", "", "40"],
        [rule("fill", "n", how="median"), TEN],
        ["10", "20", "31", "25.5", "40"],
    ),
    "read as numbers": (
        ["10 kg", "2.50 kg", "x", "", "40 kg"],
        [rule("read_as", "n", kind="numeric", unit="kg"), TEN],
        ["10.0", "2.5", "", "", "40.0"],
    ),
    "read as dates": (
        ["10 May 2024", "20 May 2024", "31/5/24 noon", "", "4 May 2024"],
        [rule("read_as", "n", kind="datetime", layout="day month-name year"), TEN],
        ["2024-05-10", "2024-05-20", "", "", "2024-05-04"],
    ),
    "read as text": (
        ["1.50", "20", "31", "", "40"],
        [rule("read_as", "n", kind="text"), rule("replace", "n", find="31", into="a lot"), TEN],
        ["1.50", "20", "a lot", "", "40"],
    ),
    "of a column that is gone": (
        ["a", "b", "a", "", "b"],
        [rule("encode", "n", how="one-hot"), TEN],
        ["a", "b", "a", "", "b"],
    ),
}


READ: dict[str, Callable[[Path], list[dict[str, Any]]]] = {
    "csv": lambda path: list(csv.DictReader(path.read_text().splitlines())),
    "json": lambda path: json.loads(path.read_text()),
    "parquet": lambda path: pq.read_table(path).to_pylist(),
    "xlsx": lambda path: pd.read_excel(path, engine="calamine", dtype=object).to_dict("records"),
}


def plain(cell: Any) -> str:
    """A cell of any format as text, dates without midnight and numbers without zeros behind the point."""
    text = "" if cell is None or cell != cell else str(cell).removesuffix(" 00:00:00")
    return text.rstrip("0").removesuffix(".") if re.fullmatch(r"\d+\.\d+", text) else text


@pytest.mark.parametrize("case", COPIES)
def test_copies_that_are_dropped_lose_no_value_where_a_rule_changed_the_type(
    case: str, tmp_path: Path
) -> None:
    """Rows of the source are as they were, copies as they are now, copies of copies too."""
    cells, steps, want = COPIES[case]
    lines = [f"{cell},id{row}\n" for row, cell in enumerate(cells)]
    (tmp_path / "raw.csv").write_text("n,y\n" + "".join(lines))
    review = Review().say(*steps, TEN, Decision("drop", RowSet(range(25))))
    for form, read in READ.items():
        made = export(load(tmp_path / "raw.csv"), review, tmp_path / form, format=form)
        told = read(made.folder / f"dropped.{form}")
        assert list(told[0]) == ["n", "y", "origin", "parents", "source_row", "reason"]
        assert [int(row["source_row"]) for row in told] == list(range(25))
        got = [plain(row["n"]) for row in told]
        assert got[:5] == [plain(cell) for cell in cells]
        assert got[5:] == [plain(want[int(row["y"][2])]) for row in told[5:]], form


def test_copies_in_parquet_are_dropped_with_their_values(tmp_path: Path) -> None:
    pd.DataFrame({"n": [0, 1, None, 3, 4], "y": list("abcde")}).astype({"n": "Int64"}).to_parquet(
        tmp_path / "raw.parquet"
    )
    steps = (
        rule("fill", "n", how="constant", value="2"),
        rule("clip", "n", low="0.5"),
        rule("add_rows", how="repeat", amount=5),
        Decision("drop", RowSet(range(10))),
    )
    for form in ("input", "csv", "jsonl"):
        made = export(load(tmp_path / "raw.parquet"), Review().say(*steps), tmp_path / form, format=form)
        path = next(one for one in made.files if one.name.startswith("dropped"))
        reader = {".parquet": pd.read_parquet, ".csv": pd.read_csv}.get(
            path.suffix, lambda one: pd.read_json(one, lines=True)
        )
        frame = reader(path)
        parents = frame["parents"].dropna().astype(int).tolist()
        own = frame["n"][:5].astype(float)
        assert own.isna().tolist() == [False, False, True, False, False] and own.sum() == 8
        assert frame["n"][5:].tolist() == [[0.5, 1, 2, 3, 4][parent] for parent in parents]


def two_files(folder: Path) -> Dataset:
    """Eight rows of train, three of serve, which has a column of its own."""
    pd.DataFrame({"n": range(8), "y": [None, *"abcdefg"]}).to_csv(folder / "train.csv", index=False)
    pd.DataFrame({"n": range(3), "z": range(3)}).to_csv(folder / "serve.csv", index=False)
    return load(folder / "train.csv", serve=folder / "serve.csv")


def test_a_column_of_weights_is_written_beside_those_of_the_data(tmp_path: Path) -> None:
    """One that is new, and not one that held weights before."""
    data = dataset(pd.DataFrame({"n": range(6), "w": [1.0] * 6}))
    weigh = Review().say(Decision("weight", RowSet([0, 3]), 2.0))
    for given in (data, data.with_roles(weight="w")):
        made = export(given, weigh, tmp_path / given.version)
        work = whole(Work.after(weigh.decisions, given))
        assert columns(work) == (len(as_decided(given, weigh).names), 2) == (2, 2)
        assert of_weights(work) is (given is data)
        assert pd.read_csv(made.cleaned).shape[1] == 2 + of_weights(work)


def test_numbers_are_of_what_is_written(tmp_path: Path) -> None:
    """Serve, of which nothing was decided, is not written, and none of its rows or columns is counted."""
    data = two_files(tmp_path)

    def told(name: str, *steps: Decision) -> tuple[dict[str, int], str, list[int]]:
        made = export(data, Review().say(*steps), tmp_path / name)
        written = [len(pd.read_csv(path)) for path in made.files if path.name.startswith("cleaned")]
        assert json.loads((made.folder / "manifest.json").read_text())["counts"] == made.counts
        return dict(made.counts), (made.folder / "README.txt").read_text().splitlines()[0], written

    counts, words, rows = told("none")
    assert (counts["before"], counts["after"], counts["not_written"]) == (8, 8, 3) and rows == [8]
    assert words.endswith(" 8 of 8 train rows are exported; serve is not written.")
    counts, words, rows = told("one", Decision("drop", RowSet([2])))
    assert (counts["before"], counts["after"], counts["not_written"]) == (8, 7, 3) and rows == [7]
    assert words.endswith(" 7 of 8 train rows are exported; 1 is dropped; serve is not written.")
    counts, words, rows = told("both", Decision("drop", RowSet([2, 9])))
    assert (counts["before"], counts["after"], counts["not_written"]) == (11, 9, 0) and rows == [7, 2]
    assert words.endswith(" 9 of 11 rows are exported; 2 are dropped.")
    fill = Decision("fill", RowSet(), column="y", settings={"how": "constant", "value": "?"})
    bounds = Decision("clip", RowSet(), column="n", settings={"low": "1", "high": ""})
    counts, words, rows = told("fill and clip", fill, bounds, Decision("drop", RowSet([7])))
    assert counts["changed"] == 3 and rows == [7, 3], "'?' and 1 in train, 1 in serve, which has no 'y'"
    assert (tmp_path / "fill and clip" / "cleaned-serve.csv").read_text().split() == [
        "n,z",
        "1,0",
        "1,1",
        "2,2",
    ]
    for text, dropped, said in (
        ("a,b\n1,x\n", [], "1 of 1 row is exported."),
        ("a,b\n1,x\n2,y\n", [0], "1 of 2 rows is exported; 1 is dropped."),
        ("a,b\n1,x\n2,y\n", [0, 1], "0 of 2 rows are exported; 2 are dropped."),
        ("a,b\n1,x\n", [0], "0 of 1 row is exported; 1 is dropped."),
    ):
        (tmp_path / "few.csv").write_text(text)
        gone = [Decision("drop", RowSet(dropped))] if dropped else []
        made = export(load(tmp_path / "few.csv"), Review().say(*gone), tmp_path / "few")
        assert (made.folder / "README.txt").read_text().splitlines()[0].endswith(f". {said}")
    report = json.loads(files(data, review=Review().say(Decision("drop", RowSet([2]))))["report.json"])
    assert report["exported"] == "7 of 8 train rows are exported; 1 is dropped; serve is not written."


def test_what_loading_left_out_stands_in_the_readme(tmp_path: Path) -> None:
    text = "monthly report\n\nname,n\n" + "".join(f"n{row},{row}\n" for row in range(30)) + "odd,1,2,3\n"
    (tmp_path / "raw.csv").write_text(text)
    records = {"status": "ok", "response": {"total": 2, "records": [{"a": 1}, {"a": 2}]}}
    (tmp_path / "raw.json").write_text(json.dumps(records))
    options = Options(leave_out=("n",))
    for raw, given, told in (
        (
            "raw.csv",
            None,
            ["1 line before the table was left out: 'monthly report'.", "1 row could not be read"],
        ),
        ("raw.csv", options, ["'n' was left out.", "1 line before the table", "1 row could not be read"]),
        ("raw.json", None, ["The rows were taken from 'response.records'; 2 other entries beside them"]),
    ):
        data = load(tmp_path / raw, options=given)
        lines = (export(data, Review(), tmp_path / "made").folder / "README.txt").read_text().splitlines()
        said = [line.removeprefix("When loaded: ") for line in lines if line.startswith("When loaded")]
        assert len(said) == len(told) and all(map(str.startswith, said, told)), said


def test_annotations_that_were_lost_stand_in_the_readme(tmp_path: Path) -> None:
    boxes = [{"id": one, "image_id": one, "category_id": 1, "bbox": [1, 1, 5, 5]} for one in (0, 1, 77)]
    listed = [{"id": one, "file_name": f"i{one}.png", "width": 40, "height": 40} for one in (0, 1)]
    content = {"images": listed, "annotations": boxes, "categories": [{"id": 1, "name": "cat"}]}
    images = {f"i{one}.png": encoded(picture(one)) for one in (0, 1)}
    zipped(tmp_path / "coco.zip", images | {"annotations.json": json.dumps(content).encode()})
    told = "Left out: 1 annotation of images that are not listed."
    data = load(tmp_path / "coco.zip")
    assert left_out(data) == (told,)
    made = export(data, Review(), tmp_path / "made")
    assert f"When loaded: {told}" in (made.folder / "README.txt").read_text().splitlines()


def test_a_finding_of_loading_that_says_left_out_says_so_in_its_field() -> None:
    """A new code that tells of something left out is in no list, and must not be forgotten in exports."""
    telling = 0
    for path in sorted(Path(loading.__file__).parent.rglob("*.py")):
        for function in ast.walk(ast.parse(path.read_text())):
            if not isinstance(function, ast.FunctionDef):
                continue
            nodes = [one for line in function.body[1:] for one in ast.walk(line)]
            words = " ".join(str(one.value) for one in nodes if isinstance(one, ast.Constant))
            calls = [one for one in nodes if isinstance(one, ast.Call) and ast.unparse(one.func) == "Finding"]
            if calls and re.search("[Ll]eft out|kept aside", words) and "put back" not in words:
                telling += 1
                assert any(key.arg == "left_out" for call in calls for key in call.keywords), function.name
    assert telling >= 6


@pytest.mark.parametrize("excel_safe", [False, True])
def test_what_reading_made_of_the_bytes_is_said_beside_decisions_too(
    tmp_path: Path, excel_safe: bool
) -> None:
    """Surplus delimiters were lost without a word once a row was dropped; 12,50 is written as it stood."""
    (tmp_path / "raw.csv").write_text("a;b;\n1;12,50;\n2;7,5;\n3;1,00;\n")
    (tmp_path / "same.csv").write_text("a;b\n1;12,50\n2;7,5\n3;1,00\n")
    dropped = Review().say(Decision("drop", RowSet([1])))
    made = export(load(tmp_path / "raw.csv"), dropped, tmp_path / "made", excel_safe=excel_safe)
    [said] = [one for one in made.notes if one.startswith("Besides")]
    assert said == (
        "Besides what was decided, cleaned.csv differs from the file: empty fields behind the last column "
        "are not written."
    )
    assert said in (made.folder / "README.txt").read_text().splitlines()
    assert (made.folder / "cleaned.csv").read_text() == "a;b\n1;12,50\n3;1,00\n"
    plain = export(load(tmp_path / "same.csv"), dropped, tmp_path / "made", excel_safe=excel_safe)
    assert not [one for one in plain.notes if one.startswith("Besides")]


def test_where_the_bytes_differ_though_nothing_was_changed_it_is_said(tmp_path: Path) -> None:
    """With the reason where it is known; else with those that are possible, as such."""
    possible = "has the rows and cells of the file, not its bytes. That can come of blank lines, quotes "
    sure = "has the rows and cells of the table, not the bytes of the file: "
    left_out = "what was left out when it was loaded is not in it."
    for name, text, note in (
        ("raw.csv", "a,b\n1,x\n2,y\n", ""),
        ("raw.csv", "a,b\n1,x\n\n2,y\n", possible),
        ("raw.csv", 'a,b\n1,"x"\n2,y\n', possible),
        ("raw.csv", "a,b\n1,x\n2,y", possible),
        ("raw.csv", "a,b\r\n1,x\n2,y\r\n", possible),
        ("raw.csv", "Report of May\n\na,b\n1,x\n2,y\n3,z\n4,w\n", sure + left_out),
        ("raw.csv", "a,b\n1,x\n2,y\na,b\n3,z\n", sure + left_out),
        ("raw.csv", "a,b,c\n1,x,1\n2,y\n3,z,3\n", sure + "short rows get the cells that they lack."),
        ("raw.csv", "a,b,\n1,x,\n2,y,\n", sure + "empty fields behind the last column are not written."),
        ("raw.csv", 'a,b\n1,"x" y\n2,z\n3,w\n', sure + "stray quotes are mended."),
        ("raw.csv.gz", "a,b\n1,x\n2,y\n", sure + "it is written unpacked."),
        ("raw.json", '[\n{"a": 1},\n{"a": 2}\n]\n', ""),
        ("raw.json", '[ {"a": 1},\n{"a": 2}\n]\n', "That can come of escapes, blanks or line ends"),
        ("raw.json", '{"ok": 1, "rows": [{"a": 1}, {"a": 2}]}', sure + left_out),
    ):
        (tmp_path / name).write_bytes(gzip.compress(text.encode()) if name.endswith("gz") else text.encode())
        made = export(load(tmp_path / name), Review(), tmp_path / "made")
        notes = [one for one in made.notes if one.startswith("cleaned")]
        assert len(notes) == bool(note) and (not note or note in notes[0]), (text, notes)
        assert bool(note) or made.cleaned.read_text() == text


def test_a_row_that_was_dropped_by_hand_has_no_deed_for_a_reason(tmp_path: Path) -> None:
    review = Review().say(
        Decision("drop", RowSet([1])),
        Decision("drop", RowSet([2]), finding="outliers"),
        Decision("drop", RowSet([3]), finding="total_rows:n", why="the sum of the others"),
        Decision("drop", RowSet([4]), finding="near_duplicates_conflict:n:gaps"),
        Decision("drop", RowSet([5]), finding="image_shortcut:n"),
    )
    made = export(dataset(FRAME), review, tmp_path, format="csv")
    frame = pd.read_csv(made.folder / "dropped.csv")
    wanted = {
        1: "by hand, no reason given",
        2: "outliers",
        3: "the sum of the others",
        4: "near-duplicates with different labels: 'n' and 'gaps'",
        5: "properties of image files predict the label: 'n'",
    }
    assert dict(zip(frame["source_row"], frame["reason"], strict=True)) == wanted


def test_the_manifest_lists_the_steps(tmp_path: Path) -> None:
    made = export(dataset(FRAME), REVIEW, tmp_path)
    steps = json.loads((tmp_path / "manifest.json").read_text())["steps"]
    assert [step["action"] for step in steps] == ["fill", "omit", "drop", "drop", "keep", "tidy"]
    assert steps[0]["cells"] == 20 and steps[0]["did"] == "20 cells" and steps[2]["rows"] == 2
    assert "'nowhere'" in steps[5]["passed_over"] and made.counts["rules"] == 2
    more = export(
        dataset(FRAME),
        Review().say(
            Decision("fill", RowSet(), column="gaps", settings={"how": "median", "indicator": True})
        ),
        tmp_path / "more",
    )
    assert (more.counts["rules"], more.counts["columns_added"], more.counts["added"]) == (1, 1, 0)
    assert more.counts["columns"] == len(FRAME.columns) + 1


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
    review = reduce(Review.say, REVIEW.decisions, Review())
    made = files(dataset(FRAME), review=review, private=private)
    report = json.loads(made["report.json"])
    assert report["dataset"]["rows"] == 80 - 12 and len(report["steps"]) == 6
    resolved = {one["code"]: one for one in report["resolved"]}
    assert {"constant", "missing"} <= set(resolved) and resolved["missing"]["value"] == pytest.approx(0.25)
    assert not {"constant", "missing"} & {finding["code"] for finding in report["findings"]}
    for text in made.values():
        assert not private or not ("broken sensor" in text or "secret word" in text)
    assert ("broken sensor" in made["report.json"]) is not private
    assert "**5 steps and 1 other decision; " in made["report.md"]
    assert [step["number"] for step in report["steps"]] == [1, 2, 3, 4, None, 5]
    reason = "constant" if private else "constant: 'same'"
    assert f'"why":"{reason}","finding"' in made["report.html"]
    listed = re.findall(r"^(\d+\.|-) (Kept|Dropped|Filled)", made["report.md"], re.MULTILINE)
    assert private or listed == [("1.", "Filled"), ("3.", "Dropped"), ("4.", "Dropped"), ("-", "Kept")]


def test_a_report_lists_as_many_other_decisions_as_it_counts_and_nothing_of_which_there_is_none() -> None:
    """It counted what was accepted, and listed "0 accepted"."""
    frame = FRAME.drop(columns=["gaps", "sensor"], errors="ignore")
    said = (
        Decision("keep", RowSet([1])),
        Decision("accept", RowSet(), finding="constant:gone"),
        Decision("defer", RowSet([2])),
        Decision("drop", RowSet([3])),
    )
    review = Review()
    for at, decision in enumerate(said):
        review = review.say(replace(decision, when=f"2026-01-01T00:00:0{at}"))
    text = files(dataset(frame), review=review)["report.md"]
    assert "**1 step and 3 other decisions" in text
    listed = re.findall(r"^- (Kept|Sent|Accepted)", text, re.MULTILINE)
    assert listed == ["Kept", "Accepted", "Sent"] and "Accepted constant" in text
    assert "0 accepted" not in text and "0 findings" not in text


def test_a_report_without_decisions_tells_of_none(tmp_path: Path) -> None:
    raw = tmp_path / "raw.csv"
    FRAME.to_csv(raw, index=False)
    report = json.loads(files(load(raw))["report.json"])
    assert "steps" not in report and "resolved" not in report


def test_the_report_counts_no_finding_of_what_waits_to_be_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """It ran the strategies, which no page had run, and their findings were counted as resolved."""
    draw = np.random.default_rng(3)
    data = dataset(
        pd.DataFrame({"a": draw.normal(size=200), "y": ["rare"] * 20 + ["usual"] * 180}), target="y"
    )

    def checks() -> set[str]:
        return {one["analysis"] for one in json.loads(files(data)["report.json"])["sections"]["checks"]}

    asked = {name for name, one in analyses().items() if one.asked}
    assert checks() == set(analyses()) - asked and "strategies" in asked
    monkeypatch.setattr("core.reporting.files.has_run", lambda name, *_: name == "augmentation")
    assert checks() & asked == {"augmentation"}, "what a page has run is told"


def test_one_click_of_several_kinds_is_one_step_in_the_script_as_on_the_page(tmp_path: Path) -> None:
    """Rows kept with weights and the others dropped were two, or as many as there were weights."""
    when = "2026-01-01T00:00:00"
    drop, first, second = (
        Decision("drop", RowSet([0]), when=when),
        Decision("weight", RowSet([1]), 2.5, when=when),
        Decision("weight", RowSet([2]), 3.0, when=when),
    )
    tidy = Decision("tidy", RowSet(), column="same", when="2026-01-01T00:00:01")
    review = Review().say(drop, first, second).say(tidy)
    export(dataset(FRAME), review, tmp_path)
    script = (tmp_path / "prepare.py").read_text()
    manifest = json.loads((tmp_path / "manifest.json").read_text())
    assert [step["number"] for step in manifest["steps"]] == [1, 1, 2]
    assert manifest["steps"][1]["step"] == "Weighted 2 rows (1 and 2): 2.5 to 3", (
        "the weights of a click are one line"
    )
    assert "1 of 2 steps is a decision on single rows." in script and steps(review) == 2
    assert steps(review.switch(0, on=False)) == 1


def test_the_tally_is_of_what_is_written() -> None:
    """A row relabelled and dropped later, one relabelled in a column left out, and a weight of a row that is
    gone were counted.
    """
    data = dataset(pd.DataFrame({"town": list("abcdef"), "kind": list("uvuvuv")}))
    past = (
        Decision("relabel", RowSet([0, 1]), "z", column="town"),
        Decision("relabel", RowSet([2]), "v", column="kind"),
        Decision("weight", RowSet([0, 3]), 2.0),
        Decision("drop", RowSet([0])),
    )
    told = tally(whole(Work.after(past, data)))
    assert (told["changed"], told["relabelled"], told["weighted"], told["dropped"]) == (2, 2, 1, 1)
    out = tally(whole(Work.after((*past, Decision("omit", RowSet(), column="kind")), data)))
    assert (out["changed"], out["relabelled"]) == (1, 1)
    none = tally(whole(Work.after((*past, Decision("drop", RowSet([1, 2]))), data)))
    assert (none["changed"], none["relabelled"], none["after"]) == (0, 0, 3)


def test_the_head_of_the_script_counts_steps_as_the_pages_do(tmp_path: Path) -> None:
    """An accepted finding was one of its steps."""
    review = Review()
    for at, decision in enumerate((*REVIEW.decisions, Decision("accept", RowSet(), finding="missing:gaps"))):
        review = review.say(replace(decision, when=f"2026-01-01T00:00:0{at}"))
    export(dataset(FRAME), review, tmp_path)
    script = (tmp_path / "prepare.py").read_text()
    numbered = re.findall(r"^ *# (\d+)\. ", script, re.MULTILINE)
    manifest = json.loads((tmp_path / "manifest.json").read_text())
    assert numbered == [str(step["number"]) for step in manifest["steps"] if step["number"]]
    assert numbered == ["1", "2", "3", "4", "5"] and "# Kept row 4" in script, "what changes no data has none"
    assert "1 of 5 steps is a decision on single rows." in script and len(review.changing) == 5
    assert amount_of(review.decisions) == review.amount == "5 steps and 2 other decisions"


def test_a_recipe_has_as_many_steps_in_an_audit_as_on_the_page(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    raw = tmp_path / "raw.csv"
    FRAME.to_csv(raw, index=False)
    review = Review()
    for at, decision in enumerate(REVIEW.decisions[:5]):
        review = review.say(replace(decision, when=f"2026-01-01T00:00:0{at}"))
    export(load(raw), review, tmp_path / "made")
    capsys.readouterr()
    assert main(["audit", str(raw), "--recipe", str(tmp_path / "made" / "recipe.json"), "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["decided"] == review.amount == "4 steps and 1 other decision"
    assert [step["number"] for step in report["steps"]] == [1, 2, 3, 4, None]


def test_one_click_of_two_actions_is_one_step_wherever_its_recipe_is_followed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Keep on Coreset drops rows and weights others: it was two steps in an audit and of other data. Two
    clicks within a second are two.
    """
    raw, when = tmp_path / "raw.csv", "2026-01-01T00:00:00"
    FRAME.to_csv(raw, index=False)
    keeps = (Decision("drop", RowSet([1, 2])), Decision("weight", RowSet([3]), 2.0))
    review = Review()
    for batch in (keeps, (Decision("drop", RowSet([5])),), (Decision("drop", RowSet([6])),)):
        review = review.say(*(replace(one, who="me", when=when) for one in batch))
    review = review.move(2, before=0)
    recipe, out = (
        export(load(raw), review, tmp_path / "made").folder / "recipe.json",
        str(tmp_path / "out.csv"),
    )

    def told(*words: object) -> str:
        capsys.readouterr()
        assert main([*map(str, words)]) == 0
        return capsys.readouterr().out

    report = json.loads(told("audit", raw, "--recipe", recipe, "--json"))
    assert report["decided"] == review.amount == "3 steps"
    assert [step["number"] for step in report["steps"]] == [1, 2, 2, 3]
    lines = told("apply", recipe, raw, "--as-rules", "--out", out).splitlines()
    assert [line.partition(".")[0] for line in lines[:4]] == ["1", "2", "2", "3"]
    told(
        "export",
        raw,
        "--recipe",
        recipe,
        "--step",
        "drop row=7",
        "--step",
        "drop row=8",
        "--out",
        tmp_path / "more",
    )
    more = json.loads((tmp_path / "more" / "manifest.json").read_text())["steps"]
    assert [step["number"] for step in more] == [1, 2, 2, 3, 4, 5]
    again = Recipe.from_json((tmp_path / "more" / "recipe.json").read_text())
    assert again.clicks == (0, 1, 1, 2, 3, 4) and again.review.amount == "5 steps"


@pytest.mark.parametrize(
    ("cells", "mark"), [(("{0},5", "{0}.25"), "."), (("{0},5", "{0},25"), ","), (("x", "{0}.25"), ".")]
)
def test_numbers_of_a_file_with_semicolons_are_written_in_its_mark_or_two_marks_are_said(
    tmp_path: Path, cells: tuple[str, str], mark: str
) -> None:
    lines = [";".join(cell.format(at) if at % 9 or cell == "x" else "" for cell in cells) for at in range(60)]
    (tmp_path / "raw.csv").write_text("a;b\n" + "\n".join(lines) + "\n")
    data = loading.load(tmp_path / "raw.csv", into=tmp_path / "data")
    review = Review().say(
        Decision("fill", RowSet(), column="b", settings={"how": "mean"}), Decision("weight", RowSet([1]), 0.5)
    )
    made = export(data, review, tmp_path / "out")
    assert made.cleaned.read_text().splitlines()[2].endswith(f"1{mark}25;0{mark}5")
    said = [note for note in made.notes if "decimal" in note]
    both = mark == "." and cells[0] != "x"
    assert said == (
        [
            "The numbers of 'b', and the weights, are written with a decimal point, as the file was read; "
            "'a' has decimal commas, as it came."
        ]
        if both
        else []
    )
    again = loading.load(made.cleaned, into=tmp_path / "again")
    wanted = as_decided(data, review).table(["a", "b"]).to_pydict()
    assert again.table(["a", "b"]).to_pydict() == wanted
    assert again.table(["sample_weight"]).column(0).to_pylist()[:3] == [1.0, 0.5, 1.0]


@pytest.mark.parametrize(
    ("decisions", "said"),
    [
        ([], ["'a' has decimal commas"]),
        ([Decision("omit", RowSet(), column="a")], []),
        (
            [
                Decision(
                    "read_as",
                    RowSet(),
                    column="a",
                    settings={"kind": "numeric", "unit": "kg", "decimal": "comma"},
                )
            ],
            [],
        ),
        ([Decision("rename", RowSet(), column="a", settings={"to": "z"})], ["'z' has decimal commas"]),
        ([Decision("blank", RowSet([4]), column="a")], ["'a' has decimal commas"]),
    ],
)
def test_two_marks_are_said_of_the_columns_as_exported(
    tmp_path: Path, decisions: list[Decision], said: list[str]
) -> None:
    """A column left out or read as numbers has no commas any more, and one renamed has another name; of a
    column with one other cell the rest are as they came.
    """
    lines = [f"{at},5 kg;{f'{at}.25' if at % 9 else ''};{at}" for at in range(60)]
    (tmp_path / "raw.csv").write_text("a;b;c\n" + "\n".join(lines) + "\n")
    data = loading.load(tmp_path / "raw.csv", into=tmp_path / "data")
    fill = Decision("fill", RowSet(), column="b", settings={"how": "mean"})
    made = export(data, Review().say(fill, *decisions), tmp_path / "out")
    notes = [note for note in made.notes if "decimal" in note]
    assert [re.findall(r"'\w' has decimal commas", note) for note in notes] == [[one] for one in said]
    assert all(note.startswith("The numbers of 'b' are written with a decimal point") for note in notes)


@pytest.mark.parametrize(("cell", "said"), [('"{0},5"', False), ('"{0},5 kg"', True)])
def test_pairs_between_commas_are_no_decimals(tmp_path: Path, cell: str, said: bool) -> None:
    lines = [f"{cell.format(at)},{f'{at}.25' if at % 9 else ''}" for at in range(60)]
    (tmp_path / "raw.csv").write_text("a,b\n" + "\n".join(lines) + "\n")
    data = loading.load(tmp_path / "raw.csv", into=tmp_path / "data")
    fill = Decision("fill", RowSet(), column="b", settings={"how": "mean"})
    made = export(data, Review().say(fill), tmp_path / "out")
    assert any("'a' has decimal commas" in note for note in made.notes) is said
