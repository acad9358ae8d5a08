"""Rules typed as text: on the command line they do what they do on a page."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from core.cli import main
from core.errors import SettingError
from core.filters import Filter
from core.rowset import RowSet
from core.steps import typed_step


def test_column_settings_and_rows_are_read() -> None:
    step = typed_step("tidy 'where = from' case=title blanks=no where age > 5 and town is \"where\"")
    assert (step.action, step.column) == ("tidy", "where = from")
    assert step.settings == {"case": "title", "blanks": False}
    assert step.rows == Filter.parse('age > 5 and town is "where"')
    for text, column in (
        ("fill some-where how=mean where age > 3", "some-where"),
        (r"fill it\'s how=mean where age > 3", "it's"),
        ("fill 'where' how=mean where(age > 3)", "where"),
        (r'fill "a \" where b" how=mean where age > 3', 'a " where b'),
    ):
        step = typed_step(text)
        assert (step.column, step.settings) == (column, {"how": "mean"}), text
        assert step.rows == Filter.parse("age > 3")
    assert typed_step("replace town find=where into=x").settings["find"] == "where"
    assert typed_step("fill age").rows == RowSet() and typed_step("fill age").settings == {}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "empty"),
        ("fil age", "Did you mean 'fill'"),
        ("fill", "needs a column"),
        ("fill age median", "NAME=VALUE"),
        ("fill age how=middle", "how must be one of"),
        ("fill age hwo=mean", "hwo"),
        ("fill 'age", "cannot be read"),
        ("fill age where age <", "character"),
        ("drop age", "row=NUMBER"),
        ("set age to=old row=1", "'old' cannot be read as a value of 'age', which holds whole numbers"),
        ("set aeg to=3 row=1", "Did you mean 'age'"),
        ("set age to=3 row=3", "row 3, but the data have rows 0 to 2"),
        ("set age to=3", "either the rows"),
        ("set age row=1", "to=VALUE"),
        ("set age to=3 row=2-1", "ends before it begins"),
        ("weight to=heavy row=1", "no number"),
        ("weight to=-1 where flagged by outliers", "at least 0"),
        ("accept x", "no 'accept'. Choose one of: set, keep, drop"),
        ('map town pairs={"a":"b"}', "Set it in single quotes"),
        ('add_rows how=given records=[{"age":1}]', "Set it in single quotes"),
        ("fill town how=median", "'town' holds text, which has no median"),
        ("fill age how=constant value=old", "can have (whole numbers)"),
        ("omit", "Write omit COLUMN"),
        ("omit age where age > 1", "Write omit COLUMN"),
        ("omit aeg", "Did you mean 'age'"),
        ("drop where flagged by duplicate_row", "No finding is called 'duplicate_row'"),
    ],
)
def test_what_cannot_be_read_ends_with_2_and_one_line(
    tmp_path: Path, text: str, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    raw = tmp_path / "raw.csv"
    raw.write_text("age,town\n1,a\n,b\n3,c\n")
    assert main(["export", str(raw), "--out", str(tmp_path / "out"), "--step", text]) == 2
    error = capsys.readouterr().err
    assert told in error and len(error.strip().splitlines()) == 1 and not (tmp_path / "out").exists()


def test_steps_of_the_command_line_are_followed_and_kept_in_the_recipe(tmp_path: Path) -> None:
    raw = tmp_path / "raw.csv"
    raw.write_text("age,town\n1, a\n,b\n3,c\n")
    steps = ["--step", "fill age how=median", "--step", "tidy town case=upper", "--drop", "town is B"]
    assert main(["export", str(raw), "--out", str(tmp_path / "out"), *steps]) == 0
    assert (tmp_path / "out" / "cleaned.csv").read_text() == "age,town\n1,A\n3,C\n"
    recipe = json.loads((tmp_path / "out" / "recipe.json").read_text())
    assert [d["action"] for d in recipe["decisions"]] == ["fill", "tidy", "drop"]
    assert recipe["decisions"][0]["learned"] == {"value": 2.0}


def test_a_step_that_changes_nothing_here_is_kept_for_later_files_and_it_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    raw, out, recipe = tmp_path / "raw.csv", tmp_path / "out", tmp_path / "out" / "recipe.json"
    raw.write_text("age,town\n1,a\n,b\n3,c\n")
    steps = ["tidy town", "fill age how=median", "fill age how=median", "move age place=first"]
    steps += ["keep row=1", "set town to=c row=2", "drop where age > 9"]
    given = [word for step in steps for word in ("--step", step)]
    assert main(["export", str(raw), "--out", str(out), *given, "--drop", "age < 0"]) == 0
    kept = json.loads(recipe.read_text())["decisions"]
    want = ["tidy", "fill", "fill", "move", "keep", "relabel", "drop", "drop"]
    assert [one["action"] for one in kept] == want
    told = capsys.readouterr().err.strip().splitlines()
    assert len(told) == 6
    assert all(line.startswith("Changes nothing in this file, kept for others: ") for line in told)
    later = tmp_path / "later.csv"  # here they change something: the recipe cleans it by the same rules
    later.write_text("age,town\n1, a \n-9,b\n3,c\n12,d\n")
    again = ["apply", str(recipe), str(later), "--as-rules", "--out", str(tmp_path / "again.csv")]
    assert main(again) == 0 and (tmp_path / "again.csv").read_text() == "age,town\n1,a\n3,c\n"


def test_cells_and_rows_are_set_by_number_or_filter_and_a_recipe_does_it_again(tmp_path: Path) -> None:
    """In the column's own way: the dates of this file are written day first. What looks like a formula, or
    like code, is text.
    """
    raw = tmp_path / "raw.csv"
    raw.write_text("day,town,n\n25/12/2023,a,1\n26/12/2023,b,2\n27/12/2023,c,3\n")
    steps = (
        "set day to=31/12/2023 row=1",
        "set town to='=HYPERLINK(\"x\"), **b**' row=0",
        "set column=n to=7 where town is b",
        "drop row=2",
    )
    out = tmp_path / "out"
    assert (
        main(["export", str(raw), "--out", str(out), *(word for s in steps for word in ("--step", s))]) == 0
    )
    cleaned = (out / "cleaned.csv").read_text()
    assert cleaned == 'day,town,n\n25/12/2023,"=HYPERLINK(""x""), **b**",1\n31/12/2023,b,7\n'
    again = tmp_path / "again.csv"
    assert main(["apply", str(out / "recipe.json"), str(raw), "--out", str(again)]) == 0
    assert again.read_text() == cleaned
    later = tmp_path / "later.csv"  # a row more on top, one changed since, the rest as they were
    later.write_text("day,town,n\n24/12/2023,z,0\n25/12/2023,a,1\n26/12/2023,b,9\n27/12/2023,c,3\n")
    rules = ["apply", str(out / "recipe.json"), str(later), "--out", str(again), "--as-rules"]
    assert main(rules) == 0
    assert again.read_text().splitlines()[1:] == [
        "24/12/2023,z,0",
        '25/12/2023,"=HYPERLINK(""x""), **b**",1',
        "26/12/2023,b,7",
    ]


def test_a_filter_on_findings_or_scores_is_about_the_rows_that_it_takes_once_earlier_steps_are_followed(
    tmp_path: Path,
) -> None:
    """Row 1 is dropped before, so that of three equal rows two are left and only the last is flagged."""
    raw, out = tmp_path / "raw.csv", tmp_path / "out"
    raw.write_text("age,town\n1,a\n1,a\n2,b\n1,a\n3,c\n4,c\n")
    steps = ["drop row=1", "omit town", "include town"]
    steps += ["defer where flagged by duplicate_rows"]
    given = [word for step in steps for word in ("--step", step)]
    asked = ["--drop", "flagged by duplicate_rows and age < 3"]
    assert main(["export", str(raw), "--out", str(out), *given, *asked]) == 0
    assert (out / "cleaned.csv").read_text() == "age,town\n1,a\n2,b\n3,c\n4,c\n"
    recipe = json.loads((out / "recipe.json").read_text())
    assert [one.get("ranges") for one in recipe["decisions"]] == [[[1, 2]], [], [], [[3, 4]], [[3, 4]]]
    assert main(["export", str(raw), "--out", str(out), "--keep", "flagged by duplicate_rows"]) == 0
    assert (out / "cleaned.csv").read_text() == "age,town\n1,a\n1,a\n"


def test_a_row_number_that_no_data_have_is_refused() -> None:
    with pytest.raises(SettingError, match="no row that data can have"):
        typed_step("drop row=999999999999999")


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_rows_of_a_file_end_where_its_lines_do(tmp_path: Path, end: str) -> None:
    """Not at the other signs that Python takes for the end of a line; a line end in quotes is text."""
    texts = ["a", "b\u2028c\u2029d", "e\x85f\x0bg\x0ch\x1ci", f"j{end}k"]
    rows = tmp_path / "rows.csv"
    rows.write_bytes(end.join(["y,x", *(f'"{text}",{n}' for n, text in enumerate(texts)), ""]).encode())
    wanted = [{"y": text, "x": str(n)} for n, text in enumerate(texts)]
    assert list(typed_step(f"add_rows how=given records=@{rows}").settings["records"]) == wanted
    lines = rows.with_suffix(".jsonl")
    lines.write_bytes(end.join(json.dumps(row, ensure_ascii=False) for row in wanted).encode())
    assert list(typed_step(f"add_rows how=given records=@{lines}").settings["records"]) == wanted


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("rows.csv", "y,x,y\na,1,b\n"),
        ("rows.jsonl", '{"y": "a"}\n{"y": "a", "y": "b"}\n'),
        ("rows.json", '[{"y": "a", "y": "b"}]'),
    ],
)
def test_a_column_that_a_file_of_rows_has_twice_is_refused(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(SettingError, match=f"{name}.*column 'y' twice"):
        typed_step(f"add_rows how=given records=@{tmp_path / name}")
