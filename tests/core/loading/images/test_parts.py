"""Folders that are called train, serve, test and the like suggest how an archive is split."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from core.cli import main
from core.dataset.split import PartSplit
from core.loading import preview
from core.recipe import Recipe
from tests.core.loading.reading import new_folder
from tests.images import encoded, picture, tarred, zipped


def archive(*folders: str, table: str = "", listed: str = "list.csv") -> Path:
    files = {
        f"{folder}/{kind}/{i:02d}.png": encoded(picture(10 * at + i))
        for at, folder in enumerate(folders)
        for kind in ("cat", "dog")
        for i in range(6)
    }
    if table:
        files[listed] = (f"file,{table}\n" + "".join(f"{name},{name[:2]}\n" for name in files)).encode()
    return zipped(new_folder() / "a.zip", files)


@pytest.mark.parametrize(
    ("folders", "serve"),
    [
        (("train", "serve"), "serve"),
        (("Train", "Test"), "Test"),
        (("train", "valid", "test"), "test"),
        (("test", "serve", "train"), "serve"),
        (("training", "dev"), "dev"),
    ],
)
def test_the_folder_most_like_serving_is_the_serve_part(folders: tuple[str, ...], serve: str) -> None:
    assert preview(archive(*folders)).split == PartSplit("value", column="part", value=serve)


@pytest.mark.parametrize("folders", [("train",), ("paris", "rome"), ("train", "training")])
def test_nothing_is_suggested_where_folders_say_nothing(folders: tuple[str, ...]) -> None:
    assert preview(archive(*folders)).split is None


@pytest.mark.parametrize("listed", ["metadata.csv", "list.csv"])
def test_folders_say_the_part_beside_a_table_that_does_not(listed: str) -> None:
    look = preview(archive("train", "serve", table="age", listed=listed))
    assert look.options.layout == ("metadata" if listed == "metadata.csv" else "manifest")
    assert look.split == PartSplit("value", column="part", value="serve")
    names = [column.name for column in look.columns]
    cells = [(row[names.index("image")].split("/")[0], row[names.index("part")]) for row in look.rows]
    assert {*cells} == {("train", "train"), ("serve", "serve")} and "age" in names


def test_folders_say_the_part_beside_the_labels_of_a_webdataset() -> None:
    files = {
        f"{part}/{i}.{end}": encoded(picture(10 * at + i)) if end == "png" else b"cat"
        for at, part in enumerate(("train", "test"))
        for i in range(4)
        for end in ("png", "cls")
    }
    look = preview(tarred(new_folder() / "a.tar", files))
    assert look.options.layout == "webdataset"
    assert look.split == PartSplit("value", column="part", value="test")
    assert (look.count, look.serve_rows) == (8, 4)


def test_how_many_images_there_are_and_how_many_serve_has_is_known_beyond_those_looked_at() -> None:
    look = preview(archive("train", "valid", "test"))
    assert (look.count, look.counted, look.serve_rows) == (36, True, 12)
    many = {f"{'test' if i < 7 else 'train'}/{'ab'[i % 2]}/{i}.png": encoded(picture(i)) for i in range(61)}
    look = preview(zipped(new_folder() / "a.zip", many))
    assert (look.count, look.counted, look.whole, look.serve_rows) == (61, True, False, 7)


def test_a_look_shows_images_of_both_parts_in_turn_however_few_serve_has() -> None:
    """Those of a folder that stands first by letter filled it."""
    many = {
        f"{'serve' if i < 3 else 'train'}/{'ab'[i % 2]}/{i:02d}.png": encoded(picture(i)) for i in range(61)
    }
    look = preview(zipped(new_folder() / "a.zip", many))
    names = [column.name for column in look.columns]
    parts = [row[names.index("part")] for row in look.rows]
    assert parts[:7] == ["train", "serve", "train", "serve", "train", "serve", "train"]
    assert (look.looked, look.count, look.serve_rows, parts.count("serve")) == (40, 61, 3, 3)
    labels = {row[names.index("label")] for row in look.rows if row[names.index("part")] == "train"}
    assert labels == {"a", "b"}, "from all over the part"


@pytest.mark.parametrize("column", ["part", "Part"])
def test_a_column_of_a_table_is_no_folder(column: str) -> None:
    look = preview(archive("train", "test", table=column))
    names = [one.name for one in look.columns]
    assert look.options.layout == "manifest" and [n for n in names if n.lower() == "part"] == [column]
    assert look.split is None


@pytest.fixture
def at_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("WINNOW_HOME", str(tmp_path / "home"))
    return tmp_path


def on_light(capsys: Any, *given: str) -> tuple[int, str]:
    """How many images of serve the command line judges, and what it says on standard error."""
    assert main(["overlap", *given, "--json"]) == 0
    out, err = capsys.readouterr()
    return json.loads(out)["summary"].get("serve_rows", 0), err


def test_the_command_line_splits_by_folders_unless_that_is_refused(at_home: Path, capsys: Any) -> None:
    path = str(archive("train", "valid", "test"))
    assert on_light(capsys, path) == (
        12,
        "Split by folders: part=test is serve, 12 images of 36. --no-split takes them as one table.\n",
    )
    assert on_light(capsys, path, "--no-split") == (0, "")
    assert on_light(capsys, path, "--split", "part=valid") == (12, "")
    assert on_light(capsys, path, "--serve", str(archive("serve"))) == (12, "")
    assert main(["overlap", path, "--no-split", "--split", "part=test"]) == 2
    assert "not allowed with" in capsys.readouterr().err


def test_a_recipe_says_whether_its_images_are_split(at_home: Path, capsys: Any) -> None:
    path, other = str(archive("train", "serve")), str(archive("train", "test"))
    for out, more in (("whole", ["--no-split"]), ("split", [])):
        assert main(["export", path, "--out", str(at_home / out), *more]) == 0
        recipe = Recipe.from_json((at_home / out / "recipe.json").read_text())
        assert (recipe.split is None) == (out == "whole")
    capsys.readouterr()
    recipes = [str(at_home / out / "recipe.json") for out in ("whole", "split")]
    assert on_light(capsys, path, "--recipe", recipes[0]) == (0, "")
    assert on_light(capsys, path, "--recipe", recipes[1]) == (12, "")
    for first, second in (recipes, recipes[::-1]):
        both = at_home / f"both of {Path(first).parent.name}.json"
        given = ["agree", path, "--recipe", first, "--second", second, "--out", str(both)]
        assert main(given) == 0 and "Split by" not in capsys.readouterr().err
        assert Recipe.from_json(both.read_text()).split == Recipe.from_json(Path(first).read_text()).split
    rows, said = on_light(capsys, other, "--recipe", recipes[0])
    assert rows == 12 and "part=test is serve" in said, "a recipe of other data"


def test_reviewers_who_refused_the_split_are_compared_without_it(at_home: Path, capsys: Any) -> None:
    """By the folders half of the rows were of train, and no more were compared."""
    path, recipes = str(archive("train", "test")), []
    for out in ("one", "two"):
        given = ["export", path, "--no-split", "--drop", "part is train", "--out", str(at_home / out)]
        assert main(given) == 0
        recipes.append(str(at_home / out / "recipe.json"))
    capsys.readouterr()
    assert main(["agree", path, "--recipe", recipes[0], "--second", recipes[1], "--json"]) == 0
    out, err = capsys.readouterr()
    assert (json.loads(out)["both"], json.loads(out)["agreed"], err) == (24, 24, "")


def coreset(capsys: Any, *given: str) -> tuple[set[int], str]:
    """The rows drawn, and what is said on standard error."""
    rows = new_folder() / "rows.csv"
    assert main([*given, "--rows", str(rows), "--json"]) == 0
    drawn = {int(line.split(",")[0]) for line in rows.read_text().split()[1:]}
    out, err = capsys.readouterr()
    assert json.loads(out)["rows"] == len(drawn), "as many are asked for as there can be"
    return drawn, err


def test_a_saved_coreset_draws_no_image_of_a_folder_called_test(at_home: Path, capsys: Any) -> None:
    """The rows of test come first, by their names."""
    path = str(archive("train", "test"))
    build = ["build-coreset", path, "--target", "label", "--set", "size=24", "--out"]
    for how, rows, more in (("parted", {*range(12, 24)}, []), ("whole", {*range(24)}, ["--no-split"])):
        saved, exported = str(at_home / f"{how}.coreset"), at_home / how
        drawn, said = coreset(capsys, *build, saved, *more)
        assert drawn == rows and ("part=test is serve" in said) == (how == "parted")
        assert coreset(capsys, "update-coreset", saved, path, *more)[0] == rows
        assert main(["export", path, "--step", "drop row=12", "--out", str(exported), *more]) == 0
        capsys.readouterr()
        recipe = ["--recipe", str(exported / "recipe.json")]
        assert coreset(capsys, "update-coreset", saved, path, *recipe) == (rows - {12}, "")
