"""``prepare.py`` run as a person runs it: on the very file that was decided on, and on next month's."""

from __future__ import annotations

import gzip
import json
import subprocess
from pathlib import Path

import pandas as pd
import pytest

from core import load
from core.decision import Decision
from core.errors import RecipeError
from core.export import apply_as_rules, apply_recipe, export
from core.filters import Filter
from core.review import Review
from core.rowset import RowSet
from tests import warm
from tests.core.steps.acting import rule
from tests.core.steps.agreement import assert_equal, decided, script
from tests.make import dataset

RAGGED = """monthly report;;
name;paid;n
Ann;1,50;1
Bo;2,25;2
Cid;3,75;3;4;5
"Dora" x;4,00;4
Eve;;5
Fay;5,25;6
Fay;5,25;6
"""
STEPS = (
    rule("fill", "paid", how="mean"),
    Decision("drop", Filter.parse("n is 2")),
    Decision("drop", RowSet([0])),
    rule("drop_repeats"),
    Decision("relabel", RowSet([3]), "Eva", column="name"),
)


def run(folder: Path, raw: Path, out: Path) -> subprocess.CompletedProcess[str]:
    """``prepare.py`` in a process of its own."""
    return warm.run(folder / "prepare.py", raw, out, cwd=folder, library=warm.WARNING)


def test_the_very_file_gives_the_table_as_decided_without_the_lines_set_aside(tmp_path: Path) -> None:
    raw, out = tmp_path / "raw.csv", tmp_path / "out.parquet"
    raw.write_text(RAGGED)
    data = load(raw)
    assert data.source.aside and data.names == ("name", "paid", "n")
    made = export(data, Review().say(*STEPS), tmp_path / "made")
    done = run(made.folder, raw, out)
    assert done.returncode == 0 and done.stderr == ""
    want = decided(data, STEPS)
    assert_equal(pd.read_parquet(out).set_index(want.index), want)
    assert not (made.folder / "recipe.py").exists()
    assert any("prepare.py gives the same table" in note for note in made.notes)
    told = (made.folder / "README.txt").read_text()
    assert all(path.name in told for path in made.files) and "python prepare.py raw.csv clean.csv" in told


def test_next_months_file_is_cleaned_as_by_the_recipe(tmp_path: Path) -> None:
    raw, later, out = tmp_path / "raw.csv", tmp_path / "later.csv", tmp_path / "out.csv"
    raw.write_text(RAGGED)
    made = export(load(raw), Review().say(*STEPS), tmp_path / "made")
    later.write_text("monthly report;;\nname;n;paid\nGus;2;9,00\nHal;7;9;9;9\nIda;8;\nIda;8;\nJo;9;soon\n")
    done = run(made.folder, later, out)
    assert done.returncode == 0, done.stderr
    assert "Skipping line 4: expected 3 fields, saw 5" in done.stderr
    assert "1 cells of 'paid' such as 'soon' cannot be read as double and are missing." in done.stderr
    later.write_text("monthly report;;\nname;n;paid\nGus;2;9,00\nHal;7;9;9;9\nIda;8;\nIda;8;\nJo;9;3,5\n")
    assert run(made.folder, later, out).returncode == 0
    apply_as_rules(made.folder / "recipe.json", later, tmp_path / "rules.csv")
    want = pd.read_csv(tmp_path / "rules.csv", sep=";", decimal=",")
    got = pd.read_csv(out, sep=";", decimal=",")
    assert got[list(want.columns)].equals(want) and want["paid"].tolist() == [3.65, 3.5]


def test_a_file_without_a_column_is_refused_in_one_sentence(tmp_path: Path) -> None:
    raw, later, out = tmp_path / "raw.csv", tmp_path / "later.csv", tmp_path / "out.csv"
    raw.write_text(RAGGED)
    made = export(load(raw), Review().say(*STEPS), tmp_path / "made")
    for text, told in (
        ("name;sum\nGus;9\n", "The table lacks the columns paid, n."),
        ("name;paid;n\n", "It holds no rows."),
        (
            "name;paid;n\nGus;much;1\n",
            "1 cells of 'paid' such as 'much' cannot be read as double, and none can.",
        ),
    ):
        later.write_text(f"monthly report;;\n{text}")
        done = run(made.folder, later, out)
        assert done.returncode == 1 and not out.exists()
        assert done.stderr.splitlines() == [f"{later} was not cleaned: {told}"]


