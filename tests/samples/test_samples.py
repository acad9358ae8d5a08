"""The sample data are what their folders say: licensed, small, readable, and wrong in the ways that are
told.
"""

import io
import json
import re
import zipfile
from collections import Counter, defaultdict

import pandas as pd
import pytest
from PIL import Image

from core.dataset.roles import ROLES
from core.places import samples

FOLDERS = sorted(path.parent for path in samples().glob("*/sample.json"))
TABLES = [folder for folder in FOLDERS if not list(folder.glob("*.zip"))]
REQUIRED = {"title", "line", "size", "files", "wrong"}
LICENCES = ("CC0 1.0", "Apache-2.0", "public domain", "MIT")


def told(name):
    return json.loads((samples() / name / "sample.json").read_text())


def read(name, part="train"):
    """The file with every cell as it is written; Parquet with its own types."""
    path = samples() / name / told(name)["files"][part]
    return (
        pd.read_parquet(path)
        if path.suffix == ".parquet"
        else pd.read_csv(path, dtype=str, keep_default_na=False)
    )


def number(column):
    return pd.to_numeric(column, errors="coerce")


def test_there_is_a_messy_one_a_pair_and_a_class_target():
    tables = {"birdstrikes", "planes", "flights", "weather", "employment"}
    assert tables == {folder.name for folder in TABLES}
    assert tables | {"drawings", "clothes"} == {folder.name for folder in FOLDERS}
    assert {folder.name for folder in FOLDERS} == {
        path.name for path in samples().iterdir() if path.is_dir() and path.name[0].isalpha()
    }
    assert sum(path.stat().st_size for path in samples().rglob("*") if path.is_file()) < 10_000_000


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_a_folder_describes_itself(folder):
    said = json.loads((folder / "sample.json").read_text())
    assert set(said) >= REQUIRED and set(said) <= REQUIRED | set(ROLES)
    assert set(said["files"]) in ({"train"}, {"train", "serve"})
    for text in (said["line"], said["wrong"]):
        assert text.endswith(".") and "\n" not in text and len(text) < 220
    assert re.search(r"\d", said["wrong"])
    assert {path.name for path in folder.iterdir()} == {"README.md", "sample.json", *said["files"].values()}
    readme = (folder / "README.md").read_text()
    assert readme.startswith(f"# {said['title']}\n")
    assert "**Source.**" in readme and "What is wrong in it" in readme
    licence = readme.partition("**Licence.**")[2].partition("\n**")[0]
    assert any(name in licence for name in LICENCES)
    assert f"({folder.name}/README.md)" in (samples() / "README.md").read_text()


@pytest.mark.parametrize("folder", TABLES, ids=lambda folder: folder.name)
def test_the_files_are_tables_of_the_size_told_and_hold_the_roles(folder):
    said = told(folder.name)
    frames = [read(folder.name, part) for part in said["files"]]
    rows = " + ".join(f"{len(frame):,}" for frame in frames)
    assert said["size"] == f"{rows} rows, {frames[0].shape[1]} columns"
    for frame in frames:
        assert list(frame.columns) == list(frames[0].columns)
        assert {said[role] for role in ROLES if role in said} <= set(frame.columns)


def test_birdstrikes_are_wrong_as_told():
    data = read("birdstrikes")
    speed = number(data["Speed IAS in knots"])
    cost = number(data["Cost Total $"])
    unknown = data["Wildlife Species"].str.startswith("Unknown bird")
    assert [(data["Effect Amount of damage"] == "None").sum(), unknown.sum(), speed.isna().sum()] == [
        8939,
        8009,
        2836,
    ]
    assert [(cost == 0).sum(), data.duplicated().sum()] == [9791, 24]
    assert ((speed == 0) & data["Phase of flight"].isin(["Approach", "Climb", "Descent"])).sum() == 8
    assert b"\r\n" in (samples() / "birdstrikes" / "birdstrikes.csv").read_bytes()


