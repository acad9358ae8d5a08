"""An image set is compared by its pictures once it is loaded: by what is on them, not by what is measured."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import core
from core.cli import main
from core.dataset import Dataset
from core.decided import as_decided
from core.decision import Decision
from core.errors import LoadError
from core.loading.attaching import from_pictures as made
from core.progress import SILENT
from core.review import Review
from core.rowset import RowSet
from core.run import run
from core.vectors import detach, from_pictures
from core.workspace import open_recent
from tests.images import encoded, zipped
from tests.make import dataset

SIDE = 24


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("WINNOW_HOME", str(tmp_path / "home"))
    return tmp_path


def bars(seed: int, across: bool, thick: int = 3) -> bytes:
    """Bars down or across, moved at random, of random ink, with noise."""
    draw = np.random.default_rng(seed)
    picture = draw.integers(0, 30, (SIDE, SIDE, 3)).astype(np.uint8)
    for at in range(int(draw.integers(0, 6)), SIDE, 6):
        picture[at : at + thick] = draw.integers(150, 256)
    return encoded(picture if across else picture.transpose(1, 0, 2).copy())


def archive(path: Path, name: str = "bars.zip", rows: int = 40, first: int = 0) -> Path:
    kinds = ("across", "down")
    return zipped(
        path / name,
        {
            f"{kinds[seed % 2]}/{seed:03}.png": bars(seed, seed % 2 == 0)
            for seed in range(first, first + rows)
        },
    )


def nearest(data: Dataset) -> np.ndarray:
    vectors = data.vector_rows().astype(np.float64)
    squares = ((vectors[:, None] - vectors[None]) ** 2).sum(axis=2)
    np.fill_diagonal(squares, np.inf)
    return np.asarray(squares.argmin(axis=1))


def test_a_loaded_image_set_has_vectors_by_which_likes_are_near(home: Path) -> None:
    data = core.load(archive(home), target="label")
    label = data.frame(["label"])["label"].to_numpy()
    assert data.vectors is not None and data.vectors.of_pictures
    assert (label[nearest(data)] == label).mean() > 0.9
    again = open_recent(data.path)
    assert again.vectors == data.vectors and again.version == data.version


def test_they_can_be_left_and_taken_again(home: Path) -> None:
    data = core.load(archive(home))
    without = detach(data)
    assert without.vectors is None and without.version != data.version
    assert open_recent(data.path).vectors is None
    back = from_pictures(without)
    assert back.version == data.version
    assert np.array_equal(back.vector_rows(), data.vector_rows())


def test_what_is_there_is_not_made_again(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = core.load(archive(home))
    monkeypatch.setattr("core.numerics.picture_vectors.picture_vectors", None)
    assert made(data, SILENT) == data.vectors


def test_a_table_is_compared_by_its_columns() -> None:
    table = dataset(pd.DataFrame({"n": [1, 2, 3]}))
    assert table.vectors is None
    with pytest.raises(LoadError, match="has no pictures"):
        from_pictures(table)


def test_another_camera_is_seen_and_the_same_is_not(home: Path) -> None:
    """Serve bars are thinner: no column of measures is needed to see it."""
    serve = zipped(home / "serve.zip", {f"down/{n:03}.png": bars(n, False, 2) for n in range(500, 540)})
    train = zipped(home / "train.zip", {f"down/{n:03}.png": bars(n, False) for n in range(80)})
    same = zipped(home / "same.zip", {f"down/{n:03}.png": bars(n, False) for n in range(700, 740)})
    moved = run("overlap", core.load(train, serve=serve))
    quiet = run("overlap", core.load(train, serve=same))
    assert moved.names == ("vectors",)
    assert moved.summary["auc"] > moved.summary["auc_chance"]
    assert quiet.summary["auc"] <= quiet.summary["auc_chance"]


def test_wrong_labels_are_found_by_the_pictures(home: Path) -> None:
    files = {f"{'across' if n % 2 == 0 else 'down'}/{n:03}.png": bars(n, n % 2 == 0) for n in range(80)}
    for wrong in (10, 31):
        kind = "down" if wrong % 2 == 0 else "across"
        files.pop(f"{'across' if wrong % 2 == 0 else 'down'}/{wrong:03}.png")
        files[f"{kind}/{wrong:03}.png"] = bars(wrong, wrong % 2 == 0)
    data = core.load(zipped(home / "labels.zip", files), target="label")
    found = run("labels", data).rows()
    worst = found.sort_values("score", ascending=False)["row"].head(2)
    names = data.frame(["image"])["image"].loc[worst]
    assert {name[-7:-4] for name in names} == {"010", "031"}


def test_rows_that_repeat_others_have_the_vectors_of_their_pictures(home: Path) -> None:
    data = core.load(archive(home, rows=30), target="label")
    repeat = Decision("add_rows", RowSet(), settings={"how": "repeat", "amount": 4})
    now = as_decided(data, Review().say(repeat, Decision("drop", RowSet([2]))))
    assert now.rows == 33
    shown = now.table(["image"]).column(0).to_pylist()
    own = data.table(["image"]).column(0).to_pylist()
    vectors = now.vector_rows()
    assert all(
        np.array_equal(vectors[row], data.vector_rows()[own.index(name)]) for row, name in enumerate(shown)
    )


def test_the_command_line_compares_by_pictures(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["outliers", str(archive(home)), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["summary"]["columns"] == 1


def test_a_picture_of_something_else_is_an_outlier(home: Path) -> None:
    files = {f"down/{n:03}.png": bars(n, False) for n in range(120)}
    rings = np.hypot(*np.mgrid[-12:12, -12:12])[..., None].repeat(3, 2)
    files["down/999.png"] = encoded(((rings % 8 < 3) * 230).astype(np.uint8))
    found = run("outliers", core.load(zipped(home / "odd.zip", files)))
    assert found.frame()["row"].tolist() == [120]
    assert "its picture lies far from those of other rows" in found.frame()["why"][0]
