"""The whole walk on a real file: load, decide, take home; the page's files, the command line's and the
script's are the same bytes.
"""

import pytest

from core import Decision, Review, RowSet, load
from core.cli import main
from core.export import export, recipe_of
from core.places import samples
from core.steps import settle
from tests import warm

RAW = samples() / "birdstrikes" / "birdstrikes.csv"  # CRLF, so its layout is not the plain one


@pytest.fixture
def taken(tmp_path, monkeypatch):
    monkeypatch.setenv("WINNOW_HOME", str(tmp_path / "home"))
    data = load(RAW)
    review = Review().say(Decision("drop", RowSet([1, 341]), why="repeats"))
    review = review.say(Decision("relabel", RowSet([3]), value="Minor", column="Effect Amount of damage"))
    settled = settle(review.decisions, data)
    return recipe_of(data, review, settled), export(data, review, tmp_path / "home-taken")


def test_the_cleaned_file_differs_only_by_what_was_decided(taken):
    raw, clean = RAW.read_bytes().split(b"\r\n"), taken[1].cleaned.read_bytes().split(b"\r\n")
    assert raw[-1] and clean.pop() == b"", "the source lacks the last line end, the cleaned file has it"
    line = raw[4].replace(b"Substantial", b"Minor")
    assert line != raw[4] and clean == [*raw[:2], raw[3], line, *raw[5:342], *raw[343:]]


def test_apply_and_export_on_the_command_line_equal_the_download(taken, tmp_path):
    recipe, made = taken
    place = made.folder / "recipe.json"
    assert place.read_text() == recipe.to_json()
    assert main(["apply", str(place), str(RAW), "--out", str(tmp_path / "clean.csv")]) == 0
    assert main(["export", str(RAW), "--recipe", str(place), "--out", str(tmp_path / "again")]) == 0
    for path in (tmp_path / "clean.csv", tmp_path / "again" / made.cleaned.name):
        assert path.read_bytes() == made.cleaned.read_bytes()


def test_the_script_needs_no_winnow(taken, tmp_path):
    done = warm.run(taken[1].folder / "recipe.py", RAW, tmp_path / "clean.csv", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "clean.csv").read_bytes() == taken[1].cleaned.read_bytes()


def test_a_missing_recipe_and_other_data_are_told_in_one_line(taken, tmp_path, capsys):
    other = samples() / "planes" / "planes.csv"
    for recipe, data in ((tmp_path / "none.json", RAW), (taken[1].folder / "recipe.json", other)):
        for command in (["apply", str(recipe), str(data)], ["export", str(data), "--recipe", str(recipe)]):
            assert main([*command, "--out", str(tmp_path / "out")]) == 2
            assert len(capsys.readouterr().err.strip().splitlines()) == 1
