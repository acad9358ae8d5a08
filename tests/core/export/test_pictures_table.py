"""The table of exported images: boxes and weights leave with them, and come back."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core.dataset import Dataset
from core.decision import Decision
from core.export import export
from core.export.tally import columns
from core.loading import load
from core.review import Review
from core.rowset import RowSet
from core.steps import Work, whole
from tests.core.loading.images.reading import read
from tests.images import encoded, picture, zipped

IMAGES = {f"i{one}.png": encoded(picture(one)) for one in range(5)}


def coco(folder: Path, categories: int = 2) -> Path:
    """Image 0 has two objects, 1 and 2 one each, 3 none, and of 4 the annotation knows nothing."""
    marks = [
        (0, 1, [1, 2, 10.5, 8]),
        (0, categories, [4, 4, 6, 7.25]),
        (1, 1, [0, 0, 3, 3]),
        (2, 1, [5, 5, 9, 9]),
    ]
    boxes = [
        {"id": at, "image_id": image, "category_id": which, "bbox": box, "iscrowd": int(at == 3)}
        for at, (image, which, box) in enumerate(marks)
    ]
    listed = [{"id": one, "file_name": f"i{one}.png", "width": 40, "height": 30} for one in range(4)]
    named = [{"id": 1, "name": "cat"}, {"id": 2, "name": "dog"}]
    content = {"images": listed, "annotations": boxes, "categories": named}
    return zipped(folder / "coco.zip", IMAGES | {"annotations.json": json.dumps(content).encode()})


def marked(data: Dataset, names: str) -> dict[str, Any]:
    """Name of an image in the first source -> its number of objects and boxes."""
    assert data.pictures is not None
    boxes = data.pictures.boxes()
    called = data.table([names]).column(0).to_pylist()
    counts = data.table(["objects"]).column(0).to_pylist()
    return {
        name: (
            counts[row],
            [
                (*tuple(one)[1:7], list(one.keypoints))
                for one in boxes[boxes["row"] == row].itertuples(index=False)
            ],
        )
        for row, name in enumerate(called)
    }


@pytest.mark.parametrize("categories", [1, 2])
def test_boxes_leave_with_their_images_and_come_back(categories: int, tmp_path: Path) -> None:
    data = load(coco(tmp_path, categories), into=tmp_path / "home")
    names = data.table(["image"]).column(0).to_pylist()
    export(data, Review().say(Decision("drop", RowSet([names.index("i1.png")]))), tmp_path / "out")
    back = read(tmp_path / "out" / "images.zip")
    left = {name: of for name, of in marked(data, "image").items() if name != "i1.png"}
    assert marked(back, "source") == left
    assert {name: of[0] for name, of in left.items()} == {
        "i0.png": 2,
        "i2.png": 1,
        "i3.png": 0,
        "i4.png": None,
    }
    classes = "label" if categories == 1 else "classes"
    both = [
        set(zip(*(one.table([column]).column(0).to_pylist() for column in (name, classes)), strict=True))
        for one, name in ((data, "image"), (back, "source"))
    ]
    assert both[0] - both[1] == {("i1.png", "cat")} and not both[1] - both[0]
    assert "label" not in back.names or categories == 1


def test_keypoints_leave_with_their_boxes_and_come_back_with_their_names(tmp_path: Path) -> None:
    points = [5, 6, 2, 7.25, 8, 1, 0, 0, 0]
    marks = [
        {"image_id": image, "category_id": which, "bbox": [1, 2, 20, 10 + at], **more}
        for at, (image, which, more) in enumerate(
            [
                (0, 1, {"keypoints": points}),
                (0, 2, {}),
                (1, 1, {"keypoints": points[3:] + [1, 1, 2]}),
                (2, 1, {}),
            ]
        )
    ]
    listed = [{"id": one, "file_name": f"i{one}.png", "width": 40, "height": 30} for one in range(4)]
    cat = {"id": 1, "name": "cat", "keypoints": ["nose", "left_ear", "right_ear"], "skeleton": [[1, 2]]}
    content = {"images": listed, "annotations": marks, "categories": [cat, {"id": 2, "name": "dog"}]}
    path = zipped(tmp_path / "a.zip", IMAGES | {"a.json": json.dumps(content).encode()})
    data = load(path, into=tmp_path / "home")
    exported = export(data, Review().say(Decision("drop", RowSet([1]))), tmp_path / "out")
    said = "\n".join(exported.notes)
    assert (
        "Keypoints of 1 object are there too" in said
        and "keypoints.json has their number, and their names where known" in said
    )
    with zipfile.ZipFile(tmp_path / "out" / "images.zip") as archive:
        lines = [json.loads(line) for line in archive.read("metadata.jsonl").splitlines()]
        assert json.loads(archive.read("keypoints.json")) == [
            {key: value for key, value in cat.items() if key != "id"} | {"flip_idx": [0, 2, 1], "points": 3}
        ]
    assert [line["objects"] and line["objects"]["keypoints"] for line in lines] == [
        [points, []],
        [[]],
        [],
        None,
    ]
    back = read(tmp_path / "out" / "images.zip")
    before = marked(data, "image")
    assert marked(back, "source") == {name: of for name, of in before.items() if name != "i1.png"}
    assert back.pictures is not None and data.pictures is not None
    assert back.pictures.skeletons() == data.pictures.skeletons() != {}
    assert not {"labels_not_used", "files_left_out"} & {finding.code for finding in back.loading}


def test_yolo_leaves_without_noise_and_says_how_many_keypoints_have_no_names(tmp_path: Path) -> None:
    """A width of 109 pixels was written as 108.99999999999999, and names were said to stand there."""
    pose = "0 {} .5 .31 .3333333 .4 .5 2 .1 .2 1 .3333333 .7 2\n"
    files = {f"i{n}.txt": pose.format(0.5 + n / 70).encode() for n in range(5)}
    files["data.yaml"] = b"names: [cat]\nkpt_shape: [3, 3]\nflip_idx: [0, 2, 1]\n"
    data = load(zipped(tmp_path / "a.zip", IMAGES | files), into=tmp_path / "home")
    exported = export(data, Review().say(Decision("drop", RowSet([4]))), tmp_path / "out")
    assert any(
        one.endswith("keypoints.json has their number, and their names where known.")
        for one in exported.notes
    )
    with zipfile.ZipFile(tmp_path / "out" / "images.zip") as archive:
        text = archive.read("metadata.jsonl").decode()
        [cat] = json.loads(archive.read("keypoints.json"))
    assert cat == {"name": "cat", "keypoints": [], "skeleton": [], "flip_idx": [0, 2, 1], "points": 3}
    objects = [json.loads(line)["objects"] for line in text.splitlines()]
    numbers = [n for one in objects for many in (*one["bbox"], *one["keypoints"]) for n in many]
    assert len(numbers) == 4 * (4 + 9) and all(len(str(n).partition(".")[2]) <= 4 for n in numbers)
    back = read(tmp_path / "out" / "images.zip")
    before, after = marked(data, "image"), marked(back, "source")
    for image, (count, [(_, *box, _, points)]) in after.items():
        assert count == 1
        [(_, *own, _, own_points)] = before[image][1]
        assert [*box, *points] == pytest.approx([*own, *own_points], abs=1e-4)
    assert back.pictures is not None and data.pictures is not None
    assert back.pictures.skeletons() == data.pictures.skeletons() != {}


def test_what_an_export_has_of_objects_and_what_not_is_said(tmp_path: Path) -> None:
    data = load(coco(tmp_path), into=tmp_path / "home")
    exported = export(data, Review().say(Decision("drop", RowSet([0]))), tmp_path / "out")
    said = "\n".join(exported.notes)
    assert "metadata.jsonl in images.zip has 2 boxes of 4 images" in said
    assert (
        "segmentation and attributes, is not" in said
        and "Keypoints of" not in said
        and "The table of rows has no boxes" in said
    )
    told = (tmp_path / "out" / "README.txt").read_text()
    assert all(note in told for note in exported.notes) and "folders by class" not in told
    with zipfile.ZipFile(tmp_path / "out" / "images.zip") as archive:
        lines = [json.loads(line) for line in archive.read("metadata.jsonl").splitlines()]
    assert lines[0]["objects"] == {"bbox": [[0.0, 0.0, 3.0, 3.0]], "category": ["cat"], "iscrowd": [0]}
    assert set(lines[0]) == {"file_name", "row", "source", "objects"}, "no empty labels"


def test_a_class_changed_by_hand_is_the_label_and_not_that_of_the_box(tmp_path: Path) -> None:
    data = load(coco(tmp_path, 1), into=tmp_path / "home").with_roles(target="label")
    review = Review().say(Decision("relabel", RowSet([1]), value="fox", column="label"))
    exported = export(data, review, tmp_path / "out")
    assert any("Boxes keep the class" in note for note in exported.notes)
    back = read(tmp_path / "out" / "images.zip")
    labels = dict(zip(*(back.table([n]).column(0).to_pylist() for n in ("source", "label")), strict=True))
    assert labels["i1.png"] == "fox" and back.pictures is not None
    assert set(back.pictures.boxes()["class"]) == {"cat"}


def test_columns_called_objects_that_mark_nothing_stay_as_they_are(tmp_path: Path) -> None:
    rows = [{"file_name": name, "objects": at} for at, name in enumerate(IMAGES)]
    table = "\n".join(map(json.dumps, rows)).encode()
    back = read(zipped(tmp_path / "a.zip", IMAGES | {"metadata.jsonl": table}))
    assert back.table(["objects"]).column(0).to_pylist() == [0, 1, 2, 3, 4]
    assert back.pictures is not None and back.pictures.boxes().empty


@pytest.mark.parametrize("ending", ["jsonl", "parquet"])
def test_boxes_as_hugging_face_has_them(ending: str, tmp_path: Path) -> None:
    rows = [
        {"file_name": name, "objects": {"bbox": [[1.0, 2.0, 3.0, 4.0]] * at, "categories": [7] * at}}
        for at, name in enumerate(IMAGES)
    ]
    out = io.BytesIO()
    pd.DataFrame(rows).to_parquet(out)
    content = out.getvalue() if ending == "parquet" else "\n".join(map(json.dumps, rows)).encode()
    back = read(zipped(tmp_path / "a.zip", IMAGES | {f"metadata.{ending}": content}))
    assert back.pictures is not None
    boxes = back.pictures.boxes()
    assert back.table(["objects"]).column(0).to_pylist() == [0, 1, 2, 3, 4]
    assert len(boxes) == 10 and set(boxes["class"]) == {"7"} and set(boxes["height"]) == {4.0}


@pytest.mark.parametrize("role", [None, "importance"])
def test_weights_stand_beside_the_images_too(role: str | None, tmp_path: Path) -> None:
    lines = [f"{name},{2 + at}" for at, name in enumerate(IMAGES)]
    table = "\n".join(["file_name,importance", *lines]).encode()
    path = zipped(tmp_path / "a.zip", IMAGES | {"metadata.csv": table})
    data = load(path, into=tmp_path / "home").with_roles(weight=role)
    plain = export(data, Review(), tmp_path / "plain")
    assert not any("weights" in note for note in plain.notes)
    review = Review().say(Decision("weight", RowSet([1, 2]), value=0.25), Decision("drop", RowSet([0])))
    exported = export(data, review, tmp_path / "out")
    with zipfile.ZipFile(tmp_path / "out" / "images.zip") as archive:
        table_of = list(csv.DictReader(io.StringIO(archive.read("metadata.csv").decode())))
    column = role or "sample_weight"
    cleaned = pd.read_parquet(exported.cleaned)[column].tolist()
    assert [float(line[column]) for line in table_of] == cleaned
    assert cleaned == [0.25, 0.25, *([5, 6] if role else [1, 1])]
    assert any(f"'{column}' of metadata.csv" in note for note in exported.notes)


def hugging_face(path: Path) -> Path:
    """A table of Hugging Face's with classes, a row without an image, and one with its name alone."""
    cells: list[dict[str, Any] | None] = [{"bytes": one, "path": name} for name, one in IMAGES.items()]
    cells += [None, {"bytes": None, "path": "far.png"}, {"bytes": b"no image", "path": None}]
    info = {"info": {"features": {"label": {"_type": "ClassLabel", "names": ["cat", "dog"]}}}}
    kind = pa.struct([("bytes", pa.binary()), ("path", pa.string())])
    table = pa.table({"image": pa.array(cells, kind), "label": [0, 1] * 4, "note": list("abcdefgh")})
    pq.write_table(table.replace_schema_metadata({b"huggingface": json.dumps(info).encode()}), path)
    return path


