"""Image sets leave as they came: the files that are left, in the folders of their classes as decided."""

from __future__ import annotations

import base64
import csv
import io
import json
import zipfile
from pathlib import Path

import pandas as pd
import pytest

from core.cli import main
from core.dataset import Dataset
from core.dataset.split import PartSplit
from core.decision import Decision
from core.export import apply_recipe, export
from core.filters import Filter
from core.loading import load, preview
from core.review import Review
from core.rowset import RowSet
from tests.core.loading.images.reading import read
from tests.images import encoded, picture, zipped

FILES = {f"{'ab'[i % 2]}/{i % 3}.png": encoded(picture(i)) for i in range(6)}


@pytest.fixture(scope="module")
def raw(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return zipped(tmp_path_factory.mktemp("raw") / "pets.zip", FILES)


def decided(data: Dataset) -> Review:
    names = data.frame(["image"])["image"].tolist()
    return Review().say(
        Decision("drop", RowSet([names.index("a/0.png")])),
        Decision("relabel", RowSet([names.index("b/0.png")]), value="a", column="label"),
    )


def held(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_a_row_whose_file_is_empty_is_named(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", {**FILES, "a/empty.png": b""})
    data = load(path, into=tmp_path / "home").with_roles(target="label")
    said = " ".join(export(data, Review(), tmp_path / "out").notes)
    assert "1 row without a file of its own" in said and "empty or not there: 'a/empty.png'." in said


def test_images_left_stand_in_the_folder_of_their_class_byte_for_byte(raw: Path, tmp_path: Path) -> None:
    data = load(raw, into=tmp_path / "home").with_roles(target="label")
    exported = export(data, decided(data), tmp_path / "out")
    found = held(tmp_path / "out" / "images.zip")
    table = list(csv.DictReader(io.StringIO(found.pop("metadata.csv").decode())))
    assert found.pop("a/0.png") == FILES["b/0.png"], "relabelled: it moved, where the dropped one was"
    assert found == {name: FILES[name] for name in FILES if name not in ("a/0.png", "b/0.png")}
    moved = next(line for line in table if line["source"] == "b/0.png")
    assert (moved["file_name"], moved["label"]) == ("a/0.png", "a") and len(table) == 5
    assert any(path.name == "images.zip" for path in exported.files)
    again = apply_recipe(tmp_path / "out" / "recipe.json", raw, tmp_path / "again.zip")
    assert again[0].read_bytes() == (tmp_path / "out" / "images.zip").read_bytes()


def test_files_that_cannot_keep_their_name_are_counted_and_the_rule_is_said(tmp_path: Path) -> None:
    """Names with marks of HTML were changed without a word."""
    files = {name.replace("0.png", "<b>0.png"): content for name, content in FILES.items()}
    data = load(zipped(tmp_path / "raw.zip", files), into=tmp_path / "home").with_roles(target="label")
    exported = export(data, Review(), tmp_path / "out")
    found = held(tmp_path / "out" / "images.zip")
    changed = ["a/_b_0.png", "b/_b_0.png"]
    assert sorted(name for name in found if name.count("_") > 1) == changed
    [note] = [one for one in exported.notes if "another name" in one]
    assert note.startswith("2 files in images.zip have another name or folder than in the data: each of / ")
    assert note in json.loads((tmp_path / "out" / "manifest.json").read_text())["notes"]
    (tmp_path / "plain").mkdir()
    same = load(zipped(tmp_path / "plain" / "raw.zip", FILES), into=tmp_path / "plain" / "home")
    told = export(same.with_roles(target="label"), Review(), tmp_path / "plain" / "out").notes
    assert not [one for one in told if "another name" in one]


def tables(folder: Path) -> dict[str, Path]:
    """The same images as an archive, as bytes in Parquet, and as data URIs in CSV."""
    cells = [{"bytes": content, "path": name} for name, content in FILES.items()]
    uris = ["data:image/png;base64," + base64.b64encode(content).decode() for content in FILES.values()]
    labels = [name[0] for name in FILES]
    pd.DataFrame({"image": cells, "label": labels}).to_parquet(folder / "pets.parquet")
    pd.DataFrame({"image": uris, "label": labels}).to_csv(folder / "pets.csv", index=False)
    zipped(folder / "pets.zip", FILES)
    return {path.suffix[1:]: path for path in folder.glob("pets.*")}


@pytest.mark.parametrize("kind", ["zip", "parquet", "csv"])
def test_what_is_measured_of_images_has_no_script_and_the_recipe_gives_the_same_bytes(
    kind: str, tmp_path: Path
) -> None:
    path = tables(tmp_path)[kind]
    data = load(path, into=tmp_path / "home").with_roles(target="label")
    usual = data.frame(["image_bytes"])["image_bytes"].median()
    rules = [Decision("drop", Filter.parse(f"image_bytes > {usual}")), Decision("drop", RowSet([1]))]
    exported = export(data, Review().say(*rules), tmp_path / "out")
    assert 1 < exported.counts["dropped"] < data.rows - 1
    names = {one.name for one in exported.files}
    assert not {"recipe.py", "prepare.py"} & names and "recipe.json" in names
    told = (tmp_path / "out" / "README.txt").read_text()
    assert "python recipe.py" not in told and "python prepare.py" not in told
    note = next(note for note in exported.notes if "without Winnow" in note)
    assert "recipe.py" in note and "prepare.py" in note and note in told
    wanted = {"images.zip": "cleaned.zip", exported.cleaned.name: exported.cleaned.name}
    for own, out in wanted.items():
        assert f"--out {out}" in note
        done = main(["apply", str(tmp_path / "out" / "recipe.json"), str(path), "--out", str(tmp_path / out)])
        assert done == 0 and (tmp_path / out).read_bytes() == (tmp_path / "out" / own).read_bytes(), own


def test_what_was_exported_loads_again_with_its_labels(raw: Path, tmp_path: Path) -> None:
    data = load(raw, into=tmp_path / "home").with_roles(target="label")
    export(data, decided(data), tmp_path / "out")
    back = read(tmp_path / "out" / "images.zip")
    assert sorted(back.frame(["label"])["label"]) == ["a", "a", "a", "b", "b"]


def test_what_was_exported_has_its_train_and_serve_again(tmp_path: Path) -> None:
    parts = {f"{part}/{name}": FILES[name] for part in ("train", "serve") for name in FILES}
    data = load(zipped(tmp_path / "pets.zip", parts), into=tmp_path / "home")
    split = PartSplit("value", column="part", value="serve")
    data = data.with_split(split).with_roles(target="label")
    names = data.frame(["image"])["image"].tolist()
    review = Review().say(Decision("drop", RowSet([names.index("serve/a/0.png")])))
    export(data, review, tmp_path / "out")
    look = preview(tmp_path / "out" / "images.zip")
    assert (look.split, look.count, look.serve_rows) == (split, 11, 5)
    back = read(tmp_path / "out" / "images.zip")
    again = back.frame(["source", "part", "label"])
    left = [name for name in names if name != "serve/a/0.png"]
    assert sorted(map(tuple, again.to_numpy())) == sorted((n, *n.split("/")[:2]) for n in left)


def test_what_was_exported_has_its_three_parts_again(tmp_path: Path) -> None:
    """Train and valid were one folder."""
    split = PartSplit("value", column="part", value="Test")
    files = {f"{part}/{name}": FILES[name] for part in ("train", "valid", "Test") for name in FILES}
    data = read(zipped(tmp_path / "pets.zip", files | {"none.png": encoded(picture(9))})).with_split(split)
    names = data.frame(["image"])["image"].tolist()
    review = Review().say(Decision("drop", RowSet([names.index("valid/a/0.png")])))
    export(data.with_roles(target="label"), review, tmp_path / "out")
    assert set(held(tmp_path / "out" / "images.zip")) == {*names, "metadata.csv"} - {"valid/a/0.png"}
    look = preview(tmp_path / "out" / "images.zip")
    assert (look.split, look.count, look.serve_rows) == (PartSplit("value", 0, "part", "Test"), 18, 6)
    again = read(tmp_path / "out" / "images.zip").frame(["source", "part"])
    parts = {name: name.split("/")[0] for name in names if "/" in name} | {"none.png": None}
    assert {
        **again.set_index("source")["part"].astype(object).where(again["part"].notna().to_numpy(), None)
    } == {name: part for name, part in parts.items() if name != "valid/a/0.png"}


def test_without_a_split_there_are_no_folders_of_parts(tmp_path: Path) -> None:
    """Read again, the zip was split, which a person had refused; a recipe of before made another zip."""
    files = {f"{part}/{name}": FILES[name] for part in ("train", "valid", "test") for name in FILES}
    path = zipped(tmp_path / "pets.zip", files)
    data = load(path, into=tmp_path / "home").with_roles(target="label")
    assert data.split is None and preview(path).split is not None
    exported = export(data, Review(), tmp_path / "out")
    folders = sorted(name.rpartition("/")[0] for name in held(tmp_path / "out" / "images.zip"))
    assert folders == ["", *["a"] * 9, *["b"] * 9]
    look = preview(tmp_path / "out" / "images.zip")
    assert (look.split, look.count, look.serve_rows) == (None, 18, 0)
    again = read(tmp_path / "out" / "images.zip").frame(["source", "label"])
    assert sorted(map(tuple, again.to_numpy())) == sorted((name, name.split("/")[1]) for name in files)
    recipe = json.loads((tmp_path / "out" / "recipe.json").read_text())
    assert recipe["split"] is None
    assert (
        main(["apply", str(exported.folder / "recipe.json"), str(path), "--out", str(tmp_path / "c.zip")])
        == 0
    )
    assert (tmp_path / "c.zip").read_bytes() == (tmp_path / "out" / "images.zip").read_bytes()


def test_two_archives_are_train_and_serve_whatever_their_folders(tmp_path: Path) -> None:
    files = {f"{part}/{name}": FILES[name] for part in ("train", "test") for name in FILES}
    first = zipped(tmp_path / "first.zip", files)
    second = zipped(tmp_path / "second.zip", {"a/9.png": encoded(picture(9)), "b/8.png": encoded(picture(8))})
    data = load(first, serve=second, into=tmp_path / "home")
    data = data.with_roles(target="label")
    review = Review().say(Decision("drop", RowSet([data.rows - 1])))
    export(data, review, tmp_path / "out")
    folders = [name.split("/")[0] for name in held(tmp_path / "out" / "images.zip")]
    assert sorted(folders) == ["metadata.csv", *["serve"], *["train"] * 12]
    export(data, Review().say(Decision("drop", RowSet([0]))), tmp_path / "alone")
    images = held(tmp_path / "alone" / "images.zip")
    assert len(images) == 1 + 11, "serve's table is not written, nor its images"
    assert {name.split("/")[0] for name in images} == {"a", "b", "metadata.csv"}


def test_parts_by_another_column_are_train_and_serve(tmp_path: Path) -> None:
    files = {f"{part}/{name}": FILES[name] for part in ("train", "valid", "test") for name in FILES}
    data = read(zipped(tmp_path / "pets.zip", files)).with_split(PartSplit("value", 0, "label", "b"))
    export(data, Review(), tmp_path / "out")
    folders = {name.split("/")[0] for name in held(tmp_path / "out" / "images.zip")}
    assert folders == {"train", "serve", "metadata.csv"}


def test_names_that_lead_elsewhere_or_meet_become_plain(tmp_path: Path) -> None:
    from core.export.pictures import free, safe

    assert safe("../../etc") == ".._.._etc" and safe("..") == "_"
    taken: set[str] = set()
    assert [free(name, taken) for name in ("a/x.png", "a/X.png", "a/x.png")] == [
        "a/x.png",
        "a/X-2.png",
        "a/x-3.png",
    ]