def test_a_file_need_not_have_a_column_that_is_left_out_and_read_by_nothing(tmp_path: Path) -> None:
    raw, later, out = tmp_path / "raw.csv", tmp_path / "later.csv", tmp_path / "out.csv"
    raw.write_text("name,n,paid\nAnn,1,3\nBo,2,\nCid,3,5\n")
    later.write_text("name,paid\nGus,\nHal,9\n")
    left_out, fill = Decision("omit", RowSet(), column="n"), rule("fill", "paid", how="mean")
    made = export(load(raw), Review().say(left_out, fill), tmp_path / "made")
    assert run(made.folder, later, out).returncode == 0
    assert pd.read_csv(out).to_dict("list") == {"name": ["Gus", "Hal"], "paid": [4.0, 9.0]}
    told = apply_as_rules(made.folder / "recipe.json", later, tmp_path / "rules.csv").findings
    assert (tmp_path / "rules.csv").read_bytes() == out.read_bytes()
    assert {(one.code, one.severity) for one in told} == {("left_out_already", "info")}
    for place, step in enumerate((Decision("drop", Filter.parse("n is 2")), rule("drop_repeats"))):
        made = export(load(raw), Review().say(step, left_out, fill), tmp_path / f"reads-{place}")
        assert "lacks the columns n" in run(made.folder, later, out).stderr


@pytest.mark.parametrize("form", ["jsonl", "json"])
def test_rows_of_json_are_read_as_they_were(tmp_path: Path, form: str) -> None:
    raw, out = tmp_path / f"raw.{form}", tmp_path / "out.jsonl"
    rows = [{"t": "a", "x": 1.5, "yes": True}, {"t": "b", "x": None, "yes": None}, {"t": "c", "x": 2.5}]
    if form == "jsonl":
        raw.write_text("\n".join([json.dumps(rows[0]), '{"broken', *map(json.dumps, rows[1:])]))
    else:
        raw.write_text(json.dumps({"meta": {"made": "today"}, "rows": rows}))
    data = load(raw)
    steps = (rule("fill", "x", how="mean"), Decision("drop", RowSet([2])))
    made = export(data, Review().say(*steps), tmp_path / "made")
    done = run(made.folder, raw, out)
    assert done.returncode == 0, done.stderr
    got = [json.loads(line) for line in out.read_text().splitlines()]
    assert got == [{"t": "a", "x": 1.5, "yes": True}, {"t": "b", "x": 2.0, "yes": None}]


def test_dates_with_a_zone_and_another_delimiter_are_read(tmp_path: Path) -> None:
    raw, later, out = tmp_path / "raw.csv", tmp_path / "later.csv", tmp_path / "out.csv"
    times = [f"2013-01-{day:02d}T10:00:00Z" for day in range(1, 10)]
    pd.DataFrame({"when": times, "n": range(9)}).to_csv(raw, index=False)
    data = load(raw)
    assert data["when"].kind == "datetime"
    steps = (rule("date_parts", "when"), Decision("drop", Filter.parse("when < 2013-01-03")))
    made = export(data, Review().say(*steps), tmp_path / "made")
    done = run(made.folder, raw, tmp_path / "out.parquet")
    assert done.returncode == 0 and done.stderr == "", done.stderr
    want = decided(data, steps)
    assert_equal(pd.read_parquet(tmp_path / "out.parquet").set_index(want.index), want)
    pd.DataFrame({"n": [1, 2], "when": times[:1] + times[-1:]}).to_csv(later, index=False, sep=";")
    assert run(made.folder, later, out).returncode == 0
    assert pd.read_csv(out, sep=";")["when_day"].tolist() == [9], "a file goes out with its own delimiter"
    aware = pd.DataFrame({"n": [1], "when": pd.to_datetime(times[-1:], utc=True)})
    assert script(data, steps).clean(aware)["when"].tolist() == [pd.Timestamp("2013-01-09 10:00")]


@pytest.mark.parametrize(
    "step",
    [
        rule("split", validation=0.3, test=0.3),
        rule("sample", part="train", share=0.5),
        rule("sample", part="train", how="latest", by="n", amount=4),
        Decision("drop", Filter.parse("part is train and n < 3")),
        rule("drop_repeats", columns=["t"], across=True),
        rule("fill", "x", how="nearest rows"),
        rule("encode", "t", how="target"),
        rule("encode", "t"),
    ],
)
def test_new_rows_are_of_the_same_part_for_the_script_and_the_recipe(step: Decision, tmp_path: Path) -> None:
    old = pd.DataFrame({"t": list("aabbccddee") * 2, "n": range(20), "x": [1.0, None, 2.5, 3.0] * 5})
    new = old.assign(t=list("aabbccddez") * 2, n=range(1, 21))[::-1].reset_index(drop=True)
    data = dataset(old, target="n")
    made = export(data, Review().say(step), tmp_path, format="csv")
    new.to_csv(tmp_path / "new.csv", index=False)
    apply_as_rules(made.folder / "recipe.json", tmp_path / "new.csv", tmp_path / "rules.csv")
    want = pd.read_csv(tmp_path / "rules.csv")
    script(data, [step]).clean(new).to_csv(tmp_path / "script.csv", index=False)
    pd.testing.assert_frame_equal(pd.read_csv(tmp_path / "script.csv"), want, rtol=1e-12)