def test_planes_are_wrong_as_told():
    data = read("planes")
    assert [
        (data["speed"] == "NA").sum(),
        (data["year"] == "NA").sum(),
        data["model"].str.fullmatch(r"\d+").sum(),
    ] == [3299, 70, 4]
    makers = data["manufacturer"].value_counts()
    assert makers[makers.index.str.startswith("MCDONNELL")].tolist() == [120, 103, 14]
    assert makers[["AIRBUS", "AIRBUS INDUSTRIE"]].tolist() == [336, 400]
    assert data["tailnum"].is_unique and data.drop(columns="tailnum").duplicated().sum() == 2847


def test_flights_are_wrong_as_told():
    train, serve = read("flights"), read("flights", "serve")
    assert [round(100 * number(part["late"]).mean(), 1) for part in (train, serve)] == [23.5, 30.6]
    assert [(part["late"] == "NA").sum() for part in (train, serve)] == [397, 323]
    assert set(train["month"]) == {"1", "2", "3"} and set(serve["month"]) == {"6", "7"}
    for part in (train, serve):
        late = (number(part["arr_delay"]) > 15).astype(int).astype(str).where(part["arr_delay"] != "NA", "NA")
        assert (late == part["late"]).all()
    assert set(serve["dest"]) - set(train["dest"]) == {"ABQ", "ACK", "ANC", "AVL", "MVY", "TVC"}


def test_weather_is_wrong_as_told():
    data = read("weather").apply(number)
    pressure = data["sea_level_pressure"]
    assert pressure.nlargest(3).tolist() == [5503.8, 5503.1, 1047.8] and set(pressure.nlargest(2).index) == {
        3595,
        3596,
    }
    assert [(data["visibility"] == 14.9).sum(), data["rain"].sum()] == [1243, 5698]
    above = data["visibility"] > 15
    assert [above[:8000].sum(), above[8000:12000].sum(), above[14000:].sum()] == [1, 2120, 2]


def test_employment_hardly_moved():
    train, serve = read("employment"), read("employment", "serve")
    coded = train.columns[2:17]
    moved = [
        train[c]
        .value_counts(normalize=True)
        .sub(serve[c].value_counts(normalize=True), fill_value=0)
        .abs()
        .sum()
        / 2
        for c in coded
    ]
    assert round(100 * max(moved), 1) == 4.2 and sum(share < 0.01 for share in moved) == 10
    assert all(train[c].str.fullmatch(r"\d+").all() for c in coded)
    children = pd.concat([train, serve]).query("AGEP < 16")
    assert len(children) == 2501 and children["employed"].sum() == 0
    assert [part.drop(columns="id").duplicated().sum() for part in (train, serve)] == [1094, 1106]


def images(name, part="train"):
    """Name in the archive -> bytes of the file."""
    with zipfile.ZipFile(samples() / name / told(name)["files"][part]) as archive:
        return {one: archive.read(one) for one in archive.namelist()}


def test_drawings_are_wrong_as_told():
    held = images("drawings")
    classes = Counter(name.partition("/")[0] for name in held)
    assert classes == {"animals": 57, "food": 95, "plants": 8, "tools": 59}
    assert told("drawings")["size"] == f"{len(held)} images, {len(classes)} classes"
    copies = defaultdict(list)
    for name, content in held.items():
        copies[content].append(name.partition("/")[0])
    groups = [group for group in copies.values() if len(group) > 1]
    assert [len(groups), sum(map(len, groups)), sum(len(set(group)) > 1 for group in groups)] == [17, 35, 2]


def test_clothes_were_taken_by_two_cameras():
    train, serve = (images("clothes", part) for part in ("train", "serve"))
    assert told("clothes")["size"] == f"{len(train)} + {len(serve)} images, 10 classes"
    for held, each in ((train, 60), (serve, 30)):
        assert set(Counter(name.partition("/")[0] for name in held).values()) == {each}
    brightest = [
        [Image.open(io.BytesIO(one)).getextrema()[1] for one in held.values()] for held in (train, serve)
    ]
    assert max(brightest[1]) <= 191 < sorted(brightest[0])[30], "three quarters of 255"
