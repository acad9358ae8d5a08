"""Folders that are called train, serve, test and the like suggest how an archive is split."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from core.cli import main
from core.dataset.split import PartSplit
from core.loading import preview
from tests.core.loading.reading import new_folder
from tests.images import encoded, picture, zipped


def archive(*folders: str, table: str = "") -> Path:
    files = {
        f"{folder}/{kind}/{i:02d}.png": encoded(picture(10 * at + i))
        for at, folder in enumerate(folders)
        for kind in ("cat", "dog")
        for i in range(6)
    }
    if table:
        files["list.csv"] = (f"file,{table}\n" + "".join(f"{name},{name[:2]}\n" for name in files)).encode()
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


def test_a_column_of_a_table_is_no_folder() -> None:
    look = preview(archive("train", "test", table="part"))
    assert look.options.layout == "manifest" and "part" in [column.name for column in look.columns]
    assert look.split is None


def test_the_command_line_says_how_and_splits_only_where_it_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    monkeypatch.setenv("WINNOW_HOME", str(tmp_path / "home"))
    path = str(archive("train", "serve"))
    assert main(["imagequality", path, "--json"]) == 0
    assert "--split part=serve" in capsys.readouterr().err
    assert main(["imagequality", path, "--json", "--split", "part=serve"]) == 0
    assert "--split" not in capsys.readouterr().err
