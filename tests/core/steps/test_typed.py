"""Rules typed as text: on the command line they do what they do on a page."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from core.cli import main
from core.filters import Filter
from core.rowset import RowSet
from core.steps import typed_step


def test_column_settings_and_rows_are_read() -> None:
    step = typed_step("tidy 'where = from' case=title blanks=no where age > 5 and town is \"where\"")
    assert (step.action, step.column) == ("tidy", "where = from")
    assert step.settings == {"case": "title", "blanks": False}
    assert step.rows == Filter.parse('age > 5 and town is "where"')
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
        ("drop age", "drop"),
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
