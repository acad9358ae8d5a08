"""An export says how it is made again, by commands that can be run as they stand."""

from __future__ import annotations

import gzip
import shlex
from pathlib import Path

import pandas as pd
import pytest

from core.cli import main
from core.decision import Decision
from core.export import export
from core.export.contents import replay_commands
from core.loading import load
from core.review import Review
from core.rowset import RowSet
from tests.images import encoded, picture, zipped

TABLE = b"name,n\n" + b"".join(b"%s,%d\n" % (name, n) for n, name in enumerate([b"Ann", b"Bob", b"Eva"]))
FIRST = Review().say(Decision("drop", RowSet([0])))


def _as_csv(folder: Path, name: str) -> Path:
    (folder / name).write_bytes(TABLE)
    return folder / name


def _packed(folder: Path, name: str) -> Path:
    (folder / name).write_bytes(gzip.compress(TABLE, mtime=0))
    return folder / name


def _workbook(folder: Path, name: str) -> Path:
    pd.DataFrame({"name": ["Ann", "Bob"], "n": [1, 2]}).to_excel(folder / name, index=False)
    return folder / name


def _images(folder: Path, name: str) -> Path:
    return zipped(folder / name, {f"{'ab'[i % 2]}/{i}.png": encoded(picture(i)) for i in range(6)})


@pytest.mark.parametrize(
    ("write", "name", "out", "later"),
    [
        (_as_csv, "sales 2024.v2.csv", "cleaned.csv", "next-month.csv"),
        (_packed, "sales.csv.gz", "cleaned.csv", "next-month.csv.gz"),
        (_workbook, "sales.xlsx", "cleaned.xlsx", "next-month.xlsx"),
        (_images, "pets.zip", "cleaned.zip", "next-month.zip"),
        (_as_csv, "sales.2024", "cleaned.csv", "next-month.csv"),
        (_images, "photos.2024", "cleaned.zip", "next-month.zip"),
    ],
)
def test_both_commands_run_as_they_stand(
    write: object, name: str, out: str, later: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And the first makes the very bytes of the export: of images those of the archive."""
    raw = write(tmp_path, name)  # type: ignore[operator]
    made = export(load(raw, into=tmp_path / "home"), FIRST, tmp_path / "export")
    commands = replay_commands(load(raw, into=tmp_path / "home"))
    (tmp_path / later).write_bytes(raw.read_bytes())
    (tmp_path / "recipe.json").write_bytes((made.folder / "recipe.json").read_bytes())
    monkeypatch.chdir(tmp_path)
    same, follow = shlex.split(commands.same), shlex.split(commands.later)
    assert same[-1] == out and later in follow
    assert main(same[3:]) == 0 and main(follow[3:]) == 0
    first = made.folder / "images.zip" if out.endswith(".zip") else made.cleaned
    assert (tmp_path / out).read_bytes() == first.read_bytes()
    readme = (made.folder / "README.txt").read_text()
    assert commands.same in readme and commands.later in readme


def test_of_two_files_each_says_of_which_part_it_is(tmp_path: Path) -> None:
    """Both were "the cleaned data"."""
    train, serve = _as_csv(tmp_path, "train.csv"), _as_csv(tmp_path, "serve.csv")
    review = Review().say(Decision("drop", RowSet([0, 4])))
    made = export(load(train, into=tmp_path / "home", serve=serve), review, tmp_path / "export")
    lines = dict(
        line.split("  ", 1) for line in (made.folder / "README.txt").read_text().splitlines() if "  " in line
    )
    about = {name: words.strip() for name, words in lines.items()}
    assert about["cleaned.csv"] == "the cleaned data of train"
    assert about["cleaned-serve.csv"] == "the cleaned data of serve"
    assert about["recipe.py"].startswith("makes the cleaned file of train again")
    assert about["recipe-serve.py"].startswith("makes the cleaned file of serve again")
    readme = (made.folder / "README.txt").read_text()
    assert "recipe-serve.py:\n    python recipe-serve.py serve.csv cleaned-serve.csv\n" in readme


def test_serve_data_and_the_format_chosen_stand_in_the_command(tmp_path: Path) -> None:
    train, serve = _as_csv(tmp_path, "train.csv"), _as_csv(tmp_path, "serve.csv")
    commands = replay_commands(load(train, into=tmp_path / "home", serve=serve), "parquet")
    assert (
        commands.same == "python -m core apply recipe.json train.csv --serve serve.csv --out cleaned.parquet"
    )
    assert commands.later.endswith("next-month.csv --out clean.parquet --as-rules")
