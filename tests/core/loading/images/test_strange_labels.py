"""Tables and annotations that are strange: the images are there all the same, and the file is named."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from core.dataset import Dataset
from core.finding import Finding
from tests.core.loading.images.reading import boxes, read
from tests.core.loading.images.test_layouts import PNG, codes, column, voc
from tests.images import tarred, zipped

IMAGES = {f"{i}.png": PNG[i] for i in range(3)}


def unused(data: Dataset) -> Finding:
    [found] = [finding for finding in data.loading if finding.code == "labels_not_used"]
    return found


def of(path: Path, files: Mapping[str, bytes | str]) -> Dataset:
    return read(
        zipped(path / "a.zip", {n: f.encode() if isinstance(f, str) else f for n, f in files.items()})
    )


def coco(names: list[str], label: Any = "cat", **more: Any) -> str:
    images = [{"id": i, "file_name": name} for i, name in enumerate(names)]
    marks = [{"image_id": i, "category_id": 1, "bbox": [i, 1, 5, 5]} for i in range(len(names))]
    return json.dumps(
        {"images": images, "annotations": marks, "categories": [{"id": 1, "name": label}]} | more
    )


def test_columns_of_one_name_and_of_none_are_told_and_renamed(tmp_path: Path) -> None:
    data = of(tmp_path, IMAGES | {"m.csv": "path,y,y,,\n0.png,a,1,x,\n1.png,b,2,y,\n2.png,c,3,z,\n"})
    assert column(data, "y") == ["a", "b", "c"] and column(data, "y.1") == [1, 2, 3]
    assert "unusable_names" in codes(data)


def test_a_column_of_numbers_in_one_table_and_of_texts_in_another_is_text(tmp_path: Path) -> None:
    files = {f"{part}/{i}.png": PNG[i] for part in ("a", "b") for i in range(2)}
    one, two = "file_name,label,n\n0.png,7,1\n1.png,8,2\n", "file_name,label,n\n0.png,x,1.5\n1.png,y,2\n"
    data = of(tmp_path, files | {"a/metadata.csv": one, "b/metadata.csv": two})
    assert column(data, "label") == ["7", "8", "x", "y"] and column(data, "n") == [1, 2, 1.5, 2]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("0.txt", "1 192.168.0.1 2 3 4\n"),
        ("0.txt", f"{'9' * 5000} 1 2 3 4\n"),
        ("a.json", json.dumps({"images": [{"id": [1], "file_name": ["0.png"]}],
                               "annotations": [{"image_id": {}}], "categories": [{"id": {}}, 5]})),
        ("a.json", coco(["gone.png"])),
        ("a.json", '{"images": [' * 100_000),
        ("a.json", '{"images": [{"id": 1,'),
        ("a.xml", "<annotation><object>"),
        ("a.parquet", "PAR1 and no more"),
        ("a.csv", "image,n\n0.png," + "x" * 3_000_000 + "\n"),
        ("a.csv", "name,n\nx,1\n"),
    ],
)  # fmt: skip
def test_no_file_beside_images_stops_them_and_it_is_named(name: str, content: str, tmp_path: Path) -> None:
    data = of(tmp_path, IMAGES | {name: content})
    assert data.source.options["layout"] == "plain" and column(data, "image") == sorted(IMAGES)
    found = unused(data)
    assert found.value == 1 and found.severity == "warning" and f"'{name}'" in found.title
    assert found.why.startswith(f"'{name}': ") and "another layout" not in found.why


def test_whatever_a_layout_stumbles_over_the_images_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stumbles(*_: object) -> None:
        raise TypeError("a label that nobody thought of")

    monkeypatch.setattr("core.loading.images.layouts.by_tables.joined", stumbles)
    found = unused(of(tmp_path, IMAGES | {"m.csv": "path,y\n0.png,a\n1.png,b\n"}))
    assert "nobody thought of" in found.why and "'m.csv'" in found.title


def test_what_a_layout_stumbles_over_is_the_reason_of_its_own_files_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stumbles(*_: object) -> None:
        raise TypeError("a label that nobody thought of")

    monkeypatch.setattr("core.loading.images.layouts.by_annotations.Marked", stumbles)
    files = {"a.json": coco(["0.png"]), "a.csv": "name,n\nx,1\n", "0.txt": "0 300 200 50 40\n"}
    why = unused(of(tmp_path, IMAGES | files)).why
    assert why.count("nobody thought of") == 1 and "'a.json': as COCO annotations it cannot be read" in why
    assert "'a.csv': no column" in why and "'0.txt': its numbers" in why


def test_xml_beside_voc_that_is_none_is_not_used(tmp_path: Path) -> None:
    other = {"1.xml": "<annotation><object>", "2.xml": "<annotations><image/></annotations>"}
    data = of(tmp_path, IMAGES | {"0.xml": voc("0.png", (1, 1, 5, 5))} | other | {"pom.xml": "<project/>"})
    found = unused(data)
    assert data.source.options["layout"] == "voc" and found.value == 2
    assert "'1.xml': it is no XML that can be read" in found.why and "'2.xml'" in found.title
    assert column(data, "objects") == [1, None, None], "of what is no annotation nothing is known"


def test_ids_of_coco_that_are_lists_are_counted_and_the_rest_is_read(tmp_path: Path) -> None:
    marks = [
        {"image_id": 0, "category_id": [1], "bbox": [1, 1, 2, 2]},
        {"image_id": [0], "category_id": 1, "bbox": [1, 1, 2, 2]},
        {"image_id": 1, "category_id": 1, "bbox": [1, 1, 2, 10**400]},
        {"image_id": 1, "category_id": 1, "bbox": [1, 1, 2, 2]},
    ]
    data = of(tmp_path, IMAGES | {"a.json": coco(["0.png", "1.png"], annotations=marks)})
    assert boxes(data) == [(1, "cat", 1, 1, 2, 2, False)]
    [lost] = [finding for finding in data.loading if finding.code == "annotations_lost"]
    assert lost.value == 3


def test_whole_numbers_beyond_64_bits_and_halves_of_characters_are_text(tmp_path: Path) -> None:
    rows = [{"path": f"{i}.png", "n": 10**30 + i, "t": "\ud800x", "\udfff": 1} for i in range(3)]
    data = of(tmp_path, IMAGES | {"m.json": json.dumps(rows)})
    assert column(data, "n") == [str(10**30 + i) for i in range(3)]
    assert column(data, "t") == ["\\ud800x"] * 3 and column(data, "\\udfff") == [1] * 3
    files = {"0.png": PNG[0], "0.json": json.dumps(rows[0]).encode(), "1.png": PNG[1], "1.json": b'{"n": 5}'}
    tar = read(tarred(tmp_path / "a.tar", files))
    assert column(tar, "n") == [str(10**30), "5"] and column(tar, "t") == ["\\ud800x", None]
    named = of(tmp_path, IMAGES | {"a.json": coco(["0.png"], "\udc00")})
    assert boxes(named)[0][1] == "\\udc00"


PARTED = {f"{part}/{i}.png": PNG[i] for part in ("train", "valid") for i in range(2)}


def test_coco_speaks_of_images_in_its_own_folder_first(tmp_path: Path) -> None:
    train, valid = coco(["0.png", "1.png"]), coco(["0.png", "1.png"], "dog")
    data = of(
        tmp_path, PARTED | {"train/_annotations.coco.json": train, "valid/_annotations.coco.json": valid}
    )
    assert column(data, "label") == ["cat", "cat", "dog", "dog"] and "images_missing" not in codes(data)
    apart = PARTED | {"annotations/instances_train.json": train, "annotations/instances_valid.json": valid}
    assert column(of(tmp_path, apart), "label") == ["cat", "cat", "dog", "dog"]


def test_voc_speaks_of_images_in_its_own_folder_first(tmp_path: Path) -> None:
    beside = {
        f"{part}/{i}.xml": voc(f"{i}.png", (1, 1, 5, 5), label)
        for part, label in (("train", "cat"), ("valid", "dog"))
        for i in range(2)
    }
    assert column(of(tmp_path, PARTED | beside), "label") == ["cat", "cat", "dog", "dog"]
    folders = {f"{p}/JPEGImages/{i}.png": PNG[i] for p in ("train", "valid") for i in range(2)}
    apart = {name.replace("/", "/Annotations/"): content for name, content in beside.items()}
    assert column(of(tmp_path, folders | apart), "label") == ["cat", "cat", "dog", "dog"]


def test_names_that_several_images_have_are_told(tmp_path: Path) -> None:
    data = of(tmp_path, PARTED | {"5.png": PNG[5], "marks.json": coco(["0.png", "5.png"])})
    [found] = [finding for finding in data.loading if finding.code == "images_of_one_name"]
    assert found.value == 1 and "'0.png'" in found.title
    assert column(data, "label") == ["cat", None, None, None, None] and "images_missing" not in codes(data)


def test_two_files_of_coco_that_mark_the_same_object_mark_it_once(tmp_path: Path) -> None:
    data = of(
        tmp_path, IMAGES | {"instances.json": coco(["0.png"]), "keypoints.json": coco(["0.png", "1.png"])}
    )
    assert [line[0] for line in boxes(data)] == [0, 1] and "boxes_repeated" not in codes(data)


def test_voc_of_another_ending_is_of_the_image_of_its_name(tmp_path: Path) -> None:
    data = of(tmp_path, IMAGES | {f"{i}.xml": voc(f"{i}.jpg", (1, 1, 5, 5)) for i in range(3)})
    assert column(data, "label") == ["cat"] * 3
    [found] = [finding for finding in data.loading if finding.code == "endings_differ"]
    assert found.value == 3 and "labels_not_used" not in codes(data)


@pytest.mark.parametrize(("corner", "said"), [(1, "counted from 1"), (0, "counted from 0")])
def test_how_voc_counts_stands_in_the_sentence(corner: int, said: str, tmp_path: Path) -> None:
    data = of(tmp_path, IMAGES | {"0.xml": voc("0.png", (corner, 1, 5, 5))})
    assert said in data.source.options["said"]


def test_yolo_in_pixels_is_told(tmp_path: Path) -> None:
    labels = {f"{part}/labels/{i}.txt": "0 300 200 50 40\n" for part in ("train", "valid") for i in range(2)}
    images = {name.replace("/", "/images/"): content for name, content in PARTED.items()}
    data = of(tmp_path, images | labels)
    found = unused(data)
    assert found.value == 4 and "from 0 to 1, as YOLO has them)" in found.title
    assert "from 0 to 1" in found.why and found.severity == "warning"
    mixed = of(tmp_path, images | labels | {"a.csv": "who,n\nx,1\n"})
    assert unused(mixed).title.startswith(
        "5 files that look like labels were not used: 'train/labels/0.txt', "
    )
    assert "as YOLO has them, and other reasons)" in unused(mixed).title
    assert "label" not in data.names, "a folder called images is no class"


def test_labels_of_yolo_beside_coco_are_another_layout(tmp_path: Path) -> None:
    labels = {f"{i}.txt": "0 0.5 0.5 0.2 0.1\n" for i in range(3)}
    data = of(tmp_path, IMAGES | labels | {"a.json": coco(sorted(IMAGES))})
    found = unused(data)
    assert data.source.options["layout"] == "coco" and found.value == 3 and found.severity == "info"
    assert "another layout was taken" in found.why and "shares" not in found.title + found.why


def test_ids_that_are_numbers_name_files(tmp_path: Path) -> None:
    data = of(tmp_path, IMAGES | {"train.csv": "id,label\n2,a\n0,b\n1,c\n"})
    assert column(data, "image") == ["2.png", "0.png", "1.png"] and column(data, "label") == ["a", "b", "c"]
    padded = {f"{i:05d}.png": PNG[i] for i in range(3)}
    data = of(tmp_path, padded | {"train.csv": "id,label\n2,a\n0,b\n1,c\n"})
    assert column(data, "image") == ["00002.png", "00000.png", "00001.png"]
    text = of(tmp_path, padded | {"train.csv": "id,label\n00002,a\n00000,b\n00001,c\n"})
    assert column(text, "image") == ["00002.png", "00000.png", "00001.png"]
    ages = of(tmp_path, IMAGES | {"m.csv": "who,age\nx,0\ny,1\nz,2\n"})
    assert ages.source.options["layout"] == "plain", "a number that is no id names no file"


def test_numbers_of_classes_and_names_that_several_images_have_are_no_manifest(tmp_path: Path) -> None:
    folders = {
        f"{name}/{4 * at + i}.png": PNG[i] for at, name in enumerate(("cat", "dog", "owl")) for i in range(4)
    }
    data = of(tmp_path, folders | {"classes.csv": "id,name\n0,cat\n1,dog\n"})
    assert data.source.options["layout"] == "folders" and "'classes.csv'" in unused(data).title
    same = {f"{name}/{i}.png": PNG[i] for name in ("cat", "dog") for i in range(4)}
    for table in ("id,y\n0,a\n1,b\n2,c\n3,d\n", "file,y\n0.png,a\n1.png,b\n2.png,c\n"):
        data = of(tmp_path, same | {"m.csv": table})
        assert data.source.options["layout"] == "folders" and "'m.csv'" in unused(data).title


def test_a_header_is_none_where_it_is_the_name_of_an_image_alone(tmp_path: Path) -> None:
    files = {"image.png": PNG[0], "label.png": PNG[1]}
    data = of(tmp_path, files | {"m.csv": "image,label\nimage.png,a\nlabel.png,b\n"})
    assert column(data, "label") == ["a", "b"]


@pytest.mark.parametrize("ending", ["parquet", "jsonl"])
def test_lists_of_files_are_a_row_each_and_categories_are_texts(ending: str, tmp_path: Path) -> None:
    table = pd.DataFrame({"file_names": [["0.png", "1.png"], ["2.png"]], "y": ["a", "b"]})
    out = io.BytesIO()
    if ending == "parquet":
        table.to_parquet(out)
    else:
        table.to_json(out, orient="records", lines=True)
    data = of(tmp_path, IMAGES | {f"metadata.{ending}": out.getvalue()})
    assert column(data, "image") == ["0.png", "1.png", "2.png"] and column(data, "y") == ["a", "a", "b"]
    out = io.BytesIO()
    pd.DataFrame({"file": pd.Categorical(["0.png", "1.png"]), "y": pd.Categorical(["a", "b"])}).to_parquet(
        out
    )
    assert column(of(tmp_path, IMAGES | {"m.parquet": out.getvalue()}), "y") == ["a", "b"]


def test_tables_of_several_parts_are_read_and_any_other_is_named(tmp_path: Path) -> None:
    tables = {"train.csv": "path,y\n0.png,a\n1.png,b\n", "test.csv": "path,y\n2.png,c\n"}
    data = of(tmp_path, IMAGES | tables)
    assert column(data, "y") == ["c", "a", "b"] and column(data, "part") == ["test", "train", "train"]
    data = of(tmp_path, IMAGES | {"labels.csv": tables["train.csv"], "sample.csv": tables["test.csv"]})
    assert column(data, "y") == ["a", "b"] and "'sample.csv'" in unused(data).title
    assert "'labels.csv' was taken" in unused(data).why


def test_a_layout_that_was_not_taken_is_a_remark(tmp_path: Path) -> None:
    data = of(tmp_path, IMAGES | {"metadata.csv": "file_name,y\n0.png,a\n", "a.json": coco(["0.png"])})
    assert unused(data).severity == "info" and "another layout" in unused(data).why
    quiet = {"README.txt": "x", "package.json": '{"version": 1}', "pom.xml": "<project/>", "notes.md": "x"}
    assert "labels_not_used" not in codes(of(tmp_path, IMAGES | quiet))


@pytest.mark.parametrize(
    "names",
    ["names:\n  1: dog\n  0: cat\n  5: bird\n", "names: {0: cat, 5: bird, 1: dog}",
     "names:\n  '0': cat  # a\n\n  5: bird\n  1: 'dog'\nnc: 3\n"],
)  # fmt: skip
def test_classes_of_yolo_go_by_their_number(names: str, tmp_path: Path) -> None:
    labels = {f"{i}.txt": f"{which} 0.5 0.5 0.1 0.1\n" for i, which in enumerate((0, 1, 5))}
    data = of(tmp_path, IMAGES | labels | {"data.yaml": names})
    assert column(data, "label") == ["cat", "dog", "bird"]


def test_labels_of_yolo_without_image_are_told(tmp_path: Path) -> None:
    labels = {f"labels/{i}.txt": "0 0.5 0.5 0.1 0.1\n" for i in (0, 1, 7)}
    data = of(tmp_path, {f"images/{i}.png": PNG[i] for i in range(2)} | labels)
    [found] = [finding for finding in data.loading if finding.code == "images_missing"]
    assert found.value == 1 and "images/7" in found.title


def test_tables_beside_images_are_read_by_the_rules_of_tables(tmp_path: Path) -> None:
    table = "path;zip;class;share;big\n0.png;00123;NA;0,5;1\n1.png;04711;b;1,25;2\n2.png;9;c;2;3\n"
    data = of(tmp_path, IMAGES | {"m.csv": table})
    assert column(data, "zip") == ["00123", "04711", "9"] and column(data, "class") == ["NA", "b", "c"]
    assert column(data, "share") == [0.5, 1.25, 2.0] and column(data, "big") == [1, 2, 3]
    bare = of(tmp_path, IMAGES | {"m.csv": "0.png,a\n1.png,b\n2.png,c\n"})
    assert column(bare, "image") == sorted(IMAGES) and column(bare, "column_2") == ["a", "b", "c"]


def test_lines_that_are_no_rows_are_told(tmp_path: Path) -> None:
    data = of(tmp_path, IMAGES | {"m.csv": "path,y\n0.png,a\n1.png,b\n2.png,c,d,e,f\n"})
    assert "lines_of_tables_lost" in codes(data) and column(data, "y") == ["a", "b"]


def test_what_gave_a_label_is_not_left_out_and_a_picture_by_another_name_is(tmp_path: Path) -> None:
    files = {"000.left.png": PNG[0], "000.cls": b"3", "001.left.png": PNG[1], "001.cls": b"1"}
    data = read(tarred(tmp_path / "a.tar", files))
    assert column(data, "label") == ["3", "1"] and "files_left_out" not in codes(data)
    [left] = [f for f in of(tmp_path, IMAGES | {"x.txt": PNG[3]}).loading if f.code == "files_left_out"]
    assert left.title == "Left out: 1 file that is named as no image, but holds one: 'x.txt'."


def test_findings_call_annotations_and_tables_by_their_names(tmp_path: Path) -> None:
    """It said "named by the yolo" and "that metadata names"."""
    box = "0 .5 .5 .1 .1"
    listed = (
        '{"images": [{"id": 1, "file_name": "0.png"}, {"id": 2, "file_name": "9.png"}], "annotations": [], '
    )
    marked = "<annotation><filename>{}</filename><object><name>a</name><bndbox><xmin>1</xmin><ymin>1</ymin>"
    marked += "<xmax>5</xmax><ymax>5</ymax></bndbox></object></annotation>"
    for called, files in {
        "the YOLO labels name": {"0.txt": box, "9.txt": box},
        "the COCO annotations name": {"a.json": listed + '"categories": []}'},
        "the Pascal VOC annotations name": {f"{n}.xml": marked.format(f"{n}.png") for n in (0, 9)},
        "the metadata names": {"metadata.csv": "file_name,x\n0.png,1\n9.png,2\n"},
        "the table names": {"m.csv": "file,x\n" + "0.png,1\n" * 12 + "9.png,2\n"},
    }.items():
        titles = {one.code: one.title for one in of(tmp_path, IMAGES | files).loading}
        assert f"1 image that {called} is not there: " in titles["images_missing"], called
        assert titles["images_not_named"].startswith(f"2 images are not in {called.rpartition(' ')[0]}: ")
