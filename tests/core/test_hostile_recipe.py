"""A recipe that somebody made up or damaged costs one sentence and exit status 2, at once, and never a
traceback.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from core import workspace
from core.cli import main
from core.dataset import Dataset
from core.decision import Decision
from core.errors import LoadError, RecipeError, StoreError
from core.loading import load
from core.loading.child import disk_full
from core.recipe import Recipe
from core.review import Review
from core.rowset import RowSet
from tests.make import at_most

ROOT = Path(__file__).parents[2]


@pytest.fixture
def raw(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("WINNOW_HOME", str(tmp_path / "home"))
    path = tmp_path / "raw.csv"
    path.write_text("a,b\n" + "".join(f"{i},{i % 3}\n" for i in range(50)))
    return path


def recipe(data: Dataset) -> dict[str, object]:
    review = Review().say(Decision("drop", RowSet([1, 2])))
    return dict(json.loads(Recipe.of(data, review).to_json()))


RANGES = (
    [[0, 10**12]],
    [[10**12, 10**12 + 1]],
    [[0, 10**30]],
    [[0, 51]],
    [[-1, 2]],
    [[3, 1]],
    [[0, 1, 2]],
    [["a", 1]],
    [[0.5, 2.5]],
    "all",
    {"a": 1},
    [[0, 2], [1, 3]],
)


@pytest.mark.parametrize("ranges", RANGES, ids=str)
def test_ranges_that_no_rows_have_are_refused_at_once(
    raw: Path, ranges: object, capsys: pytest.CaptureFixture[str]
) -> None:
    plain = recipe(workspace.load(raw))
    plain["decisions"][0]["ranges"] = ranges  # type: ignore[index]
    path = raw.with_name("recipe.json")
    for rows in (50, 10**13):
        path.write_text(json.dumps(plain | {"rows": rows}))
        with at_most(20):
            assert main(["apply", str(path), str(raw), "--out", str(raw.with_name("out.csv"))]) == 2
        told = capsys.readouterr().err.strip()
        assert told.count("\n") == 0 and ("recipe" in told or "not a decision" in told)


FAR = 10**12
ADDED = {"how": "given", "records": [{"a": 1}]}
REGION = {"about": "a <= 3", "columns": ["a"]}


@pytest.mark.parametrize(
    "change",
    [
        {
            "decisions": [
                {"action": "accept", "ranges": [], "finding": "segment:a:a <= 3", "settings": settings}
            ]
        }
        for settings in (
            {**REGION, "rows": [[0, FAR]]},
            {**REGION, "rows": [[0, 51]]},
            {**REGION, "rows": [[-3, 1]]},
            {**REGION, "rows": "all"},
        )
    ]
    + [
        {"decisions": [{"action": "add_rows", "ranges": [], "settings": ADDED | {"parents": parents}}]}
        for parents in ([[FAR]], [["one"]], [7], 7)
    ]
    + [
        {
            "decisions": [
                {"action": "add_rows", "ranges": [], "settings": ADDED},
                {"action": "drop", "ranges": [[0, FAR]]},
            ]
        },
        {"decisions": [{"action": "drop", "ranges": [[0, FAR]]}], "passed": [0]},
        {"decisions": [{"action": "drop", "ranges": [[0, FAR]]}], "rows": 10**13},
        {"rows": -1},
        {"known_by": {"columns": ["a"], "id": "", "rows": {str(FAR): ["0", 0, 1, ""]}}},
    ],
    ids=str,
)
def test_rows_that_cannot_be_there_are_refused_when_a_recipe_is_read(
    raw: Path, change: dict[str, object]
) -> None:
    """Some were held as one mask of all rows up to the last: a range of an accepted region, of a decision
    beside added rows, or of one passed over.
    """
    text = json.dumps(recipe(workspace.load(raw)) | change)
    with at_most(5), pytest.raises(RecipeError, match="The recipe is damaged"):
        Recipe.from_json(text)


def test_rows_behind_those_of_the_source_are_read_where_steps_add_some(raw: Path) -> None:
    near = {**REGION, "rows": [[0, 4], [50, 51]]}
    accept = {"action": "accept", "ranges": [], "finding": "segment:a:a <= 3", "settings": near}
    add = {"action": "add_rows", "ranges": [], "settings": ADDED | {"parents": [[49]]}}
    drop = {"action": "drop", "ranges": [[50, 51]]}
    plain = recipe(workspace.load(raw)) | {"decisions": [add, drop, accept]}
    assert len(Recipe.from_json(json.dumps(plain)).decisions) == 3
    late = {"decisions": [drop], "passed": [0]}
    assert Recipe.from_json(json.dumps(plain | late)).passed == (0,), "its rows were never added"


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        '{"winnow_recipe": 1, "decisions": ' + "[" * 100_000 + "]" * 100_000 + "}",
        '{"a":' * 100_000,
        "",
        "null",
        "[1]",
        '{"winnow_recipe": 1}',
        '{"winnow_recipe": [1]}',
        '{"winnow_recipe": 1, "decisions": 5, "rows": 5}',
        "\x00",
    ],
    ids=lambda text: text[:24] or "empty",
)
def test_what_is_no_recipe_is_told(text: str) -> None:
    with pytest.raises(RecipeError):
        Recipe.from_json(text)


@pytest.mark.parametrize(
    "change",
    [
        {"rows": "many"},
        {"rows": None},
        {"roles": {"captain": "a"}},
        {"split": {"how": "magic"}},
        {"split": 5},
        {"source": 5},
        {"decisions": [{"action": "frobnicate", "ranges": [[1, 2]]}]},
        {"decisions": [{"action": "drop"}]},
        {"decisions": [{"action": ["drop"], "ranges": []}]},
        {"decisions": [{"action": "drop", "where": {"column": "a"}}]},
        {"decisions": [{"action": "drop", "where": 7}]},
        {"decisions": [{"action": "drop", "where": {"column": 5, "op": "missing"}}]},
        {"decisions": [{"action": "drop", "where": {"column": "a", "op": ["missing"]}}]},
        {"decisions": [{"action": "drop", "where": {"column": "a", "op": "missing", "more": 1}}]},
        {"decisions": [{"action": "drop", "filter": 7}]},
        {"decisions": [{"action": "drop", "filter": "a <"}]},
        {"decisions": [{"action": "drop", "filter": "(" * 5_000}]},
        {"decisions": [{"action": "drop", "filter": "nowhere is missing"}]},
        {"decisions": [{"action": "drop", "filter": "flagged by outliers"}]},
        {"decisions": ["drop"]},
        {"decisions": {"drop": 1}},
    ],
    ids=str,
)
def test_a_damaged_recipe_is_told_and_never_a_traceback(
    raw: Path, change: dict[str, object], capsys: pytest.CaptureFixture[str]
) -> None:
    path = raw.with_name("recipe.json")
    path.write_text(json.dumps(recipe(workspace.load(raw)) | change))
    assert main(["apply", str(path), str(raw), "--out", str(raw.with_name("out.csv"))]) == 2
    assert capsys.readouterr().err.strip().count("\n") == 0


def test_a_table_larger_than_the_workspace_may_be_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The reader's file size is bounded: a write fails as on a full disk."""
    monkeypatch.setenv("WINNOW_WORKSPACE_MB", "1")
    path = tmp_path / "raw.csv"
    path.write_text(
        "a,b\n" + "".join(f"{i * 7919 % 1000003},{i * 104729 % 999983}x\n" for i in range(300_000))
    )
    with pytest.raises((LoadError, StoreError), match="WINNOW_WORKSPACE_MB"):
        load(path, into=tmp_path / "data")
    assert list((tmp_path / "data").iterdir()) == []


def test_a_full_disk_while_reading_is_one_sentence() -> None:
    import errno

    inner = OSError(errno.ENOSPC, "No space left on device")
    outer = ValueError("cannot convert")
    outer.__cause__ = inner
    for error in (inner, outer, RuntimeError("IO Error: could not write: No space left on device")):
        assert "is full" in disk_full(error)
    assert disk_full(ValueError("a bug")) == disk_full(None) == ""


def test_the_command_line_ends_with_2(raw: Path) -> None:
    path = raw.with_name("deep.json")
    path.write_text("[" * 100_000)
    command = [
        sys.executable,
        "-m",
        "core",
        "apply",
        str(path),
        str(raw),
        "--out",
        str(raw.with_name("o.csv")),
    ]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert ended.returncode == 2 and "Traceback" not in ended.stderr
    assert ended.stderr.strip().startswith("This is not a Winnow recipe")