BACK = Decision("keep", RowSet([0, 4]))


@pytest.mark.parametrize(
    "drops",
    [
        [Decision("drop", RowSet([0, 1])), rule("drop_repeats")],
        [rule("drop_repeats", columns=["t"])],
        [rule("sample", amount=3)],
        [Decision("drop", Filter.parse("n < 9"))],
        [Decision("drop", RowSet([0, 4])), rule("split", validation=0.3, test=0.3)],
        [Decision("drop", RowSet([0, 4])), rule("fill", "x", how="previous in time")],
        [Decision("drop", RowSet([0, 4])), Decision("blank", Filter.parse("duplicate of t"), column="x")],
        [Decision("drop", RowSet([0, 4])), rule("merge", "t", method="spelling")],
        [
            Decision("drop", RowSet([0, 4])),
            Decision("drop", Filter.parse("n < 3")),
            rule("sample", share=0.5),
        ],
    ],
)
def test_rows_that_are_dropped_and_taken_back_are_as_they_are_in_the_data(drops: list[Decision]) -> None:
    frame = pd.DataFrame(
        {
            "t": ["Oslo", "Oslo", "oslo", "oslo", "OSLO", "Rome", "Rome", "rome", "Paris", "Paris"],
            "n": [1, 1, 2, 2, 3, 9, 9, 8, 10, 11],
            "x": [1.0, 1.0, None, 2.5, 8.0, None, 3.0, None, 5.0, None],
            "d": pd.to_datetime([f"2024-01-{1 + (7 * at) % 10:02d}" for at in range(10)]),
        }
    )
    data = dataset(frame, time="d", kinds={"t": "category"})
    steps = [*drops, rule("tidy", "t", case="upper"), BACK, rule("scale", "x")]
    want = decided(data, steps)
    assert {0, 4} <= set(want.index)
    assert_equal(script(data, steps).clean(data.frame(), rows=True), want)


def test_other_numbers_in_a_column_of_whole_ones_are_kept() -> None:
    data = dataset(pd.DataFrame({"n": [1, 2, 3], "t": ["a", "b", "c"]}))
    made = script(data, [rule("tidy", "t")])
    for new in (pd.Series([1.5, 2.0, None]), pd.Series(["1.5", "2", ""], dtype="str")):
        got = made.clean(pd.DataFrame({"n": new, "t": ["a", "b", "c"]}))["n"]
        assert got.tolist()[:2] == [1.5, 2.0] and got.isna().tolist() == [False, False, True]
    mixed = made.clean(pd.DataFrame({"n": pd.Series([1, "2", None], dtype=object), "t": ["a", "b", "c"]}))[
        "n"
    ]
    assert mixed.tolist()[:2] == [1, 2]