def test_of_a_table_with_images_it_is_said_what_is_written(tmp_path: Path) -> None:
    data = load(hugging_face(tmp_path / "pets.parquet"), into=tmp_path / "home").with_roles(target="label")
    measured = len(data.names) - 3
    exported = export(data, Review(), tmp_path / "out")
    cleaned = pd.read_parquet(exported.cleaned)
    assert cleaned["image"].astype(object).where(cleaned["image"].notna(), None).tolist() == [
        *IMAGES,
        None,
        "far.png",
        "image-000007",
    ]
    assert cleaned["label"].tolist() == ["cat", "dog"] * 4
    note = (
        "cleaned.parquet is a table written anew: 'image' has names of images, which are in images.zip; "
        f"classes in 'label' are words, not numbers; {measured} columns that Winnow measured of the images "
        "are not in it."
    )
    assert note in exported.notes and note in (tmp_path / "out" / "README.txt").read_text()
    assert columns(whole(Work.after((), data))) == (len(cleaned.columns), len(cleaned.columns)) == (3, 3)
    review = Review().say(Decision("omit", RowSet(), column="note"))
    assert columns(whole(Work.after(review.decisions, data))) == (2, 3)


def test_missing_images_are_among_those_that_cannot_be_read(tmp_path: Path) -> None:
    data = load(hugging_face(tmp_path / "pets.parquet"), into=tmp_path / "home")
    [found] = [one for one in data.loading if one.code == "unreadable_images"]
    assert found.rows is not None and list(found.rows) == [5, 6, 7]
    assert found.title == "3 images cannot be read: 'row 5', 'far.png' and 'image-000007'."
    assert "'row 5': its cell is empty." in found.why
    assert "'far.png': the table has its name and not its bytes." in found.why
