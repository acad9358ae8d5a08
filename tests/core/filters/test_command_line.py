"""``export --drop`` and ``--keep``: the rows that go, the recipe that says so, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from core.cli import main

RAW = "age,home town\n5,Oslo\n-1,Oslo\n,Rome\n40,\n7,Oslo\n"


@pytest.fixture
def raw(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("WINNOW_HOME", str(tmp_path / "home"))
    path = tmp_path / "raw.csv"
    path.write_text(RAW)
    return path


def lines(folder: Path) -> list[str]:
    return (folder / "cleaned.csv").read_text().splitlines()[1:]


@pytest.mark.parametrize(
    ("flags", "left"),
    [
        (["--drop", "age < 0 or 'home town' is missing"], ["5,Oslo", ",Rome", "7,Oslo"]),
        (["--drop", "age < 0", "--drop", "age is missing"], ["5,Oslo", "40,", "7,Oslo"]),
        (["--keep", "age >= 0"], ["5,Oslo", "40,", "7,Oslo"]),
        (["--keep", "age >= 0", "--keep", "'home town' contains OS", "--drop", "age = 7"], ["5,Oslo"]),
        (["--keep", "not (age < 0 or age > 39)"], ["5,Oslo", "7,Oslo"]),
    ],
)
def test_rows_go_by_rules_that_the_recipe_keeps(
    raw: Path, flags: list[str], left: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    out = raw.with_name("out")
    assert main(["export", str(raw), "--out", str(out), *flags]) == 0
    assert lines(out) == left
    said = json.loads((out / "recipe.json").read_text())["decisions"]
    assert [decision["action"] for decision in said] == ["drop"] * (len(flags) // 2)
    assert all(isinstance(decision["filter"], str) for decision in said)
    again = raw.with_name("again.csv")
    assert main(["apply", str(out / "recipe.json"), str(raw), "--out", str(again)]) == 0
    assert again.read_bytes() == (out / "cleaned.csv").read_bytes()
    assert main(["export", str(raw), "--out", str(out), "--recipe", str(out / "recipe.json")]) == 0
    assert lines(out) == left


@pytest.mark.parametrize("flag", ["--drop", "--keep"])
@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("age <", "not the end (character 6)"),
        ("aeg < 5", "There is no column 'aeg' (character 1). Did you mean 'age'?"),
        ("age < Oslo", "(character 7)"),
        ("'home town' matches \"(?=a)\"", "(character 21)"),
        ("flagged by outliers", "No finding is called"),
        ("", "The filter is empty"),
    ],
)
def test_a_bad_filter_ends_with_2_and_one_line_and_writes_nothing(
    raw: Path, flag: str, text: str, says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    out = raw.with_name("out")
    assert main(["export", str(raw), "--out", str(out), flag, text]) == 2
    said = capsys.readouterr()
    assert says in said.err and said.err.strip().count("\n") == 0 and not said.out
    assert not out.exists() or not list(out.iterdir())