ROWS = "".join(f"P{row};{row % 60 + 18 if row % 9 else 'n/a'};{row},50;B{row % 3}\n" for row in range(60))
LAYOUTS = {
    "plain": "id;age;paid;town\n" + ROWS,
    "delimiters at the ends": "id;age;paid;town\n" + ROWS.replace("\n", ";\n"),
    "a name twice": "id;age;paid;id\n" + ROWS,
    "no name for the labels": "age;paid;town\n" + ROWS,
    "no header": ROWS,
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_file_of_other_columns_is_refused_and_nothing_is_written(layout: str, tmp_path: Path) -> None:
    raw, other, out = tmp_path / "raw.csv", tmp_path / "other.csv", tmp_path / "out.csv"
    raw.write_text(LAYOUTS[layout])
    data = load(raw)
    made = export(data, Review().say(rule("fill", data.names[1], how="median")), tmp_path / "made")
    for text in ("year,make\n" + "2001,x\n" * 40, "year;make\n" + "2001;x\n" * 40):
        other.write_text(text)
        done = run(made.folder, other, out)
        assert done.returncode == 1 and not out.exists() and len(done.stderr.splitlines()) == 1
        assert "lacks the columns" in done.stderr or "known by their places" in done.stderr
    with pytest.raises(RecipeError, match="none of the 4 columns"):
        apply_as_rules(made.folder / "recipe.json", other, tmp_path / "rules.csv")


# a field more than names is the label where the labels have no name
ENDS = [
    (one, end) for one in LAYOUTS for end in (False, True) if not (end and one == "no name for the labels")
]


@pytest.mark.parametrize("layout, trailing", ENDS)
def test_delimiters_at_the_ends_of_lines_shift_no_column(layout: str, trailing: bool, tmp_path: Path) -> None:
    raw, later, out = tmp_path / "raw.csv", tmp_path / "later.csv", tmp_path / "out.csv"
    raw.write_text(LAYOUTS[layout])
    data = load(raw)
    made = export(data, Review().say(rule("fill", data.names[1], how="median")), tmp_path / "made")
    head = LAYOUTS[layout].partition("\n")[0] + "\n" if layout != "no header" else ""
    end = ";\n" if trailing else "\n"
    later.write_text(head + "".join(line + end for line in ROWS.splitlines()[:12]))
    done = run(made.folder, later, out)
    assert done.returncode == 0 and done.stderr == "", done.stderr
    apply_as_rules(made.folder / "recipe.json", later, tmp_path / "rules.csv")
    want = (tmp_path / "rules.csv").read_text()
    if trailing and layout == "no header":  # without names what stands behind is a column, and empty
        want = want.replace(";\n", "\n")
    assert out.read_text() == want


@pytest.mark.parametrize("ending", ["csv", "csv.gz"])
@pytest.mark.parametrize("head", ["a,b\n", ""])
def test_delimiters_at_the_ends_of_some_lines_lose_none(head: str, ending: str, tmp_path: Path) -> None:
    rows = "".join(f"{n},{n % 7}{',' * (n % 3)}\n" for n in range(30))
    raw, later, out = (tmp_path / name for name in ("raw.csv", f"later.{ending}", "out.csv"))
    raw.write_text(head + rows.replace(",\n", "\n").replace(",\n", "\n"))
    data = load(raw)
    assert data.rows == 30 and len(data.names) == 2 and not data.source.aside
    made = export(data, Review().say(rule("drop_repeats")), tmp_path / "made")
    for more, said in (
        ("", ""),
        ("90,1,,,7\n91,1,,\n", "1 line has more fields"),
        ("90,1,7\n91,1,,,,7\n92,1,x,,\n93,1,,,,7\n91,1\n", "4 lines have more fields"),
    ):
        content = (head + "50,1\n" + rows + more).encode()
        later.write_bytes(gzip.compress(content) if ending.endswith("gz") else content)
        done = run(made.folder, later, out)
        assert done.returncode == 0 and said in done.stderr and bool(said) == bool(done.stderr), done.stderr
        got = pd.read_csv(out, header=0 if head else None)
        assert got.iloc[:, 0].tolist() == [50, *range(30), *([91] if more else [])]


def test_columns_of_one_name_are_found_where_they_stand(tmp_path: Path) -> None:
    raw, later, out = tmp_path / "raw.csv", tmp_path / "later.csv", tmp_path / "out.csv"
    raw.write_text("a,b,a\n1,x,2\n,y,3\n5,z,4\n")
    made = export(load(raw), Review().say(rule("fill", "a", how="median")), tmp_path / "made")
    later.write_text("b,a,new,a\np,,k,8\nq,7,l,9\n")
    assert run(made.folder, later, out).returncode == 0
    assert out.read_text() == "a,b,a,new\n3,p,8,k\n7,q,9,l\n"
    later.write_text("b,a\np,\nq,7\n")
    assert "lacks the columns a.1" in run(made.folder, later, out).stderr


def test_a_workbook_for_a_text_file_is_refused_in_one_sentence(tmp_path: Path) -> None:
    raw, book, out = tmp_path / "raw.csv", tmp_path / "book.xlsx", tmp_path / "out.csv"
    raw.write_text(RAGGED)
    made = export(load(raw), Review().say(*STEPS), tmp_path / "made")
    pd.DataFrame({"name": ["x"], "paid": [1.5], "n": [1]}).to_excel(book, index=False, engine="xlsxwriter")
    done = run(made.folder, book, out)
    assert done.returncode == 1 and len(done.stderr.splitlines()) == 1 and "a workbook" in done.stderr
    with pytest.raises(RecipeError) as refused:
        apply_recipe(made.folder / "recipe.json", book, out)
    assert "made for 'raw.csv' (csv)" in str(refused.value) and "Leave the format" not in str(refused.value)


def test_next_months_text_is_read_by_the_script_of_a_workbook(tmp_path: Path) -> None:
    book, later, out = tmp_path / "raw.xlsx", tmp_path / "later.csv", tmp_path / "out.csv"
    frame = pd.DataFrame({"name": list("abcd"), "paid": [1.5, None, 2.5, 4.0], "n": [1, 2, 3, 4]})
    frame.to_excel(book, index=False, engine="xlsxwriter")
    made = export(load(book), Review().say(rule("fill", "paid", how="median")), tmp_path / "made")
    later.write_text("name;n;paid\nGus;2;9.0\nHal;7;\n")
    done = run(made.folder, later, out)
    assert done.returncode == 0, done.stderr
    assert pd.read_csv(out, sep=None, engine="python")["paid"].tolist() == [9.0, 2.5]
    later.write_text("year\n2001\n")
    assert "lacks the columns" in run(made.folder, later, out).stderr
